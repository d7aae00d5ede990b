from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP

from bot.errors import TransientError
from bot.sandbox.mail import MailServer
from mailer.refusal import Blame, RefusedError
from tests.integration.mailer.scripted import MiniSmtp, eventually, listening
from tests.integration.mailer.test_smtp import MAIL, smtp_to


async def test_many_mails_at_once_share_few_connections_and_each_arrives_once() -> None:
    server = MiniSmtp(dot_delay_s=0.005)
    mails = [f"Subject: {n}\r\n\r\n{n}\r\n".encode() for n in range(60)]
    async with listening(server) as port, smtp_to(port, pool_size=3) as smtp:
        await asyncio.gather(*(smtp.send("bot@vendor.test", "ann@partner.test", mail) for mail in mails))
    assert sorted(server.mails) == sorted(mails)
    assert server.most_open == server.connections == 3


@pytest.mark.parametrize("farewell", [b"", b"421 4.4.2 idle for too long\r\n"])
async def test_a_server_that_dropped_the_idle_connection_is_simply_called_again(farewell: bytes) -> None:
    server = MiniSmtp()
    async with listening(server) as port, smtp_to(port, pool_size=1) as smtp:
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        server.writers[0].write(farewell)
        await server.writers[0].drain()
        server.writers[0].close()
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
    assert server.mails == [MAIL, MAIL]
    assert server.connections == 2


async def test_a_server_that_says_421_to_the_first_word_on_an_idle_connection_is_called_again() -> None:
    server = MiniSmtp(says={"MAIL": ["250 ok", "421 4.4.2 you were idle for too long"]})
    async with listening(server) as port, smtp_to(port, pool_size=1) as smtp:
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
    assert server.mails == [MAIL, MAIL]
    assert server.connections == 2


async def test_a_connection_is_replaced_when_it_is_worn_or_was_idle_for_too_long() -> None:
    server = MiniSmtp()
    async with listening(server) as port:
        async with smtp_to(port, pool_size=1, mails_per_connection=2) as smtp:
            for _ in range(5):
                await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert server.connections == 3
        assert server.commands.count("QUIT") == 3
        async with smtp_to(port, pool_size=1, idle_s=0.0) as smtp:
            for _ in range(3):
                await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert server.connections == 6


async def test_closing_lets_mails_under_way_finish_and_takes_no_more() -> None:
    server = MiniSmtp(dot_delay_s=0.1)
    async with listening(server) as port:
        smtp = smtp_to(port, pool_size=1)
        under_way = asyncio.create_task(smtp.send("bot@vendor.test", "ann@partner.test", MAIL))
        await eventually(lambda: server.mails)
        waiting = asyncio.create_task(smtp.send("bot@vendor.test", "ann@partner.test", MAIL))
        await smtp.close()
        assert (await under_way).reply.startswith("250")
        with pytest.raises(TransientError):
            await waiting
        with pytest.raises(TransientError):
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
        assert len(server.mails) == 1
        await eventually(lambda: server.open == 0)


async def test_closing_does_not_wait_for_ever() -> None:
    server = MiniSmtp(dot_delay_s=30)
    async with listening(server) as port:
        smtp = smtp_to(port, pool_size=1)
        under_way = asyncio.create_task(smtp.send("bot@vendor.test", "ann@partner.test", MAIL))
        await eventually(lambda: server.mails)
        await smtp.close(grace_s=0.05)
        with pytest.raises(TransientError):
            await under_way


async def test_a_big_mail_leaves_the_event_loop_to_others() -> None:
    big = b"Subject: big\r\n\r\n" + b".line\r\n" * 3_500_000  # 24.5 MB, a dot to double in each line
    received = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")
        writer.write(b"250 ok\r\n250 ok\r\n354 go\r\n")
        tail = b""
        while not tail.endswith(b"\r\n.\r\n"):
            chunk = await reader.read(1 << 18)
            received += len(chunk)
            tail = (tail + chunk)[-5:]
        writer.write(b"250 ok\r\n")
        await reader.read()

    gaps: list[float] = []

    async def heart() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    async with listening(serve) as port, smtp_to(port, timeout_s=30.0) as smtp:
        beating = asyncio.create_task(heart())
        await smtp.send("bot@vendor.test", "ann@partner.test", big)
        beating.cancel()
    assert received == len(big) + 3_500_000 + 3
    assert max(gaps) < 0.25


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


class Kept:
    """A handler for aiosmtpd that keeps mails, and whether they came encrypted."""

    def __init__(self) -> None:
        self.mails: list[tuple[bool, bytes]] = []

    async def handle_DATA(self, _server: SMTP, session: object, envelope: object) -> str:  # noqa: N802
        encrypted = getattr(session, "ssl", None) is not None
        self.mails.append((encrypted, getattr(envelope, "content", b"")))
        return "250 ok"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_over_tls_the_certificate_is_verified(tls: str, authority: trustme.CA, tmp_path: Path) -> None:
    context, kept, loop = server_context(authority), Kept(), asyncio.get_running_loop()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    server = await loop.create_server(
        lambda: SMTP(kept, loop=loop, hostname="x", tls_context=context if tls == "starttls" else None),
        "127.0.0.1",
        0,
        ssl=context if tls == "tls" else None,
    )
    port = server.sockets[0].getsockname()[1]
    async with smtp_to(port, tls=tls, ca_file=ca_file, pool_size=1) as smtp:
        for _ in range(2):
            await smtp.send("bot@vendor.test", "ann@partner.test", b"Subject: x\r\n\r\nx\r\n")
    async with smtp_to(port, tls=tls) as smtp:
        with pytest.raises(RefusedError, match="certificate") as refused:
            await smtp.check()
    assert refused.value.blame is Blame.SETUP
    assert [content for _, content in kept.mails] == [b"Subject: x\r\n\r\nx\r\n"] * 2
    server.close()


async def test_a_password_is_never_sent_where_encryption_was_wanted_and_is_not_offered() -> None:
    server = MiniSmtp(extensions=("PIPELINING", "AUTH PLAIN LOGIN"))
    login = {"username": "bot@vendor.test", "password": "hush"}
    async with listening(server) as port, smtp_to(port, tls="starttls", **login) as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.send("bot@vendor.test", "ann@partner.test", MAIL)
    assert refused.value.blame is Blame.SETUP
    assert not any(command.startswith("AUTH") for command in server.commands)


async def test_a_wrong_password_needs_a_person() -> None:
    login = {"username": "bot@vendor.test", "password": "wrong"}
    async with MailServer({"bot@vendor.test": "right"}) as server, smtp_to(server.smtp_port, **login) as smtp:
        with pytest.raises(RefusedError) as refused:
            await smtp.check()
    assert refused.value.blame is Blame.SETUP
    assert refused.value.code.startswith("535")
    assert "wrong" not in str(refused.value)
