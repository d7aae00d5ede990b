"""A stateful Slack on loopback, as strict as the real one. Refuses to know what offportal says or decides."""

from bot.sandbox.slack.server import SlackServer

__all__ = ["SlackServer"]
