"""From a stored event to what handlers are given. Knows every kind of event that they can handle, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports import ChatKind, IncomingChat
from bot.slack.events import Kind, SlackEvent
from bot.slack.views.place import Place

_KINDS: Mapping[Kind, ChatKind] = {
    Kind.MESSAGE: ChatKind.MESSAGE,
    Kind.MENTION: ChatKind.MENTION,
    Kind.EDITED: ChatKind.MESSAGE,  # who corrects a message says it anew
    Kind.COMMAND: ChatKind.COMMAND,
    Kind.ACTION: ChatKind.ACTION,
    Kind.VIEW_SUBMISSION: ChatKind.FORM,
}

HANDLED = frozenset(_KINDS)


class SlackReader:
    """ports.ChatReader for the raw inbox of Slack."""

    def thread(self, raw: bytes) -> str:
        event = SlackEvent.from_json(raw)
        return f"{event.team_id}:{event.user_id}"

    def read(self, raw: bytes) -> IncomingChat:
        """Raises ValueError for bytes that are no stored event of a kind in HANDLED."""
        event = SlackEvent.from_json(raw)
        kind = _KINDS.get(event.kind)
        if kind is None:
            raise ValueError(f"slack: nobody handles an event of kind {event.kind}")
        if kind is ChatKind.FORM:
            return _form(event)
        return IncomingChat(
            kind=kind,
            team_id=event.team_id or "",
            user_id=event.user_id or "",
            channel=event.channel or "",
            ts=event.ts or "",
            # The start of a thread has no thread_ts; a correction of it belongs into that thread all the same.
            thread_ts=event.thread_ts or (event.ts if event.kind is Kind.EDITED else None),
            text=event.plain,
            is_direct=event.channel_type == "im",
            command=event.command or "",
            action=event.action_id or "",
            value=event.value or "",
        )


def _form(event: SlackEvent) -> IncomingChat:
    """A form counts as done where it was opened: beside the button, or where the command was typed."""
    place = Place.from_json(event.private_metadata)
    return IncomingChat(
        kind=ChatKind.FORM,
        team_id=event.team_id or "",
        user_id=event.user_id or "",
        channel=place.channel or event.user_id or "",
        ts=place.ts,
        thread_ts=place.thread_ts or None,
        text="",
        action=event.callback_id or "",
        value=place.number,
        values=event.values,
    )
