"""The values the Slack adapter is given at start. Reads no file and no environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.slack.events import Kind
from bot.slack.reader import HANDLED


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """`signing_secret` is needed over HTTP only (Socket Mode requests are not signed). `partner_of_team` says which
    partner a Slack organisation (T… or E… id) is; see bot/slack/audience.py. `kinds` are the events that go into
    the inbox; all others are acknowledged and forgotten, for nobody would handle them. `sorry` is what a person
    reads when their command or button could not be stored."""

    command: str = "/partner"
    signing_secret: str | None = None
    partner_of_team: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[Kind] = HANDLED
    sorry: str = "Sorry, that did not reach us and nothing was changed. Please try again in a moment."
