"""Reading a reply: parse, classify, extract, understand; and how soon `offportal explain` answers. Asserts nothing."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bot.explaining import explain_case
from bot.mail_words import mail_words
from mailer.classify import Kind, classify
from mailer.extract import extract
from mailer.parse import parse
from tests.bench.proc import peak_mb
from tests.bench.report import Report

TESTS = Path(__file__).parents[1]
ROUNDS = 5
STARTS = 5


def measure(report: Report) -> None:
    words = mail_words()
    cases: list[dict[str, Any]] = [
        json.loads(line)["case"]
        for file in sorted((TESTS / "explain").glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    mails = [file.read_bytes() for file in sorted((TESTS / "corpus" / "mail").rglob("*.eml"))]
    case = {name: value for name, value in cases[0].items() if name != "mail"}

    def first() -> None:
        explain_case(cases[0], words, None)

    def machine_or_words(raw: bytes) -> None:
        mail = parse(raw)
        if classify(mail, words).kind is Kind.HUMAN:
            extract(mail, words)

    report.add("the first reply (vocabularies are read)", _cpu_ms(first), "ms CPU")
    _each(report, "a case of tests/explain, whole", cases, lambda one: explain_case(one, words, None))
    _each(report, "a mail of the corpus, read and cut", mails, machine_or_words)
    _each(report, "a mail of the corpus, whole", mails, lambda raw: explain_case(case, words, raw))
    report.add("peak memory", peak_mb(), "MiB")
    starts(report, cases[0])


def _each(report: Report, what: str, items: Sequence[Any], read: Callable[[Any], object]) -> None:
    """CPU of each item, the least of some rounds: what the machine does besides is not the item's."""
    costs = [min(_cpu_ms(partial(read, item)) for _ in range(ROUNDS)) for item in items]
    report.spread(what, costs, "ms CPU", shares=(50, 99))


def _cpu_ms(do: Callable[[], object]) -> float:
    used = time.process_time()
    do()
    return (time.process_time() - used) * 1000


def starts(report: Report, case: Mapping[str, Any]) -> None:
    """Of the whole command, beside an interpreter that does nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "case.json"
        file.write_text(json.dumps(case), encoding="utf-8")
        bare_s, _ = _run([sys.executable, "-c", "pass"])
        took_s, memory_mb = _run([sys.executable, "-m", "bot.cli", "explain", str(file), "--json"])
    report.add("offportal explain, start to end", took_s, "s", f"median of {STARTS}; bare interpreter {bare_s:.2f} s")
    report.add("offportal explain, peak memory", memory_mb, "MiB")


def _run(command: Iterable[str]) -> tuple[float, float]:
    """The median duration in seconds and the peak memory in MiB of some runs."""
    took_s, memory_mb = [], []
    for _ in range(STARTS):
        since = time.perf_counter()
        process = subprocess.Popen(list(command), cwd=TESTS.parent, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"reading: {command}: exit status {process.returncode}")
        took_s.append(time.perf_counter() - since)
        memory_mb.append(usage.ru_maxrss / 1024)
    return statistics.median(took_s), max(memory_mb)
