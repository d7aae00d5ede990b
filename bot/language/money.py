"""What a clause says of a deal's value. A number that could be something else is not taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bot.domain.actions import AnyAction, Ask, Certainty, Field, Set
from bot.language.amounts import Kind, NumberFound
from bot.language.case import CaseDeal
from bot.language.choose import after, before, meant
from bot.language.currencies import settle_currency
from bot.language.normalise import fold
from bot.language.segments import Clause
from bot.language.view import View, asked, at_most

_LEAST_PLAIN = 1_000
_MOST_TIMES = 100
_YEARS = range(1990, 2100)
_CENT = Decimal("0.01")
_BARE_LIMIT = 2  # words of "up to" alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum that may be the deal's value; `weak` when no word says that it is."""

    found: NumberFound
    certainty: Certainty
    weak: bool


def candidates(clause: Clause, *, valued: bool) -> list[NumberFound]:
    """The numbers of a clause that can be a deal's value: no counts, no years, no references, no other money."""
    return [one for one in clause.numbers if _can_be_value(clause, one, valued=valued)]


def _can_be_value(clause: Clause, one: NumberFound, *, valued: bool) -> bool:
    if one.kind in {Kind.PERCENT, Kind.CURRENCY}:
        return False
    if after(clause, one.end, "c:count") or before(clause, one.start, "c:phone", reach=1):
        return False
    if one.kind is Kind.PLAIN and before(clause, one.start, "c:phone", reach=3) and _is_said_of_it(clause, one):
        return False  # "the room is the 4200"
    if _is_refused(clause, one) or (one.kind is Kind.PLAIN and before(clause, one.start, "c:reference", reach=4)):
        return False
    if _beside_other_money(clause, one):
        return False
    if one.kind is Kind.PLAIN:
        whole = one.value == one.value.to_integral_value()
        if not valued and (one.value < _LEAST_PLAIN or (whole and int(one.value) in _YEARS)):
            return False
        if _followed_by_unknown(clause, one) and not valued:
            return False
    return one.value > 0 or one.kind is Kind.RANGE


def _is_said_of_it(clause: Clause, one: NumberFound) -> bool:
    return before(clause, one.start, "is", "c:describes", reach=2)


def _is_refused(clause: Clause, one: NumberFound) -> bool:
    """Whether a sum is called wrong: "60k is not right", unless a later one is said to be right."""
    tokens = clause.reading.text.tokens
    behind = [phrase for phrase in clause.places("c:wrong") if tokens[phrase.first].start >= one.end]
    return bool(behind) and not any(one.end <= other.start for other in clause.numbers)


def _beside_other_money(clause: Clause, one: NumberFound) -> bool:
    """Whether the number is a discount, an invoice, a deposit …"""
    tokens = clause.reading.text.tokens
    earlier = [phrase for phrase in clause.places("c:other_money") if tokens[phrase.first].start < one.start]
    behind = clause.reading.text.place(one.end)
    plus = behind < clause.last and tokens[behind].fold == "+"  # 39.900 € + IVA
    return bool(earlier) or (not plus and after(clause, one.end, "c:other_money", reach=2))


def _is_a_limit(clause: Clause) -> bool:
    """Whether "up to" limits the sum; with a verb before it, as in "goes up to 60k", it only says where to."""
    return any(
        phrase.last - phrase.first <= _BARE_LIMIT or "c:to" not in phrase.tags for phrase in clause.places("c:up_to")
    )


def _followed_by_unknown(clause: Clause, one: NumberFound) -> bool:
    behind = clause.reading.text.place(one.end)
    return behind < clause.last and behind in clause.unknown


def propose(view: View) -> Iterator[AnyAction]:
    """Set actions for amount and currency that a clause proposes."""
    if not view.may_write:
        return
    clause = view.clause
    computed = list(_computed(view))
    if computed:
        yield from computed
        return
    if clause.has("c:elsewhere") or (clause.has("c:rival_noun") and not view.matched("lost", "chose_rival")):
        return  # too much, last year, the competitor's price
    valued = clause.has("c:value", "c:currency") or bool(view.matched("wrong_amount")) or _is_put_to_a_number(view)
    found = meant(clause, candidates(clause, valued=valued))
    refused = any(_is_refused(clause, one) for one in clause.numbers if one.kind is Kind.MONEY)
    if found:
        yield from _sums(view, found)
    elif refused or (view.matched("wrong_amount") and not clause.numbers):
        for deal in view.deals():
            yield view.settle(_set(view, deal, None, Certainty.ASK, Ask.AMOUNT))
    else:
        yield from _currency_alone(view)


def _is_put_to_a_number(view: View) -> bool:
    """Whether a deal is put to a bare number: "bump Acme to 130" means thousands, or something else, and is asked."""
    clause = view.clause
    if not (clause.deals and clause.has("c:direct", "c:change")) or clause.has("c:event", "c:stage") or clause.unknown:
        return False
    return not clause.spans_of_time and any(before(clause, one.start, "c:to", reach=1) for one in clause.numbers)


def _sums(view: View, found: list[NumberFound]) -> Iterator[AnyAction]:
    clause = view.clause
    carriers = view.carriers(view.matched("won"), *((one.start, one.end) for one in found))
    valued = clause.has("c:value") or (clause.has("c:move", "c:change") and not clause.has("c:event"))
    won = bool(view.matched("won"))
    if clause.has("c:event") and not valued and not won:
        return
    loose = view.loose_ends(carriers, subject=valued or won, obj=valued)
    if loose and not valued and not won and all(one.kind is Kind.PLAIN for one in found):
        return
    sure = view.certainty(carriers, subject=valued or won, obj=valued)
    wished = clause.has("c:wish") and (clause.has("c:them") or not clause.has("c:direct", "c:change", "c:move"))
    in_part = clause.has("c:part") and not clause.has("c:total") and not clause.stages
    soft = clause.has("c:approx", "c:per", "c:soft_money") or _is_a_limit(clause) or found[0].doubtful
    if wished or in_part or soft or _is_to_come(view) or view.is_wishful:
        sure = at_most(sure, Certainty.CONFIRM)
    several = len({one.value for one in found}) > 1 or found[0].kind is Kind.RANGE or _is_difference(clause, found[0])
    for deal in view.deals():
        if several or _too_small(found[0], deal) or _too_large(found[0], deal):
            yield view.settle(_set(view, deal, None, Certainty.ASK, Ask.AMOUNT))
        else:
            yield view.settle(_set(view, deal, found[0].value, sure))
            yield from _currency_of(view, deal, found[0], sure)


def _is_to_come(view: View) -> bool:
    """Whether the sum may become the value ("it can become 60k"), and is not asked to be set. A plain future states
    what the deal is worth when it closes ("it will be 60k")."""
    if view.is_request:
        return False
    tokens = view.clause.reading.text.tokens
    plain = {fold(words) for v in view.clause.reading.vocabularies for words in v.lists.get("future", ())}
    soon = view.clause.places("soon")
    return any(" ".join(t.fold for t in tokens[phrase.first : phrase.last]) not in plain for phrase in soon)


def _is_difference(clause: Clause, one: NumberFound) -> bool:
    """Whether a sum is by how much the value changes, in words that do not tell the direction."""
    plain = clause.reading.language in {"en", "de", "nl"}  # "de" and "di" mean other things too
    return plain and clause.has("c:change", "c:direct") and before(clause, one.start, "c:by", reach=1)


def _too_small(one: NumberFound, deal: CaseDeal | None) -> bool:
    """60 for a deal of 40,000: meant are thousands, or something else."""
    small = one.kind is Kind.PLAIN and one.value < _LEAST_PLAIN
    return small and (deal is None or deal.amount is None or deal.amount >= 10 * one.value)


def _too_large(one: NumberFound, deal: CaseDeal | None) -> bool:
    """450012345 for a deal of 60,000: a number without currency or separators is more likely a reference."""
    return one.kind is Kind.PLAIN and bool(deal and deal.amount and one.value >= _MOST_TIMES * deal.amount)


def _set(view: View, deal: CaseDeal | None, value: Decimal | None, sure: Certainty, ask: Ask | None = None) -> Set:
    return Set(
        deal=deal.id if deal else None,
        field=Field.AMOUNT,
        value=value,
        certainty=sure,
        ask=ask,
        because=view.clause.words,
    )


def _currency_of(view: View, deal: CaseDeal | None, one: NumberFound, sure: Certainty) -> Iterator[AnyAction]:
    """A currency other than the deal's is set too."""
    if deal is None:
        return
    named = [one.currency] if one.currency else [n.currency for n in view.clause.numbers if n.kind is Kind.CURRENCY]
    if not named or named[-1] is None:
        return
    code = settle_currency(named[-1], deal_currency=deal.currency, locale=view.case.speaker.locale)
    if code == deal.currency:
        return
    action = Set(deal=deal.id, field=Field.CURRENCY, value=code, certainty=sure, because=view.clause.words)
    yield action if code else asked(action, Ask.CURRENCY)


def _currency_alone(view: View) -> Iterator[AnyAction]:
    """A currency without a sum: "it is in dollars", "the currency is wrong"."""
    clause = view.clause
    named = meant(clause, [one for one in clause.numbers if one.kind is Kind.CURRENCY])
    wrong = bool(view.matched("wrong_currency"))
    if (clause.numbers and not named) or not (wrong or clause.has("c:currency") or (named and view.is_bare())):
        return
    if not named and not wrong:
        return
    for deal in view.deals():
        if len({one.currency for one in named}) == 1:
            found = str(named[0].currency)
            code = settle_currency(
                found, deal_currency=deal.currency if deal else None, locale=view.case.speaker.locale
            )
            if wrong and deal is not None and code == deal.currency:
                code = None
            sure = view.certainty(view.carriers((), (named[0].start, named[0].end)))
        else:
            code, sure = None, Certainty.ASK
        action = Set(
            deal=deal.id if deal else None,
            field=Field.CURRENCY,
            value=code,
            certainty=sure,
            because=clause.words,
        )
        yield view.settle(action if code else asked(action, Ask.CURRENCY))


def _computed(view: View) -> Iterator[AnyAction]:
    """Computes "10 % more", "another 5k", "doubled" from the deal's value; only ever confirmed."""
    clause = view.clause
    sign = _direction(clause)
    percents = [one for one in clause.numbers if one.kind is Kind.PERCENT]
    sums = meant(clause, candidates(clause, valued=clause.has("c:value")))
    factor: Decimal | None = None
    if percents and sign and len(percents) == 1 and not clause.has("c:other_money"):
        factor = 1 + sign * percents[0].value / 100
    elif clause.has("c:double", "c:half") and clause.has("c:value") and not sums:
        factor = Decimal(2) if clause.has("c:double") else Decimal("0.5")
    elif not (sign and len(sums) == 1 and _is_delta(clause, sums[0])):
        return
    for deal in view.deals():
        value: Decimal | None = None
        if deal is not None and deal.amount is not None:
            value = deal.amount * factor if factor is not None else deal.amount + sign * sums[0].value
            value = value.quantize(_CENT, rounding=ROUND_HALF_UP)
            value = value if value > 0 else None
        action = _set(view, deal, value, Certainty.CONFIRM)
        yield view.settle(action if value is not None else asked(action, Ask.AMOUNT))


def _direction(clause: Clause) -> int:
    """1 for more, -1 for less, 0 when neither is said; "raised" and "+" only count beside a difference."""
    if clause.has("c:more") or _is_signed(clause, "+"):
        return 1
    if clause.has("c:less"):
        return -1
    if any(before(clause, one.start, "c:by", reach=1) for one in clause.numbers):
        return 1 if clause.has("c:raised") else -1 if clause.has("c:lowered") else 0
    return 0


def _is_signed(clause: Clause, sign: str) -> bool:
    """Whether a number of the clause has this sign right before it."""
    raw = clause.reading.text.raw
    return any(raw[clause.start : one.start].rstrip().endswith(sign) for one in clause.numbers)


def _is_delta(clause: Clause, one: NumberFound) -> bool:
    """Whether the sum is what is added, not what it becomes: "another 5k", "5k more", but "more: now 60k"."""
    beside = before(clause, one.start, "c:more", "c:less", reach=1) or after(
        clause, one.end, "c:more", "c:less", reach=2
    )
    raised = before(clause, one.start, "c:by", reach=1) and clause.has("c:raised", "c:lowered")
    beside = beside or raised or _is_signed(clause, "+")
    return beside and not before(clause, one.start, "c:to", "c:now", reach=1)
