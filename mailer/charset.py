"""Bytes to text, whatever the sender called the encoding. Never raises and never leaves a surrogate."""

from __future__ import annotations

import codecs
from functools import lru_cache

# What a declared name means in practice. Windows and the web read the left as the superset on the right
# (WHATWG Encoding Standard, 4.2); "no encoding at all" is what the names mapped to () really say.
_MEANT: dict[str, tuple[str, ...]] = {
    "": (), "us-ascii": (), "ascii": (), "ansi_x3.4-1968": (), "x-unknown": (), "unknown-8bit": (),
    "unknown": (), "default": (), "8bit": (), "binary": (), "none": (),
    "iso-8859-1": ("cp1252",), "iso8859-1": ("cp1252",), "latin1": ("cp1252",), "latin-1": ("cp1252",),
    "iso-8859-8-i": ("iso-8859-8",), "iso-8859-8-e": ("iso-8859-8",), "iso-8859-6-i": ("iso-8859-6",),
    "iso-8859-9": ("cp1254",), "gb2312": ("gb18030",), "gbk": ("gb18030",), "x-gbk": ("gb18030",),
    "gb_2312-80": ("gb18030",), "ks_c_5601-1987": ("cp949",), "euc-kr": ("cp949",),
    "big5": ("cp950", "big5hkscs"), "shift_jis": ("cp932",), "x-sjis": ("cp932",), "sjis": ("cp932",),
    "iso-2022-jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3"),
    "iso-2022-jp-ms": ("iso2022_jp_ext", "iso2022_jp_3"), "cp50220": ("iso2022_jp_ext",),
    "unicode-1-1-utf-7": ("utf-7",), "utf8mb4": ("utf-8",), "utf8": ("utf-8",), "macintosh": ("mac-roman",),
}  # fmt: skip
# Codecs that are no character set of mail; some warn, some raise, some would turn escapes into text.
_NOT_FOR_MAIL = frozenset({"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"})


def decode(content: bytes, charset: str | None) -> str:
    """Decodes by the declared charset, else as UTF-8, else as Windows-1252; NULs are dropped."""
    return _decode(content, charset).replace("\0", "")


def _decode(content: bytes, charset: str | None) -> str:
    codings = _codings((charset or "").strip()[:60].strip("\"' ").lower())
    for coding in codings:
        try:
            return content.decode(coding)
        except UnicodeError:
            continue
    shifts = codings and codings[0].startswith(("iso2022", "hz"))  # 7-bit encodings also look like UTF-8
    if shifts:
        return content.decode(codings[0], "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    guess = content.decode(codings[0] if codings else "utf-8", "replace")
    if any(sign > "\x7f" and sign != "�" for sign in guess):
        return guess  # damaged in places, but the declared encoding is the right one
    return content.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def _codings(name: str) -> tuple[str, ...]:
    """The codecs to try for a declared name; () when it names none."""
    if name in _MEANT:
        return _MEANT[name]
    for spelling in (name, name.partition(" ")[0], name.replace("-", "", 1)):
        if spelling in _MEANT:
            return _MEANT[spelling]
        try:
            codec = codecs.lookup(spelling).name
            bytes(4).decode(codec)  # refuses the codecs that are not text, such as hex and zlib
        except (LookupError, ValueError, UnicodeError):
            continue
        if codec.replace("-", "_") not in _NOT_FOR_MAIL:
            return (codec,)
    return ()
