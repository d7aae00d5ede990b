"""What offportal understands of replies that were written by somebody who did not know its vocabulary. Forbids a wrong
write in any of them, and holds how many of the dev split come out exactly as expected."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.corpus.replies.score import SPLITS, Judged, judge, judged, languages, rows

# Percent of the dev split, just below what was measured on the day it was set. Raise it, never lower it, save when
# held-out replies are opened and join the dev split.
FLOORS = {"de": 96, "en": 94, "es": 96, "fr": 93, "it": 96, "nl": 96, "pt": 97}

# Held-out replies that are written down wrongly, by id alone: nobody has read them, so their cause is open. One that
# comes right must leave this list, and nothing may be added to it.
KNOWN: tuple[str, ...] = ()


@cache
def _judged(lang: str) -> tuple[Judged, ...]:
    return tuple(judged([lang]))


@pytest.mark.parametrize("lang", languages())
def test_no_reply_is_written_down_wrongly(lang):
    wrong = [row.shown for row in _judged(lang) if row.wrong_writes and row.case["id"] not in KNOWN]
    assert wrong == []  # what is compared is printed: never the words of a held-out reply


def test_every_known_wrong_write_is_still_one():
    wrong = {row.case["id"] for lang in languages() for row in _judged(lang) if row.wrong_writes}
    assert set(KNOWN) <= wrong


@pytest.mark.parametrize("lang", languages())
def test_enough_replies_are_understood_exactly(lang):
    dev = [row.exact for row in _judged(lang) if row.split == "dev"]
    assert lang in FLOORS, f"{lang}.jsonl has no floor: measure it with tests/corpus/replies/score.py and add it"
    assert 100 * sum(dev) / len(dev) >= FLOORS[lang]


@pytest.mark.parametrize("lang", languages())
def test_the_corpus_has_enough_replies_and_enough_that_must_change_nothing(lang):
    all_rows = list(rows(lang))
    quiet = [r for r in all_rows if not any(a["decision"] == "apply" for a in r["expect"]["actions"])]
    assert len(all_rows) >= 60
    assert len({r["case"]["id"] for r in all_rows}) == len(all_rows)
    assert 3 * len(quiet) >= len(all_rows)


@pytest.mark.parametrize("lang", languages())
def test_nobody_speaks_in_both_splits(lang):
    speakers = {split: {r["case"]["partner"]["email"] for r in rows(lang) if r["split"] == split} for split in SPLITS}
    assert speakers["dev"]
    assert speakers["dev"].isdisjoint(speakers["held_out"])


def test_a_held_out_reply_is_told_by_its_id_and_tags_alone():
    row = {"case": {"id": "x", "text": "secret"}, "tags": ["won"], "split": "held_out"}
    expect = {"verdict": "human", "actions": [], "may": []}
    held_out = judge("en", {**row, "expect": expect}, {"verdict": "human", "actions": []})
    assert held_out.shown == "x [held_out] (won)"


_AMOUNT = {"do": "set", "deal": "D1", "field": "amount", "value": 60000, "decision": "apply"}
_LOST = {"do": "lost", "deal": "D1", "reason": "too expensive", "competitor": None, "decision": "apply"}


def _judge(
    expected: list[dict[str, Any]], came: list[dict[str, Any]], may: list[dict[str, Any]] | None = None
) -> Judged:
    row = {
        "case": {"id": "x"},
        "tags": [],
        "split": "dev",
        "expect": {"verdict": "human", "actions": expected, "may": may or []},
    }
    return judge("en", row, {"verdict": "human", "actions": came})


@pytest.mark.parametrize(
    ("what", "expected", "came", "may", "exact", "wrong"),
    [
        ("as expected", [_AMOUNT], [_AMOUNT], [], True, 0),
        ("another amount", [_AMOUNT], [{**_AMOUNT, "value": 6000}], [], False, 1),
        ("another deal", [_AMOUNT], [{**_AMOUNT, "deal": "D2"}], [], False, 1),
        ("confirmed instead", [_AMOUNT], [{**_AMOUNT, "decision": "confirm"}], [], False, 0),
        ("applied what should be confirmed", [{**_AMOUNT, "decision": "confirm"}], [_AMOUNT], [], False, 1),
        ("written twice", [_AMOUNT], [_AMOUNT, _AMOUNT], [], False, 1),
        ("nothing came", [_AMOUNT], [], [], False, 0),
        ("allowed, and it came", [], [_AMOUNT], [_AMOUNT], True, 0),
        ("allowed, and it did not", [], [], [_AMOUNT], True, 0),
        ("the reason in more words", [_LOST], [{**_LOST, "reason": "we were too expensive"}], [], True, 0),
        ("another reason", [_LOST], [{**_LOST, "reason": "no budget"}], [], False, 1),
        ("a reason left out", [_LOST], [{**_LOST, "reason": None}], [], False, 0),
        ("a competitor invented", [_LOST], [{**_LOST, "competitor": "Globex"}], [], False, 1),
    ],
)
def test_the_score_tells_a_wrong_write_from_a_miss(what, expected, came, may, exact, wrong):
    row = _judge(expected, came, may)
    assert (row.exact, len(row.wrong_writes)) == (exact, wrong), what
