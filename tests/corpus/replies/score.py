"""Scores what offportal understands against a corpus of replies; refuses to show a held-out reply unless asked to.

    python -m tests.corpus.replies.score [--lang de] [--split dev] [--show]

The replies of <lang>.jsonl are the dev split, those of fresh/<lang>.jsonl the held-out one. Whoever works on the
understanding reads the dev split only: a held-out reply that has been read measures nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.explaining import explain_case
from bot.mail_words import mail_words

HERE = Path(__file__).parent
FRESH = HERE / "fresh"
SPLITS = ("dev", "held_out")

Action = Mapping[str, Any]

_EXACT = (
    "do", "deal", "field", "until", "decision", "ask", "company", "contact_name", "contact_email", "amount",
    "currency", "close_date", "missing", "survey", "score", "response", "topic", "registration", "competitor", "task",
)  # fmt: skip
_TEXT = ("reason", "need", "comment", "text", "query")
_MIN_OVERLAP = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One reply, what was expected of it and what came out.

    `missed` holds the expected actions that did not come, `surplus` those that neither `actions` nor `may` allows,
    `wrong_writes` the surplus ones that would be applied at once and say something else than was meant; one that only
    leaves out a free text is incomplete, not wrong.
    """

    lang: str
    split: str
    case: Mapping[str, Any]
    tags: tuple[str, ...]
    verdict_is_right: bool
    missed: tuple[Action, ...]
    surplus: tuple[Action, ...]
    wrong_writes: tuple[Action, ...]

    @property
    def exact(self) -> bool:
        return self.verdict_is_right and not self.missed and not self.surplus

    @property
    def missed_applies(self) -> tuple[Action, ...]:
        return tuple(a for a in self.missed if a.get("decision") == "apply")

    @property
    def shown(self) -> str:
        """Its id and its words; of a held-out reply its id and its tags, as its words must stay unread."""
        told = self.words if self.split == "dev" else f"({', '.join(self.tags)})"
        return f"{self.case['id']} [{self.split}] {told}"

    @property
    def words(self) -> str:
        said = self.case.get("text") or self.case.get("mail", "").partition("\n\n")[2]
        return " ".join(str(said).split())[:160]


def languages() -> list[str]:
    """The languages there is a corpus for, sorted."""
    return sorted(path.stem for path in HERE.glob("*.jsonl"))


def judged(langs: Iterable[str], splits: Iterable[str] = SPLITS) -> Iterator[Judged]:
    """Every reply of these languages and splits, in the files' order.

    Raises:
        ValueError: A line is no case of the contract; the message names it.
    """
    words, wanted = mail_words(), set(splits)
    for lang in langs:
        for row in rows(lang):
            if row["split"] in wanted:
                yield judge(lang, row, explain_case(row["case"], words, None))


def rows(lang: str) -> Iterator[dict[str, Any]]:
    """The replies of a language as they were written down, those of fresh/ last where there are any."""
    for path in (HERE / f"{lang}.jsonl", FRESH / f"{lang}.jsonl"):
        if path.exists():
            yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def judge(lang: str, row: Mapping[str, Any], result: Mapping[str, Any]) -> Judged:
    """Each expected action takes one action of the result; what remains must be allowed by `may`."""
    expect = row["expect"]
    left, missed = list(result["actions"]), []
    for wanted in expect["actions"]:
        hit = next((got for got in left if same(wanted, got)), None)
        if hit is None:
            missed.append(wanted)
        else:
            left.remove(hit)
    surplus = tuple(got for got in left if not any(same(allowed, got) for allowed in expect["may"]))
    meant = [*missed, *expect["may"]]
    return Judged(
        lang=lang,
        split=row["split"],
        case=row["case"],
        tags=tuple(row["tags"]),
        verdict_is_right=result["verdict"] == expect["verdict"],
        missed=tuple(missed),
        surplus=surplus,
        wrong_writes=tuple(got for got in surplus if got["decision"] == "apply" and not _within(got, meant)),
    )


def same(wanted: Action, got: Action) -> bool:
    """Whether two actions say the same: slots alike, free text alike in substance. An absent slot equals null."""
    if any(_plain(wanted.get(slot)) != _plain(got.get(slot)) for slot in _EXACT):
        return False
    if wanted.get("field") == "next_step":
        if not alike(wanted.get("value"), got.get("value")):
            return False
    elif _plain(wanted.get("value")) != _plain(got.get("value")):
        return False
    free = wanted.get("decision") == "ask"  # how much text an ask keeps is not said by the contract
    return all(alike(wanted.get(slot), got.get(slot)) for slot in _TEXT if slot in wanted or not free)


def _within(got: Action, meant: Iterable[Action]) -> bool:
    """Whether an action says part of one that was meant: nothing else, only some free text less."""
    return any(same({k: v for k, v in w.items() if k not in _TEXT or got.get(k) is not None}, got) for w in meant)


def alike(wanted: Any, got: Any) -> bool:
    """Whether one text holds the other, or they share at least 80 % of their words; nothing is like nothing only."""
    left, right = _tokens(wanted), _tokens(got)
    if not left or not right:
        return left == right
    short, long = sorted((f" {' '.join(left)} ", f" {' '.join(right)} "), key=len)
    return short in long or len({*left} & {*right}) / max(len({*left}), len({*right})) >= _MIN_OVERLAP


def _tokens(value: Any) -> list[str]:
    return re.findall(r"\w+", str(value or "").casefold())


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value] or None
    return value


def _report(came: Sequence[Judged]) -> Iterator[str]:
    yield f"{'lang':5}{'split':10}{'cases':>6}{'exact':>7}{'%':>7}{'wrong writes':>14}{'missed applies':>16}{'asks':>6}"
    for lang in sorted({r.lang for r in came}):
        for split in SPLITS:
            part = [r for r in came if (r.lang, r.split) == (lang, split)]
            if part:
                yield _line(lang, split, part)


def _line(lang: str, split: str, part: Sequence[Judged]) -> str:
    exact = sum(r.exact for r in part)
    wrong = sum(len(r.wrong_writes) for r in part)
    applies = sum(len(r.missed_applies) for r in part)
    asks = sum(a.get("decision") == "ask" for r in part for a in r.surplus)
    return f"{lang:5}{split:10}{len(part):6}{exact:7}{100 * exact / len(part):7.1f}{wrong:14}{applies:16}{asks:6}"


def _details(row: Judged, *, opened: bool) -> Iterator[str]:
    """What came of a reply; of one that is not `opened` no more than `Judged.shown`."""
    if not opened:
        yield row.shown
        return
    yield f"{row.case['id']} [{row.split}] {row.words}"
    if not row.verdict_is_right:
        yield "  verdict is wrong"
    for title, actions in (("missed", row.missed), ("surplus", row.surplus)):
        for action in actions:
            shown = {k: v for k, v in action.items() if k != "because"}
            yield f"  {title:8}{json.dumps(shown, ensure_ascii=False)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, every wrong write, and with --show every reply that is not exact; 1 if anything was written
    wrongly. Held-out replies are counted and named, and shown with `--split held_out --show` alone."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lang", choices=languages(), action="append")
    parser.add_argument("--split", choices=SPLITS, action="append")
    parser.add_argument("--show", action="store_true", help="every reply that is not exact")
    args = parser.parse_args(argv)
    came = list(judged(args.lang or languages(), args.split or SPLITS))
    opened = {"dev"} | (set(args.split or ()) if args.show else set())
    lines = list(_report(came))
    for title, listed in (
        ("wrong writes", [r for r in came if r.wrong_writes]),
        ("not exact", [r for r in came if args.show and r.split in opened and not r.exact]),
    ):
        told = (line for row in listed for line in _details(row, opened=row.split in opened))
        lines += ["", f"{title}:", *told] if listed else []
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if any(r.wrong_writes for r in came) else 0


if __name__ == "__main__":
    sys.exit(main())
