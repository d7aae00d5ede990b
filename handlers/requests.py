"""What managers were asked in Slack shows who decided it, what and when, once it is decided anywhere: its buttons go.

Refuses to decide: what happened is read from the registration's history, or from what was noted of a change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.domain.codec import from_json
from bot.domain.eligibility import POLICY
from bot.domain.notices import RequestSettled
from bot.domain.registrations import Event, HistoryEntry, Registration
from bot.errors import PermanentError
from bot.ports import Conversation, Job, Json, Message, MessageState, Posted, SlackPost, Unit
from handlers.people import for_managers
from handlers.registering import AGREED
from handlers.services import Services

log = structlog.get_logger()
#: Notices with buttons by which something is decided.
REQUESTS = frozenset({"registration_request", "registration_late", "approval_request"})
#: What ends a request, as it stands in the history.
_ENDS = frozenset({Event.APPROVED, Event.REFUSED, Event.GIVEN_BACK, Event.DROPPED, Event.CLOSED, AGREED})


async def note_request(unit: Unit, services: Services, message: Message, conversation: Conversation) -> None:
    """A request stands in Slack now; it may have been decided while it was on its way."""
    reference = conversation.about.get("registration")
    if message.event not in REQUESTS or not reference:
        return
    known = await unit.recall(_asked(reference)) or {}
    messages = [*known.get("messages", []), message.id]
    await unit.remember(_asked(reference), {"messages": messages}, now=services.now())
    await unit.enqueue(Job(kind="request_settled", ref=f"{message.id}:posted"))


async def settle_requests(unit: Unit, reference: str, cause: str) -> None:
    """The request with this number was decided: all that asks for it in Slack is brought up to date. `cause` is the
    same when the decision is handled again."""
    for message_id in (await unit.recall(_asked(reference)) or {}).get("messages", []):
        await unit.enqueue(Job(kind="request_settled", ref=f"{message_id}:{cause}"))


async def note_decision(unit: Unit, services: Services, reference: str, decision: str, by: str) -> None:
    """A manager has decided about a change of fields."""
    now = services.now()
    await unit.remember(_decided(reference), {"decision": decision, "by": by, "at": now.isoformat()}, now=now)
    await settle_requests(unit, reference, decision)


async def who_decided(unit: Unit, reference: str) -> str:
    """The name of whoever decided about a change of fields; empty where it is not known."""
    return str((await unit.recall(_decided(reference)) or {}).get("by", ""))


async def on_request_settled(services: Services, ref: str) -> None:
    """`ref` is "<message>:<cause>". A request that still waits is left alone. Doing it twice changes nothing."""
    async with services.store.unit() as unit:
        message = await unit.message(int(ref.partition(":")[0]))
        if message is None or message.conversation_id is None or services.chat is None:
            return
        conversation = await unit.conversation(message.conversation_id)
        settled = await _settled(unit, services, message, conversation) if conversation else None
    if settled is None or message.state is not MessageState.SENT or not message.message_id:
        return
    channel, _, ts = message.message_id.partition(":")
    asked = services.renderer.slack(from_json(message.notice["notice"]), message.language)
    told = services.renderer.slack(settled, message.language)
    post = SlackPost(
        channel=channel,
        thread_ts=None,
        text=told.text,
        blocks=(*_without_buttons(asked.blocks), *told.blocks),
        key=message.key,
        partner_id=None,
    )
    try:
        await services.chat.update(Posted(channel=channel, ts=ts), post)
    except PermanentError as exc:  # somebody has deleted it: there is nothing left to press
        log.warning("request.not_updated", message=message.id, error=str(exc))


def _without_buttons(blocks: Sequence[Json]) -> tuple[Json, ...]:
    """The blocks above the buttons; what stands below them explains them. Pure."""
    first = next((n for n, block in enumerate(blocks) if block.get("type") == "actions"), len(blocks))
    return tuple(blocks[:first])


async def _settled(
    unit: Unit, services: Services, message: Message, conversation: Conversation
) -> RequestSettled | None:
    """How the request was decided, None while it waits."""
    about: Mapping[str, Any] = conversation.about
    if (claim_id := about.get("claim")) is not None:
        claim = await unit.registration(int(claim_id))
        history = await unit.history(int(claim_id))
        end = next((e for e in history if e.event in _ENDS and message.created_at and e.at > message.created_at), None)
        return _of_claim(services, claim, end) if claim is not None and end is not None else None
    reference = str(about.get("registration"))
    if (decided := await unit.recall(_decided(reference))) is None:
        return None
    at = datetime.fromisoformat(decided["at"])
    return RequestSettled(
        reference=reference, decision=decided["decision"], by=decided["by"], at=for_managers(services, at)
    )


def _of_claim(services: Services, claim: Registration, end: HistoryEntry) -> RequestSettled:
    return RequestSettled(
        reference=claim.number,
        decision=end.event,
        by="" if end.by == POLICY else end.by,
        at=for_managers(services, end.at),
        reason=claim.reason if claim.decided_at is not None and end.event == claim.state.value else None,
    )


def _asked(reference: str) -> str:
    return f"asked:{reference}"


def _decided(reference: str) -> str:
    return f"decided:{reference}"
