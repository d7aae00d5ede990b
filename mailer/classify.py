"""Human, automatic or bounce: decided by header, structure, subject and first sentence, before anybody reads the words.

Never looks further into the body, save for the ids and addresses of a bounce and for who quotes an absence note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailer.bounces import Bounce, reported, traced
from mailer.extract import extract
from mailer.mail import Mail
from mailer.words import Words, pattern


class Kind(StrEnum):
    """What a mail is. Everything but HUMAN is a machine's and is never answered."""

    HUMAN = "human"
    AUTO_REPLY = "auto_reply"  # absence notes, receipts, acknowledgements, lists, calendar answers
    BOUNCE = "bounce"  # a message of ours was given up
    DELAYED = "delayed"  # a message of ours is late; no failure
    COMPLAINT = "complaint"  # somebody called a message of ours spam (ARF, RFC 5965)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """`reason` is a static string; `bounce` is there for BOUNCE, DELAYED and COMPLAINT."""

    kind: Kind
    reason: str
    bounce: Bounce | None = None


_HUMAN = Classified(kind=Kind.HUMAN, reason="human")
_NOT_ANSWERED = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_ANY_VALUE = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply", "X-Loop", "X-MLServer")
_DAEMON = re.compile(r"mailer[-_. ]?daemon|mail[-_ ]daemon|mail[-_ ]delivery[-_ ](?:sub)?system|delivery[-_ ]subsystem")
_DAEMON_ADDRESS = re.compile(r"(?:postmaster|mail-?delivery)(?:[+._-].*)?")  # the local part
_SYSTEM_NAMES = frozenset(
    {"system administrator", "systemadministrator", "mail system", "mail administrator", "mail delivery", "postmaster"}
)
_COMMENT = re.compile(r"\([^()]*\)")
_TAG = re.compile(r"\s*(?:\[[^\]]{1,40}\]|\*{2,}[^*]{1,30}\*{2,})\s*")
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc"})
_NOTE_CHARS = 2_000
_CALENDAR_ANSWERS = frozenset({"REPLY", "COUNTER", "CANCEL", "DECLINECOUNTER", "REFRESH"})


def classify(mail: Mail, words: Words) -> Classified:
    """Says what a mail is, by the first rule that fits: reports, then bounces without one, then other machines."""
    subject = _Subject(mail.subject, words)
    if found := _by_report(mail, subject):
        return found
    machine = _why_automatic(mail)
    if mail.headers.first("x-failed-recipients"):
        return _bounced(mail, subject, "failed-recipients")
    if _is_daemon(mail):
        return _bounced(mail, subject, "daemon")
    if subject.is_delayed and (machine or mail.return_path == ""):
        return Classified(kind=Kind.DELAYED, reason="delayed-subject", bounce=traced(mail, action="delayed"))
    if subject.is_undeliverable and (machine or mail.return_path == "" or not subject.is_reply):
        return _bounced(mail, subject, "undeliverable-subject")
    if machine := machine or _why_worded(mail, words, subject):
        return Classified(kind=Kind.AUTO_REPLY, reason=machine)
    return _HUMAN


def _by_report(mail: Mail, subject: _Subject) -> Classified | None:
    """What a machine-readable part says (RFC 3464, 5965, 8098); a person who forwards one is a person."""
    is_forward = mail.report_type is None and subject.is_forward and mail.return_path != ""
    kinds = set() if is_forward else {report.content_type for report in mail.reports}
    if mail.report_type == "feedback-report" or "message/feedback-report" in kinds or "feedback-type" in mail.headers:
        is_complaint = not _NO_COMPLAINT & set(_feedback_types(mail))
        kind = Kind.COMPLAINT if is_complaint else Kind.AUTO_REPLY
        return Classified(kind=kind, reason="feedback-report", bounce=traced(mail) if is_complaint else None)
    if mail.report_type == "disposition-notification" or "message/disposition-notification" in kinds:
        return Classified(kind=Kind.AUTO_REPLY, reason="read-receipt")
    if mail.report_type == "delivery-status" or kinds & {"message/delivery-status", "message/global-delivery-status"}:
        return _by_delivery_status(mail, subject)
    return None


def _by_delivery_status(mail: Mail, subject: _Subject) -> Classified:
    bounce = reported(mail)
    actions = {failure.action for failure in bounce.failures}
    if "failed" in actions:
        return Classified(kind=Kind.BOUNCE, reason="delivery-status", bounce=bounce)
    if "delayed" in actions:
        return Classified(kind=Kind.DELAYED, reason="delivery-status", bounce=bounce)
    if actions & {"delivered", "relayed", "expanded"}:
        return Classified(kind=Kind.AUTO_REPLY, reason="delivery-receipt")
    return _bounced(mail, subject, "delivery-status")


def _bounced(mail: Mail, subject: _Subject, reason: str) -> Classified:
    if subject.is_delayed:
        return Classified(kind=Kind.DELAYED, reason=reason, bounce=traced(mail, action="delayed"))
    return Classified(kind=Kind.BOUNCE, reason=reason, bounce=traced(mail))


def _feedback_types(mail: Mail) -> Iterable[str]:
    blocks = [report.blocks for report in mail.reports if report.content_type == "message/feedback-report"]
    for headers in (mail.headers, *(block for some in blocks for block in some)):
        yield (headers.first("feedback-type") or "").strip().lower()


def _why_automatic(mail: Mail) -> str | None:
    """The header by which a machine says that it is one; None when none does."""
    for value in mail.headers.all("auto-submitted"):
        keyword = _COMMENT.sub("", value).partition(";")[0].strip().lower()
        if keyword and keyword != "no":  # RFC 3834, 5
            return "auto-submitted"
    for name, value in mail.headers:
        lowered = name.lower()
        if lowered.startswith("x-auto-response") and lowered != "x-auto-response-suppress":
            return "auto-response"
        if lowered in {"precedence", "x-precedence"} and value.strip().lower() in _NOT_ANSWERED:
            return "precedence"
        if lowered == "x-apple-action" and "vacation" in value.lower():
            return "vacation"
    for name in _ANY_VALUE:
        value_or_none = mail.headers.first(name)
        if value_or_none is not None and value_or_none.strip().lower() not in {"no", "false"}:
            return name.lower()
    if mail.calendar_method in _CALENDAR_ANSWERS:
        return "calendar-answer"
    return None


def _why_worded(mail: Mail, words: Words, subject: _Subject) -> str | None:
    """What else gives a machine away when its headers are gone: its subject, its first sentence, its empty envelope."""
    if subject.is_automatic and not (subject.is_reply and _answers_a_note(mail, words)):
        return "automatic-subject"
    if mail.text and _patterns(words).note.match(mail.text[:_NOTE_CHARS].lower()):
        return "automatic-note"
    return "null-return-path" if mail.return_path == "" else None


def _is_daemon(mail: Mail) -> bool:
    """Whether From is a mail server's; `noreply@` is not, people answer from it. Domains prove nothing."""
    shown = {box.name.lower() for box in mail.from_}
    if mail.from_:
        local_parts = [box.address.lower().rpartition("@")[0] for box in mail.from_]
    else:  # "MAILER-DAEMON <>"
        raw = " ".join(mail.headers.all("from")).lower()
        local_parts = []
        shown.add(raw.partition("<")[0].strip(' "'))
    return bool(
        any(_DAEMON.search(text) for text in (*shown, *local_parts))
        or any(_DAEMON_ADDRESS.fullmatch(local) for local in local_parts)
        or shown & _SYSTEM_NAMES
    )


def _answers_a_note(mail: Mail, words: Words) -> bool:
    """Whether somebody wrote above a quoted mail; a machine quotes nobody's absence note."""
    said = extract(mail, words)
    return bool(said.new and said.quoted)


class _Subject:
    """A subject, its tags and Re: taken off, and what its beginning says."""

    def __init__(self, subject: str, words: Words) -> None:
        patterns = _patterns(words)
        rest = subject.lower()[:500]
        self.is_reply = self.is_forward = is_tagged = False
        while True:
            if tag := _TAG.match(rest):
                is_tagged = is_tagged or patterns.automatic.match(tag[0].strip(" [*]")) is not None
                rest = rest[tag.end() :]
            elif prefix := patterns.reply.match(rest):
                self.is_reply = True
                rest = rest[prefix.end() :]
            else:
                break
        self.is_forward = patterns.forward.match(rest) is not None
        self.is_automatic = is_tagged or patterns.automatic.match(rest) is not None
        self.is_undeliverable = patterns.undeliverable.match(rest) is not None
        self.is_delayed = patterns.delayed.match(rest) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    reply: re.Pattern[str]
    forward: re.Pattern[str]
    automatic: re.Pattern[str]
    undeliverable: re.Pattern[str]
    delayed: re.Pattern[str]
    note: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(words: Words) -> _Patterns:
    replies = set(words.reply_prefix) - set(words.forward_prefix)
    return _Patterns(
        reply=_prefix(replies),
        forward=_prefix(words.forward_prefix),
        automatic=_beginning(words.automatic, replies),
        undeliverable=_beginning(words.undeliverable, replies),
        delayed=_beginning(words.delayed, replies),
        note=_first_sentence(words.note),
    )


def _prefix(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"\s*" + pattern(phrases) + r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*")


def _beginning(phrases: Iterable[str], replies: Iterable[str]) -> re.Pattern[str]:
    """A phrase at the start, and what must follow it (mailer.words.Words)."""
    ends = {end: [phrase.rstrip(f"{end} ") for phrase in phrases if phrase.endswith(end)] for end in (":", ".")}
    anywhere = [phrase for phrase in phrases if not phrase.endswith(tuple(ends))]
    nothing = rf"$|[!.]+\s*$|{pattern(replies)}\s*[:：]"  # Gmail: "Urlaub Re: your subject"
    return re.compile(
        rf"\s*(?:{pattern(anywhere)}(?!\w)"
        rf"|{pattern(ends[':'])}\s*(?:[:：|(\[\-–—]|{nothing})"
        rf"|{pattern(ends['.'])}\s*(?:{nothing}))"
    )


def _first_sentence(phrases: Iterable[str]) -> re.Pattern[str]:
    """A whole first sentence, whatever the salutation: people write "this is an automatic reply that we got"."""
    salutation = r"(?:[^\n.!?:>]{1,60}[,!]?[ \t]*\n\s*)?"
    return re.compile(rf"\s*{salutation}{pattern(phrases, '(?s:.{0,200}?)')}\s*?(?:[.!]|\n\s*\n|\s*$)")
