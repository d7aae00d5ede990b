"""Phrases are counted, listed, dropped and forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.ports import PhraseOutcome
from bot.store import SqlStore
from tests.databases import NOW

WORDS = "{deal} is in the bag"


async def said(store: SqlStore, *, words: str = WORDS, language: str = "en", now: datetime = NOW) -> None:
    async with store.unit() as unit:
        await unit.count_phrase(language=language, kind="won", words=words, outcome=PhraseOutcome.CONFIRMED, now=now)


async def test_the_same_phrase_is_counted_and_the_most_frequent_comes_first(store: SqlStore):
    await said(store, words="all done with {deal}")
    await said(store)
    await said(store, now=NOW + timedelta(days=1))
    async with store.unit() as unit:
        first, second = await unit.list_phrases()
        assert (first.words, first.count, first.last_seen_at) == (WORDS, 2, NOW + timedelta(days=1))
        assert second.count == 1
        assert await unit.phrase(first.id) == first


async def test_what_was_confirmed_and_what_was_corrected_are_two_counts(store: SqlStore):
    await said(store)
    async with store.unit() as unit:
        await unit.count_phrase(language="en", kind="won", words=WORDS, outcome=PhraseOutcome.CORRECTED, now=NOW)
        assert {(one.outcome, one.count) for one in await unit.list_phrases()} == {
            (PhraseOutcome.CONFIRMED, 1),
            (PhraseOutcome.CORRECTED, 1),
        }


async def test_phrases_are_listed_by_language_and_dropped(store: SqlStore):
    await said(store)
    await said(store, language="de")
    async with store.unit() as unit:
        (german,) = await unit.list_phrases(language="de")
        await unit.drop_phrase(german.id)
        assert await unit.phrase(german.id) is None
        assert [one.language for one in await unit.list_phrases()] == ["en"]


async def test_a_phrase_that_nobody_says_any_more_is_forgotten(store: SqlStore):
    await said(store, words="old words", now=NOW - timedelta(days=100))
    await said(store)
    async with store.unit() as unit:
        await unit.forget(NOW - timedelta(days=90))
        assert [one.words for one in await unit.list_phrases()] == [WORDS]
