"""How well and how fast replies are understood: the corpora by language, hostile inputs, start and memory.

Prints figures alone: a held-out reply that has been read measures nothing. Asserts nothing.
"""

from __future__ import annotations

import importlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.explaining import explain_case
from bot.mail_words import mail_words
from mailer.words import Words
from tests.bench.proc import peak_mb
from tests.bench.reading import starts
from tests.bench.report import Report, percentile
from tests.corpus.replies import score

REPLIES = Path(score.__file__).parent


def measure(report: Report) -> None:
    words = mail_words()
    first = next(_rows())[2]["case"]
    starts(report, first)
    explain_case(first, words, None)
    _replies(report, words)
    _mails(report)
    for what, mail in hostile().items():
        since = time.process_time()
        explain_case({name: value for name, value in first.items() if name != "text"}, words, mail)
        report.add(what, (time.process_time() - since) * 1000, "ms CPU")
    report.add("peak memory of all this", peak_mb(), "MiB")


def _rows() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Language, split and row of every reply; those in `fresh` are a split of their own."""
    for folder in (REPLIES, REPLIES / "fresh"):
        for file in sorted(folder.glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    row = json.loads(line)
                    yield file.stem, "fresh" if folder != REPLIES else row["split"], row


def _replies(report: Report, words: Words) -> None:
    judged: dict[tuple[str, str], list[score.Judged]] = defaultdict(list)
    costs_ms: list[float] = []
    for lang, split, row in _rows():
        since = time.process_time()
        result = explain_case(row["case"], words, None)
        costs_ms.append((time.process_time() - since) * 1000)
        judged[lang, split].append(score.judge(lang, row, result))
    for (lang, split), rows in sorted(judged.items()):
        exact = 100 * sum(one.exact for one in rows) / len(rows)
        wrong = sum(len(one.wrong_writes) for one in rows)
        report.add(f"replies {lang} {split}, exact", exact, "%", f"of {len(rows)}; wrong writes: {wrong}")
    everything = [one for rows in judged.values() for one in rows]
    report.add("replies, wrong writes", sum(len(one.wrong_writes) for one in everything), "writes")
    for what, value in (
        ("median", percentile(costs_ms, 50)),
        ("p99", percentile(costs_ms, 99)),
        ("max", max(costs_ms)),
    ):
        report.add(f"a reply, {what}", value, "ms CPU", f"of {len(costs_ms)}")


def _mails(report: Report) -> None:
    try:
        mails = importlib.import_module("tests.corpus.mail.score")
    except ModuleNotFoundError as exc:
        report.missing("automatic mail and extraction", f"there is no {exc.name}")
        return
    automatic, extraction = mails.automatic(), mails.extraction()
    report.add("automatic mail, recognised", 100 * automatic.recognised, "%", f"of {automatic.machines}")
    report.add("automatic mail, humans mistaken", len(automatic.mistaken), "mails", f"of {automatic.people}")
    report.add("extraction, acceptable", 100 * extraction.acceptable, "%", f"of {extraction.mails}")
    report.add("extraction, leaks", 100 * extraction.leaking_share, "%", f"of {extraction.mails}")


def hostile() -> Mapping[str, bytes]:
    """Mails that are made to be slow, by what is in them."""
    head = b"From: tom@ashby.example\nTo: partners@meridian.example\nSubject: Re: Acme\nMIME-Version: 1.0\n"
    plain = head + b"Content-Type: text/plain; charset=utf-8\n\n"
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(2_000)
    )
    return {
        "hostile: 100 kB of blank lines": plain + b"signed\n" + b"\n" * 100_000 + b"ok\n",
        "hostile: 2,000 lines that begin with On": plain + b"On Monday we spoke to them and they wrote\n" * 2_000,
        "hostile: 2,000 nested parts": head + opened + b"\nsigned\n",
        "hostile: 200 kB in one line": plain + b"the contract is 60k and " * 8_400 + b"\n",
    }
