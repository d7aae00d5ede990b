"""Pipelines of a portal: ids, labels, outcomes and motions."""

from __future__ import annotations

from typing import Any

from bot.crm.hubspot.stages import Stages
from bot.domain.deals import Outcome
from bot.domain.partners import Motion


def stage(id_: str, label: str, order: int, *, closed: bool = False, probability: str = "0.5") -> dict[str, Any]:
    metadata = {"isClosed": str(closed).lower(), "probability": probability}
    return {"id": id_, "label": label, "displayOrder": order, "metadata": metadata}


RESELLER = {
    "id": "11",
    "label": "Reseller",
    "stages": [
        stage("112", "Transact", 1),
        stage("111", "Qualification", 0),
        stage("118", "Closed Won", 8, closed=True, probability="1.0"),
        stage("119", "Closed Lost", 9, closed=True, probability="0.0"),
    ],
}
SHARED = {"id": "default", "label": "Sales", "stages": [stage("q", "Qualification", 0)]}


def test_stages_stand_in_their_order_with_their_outcomes() -> None:
    pipeline = Stages([RESELLER], {Motion.RESELLER: "reseller "}).pipelines()[Motion.RESELLER]
    assert [s.label for s in pipeline.stages] == ["Qualification", "Transact", "Closed Won", "Closed Lost"]
    assert pipeline.closing_label(Outcome.WON) == "Closed Won"
    assert pipeline.closing_label(Outcome.LOST) == "Closed Lost"


def test_a_label_means_the_stage_of_the_deals_own_pipeline() -> None:
    stages = Stages([RESELLER, SHARED], {Motion.RESELLER: "11"})
    assert stages.stage_id("11", " qualification") == "111"
    assert stages.stage_id("default", "Qualification") == "q"
    assert stages.stage_id("11", "Nowhere") is None


def test_the_pipeline_tells_the_motion_and_the_deal_only_where_several_share_it() -> None:
    stages = Stages([RESELLER, SHARED], {Motion.RESELLER: "11", Motion.REFERRAL: "default", Motion.SERVICES: "default"})
    assert stages.motion("11", "referral") is Motion.RESELLER
    assert stages.motion("default", "services") is Motion.SERVICES
    assert stages.motion("default", None) is None
    assert stages.motion("unknown", "reseller") is None


def test_open_stages_are_those_of_the_motions_pipelines() -> None:
    assert Stages([RESELLER, SHARED], {Motion.RESELLER: "11"}).open_stage_ids() == ("111", "112")


def test_a_pipeline_that_is_missing_or_cannot_close_is_a_fault() -> None:
    faults = Stages([RESELLER, SHARED], {Motion.RESELLER: "Resale", Motion.REFERRAL: "Sales"}).faults()
    assert len(faults) == 2
    assert "'Resale' is not one of the portal's deal pipelines: Reseller, Sales" in faults[0]
    assert "no stage for won and lost" in faults[1]


def test_an_unknown_stage_is_told_by_its_id() -> None:
    stages = Stages([RESELLER], {Motion.RESELLER: "11"})
    assert stages.label("999", "11") == "999"
    assert not stages.knows("999")
