"""What every test shares: finite Decimals for generated values."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=2))
settings.register_profile("default", deadline=None)  # a slow machine is no failure
settings.load_profile("default")
