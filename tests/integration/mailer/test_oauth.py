from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult

from bot.errors import PermanentError, TransientError
from mailer.imap import Mailbox
from mailer.oauth import ClientCredentials, ServiceAccount
from mailer.refusal import Blame, RefusedError
from tests.integration.mailer.oauth_server import TokenServer, token_server
from tests.integration.mailer.scripted import MiniImap, eventually, listening
from tests.integration.mailer.test_smtp import MAIL, smtp_to
from tests.integration.mailer.watching import BOT, Taken, settings, watching


def microsoft(server: TokenServer, *, secret: str = "hush") -> ClientCredentials:  # noqa: S107
    return ClientCredentials(server.url, "app", secret, "https://outlook.office365.test/.default")


def google(server: TokenServer) -> ServiceAccount:
    return ServiceAccount(server.key_file, BOT, "https://mail.google.test/", now=lambda: datetime.now(UTC))


@pytest.mark.parametrize("source_of", [microsoft, google])
async def test_a_token_is_asked_for_once_and_kept(source_of: Any) -> None:
    async with token_server(TokenServer(delay_s=0.05)) as server:
        source = source_of(server)
        assert await asyncio.gather(*(source.token() for _ in range(20))) == ["token-1"] * 20
        assert await source.token() == "token-1"
        source.invalidate()
        assert await source.token() == "token-2"
        assert len(server.forms) == 2


@pytest.mark.parametrize(("expires_in", "tokens"), [(301, 1), (299, 3), ("3599", 1), ("soon", 1), (0, 3)])
async def test_a_token_is_renewed_five_minutes_before_its_end(expires_in: object, tokens: int) -> None:
    async with token_server(TokenServer(expires_in=expires_in)) as server:
        source = microsoft(server)
        for _ in range(3):
            await source.token()
        assert len(server.given) == tokens


async def test_one_who_gives_up_waiting_does_not_take_the_token_from_the_others() -> None:
    async with token_server(TokenServer(delay_s=0.1)) as server:
        source = microsoft(server)
        first, second = asyncio.create_task(source.token()), asyncio.create_task(source.token())
        await asyncio.sleep(0.02)
        first.cancel()
        assert await second == "token-1"
        assert len(server.forms) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code", "wait_s"),
    [
        ({"status": 429, "headers": {"Retry-After": "17"}}, TransientError, None, 17),
        ({"status": 503, "text": "<html>down</html>"}, TransientError, None, None),
        ({"status": 200, "text": "[]"}, TransientError, None, None),
        ({"status": 400, "text": '{"error": "temporarily_unavailable"}'}, TransientError, None, None),
        ({"status": 400, "text": '{"error": "invalid_grant"}'}, PermanentError, "invalid_grant", None),
        ({"status": 401, "text": '{"error": "invalid_client"}'}, PermanentError, "invalid_client", None),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1/"}}, PermanentError, "HTTP 302", None),
        ({"status": 404, "text": "?"}, PermanentError, "HTTP 404", None),
    ],
)
async def test_a_refusal_is_either_passing_or_a_person_s_business(
    answer: dict[str, Any], kind: type[Exception], code: str | None, wait_s: int | None
) -> None:
    async with token_server(TokenServer(answers=[web.Response(**answer)])) as server:
        source = microsoft(server)
        with pytest.raises(kind) as refused:
            await source.token()
        assert getattr(refused.value, "code", None) == code
        assert getattr(refused.value, "retry_after", None) == (None if wait_s is None else timedelta(seconds=wait_s))
        assert await source.token() == "token-1"


async def test_a_wrong_secret_is_a_person_s_business_and_is_not_repeated_in_the_message() -> None:
    async with token_server(TokenServer()) as server:
        with pytest.raises(PermanentError) as refused:
            await microsoft(server, secret="zzsecretzz").token()
    assert "zzsecretzz" not in repr(refused.value)
    with pytest.raises(TransientError):
        await microsoft(server).token()  # nobody listens any more


def test_a_key_that_is_none_is_said_at_once() -> None:
    with pytest.raises(PermanentError, match="private_key"):
        ServiceAccount({"client_email": "x"}, BOT, "s", now=lambda: datetime.now(UTC))


async def test_a_private_key_that_cannot_be_read_is_a_person_s_business() -> None:
    key = {"client_email": "x", "private_key": "-----BEGIN NOTHING-----", "token_uri": "http://127.0.0.1:1/"}
    with pytest.raises(PermanentError, match="key cannot be read"):
        await ServiceAccount(key, BOT, "s", now=lambda: datetime.now(UTC)).token()


class XOAuth2Smtp:
    """An aiosmtpd handler that takes mail from whoever has one of `tokens`."""

    def __init__(self, tokens: set[str]) -> None:
        self.tokens = tokens
        self.mails: list[bytes] = []
        self.attempts = 0

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        self.attempts += 1
        said = base64.b64decode(args[1]).decode()
        if any(said == f"user={BOT}\1auth=Bearer {token}\1\1" for token in self.tokens):
            return AuthResult(success=True, auth_data=BOT)
        await server.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        assert await server._reader.readline() == b"\r\n"
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        assert session.authenticated
        self.mails.append(envelope.content)
        return "250 ok"


@asynccontextmanager
async def smtp_listening(handler: XOAuth2Smtp) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="x", auth_require_tls=False), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("source_of", [microsoft, google])
async def test_mail_is_sent_with_a_token_and_with_a_new_one_when_the_old_one_was_revoked(
    source_of: Any,
) -> None:
    handler = XOAuth2Smtp({"token-1"})
    async with token_server(TokenServer()) as server, smtp_listening(handler) as port:
        login = {"username": BOT, "token_source": source_of(server), "mails_per_connection": 1}
        async with smtp_to(port, **login) as smtp:
            await smtp.send(BOT, "ann@partner.test", MAIL)
            handler.tokens = {"token-2"}
            await smtp.send(BOT, "ann@partner.test", MAIL)
            handler.tokens = set()
            with pytest.raises(RefusedError) as refused:
                await smtp.send(BOT, "ann@partner.test", MAIL)
    assert refused.value.blame is Blame.SETUP
    assert handler.mails == [MAIL, MAIL]
    assert handler.attempts == 5
    assert "token-" not in str(refused.value)


@pytest.mark.parametrize("source_of", [microsoft, google])
async def test_a_mailbox_is_watched_with_a_token_and_a_refusal_says_why(source_of: Any) -> None:
    imap = MiniImap(messages={1: MAIL}, tokens={"token-2"})
    async with token_server(TokenServer()) as server, listening(imap) as port:
        taken, box = Taken(), Mailbox(settings(port, token_source=source_of(server)))
        async with watching(box, taken):
            await eventually(lambda: taken.messages)
        assert server.given == ["token-1", "token-2"]
        imap.tokens = set()
        with pytest.raises(RefusedError, match=r'"scope":"https://mail.test/"') as refused:
            await box.check()
    assert refused.value.blame is Blame.SETUP
    assert "token-" not in str(refused.value)


async def test_when_no_token_can_be_had_mail_is_neither_sent_nor_read_and_the_reason_is_kept() -> None:
    async with token_server(TokenServer()) as server, smtp_listening(XOAuth2Smtp(set())) as port:
        source = microsoft(server, secret="wrong")
        async with smtp_to(port, username=BOT, token_source=source) as smtp:
            with pytest.raises(PermanentError, match="invalid_client"):
                await smtp.send(BOT, "ann@partner.test", MAIL)
        async with listening(MiniImap()) as imap_port:
            box = Mailbox(settings(imap_port, token_source=source))
            async with watching(box, Taken()):
                await eventually(lambda: "invalid_client" in box.state.last_error)
