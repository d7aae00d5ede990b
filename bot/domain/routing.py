"""How one reader gets an announcement: over which channel, in which language, not before when; or why not. Pure.
Refuses to know the time of day, and to look anything up.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.announcements import Announcement, RecipientState
from bot.domain.audience import Reader
from bot.domain.partners import Channel
from bot.domain.policy import language_of
from bot.domain.preferences import ALWAYS, Cadence, Preferences, QuietHours

_EARLIEST_ZONE = timedelta(hours=14)  # Kiritimati is the first place where a day begins
NIGHTS_AND_WEEKENDS = QuietHours(starts=time(20), ends=time(8))
_QUIETEST = (Cadence.OFF, Cadence.DIGEST, Cadence.IMMEDIATE)


class Why(StrEnum):
    """Why somebody of the segment gets nothing."""

    INACTIVE = "inactive"
    PARTNER_ENDED = "partner_ended"
    OFF = "off"
    PAUSED = "paused"
    OTHER_CHANNEL = "other_channel"  # wishes one that this announcement does not take
    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DUPLICATE = "duplicate"  # another contact has the same address


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What goes for readers without a wish of their own. `channels` in the order in which they are tried; `ways` are
    those that this programme has at all; `timezone` is an IANA name."""

    languages: tuple[str, ...]
    default_language: str
    channels: tuple[Channel, ...] = tuple(Channel)
    ways: AbstractSet[Channel] = frozenset(Channel)
    quiet: QuietHours = NIGHTS_AND_WEEKENDS
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What our own store knows of a reader: their wishes, the Slack user they linked, and why their address is
    written to no more."""

    wishes: Preferences | None = None
    slack_user: str | None = None
    suppressed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`to` is an address, a Slack user or the partner's channel, `name` whom to greet there. `not_before` is in
    UTC; None is at once."""

    channel: Channel
    to: str
    name: str
    language: str
    not_before: datetime | None
    state: RecipientState


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Not told; `language` is the one they would have read."""

    why: Why
    language: str


def route(
    reader: Reader, announcement: Announcement, standing: Standing, reach: Reach, *, now: datetime
) -> Route | Skip:
    """Where it goes for this reader, found from `now` (aware) on."""
    wishes = quieter(reader.preferences, standing.wishes)
    contact, partner = reader.contact, reader.partner
    locale = wishes.language or contact.locale
    language = language_of(locale, partner.language, reach.languages, reach.default_language)
    zone = zone_of(wishes.timezone or contact.timezone, reach.timezone)
    why = _why_not(reader, announcement, wishes, now.astimezone(zone))
    found = why or _place(reader, announcement, wishes, standing, reach)
    if isinstance(found, Why):
        return Skip(why=found, language=language)
    channel, to, name = found
    bundled = wishes.cadence(announcement.topic) is Cadence.DIGEST
    return Route(
        channel=channel,
        to=to,
        name=name,
        language=language,
        not_before=None if bundled else _when(announcement, wishes, reach, zone, now),
        state=RecipientState.DIGEST if bundled else RecipientState.QUEUED,
    )


def quieter(in_crm: Preferences, our_own: Preferences | None) -> Preferences:
    """Both as one: the CRM's word goes, ours fills in what it does not say; of two cadences the quieter one, so that
    a "stop" counts wherever it was said."""
    if our_own is None:
        return in_crm
    cadences = dict(our_own.cadences)
    for topic, cadence in in_crm.cadences.items():
        cadences[topic] = min(cadence, cadences.get(topic, cadence), key=_QUIETEST.index)
    return replace(
        in_crm,
        cadences=cadences,
        channel=in_crm.channel or our_own.channel,
        language=in_crm.language or our_own.language,
        quiet=in_crm.quiet or our_own.quiet,
        timezone=in_crm.timezone or our_own.timezone,
        paused_until=in_crm.paused_until or our_own.paused_until,
    )


def _why_not(reader: Reader, announcement: Announcement, wishes: Preferences, there: datetime) -> Why | None:
    if not reader.partner.active:
        return Why.PARTNER_ENDED
    if not reader.contact.active:
        return Why.INACTIVE
    if wishes.cadence(announcement.topic) is Cadence.OFF:
        return Why.OFF
    paused = wishes.paused_until is not None and there.date() < wishes.paused_until
    return Why.PAUSED if paused and announcement.topic not in ALWAYS else None


def _place(
    reader: Reader, announcement: Announcement, wishes: Preferences, standing: Standing, reach: Reach
) -> tuple[Channel, str, str] | Why:
    """The first of the reader's channels that reaches them."""
    contact, partner = reader.contact, reader.partner
    wished = [c for c in ((wishes.channel,) if wishes.channel else contact.channels) if c in reach.ways]
    open_ways = [c for c in Channel if c in reach.ways and c in (announcement.channels or Channel)]
    ways = [c for c in wished or (*reach.channels, *Channel) if c in open_ways]
    if wished and not ways:
        return Why.OTHER_CHANNEL
    if Channel.EMAIL in open_ways:
        ways.append(Channel.EMAIL)  # whoever Slack does not reach
    why = Why.NO_ADDRESS
    for channel in ways:
        if channel is Channel.SLACK and (slack := partner.slack_channel or standing.slack_user):
            return channel, slack, contact.name if slack == standing.slack_user else partner.name
        if channel is Channel.EMAIL and contact.email:
            if standing.suppressed is None:
                return channel, contact.email, contact.name or partner.name
            why = Why.COMPLAINED if standing.suppressed.startswith("complaint") else Why.BOUNCED
    return why


# ---- when -------------------------------------------------------------------------------------------------


def starts_at(announcement: Announcement) -> datetime | None:
    """When the first reader may have it (UTC); None is at once."""
    if announcement.at is None or not announcement.their_time:
        return announcement.at
    return announcement.at.replace(tzinfo=UTC) - _EARLIEST_ZONE


def _when(
    announcement: Announcement, wishes: Preferences, reach: Reach, zone: ZoneInfo, now: datetime
) -> datetime | None:
    at = now
    if announcement.at is not None:
        at = announcement.at.replace(tzinfo=zone) if announcement.their_time else announcement.at
    at = max(now.astimezone(UTC), at.astimezone(UTC))
    if wishes.paused_until is not None:
        first = datetime.combine(wishes.paused_until, time(), zone).astimezone(UTC)
        at = max(at, first)
    at = not_quiet(at, wishes.quiet or reach.quiet, zone)
    return at if at > now else None


def not_quiet(moment: datetime, quiet: QuietHours, zone: ZoneInfo) -> datetime:
    """The first moment from this one on (UTC) that is outside the quiet hours by the clocks of the zone."""
    at = moment.astimezone(UTC)
    while is_quiet(local := at.astimezone(zone), quiet):
        ends = quiet.ends if _within(local.time(), quiet) else time()
        at = _next(at, local, ends, zone)
    return at


def is_quiet(local: datetime, quiet: QuietHours) -> bool:
    weekend = quiet.weekends and local.weekday() >= 5  # noqa: PLR2004 - Saturday
    return weekend or _within(local.time(), quiet)


def _within(clock: time, quiet: QuietHours) -> bool:
    if quiet.starts <= quiet.ends:
        return quiet.starts <= clock < quiet.ends
    return clock >= quiet.starts or clock < quiet.ends


def _next(at: datetime, local: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The next moment after `at` at which the zone's clocks show `clock` (or jump over it), in UTC."""
    for days in range(4):
        day = local.date() + timedelta(days=days)
        for fold in (0, 1):  # an hour that comes twice may have passed once
            then = datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)
            if then > at:
                return then
    raise AssertionError("clocks that stand still for days")


def zone_of(name: str | None, default: str) -> ZoneInfo:
    """The zone of that name; the default's for none and for one that does not exist."""
    for one in (name, default):
        try:
            return ZoneInfo(one) if one else ZoneInfo(default)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
