"""Makes typed text comparable. Refuses to change what a person can see: folding gives a shadow of equal length.

`clean` gives the text as a person sees it (no hidden signs, no struck-out words), `lower` and `fold` give shadows of
the *same length*, so that a span found in a shadow is a span of the text.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_CHARS = 8_000
"""What is longer than this is not a reply: the rest is not read, and nothing of such a text is applied."""

_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f]"
)
_COMPATIBLE = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANKS = re.compile(r"[^\S\n]+")

# Letters that look like Latin ones; only replaced inside a word that also holds Latin letters.
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421"
    "\u0422\u0425\u03bf\u03b1\u03bd\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u0501\u0261\u0405\u0406\u0408\u04bb\u051b",
    "aeopcxyijsABEKMHOPCTXoavABEHIKMNOPTXdgSIJhq",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f\u0261]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")

_SLACK_MENTION = re.compile(r"<[@#!][^<>]*>")
_SLACK_LINK = re.compile(r"<(?:mailto:|tel:)?([^<>|\s]+)(?:\|[^<>]*)?>")
_SLACK_STRUCK = re.compile(r"(?<![\w~])~(?=\S)[^~\n]{1,80}(?<=\S)~(?![\w~])")
_SLACK_EMPHASIS = re.compile(r"(?<!\w)[*_](?=\S)([^*_\n]{1,400}?)(?<=\S)[*_](?!\w)")
_EMOJI_CODE = re.compile(r":[a-z][a-z0-9_+-]*:|:[+-]1:")
_SLACK_EMOJI = {
    ":+1:": "👍", ":thumbsup:": "👍", ":ok_hand:": "👌", ":white_check_mark:": "✅", ":heavy_check_mark:": "✔",
    ":-1:": "👎", ":thumbsdown:": "👎", ":x:": "❌", ":pray:": "🙏", ":tada:": "🎉",
}  # fmt: skip


def clean(text: str, *, channel: str = "email") -> str:
    """The text as it is seen: NFC, no hidden signs, single blanks, line feeds, at most MAX_CHARS characters.

    Slack's markup (docs.slack.dev/messaging/formatting-message-text, read 2026-11) is undone when channel is "slack":
    mentions and struck-out words go, links become their target, emoji codes become emoji.
    """
    text = text[: 2 * MAX_CHARS]
    if channel == "slack":
        text = _plain_slack(text)
    text = _LINE_ENDS.sub("\n", text)
    text = _HIDDEN.sub("", text)
    text = _COMPATIBLE.sub(lambda sign: unicodedata.normalize("NFKC", sign[0]), unicodedata.normalize("NFC", text))
    if _FOREIGN.search(text):
        text = _WORD.sub(_latin_if_mixed, text)
    text = "\n".join(line.strip() for line in _BLANKS.sub(" ", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:MAX_CHARS]


def _plain_slack(text: str) -> str:
    text = _SLACK_MENTION.sub(" ", text)
    text = _SLACK_LINK.sub(r"\1", text)
    text = html.unescape(text)
    text = _SLACK_STRUCK.sub(" ", text)
    text = _SLACK_EMPHASIS.sub(r"\1", text)
    return _EMOJI_CODE.sub(lambda code: _SLACK_EMOJI.get(code[0], " "), text)


def _latin_if_mixed(word: re.Match[str]) -> str:
    return word[0].translate(_LOOKALIKES) if _LATIN.search(word[0]) else word[0]


_SIGNS = {
    "'": "\u2018\u2019\u201a\u2032\u02bc`\u00b4",
    '"': "\u201c\u201d\u201e\u00ab\u00bb\u2033",
    "-": "\u2010\u2011\u2212",
    "\u2013": "\u2014\u2015\u2012",  # every dash that separates
    ":": "\u2236",
    "\u2022": "\u25cf\u25aa\u2023\u00b7\u25e6\u2043\u25a0\u27a2",
    "\u2192": "\u21d2\u27f6\u279c\u2794",
    "\u00ba": "\u00aa\u00b0",  # 1º, 1ª, 1°
    "\u00bd": "\u00bd",
    "\u2026": "\u2026",
    "\u00b2": "\u00b2",
}
_SAME_SIGN = {ord(other): sign for sign, others in _SIGNS.items() for other in sign + others}


class _Shadow(dict[int, str]):
    """Ordinal to the one character it is compared as, filled as characters are met."""

    def __init__(self, *, accents: bool) -> None:
        super().__init__(_SAME_SIGN)
        self._accents = accents

    def __missing__(self, ordinal: int) -> str:
        character = chr(ordinal)
        lowered = character.lower()
        if self._accents:
            shadow = lowered if len(lowered) == 1 else character
        else:
            shadow = unicodedata.normalize("NFKD", lowered)[:1] or character
        if shadow.isspace() and shadow != "\n":
            shadow = " "
        self[ordinal] = shadow
        return shadow


_LOWER = _Shadow(accents=True)
_FOLD = _Shadow(accents=False)


def lower(text: str) -> str:
    """Lower case, quotes and dashes of one kind, accents kept; `len(lower(x)) == len(x)`."""
    return text.translate(_LOWER)


def fold(text: str) -> str:
    """Like lower, and without accents; ß stays ß; `len(fold(x)) == len(x)`."""
    return text.translate(_FOLD)


_NAME_SPELLINGS = (("ß", "ss"), ("ae", "a"), ("oe", "o"), ("ue", "u"))


def name_key(word: str) -> str:
    """A spelling of a name's word under which Müller, Mueller and Muller are one; not of equal length."""
    key = fold(word)
    for spelled, plain in _NAME_SPELLINGS:
        key = key.replace(spelled, plain)
    return key
