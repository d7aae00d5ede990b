"""The world a sandbox Slack begins with, from JSON or TOML. Every fault of a seed is named at once.

A seed is a mapping; every part but `teams` may be left out:

    app       id, name, scopes (a list), signing_secret, app_token, client_id, client_secret
    teams     [{id, name, domain}]
    users     [{id, team, name, real_name, email, title, tz, locale, is_admin}]
    installed [{team, bot_user, bot, token, installer, scopes}]   the app in a workspace; scopes as in `app`
    channels  [{id, name, kind, host, shared_with, pending, members, topic, purpose}]

`kind` is public_channel or private_channel; `host` is the team that made the channel, `shared_with` and `pending`
the teams that it is shared with over Slack Connect; `members` are user ids, the bot user's among them. Ids are
Slack's: T…, U…, B…, C…, A….
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import ConfigError
from bot.sandbox.slack.call import Credentials
from bot.sandbox.slack.state import Channel, Installation, Kind, Team, User, World

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "conversations.connect:read",
    "conversations.connect:write",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "users:read",
    "users:read.email",
)
"""What the app may do unless the seed says otherwise."""

DEMO: Mapping[str, Any] = {
    "app": {
        "id": "A0OFFPORTAL",
        "name": "offportal",
        "scopes": SCOPES,
        "signing_secret": "5a4db0c0ffee5a4db0c0ffee5a4db0c0",
        "app_token": "xapp-1-A0OFFPORTAL-100-sandbox",
        "client_id": "100.200",
        "client_secret": "sandbox-client-secret",
    },
    "teams": [
        {"id": "T0MERIDIAN", "name": "Meridian Software", "domain": "meridian-software"},
        {"id": "T0BRANDTIT", "name": "Brandt IT GmbH", "domain": "brandt-it"},
        {"id": "T0ASHBYDIG", "name": "Ashby Digital", "domain": "ashby-digital"},
    ],
    "users": [
        {
            "id": "U0PRIYANAIR",
            "team": "T0MERIDIAN",
            "name": "priya.nair",
            "real_name": "Priya Nair",
            "email": "priya.nair@meridian.example",
            "title": "Partner manager",
            "is_admin": True,
        },
        {
            "id": "U0FRANCODES",
            "team": "T0MERIDIAN",
            "name": "franco.desantis",
            "real_name": "Franco De Santis",
            "email": "franco.desantis@meridian.example",
            "title": "Partner manager",
            "tz": "Europe/Rome",
            "locale": "it-IT",
        },
        {
            "id": "U0JULIABRAN",
            "team": "T0BRANDTIT",
            "name": "julia",
            "real_name": "Julia Brandt",
            "email": "julia@brandt-it.example",
            "tz": "Europe/Berlin",
            "locale": "de-DE",
        },
        {
            "id": "U0LUKASWEBE",
            "team": "T0BRANDTIT",
            "name": "lukas.weber",
            "real_name": "Lukas Weber",
            "email": "lukas.weber@brandt-it.example",
            "tz": "Europe/Berlin",
            "locale": "de-DE",
        },
        {
            "id": "U0TOMASHBY0",
            "team": "T0ASHBYDIG",
            "name": "tom",
            "real_name": "Tom Ashby",
            "email": "tom@ashby-digital.example",
        },
    ],
    "installed": [
        {
            "team": "T0MERIDIAN",
            "bot_user": "U0OFFPORTAL",
            "bot": "B0OFFPORTAL",
            "token": "xoxb-0MERIDIAN-0OFFPORTAL-sandbox",
            "installer": "U0PRIYANAIR",
        },
    ],
    "channels": [
        {
            "id": "C0MANAGERS0",
            "name": "partner-managers",
            "host": "T0MERIDIAN",
            "members": ["U0PRIYANAIR", "U0FRANCODES", "U0OFFPORTAL"],
            "purpose": "What partners ask that a person has to answer",
        },
        {
            "id": "C0BRANDTIT0",
            "name": "brandt-it",
            "host": "T0MERIDIAN",
            "shared_with": ["T0BRANDTIT"],
            "members": ["U0PRIYANAIR", "U0JULIABRAN", "U0LUKASWEBE", "U0OFFPORTAL"],
        },
        {
            "id": "C0ASHBYDIG0",
            "name": "ashby-digital",
            "host": "T0ASHBYDIG",
            "shared_with": ["T0MERIDIAN"],
            "members": ["U0TOMASHBY0", "U0FRANCODES", "U0OFFPORTAL"],
        },
    ],
}
"""Meridian Software and two partners over Slack Connect; #ashby-digital was made by the partner, so that the host's
team id in its events is not the installed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A world and the app's secrets in it."""

    world: World
    credentials: Credentials


def build(seed: Mapping[str, Any], *, now_s: int, scopes: Collection[str] | None = None) -> Seeded:
    """The world of a seed, its app with `scopes` if given; raises ConfigError with all that is wrong with it."""
    app = DEMO["app"] | dict(seed.get("app", {}))
    if scopes is not None:
        app["scopes"] = scopes
    if faults := list(_faults(seed)):
        raise ConfigError(faults)
    world = World(app_id=app["id"], app_name=app["name"])
    world.teams = {t["id"]: Team(id=t["id"], name=t["name"], domain=t["domain"]) for t in seed["teams"]}
    for entry in seed.get("users", ()):
        fields = {name: value for name, value in entry.items() if name != "team"}
        world.users[entry["id"]] = User(team_id=entry["team"], updated_s=now_s, **fields)
    for entry in seed.get("installed", ()):
        _install(world, entry, frozenset(entry.get("scopes", app["scopes"])), now_s)
    for entry in seed.get("channels", ()):
        world.channels[entry["id"]] = _channel(entry, now_s)
    credentials = Credentials(
        signing_secret=app["signing_secret"],
        app_token=app["app_token"],
        client_id=app["client_id"],
        client_secret=app["client_secret"],
    )
    return Seeded(world=world, credentials=credentials)


def _install(world: World, entry: Mapping[str, Any], scopes: frozenset[str], now_s: int) -> None:
    world.users[entry["bot_user"]] = User(
        id=entry["bot_user"],
        team_id=entry["team"],
        name=world.app_name,
        real_name=world.app_name,
        bot_id=entry["bot"],
        updated_s=now_s,
    )
    world.installations[entry["token"]] = Installation(
        team_id=entry["team"],
        bot_user_id=entry["bot_user"],
        bot_id=entry["bot"],
        bot_token=entry["token"],
        scopes=scopes,
        installer_id=entry["installer"],
    )


def _channel(entry: Mapping[str, Any], now_s: int) -> Channel:
    members = list(entry.get("members", ()))
    return Channel(
        id=entry["id"],
        name=entry["name"],
        kind=Kind(entry.get("kind", "public_channel")),
        host_team_id=entry["host"],
        creator_id=members[0] if members else "",
        created_s=now_s,
        members=members,
        connected=list(entry.get("shared_with", ())),
        pending=list(entry.get("pending", ())),
        topic=entry.get("topic", ""),
        purpose=entry.get("purpose", ""),
    )


_NEEDED = {
    "teams": ("id", "name", "domain"),
    "users": ("id", "team", "name", "real_name"),
    "installed": ("team", "bot_user", "bot", "token", "installer"),
    "channels": ("id", "name", "host"),
}
_ALLOWED = {
    "teams": (),
    "users": ("email", "title", "tz", "locale", "is_admin"),
    "installed": ("scopes",),
    "channels": ("kind", "shared_with", "pending", "members", "topic", "purpose"),
}


def _faults(seed: Mapping[str, Any]) -> Iterator[str]:
    for name in seed.keys() - {"app", *_NEEDED}:
        yield f"seed: {name!r} is not one of app, {', '.join(_NEEDED)}"
    if not seed.get("teams"):
        yield "seed.teams: at least one is needed"
    for part, needed in _NEEDED.items():
        for number, entry in enumerate(seed.get(part, ())):
            at = f"seed.{part}[{number}]"
            yield from (f"{at}: {name!r} is missing" for name in needed if name not in entry)
            unknown = entry.keys() - {*needed, *_ALLOWED[part]}
            yield from (f"{at}: {name!r} is not known" for name in sorted(unknown))
    yield from _dangling(seed)


def _dangling(seed: Mapping[str, Any]) -> Iterator[str]:
    """References to teams and users that the seed does not hold."""
    teams = {t.get("id") for t in seed.get("teams", ())}
    users = {u.get("id") for u in seed.get("users", ())} | {i.get("bot_user") for i in seed.get("installed", ())}
    for part, names in (("users", ("team",)), ("installed", ("team",)), ("channels", ("host",))):
        for number, entry in enumerate(seed.get(part, ())):
            for team in (entry.get(name) for name in names):
                if team is not None and team not in teams:
                    yield f"seed.{part}[{number}]: there is no team {team!r}"
    for number, entry in enumerate(seed.get("channels", ())):
        at = f"seed.channels[{number}]"
        others = [*entry.get("shared_with", ()), *entry.get("pending", ())]
        yield from (f"{at}: there is no team {team!r}" for team in others if team not in teams)
        yield from (f"{at}: there is no user {user!r}" for user in entry.get("members", ()) if user not in users)
        if entry.get("kind", Kind.PUBLIC) not in {Kind.PUBLIC, Kind.PRIVATE}:
            yield f"{at}.kind: {entry['kind']!r} is not one of public_channel, private_channel"
