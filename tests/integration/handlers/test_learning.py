"""Phrases that a partner confirms or corrects are counted; no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ports import LearntPhrase, PhraseOutcome
from tests.integration.handlers.desk import Desk, desk

HEDGED = "The amount is probably 60k."
WORDS = "the amount is probably {amount}"


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as one:
        yield one


async def phrases(office: Desk) -> list[tuple[str, str, PhraseOutcome, int]]:
    async with office.store.unit() as unit:
        found: list[LearntPhrase] = list(await unit.list_phrases())
    return [(one.kind, one.words, one.outcome, one.count) for one in found]


async def test_a_yes_confirms_the_words_that_were_asked_about(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(HEDGED, to=notice)
    assert await phrases(office) == []
    await office.mail("yes", to=office.last())
    assert await phrases(office) == [("set amount", WORDS, PhraseOutcome.CONFIRMED, 1)]


async def test_a_no_alone_teaches_nothing_and_another_value_corrects(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(HEDGED, to=notice)
    await office.mail("no", to=office.last())
    assert await phrases(office) == []
    await office.mail(HEDGED, to=notice)
    await office.mail("no, the amount is 50k", to=office.last())
    assert await phrases(office) == [("set amount", WORDS, PhraseOutcome.CORRECTED, 1)]


async def test_an_undo_corrects_the_words_that_were_applied(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail("The amount is 60k.", to=notice)
    receipt = office.last()
    await office.mail("undo", to=receipt)
    await office.mail("undo", to=receipt)
    assert await phrases(office) == [("set amount", "the amount is {amount}", PhraseOutcome.CORRECTED, 1)]


async def test_a_message_that_comes_twice_is_counted_once(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(HEDGED, to=notice)
    raw = office.raw_mail("yes", to=office.last())
    await office.raw(raw)
    await office.raw(raw)
    assert [count for *_, count in await phrases(office)] == [1]


async def test_phrases_are_forgotten_with_the_raw_messages(office: Desk):
    notice = await office.moved(stage="Configure & Quote")
    await office.mail(HEDGED, to=notice)
    await office.mail("yes", to=office.last())
    async with office.store.unit() as unit:
        await unit.forget(office.services.now() + timedelta(days=1))
    assert await phrases(office) == []
