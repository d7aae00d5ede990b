"""Incoming mail that must be survived, through a real worker: one disposition, the CRM right, at most one answer."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ports import Disposition, Inbound, MessageState
from bot.sandbox.demo import PARTNER_DESK
from bot.sandbox.playing import text_of, until
from tests.acceptance.cases import COLLEAGUE, DUPLICATES, IDENTITY, OF_BOTH, OF_BOTH_TOO, OTHER_NELL, VIEWER, Case, Ours
from tests.acceptance.crowd import NELL, PARTNER, START, Crowd, crowded_world, deal_id, mails_of
from tests.acceptance.machine_cases import MACHINES
from tests.acceptance.office import Office, open_office

CORPUS = Path(__file__).parents[1] / "corpus" / "mail" / "machines"
TOKEN_OF_CORPUS = re.compile(rb"partners\+[a-z0-9]{40,}@vendor\.example")


def world_for(deals: int):
    """Nell's world, where she has a second address and colleagues, two of whom belong to another partner as well."""
    seed = crowded_world(deals)
    seed["contacts"][-1]["properties"]["hs_additional_emails"] = OTHER_NELL
    seed["contacts"] += [
        _contact("8101", PARTNER, "Omar", COLLEAGUE),
        _contact("8102", PARTNER, "Vera", VIEWER, role="viewer"),
        _contact("8103", PARTNER, "Bo", OF_BOTH, also="7002"),
        _contact("8104", "7002", "Cy", OF_BOTH_TOO, also=PARTNER),
    ]
    return seed


def _contact(contact_id: str, partner: str, name: str, address: str, *, role: str = "sales", also: str = ""):
    """Somebody of `partner` first, and of the company `also`."""
    properties = {"firstname": name, "email": address, "hs_language": "en-gb", "partner_channels": "email"}
    companies = [partner, *([also] if also else [])]
    return {"id": contact_id, "created": "today-90d", "companies": companies} | {
        "properties": {**properties, "partner_role": role}
    }


def ours_of(crowd: Crowd, deal: int) -> Ours:
    notice = crowd.notices[deal]
    name = re.search(r"Kerr deal \d{3}", text_of(notice))
    assert name
    return Ours(reply_to=str(notice["Reply-To"]), message_id=str(notice["Message-ID"]), deal_name=name[0])


async def answers_to(office: Office, inbound: Inbound) -> list[str]:
    """Who was told something because of this mail, managers left out."""
    return [m.to for m in await office.outbox() if m.inbound_id == inbound.id and m.to.endswith(".example")]


async def faults_of(office: Office, case: Case, found: Sequence[Inbound], deal: int, amount: int) -> list[str]:
    faults = []
    first, *copies = found
    if first.disposition is not case.expect or case.reason not in str(first.reason):
        faults.append(f"it ended as {first.disposition}: {first.reason}")
    faults += [f"a copy ended as {c.disposition}" for c in copies if not str(c.reason).startswith("duplicate of")]
    history = office.history(deal_id(deal), "amount")
    others = [case.meanwhile["amount"]] if "amount" in case.meanwhile else []
    if history != [str(START), *others, *([str(amount)] if case.expect is Disposition.APPLIED else [])]:
        faults.append(f"the deal's amounts are {history}")
    stages = office.history(deal_id(deal), "dealstage")[2:]  # it was made, and moved so that Nell hears of it
    if stages != [new for name, new in case.meanwhile.items() if name == "dealstage"]:
        faults.append(f"the deal went on to {stages}")
    told = [to for inbound in found for to in await answers_to(office, inbound)]
    if len(told) > 1 or (told and case.expect is Disposition.IGNORED):
        faults.append(f"{told} were answered")
    if case.expect is not Disposition.IGNORED and any(to != str(first.sender) for to in told if to != NELL):
        faults.append(f"{told} heard what {first.sender} said")
    return [f"{case.name}: {fault}" for fault in faults]


@pytest.mark.parametrize("cases", [IDENTITY, DUPLICATES, MACHINES], ids=["identity", "duplicates and time", "machines"])
async def test_every_case_ends_once_with_the_crm_right_and_at_most_one_answer(tmp_path, cases: Sequence[Case]):
    async with open_office(tmp_path, seed=world_for(len(cases))) as office:
        await office.start()
        crowd = await Crowd.told(office, deals=len(cases), rounds=1, chance=random.Random(1))  # noqa: S311
        amounts = [r.amount for r in sorted(crowd.replies, key=lambda r: r.deal)]
        for number, case in enumerate(cases):
            if case.meanwhile:
                office.world.hubspot.hands.change("deals", deal_id(number), dict(case.meanwhile))
        for number, case in enumerate(cases):
            for _ in range(case.copies):
                await office.mail.deliver(PARTNER_DESK, case.raw(number, ours_of(crowd, number), amounts[number]))
        await office.handled(sum(case.copies for case in cases))
        await office.stop()
        inbox = [await office.received(i.id) for i in await office.inbox()]
        faults = []
        for number, case in enumerate(cases):
            found = [i for i in inbox if f"X-Case: {number}\r\n".encode() in i.raw]
            faults += await faults_of(office, case, found, number, amounts[number])
        assert not faults, "\n".join(faults)
        assert await failed_events(office) <= {"not_verified"}  # some senders do not exist
        assert not secrets_in_log(office, crowd)


async def test_a_notice_may_be_answered_long_after_its_raw_mails_were_forgotten(tmp_path):
    async with open_office(tmp_path, seed=world_for(1)) as office:
        await office.start()
        crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(1))  # noqa: S311
        async with office.store.unit() as unit:
            await unit.forget(datetime.now(UTC) + timedelta(days=400))
        late = Case(name="A19", expect=Disposition.APPLIED, headers=[("Date", "Thu, 25 Nov 2027 10:00:00 +0000")])
        await office.mail.deliver(PARTNER_DESK, late.raw(0, ours_of(crowd, 0), 61_000))
        found = await office.handled(1)
        assert not await faults_of(office, late, found, 0, 61_000)
        assert len(await mails_of(office, NELL)) == 2


async def test_a_burst_of_bounces_is_one_trouble_and_a_sign_of_life_ends_it(tmp_path):
    bounce = next(case for case in MACHINES if case.name.startswith("B34: a bounce to the signed address alone"))
    async with open_office(tmp_path, seed=world_for(10)) as office:
        await office.start()
        crowd = await Crowd.told(office, deals=10, rounds=1, chance=random.Random(1))  # noqa: S311
        for number in range(10):
            await office.mail.deliver(PARTNER_DESK, bounce.raw(number, ours_of(crowd, number), 61_000))
        for ended in await office.handled(10):
            assert ended.disposition is Disposition.IGNORED
        assert [m.event for m in await office.outbox()].count("trouble") == 1
        async with office.store.unit() as unit:
            assert str(await unit.suppressed(NELL)).startswith("bounce")
        alive = Case(name="B41", expect=Disposition.APPLIED)
        await office.mail.deliver(PARTNER_DESK, alive.raw(0, ours_of(crowd, 0), 61_000))
        found = (await office.handled(11))[-1:]
        assert not await faults_of(office, alive, found, 0, 61_000)
        async with office.store.unit() as unit:
            assert await unit.suppressed(NELL) is None


async def test_an_answer_to_a_receipt_of_several_deals_is_asked_which_one(tmp_path):
    async with open_office(tmp_path, seed=world_for(2)) as office:
        await office.start()
        both = Case(
            name="A20",
            expect=Disposition.APPLIED,
            to=PARTNER_DESK,
            words="Kerr deal 000: the amount is 61,000. Kerr deal 001: the amount is 62,000.",
        )
        nobody = Ours(reply_to=PARTNER_DESK, message_id="", deal_name="")
        await office.mail.deliver(PARTNER_DESK, both.raw(0, nobody, 0))
        (first,) = await office.handled(1)
        assert first.disposition is Disposition.APPLIED, first.reason
        (receipt,) = await mails_of(office, NELL)
        ours = Ours(reply_to=str(receipt["Reply-To"]), message_id=str(receipt["Message-ID"]), deal_name="")
        which = Case(name="A20", expect=Disposition.ASKED)
        await office.mail.deliver(PARTNER_DESK, which.raw(1, ours, 63_000))
        _, second = await office.handled(2)
        assert second.disposition is Disposition.ASKED, second.reason
        asked = text_of((await mails_of(office, NELL))[-1])
        assert "Kerr deal 000" in asked
        assert "Kerr deal 001" in asked
        assert office.history(deal_id(0), "amount") == [str(START), "61000"]
        assert office.history(deal_id(1), "amount") == [str(START), "62000"]


async def test_no_machines_mail_is_understood_answered_or_lost(tmp_path):
    async with open_office(tmp_path, seed=world_for(1)) as office:
        await office.start()
        crowd = await Crowd.told(office, deals=1, rounds=1, chance=random.Random(1))  # noqa: S311
        files = sorted(CORPUS.glob("*.eml"))
        told = len(await office.outbox())
        for file in files:
            raw = TOKEN_OF_CORPUS.sub(ours_of(crowd, 0).reply_to.encode(), file.read_bytes())
            await office.mail.deliver(PARTNER_DESK, raw)
        inbox = await office.handled(len(files))
        await office.stop()
        for file, inbound in zip(files, inbox, strict=True):
            expected = Disposition.REFUSED if file.name.startswith("human-") else Disposition.IGNORED
            assert inbound.disposition is expected, f"{file.name}: {inbound.disposition}: {inbound.reason}"
        assert office.history(deal_id(0), "amount") == [str(START)]
        refusals = (await office.outbox())[told:]
        assert {m.event for m in refusals} <= {"not_verified"}
        assert len({m.to for m in refusals}) == len(refusals)


async def test_a_bounce_of_our_notice_silences_the_address_and_tells_the_manager_once(tmp_path):
    async with open_office(tmp_path, seed=world_for(2)) as office:
        await office.start()
        office.mail.bounce(NELL)
        office.world.hubspot.hands.move(deal_id(0), "Configure & Quote")
        (bounce,) = await office.handled(1)
        assert (bounce.disposition, "bounce" in str(bounce.reason)) == (Disposition.IGNORED, True)
        assert (await events(office)).count("trouble") == 1
        async with office.store.unit() as unit:
            assert await unit.suppressed(NELL)
        office.world.hubspot.hands.move(deal_id(1), "Configure & Quote")
        await until("the move was seen", lambda: seen(office, deal_id(1)))
        await office.quiet()
        assert (await events(office)).count("deal_changed") == 1
        assert all(m.state is not MessageState.FAILED for m in await office.outbox())
        assert office.deal(deal_id(0))["amount"] == str(START)


async def test_a_deal_that_is_gone_or_another_partners_by_now_is_answered_alike_and_not_touched(tmp_path):
    async with open_office(tmp_path, seed=world_for(3)) as office:
        await office.start()
        crowd = await Crowd.told(office, deals=3, rounds=1, chance=random.Random(1))  # noqa: S311
        before = len(await mails_of(office, NELL))
        office.world.hubspot.hands.archive("deals", deal_id(0))
        office.world.hubspot.hands.change("deals", deal_id(1), {"partner_account": "7002"})
        for deal in (0, 1):
            await office.mail.deliver(
                PARTNER_DESK, Case(name="A17, A18", expect=Disposition.ASKED).raw(deal, ours_of(crowd, deal), 61_000)
            )
        found = await office.handled(2)
        await office.stop()
        assert office.history(deal_id(1), "amount") == [str(START)]
        assert office.history(deal_id(2), "amount") == [str(START)]
        assert len({(i.disposition, i.reason) for i in found}) == 1, found
        assert found[0].disposition is not Disposition.APPLIED
        answers = [text_of(mail) for mail in (await mails_of(office, NELL))[before:]]
        assert len(answers) == 2
        assert answers[0] == answers[1].replace("Kerr deal 001", "Kerr deal 000")
        assert not await office.dead_letters()


def secrets_in_log(office: Office, crowd: Crowd) -> list[str]:
    """A24: neither tokens nor addresses nor words of a mail stand in the log."""
    log = office.config.with_suffix(".log").read_text(encoding="utf-8").casefold()
    never = [ours_of(crowd, deal).token for deal in crowd.notices]
    return [one for one in (*never, "@kerr-sons.example", "the amount is") if one in log]


async def failed_events(office: Office) -> set[str]:
    return {m.event for m in await office.outbox() if m.state is MessageState.FAILED}


async def events(office: Office) -> list[str]:
    return [m.event for m in await office.outbox()]


async def seen(office: Office, deal: str) -> bool:
    log = office.config.with_suffix(".log").read_text(encoding="utf-8")
    return any('"deal.told"' in line and f'"deal": "{deal}"' in line for line in log.splitlines())
