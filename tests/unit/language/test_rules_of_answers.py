"""The rules of the contract (docs/explain.md) about what else an answer may be: one line an action, see cases.line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.actions import Certainty, Draft, Field, Set
from bot.language import About
from tests.unit.language.cases import ACME, LOCALES, MUELLER, told

TWO: dict[str, Any] = {"deals": (ACME, MUELLER), "about": About(kind="digest")}


ENDING: dict[str, Any] = {"about": About(kind="protection_ending", deal="D1")}


def _locale(code: str) -> str:
    return LOCALES[code]


REQUEST = About(kind="approval_request", registration="REG-9")


def test_rule_12_each_thing_is_its_own_action_on_its_own_deal() -> None:
    text = "Acme moved to Transact, 60k. Müller is pushed to Q2. Can somebody call me about the margin?"
    assert told(text, **TWO) == [
        "set D1 stage Transact apply",
        "set D1 amount 60000 apply",
        "set D2 close_date 2027-06-30 apply",
        "question Can somebody call me about the margin? route",
    ]


def test_rule_13_quoted_lines_and_signatures_give_no_action() -> None:
    text = "60k\n\nBest regards\nTom Ashby\nAshby Digital | 99,000 seats served | signed with care\n> value 70k"
    assert told(text, channel="email") == ["set D1 amount 60000 apply"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Thanks!"),
        ("en", "ok"),
        ("en", "👍"),
        ("de", "Danke, passt"),
        ("fr", "merci, bien noté"),
        ("nl", "prima, dank je"),
        ("es", "vale, gracias"),
        ("it", "ricevuto, grazie mille"),
        ("pt", "tudo certo, obrigada"),
    ],
)
def test_rule_14_thanks_and_ok_give_no_action(code: str, text: str) -> None:
    assert told(text, locale=_locale(code)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", ["set D1 amount 60000 apply", "set D1 close_date 2027-01-31 apply"]),
        ("ja genau", ["set D1 amount 60000 apply", "set D1 close_date 2027-01-31 apply"]),
        ("👍", ["set D1 amount 60000 apply", "set D1 close_date 2027-01-31 apply"]),
        ("no", []),
        ("yes but 65k", ["set D1 amount 65000 apply", "set D1 close_date 2027-01-31 apply"]),
        ("no, 65k", ["set D1 amount 65000 apply"]),
        ("what do you mean?", ["question what do you mean? route"]),
    ],
)
def test_rule_14_what_is_pending_is_applied_dropped_or_changed(text: str, expected: list[str]) -> None:
    pending = (
        Set(deal="D1", field=Field.AMOUNT, value=Decimal(60000), certainty=Certainty.CONFIRM),
        Set(deal="D1", field=Field.CLOSE_DATE, value=date(2027, 1, 31), certainty=Certainty.CONFIRM),
    )
    assert told(text, about=About(kind="confirmation", deal="D1", pending=pending)) == expected


def test_rule_15_a_registration_in_prose_is_applied_when_it_has_everything() -> None:
    text = (
        "I'd like to register Harbor Foods Ltd. Contact is Jane Miller (jane@harbor.example), 45k EUR, "
        "closing end of March, they need warehouse scanning."
    )
    assert told(text, deals=(), about=None) == [
        "register Harbor Foods Ltd Jane Miller jane@harbor.example 45000 EUR 2027-03-31 warehouse scanning apply"
    ]


def test_rule_15_a_registration_as_a_form_is_applied_when_it_has_everything() -> None:
    text = (
        "Bitte registrieren:\nFirma: Hafen GmbH\nAnsprechpartner: Jan Petersen\nVolumen: 45 T€\nAbschluss: 31.03.2027"
    )
    assert told(text, deals=(), about=None, locale="de-DE") == [
        "register Hafen GmbH Jan Petersen 45000 EUR 2027-03-31 apply"
    ]


def test_rule_15_what_a_registration_lacks_is_asked() -> None:
    assert told("register Harbor Foods", deals=(), about=None) == [
        "register Harbor Foods ['contact', 'amount', 'close_date'] ask missing"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contact is Jane Miller, close date end of March", "register Harbor Foods Jane Miller 45000 2027-03-31 apply"),
        ("Jane Miller", "register Harbor Foods Jane Miller 45000 ['close_date'] ask missing"),
        ("31 March", "register Harbor Foods 45000 2027-03-31 ['contact'] ask missing"),
    ],
)
def test_rule_15_a_reply_is_merged_with_the_draft(text: str, expected: str) -> None:
    draft = Draft(company="Harbor Foods", amount=Decimal(45000))
    assert told(text, deals=(), about=About(kind="registration_incomplete", draft=draft)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("approved", "approve REG-9 apply"),
        ("ok", "approve REG-9 apply"),
        ("no", "reject REG-9 apply"),
        ("reject, we already work with them directly", "reject REG-9 we already work with them directly apply"),
        ("Rejected because of channel conflict", "reject REG-9 channel conflict apply"),
        ("not approved: duplicate of REG-8", "reject REG-9 duplicate of REG-8 apply"),
        ("probably fine", "approve REG-9 confirm"),
        ("who is the contact?", "question who is the contact? route"),
    ],
)
def test_rule_17_a_manager_decides(text: str, expected: str) -> None:
    assert told(text, role="manager", deals=(), about=REQUEST) == [expected]


@pytest.mark.parametrize("text", ["approved", "please approve my registration", "I reject this registration"])
def test_rule_17_a_partner_never_decides(text: str) -> None:
    assert [line.split()[0] for line in told(text, deals=(), about=REQUEST)] == ["question"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", "score nps 9 apply"),
        ("9/10", "score nps 9 apply"),
        ("8 out of 10 - onboarding was slow", "score nps 8 onboarding was slow apply"),
        ("seven", "score nps 7 apply"),
        ("12", "score nps ask score"),
        ("great", "score nps ask score"),
        ("9 - good, but took 2 days to get an answer", "score nps 9 good, but took 2 days to get an answer apply"),
        ("Please stop sending surveys", "stop surveys apply"),
    ],
)
def test_rule_18_a_score_is_taken_or_asked(text: str, expected: str) -> None:
    assert told(text, deals=(), about=About(kind="survey", survey="nps")) == [expected]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("I'll be there", "accepted"),
        ("Sorry, I'm on holiday that week", "declined"),
        ("maybe, need to check my calendar", "tentative"),
        ("ich bin dabei", "accepted"),
        ("leider verhindert", "declined"),
        ("je participe volontiers", "accepted"),
        ("misschien", "tentative"),
        ("no puedo", "declined"),
        ("ci sarò", "accepted"),
        ("não vou conseguir", "declined"),
    ],
)
def test_an_invitation_is_answered(text: str, response: str) -> None:
    assert told(text, deals=(), about=About(kind="qbr_invite")) == [f"rsvp {response} apply"]


@pytest.mark.parametrize(
    ("text", "done"), [("done ✅", True), ("erledigt", True), ("c'est fait", True), ("not done yet", False)]
)
def test_a_task_is_done_or_not(text: str, *, done: bool) -> None:
    expected = ["complete Upload logo apply"] if done else []
    assert told(text, deals=(), about=About(kind="onboarding_task", task="Upload logo")) == expected
