"""What a manager is asked before a registration is refused, or the partner asked: the reason, or the question."""

from __future__ import annotations

from bot.slack.views.form import LONG_TEXT, Block, FormWords, field, modal, text
from bot.slack.views.place import Place

REJECT, ASK = "reject", "ask"


def reject_view(words: FormWords, place: Place) -> Block:
    """The reason, in the manager's words; the partner reads it."""
    return modal(REJECT, words, place, [_words_for(words, "reason")])


def ask_view(words: FormWords, place: Place) -> Block:
    """The question that goes to the partner."""
    return modal(ASK, words, place, [_words_for(words, "question")])


def _words_for(words: FormWords, name: str) -> Block:
    element = text(most=LONG_TEXT, several_lines=True)
    return field(name, words.labels[name], element, hint=words.labels[f"{name}_hint"])
