from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OffportalError, TransientError
from mailer.refusal import Blame, RefusedError
from mailer.smtp_reply import Phase, Reply, ReplyError, ReplyReader, blame_of, refusal, wait_of
from mailer.smtp_wire import body_pieces, envelope

EVERYTHING = {"8bitmime": "", "smtputf8": "", "size": "", "pipelining": ""}


def replies(*chunks: bytes) -> list[Reply]:
    reader = ReplyReader()
    return [reply for chunk in chunks for reply in reader.feed(chunk)]


@given(st.data())
def test_replies_are_the_same_however_the_network_cuts_them(data: st.DataObject) -> None:
    stream = b"250-a.test\r\n250-PIPELINING\r\n250 \r\n354\r\n550-5.1.1 no\r\n550-5.1.1 such\n550 5.1.1 user\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [str(reply) for reply in replies(*chunks)] == [
        "250 a.test PIPELINING",
        "354",
        "550 5.1.1 no such user",
    ]


@given(st.binary())
def test_whatever_a_server_says_is_a_reply_or_said_to_be_none(said: bytes) -> None:
    try:
        found = replies(said)
    except ReplyError:
        return
    assert all(200 <= reply.code <= 599 for reply in found)
    for reply in found:
        for phase in Phase:
            assert isinstance(refusal(reply, phase, "x"), OffportalError)


@pytest.mark.parametrize("endless", [b"2" * 70_000, b"250-x\r\n" * 300])
def test_a_reply_without_end_is_given_up(endless: bytes) -> None:
    with pytest.raises(ReplyError):
        replies(endless)


@given(st.integers(200, 599), st.sampled_from(Phase), st.text(max_size=80))
def test_only_a_reply_of_the_fifth_hundred_refuses_for_good(code: int, phase: Phase, text: str) -> None:
    error = refusal(Reply(code=code, text=text), phase, "x")
    passes = code < 500 or re.match(r"5\.4\.5(\s|$)", text) is not None
    assert isinstance(error, TransientError) == passes
    assert isinstance(error, RefusedError) != passes


@given(
    st.sampled_from(Phase),
    st.integers(500, 599),
    st.sampled_from(["", "5.0.0 ", "5.7.1 ", "5.3.0 ", "5.6.0 "]),
)
def test_an_address_is_never_blamed_for_a_reply_that_does_not_speak_of_it(phase: Phase, code: int, status: str) -> None:
    blame = blame_of(Reply(code=code, text=f"{status}no"), phase)
    of_the_address = phase is Phase.RCPT and status == "" and code in {550, 551, 553}
    assert (blame is Blame.RECIPIENT) == of_the_address


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("greylisted, try again in 5 minutes", timedelta(minutes=5)),
        ("4.2.0 <x@y.test>: Recipient address rejected: Greylisted for 300 seconds", timedelta(minutes=5)),
        ("please wait 2 hours", timedelta(hours=2)),
        ("try again after 900000 s", timedelta(hours=24)),
        ("4.3.0 in 5 parts", None),
        ("4.3.0 no idea", None),
    ],
)
def test_a_server_that_says_how_long_to_wait_is_taken_at_its_word(text: str, wait: timedelta | None) -> None:
    assert wait_of(Reply(code=450, text=text)) == wait


def undotted(wire: bytes) -> bytes:
    """What a server makes of a body on the wire (RFC 5321 4.5.2); it ends at the first lone dot."""
    lines = wire.split(b"\r\n")[:-1]
    assert b"." not in lines
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)


@given(
    st.lists(st.sampled_from([b".", b"\r\n", b"\r", b"\n", b"x", b"..", b"\r\n.\r\n", b"\n.\n", b"\xff"])),
    st.integers(1, 30),
)
def test_no_mail_can_end_its_own_transmission_however_it_is_cut(parts: list[bytes], size_bytes: int) -> None:
    message = b"".join(parts)
    expected = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    if not expected.endswith(b"\r\n"):
        expected += b"\r\n"
    pieces = list(body_pieces(message, size_bytes))
    wire = b"".join(pieces)
    assert all(len(piece) >= size_bytes for piece in pieces[:-1])
    assert all(piece.endswith(b"\r\n") for piece in pieces)
    assert undotted(wire) == expected
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)


@given(st.text(), st.text())
def test_no_address_can_say_a_command_of_its_own(sender: str, to: str) -> None:
    try:
        lines = envelope(sender, to, b"Subject: x\r\n\r\n", EVERYTHING, "x")
    except RefusedError:
        return
    for line in (lines.mail, lines.rcpt):
        assert not re.search(rb"[\r\n\0]", line)
        assert line.count(b">") == 1 or b'"' in line


@pytest.mark.parametrize(
    "address", ["ann@partner.test", '"a b"@partner.test', "a+b=c@x.test", "jürgen@x.test", "a@é.test"]
)
def test_real_addresses_are_taken(address: str) -> None:
    assert envelope("", address, b"Subject: x\r\n\r\n", EVERYTHING, "x").rcpt.startswith(b"RCPT TO:<")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@x.test",
        "ann@",
        "a b@x.test",
        "a@x@y.test",
        "a<b@x.test",
        "a@x.test\r\nX",
        "\udce9@x.test",
        "x" * 250 + "@x.test",
        "a@-é-.test",
    ],
)
def test_what_is_no_address_is_refused_and_blamed_on_whose_it_is(address: str) -> None:
    with pytest.raises(RefusedError) as refused:
        envelope("bot@vendor.test", address, b"", EVERYTHING, "x")
    assert refused.value.blame is Blame.RECIPIENT
    if address:
        with pytest.raises(RefusedError) as refused:
            envelope(address, "ann@partner.test", b"", EVERYTHING, "x")
        assert refused.value.blame is Blame.SETUP
