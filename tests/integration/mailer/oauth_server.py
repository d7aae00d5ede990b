"""A token endpoint on loopback that checks what it is asked, as Microsoft's and Google's do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass
class TokenServer:
    """Gives token-1, token-2 …; `answers` go first, in turn. `url` is where it listens."""

    expires_in: object = 3600
    answers: list[web.Response] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    delay_s: float = 0.0
    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        await asyncio.sleep(self.delay_s)
        if self.answers:
            return self.answers.pop(0)
        if not self._is_ours(form):
            return web.json_response({"error": "invalid_client", "error_description": "unknown"}, status=401)
        self.given.append(f"token-{len(self.given) + 1}")
        return web.json_response({"access_token": self.given[-1], "expires_in": self.expires_in})

    def _is_ours(self, form: dict[str, str]) -> bool:
        if form["grant_type"] == "client_credentials":
            return (form["client_id"], form["client_secret"]) == ("app", "hush")
        claims = jwt.decode(
            form["assertion"],
            self.key.public_key(),
            ["RS256"],
            audience=self.url,
            options={"verify_iat": False},
        )
        return bool(claims["iss"] == "robot@project.test" and claims["sub"] == "bot@vendor.test")

    @property
    def key_file(self) -> dict[str, str]:
        """A service account's key, as Google gives it."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return {
            "type": "service_account",
            "client_email": "robot@project.test",
            "private_key_id": "k1",
            "private_key": pem,
            "token_uri": self.url,
        }


@asynccontextmanager
async def token_server(server: TokenServer) -> AsyncIterator[TokenServer]:
    """Listen on loopback meanwhile."""
    application = web.Application()
    application.router.add_post("/token", server.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/token"
    try:
        yield server
    finally:
        await runner.cleanup()
