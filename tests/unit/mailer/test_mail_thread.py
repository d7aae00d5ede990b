"""Which mails have to be handled in their order, read from the header alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.mail_words import mail_words
from bot.ports import Conversation
from mailer.addressing import ReplyAddressing
from mailer.reader import Reader

DESK = "partners@vendor.test"
ADDRESSING = ReplyAddressing(DESK, (b"a secret of this test",))
READER = Reader(address=DESK, words=mail_words(), trusted_authserv_ids=("mx.test",))


def mail(sender: str, to: str = DESK) -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: x\r\n\r\nFrom: other@else.test\r\n".encode()


def reply_address(number: int) -> str:
    conversation = Conversation(id=number, role="partner", partner_id="P", contact_id="C", deal_id=None, subject="")
    return ADDRESSING.reply_to(ADDRESSING.token(conversation))


def test_a_reply_belongs_to_its_conversation_whoever_writes():
    one, two = reply_address(1), reply_address(2)
    assert READER.thread(mail("ann@partner.test", one)) == READER.thread(mail("bob@partner.test", one)) == "1"
    assert READER.thread(mail("ann@partner.test", two)) == "2"


def test_mail_out_of_the_blue_belongs_to_its_author_however_the_name_is_written():
    assert (
        READER.thread(mail("Ann <Ann@Partner.test>")) == READER.thread(mail("ann@partner.test")) == "ann@partner.test"
    )


def test_a_mail_without_an_author_belongs_nowhere():
    assert READER.thread(b"Subject: x\r\n\r\nFrom: ann@partner.test\r\n") == ""
    assert READER.thread(b"") == ""


@given(st.binary(max_size=400))
def test_no_mail_is_too_broken_to_be_put_in_order(raw: bytes):
    READER.thread(raw)
    READER.thread(b"From: " + raw)
