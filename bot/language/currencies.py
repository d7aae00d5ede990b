"""Currencies by their codes, signs and families, and what a sign means here. Reads no text."""

from __future__ import annotations

from collections.abc import Mapping

CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "BRL", "MXN", "COP", "CLP", "ARS", "PEN", "UYU", "PLN", "CZK", "SEK", "NOK", "DKK",
    "CAD", "AUD", "NZD", "JPY", "INR", "SGD", "AED", "ZAR", "HUF", "RON", "ILS", "CNY", "HKD", "SAR", "BGN",
)  # fmt: skip
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "COP", "CLP", "ARS", "UYU"})
_FAMILIES: Mapping[str, Mapping[str, str]] = {
    # What a bare word or sign means is settled by the deal's currency, else by the writer's territory.
    "$": {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "": "USD"},
    "dollar": {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "": "USD"},
    "peso": {"MX": "MXN", "CO": "COP", "CL": "CLP", "AR": "ARS", "UY": "UYU"},
    "krone": {"SE": "SEK", "NO": "NOK", "DK": "DKK"},
    "franc": {"": "CHF"},
    "pound": {"": "GBP"},
}
_FAMILY_MEMBERS = {
    "$": DOLLARS,
    "dollar": DOLLARS - {"MXN", "COP", "CLP", "ARS", "UYU"},
    "peso": frozenset({"MXN", "COP", "CLP", "ARS", "UYU"}),
    "krone": frozenset({"SEK", "NOK", "DKK"}),
    "franc": frozenset({"CHF"}),
    "pound": frozenset({"GBP"}),
}
SYMBOLS = {
    "€": "EUR", "£": "GBP", "us$": "USD", "usd$": "USD", "r$": "BRL", "c$": "CAD", "ca$": "CAD", "a$": "AUD",
    "au$": "AUD", "nz$": "NZD", "s$": "SGD", "mx$": "MXN", "col$": "COP", "fr.": "CHF", "sfr.": "CHF",
    "sfr": "CHF", "zl": "PLN", "kc": "CZK", "¥": "JPY", "₹": "INR", "rs": "INR", "rs.": "INR", "$": "$",
    "kr": "krone", "kr.": "krone", "euro": "EUR", "euros": "EUR",
}  # fmt: skip


def settle_currency(found: str, *, deal_currency: str | None, locale: str) -> str | None:
    """The ISO code that a found currency means here; None when it could be several."""
    if found not in _FAMILIES:
        return found
    if deal_currency in _FAMILY_MEMBERS[found]:
        return deal_currency
    territory = locale.replace("_", "-").rpartition("-")[2].upper()
    return _FAMILIES[found].get(territory) or _FAMILIES[found].get("")
