"""The words that many notices share, one TOML file a language; and dates and amounts as its readers write them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.domain.deals import DealField, FieldChange, FieldValue
from bot.domain.notices import DealView
from bot.errors import ConfigError
from bot.render.markdown import Md, literal

TABLES = ("fields", "changes", "reasons", "buttons", "reply", "mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`locale` is what babel formats by.

    `fields` names deal fields; `changes` are the lines that say what changed; `reasons` are sentences for refusals;
    `buttons` the word a button stands for; `reply` and `mail` the fixed lines around a mail."""

    language: str
    locale: str
    fields: Mapping[str, str]
    changes: Mapping[str, str]
    reasons: Mapping[str, str]
    buttons: Mapping[str, str]
    reply: Mapping[str, str]
    mail: Mapping[str, str]
    first_of_month: str | None = None  # "1er" where the first day has a form of its own

    def value(self, name: DealField, value: FieldValue, currency: str | None) -> Md:
        """A field's value as its reader writes it; nothing is a dash."""
        match value:
            case None | "":
                return Md("–")
            case date():
                return self._date(value)
            case Decimal() if currency and name is DealField.AMOUNT:
                return Md(f"{self._number(value)} {literal(currency)}")
            case Decimal():
                return Md(self._number(value))
        return literal(value)

    def _date(self, value: date) -> Md:
        text = format_date(value, "long", locale=self.locale)
        if value.day == 1 and self.first_of_month:
            text = text.replace("1", self.first_of_month, 1)
        return literal(text)

    def _number(self, value: Decimal) -> str:
        """Cents only where there are some; "60.000 EUR" says the currency without doubt in every language. Not
        through literal(): French and Portuguese thousands are held together by no-break blanks."""
        whole = value == value.to_integral_value()
        return format_decimal(value, format="#,##0" if whole else "#,##0.00", locale=self.locale)

    def change(self, change: FieldChange, deal: DealView) -> Md:
        """One line: **Close date**: 31 December 2026 → 31 March 2027; without an arrow where nothing stood before, and
        the field alone where its values are not for the reader."""
        if change.old is None and change.new is None:
            return Md(f"**{literal(self.fields[change.field])}**")
        line = self.changes["first" if change.old in {None, ""} else "changed"]
        return Md(
            line.format(
                field=literal(self.fields[change.field]),
                old=self.value(change.field, change.old, deal.currency),
                new=self.value(change.field, change.new, deal.currency),
            )
        )

    def reason(self, key: str) -> Md:
        """The sentence for a refusal; what follows a colon are the other side's own words."""
        known, _, detail = key.partition(": ")
        sentence = literal(self.reasons[known])
        return Md(f"{sentence} ({literal(detail)})") if detail else sentence


def load_words(folder: Path, language: str, like: Words | None = None) -> Words:
    """Read words.<language>.toml; with `like`, every key of that language must be there too.

    Raises:
        ConfigError: The file is missing, broken, or lacks keys; every fault is named.
    """
    path = folder / f"words.{language}.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ConfigError([f"templates: {path.name} is missing: there are no {language} words; add the file"]) from exc
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError([f"templates: {path.name}: {exc}"]) from exc
    faults = [f"templates: {path.name}: table [{name}] is missing" for name in TABLES if name not in tables]
    faults += [] if "locale" in tables else [f'templates: {path.name}: locale is missing, such as locale = "de_DE"']
    if not faults and like is not None:
        faults += [
            f"templates: {path.name}: [{name}] lacks {key!r}, which words.{like.language}.toml has"
            for name in TABLES
            for key in sorted(getattr(like, name).keys() - tables[name].keys())
        ]
    if faults:
        raise ConfigError(faults)
    return Words(
        language=language,
        locale=tables["locale"],
        first_of_month=tables.get("first_of_month"),
        **{name: tables[name] for name in TABLES},
    )
