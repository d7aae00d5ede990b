"""What goes into a mail comes out of it, by the standard library's reader and by ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.compose import KEPT_REFERENCES, Outgoing, compose
from mailer.mail import Mailbox
from mailer.parse import parse

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
BODY = st.one_of(ANY_TEXT, st.text("äöü€ß 日本=.-\n\r\tab", max_size=3000))
PARTNER = Mailbox(address="jan@brandt-it.example", name="Jan Brandt")
FROM = Mailbox(address="partners+abc@vendor.example", name="Vendor Partner Team")


def outgoing(**changes: object) -> Outgoing:
    values: dict[str, object] = {
        "from_": FROM,
        "to": PARTNER,
        "subject": "Acme rollout",
        "text": "Hello",
        "message_id": "n1.abc@vendor.example",
        "date": datetime(2026, 11, 24, 10, tzinfo=UTC),
    }
    return Outgoing(**(values | changes))  # type: ignore[arg-type]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def lines_of(text: str) -> str:
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unified if unified.endswith("\n") else unified + "\n"


@given(text=BODY, html=BODY)
def test_both_bodies_come_out_as_they_went_in(text: str, html: str) -> None:
    message = read(compose(outgoing(text=text, html=html)))
    assert lines_of(body(message, "plain")) == lines_of(text)
    assert lines_of(body(message, "html")) == lines_of(html)


@given(text=BODY)
def test_our_own_reader_gives_the_text_back(text: str) -> None:
    assert parse(compose(outgoing(text=text))).text == lines_of(text)


@given(subject=ANY_TEXT, name=ANY_TEXT, further=ANY_TEXT)
def test_no_value_starts_a_header_or_a_body(subject: str, name: str, further: str) -> None:
    raw = compose(outgoing(subject=subject, to=Mailbox(address="j@x.example", name=name), headers={"X-Note": further}))
    names = [key for key, _ in read(raw).raw_items()]
    assert names == [
        "From", "To", "Subject", "Date", "Message-ID", "X-Note", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert parse(raw).text == "Hello\n"


@given(subject=ANY_TEXT, name=ANY_TEXT)
def test_subject_and_address_come_out_as_they_went_in(subject: str, name: str) -> None:
    raw = compose(outgoing(subject=subject, to=Mailbox(address="j@x.example", name=name)))
    message = read(raw)
    assert [mailbox.addr_spec for mailbox in message["To"].addresses] == ["j@x.example"]
    if all(sign.isprintable() for sign in subject):
        assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert [box.address for box in parse(raw).to] == ["j@x.example"]


@given(subject=ANY_TEXT, text=BODY, html=BODY, ids=st.lists(st.from_regex(r"[a-z]{1,60}@[a-z]{1,9}", fullmatch=True)))
def test_every_line_is_short_ascii_and_ends_in_crlf(subject: str, text: str, html: str, ids: list[str]) -> None:
    raw = compose(outgoing(subject=subject, text=text, html=html, references=ids))
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_headers_fold_at_78_columns() -> None:
    raw = compose(outgoing(subject="word " * 60, to=Mailbox(address="j@x.example", name="Jörg Müller " * 12)))
    head = raw.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert len(head.split(b"\r\n")) > 9


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Brandt, Jan", "Brandt, Jan"),
        ('Jan "JB" Brandt', 'Jan "JB" Brandt'),
        ("back\\slash", "back\\slash"),
        ("Jörg Größe", "Jörg Größe"),
        ("=?utf-8?q?spoof?=", "=?utf-8?q?spoof?="),
        ("Jan\r\nBcc: x@y.example", "Jan Bcc: x@y.example"),
    ],
)
def test_a_display_name_is_quoted_or_encoded_as_it_needs(name: str, shown: str) -> None:
    message = read(compose(outgoing(to=Mailbox(address="j@x.example", name=name))))
    assert [mailbox.display_name for mailbox in message["To"].addresses] == [shown]


@pytest.mark.parametrize(
    "changes",
    [
        {"to": Mailbox(address="j@x.example>, <k@y.example")},
        {"to": Mailbox(address="j@x.example\r\nBcc: k@y.example")},
        {"to": Mailbox(address="")},
        {"from_": Mailbox(address="jörg@x.example")},
        {"message_id": "a b@x"},
        {"message_id": "<a@x>"},
        {"headers": {"X-A\r\nBcc": "k@y.example"}},
        {"headers": {"Bcc": "k@y.example"}},
        {"date": datetime(2026, 11, 24, 10)},  # noqa: DTZ001 - naive on purpose
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^compose: "):
        compose(outgoing(**changes))


def test_references_keep_the_root_and_the_newest() -> None:
    ids = [f"m{number}@x.example" for number in range(100)]
    mail = parse(compose(outgoing(references=ids, in_reply_to="m99@x.example")))
    assert mail.references == (ids[0], *ids[-KEPT_REFERENCES:])
    assert mail.in_reply_to == ("m99@x.example",)


def test_an_id_of_somebody_else_that_cannot_stand_in_a_header_is_left_out() -> None:
    raw = compose(
        outgoing(references=["ok@x", "bad id@x", "b\r\nBcc: k@y", "é@x", "x" * 2000 + "@y"], in_reply_to="é@x")
    )
    assert parse(raw).references == ("ok@x",)
    assert b"In-Reply-To" not in raw


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose(outgoing(html="<p>Hello")) == compose(outgoing(html="<p>Hello"))


def test_further_headers_and_the_date_come_out() -> None:
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<https://vendor.example/u/1>, <mailto:u@v.example>",
    }
    date = datetime(2026, 11, 24, 10, 5, 7, tzinfo=timezone(timedelta(hours=-5)))
    mail = parse(compose(outgoing(headers=headers, date=date, reply_to=Mailbox(address="r@v.example"))))
    assert {name: mail.headers.first(name) for name in headers} == headers
    assert mail.sent_at == date
    assert mail.reply_to == (Mailbox(address="r@v.example"),)


def test_a_mostly_foreign_text_is_base64_and_a_mostly_ascii_one_is_readable() -> None:
    assert b"base64" in compose(outgoing(text="日本語の文章です。" * 20))
    assert b"close on Friday" in compose(outgoing(text="We close on Friday, Grüße"))
