"""Some hundred recipients of an announcement get it: taken, sent, and what came of each is saved.

Between these a worker may die. What the relay took is noted before the next mail goes out (ports.Acceptances), so that
at most the mail in hand goes out twice, under one Message-ID; a Slack post is looked for by its key first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.domain.announcements import Announcement, Event, Recipient, RecipientState, State
from bot.domain.partners import Channel, Contact
from bot.domain.preferences import Cadence
from bot.domain.routing import Why
from bot.errors import OffportalError, PermanentError, SetupError, TransientError
from bot.ports import Letter, RecipientError, Unit
from handlers.announcing import Progress, author_of, go_on, moved, progress, tell_author
from handlers.audience import announcing
from handlers.broadcast import current, stopped
from handlers.circulars import conversation_with, letter, slack_post
from handlers.services import Services

log = structlog.get_logger()
_AGAIN = timedelta(minutes=30)  # after a "not now" for one address: greylisting wants minutes, a full disk hours
_PATIENCE = timedelta(days=3)
_FEW = 50  # tried; below that a share says nothing


@dataclass(slots=True, kw_only=True)
class Batch:
    """The recipients in hand and what came of them; `left` are those that a dead worker may have sent to."""

    announcement: Announcement
    recipients: Sequence[Recipient]
    left: frozenset[int]
    count: Progress
    ended: dict[int, Recipient] = field(default_factory=dict)
    suppress: dict[str, str] = field(default_factory=dict)
    why_pause: str | None = None


async def on_broadcast_batch(services: Services, ref: str) -> None:
    """`ref` is "<announcement>:<step>". Raises TransientError when nothing can be sent now: the batch is tried again,
    and asks what was taken first."""
    batch = await _taken(services, ref)
    if batch is None:
        return
    failure: OffportalError | None = None
    try:
        await _by_mail(services, batch)
        await _by_slack(services, batch)
    except OffportalError as exc:  # what went out before is saved all the same
        failure = exc
    await _save(services, batch, failure)
    await announcing(services).acceptances.forget(batch.announcement.id)
    if batch.why_pause is not None:
        await stopped(services, batch.announcement, batch.why_pause)
    if failure is not None:
        raise failure


# ---- taking -----------------------------------------------------------------------------------------------


async def _taken(services: Services, ref: str) -> Batch | None:
    """The next recipients; None when this step has nothing to do (any more)."""
    announcement_id = int(ref.partition(":")[0])
    noted = await announcing(services).acceptances.noted(announcement_id)
    size, now = announcing(services).batch, services.now()
    async with services.store.unit() as unit:
        announcement = await current(unit, ref)
        if announcement is None or announcement.state is not State.SENDING:
            return None
        sending = await unit.recipients_in(announcement_id, [RecipientState.SENDING], limit=size)
        known = [_sent(services, announcement, one) for one in sending if one.id in noted]
        await unit.save_recipients(known)
        left = [one for one in sending if one.id not in noted]
        more = await unit.take_recipients(announcement_id, limit=size - len(left), now=now) if len(left) < size else []
        willing = await _still_willing(unit, announcement, [*left, *more])
        count = await progress(unit, announcement_id)
        due = await unit.next_due(announcement_id) if not willing else None
        if not willing and due is not None:
            await go_on(unit, services, announcement, not_before=max(due, now))
    if willing:
        ids = frozenset(one.id for one in left)
        return Batch(announcement=announcement, recipients=willing, left=ids, count=count)
    if due is None:
        await _finish(services, ref)
    return None


async def _still_willing(unit: Unit, announcement: Announcement, taken: Sequence[Recipient]) -> list[Recipient]:
    """Those who have not said "stop" meanwhile, and whose address has not failed; the others are left out."""
    people = [Contact(id=one.contact_id, partner_id=one.partner_id, name="", email=_address(one)) for one in taken]
    standings = await unit.standings(people)
    willing, out = [], []
    for one in taken:
        standing = standings[one.contact_id]
        stopped_it = standing.wishes is not None and standing.wishes.cadence(announcement.topic) is Cadence.OFF
        why = Why.OFF if stopped_it else (Why.BOUNCED if standing.suppressed else None)
        if why is None:
            willing.append(one)
        else:
            out.append(replace(one, state=RecipientState.SKIPPED, reason=why.value))
    await unit.save_recipients(out)
    return willing


def _address(one: Recipient) -> str:
    return one.to if one.channel is Channel.EMAIL else ""


async def _finish(services: Services, ref: str) -> None:
    announcement_id = int(ref.partition(":")[0])
    async with services.store.unit() as unit:
        announcement = await unit.announcement(announcement_id)
    if announcement is None:
        return
    author = await author_of(services, announcement)
    async with services.store.unit() as unit:
        announcement = await current(unit, ref)
        if announcement is None or announcement.state is not State.SENDING:
            return
        await unit.save_announcement(replace(moved(announcement, Event.FINISHED), finished_at=services.now()))
        await tell_author(unit, services, announcement, author, "sent")
    log.info("broadcast.finished", announcement=announcement_id)


# ---- sending ----------------------------------------------------------------------------------------------


async def _by_mail(services: Services, batch: Batch) -> None:
    ours, announcement = announcing(services), batch.announcement
    by_id = {one.id: one for one in batch.recipients if one.channel is Channel.EMAIL}
    if not by_id:
        return
    if ours.bulk is None:
        raise PermanentError(f"announcement {announcement.slug}: mail is not configured: set [mail] in config.toml")

    async def heard(mail: Letter, error: Exception | None) -> bool:
        one = by_id[mail.number]
        if error is None:
            await ours.acceptances.note(announcement.id, one.id, mail.message_id, now=services.now())
        _end(services, batch, one, error, mail.message_id)
        return batch.why_pause is None

    await ours.bulk.send_all([letter(services, announcement, one) for one in by_id.values()], heard)


async def _by_slack(services: Services, batch: Batch) -> None:
    for one in batch.recipients:
        if one.channel is not Channel.SLACK or batch.why_pause is not None:
            continue
        try:
            place = await _posted(services, batch, one)
        except SetupError:
            raise
        except (PermanentError, TransientError) as exc:
            _end(services, batch, one, exc, "")
        else:
            _end(services, batch, one, None, place)


async def _posted(services: Services, batch: Batch, one: Recipient) -> str:
    """Post it unless it stands there already, as it does for the second reader of a channel; gives channel:ts."""
    if services.chat is None:
        raise PermanentError("Slack is not configured: set [slack] in config.toml")
    conversation = conversation_with(batch.announcement, one)
    async with services.store.unit() as unit:
        conversation = await unit.conversation(conversation.id) or conversation
    if conversation.slack_ts is not None:
        return f"{conversation.slack_channel}:{conversation.slack_ts}"
    post = slack_post(services, batch.announcement, one)
    since = (batch.announcement.at or batch.announcement.created_at) - timedelta(minutes=1)
    posted = await services.chat.find(post, since) if one.id in batch.left else None
    posted = posted or await services.chat.post(post)
    async with services.store.unit() as unit:
        await unit.save_conversation(replace(conversation, slack_channel=posted.channel, slack_ts=posted.ts))
    return f"{posted.channel}:{posted.ts}"


def _end(services: Services, batch: Batch, one: Recipient, error: Exception | None, message_id: str) -> None:
    """Note what came of one, and whether it pauses the rest."""
    count, limits = batch.count, announcing(services)
    if error is None:
        batch.count = replace(count, tried=count.tried + 1, in_a_row=0)
        batch.ended[one.id] = _sent(services, batch.announcement, one, message_id)
        return
    count = replace(count, tried=count.tried + 1, refused=count.refused + 1, in_a_row=count.in_a_row + 1)
    batch.count = count
    batch.ended[one.id] = _refused(one, error, services.now(), since=batch.announcement.at)
    if isinstance(error, RecipientError) and one.channel is Channel.EMAIL:
        batch.suppress[one.to] = str(error)[:200]
    too_many = count.tried >= _FEW and count.refused > limits.refusal_share * count.tried
    if too_many or count.in_a_row >= limits.refusals_in_a_row:
        batch.why_pause = f"{count.refused} of {count.tried} were refused, the last with: {error}"


def _sent(services: Services, announcement: Announcement, one: Recipient, message_id: str | None = None) -> Recipient:
    if message_id is None:
        message_id = letter(services, announcement, one).message_id
    return replace(
        one,
        state=RecipientState.SENT,
        reason=None,
        version=announcement.version,
        message_id=message_id,
        sent_at=services.now(),
    )


def _refused(one: Recipient, error: Exception, now: datetime, *, since: datetime | None) -> Recipient:
    reason = (getattr(error, "code", "") or str(error))[:200]
    if isinstance(error, TransientError) and now - (since or now) < _PATIENCE:
        wait = max(error.retry_after or _AGAIN, timedelta(minutes=1))
        return replace(one, state=RecipientState.QUEUED, reason=reason, not_before=now + wait)
    state = RecipientState.BOUNCED if isinstance(error, RecipientError) else RecipientState.FAILED
    return replace(one, state=state, reason=reason)


# ---- saving -----------------------------------------------------------------------------------------------


async def _save(services: Services, batch: Batch, failure: OffportalError | None) -> None:
    """One transaction: what came of each, and the next step. After a failure the others stay `sending`: one of them
    may have gone out."""
    rest = [one for one in batch.recipients if one.id not in batch.ended]
    back = [] if failure is not None else [replace(one, state=RecipientState.QUEUED) for one in rest]
    states: Mapping[RecipientState, int] = _tally(batch)
    async with services.store.unit() as unit:
        for address, reason in batch.suppress.items():
            await unit.suppress(address, reason, now=services.now())
        await unit.save_recipients([*batch.ended.values(), *back])
        announcement = await unit.announcement(batch.announcement.id)
        going = announcement is not None and announcement.state is State.SENDING
        if announcement is not None and going and failure is None and batch.why_pause is None:
            await go_on(unit, services, announcement, count=batch.count)
    log.info("broadcast.batch", announcement=batch.announcement.id, **{s.value: n for s, n in states.items()})


def _tally(batch: Batch) -> Mapping[RecipientState, int]:
    tally: dict[RecipientState, int] = {}
    for one in batch.ended.values():
        tally[one.state] = tally.get(one.state, 0) + 1
    return tally
