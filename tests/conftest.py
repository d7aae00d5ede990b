"""What every test shares: finite Decimals for generated values, and modules that are compiled once."""

from __future__ import annotations

import os
import sys
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=2))
# A slow machine is no failure.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

# Tests start some two hundred processes: where the environment forbids to keep what Python compiled, each would compile
# everything again, which is most of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
