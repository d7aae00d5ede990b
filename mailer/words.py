"""The words by which mails are cut and sorted, of all languages at once; read from tables, never from files.

One set serves every mail: a partner's client speaks its own language, whatever the partner writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from bot.errors import ConfigError

ANYTHING = "{*}"  # stands for any words inside a phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Lower-case phrases, each once. `{*}` stands for any words.

    An automatic subject (`automatic`, `undeliverable`, `delayed`) counts at the start of a subject, since people begin
    subjects with such words too: one ending in a colon only when a colon, a dash, a bracket, a Re: or nothing
    follows, one ending in a full stop only when a Re: or nothing follows.
    """

    from_: tuple[str, ...] = ()  # labels of a quoted header: von, gesendet, an, kopie, betreff
    sent: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()  # lines above a quote: "am {*} schrieb {*}:"
    original: tuple[str, ...] = ()  # lines between dashes above a quote
    forwarded: tuple[str, ...] = ()  # lines between dashes, or alone, above a forwarded mail
    sign_off: tuple[str, ...] = ()  # "mit freundlichen grüßen": below it stands a card
    thanks: tuple[str, ...] = ()  # "danke": a sign-off only when the sender's name follows
    sent_from: tuple[str, ...] = ()  # "von meinem {*} gesendet": a line that also names a device or a program
    disclaimer: tuple[str, ...] = ()  # words that only a disclaimer's paragraph holds
    below: tuple[str, ...] = ()  # "see below": the answer says that more of it stands in the quote
    reply_prefix: tuple[str, ...] = ()  # of subjects: re, aw
    forward_prefix: tuple[str, ...] = ()  # of subjects: fwd, wg
    automatic: tuple[str, ...] = ()
    undeliverable: tuple[str, ...] = ()
    delayed: tuple[str, ...] = ()
    note: tuple[str, ...] = ()  # first sentences of a machine's mail: "this is an automatic reply"

    @classmethod
    def merge(cls, tables: Iterable[Mapping[str, object]]) -> Words:
        """The words of any number of languages.

        Args:
            tables: the `[mail]` table of each language, parsed; it has the tables `extract` (every field but the
                last four) and `automatic` (the last four, `automatic` being called `subject` there).

        Raises:
            ConfigError: a table, a key or a phrase is not as described; it lists every fault.
        """
        found: dict[str, dict[str, None]] = {one.name: {} for one in fields(cls)}
        faults: list[str] = []
        for number, table in enumerate(tables, 1):
            for section, names in _SECTIONS.items():
                _take(table.get(section, {}), names, f"mail.{section} of table {number}", found, faults)
            faults += [
                f"mail of table {number}: {key!r} is not one of {_LISTED}" for key in table.keys() - _SECTIONS.keys()
            ]
        if faults:
            raise ConfigError(faults)
        return cls(**{name: tuple(phrases) for name, phrases in found.items()})


_SECTIONS: dict[str, dict[str, str]] = {
    "extract": {one.name.removesuffix("_"): one.name for one in fields(Words)[:-4]},
    "automatic": {"subject": "automatic", "undeliverable": "undeliverable", "delayed": "delayed", "note": "note"},
}
_LISTED = ", ".join(_SECTIONS)


def _take(
    section: object, names: Mapping[str, str], where: str, found: dict[str, dict[str, None]], faults: list[str]
) -> None:
    if not isinstance(section, Mapping):
        faults.append(f"{where}: must be a table")
        return
    for key, phrases in section.items():
        if key not in names:
            faults.append(f"{where}: {key!r} is not one of {', '.join(names)}")
        elif not isinstance(phrases, list):
            faults.append(f"{where}: {key} must be a list of phrases")
        else:
            for phrase in phrases:
                if fault := _why_not(phrase):
                    faults.append(f"{where}: {key}: {phrase!r} {fault}")
                else:
                    found[names[key]][" ".join(phrase.lower().split())] = None


def _why_not(phrase: object) -> str | None:
    if not isinstance(phrase, str) or not phrase.replace(ANYTHING, "").strip():
        return "must be a phrase with words in it"
    if "{" in phrase.replace(ANYTHING, "") or "\n" in phrase:
        return "must be one line, with {*} for any words"
    return None


def pattern(phrases: Iterable[str], anything: str = ".{0,200}?") -> str:
    """The alternatives of a regular expression (lower case) that match any of the phrases; never matches when
    there are none. Apostrophes and blanks match all their forms."""
    alternatives = [_expression(phrase, anything) for phrase in sorted(phrases, key=len, reverse=True)]
    return "(?:" + "|".join(alternatives) + ")" if alternatives else "(?!)"


def _expression(phrase: str, anything: str) -> str:
    escaped = re.escape(phrase).replace(re.escape(ANYTHING), anything).replace(r"\ ", r"\s+")
    return re.sub("['’]", "['’´`]", escaped)
