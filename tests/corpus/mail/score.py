"""Scores mailer.classify and mailer.extract over the mails that this folder makes. Changes nothing.

python -m tests.corpus.mail.score [--show]
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.mail_words import mail_words
from mailer.classify import Kind, classify
from mailer.extract import extract
from mailer.parse import parse
from tests.corpus.mail.automatic.absences import absences
from tests.corpus.mail.automatic.bounces import bounces
from tests.corpus.mail.automatic.people import people
from tests.corpus.mail.automatic.receipts import receipts
from tests.corpus.mail.made import Sample
from tests.corpus.mail.replying.replies import Reply, replies

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionFigures:
    """Answers cut out of mails, by id with what was left: `unacceptable` ones lack a word that was said or hold
    one that was not; `leaking` ones, some of those, hold words of the quote, the card or the disclaimer.
    `trusted` are unacceptable ones that are called certain all the same. `unsure` are cut rightly and not called
    certain, so that nothing in them is done at once; answers between the lines, of which none may be certain, are
    there when they are. `uneven` differ between LF, CRLF and CR."""

    mails: int
    unacceptable: dict[str, str]
    leaking: dict[str, str]
    trusted: tuple[str, ...]
    unsure: dict[str, str]
    uneven: tuple[str, ...]

    @property
    def acceptable(self) -> float:
        """The share of mails, 0 to 1."""
        return 1 - len(self.unacceptable) / self.mails

    @property
    def leaking_share(self) -> float:
        """The share of mails, 0 to 1."""
        return len(self.leaking) / self.mails


def extraction() -> ExtractionFigures:
    """Whether what was said is left of a mail, and nothing else."""
    words = mail_words()
    unacceptable: dict[str, str] = {}
    leaking: dict[str, str] = {}
    unsure: dict[str, str] = {}
    trusted: list[str] = []
    uneven: list[str] = []
    mails = list(replies())
    for reply in mails:
        got = extract(parse(reply.raw), words)
        if leaks(reply, got.new):
            leaking[reply.id] = got.new
        if not is_acceptable(reply, got.new):
            unacceptable[reply.id] = got.new
            trusted += [reply.id] if got.certain else []
        elif got.certain is reply.is_inline:
            unsure[reply.id] = ", ".join(got.reasons)
        if any(extract(parse(reply.raw.replace(b"\n", ends)), words) != got for ends in (b"\r\n", b"\r")):
            uneven.append(reply.id)
    return ExtractionFigures(
        mails=len(mails),
        unacceptable=unacceptable,
        leaking=leaking,
        trusted=tuple(trusted),
        unsure=unsure,
        uneven=tuple(uneven),
    )


def leaks(reply: Reply, new: str) -> bool:
    """Whether a line of the quote, the card, the program or the disclaimer is left."""
    left = f" {_plain(new)} "
    return any(f" {_plain(line)} " in left for line in reply.foreign)


def is_acceptable(reply: Reply, new: str) -> bool:
    """Whether exactly the lines that were said are left, once salutation, sign-off and name are off."""
    lines = [_plain(line) for line in new.split("\n")]
    may = {_plain(line) for line in reply.may}
    return " ".join(line for line in lines if line and line not in may) == " ".join(map(_plain, reply.said))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


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
    cut = extraction()
    shares = f"{cut.acceptable:.1%} acceptable, {cut.leaking_share:.1%} leak, {len(cut.unsure)} unsure"
    lines.append(f"extraction: {cut.mails} mails, {shares}, {len(cut.uneven)} differ by line ends")
    if args.show:
        shown = {"unsure": cut.unsure, "leak": cut.leaking, "unacceptable": cut.unacceptable}
        lines += [f"  {title} {id_}: {left!r}" for title, rows in shown.items() for id_, left in rows.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
