"""Puts something to say into the store, once: the conversation it belongs to and the message itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog

from bot.domain.codec import to_json
from bot.domain.notices import EVENTS, Notice
from bot.domain.partners import Channel, Manager, Role
from bot.ports import Conversation, Job, Message, MessageState, Unit
from handlers.limits import within
from handlers.people import Person
from handlers.services import Services

log = structlog.get_logger()
#: Neither a complaint nor a refusal that cannot be delivered causes a complaint; `outbox list` has it.
CONCERN_NOBODY = frozenset({"trouble", "not_verified"})
_EVENT_OF = {cls: name for name, cls in EVENTS.items()}


def conversation_id(key: str) -> int:
    """A conversation's number, made from its cause so that a repeated cause finds the same one (63 bits)."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1


async def say(
    unit: Unit,
    services: Services,
    *,
    key: str,
    notice: Notice,
    conversation: Conversation,
    channel: Channel,
    to: str,
    to_name: str,
    language: str,
    inbound_id: int | None = None,
    extra: Mapping[str, Any] | None = None,
    waiting: bool = False,
) -> None:
    """Store one message and have it sent, unless its key is known. `waiting` holds it back until the changes of
    `inbound_id` are finished; `extra` is kept beside the notice for whoever completes it then."""
    now = services.now()
    message = Message(
        id=0,
        key=key,
        channel=channel,
        conversation_id=conversation.id,
        to=to,
        to_name=to_name,
        person_id=conversation.contact_id,
        partner_id=conversation.partner_id,
        language=language,
        event=_EVENT_OF[type(notice)],
        notice={"notice": to_json(notice), **(extra or {})},
        state=MessageState.WAITING if waiting else MessageState.QUEUED,
        inbound_id=inbound_id,
    )
    message_id = await unit.add_message(message, now=now)
    if message_id is not None and not waiting:
        await unit.enqueue(delivery(message_id, conversation.id))


def delivery(message_id: int, conversation_id: int | None) -> Job:
    """The job that sends a message; those of one conversation go out one after the other."""
    return Job(kind="deliver", ref=str(message_id), lane=f"say:{conversation_id}")


async def answer_to(
    unit: Unit,
    services: Services,
    *,
    key: str,
    notice: Notice,
    conversation: Conversation,
    person: Person,
    inbound_id: int | None = None,
    mail_id: str | None = None,
    extra: Mapping[str, Any] | None = None,
    waiting: bool = False,
) -> None:
    """Answer in the conversation's own place: its Slack thread if it has one, else by mail to the person, as a
    reply to the mail `mail_id`: by the time it is sent, the thread may have gone on. More than the configured number
    of answers an hour in one conversation are left out: two machines are talking. What waits for changes never is."""
    now = services.now()
    hour = f"answers:{conversation.id}:{now:%Y-%m-%dT%H}"
    if not waiting and not await within(unit, hour, services.programme.answers_per_hour, now=now):
        log.warning("answer.left_out", conversation=conversation.id, inbound=inbound_id)
        return
    in_slack = conversation.slack_channel is not None
    await say(
        unit,
        services,
        key=key,
        notice=notice,
        conversation=conversation,
        channel=Channel.SLACK if in_slack else Channel.EMAIL,
        to=conversation.slack_channel or person.email,
        to_name=person.name,
        language=person.language,
        inbound_id=inbound_id,
        extra={**(extra or {}), **({"answers": mail_id} if mail_id else {})},
        waiting=waiting,
    )


async def tell_manager(
    unit: Unit,
    services: Services,
    *,
    key: str,
    notice: Notice,
    manager: Manager | None,
    about: Mapping[str, Any],
    partner_id: str | None,
    deal_id: str | None = None,
    subject: str = "",
    inbound_id: int | None = None,
    extra: Mapping[str, Any] | None = None,
    waiting: bool = False,
) -> None:
    """Tell the partner manager: in the managers' Slack channel where there is one, else by mail."""
    channel_id = services.programme.managers_channel if services.chat is not None else None
    conversation = Conversation(
        id=conversation_id(f"manager:{key}"),
        role=Role.MANAGER,
        partner_id=partner_id,
        contact_id=manager.id if manager else None,
        deal_id=deal_id,
        subject=subject,
        about=dict(about),
        slack_channel=channel_id,
    )
    if channel_id is None and manager is None:
        return  # `check` refuses a programme where nobody could be told
    if await unit.conversation(conversation.id) is None:
        await unit.save_conversation(conversation)
    await say(
        unit,
        services,
        key=key,
        notice=notice,
        conversation=conversation,
        channel=Channel.SLACK if channel_id else Channel.EMAIL,
        to=channel_id or (manager.email if manager else ""),
        to_name=manager.name if manager else "",
        language=services.programme.manager_language,
        inbound_id=inbound_id,
        extra=extra,
        waiting=waiting,
    )
