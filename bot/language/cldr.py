"""What CLDR says of languages and locales, out of babel. Loads babel only for what `cldr.json` does not hold.

babel takes longer to load than a reply takes to read, so the languages that come with offportal have their names in
cldr.json; a test holds it to be what babel says, and `python -m bot.language.cldr` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.language.currencies import CURRENCIES

_FILE = Path(__file__).with_name("cldr.json")
_SHIPPED = ("de", "en", "es", "fr", "it", "nl", "pt")
_COUNTS = (1, 2, 5)  # for which plural forms differ


@lru_cache(maxsize=1)
def _kept() -> Mapping[str, Any]:
    kept: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return kept


def names(code: str, field: str, width: str) -> Mapping[str, int]:
    """Names of months ("months", January is 1) or weekdays ("days", Monday is 0), "wide" or "abbreviated"."""
    language = _kept()["languages"].get(code) or language_of(code)
    found: Mapping[str, int] = language[f"{field}.{width}"]
    return found


def currency_names(code: str) -> Mapping[str, str]:
    """Names of currencies in a language, in all their plural forms, with their ISO 4217 codes."""
    found: Mapping[str, str] = (_kept()["languages"].get(code) or language_of(code))["currencies"]
    return found


def decimal_sign(locale: str) -> str:
    """The decimal separator of a locale (BCP 47); a dot where the locale is not known."""
    return str(_locale(locale)[0])


def month_first(locale: str) -> bool:
    """Whether a locale (BCP 47) writes the month before the day, by CLDR's short date format."""
    return bool(_locale(locale)[1])


def _locale(locale: str) -> tuple[str, bool]:
    kept = _kept()["locales"].get(locale)
    return (kept[0], kept[1]) if kept else locale_of(locale)


@lru_cache(maxsize=64)
def language_of(code: str) -> Mapping[str, Any]:
    """A language as babel knows it."""
    from babel import Locale  # noqa: PLC0415  slow to load
    from babel.numbers import get_currency_name  # noqa: PLC0415

    locale = Locale.parse(code)
    found: dict[str, Any] = {
        f"{field}.{width}": {
            str(name): int(number)
            for context in ("stand-alone", "format")
            for number, name in source[context][width].items()
        }
        for field, source in (("months", locale.months), ("days", locale.days))
        for width in ("wide", "abbreviated")
    }
    found["currencies"] = {
        get_currency_name(currency, count=count, locale=code): currency for currency in CURRENCIES for count in _COUNTS
    }
    return found


@lru_cache(maxsize=256)
def locale_of(locale: str) -> tuple[str, bool]:
    """A locale's decimal separator, and whether it writes the month first, as babel knows them."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415  slow to load

    try:
        parsed = Locale.parse(locale, sep="-")
        symbols = parsed.number_symbols
        decimal = str(symbols.get("latn", symbols).get("decimal", "."))
        pattern = str(parsed.date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError, KeyError, TypeError):
        return ".", False
    return decimal, pattern.lower().startswith("m")


def shipped() -> dict[str, Any]:
    """What cldr.json has to hold."""
    return {
        "languages": {code: language_of(code) for code in _SHIPPED},
        "locales": {locale: list(locale_of(locale)) for locale in _locales()},
    }


def _locales() -> Iterator[str]:
    from babel.localedata import locale_identifiers  # noqa: PLC0415

    for name in sorted(locale_identifiers()):
        if name.partition("_")[0] in _SHIPPED:
            yield name.replace("_", "-")


if __name__ == "__main__":
    _FILE.write_text(json.dumps(shipped(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
