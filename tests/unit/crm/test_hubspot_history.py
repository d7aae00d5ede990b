"""A property's history as changes."""

from __future__ import annotations

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.crm.hubspot.fields import instant, stamp
from bot.crm.hubspot.history import field_changes
from bot.crm.hubspot.portal import Account
from bot.crm.hubspot.stages import Stages
from bot.domain.deals import DealField, ObservedChange, same
from bot.domain.partners import Motion

NOON = instant("2026-11-24T12:00:00Z")
STAGES = Stages([{"id": "1", "label": "P", "stages": [{"id": "s", "label": "Sign"}]}], {Motion.RESELLER: "P"})
ACCOUNT = Account(portal_id="1", zone=ZoneInfo("UTC"))


def told_of(name: str, values: list[str], field: DealField) -> list[ObservedChange]:
    entries = [
        {"value": value, "timestamp": stamp(NOON + timedelta(seconds=second)), "sourceType": "CRM_UI"}
        for second, value in enumerate(values)
    ]
    random.Random(len(entries)).shuffle(entries)  # noqa: S311 only an order that is not that of time
    record = {"id": "42", "properties": {"pipeline": "1"}, "propertiesWithHistory": {name: entries}}
    return list(field_changes(record, name, field, STAGES, ACCOUNT))


@given(values=st.lists(st.text(alphabet="ab ", max_size=2), max_size=8))
def test_each_change_starts_where_the_one_before_ended(values: list[str]) -> None:
    changes = told_of("hs_next_step", values, DealField.NEXT_STEP)
    present = None
    for told in changes:
        assert same(told.change.old, present)
        assert not same(told.change.old, told.change.new)
        present = told.change.new
    assert same(present, values[-1] if values else None)
    assert len({c.key for c in changes}) == len(changes)


def test_an_odd_value_is_left_out_and_the_others_told() -> None:
    changes = told_of("amount", ["1", "a lot", "2", "3"], DealField.AMOUNT)
    assert [str(c.change.new) for c in changes] == ["1", "2", "3"]


def test_a_stage_is_told_by_its_label_and_an_unknown_one_by_its_id() -> None:
    changes = told_of("dealstage", ["s", "gone"], DealField.STAGE)
    assert [c.change.new for c in changes] == ["Sign", "gone"]


def test_a_key_names_deal_field_and_moment() -> None:
    (told,) = told_of("amount", ["1"], DealField.AMOUNT)
    assert told.key == f"42:amount:{round(NOON.timestamp() * 1000)}"
    assert told.by == "CRM_UI"
