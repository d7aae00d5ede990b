from __future__ import annotations

import email
import json
from datetime import UTC, datetime
from pathlib import Path

import aioimaplib
import aiosmtplib
import pytest

from bot.sandbox.mail import Failure, MailServer
from bot.sandbox.record import Recorder

BOT, ANN = "bot@vendor.test", "ann@partner.test"
ACCOUNTS = {BOT: "botpw", ANN: "annpw"}
ALIASES = {"reply@vendor.test": BOT}


async def send(
    server: MailServer,
    raw: bytes,
    *,
    sender: str = ANN,
    to: tuple[str, ...] = (BOT,),
    login: tuple[str, str] | None = None,
) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.smtp_port, start_tls=False)
    async with client:
        if login is not None:
            await client.login(*login)
        await client.sendmail(sender, to, raw)


async def arrived(server: MailServer, address: str = BOT) -> email.message.Message:
    return email.message_from_bytes((await server.mails(address))[-1])


async def test_a_plus_address_of_an_alias_reaches_the_account_with_its_detail_and_case_kept() -> None:
    async with MailServer(ACCOUNTS, aliases=ALIASES) as server:
        await send(server, b"From: ann@partner.test\r\n\r\nhello\r\n", to=("Reply+ToK42@Vendor.test",))
        mail = await arrived(server)
    assert mail.keys()[:4] == ["Delivered-To", "Return-Path", "Authentication-Results", "Received"]
    assert mail["Delivered-To"] == "bot+ToK42@vendor.test"
    assert mail["Return-Path"] == "<ann@partner.test>"
    assert "for <Reply+ToK42@Vendor.test>" in mail["Received"]


@pytest.mark.parametrize(
    ("login", "author", "domains", "verdict"),
    [
        ((ANN, "annpw"), b"ann@partner.test", (), "dmarc=pass header.from=partner.test"),
        ((ANN, "annpw"), b"Boss <boss@PARTNER.test>", (), "dmarc=pass header.from=partner.test"),
        ((ANN, "annpw"), b"bot@vendor.test", (), "dmarc=fail header.from=vendor.test"),
        (None, b"ann@partner.test", (), "dmarc=fail header.from=partner.test"),
        (None, b"eve@known.test", ("known.test",), "dmarc=pass header.from=known.test"),
        ((ANN, "annpw"), b"ann@partner.test, eve@evil.test", (), "dmarc=fail header.from=none"),
        ((ANN, "annpw"), b"ann@partner.test\r\nFrom: eve@evil.test", (), "dmarc=fail header.from=none"),
        ((ANN, "annpw"), b"", (), "dmarc=fail header.from=none"),
    ],
)
async def test_dmarc_passes_only_for_the_domain_that_was_proven(
    login: tuple[str, str] | None, author: bytes, domains: tuple[str, ...], verdict: str
) -> None:
    async with MailServer(ACCOUNTS, authentic_domains=domains) as server:
        await send(server, b"From: " + author + b"\r\n\r\nhello\r\n", login=login)
        results = (await arrived(server)).get_all("Authentication-Results")
    assert results is not None
    assert [" ".join(result.split()) for result in results] == [f"mx.sandbox.test; {verdict}"]


@pytest.mark.parametrize(
    "forged",
    [
        b"Authentication-Results: mx.sandbox.test; dmarc=pass header.from=bank.test\r\n",
        b"AUTHENTICATION-RESULTS : MX.sandbox.TEST;\r\n\tdmarc=pass header.from=bank.test\r\n",
        b"Authentication-Results:\r\n (x)\r\n mx.sandbox.test; dmarc=pass header.from=bank.test\r\n",
        b"Subject: x\nAuthentication-Results: mx.sandbox.test; dmarc=pass header.from=bank.test\r\n",
        b"Subject: x\rAuthentication-Results: mx.sandbox.test; dmarc=pass header.from=bank.test\r\n",
    ],
)
async def test_a_verdict_that_pretends_to_be_ours_is_removed(forged: bytes) -> None:
    async with MailServer(ACCOUNTS) as server:
        raw = b"X-First: 1\r\n" + forged + b"Authentication-Results: other.test; dmarc=fail\r\n"
        await server.take(
            raw + b"From: e@bank.test\r\n\r\nAuthentication-Results: mx.sandbox.test\r\n",
            ANN,
            [BOT],
            "x",
            None,
        )
        mail = await arrived(server)
    assert b"bank.test;" not in bytes(mail)
    assert [r.split(";")[0] for r in mail.get_all("Authentication-Results", [])] == [
        "mx.sandbox.test",
        "other.test",
    ]
    assert "pass" not in mail["Authentication-Results"]
    assert mail["X-First"] == "1"
    assert mail.get_payload() == "Authentication-Results: mx.sandbox.test\r\n"


async def test_an_unknown_recipient_is_refused_and_the_others_are_served() -> None:
    async with MailServer(ACCOUNTS) as server:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=server.smtp_port, start_tls=False)
        async with client:
            refused, _ = await client.sendmail(ANN, [BOT, "nobody@vendor.test", ANN], b"Subject: x\r\n\r\n")
        assert {address: reply.code for address, reply in refused.items()} == {"nobody@vendor.test": 550}
        assert len(await server.mails(BOT)) == len(await server.mails(ANN)) == 1


async def test_failures_come_as_they_were_asked_for_and_then_no_more() -> None:
    async with MailServer(ACCOUNTS) as server:
        server.fail(
            Failure(verb="MAIL", reply="451 4.3.2 later", times=2),
            Failure(verb="RCPT", reply="550 5.1.1 gone", address=BOT, times=None),
            Failure(verb="DATA", reply="554 5.6.0 spam"),
        )
        codes = []
        for to in (ANN, ANN, BOT, ANN, ANN, BOT):
            try:
                await send(server, b"Subject: x\r\n\r\n", to=(to,))
                codes.append(250)
            except aiosmtplib.SMTPRecipientsRefused as exc:
                codes.append(exc.recipients[0].code)
            except aiosmtplib.SMTPResponseException as exc:
                codes.append(exc.code)
        assert codes == [451, 451, 550, 554, 250, 550]
        server.script.clear()
        await send(server, b"Subject: x\r\n\r\n")
        assert len(await server.mails(BOT)) == len(await server.mails(ANN)) == 1


@pytest.mark.parametrize("arriving", [0, 1])
async def test_a_connection_can_be_dropped_after_the_mail_with_or_without_delivering_it(
    arriving: int,
) -> None:
    async with MailServer(ACCOUNTS) as server:
        server.fail(Failure(verb="DATA", reply=None, after_delivery=bool(arriving)))
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await send(server, b"Subject: x\r\n\r\n")
        assert len(await server.mails(BOT)) == arriving


async def test_a_bouncing_address_is_answered_with_a_notice_to_the_envelope_sender() -> None:
    async with MailServer(ACCOUNTS, aliases=ALIASES, clock=lambda: datetime(2026, 11, 24, tzinfo=UTC)) as server:
        server.bounce("gone@partner.test")
        raw = b"From: bot@vendor.test\r\nMessage-ID: <m1@vendor.test>\r\n\r\nsecret body\r\n"
        await send(server, raw, sender="bot+v42@vendor.test", to=("gone@partner.test",))
        notice = await arrived(server)
    assert notice["Delivered-To"] == "bot+v42@vendor.test"
    assert notice["Return-Path"] == "<>"
    assert notice["Auto-Submitted"] == "auto-replied"
    assert "dmarc=pass" in notice["Authentication-Results"]
    assert notice.get_content_type() == "multipart/report"
    _, recipient = [part for part in notice.walk() if part.get_content_type() == "text/plain"][-2:]
    assert (recipient["Final-Recipient"], recipient["Status"]) == ("rfc822; gone@partner.test", "5.1.1")
    original = [part for part in notice.walk() if part.get_content_type() == "text/rfc822-headers"]
    assert "<m1@vendor.test>" in str(original[0])
    assert "secret body" not in str(notice)


async def test_a_notice_is_never_answered_by_another_one() -> None:
    async with MailServer(ACCOUNTS) as server:
        server.bounce("gone@partner.test")
        server.bounce(BOT)
        await send(server, b"From: x@y.test\r\n\r\n", sender="", to=("gone@partner.test",))
        await send(server, b"From: x@y.test\r\n\r\n", sender=BOT, to=("gone@partner.test",))
        assert await server.mails(BOT) == []


async def test_what_is_put_into_a_mailbox_directly_stays_as_it_is() -> None:
    async with MailServer(ACCOUNTS) as server:
        raw = b"Authentication-Results: mx.sandbox.test; dmarc=pass\r\n\r\n\xff\x00\r\n"
        await server.deliver("Bot@vendor.test", raw)
        assert await server.mails(BOT) == [raw]
        with pytest.raises(KeyError):
            await server.mails(BOT, "Nowhere")


async def test_the_record_holds_every_command_and_no_password(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with Recorder(path) as recorder:
        async with MailServer(ACCOUNTS, recorder=recorder) as server:
            await send(server, b"Subject: x\r\n\r\nhello\r\n", login=(ANN, "annpw"))
            client = aioimaplib.IMAP4("127.0.0.1", server.imap_port)
            await client.wait_hello_from_server()
            await client.login(BOT, "botpw")
            await client.select()
            await client.logout()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    asked = [(line["kind"], line["method"], line["path"]) for line in lines]
    assert asked[:3] == [("smtp", "MAIL", ANN), ("smtp", "RCPT", BOT), ("smtp", "DATA", BOT)]
    assert lines[2]["body"] == "Subject: x\r\n\r\nhello\r\n"
    assert lines[2]["headers"]["user"] == ANN
    assert ("imap", "LOGIN", "[redacted]") in asked
    assert ("imap", "SELECT", "INBOX") in asked
    assert "pw" not in path.read_text()
