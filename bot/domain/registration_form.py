"""A registration as it is typed into a form, field by field: what it says, and what is wrong with it. Refuses to guess:
a value that cannot be what the field is for is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from bot.domain.actions import Draft
from bot.domain.companies import company_key
from bot.domain.eligibility import lacking
from bot.domain.partners import Motion
from bot.domain.terms import Terms

NEEDED, AMOUNT, MINIMUM, PAST = "needed", "amount_out_of_range", "minimum_amount", "past_close_date"


def draft_of(values: Mapping[str, str]) -> Draft:
    """The typed fields, named as those of Draft; what is empty or no number or date is not said."""
    return Draft(
        company=_company(values),
        contact_name=_words(values, "contact_name"),
        contact_email=_words(values, "contact_email"),
        amount=_amount(values.get("amount", "")),
        currency=_words(values, "currency"),
        close_date=_day(values.get("close_date", "")),
        need=_words(values, "need"),
    )


def chosen_motion(values: Mapping[str, str]) -> Motion | None:
    chosen = values.get("motion")
    return Motion(chosen) if chosen in set(Motion) else None


def faults(values: Mapping[str, str], terms: Terms, *, today: date) -> dict[str, str]:
    """Each field that cannot stay so, with a reason: NEEDED, or the name of the rule that would refuse it. `today` is
    the earliest day that it still is anywhere."""
    draft = draft_of(values)
    found = dict.fromkeys(lacking(draft, chosen_motion(values), terms), NEEDED)
    if "contact" in found:
        found["contact_name"] = found.pop("contact")
    if draft.close_date is not None and draft.close_date < today:
        found["close_date"] = PAST
    if (reason := _why_not_amount(values, draft, terms)) is not None:
        found["amount"] = reason
    return found


def _why_not_amount(values: Mapping[str, str], draft: Draft, terms: Terms) -> str | None:
    """The reason against what stands in the amount's field; nothing there is no fault of its own."""
    if draft.amount is None:
        return AMOUNT if values.get("amount", "").strip() else None
    if not 0 < draft.amount <= terms.maximum_amount:
        return AMOUNT
    measured = (draft.currency or terms.currency) == terms.currency
    return MINIMUM if measured and draft.amount < (terms.minimum_amount or 0) else None


def _company(values: Mapping[str, str]) -> str | None:
    """A name has a letter or a digit."""
    name = _words(values, "company")
    return name if name and company_key(name) else None


def _words(values: Mapping[str, str], name: str) -> str | None:
    return " ".join(values.get(name, "").split()) or None


def _amount(text: str) -> Decimal | None:
    """A number as forms send it: digits and a point."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
