"""A message is due: complete it, render it in its reader's language, and hand it over once.

Before it is handed over its state becomes `sending`. Found in that state again, a Slack message is looked for by
its key first; a mail goes out again under the same Message-ID, which mail programs recognise.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.domain.codec import from_json
from bot.domain.notices import Answer, ApprovalClosed, DealView, Notice
from bot.domain.partners import Channel, Role
from bot.domain.policy import view
from bot.domain.seen import as_partner
from bot.domain.sharing import seen_by
from bot.errors import PermanentError
from bot.ports import (
    Change,
    Conversation,
    Email,
    Message,
    MessageState,
    Posted,
    RecipientError,
    SlackPost,
)
from handlers.answering import completed, result_of
from handlers.requests import note_request
from handlers.services import Services

log = structlog.get_logger()
MAX_REFERENCES = 20


async def on_deliver(services: Services, ref: str) -> None:
    """Send one message. Idempotent. Raises TransientError to be tried again, PermanentError to be reported."""
    async with services.store.unit() as unit:
        message = await unit.message(int(ref))
        if message is None or message.state not in {MessageState.QUEUED, MessageState.SENDING}:
            return
        conversation = await unit.conversation(message.conversation_id) if message.conversation_id else None
        reason = await unit.suppressed(message.to) if message.channel is Channel.EMAIL else None
        if conversation is None or reason is not None:
            dropped = replace(message, state=MessageState.DROPPED, error=reason or "its conversation is gone")
            await unit.save_message(dropped)
            return
        changes = [await unit.change(int(i)) for i in message.notice.get("changes", [])]
        was_sending = message.state is MessageState.SENDING
        message = replace(message, state=MessageState.SENDING, attempts=message.attempts + 1)
        await unit.save_message(message)
    notice = await _complete(services, message, [c for c in changes if c is not None])
    if message.channel is Channel.EMAIL:
        await _by_mail(services, message, conversation, notice)
    else:
        await _by_slack(services, message, conversation, notice, look=was_sending)
    log.info("message.sent", message=message.id, channel=message.channel.value, notice=message.event)


async def _complete(services: Services, message: Message, changes: Sequence[Change]) -> Notice:
    """The notice with what the CRM did meanwhile, as its reader may see it."""
    notice: Notice = from_json(message.notice["notice"])
    if changes and isinstance(notice, Answer | ApprovalClosed):
        notice = await _with_changes(services, notice, changes, message.partner_id)
    policies = services.policies
    return as_partner(notice, policies.shown, policies.shown_to_sharers) if isinstance(notice, Answer) else notice


async def _with_changes(
    services: Services, notice: Answer | ApprovalClosed, changes: Sequence[Change], partner_id: str | None
) -> Answer | ApprovalClosed:
    known = {r.deal.id: r.deal for r in notice.results} if isinstance(notice, Answer) else {}
    views = {**known, **await _views(services, {c.deal_id for c in changes} - known.keys(), notice, partner_id)}
    if isinstance(notice, Answer):
        return completed(notice, changes, views)
    return replace(notice, result=result_of(changes[0], views[changes[0].deal_id]))


async def _views(
    services: Services, deal_ids: AbstractSet[str], notice: Notice, partner_id: str | None
) -> dict[str, DealView]:
    """The deals as the reader may see them; one that is gone, or no longer theirs, is shown by its id."""
    if not deal_ids:
        return {}
    for_manager = isinstance(notice, ApprovalClosed)
    views = {i: DealView(id=i, name=i, company="", stage="") for i in deal_ids}
    deals = await services.crm.deals(sorted(deal_ids))
    seen = deals if for_manager else [own for d in deals if (own := seen_by(d, partner_id)) is not None]
    return views | {d.id: view(d, services.policies, for_manager=for_manager) for d in seen}


async def _by_mail(services: Services, message: Message, conversation: Conversation, notice: Notice) -> None:
    if services.post is None:
        raise PermanentError(f"message {message.id}: mail is not configured: set [mail] in config.toml")
    token = services.addressing.token(conversation)
    email = compose(services, message, conversation, notice, token)
    async with services.in_flight:
        try:
            await services.post.send(email)
        except RecipientError as exc:
            async with services.store.unit() as unit:
                await unit.suppress(message.to, str(exc)[:200], now=services.now())
            raise
        await _note_sent(services, message, conversation, email)


async def _note_sent(services: Services, message: Message, conversation: Conversation, email: Email) -> None:
    now = services.now()
    async with services.store.unit() as unit:
        await unit.save_message(replace(message, state=MessageState.SENT, message_id=email.message_id, sent_at=now))
        current = await unit.conversation(conversation.id) or conversation
        if email.message_id not in current.mail_ids:
            subject = current.subject or email.subject
            mail_ids = (*current.mail_ids, email.message_id)
            await unit.save_conversation(replace(current, subject=subject, mail_ids=mail_ids))


def compose(services: Services, message: Message, conversation: Conversation, notice: Notice, token: str) -> Email:
    """The mail for a message. Its Message-ID depends on the message alone, so that a repetition is recognisable."""
    addressing = services.addressing
    reply_to = addressing.reply_to(token)
    rendered = services.renderer.email(notice, message.language, reply_to=reply_to)
    root: tuple[str, ...] = ()
    if conversation.deal_id is not None and message.person_id is not None:
        root = (addressing.thread_root(conversation.deal_id, message.person_id),)
    answered = message.notice.get("answers")
    earlier = _thread(conversation.mail_ids, answered)
    answering = message.inbound_id is not None and conversation.role == Role.PARTNER
    return Email(
        message_id=addressing.message_id(token, message.id),
        envelope_from=addressing.bounce_to(token),
        to_address=message.to,
        to_name=message.to_name,
        reply_to=reply_to,
        subject=f"Re: {conversation.subject}" if earlier and conversation.subject else rendered.subject,
        text=rendered.text,
        html=rendered.html,
        in_reply_to=earlier[-1] if earlier else (root[0] if root else None),
        references=(*root, *earlier),
        sent_at=message.created_at or services.now(),
        automatic="auto-replied" if answering else "auto-generated",
    )


def _thread(mail_ids: Sequence[str], answered: str | None) -> tuple[str, ...]:
    """The latest ids of the thread, the one answered last (RFC 5322 section 3.6.4)."""
    if answered is None:
        return tuple(mail_ids[-MAX_REFERENCES:])
    return (*[i for i in mail_ids if i != answered][-MAX_REFERENCES + 1 :], answered)


async def _by_slack(
    services: Services, message: Message, conversation: Conversation, notice: Notice, *, look: bool
) -> None:
    if services.chat is None:
        raise PermanentError(f"message {message.id}: Slack is not configured: set [slack] in config.toml")
    rendered = services.renderer.slack(notice, message.language)
    post = SlackPost(
        channel=message.to,
        thread_ts=conversation.slack_ts or message.notice.get("thread_ts"),
        text=rendered.text,
        blocks=rendered.blocks,
        key=message.key,
        partner_id=message.partner_id if conversation.role == Role.PARTNER else None,
        only_for=message.notice.get("only_for"),
        for_anyone=conversation.role == Role.PARTNER and message.partner_id is None,
    )
    posted: Posted | None = None
    if look:
        posted = await services.chat.find(post, (message.created_at or services.now()) - timedelta(minutes=1))
    if posted is None:
        posted = await services.chat.post(post)
    async with services.store.unit() as unit:
        sent = replace(
            message,
            state=MessageState.SENT,
            message_id=f"{posted.channel}:{posted.ts}",
            sent_at=services.now(),
        )
        await unit.save_message(sent)
        current = await unit.conversation(conversation.id) or conversation
        if current.slack_ts is None and "only_for" not in message.notice:  # an answer for one person is no thread
            placed = replace(current, slack_channel=posted.channel, slack_ts=posted.ts)
            await unit.save_conversation(placed)
        await note_request(unit, services, message, current)


async def give_up(services: Services, ref: str, error: str) -> None:
    """This message cannot be delivered: it is marked as failed, for `outbox list` and a person."""
    async with services.store.unit() as unit:
        message = await unit.message(int(ref))
        if message is not None and message.state is not MessageState.SENT:
            await unit.save_message(replace(message, state=MessageState.FAILED, error=error[:500]))
