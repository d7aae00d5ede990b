"""Motions as data: one table of transitions, the gates, and the page drawn from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.domain.deals import Outcome, Pipeline, Stage
from bot.domain.motions import ALWAYS, DEFAULTS, REQUIRABLE, Step, exits_passed, gate, strangers, transitions
from bot.domain.motions_page import default_pipeline, page
from bot.domain.partners import Motion
from tests.unit.domain.test_decide import DEAL
from tests.unit.test_config import ENVIRON, SHIPPED

PIPELINES = {motion: default_pipeline(motion) for motion in Motion}
BARE = replace(DEAL, source="sourced", amount=None, close_date=None, next_step=None)


def test_the_page_is_drawn_from_the_tables():
    path = Path(__file__).parents[3] / "docs" / "motions.md"
    assert path.read_text(encoding="utf-8") == page(), "python -m bot.domain.motions_page > docs/motions.md"


def test_the_shipped_stages_of_resale_are_the_defaults():
    assert load(SHIPPED, ENVIRON).motions[Motion.RESELLER].exits() == DEFAULTS[Motion.RESELLER]


@pytest.mark.parametrize("motion", Motion)
def test_each_motion_has_five_stages_with_a_criterion(motion):
    assert len(DEFAULTS[motion]) == len({e.stage for e in DEFAULTS[motion]}) == 5
    assert all(e.criterion and set(e.requires) <= set(REQUIRABLE) for e in DEFAULTS[motion])


@given(st.sampled_from(Motion), st.data())
def test_no_way_through_a_pipeline_leaves_the_table_or_a_gate_behind(motion, data):
    table = transitions(PIPELINES[motion])
    labels = [s.label for s in PIPELINES[motion].stages]
    old, new = data.draw(st.lists(st.sampled_from(labels), min_size=2, max_size=2, unique=True))
    deal = replace(BARE, motion=motion, stage=old)
    exits = {motion: tuple(replace(e, requires=("next_step",)) for e in DEFAULTS[motion])}
    missing, passed = gate(deal, new, PIPELINES, exits), exits_passed(deal, new, PIPELINES, exits)
    forward = table[old, new] in {Step.NEXT, Step.SKIP, Step.WON}
    assert missing == (("next_step",) if forward else ())
    assert gate(replace(deal, next_step="demo"), new, PIPELINES, exits) == ()
    if table[old, new] in {Step.NEXT, Step.SKIP}:
        assert [e.stage for e in passed] == labels[labels.index(old) : labels.index(new)]
    assert gate(replace(deal, source=None, next_step="x"), new, PIPELINES, exits) == (("source",) if forward else ())


def test_each_requirement_is_named_once_and_blanks_are_empty():
    motions = {Motion.RESELLER: tuple(replace(e, requires=("next_step", "amount")) for e in DEFAULTS[Motion.RESELLER])}
    assert gate(replace(BARE, next_step="  "), "Transact", PIPELINES, motions) == ("next_step", "amount")


def test_a_deal_without_a_motion_does_not_move_where_motions_run():
    assert gate(replace(BARE, motion=None), "Transact", PIPELINES, DEFAULTS) == ALWAYS[:1]
    assert gate(replace(BARE, motion=None), "Transact", PIPELINES, {}) == ()


def test_a_gate_on_a_stage_that_the_crm_has_not_is_a_fault():
    assert strangers(PIPELINES, DEFAULTS) == []
    other = Pipeline(
        motion=Motion.RESELLER, stages=(Stage(label=" qualification "), Stage(label="W", outcome=Outcome.WON))
    )
    (fault,) = strangers({Motion.RESELLER: other}, DEFAULTS)
    assert "'Configure & Quote'" in fault
