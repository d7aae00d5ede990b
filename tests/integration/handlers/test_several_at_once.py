"""Several deals in one mail: each is a registration, one mail acknowledges them all, one answer completes them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.registrations import State
from tests.integration.handlers.desk import JULIA, PRIYA, TOM, Desk, desk
from tests.integration.handlers.test_registering import claims

LIST = """I'd like to register two deals:

1. Nordwind Logistik AG, contact Karin Holm (karin.holm@nordwind.example), 85,000 EUR, end of March 2027
2. Alster Werft GmbH, contact Ole Brandt (ole@alster.example), 40,000 EUR, end of May 2027
"""
WITHOUT_ADDRESSES = {
    "bullets": """Hi Priya,
we'd like to register two deals:
- Nordwind Logistik AG, 85,000 EUR, end of March 2027
- Alster Werft GmbH: 40k EUR, May 2027

Thanks
""",
    "lines": """Please register two deals:
Nordwind Logistik AG; 85,000 EUR; 31 March 2027
Alster Werft GmbH; 40,000 EUR; 31 May 2027
""",
    "a sentence": "Please register Nordwind Logistik AG (85,000 EUR, end of March 2027) and Alster Werft GmbH "
    "(40,000 EUR, end of May 2027).",
    "sentences": "I'd like to register Nordwind Logistik AG, 85,000 EUR, closing end of March 2027. "
    "I'd also like to register Alster Werft GmbH, 40,000 EUR, closing end of May 2027.",
    "forms": """I'd like to register:

Company: Nordwind Logistik AG
Amount: 85,000 EUR
Close date: 31 March 2027

Company: Alster Werft GmbH
Amount: 40,000 EUR
Close date: 31 May 2027
""",
}


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as running:
        yield running


async def test_a_list_of_whole_deals_is_a_registration_each_and_one_acknowledgement(office: Desk):
    before = await office.deal("D3")
    await office.mail(LIST, sender=TOM)
    both = await claims(office)
    assert [c.state for c in both] == [State.SUBMITTED] * 2
    assert [(c.draft.company, c.draft.amount, c.domain) for c in both] == [
        ("Nordwind Logistik AG", Decimal(85000), "nordwind.example"),
        ("Alster Werft GmbH", Decimal(40000), "alster.example"),
    ]
    (told,) = [m for m in office.post.sent if m.to_address == TOM]
    assert told.subject == "Re: Hello"
    assert all(c.number in told.text for c in both)
    assert len([m for m in office.post.sent if m.to_address == PRIYA]) == 2
    assert await office.deal("D3") == before


@pytest.mark.parametrize("words", WITHOUT_ADDRESSES.values(), ids=WITHOUT_ADDRESSES.keys())
async def test_deals_without_addresses_are_kept_apart_and_completed_by_one_answer(office: Desk, words):
    before = await office.deal("D3")
    await office.mail(words, sender=TOM)  # Tom has one deal, which none of this is about
    assert [(c.state, c.draft.company, c.draft.amount) for c in await claims(office)] == [
        (State.DRAFT, "Nordwind Logistik AG", Decimal(85000)),
        (State.DRAFT, "Alster Werft GmbH", Decimal(40000)),
    ]
    (asked,) = [m for m in office.post.sent if m.to_address == TOM]
    assert asked.text.count("still needed: a contact there") == 2
    answer = "Nordwind: Karin Holm, karin.holm@nordwind.example\nAlster: Ole Brandt, ole@alster.example"
    await office.mail(answer, sender=TOM, to=asked)
    both = await claims(office)
    assert [(c.state, c.draft.contact_name, c.domain) for c in both] == [
        (State.SUBMITTED, "Karin Holm", "nordwind.example"),
        (State.SUBMITTED, "Ole Brandt", "alster.example"),
    ]
    assert await office.deal("D3") == before
    assert await office.failures() == []


async def test_what_is_said_of_one_completes_it_alone_and_the_thread_waits_for_the_other(office: Desk):
    await office.mail(WITHOUT_ADDRESSES["bullets"])
    asked = office.last()
    await office.mail("Alster: Ole Brandt, ole@alster.example", to=asked)
    assert [c.state for c in await claims(office)] == [State.DRAFT, State.SUBMITTED]
    await office.mail("Karin Holm, karin.holm@nordwind.example", to=office.last())
    assert [c.state for c in await claims(office)] == [State.SUBMITTED] * 2
    assert (await claims(office))[0].draft.contact_name == "Karin Holm"


async def test_an_answer_that_names_none_of_several_is_for_a_person(office: Desk):
    await office.mail(WITHOUT_ADDRESSES["bullets"])
    before = await claims(office)
    await office.mail("Ann Lee, ann@lee.example", to=office.last())
    assert await claims(office) == before
    assert "Ann Lee" in office.last(PRIYA).text


@pytest.mark.parametrize(
    "words",
    [
        "Please register:\n- Nordwind Logistik AG\n- Karin Holm, karin.holm@nordwind.example\n- 85k EUR\n- March 2027",
        "I'd like to register Nordwind Logistik AG:\n- 85,000 EUR\n- Karin Holm\n- end of March 2027",
        "Please register:\n\nCompany: Nordwind Logistik AG\nContact: Karin Holm\nAmount: 85,000 EUR\nClose: 2027-03-31",
    ],
)
async def test_the_lines_of_one_deal_are_one_registration(office: Desk, words):
    await office.mail(words)
    (claim,) = await claims(office)
    assert claim.draft.amount == Decimal(85000)
    assert len([m for m in office.post.sent if m.to_address == JULIA]) == 1


async def test_who_claims_it_whole_in_a_new_mail_completes_what_was_begun(office: Desk):
    await office.mail("Please register a deal for Nordwind Logistik AG, about 85,000 EUR.")
    (begun,) = await claims(office)
    await office.mail(
        "I'd like to register a deal: Nordwind Logistik, contact Karin Holm, 90,000 EUR, end of March 2027."
    )
    (claim,) = await claims(office)
    assert (claim.number, claim.state, claim.draft.amount) == (begun.number, State.SUBMITTED, Decimal(90000))
    assert claim.claimed_at == begun.claimed_at
