"""The domain's values survive JSON exactly."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import actions
from bot.domain.codec import from_json, to_json
from bot.domain.deals import FieldChange
from bot.domain.notices import EVENTS

CLASSES = [c for c in vars(actions).values() if isinstance(c, type) and dataclasses.is_dataclass(c)]


@pytest.mark.parametrize("cls", [*CLASSES, FieldChange, *EVENTS.values()], ids=lambda c: c.__name__)
@given(data=st.data())
def test_every_value_comes_back_as_it_went(cls, data):
    value = data.draw(st.builds(cls))
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


def test_a_foreign_object_is_refused():
    with pytest.raises(TypeError, match="object is not a value of the domain"):
        to_json(object())
