"""An announcement is confirmed, paused, resumed, corrected, cancelled; and how it stands. Sends nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.domain.announcements import TRANSITIONS, Announcement, Engaged, Event, RecipientState, State, Text
from bot.domain.notices import AnnouncementStatus
from bot.domain.partners import Manager
from bot.domain.routing import starts_at
from bot.errors import PermanentError
from bot.ports import Job, Unit
from handlers.people import manager_by_email, manager_of
from handlers.services import Services
from handlers.speak import tell_manager


async def announce(services: Services, announcement: Announcement) -> Announcement:
    """Store what its author has confirmed, and have it sent when its time has come. Raises PermanentError when the
    slug is taken."""
    async with services.store.unit() as unit:
        stored = await unit.add_announcement(replace(announcement, state=State.SCHEDULED))
        if stored is None:
            raise PermanentError(f"announcement {announcement.slug}: there is one of this name: give it another slug")
        await go_on(unit, services, stored, not_before=starts_at(stored))
    return stored


async def pause(services: Services, slug: str, reason: str) -> None:
    """Raises PermanentError when there is nothing to pause."""
    async with services.store.unit() as unit:
        await unit.save_announcement(replace(moved(await named(unit, slug), Event.PAUSED), reason=reason))


async def resume(services: Services, slug: str) -> None:
    """Go on; what was refused for good, though not for its address, is tried once more."""
    async with services.store.unit() as unit:
        announcement = moved(await named(unit, slug), Event.RESUMED)
        await unit.save_announcement(replace(announcement, reason=None))
        after = 0
        while failed := await unit.recipients_in(announcement.id, [RecipientState.FAILED], after=after):
            await unit.save_recipients([replace(one, state=RecipientState.QUEUED, reason=None) for one in failed])
            after = failed[-1].id
        await go_on(unit, services, announcement, count=Progress())


async def cancel(services: Services, slug: str, reason: str) -> None:
    """Nobody gets it any more who has not had it."""
    async with services.store.unit() as unit:
        cancelled = moved(await named(unit, slug), Event.CANCELLED)
        await unit.save_announcement(replace(cancelled, reason=reason, finished_at=services.now()))


async def correct(services: Services, slug: str, texts: Mapping[str, Text]) -> Announcement:
    """Another text for all who have not had it."""
    async with services.store.unit() as unit:
        corrected = moved(await named(unit, slug), Event.CORRECTED)
        corrected = replace(corrected, texts=texts, version=corrected.version + 1)
        await unit.save_announcement(corrected)
    return corrected


def moved(announcement: Announcement, event: Event) -> Announcement:
    """The announcement after an event. Raises PermanentError when that cannot happen now."""
    state = TRANSITIONS.get((announcement.state, event))
    if state is None:
        raise PermanentError(f"announcement {announcement.slug}: it is {announcement.state} and cannot be {event}")
    return replace(announcement, state=state)


async def named(unit: Unit, slug: str) -> Announcement:
    announcement = await unit.announcement_by_slug(slug)
    if announcement is None:
        raise PermanentError(f"announcement {slug}: there is none; see offportal announce list")
    return announcement


# ---- one job after the other ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an announcement's jobs have come: `step` is the number of the latest, every earlier one does nothing
    any more; `placed` once everybody is a recipient; `refused` of `tried` were so since it was last resumed, the last
    `in_a_row` of them without a success between."""

    step: int = 0
    placed: bool = False
    refused: int = 0
    tried: int = 0
    in_a_row: int = 0


def _memory(announcement_id: int) -> str:
    return f"announcement:{announcement_id}"


async def progress(unit: Unit, announcement_id: int) -> Progress:
    return Progress(**(await unit.recall(_memory(announcement_id)) or {}))


async def go_on(
    unit: Unit,
    services: Services,
    announcement: Announcement,
    *,
    not_before: datetime | None = None,
    placed: bool = False,
    count: Progress | None = None,
) -> None:
    """Have the next step done: `broadcast` finds the recipients, `broadcast_batch` sends to some of them. A step that
    waits from before is overtaken. `count` are its refusals, where they have changed."""
    before = await progress(unit, announcement.id)
    placed = placed or before.placed
    after = replace(count or before, step=before.step + 1, placed=placed)
    await unit.remember(_memory(announcement.id), asdict(after), now=services.now())
    kind, lane = "broadcast_batch" if placed else "broadcast", f"broadcast:{announcement.id}"
    await unit.enqueue(Job(kind=kind, ref=f"{announcement.id}:{after.step}", lane=lane, not_before=not_before))


# ---- how it stands ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`counts` are recipients by state, `reasons` by state and reason; `engaged` people by what they did."""

    announcement: Announcement
    counts: Mapping[RecipientState, int]
    reasons: Mapping[tuple[RecipientState, str], int]
    engaged: Mapping[Engaged, int]


async def report(unit: Unit, slug: str) -> Report:
    announcement = await named(unit, slug)
    reasons = await unit.count_recipients(announcement.id)
    counts = dict.fromkeys(RecipientState, 0)
    for (state, _), number in reasons.items():
        counts[state] += number
    did = {(one.what, one.contact_id) for one in await unit.engagements(announcement.id)}
    engaged = {what: sum(1 for other, _ in did if other is what) for what in Engaged}
    return Report(announcement=announcement, counts=counts, reasons=reasons, engaged=engaged)


async def author_of(services: Services, announcement: Announcement) -> Manager | None:
    """Whoever announced it; the programme's fallback once they have left."""
    return await manager_by_email(services, announcement.author) or await manager_of(services, None)


async def tell_author(
    unit: Unit, services: Services, announcement: Announcement, author: Manager | None, what: str, detail: str = ""
) -> None:
    """Tell them how it stands, once a step."""
    stands = await report(unit, announcement.slug)
    waiting = stands.counts[RecipientState.QUEUED] + stands.counts[RecipientState.SENDING]
    step = (await progress(unit, announcement.id)).step
    await tell_manager(
        unit,
        services,
        key=f"announcement:{announcement.id}:{step}:{what}",
        notice=AnnouncementStatus(
            slug=announcement.slug,
            what=what,
            sent=stands.counts[RecipientState.SENT],
            waiting=waiting,
            digest=stands.counts[RecipientState.DIGEST],
            refused=stands.counts[RecipientState.BOUNCED] + stands.counts[RecipientState.FAILED],
            skipped=stands.counts[RecipientState.SKIPPED],
            detail=detail,
        ),
        manager=author,
        about={"kind": "announcement_status", "announcement": announcement.id},
        partner_id=None,
    )
