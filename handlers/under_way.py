"""Deals as they will be once our own writes under way are done: what the next words are decided on. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.deals import Deal, DealField, FieldChange, Outcome, Pipelines
from bot.ports import Change, ChangeState
from handlers.answering import APPLIED
from handlers.services import Services


async def with_own_writes(
    services: Services, deals: Sequence[Deal], pipelines: Pipelines, *, read_since: datetime
) -> tuple[Deal, ...]:
    """The deals with what an earlier message changes in them: two messages in a row must not be taken for two
    people at odds. `read_since` is when we began to read them (aware): what was written after that may be missing."""
    async with services.store.unit() as unit:
        changes = await unit.changes_under_way([d.id for d in deals], since=read_since)
    return tuple(expected(d, [c for c in changes if c.deal_id == d.id], pipelines) for d in deals)


def expected(deal: Deal, changes: Sequence[Change], pipelines: Pipelines) -> Deal:
    """The deal after these changes, oldest first; fields that the CRM refused stay as they are. Pure."""
    written = [c for change in changes for c in change.changes if _counts(change, c)]
    values: dict[str, Any] = {c.field.value: c.new for c in written}
    pipeline = pipelines.get(deal.motion) if deal.motion else None
    if DealField.STAGE in values and pipeline is not None:
        outcomes = {stage.label: stage.outcome for stage in pipeline.stages}
        values["outcome"] = outcomes.get(values[DealField.STAGE], Outcome.OPEN)
    return replace(deal, **values)


def _counts(change: Change, field: FieldChange) -> bool:
    return change.state is not ChangeState.DONE or change.results.get(field.field.value) == APPLIED
