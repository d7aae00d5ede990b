"""One made-up notice of each event, for `offportal preview`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.domain.deals import DealField, FieldChange
from bot.domain.notices import (
    Answer,
    ApprovalClosed,
    ApprovalRequest,
    ChangeResult,
    DealChanged,
    DealList,
    DealView,
    ForManager,
    Help,
    LinkCode,
    Linked,
    Notice,
    NotVerified,
    Trouble,
)

DEAL = DealView(
    id="9001",
    name="Acme rollout",
    company="Acme GmbH",
    stage="Configure & Quote",
    amount=Decimal(40000),
    currency="EUR",
    close_date=date(2026, 12, 31),
    next_step="Demo with the CTO",
    registration="REG-1042",
)
CHANGES = (
    FieldChange(field=DealField.CLOSE_DATE, old=date(2026, 12, 31), new=date(2027, 3, 31)),
    FieldChange(field=DealField.AMOUNT, old=Decimal(40000), new=Decimal(60000)),
)
_STAGE = (FieldChange(field=DealField.STAGE, old="Qualification", new="Configure & Quote"),)
_WORDS = "Closing moves to the end of Q1, and it will be about 60k."
_EXAMPLES: dict[str, Notice] = {
    "deal_changed": DealChanged(deal=DEAL, changes=_STAGE),
    "answer": Answer(results=(ChangeResult(deal=DEAL, applied=CHANGES),), can_undo=True, reference="17"),
    "for_manager": ForManager(
        partner="Brandt IT GmbH",
        contact="Julia Brandt",
        contact_email="julia@brandt-it.example",
        channel="email",
        text="Who signs the order on your side?",
        deals=(DEAL,),
    ),
    "approval_request": ApprovalRequest(
        partner="Brandt IT GmbH",
        contact="Julia Brandt",
        reference="CHG-17",
        result=ChangeResult(deal=DEAL, awaiting_manager=CHANGES),
        text=_WORDS,
    ),
    "approval_closed": ApprovalClosed(
        reference="CHG-17", decision="approved", result=ChangeResult(deal=DEAL, applied=CHANGES)
    ),
    "not_verified": NotVerified(reason="unauthenticated", subject="Acme rollout"),
    "link_code": LinkCode(code="482913", minutes=15, slack_name="julia"),
    "linked": Linked(state="linked", contact="Julia Brandt", email="julia@brandt-it.example"),
    "deal_list": DealList(partner="Brandt IT GmbH", deals=(DEAL,)),
    "help": Help(partner="Brandt IT GmbH"),
    "trouble": Trouble(what="bounced", reference="inbox 17", detail="5.1.1", contact="julia@brandt-it.example"),
}


def example(event: str) -> Notice:
    """The example for an event of notices.EVENTS."""
    return _EXAMPLES[event]
