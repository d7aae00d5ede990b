"""Who was refused only because of somebody else's claim is judged again when that claim ends: nobody is forgotten."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.partners import Channel, Contact, Partner
from bot.domain.registrations import State
from bot.domain.terms import Conflict, Terms
from tests.integration.handlers.desk import JULIA, LUKAS, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import WHOLE, approved, claims, events, registered

NORA = "nora@fjord.example"
BEGUN = "Please register a deal for Nordwind Logistik AG, about 85,000 EUR."
REST = "Contact is Karin Holm, karin.holm@nordwind.example. Closing end of March 2027."
SUBMITTED, REFUSED, APPROVED, DRAFT = State.SUBMITTED, State.REFUSED, State.APPROVED, State.DRAFT


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as running:
        third(running)
        yield running


def third(office: Desk) -> None:
    office.crm.put_partner(Partner(id="P3", name="Fjord Partners", language="en", manager_id="M1"))
    nora = Contact(id="C4", partner_id="P3", name="Nora Lie", email=NORA, locale="en-GB", channels=(Channel.EMAIL,))
    office.crm.put_contact(nora)


async def states(office: Desk) -> list[State]:
    return [c.state for c in await claims(office)]


async def test_who_was_refused_because_of_a_draft_counts_again_once_it_is_dropped(office: Desk):
    await office.mail(BEGUN)
    second = await registered(office, sender=TOM)
    assert second.state is REFUSED
    await office.wait(days=15)
    assert await states(office) == [State.DROPPED, SUBMITTED]
    told = office.last(TOM).text
    assert second.number in told
    assert "It counts again" in told
    assert "Brandt" not in told
    assert second.number in office.last(PRIYA).subject
    await approved(office)
    assert await states(office) == [State.DROPPED, APPROVED]
    assert await events(office, second) == ["claimed", "refused", "freed", "asked", "approved", "protected"]
    assert await office.failures() == []


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
async def test_the_end_of_an_undecided_claim_frees_the_next_in_the_order_of_receipt(office: Desk, end):
    await registered(office)
    request, asked = office.last(PRIYA), office.last(JULIA)
    await registered(office, sender=TOM)
    await registered(office, sender=NORA)
    assert await states(office) == [SUBMITTED, REFUSED, REFUSED]
    sent = len(office.post.sent)
    if end == "withdrawn":
        await office.mail("Please withdraw the registration.", to=asked)
    else:
        await office.mail("Rejected: too early for them.", sender=PRIYA, to=request)
    assert (await states(office))[1:] == [SUBMITTED, REFUSED]
    assert [m.to_address for m in office.post.sent[sent:]].count(NORA) == 0  # nothing has changed for her
    await office.mail("Rejected: not yours either.", sender=PRIYA, to=office.last(PRIYA))
    assert (await states(office))[1:] == [REFUSED, SUBMITTED]
    assert "It counts again" in office.last(NORA).text


async def test_an_approval_frees_nobody_and_what_another_rule_refused_stays_refused(office: Desk):
    await office.mail(BEGUN)
    await registered(office, WHOLE.replace("85,000", "9,000,000,000,000"), sender=TOM)
    await registered(office, sender=NORA)
    await office.mail(REST, to=office.last(JULIA))
    await approved(office)
    assert await states(office) == [APPROVED, REFUSED, REFUSED]
    await office.mail("We withdraw the Nordwind registration.", to=office.last(JULIA))
    assert await states(office) == [State.RELEASED, REFUSED, REFUSED]


async def test_a_draft_that_turns_out_to_be_another_company_stands_in_nobodys_way(office: Desk):
    await office.mail("Please register a deal for Delta, about 85,000 EUR.")
    asked = office.last(JULIA)
    second = await registered(office, WHOLE.replace("Nordwind Logistik AG", "Delta GmbH"), sender=TOM)
    assert second.state is REFUSED
    await office.mail("Contact is Ole Brandt, ole@deltafaucet.example. Closing end of March 2027.", to=asked)
    assert await states(office) == [SUBMITTED, SUBMITTED]


async def test_who_is_refused_again_is_told_so_and_who_counts_again_is_asked_for_again(office: Desk):
    await office.mail(BEGUN)
    await registered(office, sender=TOM)
    await office.mail("Sorry, please withdraw this registration.", to=office.last(JULIA))
    assert (await states(office))[1] is SUBMITTED
    objected = office.last(PRIYA)
    await office.mail("Rejected: they buy from us.", sender=PRIYA, to=objected)
    await office.mail("We see that differently, we met them in May.", sender=TOM, to=office.last(TOM))
    assert "met them in May" in office.last(PRIYA).text


async def test_whoever_has_left_meanwhile_is_not_taken_up(office: Desk):
    await office.mail(BEGUN)
    await registered(office, sender=TOM)
    office.crm.put_contact(Contact(id="C3", partner_id=None, name="Tom Ashby", email=TOM))
    await office.mail("Sorry, please withdraw this registration.", to=office.last(JULIA))
    assert (await states(office))[1] is REFUSED
    assert await office.failures() == []


async def test_where_tiers_count_the_better_one_is_freed_to_the_front(tmp_path):
    terms = Terms(conflict=Conflict.TIER, tiers=("gold", "silver"))
    async with desk(tmp_path, terms=terms) as office:
        third(office)
        for partner, tier in (("P1", "gold"), ("P2", "silver"), ("P3", "gold")):
            office.crm.put_partner(Partner(id=partner, name=partner, language="en", tier=tier, manager_id="M1"))
        await office.mail(BEGUN)
        asked = office.last(JULIA)
        await registered(office, sender=TOM)
        await registered(office, sender=NORA)
        await office.mail("Sorry, please withdraw this registration.", to=asked)
        assert await states(office) == [State.WITHDRAWN, REFUSED, SUBMITTED]


STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "claim", "complete", "withdraw", "reject", "approve"]), st.integers(0, 3)),
    min_size=3,
    max_size=9,
)
PEOPLE = (JULIA, TOM, NORA, LUKAS)


class Play:
    """Four people of three partners and a manager, in any order; what each last heard is answered."""

    def __init__(self, office: Desk) -> None:
        self.office = office

    async def step(self, what: str, who: int) -> None:
        office, person = self.office, PEOPLE[who]
        mine = [m for m in office.post.sent if m.to_address == person]
        requests = [m for m in office.post.sent if m.to_address == PRIYA and " registers a " in m.subject]
        match what:
            case "begin":
                await office.mail(BEGUN, sender=person)
            case "claim":
                await office.mail(WHOLE, sender=person)
            case "complete" if mine:
                await office.mail(REST, sender=person, to=mine[-1])
            case "withdraw" if mine:
                await office.mail("Please withdraw the registration.", sender=person, to=mine[-1])
            case "reject" | "approve" if requests:
                request = requests[who % len(requests)]
                words = "approved" if what == "approve" else "Rejected: too early."
                await office.mail(words, sender=PRIYA, to=request)

    async def nobody_is_forgotten(self) -> None:
        """At most one holder; and where nobody is left who stands first, nobody waits behind."""
        everybody = await claims(self.office)
        live = [c for c in everybody if c.state in {DRAFT, SUBMITTED, APPROVED}]
        assert sum(c.state is APPROVED for c in everybody) <= 1
        waiting = [c for c in everybody if c.state is REFUSED and c.decided_by == "policy"]
        held = any(c.state in {State.RELEASED, State.EXPIRED} for c in everybody)
        for c in waiting:
            own = [o for o in live if o.partner_id == c.partner_id]
            earlier = [o for o in live if (o.claimed_at, o.id) < (c.claimed_at, c.id)]
            assert own or earlier or held or any(o.state is APPROVED for o in live), c
        undecided = [c for c in live if c.state is SUBMITTED]
        for one, other in itertools.pairwise(undecided):
            taken_up = {"taken_up"} & {*(await events(self.office, one)), *(await events(self.office, other))}
            assert taken_up, "two undecided claims on one company"
        numbers = [c.number for c in everybody]
        made = [n for n in numbers if await self.office.crm.deal_by_registration(n) is not None]
        assert len(made) == sum(c.deal_id is not None for c in everybody)
        assert await self.office.failures() == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_in_whatever_order_claims_are_made_completed_and_ended_one_holds_and_nobody_is_forgotten(steps):
    async def play() -> None:
        with TemporaryDirectory() as folder:
            async with desk(Path(folder), slack=False) as office:
                third(office)
                acting = Play(office)
                for what, who in steps:
                    await acting.step(what, who)
                    await acting.nobody_is_forgotten()

    asyncio.run(play())
