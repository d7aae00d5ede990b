"""What is news on a deal that was made from a registration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.actions import Draft
from bot.domain.deals import DealField, FieldChange, FieldValue
from bot.domain.registrations import Registration, State
from bot.domain.terms import Terms
from handlers.deal_changed import without_birth

CLAIM = Registration(
    id=1,
    key="inbound:1:0",
    number="REG-1001",
    state=State.APPROVED,
    partner_id="P1",
    contact_id="C1",
    conversation_id=1,
    inbound_id=1,
    claimed_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
    draft=Draft(company="Nordwind Logistik AG", amount=Decimal(85000), close_date=date(2027, 3, 31)),
)
TOLD_ALREADY: list[tuple[DealField, FieldValue, FieldValue]] = [
    (DealField.STAGE, None, "Deal Registration"),
    (DealField.AMOUNT, None, Decimal("85000.00")),
    (DealField.CURRENCY, None, "EUR"),
    (DealField.CLOSE_DATE, None, date(2027, 3, 31)),
]
NEWS: list[tuple[DealField, FieldValue, FieldValue]] = [
    (DealField.AMOUNT, None, Decimal(90000)),  # a person was quicker than our look
    (DealField.CLOSE_DATE, None, date(2027, 4, 30)),
    (DealField.AMOUNT, Decimal(90000), Decimal(85000)),
    (DealField.STAGE, "Deal Registration", "Qualification"),
    (DealField.NEXT_STEP, None, "Demo"),
]


@pytest.mark.parametrize(("field", "old", "new"), TOLD_ALREADY)
def test_what_the_registration_said_is_no_news(field: DealField, old: FieldValue, new: FieldValue):
    assert without_birth((FieldChange(field=field, old=old, new=new),), CLAIM, Terms()) == ()


@pytest.mark.parametrize(("field", "old", "new"), NEWS)
def test_whatever_else_happens_to_its_deal_is_news(field: DealField, old: FieldValue, new: FieldValue):
    change = FieldChange(field=field, old=old, new=new)
    assert without_birth((change,), CLAIM, Terms()) == (change,)
