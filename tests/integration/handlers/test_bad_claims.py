"""Claims that nobody should believe: each ends in a clear answer, and nothing wrong is in the CRM."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.registrations import State
from bot.domain.terms import Terms
from bot.ports import Disposition
from tests.integration.handlers.desk import JULIA, PRIYA, Desk, desk
from tests.integration.handlers.test_registering import WHOLE, approved, claims, deal_of, registered

ALONE = Terms(approve_below=Decimal(10**12), own_domains=frozenset({"meridian.example"}))
FORM = """Please register this deal:

Company: {company}
Contact: Karin Holm, karin.holm@nordwind.example
Amount: {amount}
Expected close: {close}
"""


def form(company: str = "Nordwind Logistik AG", amount: str = "85,000 EUR", close: str = "2027-03-31") -> str:
    return FORM.format(company=company, amount=amount, close=close)


@pytest.fixture
async def office(tmp_path):
    """Everything that no rule refuses is approved at once."""
    async with desk(tmp_path, terms=ALONE) as running:
        yield running


async def deals(office: Desk) -> list[str]:
    found = [await office.crm.deal_by_registration(c.number) for c in await claims(office)]
    return [d.name for d in found if d is not None]


@pytest.mark.parametrize(
    "amount", ["0 EUR", "0", "-5,000 EUR", "1,000,000,000,000,000 EUR", "1e15 EUR", "a lot", "?", ""]
)
async def test_an_amount_that_nobody_means_is_asked_for_or_refused(office: Desk, amount):
    await office.mail(form(amount=amount))
    (claim,) = await claims(office)
    assert claim.state in {State.DRAFT, State.REFUSED}
    assert await deals(office) == []
    assert claim.number in office.last().text
    assert await office.failures() == []


@pytest.mark.parametrize("close", ["2019-03-31", "last year", "31.02.2027", "never"])
async def test_a_close_date_that_nobody_means_is_asked_for_or_refused(office: Desk, close):
    await office.mail(form(close=close))
    (claim,) = await claims(office)
    assert claim.state in {State.DRAFT, State.REFUSED}
    assert await deals(office) == []
    assert await office.failures() == []


@pytest.mark.parametrize("contact", ["kim@meridian.example", "kim@sales.meridian.example"])
async def test_the_vendors_own_company_is_nobodys_deal(office: Desk, contact):
    await office.mail(WHOLE.replace("karin.holm@nordwind.example", contact))
    (claim,) = await claims(office)
    assert claim.state is State.REFUSED
    assert await deals(office) == []


@pytest.mark.parametrize(
    "company",
    [
        'Nordwind "North" & Söhne GmbH',
        "O'Reilly's <b>Best</b> Ltd",
        "🚀 Rocket 🚀 GmbH",
        "Müller {{ 7*7 }} AG",
        "北风物流",
        "<script>alert(1)</script> Ltd",
        "A" * 300,
        "Nord\u202ewind AG",
    ],
)
async def test_a_strange_name_is_kept_as_it_was_said(office: Desk, company):
    await office.mail(form(company=company))
    (claim,) = await claims(office)
    assert claim.state is State.APPROVED
    assert claim.company_key
    deal = await deal_of(office, claim)
    assert deal.amount == Decimal(85000)
    told = office.last()
    assert "<script>" not in told.html
    assert "<b>Best" not in told.html
    assert "\n" not in told.subject
    assert await office.failures() == []


@pytest.mark.parametrize("company", ["!!!", "---", "🚀🚀", "?", "..."])
async def test_a_name_without_a_letter_is_asked_for(office: Desk, company):
    await office.mail(form(company=company))
    (claim,) = await claims(office)
    assert claim.state is State.DRAFT
    assert await deals(office) == []


async def test_an_attachment_instead_of_words_is_told_to_be_no_registration(office: Desk):
    message = office.raw_mail("").decode()
    head, _, _ = message.partition("\n\n")
    head = "\n".join(line for line in head.split("\n") if not line.lower().startswith(("content-", "mime-")))
    body = (
        '\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n\n--b\n'
        'Content-Type: application/pdf; name="deal.pdf"\nContent-Disposition: attachment; filename="deal.pdf"\n'
        "Content-Transfer-Encoding: base64\n\nJVBERi0=\n--b--\n"
    )
    inbound = await office.raw((head + body).encode())
    assert inbound.disposition is not Disposition.APPLIED
    assert await claims(office) == []
    assert len([m for m in office.post.sent if m.to_address == JULIA]) == 1


async def test_too_many_in_an_hour_are_refused_and_told_so_once(tmp_path):
    async with desk(tmp_path, terms=Terms(per_hour=2)) as office:
        ends = [
            (await office.mail(WHOLE.replace("Nordwind Logistik", name))).disposition
            for name in ("Alster Werft", "Bornholm Ferries", "Cuxhaven Fisch", "Dornbirn Textil", "Emden Hafen")
        ]
        assert len(await claims(office)) == 2
        assert ends[2:] == [Disposition.REFUSED] * 3
        assert len([m for m in office.post.sent if "a lot of registrations" in m.text]) == 1


async def test_the_story_of_a_registration_is_told_whole(tmp_path, capsys):
    from bot.cli.registration import _tell

    async with desk(tmp_path) as office:
        await registered(office)
        await office.mail("Do they have budget?", sender=PRIYA, to=office.last(PRIYA))
        await office.mail("Yes, signed off by the CFO.", to=office.last())
        await office.mail("Rejected: we sell there ourselves.", sender=PRIYA, to=office.last(PRIYA))
        await office.mail("We disagree, we met them in May.", to=office.last())
        await approved(office)
        await office.mail("We withdraw the Nordwind registration.", to=office.last())
        (claim,) = await claims(office)
        async with office.store.unit() as unit:
            history = await unit.history(claim.id)
        _tell(claim, history)
        told = capsys.readouterr().out
        said = ("claimed", "asked", "question", "answer", "refused", "objection", "taken_up", "approved", "protected")
        places = [told.index(f" {event} ") for event in said]
        assert places == sorted(places)
        for words in (
            "budget?",
            "signed off by the CFO",
            "we sell there ourselves",
            "we met them in May",
            "given_back",
        ):
            assert words in told
