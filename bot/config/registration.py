"""[registration] of config.toml: the terms on which partners register deals."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from bot.config.kinds import Address, Section
from bot.domain.actions import Draft
from bot.domain.clocks import Calendar
from bot.domain.credits import WHOLE, Source, Split
from bot.domain.domains import web_domain
from bot.domain.partners import Motion
from bot.domain.registrations import Effect
from bot.domain.terms import Conflict, Overlap, Route, Terms

Days = Annotated[int, Field(ge=1, le=3650)]
Hours = Annotated[int, Field(ge=1, le=24 * 365)]
Amount = Annotated[Decimal, Field(ge=0)]
REQUIRABLE = ("contact", *Draft.__dataclass_fields__)


def _required(name: str) -> str:
    if name not in REQUIRABLE:
        raise ValueError(f"is not a field of a registration; known are {', '.join(REQUIRABLE)}")
    return name


def _number_format(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,10}-\{n\}", value):
        raise ValueError('is no number format such as "REG-{n}": letters, a hyphen, {n}')
    if value.upper().startswith("CHG-"):
        raise ValueError('is how changes that wait for a manager are numbered: take other letters, such as "REG-{n}"')
    return value


def _approver(value: str) -> str:
    if value != "owner" and "@" not in value:
        raise ValueError('is neither "owner" (the partner\'s own manager) nor a mail address')
    return value


Required = Annotated[str, AfterValidator(_required)]


class RouteConfig(Section):
    approvers: Annotated[tuple[Annotated[str, AfterValidator(_approver)], ...], Field(min_length=1)]
    min_amount: Amount | None = None
    motions: frozenset[Motion] = frozenset()
    territories: frozenset[str] = frozenset()


class OfficeHoursConfig(Section):
    """As bot.domain.clocks.Calendar: days from 1 (Monday) to 7, times of the office's own clock."""

    timezone: str
    days: frozenset[Annotated[int, Field(ge=1, le=7)]] = frozenset({1, 2, 3, 4, 5})
    opens: time = time(9)
    closes: time = time(17)
    holidays: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _opens_sometimes(self) -> OfficeHoursConfig:
        try:
            self.calendar()
        except ZoneInfoNotFoundError as exc:
            raise ValueError(f"timezone: {self.timezone!r} is no time zone such as Europe/Berlin") from exc
        return self

    def calendar(self) -> Calendar:
        return Calendar(**dict(self))


Percent = Annotated[Decimal, Field(gt=0, lt=100)]


class SplitConfig(Section):
    """As bot.domain.credits.Split: what the deal's own partner keeps, and what a further one gets."""

    owner: Percent = Decimal(70)
    further: Percent = Decimal(30)
    source: Source = Source.INFLUENCED

    @model_validator(mode="after")
    def _is_no_more_than_all(self) -> SplitConfig:
        if self.owner + self.further > WHOLE:
            raise ValueError(f"owner and further are {self.owner + self.further} % together: more than 100")
        return self


class RegistrationConfig(Section):
    """Each key as in bot.domain.terms.Terms."""

    default_motion: Motion = Motion.RESELLER
    number_format: Annotated[str, AfterValidator(_number_format)] = "REG-{n}"
    required: tuple[Required, ...] = ("company", "contact", "amount", "close_date")
    required_by_motion: dict[Motion, tuple[Required, ...]] = {}
    lead_motion: Motion = Motion.REFERRAL
    lead_required: tuple[Required, ...] = ("company", "contact")
    protection_days: Days = 90
    warning_days: tuple[Annotated[int, Field(ge=0, le=3650)], ...] = (14, 7, 1)
    extension_days: Days = 30
    extensions: Annotated[int, Field(ge=0)] = 2
    decision_hours: Hours = 48
    decision_hours_by_motion: dict[Motion, Hours] = {Motion.REFERRAL: 24}
    reminder_hours: Hours = 24
    office_hours: OfficeHoursConfig | None = None
    draft_reminder_days: Days = 3
    draft_days: Days = 14
    conflict: Conflict = Conflict.FIRST_COME
    overlap: Overlap = Overlap.REFUSE
    split: SplitConfig = SplitConfig()
    tiers: tuple[str, ...] = ()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    minimum_amount: Amount | None = None
    maximum_amount: Amount = Decimal(1_000_000_000)
    certifications: dict[Motion, str] = {}
    outside_territory: Effect = Effect.REFUSE
    customers: Effect = Effect.MANAGER
    direct_deals: Effect = Effect.MANAGER
    segments: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()
    per_hour: Annotated[int, Field(ge=1)] = 20
    approve_below: Amount | None = None
    routes: tuple[RouteConfig, ...] = ()
    escalate_to: Address | None = None
    objections_to: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> RegistrationConfig:
        faults = []
        if self.reminder_hours >= self.decision_hours:
            faults.append("reminder_hours is not before decision_hours")
        if self.draft_reminder_days >= self.draft_days:
            faults.append("draft_reminder_days is not before draft_days")
        if "company" not in self.required:
            faults.append("required does not name company: nobody could say what is claimed")
        if "company" not in self.lead_required:
            faults.append("lead_required does not name company: nobody could say what is claimed")
        if self.conflict is Conflict.TIER and not self.tiers:
            faults.append('conflict = "tier" needs tiers, from best to least')
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def terms(self) -> Terms:
        values = {name: getattr(self, name) for name in type(self).model_fields if name != "routes"}
        values["office_hours"] = self.office_hours.calendar() if self.office_hours else None
        values["own_domains"] = frozenset(filter(None, map(web_domain, self.own_domains)))
        values["split"] = Split(**dict(self.split))
        return Terms(routes=tuple(Route(**dict(route)) for route in self.routes), **values)
