"""What partners confirmed or corrected, counted by phrase. Refuses to know who said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.ports import LearntPhrase, PhraseOutcome
from bot.store.db import Transaction
from bot.store.tables import phrases


class PhraseRows:
    """The part of a unit that bot.ports lists under "phrases"."""

    _tx: Transaction

    async def count_phrase(
        self, *, language: str, kind: str, words: str, outcome: PhraseOutcome, now: datetime
    ) -> None:
        await self._tx.run(_counted(self._tx, language, kind, words, outcome, now))

    async def phrase(self, phrase_id: int) -> LearntPhrase | None:
        row = (await self._tx.run(sa.select(phrases).where(phrases.c.id == phrase_id))).first()
        return None if row is None else _phrase(row)

    async def list_phrases(self, *, language: str | None = None, limit: int = 100) -> Sequence[LearntPhrase]:
        chosen = sa.select(phrases).order_by(phrases.c.count.desc(), phrases.c.id).limit(limit)
        if language is not None:
            chosen = chosen.where(phrases.c.language == language)
        return [_phrase(row) for row in await self._tx.run(chosen)]

    async def drop_phrase(self, phrase_id: int) -> None:
        await self._tx.run(sa.delete(phrases).where(phrases.c.id == phrase_id))


def _phrase(row: sa.Row[Any]) -> LearntPhrase:
    return LearntPhrase(
        id=row.id,
        language=row.language,
        kind=row.kind,
        words=row.words,
        outcome=PhraseOutcome(row.outcome),
        count=row._mapping["count"],  # noqa: SLF001  SQLAlchemy's public name; row.count is tuple's method
        last_seen_at=row.last_seen_at,
    )


def _counted(tx: Transaction, language: str, kind: str, words: str, outcome: PhraseOutcome, now: datetime) -> Any:
    """One statement, so that replies at the same time are both counted."""
    key = {"language": language, "kind": kind, "words": words, "outcome": outcome.value}
    fresh = tx.insert(phrases).values(**key, count=1, last_seen_at=now)
    return fresh.on_conflict_do_update(
        index_elements=tuple(key), set_={"count": phrases.c.count + 1, "last_seen_at": now}
    )
