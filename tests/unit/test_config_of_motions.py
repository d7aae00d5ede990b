"""[motions] of config.toml: each fault says who, what, why and what next; the CRM's stages are held against it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot import checkup
from bot.app.settings import hubspot_settings, motions_of
from bot.config import load
from bot.domain.deals import Outcome, Pipeline, Stage
from bot.domain.motions import DEFAULTS
from bot.domain.motions_page import default_pipeline
from bot.domain.partners import Motion
from bot.domain.policy import Policies
from bot.errors import TransientError
from tests.unit.test_config import ENVIRON, SHIPPED, faults_of

QUALIFICATION = 'stage = "Qualification"'


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("[motions.reseller]", "[motions.resale]", ["motions.resale", "reseller"]),
        ('requires = ["next_step"]', 'requires = ["next_stp"]', ["motions.reseller.stages.2.requires.0: 'next_stp'"]),
        (
            'requires = ["next_step"]',
            'requires = ["next_stp"]',
            ["is not a field of a deal; known are amount, currency"],
        ),
        ('requires = ["next_step"]', "requires = 3", ["motions.reseller.stages.2.requires"]),
        ('requires = ["next_step"]', 'require = ["next_step"]', ["did you mean 'requires'?"]),
        (QUALIFICATION, 'stage = " deal registration"', ["motions.reseller: names a stage twice: deal registration"]),
        (QUALIFICATION, 'stage = ""', ["motions.reseller.stages.1.stage"]),
        (f"{{ {QUALIFICATION}, ", "{ ", ["motions.reseller.stages.1.stage: is missing"]),
        ("[motions.reseller]", "[motions.referral]\nstages = []\n[motions.reseller]", ["motions.referral.stages"]),
        ("[motions.reseller]", "[motions.referral]\n[motions.reseller]", ["motions.referral.stages: is missing"]),
    ],
    ids=[
        "no motion",
        "no field",
        "what fields there are",
        "no list",
        "a misspelt key",
        "a stage twice",
        "a nameless stage",
        "a stage without its name",
        "no stages",
        "stages left out",
    ],
)
def test_a_fault_says_where_and_what_would_be_right(tmp_path, old: str, new: str, faults: list[str]):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    told = faults_of(text.replace(old, new, 1), tmp_path)
    assert all(fault in told for fault in faults), told


def test_changes_that_wait_for_a_manager_and_registrations_have_numbers_of_their_own(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8")
    assert 'number_format = "REG-{n}"' in text
    told = faults_of(text.replace('number_format = "REG-{n}"', 'number_format = "chg-{n}"'), tmp_path)
    assert "registration.number_format: 'chg-{n}': is how changes that wait for a manager are numbered" in told
    assert "REG-{n}" in told


def test_a_hold_is_reminded_of_before_it_is_dropped(tmp_path):
    text = SHIPPED.read_text(encoding="utf-8")
    told = faults_of(text.replace("held_reminder_days = 3 ", "held_reminder_days = 14 "), tmp_path)
    assert "rhythm: held_reminder_days is not before held_days: remind earlier" in told
    rhythm = load(SHIPPED, ENVIRON, {"rhythm": {"held_days": 0}}).rhythm.rhythm()
    assert (rhythm.held_reminder_days, rhythm.held_days) == (3, 0)


def test_companies_that_buy_already_are_told_by_the_stages_that_the_file_names():
    config = load(SHIPPED, ENVIRON, {"crm": {"hubspot": {"customer_stages": ["Client"]}}})
    assert hubspot_settings(config).customer_stages == {"client"}


def test_only_motions_with_a_pipeline_have_gates_and_own_stages_replace_the_defaults():
    config = load(SHIPPED, ENVIRON, {"motions": {"referral": {"stages": [{"stage": "Intro", "requires": ["amount"]}]}}})
    running = motions_of(config)
    assert set(running) == set(config.crm.hubspot.pipelines)
    assert [(e.stage, e.requires) for e in running[Motion.REFERRAL]] == [("Intro", ("amount",))]
    assert running[Motion.TECHNOLOGY] == DEFAULTS[Motion.TECHNOLOGY]


class Portal:
    """A CRM that has these pipelines, or cannot be reached."""

    def __init__(self, *pipelines: Pipeline, away: bool = False) -> None:
        self._pipelines, self._away = pipelines, away

    async def pipelines(self) -> dict[Motion, Pipeline]:
        if self._away:
            raise TransientError("crm: nobody answers")
        return {p.motion: p for p in self._pipelines}


def services(crm: Portal) -> Any:
    return SimpleNamespace(crm=crm, policies=Policies(motions=DEFAULTS))


async def test_the_check_names_a_gate_whose_stage_the_crm_has_not():
    closing = Stage(label="Won", outcome=Outcome.WON)
    other = Pipeline(motion=Motion.RESELLER, stages=(Stage(label="Qualification"), Stage(label="Offer"), closing))
    (fault,) = await checkup._motions(services(Portal(other)))
    assert fault == (
        "motions.reseller: 'Configure & Quote' is not one of the pipeline's open stages: Qualification, Offer; "
        "name the stages as the CRM does"
    )


async def test_the_check_finds_nothing_where_stages_agree_and_leaves_a_crm_that_is_away_to_its_own_check():
    assert await checkup._motions(services(Portal(*map(default_pipeline, Motion)))) == []
    assert await checkup._motions(services(Portal(away=True))) == []
