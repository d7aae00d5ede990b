"""A yes to a part of what was shown applies that part alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.actions import Certainty, Field, Set
from bot.language import About
from tests.unit.language.cases import LOCALES, told

AMOUNT = Set(deal="D1", field=Field.AMOUNT, value=Decimal(55000), certainty=Certainty.CONFIRM, because="")
CLOSE = Set(deal="D1", field=Field.CLOSE_DATE, value=date(2027, 5, 31), certainty=Certainty.CONFIRM, because="")
SHOWN = About(kind="confirmation", pending=(AMOUNT, CLOSE))
SUM, DAY = "set D1 amount 55000 apply", "set D1 close_date 2027-05-31 apply"


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "yes to the amount, no to the date", [SUM]),
        ("en", "first one yes, second no", [SUM]),
        ("en", "only the amount", [SUM]),
        ("en", "not the date please", ["set D1 amount 55000 confirm"]),
        ("en", "both fine", [SUM, DAY]),
        ("de", "das Datum stimmt nicht, Betrag passt", [SUM]),
        ("fr", "oui pour le montant, non pour la date", [SUM]),
        ("nl", "Het bedrag klopt, de datum niet", [SUM]),
    ],
)
def test_only_what_was_agreed_to_is_applied(code: str, text: str, expected: list[str]) -> None:
    assert told(text, locale=LOCALES[code], about=SHOWN) == expected
