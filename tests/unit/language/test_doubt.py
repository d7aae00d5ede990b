"""Whatever word of doubt stands in a sentence, nothing in it is written without a yes."""

from __future__ import annotations

import pytest

from bot.language.vocabulary import shipped_tables
from tests.unit.language.cases import LOCALES, told

FACTS = {
    "en": ("{} 60k", "the amount {} be 60k", "{} signed today", "{} moved to Transact"),
    "de": ("{} 60k", "der Betrag {} 60.000", "{} heute unterschrieben", "{} jetzt in Transact"),
    "fr": ("{} 60k", "le montant {} 60k", "{} signé aujourd'hui", "{} en Transact"),
    "nl": ("{} 60k", "het bedrag {} 60k", "{} vandaag getekend", "{} nu in Transact"),
    "es": ("{} 60k", "el importe {} 60k", "{} firmado hoy", "{} en Transact"),
    "it": ("{} 60k", "l'importo {} 60k", "{} firmato oggi", "{} in Transact"),
    "pt": ("{} 60k", "o valor {} 60k", "{} assinado hoje", "{} em Transact"),
}
#: Words of doubt that mean something else right before a sum: half of it.
OTHERWISE = {"half 60k"}


def doubts(code: str) -> list[str]:
    """The words of doubt that a vocabulary lists as they are, without a star or a choice."""
    listed = shipped_tables()[code]["guard"]["maybe"]
    words = " ".join(listed) if isinstance(listed, list) else listed
    return [w.strip() for w in words.replace("\n", " ").split(",") if w.strip() and not set(w) & set("*()[]|{}")]


@pytest.mark.parametrize("code", FACTS)
def test_no_doubted_fact_is_written_at_once(code: str) -> None:
    assert len(doubts(code)) > 50
    said = [fact.format(doubt) for doubt in doubts(code) for fact in FACTS[code]]
    written = {text for text in said if any(line.endswith(" apply") for line in told(text, locale=LOCALES[code]))}
    assert written <= OTHERWISE
