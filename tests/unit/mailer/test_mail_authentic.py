"""The receiver's verdict is believed only where the receiver wrote it."""

from __future__ import annotations

import re

import pytest

from mailer.authentic import authenticated_domain, read_verdicts, sender
from mailer.parse import parse

GOOGLE = (
    "mx.google.com; dkim=pass header.i=@partner.example header.s=2; spf=pass (google.com: domain of a@p designates"
    " 192.0.2.1 as permitted; dmarc=pass) smtp.mailfrom=a@p; dmarc=pass (p=REJECT sp=REJECT dis=NONE)"
    " header.from=partner.example"
)
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=partner.example; dkim=pass (signature was verified)"
    " header.d=partner.example;dmarc=pass action=none header.from=partner.example;compauth=pass reason=100"
)
OWN = re.compile(r"\bby (mx\.google\.com|2002:)")
HOP = "Received: from a.example by mx.google.com with ESMTPS; Tue, 24 Nov 2026\n"
FOREIGN = "Received: from evil.example by relay.evil.example; Tue, 24 Nov 2026\n"
FORGED = "Authentication-Results: mx.google.com; dmarc=pass header.from=bank.example\n"


def verdict(head: str, from_: str = "Jan <jan@partner.example>", trusted: str = "mx.google.com") -> str | None:
    return authenticated_domain(parse(f"{head}From: {from_}\n\nx".encode()), {trusted}, OWN)


def test_google_and_microsoft_are_understood() -> None:
    assert verdict(f"{HOP}Authentication-Results: {GOOGLE}\n") == "partner.example"
    assert verdict(f"Authentication-Results: {MICROSOFT}\n", trusted="") == "partner.example"


RESULTS = "Authentication-Results: mx.google.com; "
PASS = "dmarc=pass header.from=partner.example"
FAIL = "dmarc=fail header.from=partner.example"


@pytest.mark.parametrize(
    ("reason", "head"),
    [
        ("nobody says anything", HOP),
        ("another server's name", f"Authentication-Results: mx.evil.example; {PASS}\n"),
        ("a failed check", f"{RESULTS}{FAIL}\n"),
        ("spf and dkim alone", f"{RESULTS}spf=pass; dkim=pass header.d=partner.example\n"),
        ("another domain passed", FORGED),
        ("two dmarc results", f"{RESULTS}{PASS}; dmarc=fail\n"),
        ("a pass inside a comment", f"{RESULTS}spf=none (; {PASS})\n"),
        ("no header.from", f"{RESULTS}dmarc=pass\n"),
        ("a parent domain passed", f"{RESULTS}dmarc=pass header.from=example\n"),
        ("the real one above says fail", f"{RESULTS}{FAIL}\n{HOP}Authentication-Results: {GOOGLE}\n"),
        ("below a foreign hop", f"{HOP}{FOREIGN}Authentication-Results: {GOOGLE}\n"),
    ],
)
def test_nothing_else_proves_a_sender(reason: str, head: str) -> None:
    assert verdict(head) is None, reason


def test_a_forged_field_below_the_real_one_changes_nothing() -> None:
    real = f"{HOP}Authentication-Results: {GOOGLE}\n"
    assert verdict(f"{real}{FOREIGN}{FORGED}") == "partner.example"
    assert verdict(f"{real}{FOREIGN}{FORGED}", from_="ceo@bank.example") is None


def test_without_a_pattern_only_the_last_hop_is_ours() -> None:
    mail = parse(f"{HOP}Authentication-Results: {GOOGLE}\n{FOREIGN}From: jan@partner.example\n\n".encode())
    below = parse(f"{HOP}{FOREIGN}Authentication-Results: {GOOGLE}\nFrom: jan@partner.example\n\n".encode())
    assert authenticated_domain(mail, {"mx.google.com"}) == "partner.example"
    assert authenticated_domain(below, {"mx.google.com"}) is None


@pytest.mark.parametrize(
    "from_",
    [
        "jan@partner.example, eve@evil.example",
        "jan@partner.example\nFrom: eve@evil.example",
        "",
        "Jan",
        "jan@evil.example",
    ],
)
def test_a_from_of_no_two_or_other_addresses_is_unproven(from_: str) -> None:
    assert verdict(f"{HOP}Authentication-Results: {GOOGLE}\n", from_=from_) is None


def test_an_address_in_the_display_name_proves_nothing() -> None:
    head = f"{HOP}Authentication-Results: {GOOGLE}\n"
    mail = parse(
        f"{head}From: =?utf-8?q?ceo=40bank.example_=3Cceo=40bank.example=3E?= <jan@partner.example>\n\n".encode()
    )
    box = sender(mail)
    assert box is not None
    assert (box.address, box.name) == ("jan@partner.example", "")


@pytest.mark.parametrize(
    "value", ["", ";", '"; dkim=pass', "((((", "mx 1; none", "=;=;dmarc=", "a" * 50_000, "(" * 50_000]
)
def test_no_value_breaks_the_reader(value: str) -> None:
    assert isinstance(read_verdicts(value), tuple)


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ("From: Jan <jan@p.example>\nReply-To: other@p.example\n", "jan@p.example"),
        (
            "From: via List <list@l.example>\nReply-To: jan@p.example\nX-Original-From: Jan <jan@p.example>\n",
            "jan@p.example",
        ),
        ("From: list@l.example\nReply-To: eve@e.example\nX-Original-From: jan@p.example\n", "list@l.example"),
        ("From: list@l.example\nX-Original-From: jan@p.example\n", "list@l.example"),
        ("From: jan@p.example\nFrom: eve@e.example\n", None),
        ("From: jan@p.example, eve@e.example\n", None),
        ("From: MAILER-DAEMON <>\n", None),
        ("Subject: nobody\n", None),
    ],
)
def test_the_sender_is_from_unless_a_list_kept_the_author(head: str, address: str | None) -> None:
    box = sender(parse(f"{head}\nx".encode()))
    assert (box.address if box else None) == address


def test_an_author_kept_by_a_list_stays_unproven() -> None:
    head = "Authentication-Results: mx.google.com; dmarc=pass header.from=l.example\n"
    mail = parse(f"{head}From: list@l.example\nReply-To: jan@p.example\nX-Original-From: jan@p.example\n\n".encode())
    author = sender(mail)
    assert author is not None
    assert authenticated_domain(mail, {"mx.google.com"}) == "l.example" != author.domain
