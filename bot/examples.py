"""One made-up notice of each event, for `offportal preview`."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from bot.domain.deals import DealField, FieldChange
from bot.domain.notices import (
    Announced,
    AnnouncementStatus,
    Answer,
    ApprovalClosed,
    ApprovalRequest,
    ChangeResult,
    DealChanged,
    DealList,
    DealView,
    FollowUpDue,
    ForManager,
    GateSkipped,
    Help,
    LinkCode,
    Linked,
    ManagerAsks,
    Notice,
    NotVerified,
    Nudge,
    ProgrammeRules,
    ProtectionEnded,
    ProtectionEnding,
    RegisterForm,
    RegistrationClosed,
    RegistrationDecided,
    RegistrationDropped,
    RegistrationIncomplete,
    RegistrationLate,
    RegistrationRequest,
    RequestSettled,
    StageWaiting,
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
_CLAIMED_AT = datetime(2026, 11, 24, 9, 12, tzinfo=timezone(timedelta(hours=1)))
_NORDWIND = DealView(
    id="9002",
    name="Nordwind AG",
    company="Nordwind AG",
    stage="Deal Registration",
    amount=Decimal(48000),
    currency="EUR",
    close_date=date(2027, 3, 31),
    registration="REG-1042",
    protected_until=date(2027, 2, 22),
)
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
    "register_form": RegisterForm(),
    "trouble": Trouble(what="bounced", reference="inbox 17", detail="5.1.1", contact="julia@brandt-it.example"),
    "registration_incomplete": RegistrationIncomplete(
        number="REG-1042", company="Nordwind AG", missing=("contact", "amount"), drops_on=date(2026, 12, 8)
    ),
    "stage_waiting": StageWaiting(deal=DEAL, stage="Transact", missing=("next_step",), drops_on=date(2026, 12, 8)),
    "registration_dropped": RegistrationDropped(number="REG-1042", company="Nordwind AG"),
    "registration_decided": RegistrationDecided(
        decision="approved",
        number="REG-1042",
        company="Nordwind AG",
        deal=_NORDWIND,
        protected_until=_NORDWIND.protected_until,
        next_stage="Qualification",
    ),
    "manager_asks": ManagerAsks(
        number="REG-1042",
        company="Nordwind AG",
        manager="Priya Nair",
        question="Have you already spoken to their purchasing department?",
    ),
    "registration_request": RegistrationRequest(
        number="REG-1042",
        kind="deal",
        partner="Brandt IT GmbH",
        tier="Gold",
        contact="Julia Brandt",
        contact_email="julia@brandt-it.example",
        company="Nordwind AG",
        domain="nordwind.example",
        customer_contact="Tim Holm, t.holm@nordwind.example",
        motion="reseller",
        amount=Decimal(48000),
        currency="EUR",
        close_date=date(2027, 3, 31),
        need="Replaces the old ticket system",
        claimed_at=_CLAIMED_AT,
        decide_by=_CLAIMED_AT + timedelta(days=2),
        findings=(("company_name", "Nordwind Holding (nordwind-holding.example)"),),
        text="New deal: Nordwind AG, contact Tim Holm, about 48k, closing at the end of Q1.",
    ),
    "gate_skipped": GateSkipped(
        deal=DEAL,
        partner="Brandt IT GmbH",
        old="Qualification",
        new="Transact",
        missing=("next_step",),
        criteria=(("Qualification", "The reseller confirms real demand of the end customer and the technical fit."),),
    ),
    "registration_closed": RegistrationClosed(number="REG-1042", decision="approved", company="Nordwind AG"),
    "registration_late": RegistrationLate(
        what="reminder",
        number="REG-1042",
        company="Nordwind AG",
        partner="Brandt IT GmbH",
        decide_by=_CLAIMED_AT + timedelta(days=2),
        manager="Priya Nair",
    ),
    "request_settled": RequestSettled(
        reference="REG-1042", decision="approved", by="Priya Nair", at=_CLAIMED_AT + timedelta(days=1)
    ),
    "protection_ending": ProtectionEnding(deal=_NORDWIND, until=date(2027, 2, 22), days=14, extension_days=30),
    "protection_ended": ProtectionEnded(deal=_NORDWIND, ended_on=date(2027, 2, 22)),
    "nudge": Nudge(deal=_NORDWIND, what="stalled", days=30),
    "follow_up_due": FollowUpDue(
        deal=_NORDWIND,
        title="Demo for the dispatchers",
        ended_at=_CLAIMED_AT + timedelta(days=9),
        partner="Brandt IT GmbH",
        owner="Priya Nair",
    ),
    "programme_rules": ProgrammeRules(
        protection_days=90,
        warning_days=(14, 7, 1),
        extension_days=30,
        extensions=2,
        decision_hours=48,
        business_hours=False,
        conflict="first_come",
        overlap="refuse",
        required=("company", "contact", "amount", "close_date"),
        minimum_amount=Decimal(5000),
        currency="EUR",
        certified_motions=("services",),
        objections_to="Lena Fischer",
        hours_by_motion=(("referral", 24),),
    ),
    "announcement": Announced(
        subject="Five per cent more in the first quarter",
        body="Hello {name},\n\nfor deals registered until 31 March there is **five per cent more**.\n\n"
        "- [The terms](https://meridian.example/q1)\n- questions: just reply",
        name="Julia Brandt",
    ),
    "announcement_status": AnnouncementStatus(
        slug="q1-incentives", what="paused", sent=120, waiting=80, refused=21, skipped=9, detail="554 5.7.1 spam"
    ),
}


def example(event: str) -> Notice:
    """The example for an event of notices.EVENTS."""
    return _EXAMPLES[event]
