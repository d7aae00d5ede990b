"""phrases: what partners' yes and undo teach, and how a phrase becomes part of a vocabulary."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from bot import app as application
from bot.cli.common import config_option, json_option, loaded, run_async, show_rows
from bot.errors import PermanentError
from bot.language.learning import Learnt
from bot.language.promoting import NotPromotedError, promoted
from bot.language.schema import VocabularyError
from bot.language.vocabulary import default, file_of
from bot.ports import LearntPhrase, PhraseOutcome, Unit

_ALL = 1_000_000


@click.group()
def phrases() -> None:
    """Phrases that partners confirmed or corrected, without names and values."""


def _row(phrase: LearntPhrase) -> dict[str, object]:
    return {
        "id": phrase.id,
        "lang": phrase.language,
        "kind": phrase.kind,
        "words": phrase.words,
        "outcome": phrase.outcome.value,
        "count": phrase.count,
        "last_seen_at": phrase.last_seen_at.isoformat(timespec="seconds"),
    }


@phrases.command("list")
@config_option
@json_option
@click.option("--lang", help="Only those of this language.")
@click.option("--limit", default=50, show_default=True)
def list_phrases(path: Path, *, as_json: bool, lang: str | None, limit: int) -> None:
    """The most frequent first."""

    async def main() -> None:
        async with _unit(path) as unit:
            found = await unit.list_phrases(language=lang, limit=limit)
        show_rows([_row(one) for one in found], as_json=as_json)

    run_async(main)


@phrases.command()
@config_option
@click.argument("number", type=int)
def promote(path: Path, number: int) -> None:
    """Write a phrase as a pattern into its language's vocabulary, if no example speaks against it.

    From then on such words are done at once, with a receipt, where partners were asked for a yes before. A running
    worker reads the file at its next start.
    """

    async def main() -> None:
        async with _unit(path) as unit:
            phrase = await _phrase(unit, number)
            if await _was_corrected(unit, phrase):
                raise PermanentError(f"phrase {number}: {phrase.words!r} is not promoted: partners have corrected it")
            learnt = Learnt(language=phrase.language, kind=phrase.kind, words=phrase.words)
            file = file_of(phrase.language)
            try:
                text = promoted(file.read_text(encoding="utf-8"), learnt, default())
                file.write_text(text, encoding="utf-8")
            except (NotPromotedError, VocabularyError, OSError) as exc:
                raise PermanentError(f"phrase {number}: {phrase.words!r} is not promoted: {exc}") from exc
            await unit.drop_phrase(number)
        click.echo(f"{phrase.words!r} now means {phrase.kind} ({file}).")

    run_async(main)


@phrases.command()
@config_option
@click.argument("number", type=int)
def drop(path: Path, number: int) -> None:
    """Forget a phrase."""

    async def main() -> None:
        async with _unit(path) as unit:
            phrase = await _phrase(unit, number)
            await unit.drop_phrase(number)
        click.echo(f"{phrase.words!r} is forgotten.")

    run_async(main)


async def _was_corrected(unit: Unit, phrase: LearntPhrase) -> bool:
    alike = await unit.list_phrases(language=phrase.language, limit=_ALL)
    same = [one for one in alike if (one.kind, one.words) == (phrase.kind, phrase.words)]
    return any(one.outcome is PhraseOutcome.CORRECTED for one in same)


@asynccontextmanager
async def _unit(path: Path) -> AsyncIterator[Unit]:
    async with application.opened(loaded(path)) as app, app.store.unit() as unit:
        yield unit


async def _phrase(unit: Unit, number: int) -> LearntPhrase:
    phrase = await unit.phrase(number)
    if phrase is None:
        raise PermanentError(f"phrase {number}: there is none with this number; see offportal phrases list")
    return phrase
