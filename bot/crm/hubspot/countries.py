"""Countries as people write them in a CRM, as ISO 3166 codes. Pure; what is no country's name stays as it is.

HubSpot's `country` is free text (knowledge base, "HubSpot's default company properties", 2026-11); territories may be
words of the programme's own, such as DACH.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt")
_ALSO = {"uk": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US", "uae": "AE", "holland": "NL", "great britain": "GB"}


def country(text: str) -> str:
    """The code of the country that a text names in one of our languages, else the text without outer blanks."""
    said = text.strip()
    return _codes().get(said.casefold(), said)


@cache
def _codes() -> dict[str, str]:
    names = dict(_ALSO)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code):  # others are numbers of regions
                names.setdefault(name.casefold(), code)
                names.setdefault(code.casefold(), code)
    return names
