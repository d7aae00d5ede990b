"""Several partners on one deal: a manager lets a second one share, each sees and is told its own part and no more, and
only the first one's words change the deal.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.credits import Split, credits_in, total
from bot.domain.deals import Deal, DealField
from bot.domain.partners import Channel, Contact, Partner
from bot.domain.registrations import Registration, State
from bot.domain.terms import Overlap, Terms
from bot.errors import TransientError, UnknownOutcomeError
from bot.slack.events import Kind
from tests.integration.handlers.desk import JULIA, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import WHOLE, approved, claims, deal_of, events, registered
from tests.integration.handlers.test_rivals import at_once

SHARED = Terms(overlap=Overlap.SHARE)
ANA = "ana@cobalt.example"
#: What of the others must not stand in anything that a partner reads.
OF_JULIAS = ("Brandt", "Julia", "70", "REG-1001")
OF_TOMS = ("Ashby", "Tom ", "30 %", "REG-1002")


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path, terms=SHARED) as running:
        running.crm.put_partner(Partner(id="P3", name="Cobalt Partners", language="en", manager_id="M1"))
        ana = Contact(id="C9", partner_id="P3", name="Ana Roth", email=ANA, channels=(Channel.EMAIL,))
        running.crm.put_contact(replace(ana, locale="en-GB", timezone="Europe/Berlin"))
        yield running


async def held(office: Desk) -> Deal:
    """The deal of Julia's approved registration."""
    claim = await registered(office)
    await approved(office)
    return await deal_of(office, claim)


async def shared(office: Desk, words: str = "approved", sender: str = TOM) -> tuple[Deal, Registration]:
    """Julia's deal after the manager has answered another partner's claim with these words, and that claim."""
    deal = await held(office) if len(await claims(office)) == 0 else None
    await registered(office, sender=sender)
    await approved(office, words)
    claim = (await claims(office))[-1]
    return await office.deal(deal.id if deal else (await claims(office))[0].deal_id or ""), claim


def parts(deal: Deal) -> dict[str, Decimal | None]:
    return {str(deal.partner_id): deal.share, **{c.partner_id: c.share for c in credits_in(deal.credits)}}


# ---- a second partner ---------------------------------------------------------------------------------------


async def test_a_second_partner_shares_the_deal_when_the_manager_approves(office: Desk):
    deal = await held(office)
    await registered(office, sender=TOM)
    assert "Approve (30" in office.last(PRIYA).text
    await approved(office)
    deal = await office.deal(deal.id)
    assert parts(deal) == {"P1": 70, "P2": 30}
    assert deal.credits == "P2 influenced 30 REG-1002"
    claim = (await claims(office))[-1]
    assert (claim.state, claim.deal_id, claim.share) == (State.APPROVED, deal.id, Decimal(30))
    assert await office.crm.deal_by_registration("REG-1002") is None  # no deal of its own
    told = office.last(TOM)
    assert "30\N{NO-BREAK SPACE}%" in told.text or "30 %" in told.text
    assert "protected" not in told.text
    assert not [word for word in OF_JULIAS if word in told.text]
    assert await office.failures() == []


async def test_the_owner_hears_of_its_new_share_and_of_nobody_else(office: Desk):
    deal = await held(office)
    assert await office.moved(deal.id, next_step="call") is not None  # from here on, changes are looked for
    before = len(office.post.sent)
    await registered(office, sender=TOM)
    await approved(office)
    await office.moved(deal.id)
    told = [m for m in office.post.sent[before:] if m.to_address == JULIA]
    assert len(told) == 1
    assert "70" in told[0].text
    assert not [word for word in OF_TOMS if word in told[0].text]
    assert len([m for m in office.post.sent[before:] if m.to_address == TOM]) == 2  # received, approved


@pytest.mark.parametrize(
    ("words", "share", "owner", "source"),
    [
        ("approve with 20 %", "20", "80", "influenced"),
        ("Approved with 12.5% as sourced.", "12.5", "87.5", "sourced"),
        ("Genehmigt mit 5 Prozent", "5", "95", "influenced"),
    ],
)
async def test_the_manager_may_name_another_share(office: Desk, words, share, owner, source):
    deal, _ = await shared(office, words)
    assert parts(deal) == {"P1": Decimal(owner), "P2": Decimal(share)}
    assert credits_in(deal.credits)[0].source == source


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("approve with 40 %", "only 30"),
        ("approve with 20 % or 25 %", "which share"),
        ("approved\n\nPS: all trainings now 15 % off!", "which share"),
        ("approve with 0 %", "which share"),
    ],
)
async def test_a_share_that_is_too_much_or_unclear_is_asked_again(office: Desk, words, answer):
    deal, claim = await shared(office, words)
    assert answer in office.last(PRIYA).text
    assert (claim.state, deal.credits, deal.share) == (State.SUBMITTED, None, Decimal(100))


async def test_when_nothing_is_left_a_third_partner_is_refused_with_the_reason(office: Desk):
    await shared(office)
    claim = await registered(office, sender=ANA)
    assert claim.state is State.REFUSED
    assert "All shares" in office.last(ANA).text
    assert not [word for word in (*OF_JULIAS, *OF_TOMS) if word in office.last(ANA).text]


async def test_what_is_left_goes_to_a_third_partner(office: Desk):
    await shared(office, "approve with 20 %")
    deal, claim = await shared(office, "approved", sender=ANA)
    assert claim.state is State.APPROVED
    assert parts(deal) == {"P1": 70, "P2": 20, "P3": 10}


async def test_two_yeses_at_once_never_give_more_than_all(office: Desk):
    deal = await held(office)
    requests = []
    for sender in (TOM, ANA):
        await registered(office, sender=sender)
        requests.append(office.last(PRIYA))
    await at_once(office, *(office.raw_mail("approved", sender=PRIYA, to=r) for r in requests))
    deal = await office.deal(deal.id)
    assert total(deal) <= 100
    assert len(credits_in(deal.credits)) == 1
    assert sorted(c.state for c in await claims(office)) == [State.APPROVED, State.APPROVED, State.REFUSED]
    assert await office.failures() == []


async def test_two_claims_at_the_same_instant_make_one_deal_with_two_partners(office: Desk):
    await at_once(office, *(office.raw_mail(WHOLE, sender=s) for s in (JULIA, TOM)))
    requests = [m for m in office.post.sent if m.to_address == PRIYA]
    assert len(requests) == 2
    await at_once(office, *(office.raw_mail("approved", sender=PRIYA, to=r) for r in requests))
    first, second = sorted(await claims(office), key=lambda c: c.shares_deal is not None)
    deal = await deal_of(office, first)
    assert second.shares_deal == deal.id
    assert set(parts(deal).values()) == {30, 70}
    assert await office.failures() == []


async def test_a_crash_between_write_and_note_gives_the_share_once(office: Desk):
    await held(office)
    await registered(office, sender=TOM)
    office.crm.fail_next("write", UnknownOutcomeError("cut"), after=True)
    office.crm.fail_next("add_partner", TransientError("busy"))
    await approved(office)
    deal = await office.deal((await claims(office))[0].deal_id or "")
    assert parts(deal) == {"P1": 70, "P2": 30}
    assert len([m for m in office.post.sent if m.to_address == TOM and "you have a share" in m.text]) == 1


async def test_credits_that_a_person_wrote_and_nobody_can_read_are_left_alone(office: Desk):
    deal = await held(office)
    office.crm.move(deal.id, {DealField.CREDITS: "ask Priya"})
    await registered(office, sender=TOM)
    await approved(office)
    assert (await office.deal(deal.id)).credits == "ask Priya"
    assert (await claims(office))[-1].state is State.SUBMITTED
    assert "REG-1001 holds" in office.last(PRIYA).text


# ---- each its own -----------------------------------------------------------------------------------------


async def test_a_move_is_told_to_each_with_its_own_share_only(office: Desk):
    deal, _ = await shared(office)
    before = len(office.post.sent)
    await office.moved(deal.id, stage="Qualification", next_step="Julia of Brandt IT calls")
    told = {m.to_address: m.text for m in office.post.sent[before:]}
    assert set(told) == {JULIA, TOM}
    assert "Qualification" in told[JULIA]
    assert "Qualification" in told[TOM]
    assert "70" in told[JULIA]
    assert "30" in told[TOM]
    assert not [word for word in OF_TOMS if word in told[JULIA]]
    assert not [word for word in OF_JULIAS if word in told[TOM]]


async def test_what_the_owner_writes_is_told_to_the_others(office: Desk):
    deal, _ = await shared(office)
    before = len(office.post.sent)
    await office.mail("Nordwind moves to Qualification, now 90k. Next step: Julia calls", to=office.last(JULIA))
    told = [m for m in office.post.sent[before:] if m.to_address == TOM]
    assert (await office.deal(deal.id)).stage == "Qualification"
    assert len(told) == 1
    assert "Qualification" in told[0].text
    assert "Julia" not in told[0].text


async def test_the_list_and_the_status_show_a_sharers_own_part(office: Desk):
    await shared(office)
    await office.mail("What is the status of Nordwind?", sender=TOM)
    status = office.last(TOM).text
    assert "Nordwind" in status
    assert "30" in status
    assert not [word for word in OF_JULIAS if word in status]
    await office.mail("What is the status of Nordwind?")
    assert "70" in office.last(JULIA).text


# ---- who may change what ----------------------------------------------------------------------------------


async def test_a_sharers_words_are_proposed_to_the_manager_and_change_nothing(office: Desk):
    deal, _ = await shared(office)
    before = len(office.post.sent)
    await office.mail("REG-1002: amount is 95k now", sender=TOM)
    assert (await office.deal(deal.id)).amount == 85000
    proposal = office.last(PRIYA)
    assert "95,000" in proposal.text
    await office.mail("approved", sender=PRIYA, to=proposal)
    assert (await office.deal(deal.id)).amount == 95000
    assert "95,000" in office.last(TOM).text
    assert "undo" not in office.last(TOM).text.lower()
    told = [m for m in office.post.sent[before:] if m.to_address == JULIA]
    assert len(told) == 1
    assert "95,000" in told[0].text
    await office.mail("undo", sender=TOM, to=office.last(TOM))
    assert (await office.deal(deal.id)).amount == 95000


async def test_a_sharer_cannot_extend_what_is_not_theirs(office: Desk):
    deal, _ = await shared(office)
    await office.mail("Please extend REG-1002 by 10 days", sender=TOM)
    assert await office.deal(deal.id) == deal
    assert str(deal.protected_until) not in office.last(TOM).text
    assert "February" not in office.last(TOM).text


# ---- giving it back ---------------------------------------------------------------------------------------


async def test_a_share_that_is_given_back_is_free_and_the_deal_stays_the_owners(office: Desk):
    deal, claim = await shared(office)
    await office.mail("Please withdraw REG-1002.", sender=TOM)
    after = await office.deal(deal.id)
    assert parts(after) == {"P1": 70}
    assert (after.registration_status, after.protected_until) == ("protected", deal.protected_until)
    assert (await claims(office))[-1].state is State.RELEASED
    assert "given back" in office.last(TOM).text
    assert "30" in office.last(PRIYA).text
    assert "given_back" in await events(office, claim)
    await office.mail("What is the status of Nordwind?", sender=TOM)
    assert "Deal Registration" not in office.last(TOM).text
    deal, _ = await shared(office, sender=ANA)
    assert parts(deal) == {"P1": 70, "P3": 30}
    assert await office.failures() == []


async def test_whoever_a_person_takes_out_in_the_crm_is_told_once_and_sees_no_more(office: Desk):
    deal, _ = await shared(office)
    await office.moved(deal.id, credits=None, stage="Qualification")
    told = office.last(TOM).text
    assert "→ –" in told
    assert "Qualification" not in told
    assert (await claims(office))[-1].state is State.RELEASED
    assert "Qualification" in office.last(JULIA).text
    assert not [word for word in OF_TOMS if word in office.last(JULIA).text]


async def test_a_share_that_a_person_gives_in_the_crm_is_told_to_whom_it_is_given(office: Desk):
    deal = await held(office)
    await office.moved(deal.id, credits="P2 sourced 25 %", share=Decimal(75))
    assert "25" in office.last(TOM).text
    assert "75" in office.last(JULIA).text
    assert not [word for word in OF_JULIAS if word in office.last(TOM).text]


async def test_a_managers_command_in_slack_names_the_share(office: Desk):
    await held(office)
    await registered(office, sender=TOM)
    await office.slack("U_PRIYA", "approve REG-1002 20 % as sourced", kind=Kind.COMMAND, channel="C_MGR", ts="")
    deal = await office.deal((await claims(office))[0].deal_id or "")
    assert deal.credits == "P2 sourced 20 REG-1002"
    assert "20 % as" not in office.last(TOM).text  # no reason, and not for the partner


async def test_the_owner_may_still_give_back_and_extend(office: Desk):
    deal, _ = await shared(office)
    await office.mail("Please withdraw REG-1001.", sender=JULIA)
    after = await office.deal(deal.id)
    assert (after.registration_status, after.credits) == ("released", deal.credits)


async def test_where_credit_is_not_shared_a_rival_is_refused_as_before(tmp_path):
    async with desk(tmp_path, terms=Terms(split=Split(owner=Decimal(50), further=Decimal(50)))) as office:
        await held(office)
        claim = await registered(office, sender=TOM)
        assert claim.state is State.REFUSED
