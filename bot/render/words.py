"""The words that many notices share, one TOML file a language; and dates and amounts as its readers write them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.domain.deals import DealField, FieldChange, FieldValue
from bot.domain.notices import DealView
from bot.errors import ConfigError
from bot.render.markdown import Md, literal

TABLES = (
    "fields",
    "changes",
    "reasons",
    "buttons",
    "reply",
    "mail",
    "states",
    "required",
    "rules",
    "findings",
    "motions",
    "criteria",
    "topics",
    "forms",
)
_SUM = re.compile(r"(-?\d{1,30}(?:\.\d{1,6})?) ([A-Z]{3})")
_OF_AMOUNTS = frozenset({"minimum_amount", "amount_out_of_range"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`locale` is what babel formats by.

    `fields` names deal fields; `changes` are the lines that say what changed; `reasons` are sentences for refusals;
    `buttons` the word a button stands for; `reply` and `mail` the fixed lines around a mail. Of registrations: their
    `states`, what one needs (`required`), why a rule stands in a partner's way (`rules`), the same in short for the
    vendor's people (`findings`), and `motions`; `topics` are what one may unsubscribe from. `criteria` say when a stage
    is complete, by the English sentence that offportal comes with. `forms` is what the forms in Slack say.
    `moment_pattern` puts {day}, {time} and {zone} together."""

    language: str
    locale: str
    moment_pattern: str
    fields: Mapping[str, str]
    changes: Mapping[str, str]
    reasons: Mapping[str, str]
    buttons: Mapping[str, str]
    reply: Mapping[str, str]
    mail: Mapping[str, str]
    states: Mapping[str, str]
    required: Mapping[str, str]
    rules: Mapping[str, str]
    findings: Mapping[str, str]
    motions: Mapping[str, str]
    criteria: Mapping[str, str]
    topics: Mapping[str, str]
    forms: Mapping[str, str]
    first_of_month: str | None = None  # "1er" where the first day has a form of its own

    def value(self, name: DealField, value: FieldValue, currency: str | None) -> Md:
        """A field's value as its reader writes it; nothing is a dash."""
        match value:
            case None | "":
                return Md("–")
            case date():
                return self.day(value)
            case str() if name is DealField.REGISTRATION_STATUS:
                return literal(self.states.get(value, value))
            case Decimal() if currency and name is DealField.AMOUNT:
                return Md(f"{self._number(value)} {literal(currency)}")
            case Decimal() if name is DealField.SHARE:
                return Md(f"{self._number(value)}\N{NO-BREAK SPACE}%")
            case Decimal():
                return Md(self._number(value))
        return literal(value)

    def day(self, value: date) -> Md:
        """A calendar day."""
        return literal(self._day(value, "long"))

    def moment(self, value: datetime) -> Md:
        """Weekday, day and time in the time zone that the value carries, and which zone that is: a promise must not
        be read an hour wrong."""
        day, time = self._day(value, "full"), format_time(value, "short", locale=self.locale)
        return literal(self.moment_pattern.format(day=day, time=time, zone=_zone(value)))

    def _day(self, value: date, length: Literal["long", "full"]) -> str:
        text = format_date(value, length, locale=self.locale)
        return text.replace("1", self.first_of_month, 1) if value.day == 1 and self.first_of_month else text

    def listed(self, items: Iterable[object]) -> Md:
        """Things in one sentence: company, contact and amount."""
        return literal(format_list([str(item) for item in items], locale=self.locale))

    def word(self, table: str, key: str) -> Md:
        """A word of one of TABLES."""
        return literal(getattr(self, table)[key])

    def criterion(self, text: str) -> Md:
        """When a stage is complete; a programme's own criterion stands as it was configured."""
        return literal(self.criteria.get(text, text))

    def rule(self, name: str, shown: str) -> Md:
        """Why a rule stands in the way, in one sentence, with the claimant's own value behind it."""
        sentence = literal(self.rules[name])
        return Md(f"{sentence} ({self.detail(name, shown)})") if shown else sentence

    def detail(self, rule: str, shown: str) -> Md:
        """What a rule looked at, as its reader writes it: a day, a sum, countries; else as it is."""
        if rule == "past_close_date" and (day := _day_in(shown)) is not None:
            return self.day(day)
        if rule in _OF_AMOUNTS and (found := _SUM.fullmatch(shown)):
            return Md(f"{self._number(Decimal(found[1]))} {found[2]}")
        if rule == "territory":
            names = Locale.parse(self.locale).territories
            return literal(", ".join(str(names.get(part.upper(), part)) for part in shown.split(", ")))
        return literal(shown)

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
    samples = {"locale": "de_DE", "moment": "{day}, {time} ({zone})"}
    faults += [
        f'templates: {path.name}: {name} is missing, such as {name} = "{sample}"'
        for name, sample in samples.items()
        if name not in tables
    ]
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
        moment_pattern=tables["moment"],
        first_of_month=tables.get("first_of_month"),
        **{name: tables[name] for name in TABLES},
    )


def _zone(moment: datetime) -> str:
    """UTC, UTC+1 or UTC+5:30."""
    offset = moment.utcoffset() or timedelta()
    minutes = round(abs(offset).total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}{f':{rest:02}' if rest else ''}"


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
