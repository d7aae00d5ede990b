"""What every CRM does for registrations (bot.ports.RegistrationDesk)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest

from bot.domain.accounts import Account
from bot.domain.deals import Deal, DealField, FieldChange, Outcome
from bot.domain.partners import Contact, Motion
from bot.ports import NewDeal, RefusedFieldsError
from tests.contracts.crm.names import (
    ACME,
    ASHBYS,
    BRANDT,
    CONTOSO,
    DIRECT,
    EVE,
    JULIA,
    LOST,
    MUELLER,
    NOBODYS,
    PRIYA,
    ROLLOUT,
    SECOND,
)
from tests.contracts.crm.worlds import World

T = TypeVar("T")
NEW = NewDeal(
    registration="REG-1042",
    name="Elbtal time tracking",
    partner_id=BRANDT,
    motion=Motion.RESELLER,
    stage="Deal Registration",
    company="Elbtal „Bau“ & Söhne GmbH 🏗",
    domain="elbtal.example",
    account_id=None,
    contact_name="Petra van der Meer",
    contact_email="Petra@elbtal.example",
    amount=Decimal("31000.50"),
    currency="USD",
    close_date=date(2027, 3, 31),
    protected_until=date(2027, 2, 22),
    source="sourced",
    share=Decimal("62.5"),
    tier="gold",
    certification="certified",
    need="Time tracking for 400 people",
    owner_id=PRIYA,
    partner_contact_id=JULIA,
)


async def soon(ask: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> T:
    """Ask until the answer is good, two seconds at most: a search may lag."""
    for _ in range(40):
        if good(answer := await ask()):
            break
        await asyncio.sleep(0.05)
    return answer


def ids(records: Sequence[Account] | Sequence[Contact] | Sequence[Deal]) -> list[str]:
    return [record.id for record in records]


async def accounts(world: World, domain: str | None, name: str, *, count: int) -> tuple[Account, ...]:
    return await soon(lambda: world.crm.accounts_like(domain=domain, name=name), lambda found: len(found) == count)


# ---- accounts ---------------------------------------------------------------------------------------------


async def test_a_partner_is_read_with_its_certifications_and_territories(world: World) -> None:
    partner = await world.crm.partner(BRANDT)
    assert partner is not None
    assert (partner.certifications, partner.territories) == (("Sales", "Technical"), ("DE", "DACH"))


async def test_an_account_says_what_the_crm_knows_of_it(world: World) -> None:
    (contoso,) = await world.crm.accounts_like(domain="contoso.example", name="Something else")
    assert (contoso.id, contoso.name, contoso.domain) == (CONTOSO, "Contoso AG", "contoso.example")
    assert (contoso.country, contoso.segment, contoso.owner_id) == ("DE", "BANKING", PRIYA)
    assert (contoso.customer, contoso.partner, contoso.deals) == (True, False, ())


@pytest.mark.parametrize("name", ["Mueller Bau", "MÜLLER-Bau AG", "Muller", "„Müller“ Bau 😀"])
async def test_an_account_is_found_by_its_name_however_it_is_spelled(world: World, name: str) -> None:
    (mueller,) = await world.crm.accounts_like(domain=None, name=name)
    assert (mueller.id, mueller.customer, mueller.partner) == (MUELLER, False, False)


async def test_an_account_has_its_open_deals_those_of_direct_sales_too(world: World) -> None:
    (mueller,) = await world.crm.accounts_like(domain="mueller-bau.example", name="Müller Bau GmbH")
    assert [(d.id, d.partner_id, d.company) for d in mueller.deals] == [(DIRECT, None, "Müller Bau GmbH")]
    (acme,) = await world.crm.accounts_like(domain=None, name="Acme")
    assert acme.id == ACME
    assert sorted(ids(acme.deals)) == [ROLLOUT, SECOND, ASHBYS, NOBODYS]
    assert all(d.outcome is Outcome.OPEN for d in acme.deals)


async def test_a_partner_of_the_programme_is_an_account_that_is_one(world: World) -> None:
    (brandt,) = await world.crm.accounts_like(domain=None, name="Brandt IT")
    assert (brandt.id, brandt.partner) == (BRANDT, True)


@pytest.mark.parametrize("name", ["", "  ", "😀", "***", "Nowhere " + "x" * 3000, 'O"Neill\\ *'])
async def test_a_name_that_nobody_has_finds_nobody(world: World, name: str) -> None:
    assert await world.crm.accounts_like(domain=None, name=name) == ()
    assert await world.crm.accounts_like(domain="nowhere.example", name=name) == ()


# ---- making a deal ----------------------------------------------------------------------------------------


async def test_an_approved_registration_is_a_deal_with_everything(world: World) -> None:
    deal_id = await world.crm.create_deal(NEW, look=False)
    deal = await world.crm.deal(deal_id)
    assert deal is not None
    assert (deal.name, deal.company, deal.partner_id) == (NEW.name, NEW.company, BRANDT)
    assert (deal.motion, deal.stage, deal.outcome) == (Motion.RESELLER, "Deal Registration", Outcome.OPEN)
    assert (deal.amount, deal.currency, deal.close_date) == (NEW.amount, "USD", date(2027, 3, 31))
    assert (deal.registration, deal.protected_until) == ("REG-1042", date(2027, 2, 22))
    assert (deal.registration_status, deal.renewals) == ("protected", Decimal(0))
    assert (deal.source, deal.share, deal.owner_id) == ("sourced", Decimal("62.5"), PRIYA)
    assert await world.crm.deal_by_registration("REG-1042") == deal
    assert deal_id in ids(await world.crm.open_deals_of(BRANDT))
    assert ids(await world.crm.contacts_of(deal)) == [JULIA]
    (petra,) = await world.crm.contacts_by_email("petra@elbtal.example")
    assert petra.name == "Petra van der Meer"
    (elbtal,) = await accounts(world, "elbtal.example", "", count=1)
    assert (elbtal.name, elbtal.customer, elbtal.partner, ids(elbtal.deals)) == (NEW.company, False, False, [deal_id])


async def test_what_is_not_known_stays_empty(world: World) -> None:
    little = replace(
        NEW,
        amount=None,
        currency=None,
        close_date=None,
        contact_name=None,
        contact_email=None,
        domain=None,
        tier=None,
        certification=None,
        need=None,
        owner_id=None,
    )
    deal = await world.crm.deal(await world.crm.create_deal(little, look=True))
    assert deal is not None
    assert (deal.amount, deal.close_date, deal.owner_id, deal.company) == (None, None, None, NEW.company)
    assert ids(await world.crm.contacts_of(deal)) == [JULIA]


async def test_nobody_has_a_number_that_was_never_given(world: World) -> None:
    assert await world.crm.deal_by_registration("REG-1042") is None
    assert await world.crm.deal_by_registration("a/b c&d ü") is None


@pytest.mark.parametrize("look", [True, False])
async def test_a_repeated_call_makes_nothing_twice(world: World, *, look: bool) -> None:
    first = await world.crm.create_deal(NEW, look=look)
    assert await world.crm.create_deal(NEW, look=look) == first
    assert await world.crm.create_deal(NEW, look=True) == first
    (elbtal,) = await accounts(world, "elbtal.example", NEW.company, count=1)
    assert ids(elbtal.deals) == [first]
    assert len(await world.crm.contacts_by_email("petra@elbtal.example")) == 1


@pytest.mark.parametrize(
    "known",
    [
        {"account_id": MUELLER},
        {"domain": "mueller-bau.example"},
        {"company": "Mueller Bau AG", "domain": None},
        {"company": "Mueller Bau AG", "account_id": None, "domain": "mueller-bau.example"},
    ],
    ids=["by id", "by domain", "by name", "by both"],
)
async def test_a_company_that_is_known_is_not_made_again(world: World, known: dict[str, str | None]) -> None:
    new = replace(NEW, **known)  # type: ignore[arg-type]
    deal = await world.crm.deal(await world.crm.create_deal(new, look=False))
    assert deal is not None
    assert deal.company == "Müller Bau GmbH"
    (mueller,) = await accounts(world, "mueller-bau.example", "Müller Bau", count=1)
    assert sorted(ids(mueller.deals)) == sorted([DIRECT, deal.id])


async def test_two_new_companies_of_one_name_at_two_domains_stay_two(world: World) -> None:
    await world.crm.create_deal(NEW, look=False)
    other = replace(NEW, registration="REG-1043", domain="soehne.example", contact_email=None)
    await world.crm.create_deal(other, look=False)
    assert len(await accounts(world, None, NEW.company, count=2)) == 2


async def test_two_deals_of_one_new_company_share_it_however_late_the_search_is(world: World) -> None:
    first = await world.crm.create_deal(NEW, look=False)
    second = await world.crm.create_deal(replace(NEW, registration="REG-1043"), look=False)
    (elbtal,) = await accounts(world, "elbtal.example", "", count=1)
    assert sorted(ids(elbtal.deals)) == sorted([first, second])


@pytest.mark.parametrize("address", ["eve@people.example", "JB@brandt.example"])
async def test_a_contact_who_is_known_is_not_made_again(world: World, address: str) -> None:
    (known,) = await world.crm.contacts_by_email(address)
    await world.crm.create_deal(replace(NEW, contact_email=address), look=False)
    again = await world.crm.contacts_by_email(address)
    assert [(c.id, c.partner_id) for c in again] == [(known.id, known.partner_id)]
    assert known.id in {EVE, JULIA}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"stage": "Nowhere"}, "stage"), ({"currency": "XTS"}, "currency")],
    ids=["stage", "currency"],
)
async def test_refused_values_are_named_and_there_is_no_deal(world: World, wrong: dict[str, str], field: str) -> None:
    with pytest.raises(RefusedFieldsError) as caught:
        await world.crm.create_deal(replace(NEW, **wrong), look=False)  # type: ignore[arg-type]
    assert set(caught.value.fields) == {field}
    assert next(iter(wrong.values())) in caught.value.fields[field]
    assert await world.crm.deal_by_registration("REG-1042") is None
    assert await world.crm.contacts_by_email("petra@elbtal.example") == ()
    assert await world.crm.accounts_like(domain="elbtal.example", name=NEW.company) == ()


@pytest.mark.parametrize("look", [True, False])
async def test_a_number_on_another_partners_deal_is_refused(world: World, *, look: bool) -> None:
    with pytest.raises(RefusedFieldsError) as caught:
        await world.crm.create_deal(replace(NEW, registration=f"REG-{ASHBYS}"), look=look)
    assert set(caught.value.fields) == {"registration"}
    ashbys = await world.crm.deal(ASHBYS)
    assert ashbys is not None
    assert {c.id for c in await world.crm.contacts_of(ashbys)} == {EVE}
    assert await world.crm.contacts_by_email("petra@elbtal.example") == ()


async def test_what_we_made_is_told_as_our_own_change(world: World) -> None:
    cursor = (await world.crm.changes_since(None, datetime.now(UTC))).cursor
    await asyncio.sleep(0.01)
    deal_id = await world.crm.create_deal(NEW, look=False)
    page = await soon(lambda: world.crm.changes_since(cursor, datetime.now(UTC)), lambda page: bool(page.changes))
    told = {c.change.field: c for c in page.changes if c.deal_id == deal_id}
    assert told[DealField.STAGE].change == FieldChange(field=DealField.STAGE, old=None, new="Deal Registration")
    assert all(c.by.startswith("INTEGRATION") for c in told.values())


# ---- what is due ------------------------------------------------------------------------------------------


async def flag(world: World, deal_id: str, **values: object) -> None:
    changes = [FieldChange(field=DealField(name), old=None, new=value) for name, value in values.items()]  # type: ignore[arg-type]
    await world.crm.write(deal_id, changes)


async def test_protected_deals_come_soonest_first_without_those_that_ended(world: World) -> None:
    until = date(2027, 1, 20)

    async def due() -> tuple[Deal, ...]:
        return await world.crm.protected_deals(until=until)

    assert set(ids(await due())) == {ROLLOUT, SECOND, ASHBYS}  # not direct sales' and not the lost one
    assert {NOBODYS, LOST}.isdisjoint(ids(await due()))
    await flag(world, ROLLOUT, protected_until=date(2027, 1, 20), registration_status="protected")
    await flag(world, SECOND, protected_until=date(2027, 1, 14))
    assert ids(await soon(due, lambda found: ids(found)[:1] == [SECOND])) == [SECOND, ASHBYS, ROLLOUT]
    await flag(world, SECOND, registration_status="expired")
    await flag(world, ASHBYS, registration_status="released", protected_until=None)
    assert ids(await due()) == [ROLLOUT]
    assert ids(await world.crm.protected_deals(until=date(2027, 1, 19))) == []


async def test_a_deal_that_somebody_changed_is_not_quiet(world: World) -> None:
    since = datetime.now(UTC)
    assert set(ids(await world.crm.quiet_deals(since=since))) == {ROLLOUT, SECOND, ASHBYS}
    await asyncio.sleep(0.01)
    await world.move(ROLLOUT, {DealField.AMOUNT: Decimal(1)})
    assert set(ids(await world.crm.quiet_deals(since=since))) == {SECOND, ASHBYS}
    assert await world.crm.quiet_deals(since=since - timedelta(days=400)) == ()
    later = await soon(
        lambda: world.crm.quiet_deals(since=datetime.now(UTC) + timedelta(hours=1)), lambda found: len(found) == 3
    )
    assert ids(later)[-1] == ROLLOUT


async def test_a_meeting_that_ended_waits_until_something_is_logged(world: World) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for title, deal_id, hours in (("Kick-off", ROLLOUT, 3), ("Demo", SECOND, 2), ("Direct", DIRECT, 2)):
        await world.meet(deal_id, title, ended_at=now - timedelta(hours=hours))
    await world.meet(ASHBYS, "Tomorrow", ended_at=now + timedelta(hours=30))
    await world.meet(ASHBYS, "Long ago", ended_at=now - timedelta(hours=30))
    span = {"after": now - timedelta(hours=24), "before": now}

    found = await soon(lambda: world.crm.meetings_ended(**span), lambda found: len(found) == 2)
    assert {(m.title, m.deal_id, m.followed_up) for m in found} == {
        ("Kick-off", ROLLOUT, False),
        ("Demo", SECOND, False),
    }
    assert {m.title: m.ended_at for m in found}["Demo"] == now - timedelta(hours=2)
    assert {m.owner_id for m in found} == {PRIYA}
    deal = await world.crm.deal(SECOND)
    assert deal is not None
    await world.crm.note(deal, "Sent the offer.", at=datetime.now(UTC), key="k:1", contact_id=None, look=False)
    again = await world.crm.meetings_ended(**span)
    assert {m.title: m.followed_up for m in again} == {"Kick-off": False, "Demo": True}
