"""A circular's mails are what the standard library's parser reads, whatever stands in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import NAME_SLOT, REPLY_SLOT, Circular, Letter
from mailer.circular import Pattern
from mailer.fields import clean_name
from mailer.mail import Mailbox

SENDER = Mailbox(address="partners@meridian.example", name="Meridian Partner Desk")
CIRCULAR = Circular(
    subject="Fünf Prozent mehr",
    text=f"Guten Tag {NAME_SLOT},\n\nfünf Prozent mehr. Antworten an {REPLY_SLOT}\n",
    html=f'<p>Guten Tag {NAME_SLOT}</p><a href="mailto:{REPLY_SLOT}?subject=stop">stop</a>',
    sent_at=datetime(2027, 1, 11, 9, tzinfo=UTC),
    headers={"List-Id": "Incentives <incentive.partners.meridian.example>", "Feedback-ID": "q1:incentive:offportal"},
)
LETTER = Letter(
    number=1,
    circular=CIRCULAR,
    to_address="julia@brandt.example",
    to_name="Julia Brandt",
    reply_to="partners+abc@meridian.example",
    envelope_from="partners+abc@meridian.example",
    message_id="n0.abc@meridian.example",
    unsubscribe=("https://partners.meridian.example/u/x", "mailto:partners+abc@meridian.example?subject=stop"),
)


def written(letter: Letter = LETTER) -> bytes:
    return Pattern(letter.circular, SENDER).message(letter)


def read(raw: bytes) -> tuple[EmailMessage, str, str]:
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    text, html = mail.iter_parts()
    return mail, str(text.get_content()).replace("\r\n", "\n"), str(html.get_content()).replace("\r\n", "\n")


def test_each_reader_gets_their_own_name_and_reply_address():
    mail, text, html = read(written())
    assert mail["To"] == "Julia Brandt <julia@brandt.example>"
    assert mail["Subject"] == "Fünf Prozent mehr"
    assert mail["Message-ID"] == "<n0.abc@meridian.example>"
    assert text == "Guten Tag Julia Brandt,\n\nfünf Prozent mehr. Antworten an partners+abc@meridian.example\n"
    assert html.startswith('<p>Guten Tag Julia Brandt</p><a href="mailto:partners+abc@meridian.example?subject=stop">')


def test_it_carries_what_bulk_mail_has_to():
    mail, _, _ = read(written())
    assert mail["List-Unsubscribe"] == (
        "<https://partners.meridian.example/u/x>, <mailto:partners+abc@meridian.example?subject=stop>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Precedence"], mail["Auto-Submitted"]) == ("bulk", "auto-generated")
    assert mail["List-Id"] == "Incentives <incentive.partners.meridian.example>"
    by_mail = written(replace(LETTER, unsubscribe=LETTER.unsubscribe[1:]))
    assert b"List-Unsubscribe-Post" not in by_mail
    assert b"List-Unsubscribe" not in written(replace(LETTER, unsubscribe=()))


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, to_address="julia@brandt.example\r\nBcc: all@x.example"),
        replace(LETTER, to_address="nobody"),
        replace(LETTER, message_id="a b@c"),
        replace(LETTER, circular=Circular(subject="x", text="", html="", sent_at=datetime(2027, 1, 1))),  # noqa: DTZ001
    ],
)
def test_what_cannot_stand_in_a_mail_is_refused(letter: Letter):
    with pytest.raises(ValueError, match=r"compose|circular"):
        written(letter)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=120)


@given(name=WORDS, subject=WORDS.filter(str.strip), before=WORDS, after=st.text(max_size=200))
def test_every_text_comes_back_as_it_was_and_no_line_is_too_long(name: str, subject: str, before: str, after: str):
    after = after.encode("utf-8", "replace").decode().replace("\r", "\n").replace("\0", "")
    text = f"{before}{NAME_SLOT}{NAME_SLOT}\n{after}"
    circular = Circular(subject=subject, text=text, html=f"<p>{NAME_SLOT}{REPLY_SLOT}</p>", sent_at=CIRCULAR.sent_at)
    raw = written(replace(LETTER, circular=circular, to_name=name))
    mail, read_text, read_html = read(raw)
    assert [name for name in mail if name.lower() in {"bcc", "cc"}] == []
    shown = clean_name(name, LETTER.to_address)
    assert read_text.rstrip("\n") == text.replace(NAME_SLOT, shown).rstrip("\n")
    assert read_html == f"<p>{escape(shown)}{LETTER.reply_to}</p>\n"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert all(
        len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n") if not line.startswith(b"Conte")
    )
    assert b"\n" not in raw.replace(b"\r\n", b"")
