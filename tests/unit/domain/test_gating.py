"""The verdict of a gate: for every step of every pipeline, over what is there, what comes, and who may fill in what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.actions import Ask, Certainty, Extend, Field, Lost, Set, Status, Won
from bot.domain.deals import DealField, FieldChange
from bot.domain.gating import Verdict, asks, has_no_stages, is_stale, resumed, verdict, waits
from bot.domain.motions import ALWAYS, DEFAULTS, REQUIRABLE, Motions, Step, exits_passed, transitions
from bot.domain.motions_page import default_pipeline
from bot.domain.partners import Motion
from bot.domain.policy import Item, Policies, Rule
from tests.unit.domain.test_decide import DEAL

PIPELINES = {motion: default_pipeline(motion) for motion in Motion}
FORWARD = {Step.NEXT, Step.SKIP, Step.WON}
VALUES: dict[str, Any] = {
    "amount": Decimal(5),
    "currency": "EUR",
    "close_date": date(2027, 1, 31),
    "next_step": "demo",
    "stage_notes": "met the CTO",
    "competitor": "Globex",
    "protected_until": date(2027, 1, 31),
    "source": "sourced",
}
FILLABLE = ("amount", "currency", "close_date", "next_step")
REQUIRED = tuple(name for name in REQUIRABLE if name not in ALWAYS)
HELD = Set(certainty=Certainty.APPLY, deal="D1", field=Field.STAGE, value="Transact")

some = st.sets(st.sampled_from(sorted(VALUES)))
demands = st.dictionaries(st.integers(0, 4), st.sets(st.sampled_from(REQUIRED)), max_size=5)
rules = st.dictionaries(st.sampled_from([Item(name) for name in FILLABLE]), st.sampled_from(Rule))


def changes(names: set[str]) -> list[FieldChange]:
    return [FieldChange(field=DealField(n), old=None, new=VALUES[n]) for n in names if n in set(DealField)]


def demanding(motion: Motion, wanted: dict[int, set[str]]) -> Motions:
    exits = (replace(e, requires=tuple(sorted(wanted.get(n, ())))) for n, e in enumerate(DEFAULTS[motion]))
    return {motion: tuple(exits)}


@given(st.sampled_from(Motion), st.data(), some, some, some, demands, rules)
def test_over_the_table_a_gate_opens_holds_or_calls_a_person(motion, data, there, applied, proposed, wanted, rule):
    pairs = sorted(transitions(PIPELINES[motion]).items())
    (old, new), step = data.draw(st.sampled_from(pairs))
    motions = demanding(motion, wanted)
    values: dict[str, Any] = {name: VALUES[name] if name in there else None for name in VALUES}
    deal = replace(DEAL, motion=motion, stage=old, **values)
    found = verdict(
        deal,
        new,
        applied=changes(applied),
        proposed=changes(proposed),
        pipelines=PIPELINES,
        policies=Policies(rules={"partner": rule}, motions=motions),
        role="partner",
    )
    passed = exits_passed(deal, new, PIPELINES, motions)
    needed = {"source", *(name for e in passed for name in e.requires)} if step in FORWARD else set()
    missing = needed - there - {c.field.value for c in changes(applied)}
    own = {n for n in missing if n in FILLABLE and rule.get(Item(n), Rule.APPLY) in {Rule.APPLY, Rule.CONFIRM}}
    if not missing:
        assert found == Verdict()
    elif not own:
        assert (found.rule, set(found.missing)) == (Rule.MANAGER, missing)
    elif own <= proposed:
        assert found == Verdict(rule=Rule.CONFIRM)
    else:
        assert (found.rule, set(found.missing)) == (Rule.APPLY, own)
        assert len(found.missing) == len(own)
        assert {a.field.value for a in asks("D1", found.missing)} == own


def test_each_thing_that_is_asked_for_can_be_answered_bare():
    asked = asks("D1", FILLABLE)
    assert [a.ask for a in asked] == [Ask.AMOUNT, Ask.CURRENCY, Ask.CLOSE_DATE, Ask.NEXT_STEP]
    assert all(a.certainty is Certainty.ASK and a.value is None and a.deal == "D1" for a in asked)


def test_only_the_same_stage_change_is_the_one_that_waits():
    again = replace(HELD, certainty=Certainty.CONFIRM)
    assert waits(again, [HELD])
    assert resumed(again, [HELD]) == HELD
    other = replace(again, value="Qualification")
    assert not waits(other, [HELD])
    assert resumed(other, [HELD]) == other
    assert not waits(replace(HELD, field=Field.NEXT_STEP), [replace(HELD, field=Field.NEXT_STEP)])


def test_a_question_is_stale_only_beside_the_stage_change_of_its_own_deal():
    (question,) = asks("D1", ["next_step"])
    assert is_stale(question, [HELD, question])
    assert not is_stale(question, [question])
    assert not is_stale(question, [replace(HELD, deal="D2"), question])
    assert not is_stale(question, [HELD])


@given(st.none() | st.sampled_from(Motion), st.sets(st.sampled_from(Motion)))
def test_what_moves_a_deal_without_stages_is_for_a_person(motion, running):
    deals = {"D1": replace(DEAL, motion=motion)}
    pipelines = {m: PIPELINES[m] for m in running}
    for action in (HELD, Won(certainty=Certainty.APPLY, deal="D1"), Lost(certainty=Certainty.ASK, deal="D1")):
        assert has_no_stages(action, deals, pipelines) is (motion not in running)
        assert not has_no_stages(replace(action, deal="D2"), deals, pipelines)
    for other in (Extend(certainty=Certainty.APPLY, deal="D1"), Status(certainty=Certainty.APPLY, deal="D1")):
        assert not has_no_stages(other, deals, pipelines)
