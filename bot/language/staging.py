"""What a clause says of a deal's stage. Prose that only suggests a stage is never more than a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.domain.actions import AnyAction, Ask, Certainty, Field, Set
from bot.language.case import CaseDeal
from bot.language.choose import before, meant, phrases_before
from bot.language.mood import Mood
from bot.language.segments import Clause
from bot.language.stages import StageFound, label_among, step
from bot.language.text import Shape
from bot.language.view import View, asked, at_most, is_bare


def propose(view: View, *, suggest: bool = True) -> Iterator[AnyAction]:
    """Set actions for the stage that a clause proposes; `suggest` also takes up prose that only suggests one."""
    if not view.may_write:
        return
    mentions = _mentions(view.clause)
    if mentions and _is_set(view, mentions):
        yield from _labelled(view, mentions)
    elif view.matched("next_stage", "previous_stage"):
        yield from _stepped(view)
    elif view.matched("wrong_stage") and not mentions:
        for deal in view.deals():
            yield view.settle(_set(view, deal, None, Certainty.ASK, Ask.STAGE))
    elif suggest and not view.matched("won", "lost", "next_step") and view.mood is not Mood.ASKED:
        yield from _suggested(view)


class _Mention:
    """A stage label in the text: which labels it can be and where it stands."""

    def __init__(self, clause: Clause, first: int, last: int, labels: tuple[str, ...], *, label: bool) -> None:
        tokens = clause.reading.text.tokens
        self.first, self.last, self.labels, self.label = first, last, labels, label
        self.start, self.end = tokens[first].start, tokens[last - 1].end


def _mentions(clause: Clause) -> list[_Mention]:
    """Labels, their parts and their other names; a whole label beats everything it overlaps."""
    found = [_from_label(clause, one) for one in clause.stages if one.whole or not _is_other_word(clause, one)]
    for phrase in clause.phrases:
        labels = tuple(sorted(tag.removeprefix("stage:") for tag in phrase.tags if tag.startswith("stage:")))
        if labels:
            found.append(_Mention(clause, phrase.first, phrase.last, labels, label=False))
    chosen: list[_Mention] = []
    for one in sorted(found, key=lambda mention: (mention.first - mention.last, mention.first)):
        if all(one.last <= other.first or other.last <= one.first for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda mention: mention.first)


def _is_other_word(clause: Clause, one: StageFound) -> bool:
    """Whether a label's part is an ordinary word here: "close" of "Close & Disburse" in "close date"."""
    phrase = clause.reading.phrase_at[one.first]
    return phrase is not None and any(
        tag != "filler" and not tag.startswith(("stage:", "hint:")) for tag in phrase.tags
    )


def _from_label(clause: Clause, one: StageFound) -> _Mention:
    return _Mention(clause, one.first, one.last, one.labels, label=one.whole)


def _is_set(view: View, mentions: list[_Mention]) -> bool:
    """Whether the mention says that the deal is there, and does not only use the label's word in a story."""
    clause = view.clause
    moved = clause.has("c:move", "c:direct", "c:change") and not clause.has("c:event")
    if clause.has("c:stage") or view.matched("wrong_stage"):
        return True
    if view.matched("won", "lost", "next_step", "register"):
        return False
    if is_bare(clause) and not (clause.dates and clause.has("c:move")):
        return True
    mention = mentions[-1]
    placed = before(clause, mention.start, "c:to", "c:in", "c:now", "is", reach=2) or _labelled_by_colon(
        clause, mention
    )
    if mention.label:
        return moved or placed or _stands_alone(clause, mention)
    inside = before(clause, mention.start, "c:in", "c:to", reach=1) or _in_the(clause, mention)
    return (inside and (moved or clause.has("c:now", "is"))) or _labelled_by_colon(clause, mention)


def _in_the(clause: Clause, mention: _Mention) -> bool:
    """Whether a preposition and a determiner stand before the mention: "in the quote stage"."""
    last = phrases_before(clause, mention.start, 2)
    return len(last) == 2 and "determiner" in last[0].tags and bool(last[1].tags & {"c:in", "preposition"})  # noqa: PLR2004


def _stands_alone(clause: Clause, mention: _Mention) -> bool:
    """Whether a label is said as such and no word of a story goes with it ("the private offer went out")."""
    story = [
        phrase
        for phrase in clause.phrases
        if not mention.first <= phrase.first < phrase.last <= mention.last
        and any(":hint:" in tag or ":complete:" in tag for tag in phrase.tags)
    ]
    return not (clause.unknown or story or clause.has("c:event", "soon"))


def _labelled_by_colon(clause: Clause, mention: _Mention) -> bool:
    tokens = clause.reading.text.tokens
    behind = tokens[mention.first - 1] if mention.first > clause.first else None
    return behind is not None and behind.shape is Shape.SIGN and behind.fold in {":", "=", ">", "→"}


def _labelled(view: View, mentions: list[_Mention]) -> Iterator[AnyAction]:
    clause = view.clause
    chosen = meant(clause, mentions)
    sure = view.certainty(view.carriers((), *((one.start, one.end) for one in chosen)))
    if _is_to_come(view):
        sure = at_most(sure, Certainty.CONFIRM)
    for deal in view.deals():
        labels = {_label(view, deal, one) for one in chosen}
        label = labels.pop() if len(labels) == 1 else None
        action = _set(view, deal, label, sure)
        yield view.settle(action if label is not None else asked(action, Ask.STAGE))


def _is_to_come(view: View) -> bool:
    """Whether the stage is only announced or wished for: "tomorrow Acme moves to Transact"."""
    clause = view.clause
    coming = any(one.day is not None and one.day > view.case.today for one in clause.dates)
    return not view.is_request and (clause.has("soon", "c:wish") or (coming and not clause.has("c:closing")))


def _label(view: View, deal: CaseDeal | None, mention: _Mention) -> str | None:
    """The label of the deal's own motion; without a deal the only label it can be in any motion."""
    stages = view.case.stages
    if deal is not None:
        return label_among(mention.labels, stages.get(deal.motion, ()))
    labels = {label_among(mention.labels, one) for one in stages.values()} - {None}
    return labels.pop() if len(labels) == 1 else None


def _stepped(view: View) -> Iterator[AnyAction]:
    back = bool(view.matched("previous_stage"))
    places = view.matched("next_stage", "previous_stage")
    sure = view.certainty(places)
    if _is_to_come(view):
        sure = at_most(sure, Certainty.CONFIRM)
    for deal in view.deals():
        label = step(view.case.stages.get(deal.motion, ()), deal.stage, -1 if back else 1) if deal else None
        action = _set(view, deal, label, sure)
        yield view.settle(action if label is not None else asked(action, Ask.STAGE))


def _suggested(view: View) -> Iterator[AnyAction]:
    """Prose such as "the quote went out": a later stage of the motion, to be confirmed."""
    hints = tuple(name.removeprefix("hint:") for name in sorted(view.intents) if name.startswith("hint:"))
    if not hints:
        return
    for deal in view.deals():
        if deal is None:
            return
        stages = list(view.case.stages.get(deal.motion, ()))
        label = label_among(hints, stages) or label_among(_called(view, hints, stages), stages)
        if label is not None and (deal.stage not in stages or stages.index(label) > stages.index(deal.stage)):
            yield _set(view, deal, label, Certainty.CONFIRM)


def _called(view: View, hints: Sequence[str], stages: Sequence[str]) -> list[str]:
    """The labels that are another name of a hinted stage: "Offerta" of "Configure & Quote"."""
    named = {f"stage:{hint}" for hint in hints}
    lexicons = [vocabulary.lexicon for vocabulary in view.clause.reading.vocabularies]
    return [label for label in stages if any(named & lexicon.tags_of(label.lower()) for lexicon in lexicons)]


def _set(view: View, deal: CaseDeal | None, value: str | None, sure: Certainty, ask: Ask | None = None) -> Set:
    return Set(
        deal=deal.id if deal else None,
        field=Field.STAGE,
        value=value,
        certainty=sure,
        ask=ask,
        because=view.clause.words,
    )
