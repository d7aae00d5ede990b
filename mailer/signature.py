"""What stands below an answer: sign-off and card, "sent from my …", disclaimers. Works on lines without quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from mailer.shapes import Shapes, names_device

_DELIMITER = re.compile(r"^-- ?$")
_PICTURE = re.compile(r"^\s*\[(?:cid:|image\b)[^\]]*\]\s*(?:<[^<>]*>)?\s*$", re.IGNORECASE)
_LINK = re.compile(r"<(?:https?://|mailto:)[^<>]*>|\(https?://[^()]*\)|\[https?://[^\[\]]*\]|https?://\S+")
_POSTSCRIPT = re.compile(r"^\W*p\.?\s?(?:p\.?\s?)?s\.?\s*[:.\-–]?\s", re.IGNORECASE)
_CONTACT = re.compile(r"@|www\.|https?:|\+?\d[\d\s()/.-]{6,}|\||•|·")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_SENTENCE_END = re.compile(r"[.!?…]\s*$")
_NAME_END = re.compile(r"\s+[-–—/]\s|[|,;·•(]")
_MAX_CARD_LINES = 30


@dataclass(slots=True)
class Signed:
    """The answer's lines, what was taken off below them, and why the cut may be wrong."""

    kept: list[str]
    signature: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def cut_signature(lines: list[str], shapes: Shapes, names: frozenset[str]) -> Signed:
    """Takes the signature off the lines of an answer.

    Args:
        lines: clean lines without quoted text.
        shapes: the words' shapes.
        names: lower-case words of the sender's name; they let "Thanks" and a name alone count as a sign-off.
    """
    signed = Signed(kept=[line for line in lines if not _PICTURE.match(line)])
    _cut_delimiter(signed)
    _drop_disclaimers(signed, shapes)
    _drop_sent_from(signed, shapes)
    _cut_sign_off(signed, shapes, names)
    _cut_name(signed, names)
    return signed


def _cut_at(signed: Signed, at: int) -> None:
    signed.signature[:0] = signed.kept[at:]
    del signed.kept[at:]


def _cut_delimiter(signed: Signed) -> None:
    for at, line in enumerate(signed.kept):
        if _DELIMITER.match(line):
            _cut_at(signed, at)
            return


def _drop_disclaimers(signed: Signed, shapes: Shapes) -> None:
    """Drops every paragraph that begins with a disclaimer's words or holds two of them."""
    begin = 0
    kept: list[str] = []
    for at in range(len(signed.kept) + 1):
        if at < len(signed.kept) and signed.kept[at].strip():
            continue
        paragraph = signed.kept[begin:at]
        text = " ".join(paragraph).lower()
        found = [one.start() for one in islice(shapes.disclaimer.finditer(text), 2)]
        is_one = found and (len(found) > 1 or found[0] <= 12)  # noqa: PLR2004 - behind "***", "NOTICE:" or a bullet
        (signed.signature if is_one else kept).extend(signed.kept[begin : at + 1])
        begin = at + 1
    signed.kept[:] = kept


def _drop_sent_from(signed: Signed, shapes: Shapes) -> None:
    kept: list[str] = []
    lines = [*signed.kept, ""]
    for at, line in enumerate(signed.kept):
        if _is_sent_from(line, shapes):
            signed.signature.append(line)
        elif lines[at + 1].strip() and line.strip() and _is_sent_from(f"{line} {lines[at + 1]}", shapes):
            signed.signature.append(f"{line} {lines[at + 1]}")
            signed.kept[at + 1] = lines[at + 1] = ""
        else:
            kept.append(line)
    signed.kept[:] = kept


def _is_sent_from(text: str, shapes: Shapes) -> bool:
    bare = _LINK.sub("", text).lower().strip()
    return 8 <= len(bare) <= 120 and shapes.sent_from.fullmatch(bare) is not None and names_device(bare)  # noqa: PLR2004


def _cut_sign_off(signed: Signed, shapes: Shapes, names: frozenset[str]) -> None:
    """Cuts at the first sign-off below which nothing reads like a sentence; one with a sentence below stays, and
    is a reason for doubt (`card_doubtful`)."""
    lines = signed.kept
    for at, line in enumerate(lines):
        if not line.strip() or len(line) > 120:  # noqa: PLR2004
            continue
        lowered = line.lower()
        strong = shapes.sign_off.match(lowered)
        weak = None if strong else shapes.thanks.match(lowered)
        found = strong or weak
        if not found or not _ends_as_sign_off(line[found.end() :], shapes, names):
            continue
        rest = [one for one in lines[at + 1 :] if one.strip()]
        has_text_above = _has_text(lines[:at])
        if weak and not _is_thanks_below(line, found.end(), rest, names, has_text_above=has_text_above):
            continue
        if strong and not has_text_above and rest and not (_words(rest[0]) & names or _is_name(rest[0], names)):
            continue  # "Greetings," above the words is a salutation
        is_prose = _is_prose if has_text_above else _may_be_prose
        if len(rest) > _MAX_CARD_LINES or any(map(is_prose, rest)):
            signed.reasons.append("card_doubtful")
            continue
        above = next((one for one in range(at - 1, 0, -1) if lines[one].strip()), 0)
        if above and shapes.thanks.fullmatch(lines[above].lower().rstrip(" ,.!")) and _has_text(lines[:above]):
            at = above  # noqa: PLW2901 - "Thank you," above "Kind regards," belongs to it
        _cut_at(signed, at)
        return


def _ends_as_sign_off(tail: str, shapes: Shapes, names: frozenset[str]) -> bool:
    """After a sign-off stands nothing, signs, a second one, the sender's name, or up to three capitalised words."""
    words = tail.strip(" \t,.;:!-–—*_|/&")
    second = shapes.sign_off.match(words.lower())
    if second:
        words = words[second.end() :].strip(" \t,.;:!-–—*_|/&")
    if not any(sign.isalnum() for sign in words) or _is_name(words, names):
        return True
    return bool(_CONTACT.search(words)) and bool(_words(words.split()[0]) & names)  # name and card on one line


def _is_thanks_below(line: str, end: int, rest: list[str], names: frozenset[str], *, has_text_above: bool) -> bool:
    """Thanks are a sign-off below some text when they end the mail or the sender's name follows."""
    if not has_text_above:
        return False
    tail = _words(line[end:])
    if tail:
        return tail <= names
    if not rest:
        return True
    if names & _words(rest[0]) and len(rest[0].split()) <= 5:  # noqa: PLR2004
        return True
    return line.rstrip().endswith(",") and _is_name(rest[0], names) and len(rest) <= 8  # noqa: PLR2004


def _cut_name(signed: Signed, names: frozenset[str]) -> None:
    """The sender's own name on the last line, or the whole name above a card without any sign-off."""
    if not names:
        return
    filled = [at for at, line in enumerate(signed.kept) if line.strip()]
    for number, at in enumerate(filled[1:], 2):
        line = signed.kept[at]
        own = _words(_NAME_END.split(line, maxsplit=1)[0])
        is_last = number == len(filled) and bool(_words(line)) and _words(line) <= names and len(line.split()) <= 4  # noqa: PLR2004
        is_whole = len(own) > 1 and own <= names and len(filled) - number <= _MAX_CARD_LINES
        if is_last or (is_whole and _is_card(line, [signed.kept[one] for one in filled[number:]])):
            _cut_at(signed, at)
            return


def _is_card(line: str, rest: list[str]) -> bool:
    return any(map(_CONTACT.search, (line, *rest))) and not any(map(_is_prose, rest))


def _words(text: str) -> set[str]:
    return {word.lower().strip(".'’-") for word in _WORD.findall(text)} - {""}


def _is_name(text: str, names: frozenset[str]) -> bool:
    """One to three capitalised words without a sentence's end, or the sender's own."""
    words = text.strip(" \t,.;:!-–—*_|/").split()
    if words and {word.lower().strip(".,") for word in words} <= names:
        return True
    return 1 <= len(words) <= 3 and all((word[:1].isupper() and word.isalpha()) or word[1:] == "." for word in words)  # noqa: PLR2004


def _has_text(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _is_prose(line: str) -> bool:
    """Whether a line below a sign-off reads like a sentence that somebody may have meant."""
    if _POSTSCRIPT.match(line):
        return True
    bare = _LINK.sub("", line)
    words = bare.split()
    if len(words) < 5 or _CONTACT.search(bare):  # noqa: PLR2004
        return False
    small = _small_words(words)
    return (bool(_SENTENCE_END.search(bare)) and small >= 3) or (len(words) >= 10 and 2 * small > len(words))  # noqa: PLR2004


def _may_be_prose(line: str) -> bool:
    """The stricter question, where the whole answer would be taken for a card: a slogan looks no different."""
    return _is_prose(line) or (_small_words(line.split()) >= 3 and not _CONTACT.search(line))  # noqa: PLR2004


def _small_words(words: list[str]) -> int:
    return sum(1 for word in words if word[:1].islower())
