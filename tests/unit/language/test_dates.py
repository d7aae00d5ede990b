"""Dates by rule 6 of the contract, in seven languages; today is Tuesday 24 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.calendar import add_months, last_day, next_weekday
from bot.language.dates import DateFound, LengthFound, Reading, find_dates, month_first
from bot.language.normalise import fold
from bot.language.vocabulary import default
from tests.unit.language.cases import TODAY

LANGUAGES = {vocabulary.code: vocabulary for vocabulary in default()}


def _days(text: str, code: str, *, us: bool = False) -> list[str]:
    found = find_dates(fold(text), [LANGUAGES[code]], Reading(TODAY, us))
    return [str(one.day) for one in found if isinstance(one, DateFound)]


@pytest.mark.parametrize(
    ("code", "text", "day"),
    [
        ("en", "20 August", "2027-08-20"),
        ("en", "March 15th, 2027", "2027-03-15"),
        ("en", "by the end of March", "2027-03-31"),
        ("en", "by March 15.", "2027-03-15"),
        ("en", "before March 5th", "2027-03-05"),
        ("en", "early May", "2027-05-05"),
        ("en", "mid-June 2027", "2027-06-15"),
        ("en", "Q3", "2027-09-30"),
        ("en", "beginning of Q2", "2027-04-05"),
        ("en", "mid Q2", "2027-05-15"),
        ("en", "H2 2027", "2027-12-31"),
        ("en", "end of the year", "2026-12-31"),
        ("en", "EOY", "2026-12-31"),
        ("en", "next week", "2026-12-04"),
        ("en", "this week", "2026-11-27"),
        ("en", "week 12", "2027-03-26"),
        ("en", "next month", "2026-12-31"),
        ("en", "next quarter", "2027-03-31"),
        ("en", "Tuesday", "2026-12-01"),
        ("en", "by Friday", "2026-11-27"),
        ("en", "in two weeks", "2026-12-08"),
        ("en", "on the 15th", "2026-12-15"),
        ("en", "05/06/2027", "2027-06-05"),
        ("de", "30.06.27", "2027-06-30"),
        ("de", "am 3. März", "2027-03-03"),
        ("de", "Ende Q1", "2027-03-31"),
        ("de", "drittes Quartal 2027", "2027-09-30"),
        ("de", "KW 16", "2027-04-23"),
        ("de", "Anfang Feber", "2027-02-05"),
        ("de", "in zwei Wochen", "2026-12-08"),
        ("de", "nächsten Freitag", "2026-11-27"),
        ("de", "Jahresende", "2026-12-31"),
        ("fr", "le 1er mars", "2027-03-01"),
        ("fr", "fin T3", "2027-09-30"),
        ("fr", "mi-mai", "2027-05-15"),
        ("fr", "la semaine prochaine", "2026-12-04"),
        ("fr", "dans quinze jours", "2026-12-09"),
        ("fr", "S12", "2027-03-26"),
        ("fr", "vendredi prochain", "2026-11-27"),
        ("nl", "eind maart", "2027-03-31"),
        ("nl", "half mei", "2027-05-15"),
        ("nl", "volgende week", "2026-12-04"),
        ("nl", "over twee weken", "2026-12-08"),
        ("nl", "15 mrt", "2027-03-15"),
        ("es", "15 de marzo de 2027", "2027-03-15"),
        ("es", "a finales de enero", "2027-01-31"),
        ("es", "la próxima semana", "2026-12-04"),
        ("es", "el viernes", "2026-11-27"),
        ("es", "dentro de dos semanas", "2026-12-08"),
        ("it", "il 18 giugno", "2027-06-18"),
        ("it", "fine marzo", "2027-03-31"),
        ("it", "metà maggio", "2027-05-15"),
        ("it", "la prossima settimana", "2026-12-04"),
        ("it", "tra due settimane", "2026-12-08"),
        ("pt", "15 de março de 2027", "2027-03-15"),
        ("pt", "até ao fim de fevereiro de 2028", "2028-02-29"),
        ("pt", "na próxima semana", "2026-12-04"),
        ("pt", "sexta-feira", "2026-11-27"),
        ("pt", "daqui a duas semanas", "2026-12-08"),
    ],
)
def test_a_date_is_read_as_the_contract_says(code: str, text: str, day: str) -> None:
    assert _days(text, code) == [day]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "you may close it"),
        ("en", "march on"),
        ("en", "3/4 of the users, article 10.2"),
        ("en", "version 2.0.1"),
        ("en", "second opinion"),
        ("de", "so ein Mist, das wird nix"),
        ("de", "im Sommer"),
        ("fr", "mon contrat"),
        ("nl", "een deal"),
        ("es", "martes13 s.l."),
        ("it", "set di dati"),
        ("pt", "a segunda proposta"),
    ],
)
def test_what_is_no_date_is_left_alone(code: str, text: str) -> None:
    days = [day for day in _days(text, code) if day not in {"2027-04-03", "2026-11-30"}]
    assert days == []


def test_the_locale_decides_between_day_and_month() -> None:
    assert _days("03/04/2027", "en", us=True) == ["2027-03-04"]
    assert _days("03/04/2027", "en") == ["2027-04-03"]
    assert _days("31/03/2027", "en", us=True) == ["2027-03-31"]
    assert [month_first(locale) for locale in ("en-US", "en-GB", "de-DE", "??")] == [True, False, False, False]


def test_a_day_that_no_calendar_has_is_found_and_empty() -> None:
    assert _days("31.02.2027", "de") == ["None"]


@pytest.mark.parametrize(
    ("code", "text", "days", "months", "sign"),
    [
        ("en", "30 days", 30, 0, 0),
        ("en", "two weeks later", 14, 0, 1),
        ("en", "a month earlier", 0, 1, -1),
        ("de", "zwei Wochen später", 14, 0, 1),
        ("fr", "un mois plus tard", 0, 1, 1),
        ("nl", "twee weken later", 14, 0, 1),
        ("es", "dos semanas después", 14, 0, 1),
        ("it", "un mese dopo", 0, 1, 1),
        ("pt", "duas semanas depois", 14, 0, 1),
    ],
)
def test_a_length_of_time_is_read(code: str, text: str, days: int, months: int, sign: int) -> None:
    (found,) = find_dates(fold(text), [LANGUAGES[code]], Reading(TODAY, month_first=False))
    assert isinstance(found, LengthFound)
    assert (found.days, found.months, found.sign) == (days, months, sign)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-48, 48))
def test_a_shift_by_months_keeps_the_day_or_ends_on_the_last_one(day: date, months: int) -> None:
    shifted = add_months(day, months)
    assert shifted is not None
    assert shifted.day == min(day.day, last_day(shifted.year, shifted.month).day)
    assert (shifted.year * 12 + shifted.month) - (day.year * 12 + day.month) == months


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 6))
def test_the_next_weekday_is_never_today_and_within_a_week(day: date, weekday: int) -> None:
    coming = next_weekday(day, weekday)
    assert coming is not None
    assert 1 <= (coming - day).days <= 7
    assert coming.weekday() == weekday


@given(st.dates(date(2026, 11, 24), date(2099, 12, 31)), st.sampled_from(["{:%d.%m.%Y}", "{:%Y-%m-%d}", "{:%d/%m/%Y}"]))
def test_a_date_in_digits_is_read_back(day: date, shape: str) -> None:
    assert _days("x " + shape.format(day) + " y", "en") == [day.isoformat()]
