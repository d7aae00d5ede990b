"""OAuth 2 access tokens for mail servers: Microsoft 365 and Google. Refuses to show or log a secret."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt

from bot.errors import TransientError
from mailer.refusal import Blame, RefusedError

_RENEW_BEFORE_S = 300.0
_TIMEOUT_S = 30.0
_ASSERTION_LIFE = timedelta(hours=1)  # the longest that Google takes
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    renew_at_s: float  # on the event loop's clock


class _Source(ABC):
    """A token kept until five minutes before its end; many who ask at once cause one request."""

    def __init__(self, token_url: str) -> None:
        self._token_url = token_url
        self._token: _Token | None = None
        self._request: asyncio.Task[_Token] | None = None

    @abstractmethod
    def _form(self) -> Mapping[str, str]:
        """What the token endpoint is asked (RFC 6749 4.4.2, RFC 7523 2.1)."""

    async def token(self) -> str:
        """A token that is good for at least five minutes, unless the server gives shorter ones.

        Raises RefusedError (`code` is RFC 6749's, such as "invalid_client") when a person has to act, and
        TransientError, with `retry_after` where the server says so.
        """
        now_s = asyncio.get_running_loop().time()
        if self._token is not None and now_s < self._token.renew_at_s:
            return self._token.value
        if self._request is None:
            self._request = asyncio.create_task(self._ask(), name="oauth.token")
            self._request.add_done_callback(self._asked)
        return (await asyncio.shield(self._request)).value

    def invalidate(self) -> None:
        """Forget the token: a mail server has refused it."""
        self._token = None

    def _asked(self, request: asyncio.Task[_Token]) -> None:
        self._request = None
        if not request.cancelled() and request.exception() is None:
            self._token = request.result()

    async def _ask(self) -> _Token:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as client,
                client.post(self._token_url, data=self._form(), allow_redirects=False) as answer,
            ):
                status, headers, body = answer.status, answer.headers, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as exc:
            why = str(exc) or f"no answer within {_TIMEOUT_S:g} s"
            raise TransientError(f"oauth: {self._token_url}: {why}: try again") from exc
        return self._read(status, headers, body)

    def _read(self, status: int, headers: Mapping[str, str], body: bytes) -> _Token:
        answer = _json_object(body)
        value, life_s = answer.get("access_token"), answer.get("expires_in", 3600)
        if status == 200 and isinstance(value, str) and value:  # noqa: PLR2004
            now_s = asyncio.get_running_loop().time()
            return _Token(value, now_s + max(_seconds(life_s) - _RENEW_BEFORE_S, 0.0))
        error = str(answer.get("error") or f"HTTP {status}")
        message = f"oauth: {self._token_url} gave no token ({error}): {answer.get('error_description', '')}"
        message = message.rstrip(": ")
        if status == 429 or status >= 500 or status == 200 or error in _PASSING_ERRORS:  # noqa: PLR2004
            wait_s = headers.get("Retry-After", "")
            retry_after = timedelta(seconds=int(wait_s)) if wait_s.isdecimal() else None
            raise TransientError(f"{message}: try again", retry_after=retry_after)
        raise _refused(f"{message}: the application's credentials or consent need a person", error)


def _refused(message: str, code: str = "") -> RefusedError:
    return RefusedError(message, blame=Blame.SETUP, code=code)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _seconds(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 3600.0


class ClientCredentials(_Source):
    """Microsoft 365's way: the application itself is the client (RFC 6749 4.4).

    `token_url` is https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token; `scope` for mail is
    https://outlook.office365.com/.default.
    """

    def __init__(self, token_url: str, client_id: str, client_secret: str, scope: str) -> None:
        super().__init__(token_url)
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope

    def _form(self) -> Mapping[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": self._scope,
        }


class ServiceAccount(_Source):
    """Google's way: a service account with delegation acts for a mailbox (RFC 7523).

    `key` is the JSON key file's content, `subject` the mailbox's address, `scope` for IMAP and SMTP is
    https://mail.google.com/.
    """

    def __init__(
        self,
        key: Mapping[str, str],
        subject: str,
        scope: str,
        *,
        now: Callable[[], datetime],
        token_uri: str | None = None,
    ) -> None:
        """`token_uri` defaults to the key's own. Raises RefusedError for a key that is none."""
        try:
            self._issuer, self._private_key = key["client_email"], key["private_key"]
            super().__init__(token_uri or key["token_uri"])
        except KeyError as exc:
            raise _refused(f"oauth: the service account's key lacks {exc}: download it again") from exc
        self._key_id = key.get("private_key_id")
        self._subject = subject
        self._scope = scope
        self._now = now

    def _form(self) -> Mapping[str, str]:
        now = self._now()
        claims = {
            "iss": self._issuer,
            "sub": self._subject,
            "scope": self._scope,
            "aud": self._token_url,
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFE).timestamp()),
        }
        headers = {"kid": self._key_id} if self._key_id else None
        try:
            assertion = jwt.encode(claims, self._private_key, algorithm="RS256", headers=headers)
        except (ValueError, TypeError, jwt.PyJWTError) as exc:
            raise _refused("oauth: the private key cannot be read: download the key again") from exc
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
