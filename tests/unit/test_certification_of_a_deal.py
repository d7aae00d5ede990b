"""Which certification a registered deal carries into the CRM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.protect import certification_of
from tests.unit.domain.registering import PARTNER

HOLDS = replace(PARTNER, certifications=("Seller", "Implementer"))


@pytest.mark.parametrize(
    ("partner", "demanded", "carried"),
    [
        pytest.param(HOLDS, "implementer", "Implementer", id="the one that the motion demands"),
        pytest.param(HOLDS, "Architect", None, id="none that the partner does not hold"),
        pytest.param(HOLDS, None, "Seller; Implementer", id="all where none is demanded"),
        pytest.param(replace(PARTNER, certifications=()), None, None, id="none where there is none"),
        pytest.param(None, "Seller", None, id="nobody's"),
    ],
)
def test_a_deal_carries_what_its_motion_demands(partner, demanded, carried):
    assert certification_of(partner, demanded) == carried
