"""Whom an announcement is for: an expression over what the CRM knows of people, read and evaluated. No I/O.

    tier:gold motion:reseller                  both ("and" may be left out)
    tier:gold or (region:DE,AT not language:fr)
    activity:60d                               something happened in the last 60 days
    certification:"Certified Implementer"      quotes for values with blanks
    @gold-resellers                            a segment saved under that name
    everyone

"not" binds tighter than "and", "and" tighter than "or". Case does not count.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain.audience import Reader

ACTIVITY = "activity"
FIELDS = ("tier", "type", "motion", "region", "language", "certification", "manager", "partner", "role", ACTIVITY)
_TOKEN = re.compile(r'[()]|(?:"[^"]*"|[^\s()",:]|:\s*|\s*,\s*)+')
_TERM = re.compile(r"([\w-]+)\s*:\s*(.+)", re.DOTALL)
_VALUE = re.compile(r'"([^"]*)"|([^,]+)')
_DAYS = re.compile(r"(\d{1,4})d")
_DEEPEST = 50  # brackets, "not" and saved names within each other


class SegmentError(ValueError):
    """A segment that nobody can mean; `faults` are sentences for its author."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Has:
    """One of the values, folded, is among those of the field."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Active:
    days: int


@dataclass(frozen=True, slots=True)
class Not:
    of: Segment


@dataclass(frozen=True, slots=True)
class Both:
    """All of them; of none: everyone."""

    of: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Either:
    of: tuple[Segment, ...]


Segment = Has | Active | Not | Both | Either
EVERYONE = Both(())


def parse(text: str, *, saved: Mapping[str, str] | None = None, facts: Iterable[str] = ()) -> Segment:
    """Read a segment. `saved` are those with a name, `facts` further fields beside FIELDS. Raises SegmentError."""
    return _Reading(text, saved or {}, (*FIELDS, *facts)).whole()


def matches(segment: Segment, reader: Reader, *, today: date) -> bool:
    """Whether somebody belongs to it. Whether they may be told anything is another question."""
    match segment:
        case Has(name, values):
            return not folded_values(reader, name).isdisjoint(values)
        case Active(days):
            return reader.last_activity is not None and reader.last_activity >= today - timedelta(days=days)
        case Not(of):
            return not matches(of, reader, today=today)
        case Both(parts):
            return all(matches(part, reader, today=today) for part in parts)
        case Either(parts):
            return any(matches(part, reader, today=today) for part in parts)


def folded_values(reader: Reader, name: str) -> frozenset[str]:
    """What somebody has in a field, folded."""
    partner, contact = reader.partner, reader.contact
    match name:
        case "tier":
            found: tuple[str | None, ...] = (partner.tier,)
        case "type":
            found = (partner.type,)
        case "motion":
            found = tuple(motion.value for motion in reader.motions)
        case "region":
            found = partner.territories
        case "language":
            found = ((contact.locale or partner.language or "").replace("_", "-").partition("-")[0],)
        case "certification":
            found = partner.certifications
        case "manager":
            found = (reader.manager,)
        case "partner":
            found = (partner.name, partner.id)
        case "role":
            found = (contact.role,)
        case _:
            found = reader.facts.get(name, ())
    return frozenset(fold(value) for value in found if value)


def fold(value: str) -> str:
    return " ".join(value.casefold().split())


@dataclass(slots=True)
class Known:
    """The values that people have, field by field: what a segment may name."""

    values: dict[str, set[str]] = field(default_factory=dict)

    def add(self, reader: Reader, names: Iterable[str] = FIELDS) -> None:
        for name in names:
            if name != ACTIVITY:
                self.values.setdefault(name, set()).update(folded_values(reader, name))

    def faults(self, segment: Segment) -> list[str]:
        """A sentence for each value that nobody has, with the nearest that somebody has."""
        match segment:
            case Has(name, values):
                there = self.values.get(name, set())
                return [self._fault(name, value, there) for value in values if value not in there]
            case Not(of):
                return self.faults(of)
            case Both(parts) | Either(parts):
                return [fault for part in parts for fault in self.faults(part)]
        return []

    @staticmethod
    def _fault(name: str, value: str, there: set[str]) -> str:
        near = difflib.get_close_matches(value, sorted(there), n=1, cutoff=0.6)
        if near:
            return f"{name}:{value}: nobody has that; did you mean {near[0]}?"
        few = ", ".join(sorted(there)[:8])
        return f"{name}:{value}: nobody has that; there are {few}" if there else f"{name}: nobody has any"


class _Reading:
    """One text on its way to a segment."""

    def __init__(self, text: str, saved: Mapping[str, str], fields: Sequence[str], depth: int = 0) -> None:
        self._text, self._saved, self._fields, self._depth = text, saved, fields, depth
        self._tokens = [m[0].strip() for m in _TOKEN.finditer(text) if m[0].strip()]
        self._at = 0

    def whole(self) -> Segment:
        if not self._tokens:
            raise SegmentError(['the segment is empty: write "everyone", or whom, such as tier:gold'])
        if self._text.count('"') % 2:
            raise SegmentError([f"{self._text!r}: a quote is not closed"])
        segment = self._either()
        if self._at < len(self._tokens):
            raise SegmentError([f"{self._text!r}: the bracket before {self._rest()!r} was never opened"])
        return segment

    def _either(self) -> Segment:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Segment:
        parts = [self._one()]
        while self._peek() not in {None, "or", ")"}:
            self._take("and")
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Segment:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SegmentError([f"{self._text[:60]!r}: too much within each other, or a saved segment names itself"])
        try:
            return self._within()
        finally:
            self._depth -= 1

    def _within(self) -> Segment:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            segment = self._either()
            if not self._take(")"):
                raise SegmentError([f"{self._text!r}: a bracket is not closed"])
            return segment
        token = self._peek()
        if token is None or token in {"and", "or", ")"}:
            raise SegmentError([f"{self._text!r}: something is missing before {self._rest()!r}"])
        self._at += 1
        return self._term(self._tokens[self._at - 1])

    def _term(self, token: str) -> Segment:
        if token.casefold() in {"everyone", "all"}:
            return EVERYONE
        if token.startswith("@"):
            return self._saved_one(token[1:])
        named = _TERM.fullmatch(token)
        if named is None:
            raise SegmentError([f"{token!r}: write a field and a value, such as tier:gold"])
        name = named[1].casefold()
        if name not in self._fields:
            raise SegmentError([f"{name}: no such field; {_nearest(name, self._fields)}"])
        if name == ACTIVITY:
            days = _DAYS.fullmatch(named[2].casefold())
            if days is None:
                raise SegmentError([f"{token}: write a number of days, such as activity:60d"])
            return Active(int(days[1]))
        values = tuple(fold(quoted or plain) for quoted, plain in _VALUE.findall(named[2]))
        if not values or not all(values):
            raise SegmentError([f"{token!r}: a value is empty"])
        return Has(name, values)

    def _saved_one(self, name: str) -> Segment:
        text = self._saved.get(name)
        if text is None:
            raise SegmentError([f"@{name}: no segment is saved under that name; {_nearest(name, list(self._saved))}"])
        return _Reading(text, self._saved, self._fields, self._depth).whole()

    def _peek(self) -> str | None:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token.casefold() if token is not None and token.casefold() in {"and", "or", "not"} else token

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _rest(self) -> str:
        return " ".join(self._tokens[self._at :]) or "the end"


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(sorted(known))}" if known else "there are none"
