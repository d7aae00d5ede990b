"""Where a form was opened and what it is about: it travels in the form's private_metadata, which only the app sets
(https://docs.slack.dev/reference/views, 2026-11).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`channel`, `ts` and `thread_ts` are those of the command or the pressed button, `number` the registration's,
    `language` the form's. What is not known is ""."""

    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    number: str = ""
    language: str = ""

    def to_json(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_json(cls, metadata: str) -> Place:
        """The place; an empty one for metadata that `to_json` did not make."""
        try:
            said = json.loads(metadata or "{}")
        except ValueError:
            return cls()
        if not isinstance(said, dict):
            return cls()
        return cls(**{f.name: said[f.name] for f in fields(cls) if isinstance(said.get(f.name), str)})
