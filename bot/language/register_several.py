"""A message that claims several deals, or completes several claims: read deal by deal. Never mixes what is said of one
with another: where the words cannot be told apart, a person reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.domain.actions import AnyAction, Certainty, Draft, Question, Register
from bot.domain.companies import company_key
from bot.language.case import About, Case, Result
from bot.language.reading import EMAIL
from bot.language.text import key_of
from bot.language.understanding import understand
from bot.language.vocabulary import default

_MOST = 20
_BULLET = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•–])\s+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_])|\n+")
_AND = re.compile(r"[.!?;,]?\s+(?:and|und|sowie|et|en|y|e)\s+(?=[A-ZÀ-Þ])|(?<=[.!?;])\s+(?=[^\W\d_])|\n+|:\s+")
_BEHIND_NAME = re.compile(r"[,:;|\t(]|\s[-–—]\s|\s(?:for|für|pour|voor|por|per)\s(?=\D{0,4}\d)")
_NAME = re.compile(r"(?=[^a-zß-ÿ])[^\d@\n][^@\n]{1,100}")  # as companies are called: no address, not in small letters
_WISH = "We would like to register a deal."  # what the items of a list leave out
_VALUES = ("amount", "close_date", "contact_email", "contact_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """A claim that the conversation is about and that lacks something."""

    number: str
    draft: Draft


def one_by_one(case: Case, result: Result) -> Result:
    """The same result, unless its words register several deals: then a registration for each, or, where they cannot be
    told apart, the whole message for a person."""
    if not any(isinstance(action, Register) for action in result.actions):
        return result
    if case.about is None or case.about.draft is None:
        for pieces in _ways_to_cut(case.text):
            if 1 < len(pieces) <= 2 * _MOST and (actions := _each(case, pieces)) is not None:
                return replace(result, actions=actions)
        if (only := _only_item(case, result)) is not None:
            return replace(result, actions=tuple(only if isinstance(a, Register) else a for a in result.actions))
    return _for_a_person(case, result) if len(_companies(case.text, case)) > 1 else result


def completed_one_by_one(case: Case, result: Result, drafts: Sequence[Incomplete]) -> Result:
    """An answer to several incomplete claims: what is said of each completes it, told by its company or number. Words
    that name none of them are for a person. The same result where nothing is registered."""
    if not any(isinstance(action, Register) for action in result.actions):
        return result
    said = _by_claim(case.text, drafts)
    if said is None:
        return _for_a_person(case, result)
    actions: list[AnyAction] = []
    for draft in drafts:
        if words := said.get(draft.number):
            about = About(kind="registration_incomplete", registration=draft.number, draft=draft.draft)
            found = understand(replace(case, text=words, about=about)).actions
            actions.extend(replace(a, completes=draft.number) if isinstance(a, Register) else a for a in found)
    return replace(result, actions=tuple(actions))


def _only_item(case: Case, result: Result) -> Register | None:
    """The one item of a list of one, where the words are not understood to name a company otherwise."""
    if any(isinstance(a, Register) and a.draft.company is not None for a in result.actions):
        return None
    items = _items([line for line in case.text.splitlines() if line.strip()])
    valued = [piece for piece in items if re.search(r"[\d@]", piece)]
    found = _read(case, valued[0]) if len(valued) == 1 else ()
    registers = [
        a for a in found if isinstance(a, Register) and a.draft.company is not None and a.draft.amount is not None
    ]
    return registers[0] if len(registers) == 1 else None


def _ways_to_cut(text: str) -> Iterator[list[str]]:
    """From the clearest way to write several deals to the least: forms, lists, lines, paragraphs, sentences, clauses.
    What belongs together by one way is not cut again."""
    lines = [line for line in text.splitlines() if line.strip()]
    yield _forms(lines)
    if sum(bool(_BULLET.match(line)) for line in lines) > 1:
        yield _items(lines)
    yield [part for part in _PARAGRAPH.split(text) if part.strip()]
    if not any(_label_of(line) for line in lines):
        yield lines
        yield [part for part in _SENTENCE.split(text) if part.strip()]
        yield [part for part in _AND.split(text) if part.strip()]


def _forms(lines: Sequence[str]) -> list[str]:
    """Lines of forms, each beginning where the company is named."""
    pieces: list[list[str]] = [[]]
    for line in lines:
        if _label_of(line) == "company" and any(_label_of(one) == "company" for one in pieces[-1]):
            pieces.append([])
        pieces[-1].append(line)
    return ["\n".join(piece) for piece in pieces]


def _items(lines: Sequence[str]) -> list[str]:
    """The items of a list, each with the indented lines below it; other lines stand alone."""
    pieces: list[str] = []
    for line in lines:
        if pieces and line[:1].isspace() and not _BULLET.match(line):
            pieces[-1] += f"\n{line.strip()}"
        else:
            pieces.append(_BULLET.sub("", line))
    return pieces


def _each(case: Case, pieces: Sequence[str]) -> tuple[AnyAction, ...] | None:
    """What the pieces say, where at least two of them register a deal of their own and none needs another one."""
    registers: list[Register] = []
    others: list[AnyAction] = []
    for piece in pieces:
        if len(_companies(piece, case)) > 1:
            return None
        actions = _read(case, piece)
        heading = piece.rstrip().endswith(":")  # "please register two deals:"
        found = [a for a in actions if isinstance(a, Register) and not (heading and not _has_value(a))]
        if len(found) > 1 or any(a.draft.company is None and a.draft != Draft() for a in found):
            return None
        registers += [a for a in found if a.draft.company is not None]
        others += [a for a in actions if not isinstance(a, Register)]
    if len(registers) < 2 or len(registers) > _MOST or not all(_has_value(r) for r in registers):  # noqa: PLR2004
        return None
    if len({company_key(r.draft.company or "") for r in registers}) < len(registers):
        return None
    return (*registers, *(a for a in others if not isinstance(a, Question) or a.certainty is not Certainty.ASK))


def _read(case: Case, piece: str) -> tuple[AnyAction, ...]:
    """What a piece says by itself, or as the item of a list: a name, and values behind it. Of a known deal it says
    something only where it names one."""
    if any(_label_of(line) == "company" for line in piece.splitlines()):
        piece = f"{_WISH}\n{piece}"
    actions = understand(replace(case, text=piece)).actions
    if _mentions_deal(case, piece) or any(isinstance(a, Register) for a in actions):
        return actions
    name, _, values = _BEHIND_NAME.sub("\0", piece, count=1).partition("\0")
    if not _NAME.fullmatch(name.strip()) or not re.search(r"\d", values):
        return tuple(a for a in actions if isinstance(a, Question))
    as_form = f"{_WISH}\nCompany: {name.strip()}\n{values.strip(' ()')}"
    return tuple(a for a in understand(replace(case, text=as_form)).actions if isinstance(a, Register))


def _mentions_deal(case: Case, piece: str) -> bool:
    heads = {word for deal in case.deals for name in (deal.name, deal.company) for word in key_of(name)[:1]}
    return bool(heads & set(key_of(piece)))


def _has_value(register: Register) -> bool:
    return any(getattr(register.draft, name) is not None for name in _VALUES)


def _by_claim(text: str, drafts: Sequence[Incomplete]) -> Mapping[str, str] | None:
    """The words about each claim; what names none belongs to the one named before. None when the first words name
    none of them, or some name several."""
    said: dict[str, str] = {}
    current: str | None = None
    for piece in _SENTENCE.split(text):
        if not piece.strip():
            continue
        named = [d for d in drafts if _names(d, piece)]
        if len(named) > 1:
            return None
        if named:
            current = named[0].number
            piece = _without_heading(named[0], piece)  # noqa: PLW2901
        elif current is None and re.search(r"[\d@]", piece):
            return None
        if current is not None:
            said[current] = f"{said[current]}\n{piece}" if current in said else piece
    return said or None


def _names(draft: Incomplete, piece: str) -> bool:
    words = key_of(piece)
    return draft.number.casefold() in piece.casefold() or bool(set(_heads(draft)) & set(words))


def _heads(draft: Incomplete) -> tuple[str, ...]:
    """The word by which people call a company: the first of its name."""
    return key_of(draft.draft.company or "")[:1]


def _without_heading(draft: Incomplete, piece: str) -> str:
    """Without the name or number that only says what the words are about: "- Nordwind: Karin Holm, …"."""
    bare = _BULLET.sub("", piece)
    head, sign, rest = bare.partition(":")
    return (
        rest.strip()
        if sign and _names(draft, head) and not re.search(r"[\d@]", head.replace(draft.number, ""))
        else bare
    )


def _for_a_person(case: Case, result: Result) -> Result:
    text = case.text.strip()
    others: tuple[AnyAction, ...] = tuple(a for a in result.actions if not isinstance(a, Register | Question))
    return replace(result, actions=(*others, Question(certainty=Certainty.ROUTE, because=text, text=text)))


def _companies(text: str, case: Case) -> set[str]:
    """The domains of the addresses in the words, without the speaker's own."""
    own = case.speaker.email.rpartition("@")[2].casefold()
    return {address[0].rpartition("@")[2].casefold().rstrip(".") for address in EMAIL.finditer(text)} - {own}


def _label_of(line: str) -> str | None:
    """The field that a line of a form names, in any language."""
    label, sign, _ = _BULLET.sub("", line).replace("=", ":", 1).partition(":")
    return _labels().get(key_of(label)) if sign else None


@lru_cache(maxsize=1)
def _labels() -> Mapping[tuple[str, ...], str]:
    return {
        key_of(phrase): field
        for vocabulary in default()
        for field, phrases in vocabulary.register.items()
        if not field.endswith("_before")
        for phrase in phrases
    }
