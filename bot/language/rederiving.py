"""What somebody else proposes that a reply means, read again by our own parsers. Trusts no value and no deal.

The outcome is an action that is asked for a yes, or the reason why there is none.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from bot.domain.actions import AnyAction, Certainty, Field, Lost, Set, Value, Won
from bot.language.amounts import Kind
from bot.language.case import Case, CaseDeal
from bot.language.currencies import settle_currency
from bot.language.datefound import DateFound
from bot.language.detect import languages
from bot.language.normalise import clean
from bot.language.reading import Reading, read
from bot.language.stages import label_among
from bot.language.text import Text
from bot.language.understanding import is_injection
from bot.language.vocabulary import default

MAX_SPAN_CHARS = 300


class Dropped(StrEnum):
    """Why a proposal is not followed."""

    NOT_SAID = "not_said"  # the span is no part of the text, or too long
    NOT_THEIRS = "not_theirs"  # no such deal among the partner's, or the span names another one
    NO_VALUE = "no_value"  # our parsers find no value in the span, or several
    UNKNOWN = "unknown"  # nothing that may be proposed
    INSTRUCTION = "instruction"  # the text instructs the software


def rederived(case: Case, *, do: str, span: str, deal: str, field: str | None) -> AnyAction | Dropped:
    """The action that a proposal comes to, always one to be confirmed; or why there is none."""
    if not span.strip() or len(span) > MAX_SPAN_CHARS or span not in case.text:
        return Dropped.NOT_SAID
    if is_injection(_read(case, case.text)):
        return Dropped.INSTRUCTION
    about = next((one for one in case.deals if one.id == deal), None)
    reading = _read(case, span)
    named = {one for found in reading.deals for one in found.ids}
    if about is None or (named and about.id not in named):
        return Dropped.NOT_THEIRS
    because = span.strip()
    match do, field:
        case "won", None:
            return Won(certainty=Certainty.CONFIRM, because=because, deal=about.id)
        case "lost", None:
            return Lost(certainty=Certainty.CONFIRM, because=because, deal=about.id, reason=because)
        case "set", "stage" | "amount" | "close_date":
            value = _value(reading, about, Field(field))
            if value is None:
                return Dropped.NO_VALUE
            return Set(certainty=Certainty.CONFIRM, because=because, deal=about.id, field=Field(field), value=value)
    return Dropped.UNKNOWN


def _read(case: Case, words: str) -> Reading:
    text = Text(clean(words, channel=case.channel))
    _, order = languages(text, case.speaker.locale, default())
    return read(replace(case, text=words), text, order)


def _value(reading: Reading, deal: CaseDeal, field: Field) -> Value | None:
    """The one value of a field in what was read; None when there is none, or more than one."""
    found: set[Value | None]
    if field is Field.STAGE:
        labels = {label for one in reading.stages for label in one.labels}
        found = {label_among(labels, reading.case.stages.get(deal.motion, ()))}
    elif field is Field.CLOSE_DATE:
        found = {one.day for one in reading.dates if isinstance(one, DateFound)}
    else:
        found = {_sum(reading, deal)}
    value = found.pop() if len(found) == 1 else None
    past = field is Field.CLOSE_DATE and value is not None and str(value) < reading.case.today.isoformat()
    return None if past else value


def _sum(reading: Reading, deal: CaseDeal) -> Decimal | None:
    """The one sum, in the deal's currency: a sum in another one would be two changes."""
    sums = {(one.value, one.currency) for one in reading.numbers if one.kind in {Kind.MONEY, Kind.PLAIN}}
    if len(sums) != 1 or len(reading.numbers) != 1:
        return None
    value, currency = sums.pop()
    locale = reading.case.speaker.locale
    meant = settle_currency(currency, deal_currency=deal.currency, locale=locale) if currency else deal.currency
    return value if meant == deal.currency and value > 0 else None
