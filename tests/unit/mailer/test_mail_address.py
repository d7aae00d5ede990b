"""A token proves a conversation and is found only where a server or a mail client puts it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.address import (
    TOKEN_CHARS,
    bounce_address,
    bounce_tokens,
    ids_answered,
    message_id,
    normalise_address,
    read_token,
    reply_address,
    sign,
    token_in_address,
    token_in_id,
    tokens_in,
    verify,
)
from mailer.parse import parse

SECRETS = (b"new secret", b"old secret")
BASE = "partners@vendor.example"
NUMBERS = st.integers(0, 2**64 - 1)
TOKEN = sign(SECRETS, conversation_id=42, contact="C1", about="D1")
OTHER = sign(SECRETS, conversation_id=43, contact="C2", about="D1")
THIRD = sign(SECRETS, conversation_id=44, contact="C2", about="D2")


@given(number=NUMBERS, contact=st.text(), about=st.text())
def test_a_signed_token_verifies_also_in_upper_case(number: int, contact: str, about: str) -> None:
    token = sign(SECRETS, conversation_id=number, contact=contact, about=about)
    assert len(token) == TOKEN_CHARS
    assert verify(SECRETS, token, contact=contact, about=about) == number
    assert verify(SECRETS, token.upper(), contact=contact, about=about) == number
    claimed = read_token(token.upper())
    assert claimed is not None
    assert (claimed.conversation_id, claimed.text) == (number, token)


@given(number=NUMBERS, at=st.integers(0, TOKEN_CHARS - 1), sign_=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_any_other_sign_in_it_fails(number: int, at: int, sign_: str) -> None:
    token = sign(SECRETS, conversation_id=number, contact="C1", about="D1")
    forged = token[:at] + sign_ + token[at + 1 :]
    assert verify(SECRETS, forged, contact="C1", about="D1") == (number if forged == token else None)


@given(first=st.text(), second=st.text(), cut=st.integers(0, 5))
def test_moving_letters_between_contact_and_subject_fails(first: str, second: str, cut: int) -> None:
    token = sign(SECRETS, conversation_id=1, contact=first, about=second)
    both = first + second
    same = both[:cut] == first
    assert (verify(SECRETS, token, contact=both[:cut], about=both[cut:]) == 1) is same


@given(text=st.text(max_size=60))
def test_no_text_breaks_reading(text: str) -> None:
    assert verify(SECRETS, text, contact="C1", about="D1") in {None, 42}


def test_an_old_secret_still_verifies_and_a_foreign_one_does_not() -> None:
    old = sign(SECRETS[1:], conversation_id=7, contact="C", about="")
    assert verify(SECRETS, old, contact="C", about="") == 7
    assert verify((b"foreign",), old, contact="C", about="") is None
    assert verify((), old, contact="C", about="") is None


@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_beyond_64_bits_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        sign(SECRETS, conversation_id=number, contact="C", about="")


def test_signing_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="no secret"):
        sign((), conversation_id=1, contact="C", about="")


def test_a_base_address_that_leaves_no_room_is_refused() -> None:
    assert len(reply_address("p" * 24 + "@v.example", TOKEN).partition("@")[0]) == 64
    with pytest.raises(ValueError, match="at most 24 signs"):
        reply_address("p" * 25 + "@v.example", TOKEN)
    with pytest.raises(ValueError, match="no address"):
        reply_address("partners", TOKEN)


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        (reply_address(BASE, TOKEN), True),
        (reply_address(BASE, TOKEN).upper(), True),
        (f"<{reply_address(BASE, TOKEN)}>", True),
        (f"mailto:{reply_address(BASE, TOKEN)}", True),
        ("partners@vendor.example", False),
        ("partnership@vendor.example", False),
        ("partners+news@vendor.example", False),
        (f"partnersx+{TOKEN}@vendor.example", False),
        (f"partners+{TOKEN}@evil.example", False),
        (f"partners+{TOKEN}a@vendor.example", False),
        ("", False),
    ],
)
def test_only_our_own_address_with_a_token_gives_one(address: str, *, is_ours: bool) -> None:
    token = token_in_address(address, BASE)
    assert (token is not None and token.text == TOKEN) is is_ours


@pytest.mark.parametrize(
    ("one_id", "is_ours"),
    [
        (message_id(TOKEN, 3, "vendor.example"), True),
        (message_id(TOKEN, 3, "vendor.example").upper(), True),
        ("x_" + message_id(TOKEN, 3, "vendor.example"), True),
        (message_id(TOKEN, 3, "evil.example"), False),
        ("app-42-1@vendor.example", False),
        (f"{TOKEN}@vendor.example", False),
        ("", False),
    ],
)
def test_only_our_own_message_id_gives_a_token(one_id: str, *, is_ours: bool) -> None:
    token = token_in_id(one_id, "vendor.example")
    assert (token is not None and token.text == TOKEN) is is_ours


HEADERS = {
    "delivered": f"Delivered-To: {reply_address(BASE, TOKEN)}\n",
    "to": f"To: Vendor Team <info@vendor.example>, <{reply_address(BASE, OTHER).upper()}>\n",
    "references": f"References: <a@b> <{message_id(THIRD, 1, 'vendor.example')}>\n",
}


def found(head: str, body: str = "", own: str | None = None) -> list[tuple[str, str]]:
    mail = parse(f"{head}\n{body}".encode())
    pattern = re.compile(own) if own else None
    return [(one.header, one.token.text) for one in tokens_in(mail, BASE, "vendor.example", pattern)]


def test_tokens_come_in_the_order_of_trust() -> None:
    assert found(HEADERS["references"] + HEADERS["to"] + HEADERS["delivered"]) == [
        ("Delivered-To", TOKEN), ("To", OTHER), ("References", THIRD),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "header",
    ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To", "X-Gm-Original-To", "Cc"],
)
def test_a_token_is_found_in_every_header_that_servers_note_it_in(header: str) -> None:
    assert found(f"{header}: <{reply_address(BASE, TOKEN)}>\n") == [(header, TOKEN)]


def test_a_token_in_the_body_or_subject_is_not_looked_at() -> None:
    address = reply_address(BASE, TOKEN)
    assert found(f"From: j@x.example\nSubject: {address}\n", f"To: {address}\n> Delivered-To: {address}\n") == []


def test_envelope_headers_below_a_foreign_hop_are_the_senders_words() -> None:
    head = (
        "Received: from relay.example by mx.vendor.example with ESMTP\n"
        "Received: from evil.example by relay.example with ESMTP\n" + HEADERS["delivered"] + HEADERS["to"]
    )
    assert found(head) == [("To", OTHER)]
    assert found(head, own=r"by mx\.vendor\.example") == [("To", OTHER)]
    assert found(head, own=r"by (mx\.vendor|relay)\.example") == [("Delivered-To", TOKEN), ("To", OTHER)]


def test_a_token_stripped_by_the_server_is_found_in_the_references() -> None:
    ours = message_id(TOKEN, 2, "vendor.example")
    assert found(f"To: {BASE}\nIn-Reply-To: <{ours}>\nReferences: <{ours}>\n") == [("In-Reply-To", TOKEN)]


def test_a_bounce_is_known_by_the_address_it_came_to() -> None:
    mail = parse(f"Delivered-To: {bounce_address('bounce@vendor.example', TOKEN)}\nTo: x@y.example\n\n".encode())
    assert [one.token.conversation_id for one in bounce_tokens(mail, "bounce@vendor.example")] == [42]


def test_the_ids_answered_start_with_the_likeliest() -> None:
    mail = parse(b"In-Reply-To: <c@x>\nReferences: <a@x> <b@x> <c@x>\n\n")
    assert ids_answered(mail) == ("c@x", "b@x", "a@x")


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Jan@Brandt-IT.Example", "jan@brandt-it.example"),
        (" <jan@x.example>> ", "jan@x.example"),
        ("mailto:jan@x.example", "jan@x.example"),
        ("MAILTO:jan@x.example", "jan@x.example"),
        ("'jan@x.example'", "jan@x.example"),
        ('"jan@x.example"', "jan@x.example"),
        ("jan @x.example", "jan@x.example"),
        ("jan@x.example.", "jan@x.example"),
        ("jan@müller.example", "jan@xn--mller-kva.example"),
        ("jan\u200b@x.example", "jan@x.example"),
        ("jan", ""),
        ("@x.example", ""),
        ("", ""),
    ],
)
def test_addresses_are_compared_in_one_form(written: str, compared: str) -> None:
    assert normalise_address(written) == compared


@given(text=st.text(max_size=80))
def test_normalising_twice_equals_once(text: str) -> None:
    assert normalise_address(normalise_address(text)) == normalise_address(text)
