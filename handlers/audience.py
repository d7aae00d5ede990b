"""Whom an announcement goes to and how, a page of the CRM's readers at a time; and what would come of it. Sends
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field

from bot.domain.announcements import Announcement, RecipientState, text_for
from bot.domain.audience import Reader
from bot.domain.partners import Channel
from bot.domain.routing import Route, Skip, Why, route, starts_at
from bot.domain.segments import FIELDS, Known, Segment, matches, parse
from bot.errors import PermanentError
from bot.ports import Unit
from handlers.services import Announcing, Services

Placed = tuple[Reader, Route | Skip]


def announcing(services: Services) -> Announcing:
    """Raises PermanentError when this programme has none."""
    if services.announcing is None:
        raise PermanentError("announcements: they are not set up in this process")
    return services.announcing


def segment_of(services: Services, announcement: Announcement) -> Segment:
    """Raises SegmentError."""
    ours = announcing(services)
    return parse(announcement.segment, saved=ours.segments, facts=ours.facts)


async def placed(
    services: Services,
    unit: Unit,
    announcement: Announcement,
    readers: Sequence[Reader],
    taken: MutableMapping[str, str],
) -> list[Placed]:
    """How each of these readers gets it. `taken` holds the addresses that have it, with the contact's id, and is
    filled: another contact of the same address is left out."""
    reach, now = announcing(services).reach, services.now()
    standings = await unit.standings([reader.contact for reader in readers])
    found: list[Placed] = []
    for reader in readers:
        way = route(reader, announcement, standings[reader.contact.id], reach, now=now)
        if isinstance(way, Route) and way.channel is Channel.EMAIL:
            first = taken.setdefault(way.to.casefold(), reader.contact.id)
            if first != reader.contact.id:
                way = Skip(why=Why.DUPLICATE, language=way.language)
        found.append((reader, way))
    return found


@dataclass(slots=True, kw_only=True)
class Preview:
    """What an announcement would do now. `to` counts people by channel and language; `later` are those of them whom
    quiet hours, a pause or their own time zone lets wait, `digest` those who get it bundled. `fallbacks` names the
    language that stands in for one without a text. `faults` are values that nobody in the CRM has."""

    to: Counter[tuple[Channel, str]] = field(default_factory=Counter)
    later: int = 0
    digest: int = 0
    skipped: Counter[Why] = field(default_factory=Counter)
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def people(self) -> int:
        return self.to.total()


async def preview(services: Services, announcement: Announcement) -> Preview:
    """Go through all readers as they are now. Raises SegmentError."""
    segment, today = segment_of(services, announcement), services.now().date()
    seen, known, taken = Preview(), Known(), dict[str, str]()
    begins = max(services.now(), starts_at(announcement) or services.now())
    async for page in services.crm.readers():
        for reader in page:
            known.add(reader, (*FIELDS, *announcing(services).facts))
        meant = [reader for reader in page if matches(segment, reader, today=today)]
        async with services.store.unit() as unit:
            for _, way in await placed(services, unit, announcement, meant, taken):
                if isinstance(way, Skip):
                    seen.skipped[way.why] += 1
                    continue
                seen.to[way.channel, way.language] += 1
                seen.digest += way.state is RecipientState.DIGEST
                seen.later += way.not_before is not None and way.not_before > begins
    default = services.programme.default_language
    choices = {language: text_for(announcement.texts, language, default) for _, language in seen.to}
    seen.fallbacks = {language: choice.language for language, choice in sorted(choices.items()) if choice.fallback}
    seen.faults = tuple(known.faults(segment))
    return seen
