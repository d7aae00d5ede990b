"""Who reads a channel, and whether a message may go there. Pure; the facts come from Slack right before each post.

The rule, for a post to the people of one partner (or of none: the vendor's own):

1. What Slack does not tell us counts as foreign: an invitation under way to an organisation it does not name, or a
   shared channel without a list of organisations, refuses every post.
2. A post for the vendor's own people goes only where no other organisation is, and to nobody who is a guest.
3. A post for a partner goes where every other organisation is that partner's. It is, when the settings say so
   (`partner_of_team`); or, for a partner of whom the settings name no organisation, when it is the only other one,
   is not known to be another partner's, and the CRM names this very channel as the partner's.
   A channel that the CRM gives to another partner is refused whatever else holds.
4. A direct message is the same, except that linking has proven who the person is, so the CRM need not name it.

What the rule cannot see: a partner's people who are *guests* in a channel of the vendor. conversations.info does not
name them, so the vendor's own channels that offportal posts to must have no guests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who reads a place. `foreign` are organisations that are not the vendor's, invited ones included;
    `unnamed` says that there is, or will be, one that Slack does not name; `guest` that the one reader is a guest
    of the vendor's workspace; `direct` that it is a conversation with one person."""

    foreign: frozenset[str] = frozenset()
    unnamed: bool = False
    guest: bool = False
    direct: bool = False


def audience_of_channel(info: Json, own_teams: frozenset[str]) -> Audience:
    """From the `channel` of conversations.info; workspaces of the vendor's own Grid are no foreigners
    (https://docs.slack.dev/reference/objects/conversation-object, 2026-11)."""
    own = own_teams | _ids(info.get("internal_team_ids"))
    present = (_ids(info.get("connected_team_ids")) | _ids(info.get("shared_team_ids"))) - own
    invited = (_ids(info.get("pending_connected_team_ids")) | _ids(info.get("pending_shared"))) - own
    unnamed = bool((info.get("is_ext_shared") and not present) or (info.get("is_pending_ext_shared") and not invited))
    return Audience(foreign=present | invited, unnamed=unnamed)


def audience_of_person(user: Json, own_teams: frozenset[str]) -> Audience:
    """From the `user` of users.info. A stranger is a person Slack shows us little of: their organisation may be
    missing, and then it is nobody's."""
    grid = user.get("enterprise_user")
    enterprise = grid.get("enterprise_id") if isinstance(grid, Mapping) else None
    teams = frozenset(t for t in (user.get("team_id"), enterprise) if isinstance(t, str) and t)
    guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
    if teams & own_teams and not user.get("is_stranger"):
        return Audience(guest=guest, direct=True)
    return Audience(foreign=teams - own_teams, unnamed=not teams - own_teams, guest=guest, direct=True)


def why_not_post(
    audience: Audience, *, partner_id: str | None, partner_of_team: Mapping[str, str], named_for: str | None
) -> str | None:
    """Why a post for this partner (None: the vendor's own people) must not go there; None when it may.

    `partner_of_team` is the settings' word, `named_for` the partner whose channel the CRM says it is.
    """
    if audience.unnamed:
        return "Slack does not name every organisation that reads it"
    if partner_id is None:
        if audience.foreign:
            return f"it is for our own people and {_list(audience.foreign)} reads there"
        return "it is for our own people and the reader is a guest" if audience.guest else None
    if named_for is not None and named_for != partner_id:
        return f"the CRM names it as the channel of partner {named_for}"
    strangers = frozenset(t for t in audience.foreign if partner_of_team.get(t) != partner_id)
    if not strangers:
        return None
    vouched = (
        partner_id not in partner_of_team.values()
        and not strangers & partner_of_team.keys()
        and (audience.direct or (named_for == partner_id and len(strangers) == 1))
    )
    return None if vouched else f"{_list(strangers)} reads there and is not known to be partner {partner_id}"


def _list(teams: frozenset[str]) -> str:
    return "organisation " + ", ".join(sorted(teams))


def _ids(value: Any) -> frozenset[str]:
    return frozenset(v for v in value if isinstance(v, str)) if isinstance(value, list) else frozenset()
