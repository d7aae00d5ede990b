"""Scores mailer.classify over the mails that this folder makes. Changes nothing.

python -m tests.corpus.mail.score [--show]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.mail_words import mail_words
from mailer.classify import Kind, classify
from mailer.parse import parse
from tests.corpus.mail.automatic.absences import absences
from tests.corpus.mail.automatic.bounces import bounces
from tests.corpus.mail.automatic.people import people
from tests.corpus.mail.automatic.receipts import receipts
from tests.corpus.mail.made import Sample

LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticFigures:
    """`missed` are machines' mails taken for a person's or for another kind of machine's, `mistaken` the reverse;
    both by id, with what they were taken for. A mail counts as missed when it is so in any line ends."""

    machines: int
    people: int
    missed: dict[str, str]
    mistaken: dict[str, str]

    @property
    def recognised(self) -> float:
        """The share of machines' mails, 0 to 1."""
        return 1 - len(self.missed) / self.machines


def automatic_samples() -> Iterator[Sample]:
    """Every machine's mail, then every person's that looks like one; ids are unique."""
    yield from absences()
    yield from bounces()
    yield from receipts()
    yield from people()


def automatic() -> AutomaticFigures:
    """Whether machines are told from people, in LF, CRLF and CR."""
    words = mail_words()
    counts = {True: 0, False: 0}
    wrong: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for sample in automatic_samples():
        is_person = sample.kind is Kind.HUMAN
        counts[is_person] += 1
        for ends in LINE_ENDS.values():
            got = classify(parse(sample.raw.replace(b"\n", ends)), words)
            if got.kind is not sample.kind:
                wrong[is_person][sample.id] = f"{got.kind}, {got.reason}"
    return AutomaticFigures(machines=counts[False], people=counts[True], missed=wrong[False], mistaken=wrong[True])


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, and with --show every mail that was judged wrongly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true", help="every mail that was judged wrongly")
    args = parser.parse_args(argv)
    got = automatic()
    recognised = f"{got.machines - len(got.missed)} of {got.machines} recognised ({got.recognised:.1%})"
    lines = [f"automatic mail: {recognised}, {len(got.mistaken)} of {got.people} people mistaken"]
    if args.show:
        lines += [f"  {id_}: {said}" for id_, said in {**got.missed, **got.mistaken}.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
