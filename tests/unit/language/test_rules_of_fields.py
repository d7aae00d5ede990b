"""The rules of the contract (docs/explain.md) about deals and their fields: one line an action, see cases.line."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.actions import Certainty, Lost
from bot.language import About
from tests.unit.language.cases import ACME, LOCALES, MUELLER, said, told

TWO: dict[str, Any] = {"deals": (ACME, MUELLER), "about": About(kind="digest")}


ENDING: dict[str, Any] = {"about": About(kind="protection_ending", deal="D1")}


def _locale(code: str) -> str:
    return LOCALES[code]


REQUEST = About(kind="approval_request", registration="REG-9")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme signed", ["won D1 apply"]),
        ("mueller und soehne signed", ["won D2 apply"]),
        ("reg 1050 signed", ["won D2 apply"]),
        ("lagerlogistik is at 95k", ["set D2 amount 95000 apply"]),
        ("Müller is at 95k. Close date 31 March.", ["set D2 amount 95000 apply", "set D2 close_date 2027-03-31 apply"]),
        ("it's 60k", ["set amount 60000 ask which_deal"]),
        ("Globex is now 16k", ["set amount 16000 ask deal_unknown"]),
        ("REG-9999 is lost", ["lost ask deal_unknown"]),
        ("Acme Biotech is at 16k", ["set amount 16000 ask deal_unknown"]),
        ("Acme: signed\nMüller: 95k", ["won D1 apply", "set D2 amount 95000 apply"]),
        ("both are signed", ["won D1 apply", "won D2 apply"]),
    ],
)
def test_rule_5_which_deal(text: str, expected: list[str]) -> None:
    assert told(text, **TWO) == expected


def test_rule_5_an_unnamed_deal_is_the_one_asked_about() -> None:
    assert told("60k", deals=(ACME, MUELLER), about=About(kind="update_request", deal="D2")) == [
        "set D2 amount 60000 apply"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("close date 30/11/2025", "set D1 close_date ask close_date"),
        ("closes on 31 February", "set D1 close_date ask close_date"),
        ("close date is wrong", "set D1 close_date ask close_date"),
        ("the close slipped by two weeks", "set D1 close_date 2027-01-14 apply"),
        ("close date: two weeks earlier", "set D1 close_date 2026-12-17 apply"),
        ("close date moved from 31 December to 31 January", "set D1 close_date 2027-01-31 apply"),
        ("closing in June or July", "set D1 close_date ask close_date"),
        ("kick-off is on 3 March", "question kick-off is on 3 March route"),
    ],
)
def test_rule_6_a_close_date_is_set_shifted_or_asked(text: str, expected: str) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("value is 60,000", ["set D1 amount 60000 apply"]),
        ("60k USD", ["set D1 amount 60000 apply", "set D1 currency USD apply"]),
        ("10 % more", ["set D1 amount 44000 confirm"]),
        ("another 5k", ["set D1 amount 45000 confirm"]),
        ("the value has doubled", ["set D1 amount 80000 confirm"]),
        ("hardware 20k, software 40k", ["set D1 amount ask amount"]),
        ("hardware 20k, software 40k, total 60k", ["set D1 amount 60000 apply"]),
        ("between 50 and 60k", ["set D1 amount ask amount"]),
        ("50-60k", ["set D1 amount ask amount"]),
        ("about 60k", ["set D1 amount 60000 confirm"]),
        ("up from 40k to 60k", ["set D1 amount 60000 apply"]),
        ("64k, not 46k", ["set D1 amount 64000 apply"]),
        ("the amount is wrong", ["set D1 amount ask amount"]),
        ("the amount is wrong. It's 60k", ["set D1 amount 60000 apply"]),
        ("wrong currency", ["set D1 currency ask currency"]),
    ],
)
def test_rule_7_an_amount_is_set_computed_or_asked(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize("text", ["they have 120 users", "call me on 602-555-0133", "ticket 48213 is still open"])
def test_rule_7_other_numbers_are_no_amounts(text: str) -> None:
    assert not any("amount" in line for line in told(text))


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "lost", "lost D1 ask reason"),
        ("en", "we lost it on price", "lost D1 price apply"),
        ("en", "They went with Globex", "lost D1 They went with Globex Globex apply"),
        ("en", "lost to Globex. Price was too high.", "lost D1 Price was too high Globex apply"),
        ("en", "Acme is closed lost: no budget", "lost D1 no budget apply"),
        ("de", "verloren, kein Budget", "lost D1 kein Budget apply"),
        ("de", "Acme hat sich für Globex entschieden", "lost D1 Acme hat sich für Globex entschieden Globex apply"),
        ("fr", "Ils sont partis chez Globex", "lost D1 Ils sont partis chez Globex Globex apply"),
        ("nl", "verloren aan Globex", "lost D1 verloren aan Globex Globex apply"),
        ("es", "se fueron con Globex", "lost D1 se fueron con Globex Globex apply"),
        ("it", "hanno scelto Globex", "lost D1 hanno scelto Globex Globex apply"),
        ("pt", "escolheram a Globex", "lost D1 escolheram a Globex Globex apply"),
    ],
)
def test_rule_9_why_it_was_lost_is_told_or_asked(code: str, text: str, expected: str) -> None:
    assert told(text, locale=_locale(code)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stage: quote", "set D1 stage Configure & Quote apply"),
        ("next stage", "set D1 stage Configure & Quote apply"),
        ("one stage back", "set D1 stage Deal Registration apply"),
        ("the quote went out yesterday", "set D1 stage Configure & Quote confirm"),
        ("moved to Delivery", "set D1 stage ask stage"),
        ("the stage is wrong", "set D1 stage ask stage"),
        ("We're in Configure & Quote now", "set D1 stage Configure & Quote apply"),
    ],
)
def test_rule_10_a_stage_is_set_suggested_or_asked(text: str, expected: str) -> None:
    assert told(text) == [expected]


def test_rule_10_a_plain_translation_names_a_stage() -> None:
    assert told("bitte in die Angebotsphase verschieben", locale="de-DE") == ["set D1 stage Configure & Quote apply"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("please extend", "extend D1 2027-01-06 apply"),
        ("extend until end of January", "extend D1 2027-01-31 apply"),
        ("another 60 days please", "extend D1 2027-02-05 apply"),
        ("until 30.11.2026", "extend D1 ask until"),
        ("yes", "extend D1 2027-01-06 apply"),
        ("yes, and the amount is now 60k", "extend D1 2027-01-06 apply"),
    ],
)
def test_rule_11_protection_is_extended_from_its_end(text: str, expected: str) -> None:
    assert told(text, **ENDING)[0] == expected


@pytest.mark.parametrize("text", ["no thanks", "let it expire", "thanks"])
def test_rule_11_protection_that_nobody_wants_runs_out(text: str) -> None:
    assert told(text, **ENDING) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ѕigned",  # a Cyrillic letter
        "sig\u200bned",
        "\uff53\uff49\uff47\uff4e\uff45\uff44",  # full-width letters
        "*signed*",
        "~lost~ signed",
    ],
)
def test_signs_that_nobody_sees_do_not_matter(text: str) -> None:
    assert told(text) == ["won D1 apply"]


def test_misspelt_words_are_read_where_only_one_word_is_near() -> None:
    assert told("contract singed") == ["won D1 apply"]
    assert told("the ammount is 60k") == ["set D1 amount 60000 apply"]


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("de", "um 5k erhöht", 45000),
        ("nl", "met 5k verhoogd", 45000),
        ("it", "è aumentato di 5k", 45000),
        ("pt", "subiu em 5 mil", 45000),
        ("en", "+5k", 45000),
    ],
)
def test_rule_7_a_difference_is_computed_and_confirmed(code: str, text: str, value: int) -> None:
    assert told(text, locale=_locale(code)) == [f"set D1 amount {value} confirm"]


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("en", "Acme is lost, the project was cancelled", "the project was cancelled"),
        ("de", "Acme ist verloren, das Projekt wurde gestrichen.", "das Projekt wurde gestrichen"),
        ("nl", "Acme is verloren, het project is geschrapt", "het project is geschrapt"),
        ("es", "Acme está perdido, el proyecto se canceló", "el proyecto se canceló"),
        ("it", "Acme è perso, il progetto è stato annullato", "il progetto è stato annullato"),
        ("pt", "Acme está perdido, o projeto foi cancelado", "o projeto foi cancelado"),
    ],
)
def test_rule_9_how_it_was_lost_is_why(code: str, text: str, reason: str) -> None:
    (lost,) = said(text, locale=LOCALES[code])
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.certainty) == (reason, Certainty.APPLY)


@pytest.mark.parametrize("text", ["Doe er nog 2k bij", "Doe er nog 3k bij voor de training"])
def test_a_sum_in_thousands_is_no_quarter(text: str) -> None:
    assert [line.split()[2] for line in told(text, locale=LOCALES["nl"])] == ["amount"]


def test_rule_5_both_is_of_deals_only() -> None:
    assert told("both directors have signed", deals=(ACME, MUELLER)) == ["won D1 apply"]
    assert told("both are signed", deals=(ACME, MUELLER)) == ["won D1 apply", "won D2 apply"]


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "Acme lost to Globex, lower price"), ("nl", "Acme verloren aan Globex, lagere prijs")],
)
def test_rule_9_a_price_that_tells_why_is_no_new_amount(code: str, text: str) -> None:
    assert [type(one) for one in said(text, locale=LOCALES[code])] == [Lost]
