"""Every mail of the corpus gives what stands beside it."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from mailer.classify import Kind, classify
from mailer.extract import extract
from mailer.parse import parse
from tests.unit.mailer.mail_vocabulary import shipped_words

CORPUS = Path(__file__).parents[2] / "corpus" / "mail"
ANSWERS = sorted((CORPUS / "answers").glob("*.eml"))
MACHINES = sorted((CORPUS / "machines").glob("*.eml"))


def expected(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.with_suffix(".toml").read_text(encoding="utf-8"))


def test_the_corpus_is_there_and_complete() -> None:
    assert len(ANSWERS) >= 180
    assert len(MACHINES) >= 90
    for file in (*ANSWERS, *MACHINES):
        assert file.with_suffix(".toml").exists(), file.name


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.stem)
def test_an_answer_is_cut_as_a_person_would(file: Path) -> None:
    wanted = expected(file)
    got = extract(parse(file.read_bytes()), shipped_words())
    assert got.new == wanted["new"], got.reasons
    assert got.certain is wanted.get("certain", True), got.reasons
    forwarded = wanted.get("forwarded")
    assert (got.forwarded is not None) is (forwarded is not None)
    for name, value in (forwarded or {}).items():
        assert getattr(got.forwarded, name) == value


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.stem)
def test_an_answer_is_taken_for_a_persons(file: Path) -> None:
    assert classify(parse(file.read_bytes()), shipped_words()).kind is Kind.HUMAN


@pytest.mark.parametrize("file", MACHINES, ids=lambda file: file.stem)
def test_a_machine_is_told_from_a_person(file: Path) -> None:
    wanted = expected(file)
    got = classify(parse(file.read_bytes()), shipped_words())
    assert (got.kind, got.reason) == (wanted["kind"], wanted["reason"])
    if "recipients" in wanted and got.bounce:
        assert [failure.recipient for failure in got.bounce.failures] == wanted["recipients"]
        assert any(failure.is_permanent for failure in got.bounce.failures) is (
            wanted["permanent"] and bool(wanted["recipients"])
        )
        assert next(iter(got.bounce.original_ids), "") == wanted["original"]


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.stem)
def test_line_ends_make_no_difference(file: Path) -> None:
    raw = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    got = [extract(parse(raw.replace(b"\n", ends)), shipped_words()) for ends in (b"\n", b"\r\n", b"\r")]
    assert got[0] == got[1] == got[2]


def test_an_ordinary_answer_costs_less_than_five_milliseconds() -> None:
    mails = [parse(file.read_bytes()) for file in ANSWERS]
    extract(mails[0], shipped_words())
    spent_s = []
    for mail in mails:
        begun = time.process_time()
        extract(mail, shipped_words())
        spent_s.append(time.process_time() - begun)
    assert median(spent_s) < 0.005
