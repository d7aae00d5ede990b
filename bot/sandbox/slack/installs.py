"""The app gets installed in further workspaces: OAuth codes, tokens, revocation. Asks nobody for consent."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.slack.call import Credentials, SlackError
from bot.sandbox.slack.ids import Mint
from bot.sandbox.slack.state import Installation, Json, SandboxError, User, World


@dataclass(slots=True, kw_only=True)
class _Grant:
    team_id: str
    installer_id: str
    scopes: frozenset[str]
    redirect_uri: str
    is_used: bool = False


class Installs:
    """Grants and installations. A code is good once; a token until the app is uninstalled."""

    def __init__(self, world: World, mint: Mint, credentials: Credentials) -> None:
        self._world = world
        self._mint = mint
        self._credentials = credentials
        self._grants: dict[str, _Grant] = {}
        self.revoked: set[str] = set()

    def grant(self, user: str, scopes: frozenset[str], *, redirect_uri: str = "") -> str:
        """A person allows the app in their workspace; the code for oauth.v2.access."""
        person = self._world.person(user)
        code = f"{self._mint.now_s()}.{self._mint.key(12).lower()}"
        self._grants[code] = _Grant(
            team_id=person.team_id, installer_id=person.id, scopes=scopes, redirect_uri=redirect_uri
        )
        return code

    async def on_authorize(self, request: web.Request) -> web.Response:
        """OAuth's consent page, which consents at once: for `user` if the query names one, else for who installed
        the app first."""
        asked = request.query
        if asked.get("client_id") != self._credentials.client_id or not asked.get("redirect_uri"):
            return web.Response(status=HTTPStatus.BAD_REQUEST, text="invalid_client_id or missing redirect_uri")
        first = next(iter(self._world.installations.values()), None)
        scopes = frozenset(filter(None, asked.get("scope", "").split(",")))
        try:
            user = asked.get("user") or (first.installer_id if first is not None else "")
            code = self.grant(user, scopes, redirect_uri=asked["redirect_uri"])
        except SandboxError as exc:
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=str(exc))
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return web.Response(status=HTTPStatus.FOUND, headers={"Location": f"{asked['redirect_uri']}?{query}"})

    def access(self, args: dict[str, str]) -> Json:
        """oauth.v2.access: the bot token for a code; raises Slack's errors."""
        if args.get("client_id") != self._credentials.client_id:
            raise SlackError("invalid_client_id")
        if args.get("client_secret") != self._credentials.client_secret:
            raise SlackError("bad_client_secret")
        grant = self._grants.get(args.get("code", ""))
        if grant is None:
            raise SlackError("invalid_code")
        if grant.is_used:
            raise SlackError("code_already_used")
        if grant.redirect_uri != args.get("redirect_uri", ""):
            raise SlackError("bad_redirect_uri")
        grant.is_used = True
        installation = self.install(grant.team_id, grant.installer_id, grant.scopes)
        team = self._world.teams[grant.team_id]
        return {
            "access_token": installation.bot_token,
            "token_type": "bot",
            "scope": ",".join(sorted(installation.scopes)),
            "bot_user_id": installation.bot_user_id,
            "app_id": self._world.app_id,
            "team": {"name": team.name, "id": team.id},
            "enterprise": None,
            "authed_user": {"id": grant.installer_id},
            "is_enterprise_install": False,
        }

    def install(self, team_id: str, installer_id: str, scopes: frozenset[str]) -> Installation:
        """Install the app in a team; a team that has it keeps bot user and token and gets the new scopes."""
        if team_id not in self._world.teams:
            raise SandboxError(f"team {team_id!r}: there is none with this id")
        before = self._world.installed_in(team_id)
        bot_id = before.bot_id if before is not None else self._mint.id("B")
        bot_user_id = before.bot_user_id if before is not None else self._add_bot_user(team_id, bot_id)
        key = self._mint.key(24, purpose=team_id)
        token = before.bot_token if before is not None else f"xoxb-{team_id[1:]}-{key}"
        installation = Installation(
            team_id=team_id,
            bot_user_id=bot_user_id,
            bot_id=bot_id,
            bot_token=token,
            scopes=scopes,
            installer_id=installer_id,
        )
        self._world.installations[token] = installation
        return installation

    def uninstall(self, team_id: str) -> Installation:
        """Take the app out of a team: its token is revoked, its bot leaves every channel; raises SandboxError."""
        installation = self._world.installed_in(team_id)
        if installation is None:
            raise SandboxError(f"team {team_id!r}: has not installed the app")
        del self._world.installations[installation.bot_token]
        self.revoked.add(installation.bot_token)
        for channel in self._world.channels.values():
            if installation.bot_user_id in channel.members:
                channel.members.remove(installation.bot_user_id)
        return installation

    def _add_bot_user(self, team_id: str, bot_id: str) -> str:
        bot = User(
            id=self._mint.id("U"),
            team_id=team_id,
            name=self._world.app_name,
            real_name=self._world.app_name,
            bot_id=bot_id,
            updated_s=self._mint.now_s(),
        )
        self._world.users[bot.id] = bot
        return bot.id
