"""What people do in Slack, as one value that goes into the inbox and comes out again. Knows no rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happened. A mention is a message that names the app, wherever it stands."""

    MESSAGE = "message"
    MENTION = "mention"
    EDITED = "edited"
    DELETED = "deleted"
    COMMAND = "command"
    ACTION = "action"
    VIEW_SUBMISSION = "view_submission"
    APP_HOME_OPENED = "app_home_opened"
    CHANNEL_ID_CHANGED = "channel_id_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackEvent:
    """One thing a person did.

    `key` is the same whenever Slack tells us the same thing again: channel and ts of a message (so that a mention,
    which Slack tells twice, as `message` and as `app_mention`, is one), trigger id of a command or button, id and
    hash of a view. `team_id` is the organisation of the *person*, not ours; None when Slack does not say, which
    proves nothing. `text` is as Slack sent it, `plain` without its markup. `ts` is the message written, edited,
    deleted or whose button was pressed; `thread_ts` the thread it stands in. `value` is a button's value, or the
    old id of a channel. `values` are the inputs of a view by action id. `is_ext_shared` is None where Slack does
    not say (buttons, commands). `trigger_id` lives 3 s, `response_url` 30 minutes and 5 uses.
    """

    kind: Kind
    key: str
    team_id: str | None = None
    user_id: str | None = None
    channel: str | None = None
    channel_type: str | None = None  # channel, group, im, mpim
    ts: str | None = None
    thread_ts: str | None = None
    text: str = ""
    plain: str = ""
    files: int = 0
    is_ext_shared: bool | None = None
    command: str | None = None
    action_id: str | None = None
    value: str | None = None
    callback_id: str | None = None
    private_metadata: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    response_url: str | None = None
    trigger_id: str | None = None

    def to_json(self) -> bytes:
        """UTF-8 JSON for the raw inbox; fields that say nothing are left out."""
        said = {name: value for name, value in asdict(self).items() if name == "key" or value not in (None, "", {})}
        return json.dumps(said, sort_keys=True).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> SlackEvent:
        """The event that was stored. Raises ValueError for bytes that `to_json` did not make."""
        try:
            said: dict[str, Any] = json.loads(raw)
            known = {f.name for f in fields(cls)}
            if unknown := said.keys() - known:
                raise ValueError(f"slack: a stored event has unknown fields {sorted(unknown)}")
            return cls(**{**said, "kind": Kind(said["kind"])})
        except (AttributeError, KeyError, TypeError) as exc:
            raise ValueError(f"slack: not a stored event ({exc})") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Something we are told and do not read; `reason` is a static word for logs and counters."""

    reason: str
