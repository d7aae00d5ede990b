"""How long a registered deal is protected: when its partner is warned, what an extension or a release changes. Pure.

The deal in the CRM is the truth: `protected_until` is its last protected day, in the partner's time zone. It is over
when that day is over everywhere, so that nobody loses an hour of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from bot.domain.credits import part_of
from bot.domain.deals import Deal, DealField, FieldChange, FieldValue, RegistrationStatus
from bot.domain.policy import Rule, is_open
from bot.domain.registrations import Event, State
from bot.domain.terms import Terms

_FIRST_ZONE = timezone(timedelta(hours=14))  # where a day begins first on earth
_LAST_ZONE = timezone(timedelta(hours=-12))  # where it ends last


def latest_day(now: datetime) -> date:
    """The day that it is where it is latest on earth; `now` is aware."""
    return now.astimezone(_LAST_ZONE).date()


def days_on_earth(now: datetime) -> tuple[date, ...]:
    """The two or three days that it is somewhere on earth, in order; `now` is aware."""
    first, last = latest_day(now), now.astimezone(_FIRST_ZONE).date()
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def extended(deal: Deal, until: date) -> tuple[FieldChange, ...]:
    """What an extension changes, as one set: the day, how often it was done, and that the deal is protected. Until the
    day that stands already it changes nothing."""
    if deal.protected_until == until and _protected(deal):
        return (_change(deal, DealField.PROTECTED_UNTIL, until),)
    return (
        _change(deal, DealField.PROTECTED_UNTIL, until),
        _change(deal, DealField.RENEWALS, (deal.renewals or Decimal(0)) + 1),
        _change(deal, DealField.REGISTRATION_STATUS, RegistrationStatus.PROTECTED.value),
    )


def released(deal: Deal) -> tuple[FieldChange, ...]:
    """What giving a registration back changes."""
    return (
        _change(deal, DealField.REGISTRATION_STATUS, RegistrationStatus.RELEASED.value),
        _change(deal, DealField.PROTECTED_UNTIL, None),
    )


def extension_rule(deal: Deal, until: date, terms: Terms, *, today: date) -> Rule:
    """Within policy a partner extends alone; what is longer, once too often, too late or without protection needs the
    manager."""
    end = deal.protected_until
    if end is None or not is_open(deal) or not _protected(deal) or (deal.renewals or 0) >= terms.extensions:
        return Rule.MANAGER
    within = until <= end + timedelta(days=terms.extension_days)
    return Rule.APPLY if within and end >= today and until > end else Rule.MANAGER


def warning(deal: Deal, terms: Terms, *, today: date) -> int | None:
    """Which of the configured warnings is due: the nearest threshold that has been reached, in days before the end;
    none on a deal that is closed, released or already over. `today` is the day where the partner is."""
    if deal.protected_until is None or not is_open(deal) or not _protected(deal):
        return None
    left = (deal.protected_until - today).days
    reached = [days for days in terms.warning_days if left <= days]
    return min(reached) if reached and left >= 0 else None


def warnings_on_earth(deal: Deal, terms: Terms, now: datetime) -> set[int | None]:
    """The warnings that are due somewhere on earth; of several the partner's own day tells which."""
    return {warning(deal, terms, today=day) for day in days_on_earth(now)}


def over(deal: Deal, *, today: date) -> bool:
    """Whether the protection has ended and nobody has flagged it yet; `today` is the latest_day."""
    ended = deal.protected_until is not None and deal.protected_until < today
    return ended and is_open(deal) and _protected(deal)


def holds(deal: Deal, *, today: date) -> bool:
    """Whether a partner's open deal keeps others away: it is protected still, or has no protection to lose."""
    ended = deal.protected_until is not None and deal.protected_until < today
    return deal.partner_id is not None and is_open(deal) and not ended and _protected(deal)


def standing(deal: Deal, *, today: date) -> State:
    """Where an approved registration stands, by its deal in the CRM; `today` is the latest_day."""
    if not is_open(deal):
        return State.CLOSED
    if deal.registration_status == RegistrationStatus.RELEASED:
        return State.RELEASED
    ended = deal.protected_until is None or deal.protected_until < today
    return State.EXPIRED if ended or deal.registration_status == RegistrationStatus.EXPIRED else State.APPROVED


def standing_of_part(deal: Deal, partner_id: str) -> State:
    """Where a registration stands that was approved as a part in another partner's deal."""
    if not is_open(deal):
        return State.CLOSED
    return State.APPROVED if part_of(deal, partner_id) is not None else State.RELEASED


#: What has happened to an approved registration whose deal now stands so.
HAPPENED: Mapping[State, Event] = {
    State.APPROVED: Event.RENEWED,
    State.RELEASED: Event.GIVEN_BACK,
    State.EXPIRED: Event.ENDED,
    State.CLOSED: Event.CLOSED,
}


def _protected(deal: Deal) -> bool:
    return deal.registration_status in {None, RegistrationStatus.PROTECTED.value}


def _change(deal: Deal, field: DealField, new: FieldValue) -> FieldChange:
    return FieldChange(field=field, old=deal.value(field), new=new)
