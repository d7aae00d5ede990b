"""An announcement as its author writes it: a small TOML head and Markdown, one text a language. Reads no files.

    +++
    slug = "q1-incentives"
    kind = "incentive"
    to = "tier:gold motion:reseller"
    +++
    Subject: Five per cent more in the first quarter

    Hello {name}, …

    +++ de
    Subject: Fünf Prozent mehr im ersten Quartal

    Guten Tag {name}, …

Further keys: channels = ["email"], at = 2027-01-11 09:00:00, in_their_timezone = true, language = "en" (of the first
text). `{name}` becomes the reader's name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.announcements import Text
from bot.domain.partners import Channel
from bot.domain.preferences import ANNOUNCEMENTS, Topic

MAX_FILE_BYTES = 500_000
MAX_TEXT_CHARS = 25_000  # with every sign escaped, still within one Slack message (50 blocks of 3,000)
MAX_SUBJECT_CHARS = 200
SLOT = "{name}"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_EDGE = re.compile(r"^\+\+\+[ \t]*([\w-]*)[ \t]*$", re.MULTILINE)
_SLOTS = re.compile(r"\{[a-z_]+\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_KEYS = frozenset({"slug", "kind", "to", "channels", "at", "in_their_timezone", "language"})


class AnnouncementError(ValueError):
    """A file that cannot be announced; `faults` are sentences for its author."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the file says. `to` and `at` may be missing: the command line has them too. `at` without a zone is the
    programme's wall-clock time, or each reader's with `their_time`."""

    slug: str
    topic: Topic
    texts: Mapping[str, Text]
    to: str | None = None
    channels: tuple[Channel, ...] = ()
    at: datetime | None = None
    their_time: bool = False


def read(raw: bytes, *, languages: Sequence[str], default: str) -> Draft:
    """Read a file. `languages` are those that may be written, `default` that of a first text without one. Raises
    AnnouncementError with every fault at once."""
    if len(raw) > MAX_FILE_BYTES:
        raise AnnouncementError([f"the file has {len(raw):,} bytes, at most {MAX_FILE_BYTES:,} can be announced"])
    try:
        source = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as exc:
        raise AnnouncementError([f"the file is no UTF-8 text (byte {exc.start + 1}): save it as UTF-8"]) from exc
    edges = list(_EDGE.finditer(source))
    if len(edges) < 2 or source[: edges[0].start()].strip() or edges[0][1] or edges[1][1]:  # noqa: PLR2004 - open, close
        raise AnnouncementError(['the file has to begin with "+++", the head (slug, kind, to …), and "+++" again'])
    head, faults = _head(source[edges[0].end() : edges[1].start()], languages, default)
    texts: dict[str, Text] = {}
    ends = [*(edge.start() for edge in edges[2:]), len(source)]
    for edge, end in zip(edges[1:], ends, strict=True):
        language = edge[1].casefold() or head.language
        if language not in languages:
            faults.append(f"+++ {language}: not one of {', '.join(languages)}")
        elif language in texts:
            faults.append(f"+++ {language}: there are two texts in this language")
        texts[language] = _text(language, source[edge.end() : end], faults)
    if faults:
        raise AnnouncementError(faults)
    return Draft(
        slug=head.slug,
        topic=Topic(head.kind),
        texts=texts,
        to=head.to,
        channels=head.channels,
        at=head.at,
        their_time=head.their_time,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    slug: str
    kind: str
    to: str | None
    channels: tuple[Channel, ...]
    at: datetime | None
    their_time: bool
    language: str


def _head(source: str, languages: Sequence[str], default: str) -> tuple[_Head, list[str]]:
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as exc:
        raise AnnouncementError([f"the head is no TOML: {exc}"]) from exc
    faults = [f"{key}: unknown; known are {', '.join(sorted(_KEYS))}" for key in raw if key not in _KEYS]
    slug, kind, language = (_string(raw, key, faults) for key in ("slug", "kind", "language"))
    if not _SLUG.fullmatch(slug):
        faults.append(f"slug: {slug!r}: a name of small letters, digits and dashes, such as q1-incentives")
    if kind not in {topic.value for topic in ANNOUNCEMENTS}:
        faults.append(f"kind: {kind!r} is not one of {', '.join(topic.value for topic in ANNOUNCEMENTS)}")
    if language and language not in languages:
        faults.append(f"language: {language!r} is not one of {', '.join(languages)}")
    head = _Head(
        slug=slug,
        kind=kind,
        to=_string(raw, "to", faults) or None,
        channels=_channels(raw.get("channels", []), faults),
        at=_at(raw.get("at"), faults),
        their_time=raw.get("in_their_timezone", False) is True,
        language=language or default,
    )
    if not isinstance(raw.get("in_their_timezone", False), bool):
        faults.append("in_their_timezone: true or false")
    return head, faults


def _string(raw: Mapping[str, Any], key: str, faults: list[str]) -> str:
    value = raw.get(key, "")
    if not isinstance(value, str):
        faults.append(f"{key}: {value!r} has to stand in quotes")
        return ""
    return value


def _channels(value: object, faults: list[str]) -> tuple[Channel, ...]:
    known = {channel.value for channel in Channel}
    if not isinstance(value, list) or any(one not in known for one in value):
        faults.append(f"channels: {value!r}: a list of {', '.join(sorted(known))}")
        return ()
    return tuple(dict.fromkeys(Channel(one) for one in value))


def _at(value: object, faults: list[str]) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else _no_time(value)
    except ValueError:
        faults.append(f"at: {value!r}: a day and a time, such as 2027-01-11 09:00")
        return None


def _no_time(value: object) -> datetime:
    raise ValueError(f"{value!r} is no time")


def _text(language: str, source: str, faults: list[str]) -> Text:
    head, _, body = source.strip().partition("\n")
    subject, body = head.removeprefix("Subject:").strip(), body.strip()
    where = f"{language}: "
    if not head.startswith("Subject:") or not subject:
        faults.append(f'{where}the text has to begin with a line "Subject: …"')
    if len(subject) > MAX_SUBJECT_CHARS:
        faults.append(f"{where}the subject has {len(subject)} characters, at most {MAX_SUBJECT_CHARS} are read")
    if not body:
        faults.append(f"{where}nothing stands below the subject")
    if len(body) > MAX_TEXT_CHARS:
        faults.append(f"{where}the text has {len(body):,} characters, at most {MAX_TEXT_CHARS:,}: link to the rest")
    if control := _CONTROL.search(source):
        faults.append(f"{where}the control character U+{ord(control[0]):04X} cannot stand in a mail")
    unknown = sorted({*_SLOTS.findall(body)} - {SLOT} | {*_SLOTS.findall(subject)})
    faults += [f"{where}{slot} is not filled in; {SLOT} in the text is" for slot in unknown]
    if "](button:" in body:
        faults.append(f"{where}an announcement has no buttons: write a link with its address")
    return Text(subject=subject, body=body)
