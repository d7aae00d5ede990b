"""Classification is total, and a person's mail stays a person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.classify import Kind, classify
from mailer.parse import parse
from tests.unit.mailer.mail_vocabulary import shipped_words

WORDS = shipped_words()
FIELDS = st.sampled_from([
    "Auto-Submitted: auto-replied", "Return-Path: <>", "Precedence: bulk", "X-Failed-Recipients: a@b.example, ,",
    "From: MAILER-DAEMON <>", "From: Jan <jan@x.example>", "Subject: Undeliverable: x",
    "Subject: Fwd: Delivery delayed",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "Feedback-Type: abuse",
    "Content-Type: message/delivery-status", "Content-Type: message/feedback-report", "Subject: [[[[", "X-Loop:",
])  # fmt: skip


@given(fields=st.lists(FIELDS, max_size=6), body=st.text(max_size=200))
def test_no_mail_breaks_classification(fields: list[str], body: str) -> None:
    raw = "\n".join([*fields, "", body]).encode("utf-8", "surrogatepass")
    got = classify(parse(raw), WORDS)
    assert (got.bounce is not None) == (got.kind in {Kind.BOUNCE, Kind.DELAYED, Kind.COMPLAINT})


@pytest.mark.parametrize("phrase", [*WORDS.automatic, *WORDS.undeliverable, *WORDS.delayed])
def test_every_automatic_subject_is_recognised_at_its_start_only(phrase: str) -> None:
    shown = phrase.rstrip(":. ").replace("{*}", "Acme")
    shown += " Re: Acme" if phrase.endswith(".") else ": Acme"
    at_start = parse(f"From: j@x.example\nReturn-Path: <>\nSubject: {shown}\n\nx".encode())
    later = parse(f"From: j@x.example\nSubject: About {shown}\n\nx".encode())
    assert classify(at_start, WORDS).reason not in {"human", "null-return-path"}
    assert classify(later, WORDS).kind is Kind.HUMAN


@pytest.mark.parametrize(
    "prefix", ["Re: ", "AW: ", "RE : ", "Re: Re: ", "SV: ", "Antw: ", "Re[2]: ", "[EXT] Re: ", "R: ", "RIF: "]
)
def test_answer_prefixes_are_looked_through(prefix: str) -> None:
    mail = parse(f"From: j@x.example\nSubject: {prefix}Automatic reply: Acme\n\nx".encode())
    assert classify(mail, WORDS).reason == "automatic-subject"
