"""Machines are told from people over the whole corpus, whatever the line ends."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from mailer.classify import Kind, classify
from mailer.parse import parse
from tests.corpus.mail.score import AutomaticFigures, automatic, automatic_samples
from tests.unit.mailer.mail_vocabulary import shipped_words


@cache
def figures() -> AutomaticFigures:
    return automatic()


def test_the_corpus_is_large_and_every_mail_has_its_own_id() -> None:
    ids = Counter(sample.id for sample in automatic_samples())
    assert max(ids.values()) == 1
    assert figures().machines >= 150
    assert figures().people >= 80


def test_nearly_every_machine_is_recognised_as_what_it_is() -> None:
    assert figures().recognised >= 0.99, figures().missed


def test_no_person_is_taken_for_a_machine() -> None:
    assert not figures().mistaken


@pytest.mark.parametrize(
    ("subject", "body", "kind"),
    [
        ("Re: Automatic reply: Acme", "Signed, 60k.\n\nOn Tue, 24 Nov 2026, Jan wrote:\n> I am away.", Kind.HUMAN),
        ("Re: Automatic reply: Acme", "I am away.", Kind.AUTO_REPLY),
        ("Automatic reply: Acme", "I am away.\n\nOn Tue, 24 Nov 2026, Jan wrote:\n> Won?", Kind.AUTO_REPLY),
        ("Re: Acme", "Hello Jan,\n\nThis is an automatic reply.\n\nI am away.", Kind.AUTO_REPLY),
        ("Re: Acme", "This is an automatic reply that we got from the buyer.", Kind.HUMAN),
        ("Re: Acme", "Acme signed.\n\nThis is an automatic reply.", Kind.HUMAN),
        ("Urlaub Re: Acme", "Bin weg.", Kind.AUTO_REPLY),
        ("Urlaub: Vertretung", "Acme gewonnen.", Kind.HUMAN),
        ("[Request received] Acme", "Thanks.", Kind.AUTO_REPLY),
    ],
)
def test_what_stands_around_a_machines_words_decides(subject: str, body: str, kind: Kind) -> None:
    raw = f"From: Jan <j@x.example>\nSubject: {subject}\n\n{body}\n".encode()
    assert classify(parse(raw), shipped_words()).kind is kind


@pytest.mark.parametrize(
    ("from_", "kind"),
    [
        ("MAILER-DAEMON <>", Kind.BOUNCE),
        ("postmaster@x.example", Kind.BOUNCE),
        ("Postmaster <noreply@x.example>", Kind.BOUNCE),
        ("x@x.example (Mail Delivery System)", Kind.BOUNCE),
        ("Karl Postmaster <karl.postmaster@x.example>", Kind.HUMAN),
        ("Sales <sales@postmaster.example>", Kind.HUMAN),
    ],
)
def test_a_mail_server_is_known_by_its_name_or_local_part_alone(from_: str, kind: Kind) -> None:
    assert classify(parse(f"From: {from_}\nSubject: Acme\n\nWon.\n".encode()), shipped_words()).kind is kind
