"""No fact is written at once that is denied, doubted, asked or somebody else's; said plainly, each one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.language.cases import LOCALES
from tests.unit.language.framed import Sentence, alike, codes, facts, framed, table


def test_every_language_has_a_table() -> None:
    assert codes() == sorted(LOCALES)


@pytest.mark.parametrize("code", codes())
def test_a_plain_fact_is_written(code: str) -> None:
    came = {plain.text: plain.came(code) for plain, comes in facts(code) if comes not in plain.came(code)}
    assert came == {}


@pytest.mark.parametrize("code", codes())
def test_a_fact_in_a_frame_is_not_written_at_once(code: str) -> None:
    assert _written(code, framed(code)) == {}


@pytest.mark.parametrize("code", codes())
def test_what_only_looks_like_a_fact_is_not_written_at_once(code: str) -> None:
    assert _written(code, alike(code)) == {}


@pytest.mark.parametrize("code", codes())
@pytest.mark.parametrize("kind", ["honest", "open"])
def test_an_exception_is_one(code: str, kind: str) -> None:
    listed = table(code).get(kind, {})
    sentences = [sentence for _, sentence in [*framed(code), *alike(code)] if sentence.text in listed]
    assert {sentence.text for sentence in sentences if sentence.writes(code)} == set(listed)


def _written(code: str, sentences: Iterator[tuple[str, Sentence]]) -> dict[str, list[str]]:
    """What would be written, by sentence; left out are those of which it is right, and the faults that are open."""
    listed = {**table(code).get("honest", {}), **table(code).get("open", {})}
    written = {one.text: one.writes(code) for _, one in sentences if one.text not in listed}
    return {text: writes for text, writes in written.items() if writes}
