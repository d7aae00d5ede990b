"""Several partners' parts in one deal: how the CRM's text holds them, what is left, and what a grant changes. Pure.

The deal's own partner is on the deal itself: `partner_account`, `partner_source`, `partner_share`. Further partners
stand in `credits`, a part each: "7002 influenced 30 REG-1043; 7003 sourced 10". Refuses to hand out more than is left,
and to touch a text that it cannot read: a person wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from bot.domain.deals import Deal, DealField, FieldChange, FieldValue

WHOLE = Decimal(100)
_ENTRY = re.compile(r"(\S+)\s+(sourced|influenced)\s+(\d{1,3}(?:\.\d{1,4})?)(?:\s*%)?(?:\s+(\S+))?", re.IGNORECASE)


class Source(StrEnum):
    SOURCED = "sourced"  # the partner initiated the deal
    INFLUENCED = "influenced"  # it affected its progress or its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A further partner's part in a deal: `share` in percent, above 0; `registration` the number of its own claim."""

    partner_id: str
    source: Source = Source.INFLUENCED
    share: Decimal
    registration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the credit is divided when nobody says otherwise: the deal's own partner keeps `owner` percent at least, a
    further one gets `further` percent, as `source`."""

    owner: Decimal = Decimal(70)
    further: Decimal = Decimal(30)
    source: Source = Source.INFLUENCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a claim can have of the credit for another partner's deal, in percent: `left` is the most, `share` what it
    gets when its manager names no other. Both are 0 when nothing is left."""

    deal: Deal
    left: Decimal
    share: Decimal


class UnreadableError(ValueError):
    """A deal's credits are no text that we can read."""


def credits_in(text: str | None) -> tuple[Credit, ...]:
    """The further partners' parts. Raises UnreadableError."""
    entries = [entry for entry in re.split(r"[;\n]", text or "") if entry.strip()]
    found = [_ENTRY.fullmatch(entry.strip()) for entry in entries]
    parts = [_credit(match) for match in found if match is not None]
    if len(parts) < len(entries) or len({p.partner_id for p in parts}) < len(parts):
        raise UnreadableError(text)
    if any(not 0 < p.share <= WHOLE for p in parts):
        raise UnreadableError(text)
    return tuple(parts)


def credits_text(credits_: Iterable[Credit]) -> str | None:
    """The text that holds them; None for none. `credits_in` reads it back."""
    return "; ".join(_entry(c) for c in credits_) or None


def readable(text: str | None) -> tuple[Credit, ...]:
    """The parts, or none when the text cannot be read: nobody sees a deal by a text that might mean somebody else."""
    try:
        return credits_in(text)
    except UnreadableError:
        return ()


def part_of(deal: Deal, partner_id: str | None) -> Credit | None:
    """A partner's credit as a further one on the deal, None when it has none."""
    return next((c for c in readable(deal.credits) if c.partner_id == partner_id), None)


# ---- dividing ---------------------------------------------------------------------------------------------


def left(deal: Deal, split: Split, promised: Iterable[Credit] = ()) -> Decimal:
    """What can still be given to further partners, in percent. `promised` are approved credits that the CRM may not
    have yet. Raises UnreadableError."""
    others = _together(credits_in(deal.credits), promised)
    return max(WHOLE - _kept(deal, split) - sum((c.share for c in others), Decimal(0)), Decimal(0))


def granted(deal: Deal, credit: Credit, split: Split) -> tuple[FieldChange, ...] | None:
    """What the deal's fields become when a partner gets that credit, none when it has it already; None when less is
    left. The owner's share is cut by what is missing, never below what it keeps. Raises UnreadableError."""
    before = credits_in(deal.credits)
    others = tuple(c for c in before if c.partner_id != credit.partner_id)
    if not 0 < credit.share <= left(replace(deal, credits=credits_text(others)), split):
        return None
    after = (*others, credit) if credit not in before else before
    owner = min(_share(deal), WHOLE - sum((c.share for c in after), Decimal(0)))
    return _changes(deal, after, owner)


def given_back(deal: Deal, partner_id: str) -> tuple[FieldChange, ...]:
    """What they become when a further partner gives its credit back: it is free again. Raises UnreadableError."""
    after = tuple(c for c in credits_in(deal.credits) if c.partner_id != partner_id)
    return _changes(deal, after, deal.share)


def total(deal: Deal) -> Decimal:
    """All shares of a deal together, in percent. Raises UnreadableError."""
    return _share(deal) + sum((c.share for c in credits_in(deal.credits)), Decimal(0))


def _changes(deal: Deal, after: Sequence[Credit], owner: Decimal | None) -> tuple[FieldChange, ...]:
    wanted: tuple[tuple[DealField, FieldValue, FieldValue], ...] = (
        (DealField.SHARE, deal.share, owner),
        (DealField.CREDITS, deal.credits, credits_text(after)),
    )
    unchanged = tuple(after) == credits_in(deal.credits)
    return tuple(
        FieldChange(field=field, old=old, new=new)
        for field, old, new in wanted
        if old != new and not (field is DealField.CREDITS and unchanged)
    )


def _share(deal: Deal) -> Decimal:
    """The share of the deal's own partner: all of it where nobody has said."""
    return WHOLE if deal.share is None else min(max(deal.share, Decimal(0)), WHOLE)


def _kept(deal: Deal, split: Split) -> Decimal:
    """What the deal's own partner keeps at least: the split's share, or less where a person has set less."""
    return min(_share(deal), split.owner)


def _together(credits_: Iterable[Credit], promised: Iterable[Credit]) -> tuple[Credit, ...]:
    by_partner = {c.partner_id: c for c in promised}
    return tuple((by_partner | {c.partner_id: c for c in credits_}).values())


def _credit(match: re.Match[str]) -> Credit:
    partner_id, source, share, number = match.groups()
    return Credit(
        partner_id=partner_id, source=Source(source.casefold()), share=Decimal(share), registration=number or None
    )


def _entry(credit: Credit) -> str:
    share = format(credit.share.normalize(), "f")
    return " ".join(filter(None, (credit.partner_id, credit.source.value, share, credit.registration)))


# ---- a manager's words ------------------------------------------------------------------------------------

_PERCENT = re.compile(r"(?<![\w.,])(\d{1,9}(?:[.,]\d{1,2})?)\s*(?:%|per ?cent\b|Prozent\b)", re.IGNORECASE)
_AS = re.compile(r"\b(sourced|influenced)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a manager names with an approval; None: the usual."""

    share: Decimal | None = None
    source: Source | None = None


def wish_in(words: str, decision: str = "") -> Wish | None:
    """The share that an approval names: "approve with 20 % as sourced". It counts in the line of the `decision`'s own
    words; None when that is unclear: several shares, or one that stands elsewhere, as in a signature."""
    lines = [line for line in words.splitlines() if decision and decision in line] or [words]
    shares = {m[1].replace(",", ".") for m in _PERCENT.finditer(lines[0])}
    elsewhere = {m[1].replace(",", ".") for m in _PERCENT.finditer(words)}
    sources = {m[1].casefold() for m in _AS.finditer(lines[0])}
    if len(shares) > 1 or len(sources) > 1 or (elsewhere and not shares):
        return None
    return Wish(
        share=Decimal(next(iter(shares))) if shares else None,
        source=Source(next(iter(sources))) if sources else None,
    )
