"""What was measured: one line a figure, as a table for people or as JSON for scripts. Judges nothing."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`what` was measured; `value` in `unit`, None when it could not be measured here and `note` says why."""

    bench: str
    what: str
    value: float | None
    unit: str
    note: str = ""


@dataclass(slots=True)
class Report:
    """Collects the figures of one measurement; each is told on standard error as soon as it is known."""

    bench: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, note: str = "") -> None:
        self._add(Figure(bench=self.bench, what=what, value=value, unit=unit, note=note))

    def spread(self, what: str, values: Sequence[float], unit: str, *, shares: Sequence[int] = (50, 95)) -> None:
        """The percentiles of several values."""
        for share in shares:
            self.add(f"{what}, p{share}", percentile(values, share), unit, f"of {len(values)}")

    def missing(self, what: str, why: str) -> None:
        """What cannot be measured here, said aloud."""
        self._add(Figure(bench=self.bench, what=what, value=None, unit="", note=why))

    def _add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print(_line(figure), file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that `share` percent of the values do not exceed."""
    if share == 50:
        return statistics.median(values)
    return sorted(values)[max(0, -(-len(values) * share // 100) - 1)]


def table(figures: Sequence[Figure]) -> str:
    return "\n".join(_line(figure) for figure in figures)


def as_json(figures: Sequence[Figure]) -> str:
    return json.dumps([asdict(figure) for figure in figures], indent=1)


def _line(figure: Figure) -> str:
    value = "-" if figure.value is None else _number(figure.value)
    return f"{figure.bench:<14}{figure.what:<58}{value:>10} {figure.unit:<10}{figure.note}".rstrip()


def _number(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
