"""Loads the words of a language from one TOML file and checks them. The only reading of files in bot.language.

A fault is a VocabularyError that names file and key. docs/adding.md shows how a language is added.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.language.lexicon import Lexicon
from bot.language.phrases import Key, expand
from bot.language.schema import (
    CONCEPTS,
    GUARD_KEYS,
    INTENTS,
    LIST_KEYS,
    REGISTER_KEYS,
    SAY_KEYS,
    WORD_KEYS,
    AmountTable,
    DateTable,
    Intent,
    Vocabulary,
    VocabularyError,
)

_HERE = Path(__file__).parent / "vocabulary"
_UNDETERMINED = "und"  # ISO 639-2's code for no particular language


@lru_cache(maxsize=1)
def default() -> tuple[Vocabulary, ...]:
    """The languages that come with offportal, in the order of their codes; read once.

    `und.toml` holds words of mail programs alone and is no language that anybody writes in.
    """
    return load(path for path in sorted(_HERE.glob("*.toml")) if path.stem != _UNDETERMINED)


def load(paths: Iterable[Path]) -> tuple[Vocabulary, ...]:
    """Vocabularies from files named `<language code>.toml`.

    Raises:
        VocabularyError: a file is no TOML, a key is unknown or of the wrong kind, or a phrase has an open bracket.
    """
    return tuple(_Loader(path).vocabulary() for path in paths)


class _Loader:
    """Reads one file; `_at` is the key being read, for the message of an error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = ""
        self._entries: dict[Key, set[str]] = {}

    def vocabulary(self) -> Vocabulary:
        try:
            table = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as exc:
            raise VocabularyError(f"{self._path.name}: is not readable TOML: {exc}") from exc
        known = {
            "words",
            "guard",
            "say",
            "lists",
            "concept",
            "intent",
            "date",
            "amount",
            "stages",
            "register",
            "mail",
        }
        self._refuse_unknown("", table, known)
        self._lexical(table)
        intents = [*self._intents(table.get("intent", {}))]
        for label, words in table.get("stages", {}).items():
            intents.extend(self._stage(label, words))
        return Vocabulary(
            code=self._path.stem,
            lexicon=Lexicon(self._entries),
            intents=tuple(intents),
            dates=self._dates(table.get("date", {})),
            amounts=self._amounts(table.get("amount", {})),
            stages=tuple(table.get("stages", {})),
            register=self._lists("register", table.get("register", {}), frozenset(REGISTER_KEYS)),
            lists=self._lists("lists", table.get("lists", {}), LIST_KEYS),
            mail=table.get("mail", {}),
        )

    def _lexical(self, table: Mapping[str, Any]) -> None:
        for name, keys, prefix in (
            ("guard", GUARD_KEYS, ""),
            ("say", SAY_KEYS, ""),
            ("concept", CONCEPTS, "c:"),
        ):
            for key, phrases in self._lists(name, table.get(name, {}), keys).items():
                self._enter(f"{name}.{key}", phrases, prefix + key)
        words = table.get("words", {})
        self._refuse_unknown("words.", words, WORD_KEYS)
        for key, value in words.items():
            self._at = f"words.{key}"
            if not isinstance(value, str):
                self._fail("must be one string of words")
            self._enter(self._at, value.split(), key)

    def _intents(self, table: Mapping[str, Any]) -> Iterator[Intent]:
        self._refuse_unknown("intent.", table, INTENTS)
        for name, patterns in table.items():
            self._at = f"intent.{name}"
            if not isinstance(patterns, list):
                self._fail("must be a list of tables [[intent.…]]")
            for number, pattern in enumerate(patterns):
                at = f"intent.{name}[{number}]"
                self._refuse_unknown(f"{at}.", pattern, {"all", "ok", "no"})
                groups = tuple(
                    self._group(at, f"{name}:{number}:{place}", group)
                    for place, group in enumerate(pattern.get("all", ()))
                )
                if not groups:
                    self._fail("has no 'all'")
                yield Intent(name=name, groups=groups, ok=tuple(pattern.get("ok", ())), no=tuple(pattern.get("no", ())))

    def _group(self, at: str, tag: str, group: object) -> frozenset[str]:
        """One group's tags; `{concept}` refers to a concept, every other phrase gets the group's own tag."""
        self._at = at
        tags: set[str] = set()
        for phrase in self._phrases(group):
            if phrase.startswith("{") and phrase.endswith("}"):
                name = phrase[1:-1]
                if name not in CONCEPTS | SAY_KEYS:
                    self._fail(f"{phrase} is neither a concept nor a key of [say]")
                tags.add("c:" + name if name in CONCEPTS else name)
            else:
                own = f"{self._path.stem}:{tag}"
                tags.add(own)
                self._enter(at, [phrase], own)
        return frozenset(tags)

    def _stage(self, label: str, table: Any) -> Iterator[Intent]:
        """Other names of a stage get the tag `stage:<label>`; prose that only suggests it is an intent `hint:<label>`,
        whose groups stand between plus signs ("quote + (sent|out)")."""
        at = f"stages.{label!r}"
        self._refuse_unknown(f"{at}.", table, {"named", "suggested"})
        self._at = f"{at}.named"
        self._enter(self._at, self._phrases(table.get("named", "")), "stage:" + label.lower())
        for number, hint in enumerate(self._split(table.get("suggested", ""))):
            parts = [part.strip() for part in hint.split("+")]
            tag = f"hint:{label}:{number}"
            groups = tuple(self._group(f"{at}.suggested", f"{tag}:{place}", part) for place, part in enumerate(parts))
            yield Intent(name="hint:" + label.lower(), groups=groups)

    def _dates(self, table: Mapping[str, Any]) -> DateTable:
        self._refuse_unknown("date.", table, frozenset(DateTable.__dataclass_fields__))
        values: dict[str, Any] = {}
        for key, value in table.items():
            self._at = f"date.{key}"
            if key == "numbers":
                values[key] = {int(number): tuple(self._phrases(words)) for number, words in value.items()}
            elif key in {"short_months", "short_weekdays", "ordinals"}:
                values[key] = tuple(tuple(self._phrases(words)) for words in value)
            else:
                values[key] = tuple(self._phrases(value))
        return DateTable(**values)

    def _amounts(self, table: Mapping[str, Any]) -> AmountTable:
        self._refuse_unknown("amount.", table, frozenset(AmountTable.__dataclass_fields__))
        values: dict[str, Any] = {}
        for key, value in table.items():
            self._at = f"amount.{key}"
            if key == "currencies":
                values[key] = {code: tuple(self._phrases(words)) for code, words in value.items()}
            else:
                values[key] = tuple(self._phrases(value))
        return AmountTable(**values)

    def _lists(self, name: str, table: Mapping[str, Any], keys: frozenset[str]) -> dict[str, tuple[str, ...]]:
        self._refuse_unknown(f"{name}.", table, keys)
        lists: dict[str, tuple[str, ...]] = {}
        for key, value in table.items():
            self._at = f"{name}.{key}"
            lists[key] = tuple(self._phrases(value))
        return lists

    def _phrases(self, value: object) -> list[str]:
        """The phrases of a value, each checked."""
        phrases = self._split(value)
        for phrase in phrases:
            self._check(phrase)
        return phrases

    def _split(self, value: object) -> list[str]:
        """The parts of a value: one string with commas or line ends between them, or a list of such strings."""
        texts: Sequence[object] = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            self._fail("must be a string of phrases or a list of such strings")
        rows = (row for text in texts for row in str(text).replace("\n", ",").split(","))
        return [" ".join(row.split()) for row in rows if row.strip()]

    def _check(self, phrase: str) -> list[Key]:
        if phrase.startswith("{"):
            return []
        try:
            return expand(phrase)
        except ValueError as exc:
            raise VocabularyError(f"{self._path.name}: {self._at}: {exc}") from exc

    def _enter(self, at: str, phrases: Iterable[str], tag: str) -> None:
        self._at = at
        for phrase in phrases:
            for key in self._check(phrase):
                self._entries.setdefault(key, set()).add(tag)

    def _refuse_unknown(self, prefix: str, table: object, known: Iterable[str]) -> None:
        self._at = prefix.rstrip(".") or "the file"
        if not isinstance(table, dict):
            self._fail("must be a table")
        assert isinstance(table, dict)  # noqa: S101
        unknown = sorted(set(table) - set(known))
        if unknown:
            self._at = prefix + unknown[0]
            self._fail("is not a known key")

    def _fail(self, fault: str) -> None:
        raise VocabularyError(f"{self._path.name}: {self._at}: {fault}")
