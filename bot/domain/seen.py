"""An answer as its reader, a partner, may see it: the values of hidden fields are taken out.

Pure. Refuses nothing: that a hidden field was changed may be known, what stood there may not.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from bot.domain.deals import DealField, FieldChange
from bot.domain.notices import Answer, ChangeResult, DealView, Proposed
from bot.domain.policy import SHOWN_TO_SHARERS, shown_of

#: Their new values are the partner's own words, never worked out from what stands in the CRM.
OWN_WORDS = frozenset({DealField.NEXT_STEP, DealField.LOST_REASON, DealField.COMPETITOR, DealField.STAGE_NOTES})
#: What only the vendor counts.
INTERNAL = frozenset({DealField.RENEWALS, DealField.CREDITS})
_VIEWED = frozenset(f for f in DealField if f in DealView.__dataclass_fields__)


def as_partner(
    answer: Answer, shown: AbstractSet[DealField], to_sharers: AbstractSet[DealField] = SHOWN_TO_SHARERS
) -> Answer:
    """The answer without what `shown` does not name, nor `to_sharers` on a deal that is another partner's. Of a hidden
    field nothing says that the CRM held a value already, nor why it refused one: both would let a partner guess."""

    def on(deal: DealView) -> frozenset[DealField]:
        return shown_of(deal, shown, to_sharers)

    return replace(
        answer,
        results=tuple(_result(r, on(r.deal), own_words=OWN_WORDS) for r in answer.results),
        undone=tuple(_result(r, on(r.deal), own_words=frozenset()) for r in answer.undone),
        proposed=tuple(_proposed(p, on(p.deal)) for p in answer.proposed),
    )


def _result(result: ChangeResult, shown: AbstractSet[DealField], *, own_words: AbstractSet[DealField]) -> ChangeResult:
    def seen(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
        return tuple(_change(c, shown, own_words) for c in changes if c.field not in INTERNAL)

    return replace(
        result,
        deal=_deal(result.deal, shown),
        applied=seen([*result.applied, *(c for c in result.unchanged if c.field not in shown)]),
        unchanged=tuple(c for c in result.unchanged if c.field in shown - {DealField.REGISTRATION_STATUS}),
        refused=tuple(
            (_change(c, shown, own_words), why if c.field in shown else why.partition(":")[0])
            for c, why in result.refused
        ),
        awaiting_manager=seen(result.awaiting_manager),
        unverified=seen(result.unverified),
    )


def _proposed(proposed: Proposed, shown: AbstractSet[DealField]) -> Proposed:
    changes = tuple(_change(c, shown, OWN_WORDS) for c in proposed.changes if c.field not in INTERNAL)
    return replace(proposed, deal=_deal(proposed.deal, shown), changes=changes)


def _change(change: FieldChange, shown: AbstractSet[DealField], own_words: AbstractSet[DealField]) -> FieldChange:
    if change.field in shown:
        return change
    return replace(change, old=None, new=change.new if change.field in own_words else None)


def _deal(deal: DealView, shown: AbstractSet[DealField]) -> DealView:
    """A change that was written is in the view too; the currency is shown where the amount is."""
    may_stand = shown | ({DealField.CURRENCY} if DealField.AMOUNT in shown else set())
    gone: dict[str, Any] = {name.value: "" if name is DealField.STAGE else None for name in _VIEWED - may_stand}
    return replace(deal, **gone)
