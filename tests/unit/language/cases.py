"""Cases for the tests of bot.language, told in few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.actions import AnyAction
from bot.language import About, Case, CaseDeal, Speaker, understand
from bot.language.codec import action_to_json

TODAY = date(2026, 11, 24)  # a Tuesday
ACME = CaseDeal(
    id="D1",
    name="Acme rollout",
    company="Acme GmbH",
    motion="reseller",
    stage="Qualification",
    amount=Decimal(40000),
    currency="EUR",
    close_date=date(2026, 12, 31),
    registration="REG-1042",
    protected_until=date(2026, 12, 7),
)
MUELLER = CaseDeal(
    id="D2",
    name="Müller Lagerlogistik",
    company="Müller & Söhne KG",
    motion="services",
    stage="Commercials",
    amount=Decimal(90000),
    currency="EUR",
    close_date=date(2027, 1, 31),
    registration="REG-1050",
)
STAGES = {
    "reseller": ("Deal Registration", "Qualification", "Configure & Quote", "Transact", "Launch & Activate"),
    "services": ("Solution Design", "Proof / Workshop", "Commercials", "Delivery", "Handover"),
}
LOCALES = {"de": "de-DE", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL", "pt": "pt-PT"}
SPEAKER = Speaker(name="Tom Ashby", email="tom@ashby.example", org="Ashby Digital")
BASE = Case(
    id="test",
    today=TODAY,
    channel="slack",
    speaker=SPEAKER,
    deals=(ACME,),
    stages=STAGES,
    text="",
    about=About(kind="update_request", deal="D1"),
)


def said(text: str, *, locale: str = "en-GB", role: str = "partner", **changes: Any) -> tuple[AnyAction, ...]:
    """What is understood of a text; `changes` are fields of the case."""
    speaker = replace(SPEAKER, locale=locale, role=role)
    return understand(replace(BASE, text=text, speaker=speaker, **changes)).actions


def told(text: str, **changes: Any) -> list[str]:
    """The same in one line an action: `set D1 amount 60000 apply`."""
    return [line(action) for action in said(text, **changes)]


def line(action: AnyAction) -> str:
    """An action in one line, without its words of origin."""
    table = action_to_json(action)
    table.pop("because")
    ask = table.pop("ask", "")
    decision = table.pop("decision")
    values = [str(value) for value in table.values() if value not in (None, [])]
    return " ".join([*values, decision, ask]).strip()
