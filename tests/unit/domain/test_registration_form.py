"""A registration typed into a form: what it says, and what is wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import Draft
from bot.domain.partners import Motion
from bot.domain.registration_form import chosen_motion, draft_of, faults
from bot.domain.terms import Terms

TODAY = date(2026, 11, 24)
WHOLE = {
    "company": " Nordwind  AG ",
    "contact_name": "Karin Holm",
    "amount": "85000.50",
    "currency": "EUR",
    "close_date": "2027-03-31",
}


def test_typed_values_are_taken_as_they_are():
    assert draft_of(WHOLE) == Draft(
        company="Nordwind AG",
        contact_name="Karin Holm",
        amount=Decimal("85000.50"),
        currency="EUR",
        close_date=date(2027, 3, 31),
    )
    assert faults(WHOLE, Terms(), today=TODAY) == {}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"company": "   "}, {"company": "needed"}),
        ({"company": "!?"}, {"company": "needed"}),
        ({"contact_name": ""}, {"contact_name": "needed"}),
        ({"contact_name": "", "contact_email": "k@nordwind.example"}, {}),
        ({"amount": ""}, {"amount": "needed"}),
        ({"amount": "0"}, {"amount": "amount_out_of_range"}),
        ({"amount": "-5"}, {"amount": "amount_out_of_range"}),
        ({"amount": "NaN"}, {"amount": "amount_out_of_range"}),
        ({"amount": "a lot"}, {"amount": "amount_out_of_range"}),
        ({"amount": "1e30"}, {"amount": "amount_out_of_range"}),
        ({"amount": "4999"}, {"amount": "minimum_amount"}),
        ({"amount": "4999", "currency": "USD"}, {}),
        ({"close_date": "2026-11-23"}, {"close_date": "past_close_date"}),
        ({"close_date": "2026-11-24"}, {}),
        ({"close_date": "soon"}, {"close_date": "needed"}),
        ({"motion": "services"}, {"need": "needed"}),
        ({"motion": "services", "need": "a help desk"}, {}),
    ],
)
def test_what_cannot_stay_is_named_with_its_reason(typed, found):
    terms = Terms(minimum_amount=Decimal(5000), required_by_motion={Motion.SERVICES: ("need",)})
    assert faults({**WHOLE, **typed}, terms, today=TODAY) == found


def test_a_motion_that_there_is_not_is_none():
    assert chosen_motion({"motion": "barter"}) is None
    assert chosen_motion({"motion": "referral"}) is Motion.REFERRAL


@given(st.dictionaries(st.sampled_from([*Draft.__dataclass_fields__, "motion", "x"]), st.text(max_size=30)))
def test_whatever_is_typed_gives_a_draft_or_a_reason(values):
    found = faults(values, Terms(), today=TODAY)
    draft = draft_of(values)
    assert set(found) <= set(Draft.__dataclass_fields__)
    assert draft.amount is None or draft.amount.is_finite()
    assert (draft.company is None) == ("company" in found)
    assert (draft.amount is not None and 0 < draft.amount <= Terms().maximum_amount) == ("amount" not in found)
