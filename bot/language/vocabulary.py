"""Loads the words of a language from one TOML file and checks them. The only reading of files in bot.language.

A fault is a VocabularyError that names file and key. docs/adding.md shows how a language is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli

from bot.language.phrases import Key, expand, expand_all, words_in
from bot.language.schema import (
    CONCEPTS,
    GUARD_KEYS,
    INTENTS,
    LIST_KEYS,
    REGISTER_KEYS,
    SAY_KEYS,
    WORD_KEYS,
    AmountTable,
    Content,
    DateTable,
    Intent,
    Vocabulary,
    VocabularyError,
)

_HERE = Path(__file__).parent / "vocabulary"
_SAYS_NOTHING_ITSELF = {"tells": "filler"}
_UNDETERMINED = "und"  # ISO 639-2's code for no particular language


@lru_cache(maxsize=1)
def default() -> tuple[Vocabulary, ...]:
    """The languages that come with offportal, in the order of their codes; read once.

    `und.toml` holds words of mail programs alone and is no language that anybody writes in. A language's phrases are
    prepared when a reply needs them.
    """
    return tuple(_vocabulary(code, table) for code, table in shipped_tables().items() if code != _UNDETERMINED)


@lru_cache(maxsize=1)
def shipped_tables() -> Mapping[str, Mapping[str, Any]]:
    """The parsed vocabulary files that come with offportal, by language code; read once."""
    return {path.stem: _table(path.stem, _text(path)) for path in sorted(_HERE.glob("*.toml"))}


def load(paths: Iterable[Path]) -> tuple[Vocabulary, ...]:
    """Vocabularies from files named `<language code>.toml`, each checked whole.

    Raises:
        VocabularyError: a file is no TOML, a key is unknown or of the wrong kind, or a phrase has an open bracket.
    """
    return tuple(vocabulary_of(path.stem, _text(path)) for path in paths)


def vocabulary_of(code: str, text: str) -> Vocabulary:
    """A vocabulary from the text of its file, checked whole. Raises VocabularyError."""
    vocabulary = _vocabulary(code, _table(code, text))
    _ = vocabulary.content
    return vocabulary


def file_of(code: str) -> Path:
    """The file of a language that comes with offportal, or where it would be."""
    return _HERE / f"{code}.toml"


def _vocabulary(code: str, table: Mapping[str, Any]) -> Vocabulary:
    mail = table.get("mail", {})
    return Vocabulary(code, words=words_in(_phrase_texts(table)), mail=mail, read=_Reader(code, table).content)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as exc:
        raise VocabularyError(f"{path.name}: is not readable: {exc}") from exc


def _table(code: str, text: str) -> Mapping[str, Any]:
    try:
        return tomli.loads(text)
    except ValueError as exc:
        raise VocabularyError(f"{code}.toml: is not readable TOML: {exc}") from exc


def _phrase_texts(table: Mapping[str, Any]) -> Iterator[str]:
    """The strings of a file that hold phrases. What is not as it should be is left for _Reader to refuse."""
    patterns = [one for group in _values(table.get("intent")) for one in (group if isinstance(group, list) else ())]
    lists: list[object] = [
        *(value.replace(" ", "\n") for value in _values(table.get("words")) if isinstance(value, str)),
        *(value for name in ("guard", "say", "concept") for value in _values(table.get(name))),
        *(text for pattern in patterns if isinstance(pattern, dict) for text in _listed(pattern.get("all"))),
        *(text for stage in _values(table.get("stages")) for text in _values(stage)),
    ]
    yield from (text for value in lists for text in _listed(value) if isinstance(text, str))


def _values(table: object) -> Iterable[object]:
    return table.values() if isinstance(table, dict) else ()


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


class _Reader:
    """Reads one file's table; `_at` is the key being read, for the message of an error."""

    def __init__(self, code: str, table: Mapping[str, Any]) -> None:
        self._code = code
        self._table = table
        self._at = ""
        self._entries: list[tuple[str, Sequence[str], str]] = []  # the key they stand under, phrases, their tag

    def content(self) -> Content:
        table = self._table
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
        return Content(
            phrases=self._tagged(),
            intents=tuple(intents),
            dates=self._dates(table.get("date", {})),
            amounts=self._amounts(table.get("amount", {})),
            stages=tuple(table.get("stages", {})),
            register=self._lists("register", table.get("register", {}), frozenset(REGISTER_KEYS)),
            lists=self._lists("lists", table.get("lists", {}), LIST_KEYS),
        )

    def _tagged(self) -> list[tuple[Key, str]]:
        try:
            rows = iter(expand_all([phrase for _, phrases, _ in self._entries for phrase in phrases]))
        except ValueError:
            for at, phrases, _ in self._entries:
                self._at = at
                for phrase in phrases:
                    self._check(phrase)
            raise
        return [(key, tag) for _, phrases, tag in self._entries for _ in phrases for key in next(rows)]

    def _lexical(self, table: Mapping[str, Any]) -> None:
        for name, keys, prefix in (
            ("guard", GUARD_KEYS, ""),
            ("say", SAY_KEYS, ""),
            ("concept", CONCEPTS, "c:"),
        ):
            self._refuse_unknown(f"{name}.", table.get(name, {}), keys)
            for key, value in table.get(name, {}).items():
                self._at = f"{name}.{key}"
                self._enter(self._at, self._split(value), _SAYS_NOTHING_ITSELF.get(key, prefix + key))
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
        for phrase in self._split(group):
            if phrase.startswith("{") and phrase.endswith("}"):
                name = phrase[1:-1]
                if name not in CONCEPTS | SAY_KEYS:
                    self._fail(f"{phrase} is neither a concept nor a key of [say]")
                tags.add("c:" + name if name in CONCEPTS else name)
            else:
                own = f"{self._code}:{tag}"
                tags.add(own)
                self._enter(at, [phrase], own)
        return frozenset(tags)

    def _stage(self, label: str, table: Any) -> Iterator[Intent]:
        """Other names of a stage get the tag `stage:<label>`; prose that only suggests it is an intent `hint:<label>`,
        whose groups stand between plus signs ("quote + (sent|out)")."""
        at = f"stages.{label!r}"
        self._refuse_unknown(f"{at}.", table, {"named", "suggested"})
        self._at = f"{at}.named"
        self._enter(self._at, self._split(table.get("named", "")), "stage:" + label.lower())
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

    def _check(self, phrase: str) -> None:
        try:
            expand(phrase)
        except ValueError as exc:
            raise VocabularyError(f"{self._code}.toml: {self._at}: {exc}") from exc

    def _enter(self, at: str, phrases: Sequence[str], tag: str) -> None:
        self._entries.append((at, phrases, tag))

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
        raise VocabularyError(f"{self._code}.toml: {self._at}: {fault}")
