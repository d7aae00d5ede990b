"""The five motions: their stages in order, and what a deal needs before it leaves each of them. Pure.

Refuses to judge a lost deal or a step back: these are always free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.deals import Deal, DealField, Outcome, Pipeline, Pipelines
from bot.domain.partners import Motion

#: Nothing moves forward without these ("missing motion or attribution blocks progress").
ALWAYS = ("motion", "source")
REQUIRABLE = (
    DealField.AMOUNT.value,
    DealField.CURRENCY.value,
    DealField.CLOSE_DATE.value,
    DealField.NEXT_STEP.value,
    DealField.STAGE_NOTES.value,
    DealField.COMPETITOR.value,
    DealField.PROTECTED_UNTIL.value,
    *ALWAYS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """What a deal needs before it leaves a stage: `requires` names fields of REQUIRABLE that must not be empty,
    `criterion` says in one sentence what the partner and we have done by then."""

    stage: str
    criterion: str = ""
    requires: tuple[str, ...] = ()


Motions = Mapping[Motion, tuple[Exit, ...]]


class Step(StrEnum):
    """What a stage change is."""

    NEXT = "next"  # one stage forward
    SKIP = "skip"  # several stages forward
    BACK = "back"  # to an earlier stage, or open again
    WON = "won"
    LOST = "lost"


DEFAULTS: Motions = {
    Motion.REFERRAL: (
        Exit(
            stage="Intro Logged",
            criterion="The opportunity exists, the partner is its source, and we accepted ownership formally.",
        ),
        Exit(
            stage="Validate",
            criterion="Fit with the ideal customer, urgency and the partner's limited role are confirmed.",
        ),
        Exit(stage="Prove Value", criterion="We advance the deal without further work of the partner."),
        Exit(stage="Commercials", criterion="The commercial terms are settled without the partner."),
        Exit(stage="Closed & Credit", criterion="The deal is closed and the referral credit is final."),
    ),
    Motion.RESELLER: (
        Exit(
            stage="Deal Registration",
            criterion="The deal is registered, with price protection and non-interference.",
        ),
        Exit(
            stage="Qualification",
            criterion="The reseller confirms real demand of the end customer and the technical fit.",
            requires=("amount", "close_date"),
        ),
        Exit(
            stage="Configure & Quote",
            criterion="The terms reflect approved products, discounts and margins.",
            requires=("next_step",),
        ),
        Exit(stage="Transact", criterion="The reseller closes and delivers."),
        Exit(stage="Launch & Activate", criterion="The tasks of delivery and renewal are documented."),
    ),
    Motion.MARKETPLACE: (
        Exit(stage="Listing Ready", criterion="The deal matches an approved listing."),
        Exit(stage="Private Offer", criterion="Discounts and terms are fixed within the marketplace's limits."),
        Exit(stage="Procurement", criterion="The purchase runs through the marketplace's system."),
        Exit(stage="Close & Disburse", criterion="Revenue and partner credit are recorded correctly."),
        Exit(stage="Adopt & Expand", criterion="Expansion comes by usage, not by renegotiation."),
    ),
    Motion.SERVICES: (
        Exit(stage="Solution Design", criterion="Joint success criteria stand before any commitment of revenue."),
        Exit(stage="Proof / Workshop", criterion="The assumptions of delivery are validated, risks are documented."),
        Exit(stage="Commercials", criterion="Software and services are sold together, aligned with milestones."),
        Exit(stage="Delivery", criterion="The integrator leads and we support."),
        Exit(stage="Handover", criterion="The account is in steady-state ownership and expansion."),
    ),
    Motion.TECHNOLOGY: (
        Exit(stage="Integration Fit", criterion="There is a clear use case that the integration leads."),
        Exit(stage="Field Readiness", criterion="Sellers can position the joint solution."),
        Exit(stage="Pipeline Activation", criterion="The partner's influence shows in active deals."),
        Exit(stage="Validation", criterion="Joint proof points strengthen the progress."),
        Exit(stage="Commercials & Close", criterion="The influence credit is recorded and fed back into planning."),
    ),
}


def transitions(pipeline: Pipeline) -> Mapping[tuple[str, str], Step]:
    """Every stage change that a pipeline has, by the labels it goes from and to: the one table of what it means."""
    places = {stage.label: place for place, stage in enumerate(s for s in pipeline.stages if s.outcome is Outcome.OPEN)}
    table: dict[tuple[str, str], Step] = {}
    for old in pipeline.stages:
        for new in pipeline.stages:
            if old.label == new.label:
                continue
            if new.outcome is not Outcome.OPEN:
                step = Step.WON if new.outcome is Outcome.WON else Step.LOST
            elif old.outcome is not Outcome.OPEN or places[new.label] < places[old.label]:
                step = Step.BACK
            else:
                step = Step.NEXT if places[new.label] == places[old.label] + 1 else Step.SKIP
            table[old.label, new.label] = step
    return table


def exits_passed(deal: Deal, target: str, pipelines: Pipelines, motions: Motions) -> tuple[Exit, ...]:
    """The exits that a deal passes on its way to the stage `target`: those of each stage left behind; on winning,
    that of the last open stage; none on the way back or out."""
    pipeline = pipelines.get(deal.motion) if deal.motion else None
    if pipeline is None or deal.motion is None:
        return ()
    labels = pipeline.open_labels()
    match transitions(pipeline).get((deal.stage, target)):
        case Step.WON:
            passed = labels[-1:]
        case Step.NEXT | Step.SKIP:
            passed = labels[labels.index(deal.stage) : labels.index(target)]
        case _:
            return ()
    names = {_folded(label) for label in passed}
    return tuple(e for e in motions.get(deal.motion, ()) if _folded(e.stage) in names)


def criteria(deal: Deal, target: str, pipelines: Pipelines, motions: Motions) -> tuple[tuple[str, str], ...]:
    """Each stage that a deal leaves behind on its way to `target`, with its exit criterion where it has one."""
    return tuple((e.stage, e.criterion) for e in exits_passed(deal, target, pipelines, motions) if e.criterion)


def gate(deal: Deal, target: str, pipelines: Pipelines, motions: Motions) -> tuple[str, ...]:
    """What is missing before the deal may move to the stage `target`: names of REQUIRABLE, each once; empty when it
    may. `deal` is the deal as it will be otherwise. A motion that is not in `motions` has no gates."""
    if deal.motion is None:
        return ("motion",) if motions else ()
    pipeline = pipelines.get(deal.motion)
    step = transitions(pipeline).get((deal.stage, target)) if pipeline else None
    if deal.motion not in motions or step not in {Step.NEXT, Step.SKIP, Step.WON}:
        return ()
    wanted = [*ALWAYS, *(name for e in exits_passed(deal, target, pipelines, motions) for name in e.requires)]
    return tuple(name for name in dict.fromkeys(wanted) if _is_empty(getattr(deal, name)))


def strangers(pipelines: Pipelines, motions: Motions) -> list[str]:
    """Faults: exits that demand something of a stage which the CRM's pipeline has not: they would never hold a deal."""
    faults = []
    for motion, exits in motions.items():
        if (pipeline := pipelines.get(motion)) is None:
            continue
        known = {_folded(label) for label in pipeline.open_labels()}
        faults += [
            f"motions.{motion}: {e.stage!r} is not one of the pipeline's open stages: "
            f"{', '.join(pipeline.open_labels())}; name the stages as the CRM does"
            for e in exits
            if e.requires and _folded(e.stage) not in known
        ]
    return faults


def _folded(label: str) -> str:
    return label.strip().casefold()


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
