"""The new words of an answer, apart from quotes, signatures and forwarded mail, and whether that cut is certain.

Refuses to guess: what may be cut wrongly is `certain=False` with its reasons, so that nothing is done at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailer.forwards import Forwarded, forwarded_in
from mailer.lines import WHITE, clean, joined, without_reserved
from mailer.mail import Mail, Protection
from mailer.quotes import cut_quotes
from mailer.shapes import Shapes, shapes
from mailer.signature import cut_signature
from mailer.words import Words

# What mailer/parse.py could not read, where words of the answer may have been.
_UNREAD = frozenset(
    {"too_big", "unreadable_structure", "unreadable_header", "text_too_long", "too_many_parts", "too_deep"}
)
_HARMLESS = frozenset({"empty"})
_STUB_CHARS = 300
_SECOND_READER_CHARS = 5_000  # beyond that its regular expressions take too long
_SECOND_READER_LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pl", "sv", "da")
_NAME_WORD = re.compile(r"[^\W\d_]{2,}")
_LINKS = re.compile(r"<(?:https?://|mailto:)[^<>]*>|\[(?:https?://|mailto:|cid:|image)[^\[\]]*\]|https?://\S+")
_SIGNS = re.compile(r"[\W_]+")
_NUMBERING = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """An answer taken apart. Texts have LF line ends and no doubled blank lines.

    `new` are the sender's words in this mail; answers between quoted lines are kept, one after the other.
    `quoted` is what was answered, `signature` what stood below; both only for showing. `certain` False means
    that quote or signature may have been left in or words taken out; `reasons` says why, in static strings.
    """

    new: str
    quoted: str = ""
    forwarded: Forwarded | None = None
    signature: str = ""
    certain: bool = True
    reasons: tuple[str, ...] = ()


def extract(mail: Mail, words: Words) -> Extracted:
    """The new words of a mail. Under 5 ms for an ordinary one, under a second for any; never raises."""
    known = shapes(words)
    names = _names(mail)
    readings: list[Extracted] = []
    has_html = bool(mail.html and mail.html.strip())
    if mail.text and not _is_stub(mail.text, has_html=has_html):
        readings.append(_read(mail.text, known, names))
    if mail.html and has_html:
        from mailer.html import page_of  # noqa: PLC0415  its parser is slow to load, and a text needs none

        page = page_of(mail.html)
        reading = _read(page.text, known, names, from_page=True)
        readings.append(_with(reading, reasons=page.reasons, signature=page.signature.replace(WHITE, "")))
    chosen = _agreed(*readings) if len(readings) == 2 else readings[0] if readings else Extracted(new="")  # noqa: PLR2004
    if mail.protection in {Protection.OPAQUE, Protection.ENCRYPTED}:
        chosen = _with(chosen, reasons=("encrypted",))
    if _UNREAD & set(mail.problems):
        chosen = _with(chosen, reasons=("partly_read",))
    return _finished(chosen, known, is_forward=known.forward_subject.match(mail.subject.lower()) is not None)


def extract_text(text: str, words: Words) -> Extracted:
    """The new words of a bare body, such as a mail's body given as plain text."""
    known = shapes(words)
    return _finished(_read(text, known, frozenset()), known, is_forward=False)


def _read(text: str, known: Shapes, names: frozenset[str], *, from_page: bool = False) -> Extracted:
    """One body's reading."""
    cleaned, was_cut = clean(text if from_page else without_reserved(text))
    cut = cut_quotes(cleaned.split("\n"), known)
    blocks = cut.blocks
    below: list[str] = []
    if len(blocks) > 1 and not any(line.strip() for line in cut_signature(list(blocks[-1]), known, names).kept):
        blocks, below = blocks[:-1], blocks[-1]  # only a signature below the quote
    signed = cut_signature([line for block in blocks for line in ("", *block)], known, names)
    reasons = [*cut.reasons, *signed.reasons, *(["too_long"] if was_cut else [])]
    if len(blocks) > 1:
        reasons.append("inline_answers")
    if cut.quoted and known.below.search(" ".join(signed.kept).lower()):
        reasons.append("answers_below")
    new = joined(signed.kept).strip()
    if WHITE in new:
        reasons.append("white_text")
    return Extracted(
        new=new.replace(WHITE, "").strip(),
        quoted=joined(cut.quoted).replace(WHITE, ""),
        signature=joined([*signed.signature, *below]).replace(WHITE, "").strip(),
        reasons=tuple(reasons),
    )


def _with(reading: Extracted, *, reasons: Iterable[str], signature: str = "") -> Extracted:
    return Extracted(
        new=reading.new,
        quoted=reading.quoted,
        signature=joined([*reading.signature.split("\n"), *signature.split("\n")]).strip(),
        reasons=tuple(dict.fromkeys((*reading.reasons, *reasons))),
    )


def _agreed(text: Extracted, page: Extracted) -> Extracted:
    """One reading of two: the same words, or more only by what the other took for signature or quote."""
    of_text, of_page = _bare(text.new), _bare(page.new)
    doubts_of_page = set(page.reasons) - _HARMLESS
    if of_text == of_page:
        return page if len(doubts_of_page) < len(text.reasons) else text
    if of_page and of_text.startswith(of_page):
        rest = of_text[len(of_page) :]
        if rest in _bare(page.signature) or (not doubts_of_page and rest and rest[:200] in _bare(page.quoted)):
            return page
    if of_text and of_page.startswith(of_text) and of_page[len(of_text) :] in _bare(text.signature):
        return _with(text, reasons=page.reasons)
    return _with(text if of_text else page, reasons=(*page.reasons, "parts_disagree"))


def _bare(text: str) -> str:
    """The letters and digits of a text, for comparing two renderings of it."""
    return _SIGNS.sub("", _NUMBERING.sub("", _LINKS.sub("", text)).lower())


def _finished(reading: Extracted, known: Shapes, *, is_forward: bool) -> Extracted:
    reasons = list(reading.reasons)
    if not reading.new:
        reasons.append("empty")
    if _leaks(reading.new):
        reasons.append("second_reader_disagrees")
    return Extracted(
        new=reading.new,
        quoted=reading.quoted,
        forwarded=forwarded_in(reading.quoted, known, is_forward=is_forward),
        signature=reading.signature,
        certain=not set(reasons) - _HARMLESS,
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _leaks(new: str) -> bool:
    """Whether mail-parser-reply finds the header of a quote in what we took for new."""
    if not new or len(new) > _SECOND_READER_CHARS or ":" not in new:
        return False
    from mailparser_reply.parser import EmailMessage as SecondReader  # noqa: PLC0415  slow to load, rarely needed

    reader = SecondReader(text=new, languages=list(_SECOND_READER_LANGUAGES), keep_hyphen_lists=True)
    return len(reader.read().replies) > 1


def _is_stub(text: str, *, has_html: bool) -> bool:
    """A text part that only says that the mail is HTML."""
    bare = text.strip()
    return not bare or (has_html and len(bare) < _STUB_CHARS and "html" in bare.lower())


def _names(mail: Mail) -> frozenset[str]:
    """The lower-case words of the sender's name and of the address's local part."""
    if len(mail.from_) != 1:
        return frozenset()
    box = mail.from_[0]
    return frozenset(word.lower() for word in _NAME_WORD.findall(f"{box.name} {box.address.partition('@')[0]}"))
