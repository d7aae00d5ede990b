"""One file per thing that Slack tells us: read, store, acknowledge. A listener opens a form, and
checks what is typed into it; apart from that none answers or decides."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from bot.slack.forms import Forms
from bot.slack.inbox import Inbox
from bot.slack.listeners import (
    action,
    app_home_opened,
    app_mention,
    channel_id_changed,
    command,
    message,
    unread_event,
    view_submission,
)


def register(app: AsyncApp, inbox: Inbox, forms: Forms, *, command_name: str) -> None:
    """Tie every listener to the app. Bolt runs the first that matches, so the catch-all is last."""
    message.register(app, inbox)
    app_mention.register(app, inbox)
    app_home_opened.register(app, inbox)
    channel_id_changed.register(app, inbox)
    unread_event.register(app)
    command.register(app, inbox, forms, command_name)
    action.register(app, inbox, forms)
    view_submission.register(app, inbox, forms)
