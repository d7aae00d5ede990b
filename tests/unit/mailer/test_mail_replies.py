"""Answers are cut out of every client's mails, in seven languages, whatever the line ends."""

from __future__ import annotations

from collections import Counter
from functools import cache

from mailer.parse import parse
from tests.corpus.mail.replying.clients import CLIENTS
from tests.corpus.mail.replying.replies import replies
from tests.corpus.mail.score import ExtractionFigures, extraction, is_acceptable, leaks


@cache
def figures() -> ExtractionFigures:
    return extraction()


def test_the_corpus_holds_every_client_in_seven_languages_and_no_id_twice() -> None:
    ids = Counter(reply.id for reply in replies())
    assert max(ids.values()) == 1
    assert ids.total() >= 150
    assert {f"{lang}-{client}" for lang in ("en", "de", "fr", "nl", "es", "it", "pt") for client in CLIENTS} <= {*ids}


def test_nearly_every_answer_is_cut_out_and_hardly_any_quote_is_left() -> None:
    assert figures().acceptable >= 0.95, figures().unacceptable
    assert figures().leaking_share <= 0.02, figures().leaking


def test_hardly_any_wrong_cut_is_called_certain() -> None:
    assert len(figures().trusted) <= 0.01 * figures().mails, figures().trusted


def test_an_ordinary_answer_is_certain_and_one_between_the_lines_never() -> None:
    assert len(figures().unsure) <= 0.02 * figures().mails, figures().unsure


def test_line_ends_change_nothing_in_what_is_cut() -> None:
    assert not figures().uneven


def test_an_uncut_mail_would_be_scored_as_wrong() -> None:
    mails = [(reply, parse(reply.raw).text or "") for reply in replies()]
    uncut = [reply for reply, text in mails if text and not (leaks(reply, text) and not is_acceptable(reply, text))]
    assert not uncut


def test_a_lost_line_would_be_scored_as_wrong() -> None:
    reply = next(reply for reply in replies() if len(reply.said) > 1)
    assert is_acceptable(reply, "\n".join(reply.said))
    assert not is_acceptable(reply, "\n".join(reply.said[:-1]))
