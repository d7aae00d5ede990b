"""An announcement's time has come: its readers are found, then it goes to some hundred of them at a time.

Every step is a job, and each does nothing when a later one was entered: `broadcast` writes a recipient for each reader,
`broadcast_batch` takes those whose time has come, sends, and saves what came of it. A worker that dies leaves them
`sending`; the next one asks what the relay took, and sends the others again under the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.domain.announcements import Announcement, Event, Recipient, RecipientState, State
from bot.domain.audience import Reader
from bot.domain.partners import Channel
from bot.domain.routing import Route, Skip
from bot.domain.segments import SegmentError, matches
from bot.ports import Unit
from handlers.announcing import author_of, go_on, moved, progress, tell_author
from handlers.audience import placed, segment_of
from handlers.circulars import check, conversation_with
from handlers.services import Services

log = structlog.get_logger()


async def on_broadcast(services: Services, ref: str) -> None:
    """`ref` is "<announcement>:<step>". Idempotent: who is a recipient stays as they are."""
    announcement = await _begun(services, ref)
    if announcement is None:
        return
    try:
        segment = segment_of(services, announcement)
        check(services, announcement)
    except SegmentError as exc:
        await stopped(services, announcement, f"its segment: {exc}")
        return
    except Exception as exc:  # noqa: BLE001 - whatever a template raises: it sends to nobody
        await stopped(services, announcement, f"it cannot be shown: {type(exc).__name__}: {exc}")
        return
    today, people = services.now().date(), 0
    async for page in services.crm.readers():
        meant = [reader for reader in page if matches(segment, reader, today=today)]
        people += len(meant)
        if meant:
            await _enter(services, announcement, meant)
    author = await author_of(services, announcement) if not people else None
    async with services.store.unit() as unit:
        if people:
            await go_on(unit, services, announcement, placed=True)
        else:
            await unit.save_announcement(replace(moved(announcement, Event.FINISHED), finished_at=services.now()))
            await tell_author(unit, services, announcement, author, "nobody")
    log.info("broadcast.placed", announcement=announcement.id, people=people)


async def _begun(services: Services, ref: str) -> Announcement | None:
    async with services.store.unit() as unit:
        announcement = await current(unit, ref)
        if announcement is None or announcement.state is State.SENDING:
            return announcement
        if announcement.state is not State.SCHEDULED:
            return None
        announcement = replace(moved(announcement, Event.DUE), at=announcement.at or services.now())
        await unit.save_announcement(announcement)
    return announcement


async def current(unit: Unit, ref: str) -> Announcement | None:
    """The announcement of a step, unless a later step was entered meanwhile."""
    one_id, step = map(int, ref.split(":"))
    announcement = await unit.announcement(one_id)
    return announcement if announcement and (await progress(unit, one_id)).step == step else None


async def _enter(services: Services, announcement: Announcement, readers: Sequence[Reader]) -> None:
    """One page in one transaction: the recipients, and a conversation for each, so that they can answer."""
    addresses = [reader.contact.email for reader in readers if reader.contact.email]
    async with services.store.unit() as unit:
        reached = await unit.reached(announcement.id, addresses)
        taken = {to.casefold(): contact for to, contact in reached.items()}
        found = await placed(services, unit, announcement, readers, taken)
        recipients = [_recipient(announcement, reader, way) for reader, way in found]
        await unit.add_recipients(recipients)
        told = [one for one in recipients if one.state is not RecipientState.SKIPPED]
        await unit.add_conversations([conversation_with(announcement, one) for one in told])


def _recipient(announcement: Announcement, reader: Reader, way: Route | Skip) -> Recipient:
    recipient = Recipient(
        announcement_id=announcement.id,
        contact_id=reader.contact.id,
        partner_id=reader.partner.id,
        name=reader.contact.name,
        channel=Channel.EMAIL,
        to=reader.contact.email,
        language=way.language,
    )
    if isinstance(way, Skip):
        return replace(recipient, state=RecipientState.SKIPPED, reason=way.why.value)
    return replace(recipient, name=way.name, channel=way.channel, to=way.to, state=way.state, not_before=way.not_before)


async def stopped(services: Services, announcement: Announcement, why: str) -> None:
    """It pauses by itself, and its author is told."""
    author = await author_of(services, announcement)
    async with services.store.unit() as unit:
        current = await unit.announcement(announcement.id)
        if current is not None and current.state is State.SENDING:
            await unit.save_announcement(replace(moved(current, Event.PAUSED), reason=why[:500]))
            await tell_author(unit, services, current, author, "paused", why[:500])
    log.warning("broadcast.paused", announcement=announcement.id)


async def give_up(services: Services, ref: str, error: str) -> None:
    """A step was given up for good: the rest waits for its author."""
    async with services.store.unit() as unit:
        announcement = await unit.announcement(int(ref.partition(":")[0]))
    if announcement is not None:
        await stopped(services, announcement, error)
