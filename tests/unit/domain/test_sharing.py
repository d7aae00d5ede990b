"""Several partners on one deal: shares never exceed all of it, and nobody sees who else is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.actions import Certainty, Extend, Field, Set, Withdraw, Won
from bot.domain.credits import (
    WHOLE,
    Credit,
    Source,
    Split,
    UnreadableError,
    Wish,
    credits_in,
    credits_text,
    given_back,
    granted,
    left,
    total,
    wish_in,
)
from bot.domain.deals import Deal, DealField, FieldChange, Outcome, Pipeline, Stage
from bot.domain.decide import decide
from bot.domain.partners import Contact, Motion
from bot.domain.policy import Item, Policies, Rule, view
from bot.domain.sharing import changes_seen, may_change, may_see, seen_by, sides

DEAL = Deal(
    id="1",
    name="Acme by Brandt",
    company="Acme GmbH",
    partner_id="P1",
    motion=Motion.RESELLER,
    stage="Qualification",
    amount=Decimal(40000),
    currency="EUR",
    next_step="Julia of Brandt calls",
    registration="REG-1001",
    protected_until=date(2027, 2, 22),
    registration_status="protected",
    renewals=Decimal(1),
    source="sourced",
    share=Decimal(70),
    credits="P2 influenced 20 REG-1002; P3 sourced 10",
    updated_at=datetime(2026, 11, 24, tzinfo=UTC),
)
TOM = Contact(id="C", partner_id="P2", name="Tom", email="tom@ashby.example")
PARTNERS = ("P2", "P3", "P4", "P5", "P6")
shares = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)
parts = st.builds(
    Credit,
    partner_id=st.sampled_from(PARTNERS),
    source=st.sampled_from(Source),
    share=shares,
    registration=st.none() | st.from_regex(r"REG-[0-9]{1,6}", fullmatch=True),
)


def after(deal: Deal, changes: tuple[FieldChange, ...]) -> Deal:
    values: dict[str, Any] = {c.field.value: c.new for c in changes}
    return replace(deal, **values)


# ---- the text in the CRM ----------------------------------------------------------------------------------


@given(st.lists(parts, max_size=5, unique_by=lambda c: c.partner_id))
def test_what_is_written_is_read_back(some):
    assert credits_in(credits_text(some)) == tuple(some)


@given(st.text() | st.none())
@example("P2 influenced 20; P2 sourced 10")
def test_any_text_is_read_or_said_to_be_unreadable(text):
    try:
        found = credits_in(text)
    except UnreadableError:
        return
    assert credits_in(credits_text(found)) == found


@pytest.mark.parametrize("text", ["P2 30", "P2 influenced", "P2 influenced 0", "P2 influenced 130", "ask Priya", "x;y"])
def test_a_text_that_is_none_of_ours_is_not_guessed_at(text):
    with pytest.raises(UnreadableError):
        credits_in(text)


def test_a_person_may_write_percent_signs_lines_and_capitals():
    assert credits_in("P2 Influenced 20 %\nP3 sourced 10%;") == (
        Credit(partner_id="P2", share=Decimal(20)),
        Credit(partner_id="P3", source=Source.SOURCED, share=Decimal(10)),
    )


# ---- dividing ---------------------------------------------------------------------------------------------


class Dividing(RuleBasedStateMachine):
    """Claims are approved, given back and approved again in any order, with credits on their way into the CRM, while
    people lower shares by hand: all shares together never exceed 100, and the owner keeps what it keeps."""

    @initialize(owner=st.none() | shares, keeps=st.integers(1, 99))
    def _begin(self, owner: Decimal | None, keeps: int) -> None:
        self.split = Split(owner=Decimal(keeps), further=Decimal(100 - keeps))
        self.deal = replace(DEAL, share=owner, credits=None)
        self.promised: dict[str, Credit] = {}
        self.least = min(owner if owner is not None else WHOLE, self.split.owner)

    @rule(credit=parts)
    def approve(self, credit: Credit) -> None:
        known = {c.partner_id for c in credits_in(self.deal.credits)} | self.promised.keys()
        if credit.partner_id not in known and credit.share <= left(self.deal, self.split, self.promised.values()):
            self.promised[credit.partner_id] = credit

    @precondition(lambda self: self.promised)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        partner = data.draw(st.sampled_from(sorted(self.promised)))
        changes = granted(self.deal, self.promised[partner], self.split)
        assert changes is not None  # what was approved is there when it arrives
        self.deal = after(self.deal, changes)
        assert granted(self.deal, self.promised[partner], self.split) == ()
        del self.promised[partner]

    @rule(credit=parts)
    def arrive_without_having_been_approved(self, credit: Credit) -> None:
        if not self.promised and (changes := granted(self.deal, credit, self.split)) is not None:
            self.deal = after(self.deal, changes)

    @rule(partner=st.sampled_from(PARTNERS))
    def give_back(self, partner: str) -> None:
        before = left(self.deal, self.split)
        had = sum(c.share for c in credits_in(self.deal.credits) if c.partner_id == partner)
        self.deal = after(self.deal, given_back(self.deal, partner))
        assert left(self.deal, self.split) == before + had
        assert given_back(self.deal, partner) == ()

    @precondition(lambda self: self.deal.share is not None)
    @rule(part=st.decimals(min_value=0, max_value=1, places=2))
    def lower_the_owners_by_hand(self, part: Decimal) -> None:
        assert self.deal.share is not None
        lowered = self.deal.share * part
        self.deal = replace(self.deal, share=lowered)
        self.least = min(self.least, lowered)

    @invariant()
    def no_more_than_all_is_given(self) -> None:
        others = sum(c.share for c in self.promised.values())
        assert total(self.deal) <= 100
        assert sum(c.share for c in credits_in(self.deal.credits)) + others <= 100 - self.least
        assert self.deal.share is None or self.deal.share >= self.least


TestDividing = Dividing.TestCase


def test_more_than_is_left_is_not_granted():
    assert left(DEAL, Split()) == 0
    assert granted(DEAL, Credit(partner_id="P4", share=Decimal(1)), Split()) is None


def test_what_a_person_gave_away_beyond_all_leaves_nothing():
    assert left(replace(DEAL, share=Decimal(100), credits="P2 sourced 90"), Split()) == 0


# ---- who sees what ----------------------------------------------------------------------------------------


def test_a_further_partner_sees_its_own_part_and_the_customer_for_a_name():
    seen = seen_by(DEAL, "P2")
    assert seen is not None
    assert (seen.name, seen.partner_id, seen.registration) == ("Acme GmbH", "P2", "REG-1002")
    assert seen.share == 20
    assert (seen.source, seen.credits, seen.protected_until) == ("influenced", None, None)
    shown = view(seen, Policies())
    assert (shown.stage, shown.next_step) == ("Qualification", None)
    assert (shown.amount, shown.share) == (Decimal(40000), Decimal(20))
    assert not {"Brandt", "REG-1001", "P1", "P3", "70"} & set(str(shown).replace("'", " ").split())


def test_the_owner_sees_the_deal_as_it_is_but_not_who_shares_it():
    assert seen_by(DEAL, "P1") == replace(DEAL, credits=None)


@pytest.mark.parametrize("partner", ["P4", None, ""])
def test_whoever_has_no_part_sees_nothing(partner):
    assert seen_by(DEAL, partner) is None
    assert not may_see(replace(TOM, partner_id=partner), DEAL)


def test_active_people_of_every_partner_with_a_part_see_the_deal():
    assert may_see(TOM, DEAL)
    assert not may_see(replace(TOM, active=False), DEAL)
    assert [s.partner_id for s in sides(DEAL)] == ["P1", "P2", "P3"]
    assert [s.partner_id for s in sides(replace(DEAL, credits="ask Priya"))] == ["P1"]


def test_each_hears_of_its_own_share_alone():
    changes = (
        FieldChange(field=DealField.SHARE, old=WHOLE, new=Decimal(70)),
        FieldChange(field=DealField.CREDITS, old="P3 sourced 5", new=DEAL.credits),
        FieldChange(field=DealField.STAGE, old="a", new="b"),
    )
    heard = {s.partner_id: [(c.field, c.old, c.new) for c in changes_seen(s, changes)] for s in sides(DEAL)}
    assert heard == {
        "P1": [("share", 100, 70), ("stage", "a", "b")],
        "P2": [("share", None, 20), ("stage", "a", "b")],
        "P3": [("share", 5, 10), ("stage", "a", "b")],
    }


# ---- who changes what -------------------------------------------------------------------------------------

SURE = Certainty.APPLY
SET = Set(certainty=SURE, because="", deal="1", field=Field.AMOUNT, value=Decimal(1))
EXTEND = Extend(certainty=SURE, because="", deal="1", until=date(2027, 3, 1))
WITHDRAW = Withdraw(certainty=SURE, because="take it back", deal="1")


@pytest.mark.parametrize(
    ("action", "rule_", "owners", "sharers"),
    [
        (SET, Rule.APPLY, Rule.APPLY, Rule.MANAGER),
        (SET, Rule.CONFIRM, Rule.CONFIRM, Rule.MANAGER),
        (SET, Rule.NEVER, Rule.NEVER, Rule.NEVER),
        (Won(certainty=SURE, because="", deal="1"), Rule.APPLY, Rule.APPLY, Rule.MANAGER),
        (EXTEND, Rule.APPLY, Rule.APPLY, Rule.NEVER),
        (WITHDRAW, Rule.APPLY, Rule.APPLY, Rule.APPLY),
        (WITHDRAW, Rule.MANAGER, Rule.MANAGER, Rule.MANAGER),
    ],
)
def test_only_the_owners_words_change_a_deal(action, rule_, owners, sharers):
    owner, sharer = seen_by(DEAL, "P1"), seen_by(DEAL, "P2")
    assert owner is not None
    assert sharer is not None
    assert may_change(owner, action, rule_) is owners
    assert may_change(sharer, action, rule_) is sharers


PIPELINES = {Motion.RESELLER: Pipeline(motion=Motion.RESELLER, stages=(Stage(label="Qualification"),))}


def decided(action, *, deal: Deal = DEAL, rules: dict[Item, Rule] | None = None):
    seen = seen_by(deal, "P2")
    assert seen is not None
    return decide(
        [action],
        deals=[seen],
        pipelines=PIPELINES,
        policies=Policies(rules={"partner": rules or {}}),
        role="partner",
        today=date(2026, 11, 24),
    )


def test_giving_a_share_back_changes_no_field_of_the_deal():
    (found,) = decided(WITHDRAW).deals
    assert found.given_back
    assert not (found.apply)
    assert not (found.confirm)
    assert not (found.manager)
    assert not (found.refused)


@pytest.mark.parametrize("policy", [Rule.MANAGER, Rule.NEVER])
def test_where_policy_holds_it_a_person_hears_that_a_share_is_to_be_given_back(policy):
    result = decided(WITHDRAW, rules={Item.WITHDRAW: policy})
    assert result.routed == ("take it back",)
    assert not (result.deals[0].given_back)
    assert not (result.deals[0].manager)
    assert not (result.deals[0].apply)


def test_a_share_of_a_closed_deal_is_a_persons_matter():
    assert decided(WITHDRAW, deal=replace(DEAL, outcome=Outcome.WON)).routed == ("take it back",)


def test_a_doubtful_withdrawal_is_confirmed_first():
    result = decided(replace(WITHDRAW, certainty=Certainty.CONFIRM))
    assert not result.deals[0].given_back
    assert result.deals[0].confirm
    assert result.pending


# ---- a manager's words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "decision", "wish"),
    [
        ("approved", "approved", Wish()),
        ("approve with 20 %", "approve with 20 %", Wish(share=Decimal(20))),
        ("Genehmigt, 12,5 Prozent", "Genehmigt", Wish(share=Decimal("12.5"))),
        ("approve 20% as Sourced", "approve 20% as Sourced", Wish(share=Decimal(20), source=Source.SOURCED)),
        ("approve REG-1002 20%", "", Wish(share=Decimal(20))),
        ("approve: 20 % and 30 %", "approve", None),
        ("approved\n\nPriya\nNow 50 % off", "approved", None),
        ("approve 1020 %", "approve", Wish(share=Decimal(1020))),
        ("REG-20% approve", "approve", Wish(share=Decimal(20))),
    ],
)
def test_a_share_is_read_where_the_decision_stands(words, decision, wish):
    assert wish_in(words, decision) == wish
