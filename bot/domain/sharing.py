"""What each of several partners on one deal may see of it and change in it: the one place that says so. Pure.

The deal's own partner holds it, and the protection is its alone. Refuses to show anybody who else is there, or their
shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.actions import Extend, Withdraw
from bot.domain.credits import part_of, readable
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue
from bot.domain.heard import DealAction
from bot.domain.partners import Contact
from bot.domain.policy import Rule, strictest


def seen_by(deal: Deal, partner_id: str | None) -> Deal | None:
    """The deal from the side of one partner, None when it has no part in it.

    Its own partner sees it as it is; a further one sees it as its own part: own number, source and share, the customer
    for a name (the other partner may stand in the deal's), and no protection. Neither sees who else is there.
    """
    if partner_id is None:
        return None
    if deal.partner_id == partner_id:
        return replace(deal, credits=None)
    part = part_of(deal, partner_id)
    if part is None:
        return None
    return replace(
        deal,
        name=deal.company or part.registration or deal.name,
        partner_id=partner_id,
        registration=part.registration,
        source=part.source.value,
        share=part.share,
        protected_until=None,
        registration_status=None,
        renewals=None,
        credits=None,
        is_shared=True,
    )


def sides(deal: Deal) -> tuple[Deal, ...]:
    """The deal from each partner's side, its own partner's first."""
    ids = dict.fromkeys([deal.partner_id, *(c.partner_id for c in readable(deal.credits))])
    return tuple(seen for i in ids if (seen := seen_by(deal, i)) is not None)


def may_see(contact: Contact, deal: Deal) -> bool:
    """Whether the contact's partner has a part in the deal."""
    return contact.active and seen_by(deal, contact.partner_id) is not None


def may_change(seen: Deal, action: DealAction, rule: Rule) -> Rule:
    """What becomes of a partner's change of the deal that policy has this rule for, the deal being as it sees it.

    Only the words of the deal's own partner change it. What a further one says of it is proposed to the manager; of
    the protection, which is not theirs, they say nothing; their own part they may give back.
    """
    if not seen.is_shared or isinstance(action, Withdraw):
        return rule
    return Rule.NEVER if isinstance(action, Extend) else strictest([rule, Rule.MANAGER])


def changes_seen(seen: Deal, changes: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """The changes of a deal from one partner's side: the shares of others are none of theirs."""
    own: list[FieldChange] = []
    for change in changes:
        if change.field is DealField.CREDITS:
            own += _own_share(seen, change) if seen.is_shared else []
        elif change.field is not DealField.SHARE or not seen.is_shared:
            own.append(change)
    return tuple(own)


def _own_share(seen: Deal, change: FieldChange) -> list[FieldChange]:
    def share(text: FieldValue) -> Decimal | None:
        held = readable(text if isinstance(text, str) else None)
        return next((c.share for c in held if c.partner_id == seen.partner_id), None)

    old, new = share(change.old), share(change.new)
    return [] if old == new else [FieldChange(field=DealField.SHARE, old=old, new=new)]
