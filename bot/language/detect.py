"""Tells in which language a reply is written, by the words of the vocabularies. Loads no model.

Each known word counts the more, the fewer languages know it; the contact's locale is the prior.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.language.schema import Vocabulary
from bot.language.text import Shape, Text

_PRIOR = 0.9
_LEAST = 1.0
_WORDS = 300
_CLEARLY = 2.5


def languages(
    text: Text, locale: str, vocabularies: Sequence[Vocabulary], *, names: frozenset[str] = frozenset()
) -> tuple[str | None, list[Vocabulary]]:
    """The reply's language code (None when nothing tells) and the vocabularies to read it with, the main one first.

    Partners mix languages ("Abschluss moved to Q3"), so the contact's own language and English are read along. The
    folded words of `names` (deals, stage labels) tell no language.
    """
    own = locale.replace("_", "-").partition("-")[0].lower()
    scores = _scores(text, vocabularies, names)
    told = max(scores.values(), default=0.0) >= _LEAST
    ranked = sorted(
        vocabularies,
        key=lambda vocabulary: (
            -(scores[vocabulary.code] + _PRIOR * (vocabulary.code == own)),
            vocabulary.code,
        ),
    )
    if not told and all(vocabulary.code != own for vocabulary in ranked):
        ranked.sort(key=lambda vocabulary: vocabulary.code != "en")
    main = ranked[0]
    along = [vocabulary for vocabulary in ranked[1:] if vocabulary.code in {own, "en"}]
    along += [v for v in ranked[1:3] if v not in along and scores[v.code] * _CLEARLY > scores[main.code] > 0]
    return (main.code if told or main.code == own else None), [main, *along]


def _scores(text: Text, vocabularies: Sequence[Vocabulary], names: frozenset[str]) -> dict[str, float]:
    scores = {vocabulary.code: 0.0 for vocabulary in vocabularies}
    words = [token for token in text.tokens if token.shape is Shape.WORD and token.fold not in names][:_WORDS]
    for token in words:
        exact = [v.code for v in vocabularies if token.lower in v.lexicon.accented]
        knowing = exact or [v.code for v in vocabularies if token.fold in v.lexicon.words]
        for code in knowing:
            scores[code] += 1.0 / len(knowing) ** 1.5
    return scores
