"""Instants as HubSpot reads and writes them. Knows no clock and no time zone but UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_EARLIEST_MS, _LATEST_MS = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999
_DIGITS = re.compile(r"-?\d{1,15}\Z")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ISO_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?\Z")


def ms_of(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down. `moment` must be aware."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment_of(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def iso_of(ms: int) -> str:
    """As Java's `Instant.toString`: no fraction when the milliseconds are zero, else three digits."""
    text = moment_of(ms).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return text.removesuffix(".000") + "Z"


def day_of(ms: int) -> str:
    return moment_of(ms).date().isoformat()


def is_midnight(ms: int) -> bool:
    return ms % _DAY_MS == 0


def parse_epoch(text: str) -> int | None:
    """Milliseconds from digits, or None when they are none, or no date of the years 1 to 9999."""
    if not _DIGITS.match(text):
        return None
    ms = int(text)
    return ms if _EARLIEST_MS <= ms <= _LATEST_MS else None


def parse_day(text: str) -> int | None:
    """Midnight UTC of an ISO calendar day, in milliseconds, or None."""
    if not _ISO_DATE.match(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return (day - _EPOCH.date()).days * _DAY_MS


def parse_instant(text: str, *, zone_required: bool) -> int | None:
    """Milliseconds of an ISO 8601 date-time, or None; one without an offset is UTC unless that is refused."""
    match = _ISO_DATETIME.match(text)
    if not match or (zone_required and match.group(3) is None):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return ms_of(moment.astimezone(UTC))
    except OverflowError:
        return None


def parse_any(text: str) -> int | None:
    """Milliseconds from whatever a search filter may hold: an epoch, a day or a date-time."""
    for ms in (parse_epoch(text), parse_day(text), parse_instant(text, zone_required=False)):
        if ms is not None:
            return ms
    return None
