"""What a programme allows, as configured: who may change which field, and what may be shown. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.credits import WHOLE
from bot.domain.deals import Deal, DealField, Outcome
from bot.domain.motions import Motions
from bot.domain.notices import DealView
from bot.domain.partners import Channel, Contact, Partner
from bot.domain.rhythm import Rhythm
from bot.domain.terms import Terms


class Rule(StrEnum):
    """What happens to a partner's change of a field."""

    APPLY = "apply"
    CONFIRM = "confirm"  # the partner says yes first
    MANAGER = "manager"  # the partner manager approves first
    NEVER = "never"


#: What a partner may see of its own deals, unless the programme says otherwise.
SHOWN = frozenset(
    {
        DealField.STAGE,
        DealField.AMOUNT,
        DealField.CURRENCY,
        DealField.CLOSE_DATE,
        DealField.NEXT_STEP,
        DealField.PROTECTED_UNTIL,
        DealField.REGISTRATION_STATUS,
        DealField.SHARE,
    }
)

#: What a further partner on a deal may see of what policy shows. The next step is the words of another partner, whom
#: they may name; the protection is theirs.
SHOWN_TO_SHARERS = frozenset(
    {DealField.STAGE, DealField.AMOUNT, DealField.CURRENCY, DealField.CLOSE_DATE, DealField.SHARE}
)

#: From lenient to strict; of several rules the strictest holds.
STRICTNESS = (Rule.APPLY, Rule.CONFIRM, Rule.MANAGER, Rule.NEVER)


class Item(StrEnum):
    """What the rules are about: the fields that words can set, how a deal ends, and its protection."""

    STAGE = "stage"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CLOSE_DATE = "close_date"
    NEXT_STEP = "next_step"
    WON = "won"
    LOST = "lost"
    EXTEND = "extend"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """`rules` maps a contact's role to its rules; a role or item not named falls back to `default`.

    `shown` are the fields a partner may see, `shown_to_sharers` those of them that a further partner on a deal may;
    `channels` is how partners hear when they have no wish of their own; `motions` are the gates of the motions that
    run, none without them.
    """

    rules: Mapping[str, Mapping[Item, Rule]] = field(default_factory=dict)
    default: Rule = Rule.APPLY
    shown: frozenset[DealField] = SHOWN
    shown_to_sharers: frozenset[DealField] = SHOWN_TO_SHARERS
    channels: tuple[Channel, ...] = (Channel.EMAIL, Channel.SLACK)
    terms: Terms = field(default_factory=Terms)
    rhythm: Rhythm = field(default_factory=Rhythm)
    motions: Motions = field(default_factory=dict)

    def rule(self, role: str, item: Item) -> Rule:
        return self.rules.get(role, self.rules.get("partner", {})).get(item, self.default)

    def shown_on(self, deal: Deal | DealView) -> frozenset[DealField]:
        """The fields that a partner may see of the deal, which is as it sees it."""
        return shown_of(deal, self.shown, self.shown_to_sharers)


def shown_of(
    deal: Deal | DealView, shown: AbstractSet[DealField], to_sharers: AbstractSet[DealField]
) -> frozenset[DealField]:
    """Who has which share is nobody's to see, whatever is configured."""
    return frozenset(shown & to_sharers if deal.is_shared else shown) - {DealField.CREDITS}


def strictest(rules: list[Rule]) -> Rule:
    return max(rules, key=STRICTNESS.index, default=Rule.APPLY)


def view(deal: Deal, policies: Policies, *, for_manager: bool = False) -> DealView:
    """What its reader may see of a deal, which is as it sees it (sharing.seen_by): approved fields for a partner,
    everything and the link for a manager. A share is told where it is not all of it."""
    shown = policies.shown_on(deal)

    def allowed(name: DealField) -> bool:
        return for_manager or name in shown

    return DealView(
        id=deal.id,
        name=deal.name,
        company=deal.company,
        stage=deal.stage if allowed(DealField.STAGE) else "",
        amount=deal.amount if allowed(DealField.AMOUNT) else None,
        currency=deal.currency if allowed(DealField.AMOUNT) else None,
        close_date=deal.close_date if allowed(DealField.CLOSE_DATE) else None,
        next_step=deal.next_step if allowed(DealField.NEXT_STEP) else None,
        registration=deal.registration,
        protected_until=deal.protected_until if allowed(DealField.PROTECTED_UNTIL) else None,
        share=deal.share if allowed(DealField.SHARE) and deal.share != WHOLE else None,
        is_shared=deal.is_shared,
        url=deal.url if for_manager else None,
    )


def is_open(deal: Deal) -> bool:
    return deal.outcome is Outcome.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearer:
    """Somebody to tell: a contact by email or direct message, or a partner's channel (contact is None)."""

    channel: Channel
    contact: Contact | None
    slack_channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    contact: Contact
    reason: str  # inactive, no_address, no_mail, partner_ended


def who_hears(
    partner: Partner,
    contacts: tuple[Contact, ...],
    policies: Policies,
    slack_users: Mapping[str, str],
    ways: AbstractSet[Channel] = frozenset(Channel),
) -> tuple[list[Hearer], list[Skipped]]:
    """Each active contact once a wished channel: in the partner's Slack channel, once for all who read it there, or
    in a direct message to a contact whose Slack user is linked (`slack_users`, by contact). Whoever Slack cannot
    reach gets mail. `ways` are the channels that the programme has: a wish for another one falls back to them."""
    if not partner.active:
        return [], [Skipped(contact=c, reason="partner_ended") for c in contacts]
    hearers: list[Hearer] = []
    skipped: list[Skipped] = []
    for contact in contacts:
        if not contact.active:
            skipped.append(Skipped(contact=contact, reason="inactive"))
            continue
        wishes = ways & set(contact.channels or policies.channels) or ways
        place = _slack_place(partner, contact, slack_users) if Channel.SLACK in wishes else None
        if place is not None and place not in hearers:
            hearers.append(place)
        if Channel.EMAIL in wishes or place is None:
            if contact.email and Channel.EMAIL in ways:
                hearers.append(Hearer(channel=Channel.EMAIL, contact=contact))
            else:
                skipped.append(Skipped(contact=contact, reason="no_mail" if contact.email else "no_address"))
    return hearers, skipped


def _slack_place(partner: Partner, contact: Contact, slack_users: Mapping[str, str]) -> Hearer | None:
    if partner.slack_channel is not None:
        return Hearer(channel=Channel.SLACK, contact=None, slack_channel=partner.slack_channel)
    user = slack_users.get(contact.id)
    return Hearer(channel=Channel.SLACK, contact=contact, slack_channel=user) if user is not None else None


def language_of(locale: str | None, partner_language: str | None, spoken: tuple[str, ...], default: str) -> str:
    """The contact's language, else the organisation's, else the default; only languages that are spoken."""
    for wish in (locale, partner_language):
        code = (wish or "").replace("_", "-").split("-")[0].casefold()
        if code in spoken:
            return code
    return default
