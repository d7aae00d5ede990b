"""From a message to the case that bot.language reads it in. Pure; asks nobody anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.actions import AnyAction
from bot.domain.codec import from_json
from bot.domain.deals import Deal, Pipelines
from bot.language.case import About, Case, CaseDeal, Speaker
from bot.ports import Conversation, Inbound
from handlers.people import Person, zone_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A proven person's words. `certain` False means that a quote may have been left in or words cut off. `only_for`
    is the Slack user who alone sees the answer; None: whoever reads in the conversation."""

    inbound: Inbound
    person: Person
    conversation: Conversation
    text: str
    certain: bool = True
    forwarded: str | None = None
    attachments: tuple[str, ...] = ()
    mail_id: str | None = None
    only_for: str | None = None


def case_of(said: Said, deals: Sequence[Deal], pipelines: Pipelines, extension_days: int) -> Case:
    """The case as it was when the words came in; `today` is the day in the speaker's time zone."""
    person = said.person
    return Case(
        id=str(said.inbound.id),
        today=today_of(said),
        channel=said.inbound.channel.value,
        speaker=Speaker(
            name=person.name,
            email=person.email,
            org=person.partner.name if person.partner else "",
            locale=person.locale,
            timezone=person.timezone,
            role=person.role.value,
        ),
        deals=[_case_deal(d) for d in deals],
        stages={motion.value: pipeline.open_labels() for motion, pipeline in pipelines.items()},
        text=said.text,
        about=_about(said.conversation),
        extension_days=extension_days,
        cut_is_certain=said.certain,
    )


def pending_of(conversation: Conversation) -> tuple[AnyAction, ...]:
    """The actions that wait for a yes or an answer in this conversation."""
    actions: tuple[AnyAction, ...] = from_json(conversation.about.get("pending") or [])
    return actions


def today_of(said: Said) -> date:
    """The day on which the words came in, in the speaker's time zone (UTC where it is not known)."""
    return said.inbound.received_at.astimezone(zone_of(said.person)).date()


def _about(conversation: Conversation) -> About | None:
    """What the words answer. A deal the speaker can no longer see stays named: no other may be taken for it."""
    about = conversation.about
    pending = pending_of(conversation)
    kind = "confirmation" if pending else about.get("kind")
    if kind is None:
        return None
    draft = about.get("draft")
    return About(
        kind=kind,
        deal=about.get("deal"),
        registration=about.get("registration"),
        draft=from_json(draft) if draft else None,
        pending=pending,
    )


def _case_deal(deal: Deal) -> CaseDeal:
    return CaseDeal(
        id=deal.id,
        name=deal.name,
        company=deal.company,
        motion=deal.motion.value if deal.motion else "",
        stage=deal.stage,
        amount=deal.amount,
        currency=deal.currency,
        close_date=deal.close_date,
        registration=deal.registration,
        protected_until=deal.protected_until,
    )
