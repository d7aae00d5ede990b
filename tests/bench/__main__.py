"""`python -m tests.bench [name …] [--json FILE]`: measure on this machine, everything or the parts named."""

from __future__ import annotations

import argparse
import importlib
import logging
from collections.abc import Callable
from pathlib import Path

import structlog

from tests.bench.report import Figure, Report, as_json, table

BENCHES = (
    "reading",
    "understanding",
    "engine",
    "crm",
    "audience",
    "desk",
    "registering",
    "sending",
    "broadcast",
    "loop",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHES):
        parser.error(f"{', '.join(sorted(unknown))}: is none of {', '.join(BENCHES)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures: list[Figure] = []
    for name in given.names or BENCHES:
        report = Report(name)
        measure: Callable[[Report], None] = importlib.import_module(f"tests.bench.{name}").measure
        measure(report)
        figures += report.figures
    print(table(figures))
    if given.json:
        given.json.write_text(as_json(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
