from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import TransientError, UnknownOutcomeError
from mailer.refusal import Blame, RefusedError
from mailer.smtp import Accepted, Smtp, SmtpSettings
from tests.integration.mailer.scripted import HangUp, MiniSmtp, Say, Silence, eventually, listening

MAIL = b"From: bot@vendor.test\r\nSubject: hello\r\n\r\n.dot\r\n..\r\nbody\r\n"
LOCKSTEP = ("8BITMIME", "SIZE 60000000")
PIPELINED = ("PIPELINING", *LOCKSTEP)


def smtp_to(port: int, **changes: object) -> Smtp:
    values: dict[str, object] = {"host": "127.0.0.1", "port": port, "tls": "none", "timeout_s": 30.0}
    return Smtp(SmtpSettings(**(values | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("extensions", [LOCKSTEP, PIPELINED], ids=["lockstep", "pipelined"])
async def test_a_mail_arrives_byte_for_byte_and_the_server_s_words_come_back(
    extensions: tuple[str, ...],
) -> None:
    server = MiniSmtp(extensions=extensions)
    async with listening(server) as port, smtp_to(port) as smtp:
        assert await smtp.send("bounce+1@vendor.test", "ann@partner.test", MAIL) == Accepted(
            reply="250 2.0.0 queued as 4711"
        )
    assert server.mails == [MAIL]
    assert f"MAIL FROM:<bounce+1@vendor.test> SIZE={len(MAIL)}" in server.commands


async def test_the_null_sender_is_sent_as_empty_brackets() -> None:
    server = MiniSmtp()
    async with listening(server) as port, smtp_to(port) as smtp:
        await smtp.send("", "ann@partner.test", MAIL)
    assert any(command.startswith("MAIL FROM:<> ") for command in server.commands)


@pytest.mark.parametrize("extensions", [LOCKSTEP, PIPELINED], ids=["lockstep", "pipelined"])
@pytest.mark.parametrize(
    ("verb", "said", "blame", "code"),
    [
        ("RCPT", "550 5.1.1 no such user", Blame.RECIPIENT, "550 5.1.1"),
        ("RCPT", "550 user unknown", Blame.RECIPIENT, "550"),
        ("RCPT", "552 5.2.2 mailbox full", Blame.RECIPIENT, "552 5.2.2"),
        ("RCPT", "550 5.1.1 <a@b.test>: User unknown in relay recipient table", Blame.RECIPIENT, "550 5.1.1"),
        ("RCPT", "554 5.7.1 <a@b.test>: Relay access denied", Blame.SETUP, "554 5.7.1"),
        ("RCPT", "550 5.7.1 content policy of the recipient", Blame.MESSAGE, "550 5.7.1"),
        ("RCPT", "530 5.7.0 authentication required", Blame.SETUP, "530 5.7.0"),
        ("MAIL", "550 5.7.60 client may not send as this sender", Blame.SETUP, "550 5.7.60"),
        ("MAIL", "553 5.1.8 sender domain does not exist", Blame.SETUP, "553 5.1.8"),
        ("MAIL", "552 5.3.4 message too big", Blame.MESSAGE, "552 5.3.4"),
        ("RCPT", "550 5.4.1 Recipient address rejected: Access denied", Blame.RECIPIENT, "550 5.4.1"),
        ("DOT", "550 5.1.10 recipient not found", Blame.RECIPIENT, "550 5.1.10"),
        ("DOT", "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.Mapi", Blame.SETUP, "554 5.2.0"),
        ("DOT", "554 5.2.0 STOREDRV.Submission.Exception:OtherException", Blame.MESSAGE, "554 5.2.0"),
        ("DOT", "554 5.6.0 not a mail", Blame.MESSAGE, "554 5.6.0"),
        ("DOT", "550-5.7.26 domain does not\r\n550 5.7.26 pass DMARC", Blame.SETUP, "550 5.7.26"),
    ],
)
async def test_a_refusal_names_who_is_to_blame_and_the_next_mail_goes_through(
    extensions: tuple[str, ...], verb: str, said: str, blame: Blame, code: str
) -> None:
    server = MiniSmtp(extensions=extensions, says={verb: [said], "DATA": _data_after(verb, extensions)})
    async with listening(server) as port, smtp_to(port, pool_size=1) as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert (refused.value.blame, refused.value.code) == (blame, code)
        await smtp.send("bot@vendor.test", "ann@partner.test", b"Subject: next\r\n\r\nnext\r\n")
    assert server.mails[-1] == b"Subject: next\r\n\r\nnext\r\n"
    assert server.connections == 1


def _data_after(verb: str, extensions: tuple[str, ...]) -> list[Say]:
    """A server refuses DATA when it has refused MAIL or RCPT before; only pipelining asks it."""
    return [] if verb == "DOT" or extensions is LOCKSTEP else ["554 5.5.1 no valid recipients", "354 go ahead"]


@pytest.mark.parametrize("parting", [HangUp, "421 4.7.0 too many errors"])
async def test_a_server_that_refuses_and_hangs_up_has_refused(parting: Say) -> None:
    server = MiniSmtp(says={"RCPT": ["550 5.1.1 no such user"], "DATA": [parting]})
    async with listening(server) as port, smtp_to(port) as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert refused.value.blame is Blame.RECIPIENT
        await smtp.send("bot@vendor.test", "bea@partner.test", MAIL)
    assert server.connections == 2


def test_settings_do_not_show_their_password() -> None:
    settings = SmtpSettings(host="x", port=1, tls="tls", password="hush")
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_an_invitation_to_send_although_nobody_is_addressed_is_ended_by_a_lone_dot(verb: str) -> None:
    server = MiniSmtp(says={verb: ["550 5.1.1 no"], "DOT": ["554 5.5.1 no valid recipients"]})
    async with listening(server) as port, smtp_to(port, pool_size=1) as smtp:
        with pytest.raises(RefusedError):
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        await smtp.send("bot@vendor.test", "bea@partner.test", MAIL)
    assert server.mails == [b"", MAIL]
    assert server.connections == 1
    assert server.commands.count("RSET") == 1


@pytest.mark.parametrize("extensions", [LOCKSTEP, PIPELINED], ids=["lockstep", "pipelined"])
@pytest.mark.parametrize(
    ("verb", "said", "wait_s"),
    [
        ("MAIL", "451 4.3.2 try later", None),
        ("RCPT", "450 4.2.0 greylisted, try again in 5 minutes", 300),
        ("RCPT", "450 4.2.1 receiving mail at a rate that is too high", 600),
        ("MAIL", "432 4.3.2 concurrent connections limit exceeded", 60),
        ("MAIL", "421 4.7.0 too many connections", 60),
        ("DOT", "452 4.3.1 disk full", None),
        ("DOT", "550 5.4.5 Daily user sending limit exceeded", 3600),
    ],
)
async def test_what_passes_by_itself_is_to_be_tried_again(
    extensions: tuple[str, ...], verb: str, said: str, wait_s: int | None
) -> None:
    server = MiniSmtp(extensions=extensions, says={verb: [said], "DATA": _data_after(verb, extensions)})
    async with listening(server) as port, smtp_to(port) as smtp:
        with pytest.raises(TransientError) as refused:
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert type(refused.value) is TransientError
        assert refused.value.retry_after == (None if wait_s is None else timedelta(seconds=wait_s))
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
    assert server.mails[-1] == MAIL


@pytest.mark.parametrize("extensions", [LOCKSTEP, PIPELINED], ids=["lockstep", "pipelined"])
@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", [HangUp, Silence, "no smtp at all"])
async def test_a_mail_whose_body_was_not_sent_is_known_not_to_be_delivered(
    extensions: tuple[str, ...], verb: str, said: Say
) -> None:
    server = MiniSmtp(extensions=extensions, says={verb: [said]})
    async with listening(server) as port, smtp_to(port, timeout_s=0.2) as smtp:
        with pytest.raises(TransientError) as broken:
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert not isinstance(broken.value, UnknownOutcomeError)
        assert server.mails == []
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert server.connections == 2


@pytest.mark.parametrize("said", [HangUp, Silence, "?"])
async def test_when_the_server_goes_after_the_final_dot_nobody_knows_the_outcome(said: Say) -> None:
    server = MiniSmtp(says={"DOT": [said]})
    async with listening(server) as port, smtp_to(port, final_timeout_s=0.2) as smtp:
        with pytest.raises(UnknownOutcomeError):
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert server.mails == [MAIL]
        await smtp.send("bot@vendor.test", "ann@partner.test", b"Subject: 2\r\n\r\n")
        assert server.mails == [MAIL, b"Subject: 2\r\n\r\n"]
        assert server.connections == 2


async def test_a_connection_lost_inside_a_big_mail_means_that_it_was_not_delivered() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")
        writer.write(b"250 ok\r\n250 ok\r\n354 go\r\n")
        await reader.readexactly(100_000)
        writer.transport.abort()

    async with listening(serve) as port, smtp_to(port) as smtp:
        big = b"Subject: big\r\n\r\n" + (b"x" * 70 + b"\r\n") * 800_000
        with pytest.raises(TransientError) as broken:
            await smtp.send("bot@vendor.test", "ann@partner.test", big)
    assert not isinstance(broken.value, UnknownOutcomeError)


@pytest.mark.parametrize("moment", ["MAIL", "DOT"])
async def test_a_cancelled_mail_never_leaks_into_the_next_one(moment: str) -> None:
    server = MiniSmtp(says={moment: [Silence]})
    async with listening(server) as port, smtp_to(port, pool_size=1) as smtp:
        sending = asyncio.create_task(smtp.send("bot@vendor.test", "ann@partner.test", MAIL))
        await eventually(lambda: server.mails if moment == "DOT" else len(server.commands) > 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        accepted = await smtp.send("bot@vendor.test", "ann@partner.test", b"Subject: next\r\n\r\nnext\r\n")
    assert accepted.reply == "250 2.0.0 queued as 4711"
    assert server.mails[-1] == b"Subject: next\r\n\r\nnext\r\n"
    assert server.connections == 2


async def test_the_server_s_demands_on_a_message_are_met_or_said_before_it_is_asked() -> None:
    server = MiniSmtp(extensions=("SIZE 100",))
    async with listening(server) as port, smtp_to(port) as smtp:
        for message, to, code in [
            (b"Subject: 8 bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n", "ann@partner.test", "554 5.6.1"),
            (b"Subject: long\r\n\r\n" + b"x" * 100, "ann@partner.test", "552 5.3.4"),
            (b"Subject: x\r\n\r\n", "jürgen@partner.test", "553 5.6.7"),
            (b"Subject: x\r\n\r\n", "ann@partner.test>\r\nDATA", "553 5.1.3"),
            (b"Subject: x\r\n\r\n", "ann", "553 5.1.3"),
            (b"Subject: x\r\n\r\n", "", "553 5.1.3"),
        ]:
            with pytest.raises(RefusedError) as refused:
                await smtp.send("bot@vendor.test", to, message)
            assert refused.value.code == code
    assert [command for command in server.commands if not command.startswith(("EHLO", "QUIT"))] == []


async def test_foreign_letters_go_out_as_the_server_can_carry_them() -> None:
    server = MiniSmtp(extensions=("PIPELINING", "8BITMIME", "SMTPUTF8"))
    async with listening(server) as port, smtp_to(port) as smtp:
        await smtp.send("bot@vendor.test", "ann@straße.test", MAIL)
        await smtp.send("bot@vendor.test", "jürgen@partner.test", "Subject: Grüße\r\n\r\n".encode())
    assert "RCPT TO:<ann@xn--strae-oqa.test>" in server.commands
    assert "MAIL FROM:<bot@vendor.test> BODY=8BITMIME SMTPUTF8" in server.commands
    assert "RCPT TO:<jürgen@partner.test>" in server.commands
    assert server.mails[-1] == "Subject: Grüße\r\n\r\n".encode()


async def test_check_says_what_a_mail_would_meet() -> None:
    server = MiniSmtp(says={"NOOP": ["250 ok", "451 4.3.0 not now"]})
    async with listening(server) as port, smtp_to(port) as smtp:
        await smtp.check()
        with pytest.raises(TransientError):
            await smtp.check()
    with pytest.raises(TransientError):
        await smtp_to(port).check()


async def test_a_server_that_never_takes_us_needs_a_person() -> None:
    server = MiniSmtp(says={"GREETING": ["554 5.7.1 your address is blocked"]})
    async with listening(server) as port, smtp_to(port) as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.check()
    assert (refused.value.blame, refused.value.code) == (Blame.SETUP, "554 5.7.1")
