"""What a partner's words do, by certainty, policy and the deal's own state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import (
    Ask,
    Asset,
    Certainty,
    Draft,
    Extend,
    Field,
    Lost,
    Question,
    Register,
    Set,
    Status,
    Undo,
    Withdraw,
    Won,
)
from bot.domain.deals import Deal, DealField, FieldChange, Outcome, Pipeline, Stage, same
from bot.domain.decide import Decision, decide
from bot.domain.partners import Motion
from bot.domain.policy import Item, Policies, Rule

PIPELINES = {
    Motion.RESELLER: Pipeline(
        motion=Motion.RESELLER,
        stages=(
            Stage(label="Deal Registration"),
            Stage(label="Qualification"),
            Stage(label="Configure & Quote"),
            Stage(label="Closed won", outcome=Outcome.WON),
            Stage(label="Closed lost", outcome=Outcome.LOST),
        ),
    )
}
DEAL = Deal(
    id="D1",
    name="Acme rollout",
    company="Acme GmbH",
    partner_id="P1",
    motion=Motion.RESELLER,
    stage="Qualification",
    amount=Decimal(40000),
    currency="EUR",
    close_date=date(2026, 12, 31),
    updated_at=datetime(2026, 11, 1, tzinfo=UTC),
)
AMOUNT = Set(certainty=Certainty.APPLY, deal="D1", field=Field.AMOUNT, value=Decimal(60000))
WON = Won(certainty=Certainty.APPLY, deal="D1")


def run(*actions, rules=None, role="partner", deal=DEAL, **more) -> Decision:
    policies = Policies(rules={"partner": rules or {}})
    return decide(
        actions, deals=[deal], pipelines=PIPELINES, policies=policies, role=role, today=date(2026, 11, 24), **more
    )


def test_a_plain_fact_is_applied_with_the_old_value_beside_the_new():
    decision = run(AMOUNT)
    assert decision.deals[0].apply == (FieldChange(field=DealField.AMOUNT, old=Decimal(40000), new=Decimal(60000)),)
    assert decision.pending == ()


@pytest.mark.parametrize(
    ("rule", "place"),
    [(Rule.APPLY, "apply"), (Rule.CONFIRM, "confirm"), (Rule.MANAGER, "manager"), (Rule.NEVER, "refused")],
)
def test_the_policy_of_a_field_says_what_happens_to_it(rule, place):
    decision = run(AMOUNT, rules={Item.AMOUNT: rule}).deals[0]
    assert [name for name in ("apply", "confirm", "manager", "refused") if getattr(decision, name)] == [place]


def test_a_role_without_rules_of_its_own_has_the_partners_rules():
    assert run(AMOUNT, rules={Item.AMOUNT: Rule.NEVER}, role="sales").deals[0].refused[0][1] == "not_allowed"


def test_a_hedged_change_waits_for_a_yes_and_a_yes_applies_it_even_where_policy_asks_for_one():
    hedged = replace(AMOUNT, certainty=Certainty.CONFIRM)
    first = run(hedged, rules={Item.AMOUNT: Rule.CONFIRM})
    assert first.deals[0].confirm
    assert first.pending == (hedged,)
    again = run(AMOUNT, rules={Item.AMOUNT: Rule.CONFIRM}, pending=first.pending)
    assert again.deals[0].apply


def test_a_yes_does_not_get_past_the_manager():
    assert run(AMOUNT, rules={Item.AMOUNT: Rule.MANAGER}, pending=(AMOUNT,)).deals[0].manager


def test_what_is_so_already_is_neither_written_nor_confirmed():
    decision = run(replace(AMOUNT, value=Decimal("40000.00"), certainty=Certainty.CONFIRM)).deals[0]
    assert decision.unchanged
    assert not decision.apply
    assert not decision.confirm


def test_won_and_its_amount_go_together():
    decision = run(WON, AMOUNT, rules={Item.WON: Rule.MANAGER}).deals[0]
    assert {c.field for c in decision.manager} == {DealField.STAGE, DealField.AMOUNT}
    assert not decision.apply


def test_lost_carries_reason_and_competitor():
    lost = Lost(certainty=Certainty.APPLY, deal="D1", reason="went with Globex", competitor="Globex")
    assert {c.field: c.new for c in run(lost).deals[0].apply} == {
        DealField.STAGE: "Closed lost",
        DealField.LOST_REASON: "went with Globex",
        DealField.COMPETITOR: "Globex",
    }


def test_a_stage_of_another_pipeline_is_refused_by_name():
    wanted = Set(certainty=Certainty.APPLY, deal="D1", field=Field.STAGE, value="Procurement")
    change, reason = run(wanted).deals[0].refused[0]
    assert (change.new, reason) == ("Procurement", "unknown_stage")


def test_a_closed_deal_changes_only_through_a_person():
    closed = replace(DEAL, stage="Closed won", outcome=Outcome.WON)
    assert run(AMOUNT, deal=closed).deals[0].manager


def test_a_field_that_somebody_changed_since_it_was_shown_is_confirmed_not_overwritten():
    shown = {"D1": {DealField.AMOUNT: Decimal(35000)}}
    decision = run(AMOUNT, shown=shown)
    assert decision.deals[0].conflict
    assert decision.deals[0].confirm
    assert decision.pending
    assert run(AMOUNT, shown=shown, pending=decision.pending).deals[0].apply


def test_a_deal_that_is_not_given_is_never_touched():
    decision = run(replace(AMOUNT, deal="D9"))
    assert decision.deals == ()
    assert decision.asked[0].ask is Ask.DEAL_UNKNOWN


def test_questions_and_what_nobody_automates_yet_go_to_a_person():
    asset = Asset(certainty=Certainty.APPLY, query="price list", because="send the price list")
    question = Question(certainty=Certainty.ROUTE, text="Who signs?")
    assert run(asset, question).routed == ("send the price list", "Who signs?")


PROTECTED = replace(DEAL, protected_until=date(2026, 12, 7), registration_status="protected")


def extend(until: date) -> Extend:
    return Extend(certainty=Certainty.APPLY, deal="D1", until=until)


def changed(changes) -> dict[DealField, object]:
    return {c.field: c.new for c in changes}


def test_an_extension_within_policy_is_applied_and_counted():
    decision = run(extend(date(2027, 1, 6)), deal=PROTECTED)
    assert changed(decision.deals[0].apply) == {
        DealField.PROTECTED_UNTIL: date(2027, 1, 6),
        DealField.RENEWALS: Decimal(1),
    }


@pytest.mark.parametrize(
    ("deal", "until"),
    [
        (PROTECTED, date(2027, 1, 7)),  # longer than a partner may alone
        (replace(PROTECTED, renewals=Decimal(2)), date(2027, 1, 6)),  # once too often
        (replace(PROTECTED, protected_until=date(2026, 11, 23)), date(2026, 12, 20)),  # it is over
        (DEAL, date(2027, 1, 6)),  # never protected
    ],
)
def test_an_extension_beyond_policy_is_the_managers(deal, until):
    decision = run(extend(until), deal=deal)
    assert decision.deals[0].apply == ()
    assert DealField.PROTECTED_UNTIL in changed(decision.deals[0].manager)


def test_giving_a_registration_back_ends_its_protection():
    decision = run(Withdraw(certainty=Certainty.APPLY, deal="D1"), deal=PROTECTED)
    assert changed(decision.deals[0].apply) == {
        DealField.REGISTRATION_STATUS: "released",
        DealField.PROTECTED_UNTIL: None,
    }


def test_a_viewer_may_not_extend_where_the_policy_says_so():
    decision = run(extend(date(2027, 1, 6)), deal=PROTECTED, rules={Item.EXTEND: Rule.NEVER})
    assert decision.deals[0].refused


def test_a_registration_is_passed_on_whole():
    register = Register(certainty=Certainty.APPLY, draft=Draft(company="Nordwind AG"))
    assert run(register).registers == (register,)


def test_status_and_undo_are_passed_through():
    decision = run(Status(certainty=Certainty.APPLY, deal=None), Undo(certainty=Certainty.APPLY))
    assert decision.status == (DEAL,)
    assert decision.undo


def test_the_last_word_wins():
    decision = run(AMOUNT, replace(AMOUNT, value=Decimal(70000)))
    assert [c.new for c in decision.deals[0].apply] == [Decimal(70000)]


SETS = st.builds(
    Set,
    certainty=st.sampled_from([Certainty.APPLY, Certainty.CONFIRM]),
    deal=st.sampled_from(["D1", "D2"]),
    field=st.just(Field.AMOUNT),
    value=st.decimals(min_value=0, max_value=10**9, places=2),
) | st.builds(Won, certainty=st.sampled_from([Certainty.APPLY, Certainty.CONFIRM]), deal=st.sampled_from(["D1", "D2"]))
RULES = st.dictionaries(st.sampled_from(list(Item)), st.sampled_from(list(Rule)))


@given(st.lists(SETS, max_size=6), RULES)
def test_nothing_is_applied_that_policy_or_the_words_hold_back(actions, rules):
    decision = run(*actions, rules=rules)
    for deal in decision.deals:
        assert deal.deal.id == "D1"
        sorted_once = [*deal.apply, *deal.confirm, *deal.manager, *deal.unchanged, *(c for c, _ in deal.refused)]
        assert len({c.field for c in sorted_once}) == len(sorted_once)
        for change in deal.apply:
            item = Item.WON if change.field is DealField.STAGE else Item(change.field.value)
            assert rules.get(item, Rule.APPLY) is Rule.APPLY
            last = [a for a in actions if a.deal == "D1" and isinstance(a, Won) is (item is Item.WON)][-1]
            assert last.certainty is Certainty.APPLY
            assert not same(change.old, change.new)
