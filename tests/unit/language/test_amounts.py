"""Amounts by rule 7 of the contract."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.amounts import Kind, NumberFound, find_numbers, read_number
from bot.language.currencies import settle_currency
from bot.language.normalise import fold
from bot.language.spans import Spans
from bot.language.vocabulary import default
from tests.unit.language.cases import LOCALES

LANGUAGES = {vocabulary.code: vocabulary for vocabulary in default()}


def _found(text: str, code: str) -> list[NumberFound]:
    return find_numbers(fold(text), [LANGUAGES[code]], locale=LOCALES[code], taken=Spans(len(text)))


@pytest.mark.parametrize(
    ("code", "text", "value", "currency"),
    [
        ("en", "60k", 60_000, None),
        ("en", "£46,500", 46_500, "GBP"),
        ("en", "$60k", 60_000, "$"),
        ("en", "1.2 million", 1_200_000, None),
        ("en", "sixty thousand euros", 60_000, "EUR"),
        ("en", "50.000", 50_000, None),
        ("en", "EUR 58,500.00", 58_500, "EUR"),
        ("de", "62.500,00 €", 62_500, "EUR"),
        ("de", "52 T€", 52_000, "EUR"),
        ("de", "T€ 52", 52_000, "EUR"),
        ("de", "1,2 Mio. Euro", 1_200_000, "EUR"),
        ("de", "60.000,-", 60_000, None),
        ("de", "sechzigtausend", 60_000, None),
        ("de", "CHF 60'000", 60_000, "CHF"),
        ("fr", "52 000 €", 52_000, "EUR"),
        ("fr", "52 k€", 52_000, "EUR"),
        ("fr", "soixante mille euros", 60_000, "EUR"),
        ("nl", "€ 67.500", 67_500, "EUR"),
        ("nl", "1,5 mln", 1_500_000, None),
        ("es", "81k dolares", 81_000, "dollar"),
        ("es", "60 mil pesos", 60_000, "peso"),
        ("it", "60mila euro", 60_000, "EUR"),
        ("pt", "US$ 115 mil", 115_000, "USD"),
        ("pt", "R$ 185.000,00", 185_000, "BRL"),
    ],
)
def test_a_sum_is_read_as_people_write_it(code: str, text: str, value: int, currency: str | None) -> None:
    (found,) = _found(text, code)
    assert (found.kind, found.value, found.currency) == (Kind.MONEY, Decimal(value), currency)


@pytest.mark.parametrize(
    ("text", "kind"), [("10 %", Kind.PERCENT), ("50-60k", Kind.RANGE), ("60", Kind.PLAIN), ("€", Kind.CURRENCY)]
)
def test_what_is_no_single_sum_says_so(text: str, kind: Kind) -> None:
    assert [one.kind for one in _found(text, "en")] == [kind]


@pytest.mark.parametrize("text", ["grazie mille", "mille fois merci", "tausend Dank"])
def test_a_thousand_thanks_are_no_money(text: str) -> None:
    code = {"g": "it", "m": "fr", "t": "de"}[text[0]]
    assert _found(text, code) == []


@pytest.mark.parametrize(
    ("found", "deal", "locale", "code"),
    [
        ("$", "CAD", "en-US", "CAD"),
        ("$", "EUR", "en-CA", "CAD"),
        ("$", "EUR", "de-DE", "USD"),
        ("dollar", None, "en-AU", "AUD"),
        ("peso", "COP", "es-MX", "COP"),
        ("peso", "EUR", "es-ES", None),
        ("EUR", "USD", "en-US", "EUR"),
    ],
)
def test_a_sign_that_several_currencies_share_is_settled(
    found: str, deal: str | None, locale: str, code: str | None
) -> None:
    assert settle_currency(found, deal_currency=deal, locale=locale) == code


@given(st.integers(1_000, 99_999_999), st.sampled_from([",", ".", "'", " "]))
def test_groups_of_three_are_thousands_in_every_locale(value: int, separator: str) -> None:
    digits = f"{value:,}".replace(",", separator)
    assert read_number(digits, decimal=",")[0] == value
    assert read_number(digits, decimal=".")[0] == value


@given(st.text(alphabet="0123456789.,' k€%-mio", max_size=40))
def test_reading_numbers_never_raises_and_never_overlaps(text: str) -> None:
    found = _found(text, "de")
    assert all(first.end <= second.start for first, second in pairwise(found))
