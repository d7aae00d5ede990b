"""The Bolt app: what Slack tells us is stored, then acknowledged. Decides nothing and says nothing by itself."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import apology, listeners
from bot.slack.client import Installation
from bot.slack.forms import Forms
from bot.slack.inbox import Inbox, Receive
from bot.slack.settings import SlackSettings


def build_app(settings: SlackSettings, installation: Installation, receive: Receive, forms: Forms) -> AsyncApp:
    """An app with every listener, for Socket Mode (socket_mode.py) and HTTP (http.py) alike.

    Acknowledged is what `receive` has stored, never before: `process_before_response` makes Bolt wait for the
    listener, so a failed store leaves an event unacknowledged and Slack sends it again. Nothing but the opening of a
    form goes over the network before: who we are is asked once and remembered, by `run_socket` at its start, over HTTP
    by whoever calls `installation.identity()` before serving.
    """
    client = installation.client

    async def authorize() -> AuthorizeResult:
        who = await installation.identity()
        return AuthorizeResult(
            enterprise_id=None,
            team_id=who.team_id,
            bot_id=who.bot_id,
            bot_user_id=who.bot_user_id,
            bot_token=client.token,
        )

    app = AsyncApp(
        name="offportal",
        # Bolt prefers its own authorisation, which asks Slack within the first request, to one of ours as long as
        # the client carries a token.
        client=AsyncWebClient(base_url=client.base_url, session=client.session, retry_handlers=[]),
        authorize=authorize,
        # Bolt wants one in Socket Mode too, where nothing is signed; the token is a secret nobody could sign with.
        signing_secret=settings.signing_secret or client.token,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        ignoring_self_events_enabled=False,  # bot/slack/reading.py does, and says why
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    apology.register(app, settings.sorry)
    listeners.register(app, Inbox(receive, settings.kinds), forms, command_name=settings.command)
    return app
