"""Registrations in Slack: the form, the buttons below a request and their forms, decisions by number, the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.partners import Manager, Motion
from bot.domain.registrations import Registration, State
from bot.domain.terms import Route, Terms
from bot.ports import ChatPerson, Disposition, Posted, SlackPost
from bot.slack.events import Kind
from bot.slack.views.place import Place
from tests.integration.handlers.desk import JULIA, Desk, desk

LENA = Manager(id="M2", name="Lena Fischer", email="lena@meridian.example")
WHOLE = {
    "company": "Nordwind Logistik AG",
    "contact_name": "Karin Holm",
    "contact_email": "karin.holm@nordwind.example",
    "amount": "85000",
    "currency": "EUR",
    "close_date": "2027-03-31",
}
HERE = Place(channel="C1", language="en")


@asynccontextmanager
async def opened(folder: Path, terms: Terms | None = None) -> AsyncIterator[Desk]:
    """The desk with a managers' channel; Julia is linked, Lena is one of the vendor's people too."""
    async with desk(folder, managers_channel="C_MGR", terms=terms) as one:
        async with one.store.unit() as unit:
            await unit.link("T_BRANDT", "U_JULIA", "C1", now=one.services.now())
        one.crm.put_manager(LENA)
        one.chat.people["U_LENA"] = ChatPerson(name="Lena", email=LENA.email, is_ours=True)
        yield one


@pytest.fixture
async def office(tmp_path):
    async with opened(tmp_path) as one:
        yield one


async def claim_of(office: Desk) -> Registration:
    async with office.store.unit() as unit:
        (claim,) = await unit.registrations()
    return claim


def said(office: Desk, channel: str) -> list[tuple[SlackPost, Posted]]:
    return [(m, at) for m, at in office.chat.posted if m.channel == channel]


def request_of(office: Desk) -> Posted:
    """Where the managers were asked."""
    return next(at for m, at in said(office, "C_MGR") if "registers" in m.text)


async def press(office: Desk, user: str, action: str, at: Posted) -> None:
    number = (await claim_of(office)).number
    await office.slack(user, kind=Kind.ACTION, channel=at.channel, action=action, value=number, ts=at.ts)


def at_the_request(office: Desk, number: str) -> Place:
    at = request_of(office)
    return Place(channel=at.channel, ts=at.ts, number=number, language="en")


async def with_channel(office: Desk) -> None:
    partner = await office.crm.partner("P1")
    assert partner is not None
    office.crm.put_partner(replace(partner, slack_channel="C1"))


async def test_the_form_makes_a_claim_that_is_acknowledged_and_put_before_the_managers(office: Desk):
    inbound = await office.form("U_JULIA", "register", {**WHOLE, "motion": "services"}, HERE)
    assert inbound.disposition is Disposition.APPLIED
    claim = await claim_of(office)
    assert (claim.state, claim.motion, claim.draft.amount) == (State.SUBMITTED, Motion.SERVICES, Decimal(85000))
    assert claim.claimed_at == inbound.received_at
    answer, _ = said(office, "U_JULIA")[-1]
    assert (answer.partner_id, answer.only_for) == ("P1", None)
    assert claim.number in str(answer.blocks)
    request, _ = said(office, "C_MGR")[-1]
    assert claim.number in request.text
    assert "Nordwind" in str(request.blocks)
    assert await office.failures() == []


async def test_in_a_partners_channel_only_the_claimant_sees_the_answer_and_the_decision_comes_to_the_channel(
    office: Desk,
):
    await with_channel(office)
    await office.form("U_JULIA", "register", WHOLE, Place(channel="C1", thread_ts="7.7"))
    answer, _ = said(office, "C1")[-1]
    assert (answer.only_for, answer.thread_ts) == ("U_JULIA", "7.7")
    await press(office, "U_PRIYA", "approve", request_of(office))
    decided, _ = said(office, "C1")[-1]
    assert (decided.only_for, decided.thread_ts, decided.partner_id) == (None, None, "P1")
    assert "approved" in str(decided.blocks)


async def test_approved_by_button_the_deal_is_in_the_crm_and_the_partner_hears_of_it(office: Desk):
    await office.form("U_JULIA", "register", WHOLE, HERE)
    for _ in range(2):
        await press(office, "U_PRIYA", "approve", request_of(office))
    claim = await claim_of(office)
    assert (claim.state, claim.decided_by) == (State.APPROVED, "Priya Nair")
    assert await office.crm.deal_by_registration(claim.number) is not None
    first, second = [m for m, _ in said(office, "C_MGR") if m.thread_ts == request_of(office).ts]
    assert "is approved" in str(first.blocks)
    assert "had been approved already" in str(second.blocks)
    assert "approved" in str(said(office, "U_JULIA")[-1][0].blocks)


async def test_a_refusals_reason_from_the_form_reaches_the_partner(office: Desk):
    await office.form("U_JULIA", "register", WHOLE, HERE)
    number = (await claim_of(office)).number
    await office.form("U_PRIYA", "reject", {"reason": "Outside our focus"}, at_the_request(office, number))
    claim = await claim_of(office)
    assert (claim.state, claim.reason) == (State.REFUSED, "Outside our focus")
    assert "Outside our focus" in str(said(office, "U_JULIA")[-1][0].blocks)


async def test_a_question_from_the_form_reaches_the_partner_word_for_word(office: Desk):
    await office.form("U_JULIA", "register", WHOLE, HERE)
    number = (await claim_of(office)).number
    await office.form("U_PRIYA", "ask", {"question": "Who signs there?"}, at_the_request(office, number))
    assert (await claim_of(office)).state is State.SUBMITTED
    assert any("Who signs there?" in str(m.blocks) and m.partner_id == "P1" for m, _ in office.chat.posted)
    assert "on its way" in str([m.blocks for m, _ in said(office, "C_MGR")][-1])


@pytest.mark.parametrize("how", ["approve", "reject", "command"])
async def test_whoever_may_not_decide_is_told_so(tmp_path, how):
    route = Route(approvers=(LENA.email,), min_amount=Decimal(1))
    async with opened(tmp_path, Terms(routes=(route,))) as office:
        await office.form("U_JULIA", "register", WHOLE, HERE)
        number = (await claim_of(office)).number
        if how == "approve":
            await press(office, "U_PRIYA", how, request_of(office))
        elif how == "reject":
            await office.form("U_PRIYA", how, {"reason": "no"}, at_the_request(office, number))
        else:
            await office.slack("U_PRIYA", f"approve {number}", kind=Kind.COMMAND, channel="C_MGR", ts="")
        assert (await claim_of(office)).state is State.SUBMITTED
        assert "not yours to decide" in str([m.blocks for m, _ in said(office, "C_MGR")][-1])


async def test_a_partner_who_sends_a_managers_form_or_command_decides_nothing(office: Desk):
    await office.form("U_JULIA", "register", WHOLE, HERE)
    number = (await claim_of(office)).number
    await office.form("U_JULIA", "reject", {"reason": "x"}, at_the_request(office, number))
    await office.form("U_JULIA", "ask", {"question": "x"}, Place(channel="C1", ts="9.9", number=number))
    answers = []
    for typed in (number, "REG-9999"):
        await office.slack("U_JULIA", f"approve {typed}", kind=Kind.COMMAND, ts="")
        answers.append(str(office.chat.posted[-1][0].blocks).replace(typed, "REG-X"))
    assert (await claim_of(office)).state is State.SUBMITTED
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.MENTION])
async def test_a_manager_decides_by_number(office: Desk, kind):
    await office.form("U_JULIA", "register", WHOLE, HERE)
    number = (await claim_of(office)).number.casefold()
    await office.slack("U_PRIYA", f"reject {number} reason no budget there", kind=kind, channel="C_MGR", ts="88.1")
    claim = await claim_of(office)
    assert (claim.state, claim.reason) == (State.REFUSED, "no budget there")
    answer = said(office, "C_MGR")[-1][0]
    assert answer.only_for == ("U_PRIYA" if kind is Kind.COMMAND else None)
    assert "is rejected" in str(answer.blocks)


async def test_a_number_that_nobody_has_is_said_to_be_unknown(office: Desk):
    await office.slack("U_PRIYA", "approve REG-9999", kind=Kind.COMMAND, channel="C_MGR", ts="")
    assert "no registration REG-9999" in str(office.chat.posted[-1][0].blocks)


async def test_a_mention_that_is_just_register_is_answered_with_a_button_that_opens_the_form(office: Desk):
    await office.slack("U_JULIA", "Register", kind=Kind.MENTION)
    answer, _ = office.chat.posted[-1]
    (button,) = [e for b in answer.blocks if b["type"] == "actions" for e in b["elements"]]
    assert (answer.only_for, button["action_id"], button["value"]) == ("U_JULIA", "register", "en")


async def test_words_after_the_command_are_read_as_a_mails_are(office: Desk):
    words = "register a deal: Nordwind Logistik AG, Karin Holm, 85,000 EUR, closing end of March 2027"
    await office.slack("U_JULIA", words, kind=Kind.COMMAND, ts="")
    claim = await claim_of(office)
    assert (claim.state, claim.draft.company) == (State.SUBMITTED, "Nordwind Logistik AG")
    assert claim.number in str(said(office, "U_JULIA")[-1][0].blocks)


@pytest.mark.parametrize("words", ["rules", "What are the rules?", "Was sind die Regeln?"])
async def test_the_rules_are_told_to_whoever_asks_in_slack_and_only_to_them(office: Desk, words):
    for user in ("U_JULIA", "U_PRIYA"):
        await office.slack(user, words, kind=Kind.MENTION)
        answer, _ = office.chat.posted[-1]
        assert answer.only_for == user
        assert "90 days" in str(answer.blocks)


async def test_the_rules_are_told_by_mail_too_and_they_are_the_configured_ones(tmp_path):
    async with opened(tmp_path, Terms(protection_days=45)) as office:
        inbound = await office.mail("What are the rules?")
        assert (inbound.disposition, inbound.reason) == (Disposition.APPLIED, "rules")
        assert "45 days" in office.last(JULIA).text


async def test_too_many_forms_an_hour_are_told_so_and_not_stored(tmp_path):
    async with opened(tmp_path, Terms(per_hour=1)) as office:
        await office.form("U_JULIA", "register", WHOLE, HERE)
        await office.form("U_JULIA", "register", {**WHOLE, "company": "Alster Werft"}, HERE)
        await claim_of(office)  # there is one
        assert "a lot of registrations" in str(office.chat.posted[-1][0].blocks)


async def test_an_unlinked_persons_form_is_answered_with_how_to_link(office: Desk):
    inbound = await office.form("U_EVE", "register", WHOLE, HERE)
    assert (inbound.disposition, inbound.reason) == (Disposition.REFUSED, "not linked")
    assert office.chat.posted[-1][0].only_for == "U_EVE"


async def test_a_form_that_nobody_knows_is_refused_and_changes_nothing(office: Desk):
    inbound = await office.form("U_PRIYA", "register", WHOLE, HERE)
    assert inbound.disposition is Disposition.REFUSED
    async with office.store.unit() as unit:
        assert not await unit.registrations()
