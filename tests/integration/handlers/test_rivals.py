"""Several at once: whatever crosses, one company has one holder, and everybody is told the truth."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.partners import Partner
from bot.domain.registrations import Registration, State
from bot.domain.terms import Conflict, Overlap, Terms
from tests.databases import POSTGRES, fresh
from tests.integration.handlers.desk import JULIA, LUKAS, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import WHOLE, approved, claims, events, registered

ALONE = Terms(approve_below=Decimal(100_000))  # nobody is asked
OTHER_NAME = WHOLE.replace("Nordwind Logistik AG", "NWL Holding")  # the same web domain
SAME_NAME = WHOLE.replace("Nordwind Logistik AG", "NORDWIND Logistik")


async def at_once(office: Desk, *mails: bytes) -> None:
    await asyncio.gather(*(office.put(raw) for raw in mails))
    await office.settle()


async def holders(office: Desk) -> list[Registration]:
    return [c for c in await claims(office) if c.state is State.APPROVED]


async def deals_made(office: Desk) -> list[str]:
    numbers = [c.number for c in await claims(office)]
    return [n for n in numbers if await office.crm.deal_by_registration(n) is not None]


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rival", [WHOLE, OTHER_NAME, SAME_NAME], ids=["same words", "same domain", "same name"])
async def test_two_claims_at_the_same_instant_have_one_holder(tmp_path, kind, seed, rival):
    dice = random.Random(seed)  # noqa: S311 - an order, no secret
    async with desk(tmp_path, terms=ALONE, url=fresh(kind, tmp_path)) as office:
        mails = [office.raw_mail(WHOLE, sender=JULIA), office.raw_mail(rival, sender=TOM)]
        dice.shuffle(mails)
        await at_once(office, *mails)
        assert Counter(c.state for c in await claims(office)) == {State.APPROVED: 1, State.REFUSED: 1}
        (holder,) = await holders(office)
        assert await deals_made(office) == [holder.number]
        assert await office.failures() == []


async def test_of_many_claims_one_holds_and_all_others_are_told(tmp_path):
    async with desk(tmp_path, terms=ALONE) as office:
        senders = [JULIA, TOM, LUKAS, JULIA, TOM]
        await at_once(office, *(office.raw_mail(WHOLE, sender=s) for s in senders))
        states = Counter(c.state for c in await claims(office))
        assert states == {State.APPROVED: 1, State.REFUSED: 4}
        assert len(await deals_made(office)) == 1


async def test_a_yes_and_a_withdrawal_that_cross_end_in_one_of_both(tmp_path):
    for order in (0, 1):
        folder = tmp_path / str(order)
        folder.mkdir()
        async with desk(folder) as office:
            claim = await registered(office)
            mails = [
                office.raw_mail("approved", sender=PRIYA, to=office.last(PRIYA)),
                office.raw_mail("Please withdraw the registration.", to=office.last(JULIA)),
            ]
            await at_once(office, *(mails if order else reversed(mails)))
            (claim,) = await claims(office)
            deal = await office.crm.deal_by_registration(claim.number)
            if claim.state is State.WITHDRAWN:
                assert deal is None
                assert "withdrawn" in office.last(PRIYA).text
            else:
                assert claim.state is State.RELEASED
                assert deal is not None
                assert (deal.registration_status, deal.protected_until) == ("released", None)
            assert await office.failures() == []


async def test_two_yeses_at_once_make_one_deal_and_one_of_them_is_told_so(tmp_path):
    async with desk(tmp_path) as office:
        claim = await registered(office)
        request = office.last(PRIYA)
        before = len(office.post.sent)
        await at_once(office, *(office.raw_mail("approved", sender=PRIYA, to=request) for _ in range(2)))
        assert await deals_made(office) == [claim.number]
        told = [m.text for m in office.post.sent[before:] if m.to_address == PRIYA]
        assert len(told) == 2
        assert sum("already" in text for text in told) == 1
        assert (await events(office, claim)).count("approved") == 1


async def test_yeses_to_two_rivals_at_once_have_one_holder(tmp_path):
    async with desk(tmp_path, terms=Terms(overlap=Overlap.MANAGER)) as office:
        await registered(office)
        first = office.last(PRIYA)
        await registered(office, sender=TOM)
        second = office.last(PRIYA)
        await at_once(office, *(office.raw_mail("approved", sender=PRIYA, to=r) for r in (first, second)))
        assert len(await holders(office)) == 1
        assert len(await deals_made(office)) == 1


async def test_where_tiers_count_the_better_one_overtakes_what_is_undecided(tmp_path):
    terms = Terms(conflict=Conflict.TIER, tiers=("gold", "silver"))
    async with desk(tmp_path, terms=terms) as office:
        office.crm.put_partner(Partner(id="P1", name="Brandt IT GmbH", language="en", tier="silver", manager_id="M1"))
        office.crm.put_partner(Partner(id="P2", name="Ashby Digital", language="en", tier="gold", manager_id="M1"))
        await registered(office)
        await registered(office, sender=TOM)
        assert [c.state for c in await claims(office)] == [State.REFUSED, State.SUBMITTED]
        assert "Ashby" not in office.last(JULIA).text
        await approved(office)
        assert [c.partner_id for c in await holders(office)] == ["P2"]


async def test_an_answer_that_crosses_the_dropping_of_its_draft_is_not_overwritten(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
        asked = office.last()
        office.clock.ahead += timedelta(days=Terms().draft_days, minutes=1)
        office.engine.nudge()
        answer = "Contact is Karin Holm, karin.holm@nordwind.example. Closing end of March 2027."
        await at_once(office, office.raw_mail(answer, to=asked))
        drafts = await claims(office)
        assert {c.state for c in drafts} <= {State.SUBMITTED, State.DROPPED}
        told = office.last(JULIA).text
        assert any(c.number in told for c in drafts)
        assert await office.failures() == []


async def test_a_draft_answered_twice_is_one_registration(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.", sender=TOM)
        asked = office.last(TOM)
        answer = "Contact is Karin Holm, karin.holm@nordwind.example. Closing end of March 2027."
        deal = await office.deal("D3")
        await at_once(office, *(office.raw_mail(answer, sender=TOM, to=asked) for _ in range(2)))
        (claim,) = await claims(office)
        assert claim.state is State.SUBMITTED
        assert await office.deal("D3") == deal
        assert await office.failures() == []


async def test_a_draft_is_not_answered_by_another_partner(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
        answer = "Contact is Karin Holm, karin.holm@nordwind.example. Closing end of March 2027."
        before = await claims(office)
        await office.mail(answer, sender=TOM, to=office.last(JULIA))
        assert await claims(office) == before


async def test_a_draft_answered_in_a_new_mail_changes_no_deal(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.", sender=TOM)
        deal = await office.deal("D3")
        await office.mail("For REG-1001 the close date is end of March 2027.", sender=TOM)
        assert await office.deal("D3") == deal


ALSTER = (
    "We'd also like to register a deal: Alster Werft GmbH, contact Ole Brandt (ole@alster.example), "
    "40,000 EUR, closing end of May 2027."
)


async def test_two_whole_deals_in_one_mail_are_two_registrations(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail(f"{WHOLE}\n\n{ALSTER}")
        drafts = [c.draft for c in await claims(office)]
        assert [d.amount for d in drafts] == [Decimal(85000), Decimal(40000)]
        assert [d.close_date and d.close_date.month for d in drafts] == [3, 5]
        told = office.last().text
        assert "REG-1001" in told
        assert "REG-1002" in told
        await office.mail("Please withdraw the Alster registration.", to=office.last())
        assert [c.state for c in await claims(office)] == [State.SUBMITTED, State.WITHDRAWN]


async def test_a_registration_and_news_of_a_deal_in_one_mail(tmp_path):
    async with desk(tmp_path) as office:
        await office.mail(WHOLE + "\n\nAnd on Acme rollout: the amount is 60,000 EUR now.")
        (claim,) = await claims(office)
        assert (claim.state, claim.draft.amount) == (State.SUBMITTED, Decimal(85000))
        assert (await office.deal("D1")).amount == Decimal(60000)
        told = office.last().text
        assert claim.number in told
        assert "60,000" in told


async def test_a_yes_after_the_end_is_told_that_it_was_decided(tmp_path):
    async with desk(tmp_path) as office:
        await registered(office)
        request = office.last(PRIYA)
        await approved(office)
        await office.wait(days=93)
        sent = len(office.post.sent)
        await office.mail("approved", sender=PRIYA, to=request)
        assert (await claims(office))[0].state is State.EXPIRED
        assert [m.to_address for m in office.post.sent[sent:]] == [PRIYA]
        assert "already" in office.last(PRIYA).text
