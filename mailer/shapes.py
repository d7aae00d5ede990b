"""The shapes of lines that surround an answer, compiled once for a set of words. Cuts nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from mailer.words import ANYTHING, Words, pattern

MAX_ATTRIBUTION_CHARS = 400
# Programs and devices that add a line of their own below an answer; "sent by mail to the customer" is no such line.
_DEVICE = re.compile(
    r"\b(?:iphone|ipad|ipod|ios|mac|macbook|apple|android\w*|galaxy|samsung|huawei|xiaomi|redmi|pixel|oneplus|oppo"
    r"|motorola|nokia|blackberry|smart-?phone|(?:my|windows|mobile) phone|mobil\w*|móvil|mobiel\w*|handy|tablet"
    r"|telefon[eo]?|téléphone|telefoon|celular|telemóvel|cellulare|portable|outlook|windows|yahoo|gmail|proton|gmx"
    r"|web\.de|thunderbird|spark|superhuman|airmail|bluemail|mailbird|k-9|zimbra|telekom|aol|libero|mail app"
    r"|application mail|unterwegs|typos|brevity|on the go|mail (?:for|für|pour|voor|para|per))\b"
)
_LABEL_KINDS = ("from_", "sent", "to", "cc", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Patterns over lower-cased text; `labels` maps a header label to its kind."""

    label: re.Pattern[str]
    labels: dict[str, str]
    attribution: re.Pattern[str]  # "On Tue, 24 Nov 2026, Jan wrote:"
    attribution_by: re.Pattern[str]  # "Jan <jan@brandt-it.example> wrote:"
    attribution_inside: re.Pattern[str]  # "yes, close it On Tue, 24 Nov 2026 Jan wrote:"
    original: re.Pattern[str]
    forwarded: re.Pattern[str]
    sign_off: re.Pattern[str]
    thanks: re.Pattern[str]
    sent_from: re.Pattern[str]
    disclaimer: re.Pattern[str]
    below: re.Pattern[str]
    forward_subject: re.Pattern[str]


@lru_cache(maxsize=8)
def shapes(words: Words) -> Shapes:
    """The shapes of a set of words."""
    labels = {label: kind for kind in _LABEL_KINDS for label in getattr(words, kind)}
    forwarded = pattern(words.forwarded)
    ruled = r"[-_=*‐‑–—>\s]*"
    openers = [phrase for phrase in words.wrote if not phrase.startswith(ANYTHING)]
    others = [phrase.removeprefix(ANYTHING) for phrase in words.wrote if phrase.startswith(ANYTHING)]
    return Shapes(
        label=re.compile(rf"[\s*_>]*({pattern(labels)})[*_]*\s*[:：][*_]*\s*(.*)"),
        labels=labels,
        attribution=re.compile(rf"[\s>*_-]*{_bare(openers)}\s*(?:[:：]|-{{2,}})[\s*_]*"),
        attribution_by=re.compile(rf"[\s>*_-]*[\"']?\w.{{1,200}}?{_spaced(others)}[\s*_]*"),
        attribution_inside=re.compile(rf"(?<=\s){_spaced(openers)}[\s*_]*$"),
        original=re.compile(
            rf"[\s>]*[-_=*‐‑–—]{{2,}}\s*(?:{pattern(words.original)}\s*:?{ruled}"
            rf"|{_bare(openers)}\s*:?\s*[-_=*‐‑–—]{{2,}}\s*)"  # Zoho: ---- On Tue, 24 Nov 2026, Jan wrote ----
        ),
        forwarded=re.compile(rf"[\s>]*(?:[-_=*‐‑–—]{{2,}}\s*{forwarded}\s*:?{ruled}|{forwarded}\s*:\s*)"),
        sign_off=re.compile(rf"[\s*_]*{pattern(words.sign_off, '[^.!?]{0,60}')}(?![^\W_])[*_]*"),
        thanks=re.compile(rf"[\s*_]*{pattern(words.thanks)}(?![^\W_])[*_]*"),
        sent_from=re.compile(rf"\W*{pattern(words.sent_from, '.{0,80}')}\W*"),
        disclaimer=re.compile(pattern(words.disclaimer)),
        below=re.compile(rf"(?<!\w){pattern(words.below)}(?!\w)"),
        forward_subject=re.compile(rf"\s*{pattern(words.forward_prefix)}\s*[:：]"),
    )


def _spaced(phrases: Iterable[str]) -> str:
    """Attribution phrases; the blank before the colon is optional (French writes it, programs forget it)."""
    return _bare(phrases) + r"\s*[:：]"


def _bare(phrases: Iterable[str]) -> str:
    return pattern(phrase.removesuffix(":").rstrip() for phrase in phrases)


def names_device(line: str) -> bool:
    """Whether a lower-cased line names a device or a mail program."""
    return _DEVICE.search(line) is not None
