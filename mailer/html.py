"""HTML to lines: what nobody sees is dropped, quote containers become > lines, a cut is marked.

Knows the containers that mail programs write; does not know languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml import html as lxml_html

from mailer.lines import MAX_CHARS, WHITE, without_reserved
from mailer.quotes import CUT

MAX_HTML_CHARS = 1_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 200
_OPEN, _CLOSE = "\ue000", "\ue001"
_SIGN = re.compile(f"({CUT}|{_OPEN}\\d{{1,5}}{_CLOSE})")

# Elements that hold a quote and nothing else. Ids and classes without Outlook's "x_", in lower case.
_QUOTES = frozenset({
    "protonmail_quote", "yahoo_quoted", "moz-cite-prefix", "front-blockquote",
    "ms-outlook-mobile-reference-message", "mail-editor-reference-message-container", "isreplycontent", "zmail_extra",
    "olk_src_body_section", "iphone_reply_quote", "tutanota_quote", "composer_history", "quoted-text", "wmquote",
    "isforwardcontent", "mailbird_quote", "gmx_quote", "ox_quote", "hs_reply", "spark_quote", "airmail_ext_quote",
})  # fmt: skip
# From these on everything is quoted.
_CUTS = frozenset({
    "divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "outlookmessageheader", "mailcontenttable",
    "divtagdefaultwrapper_reply",
})  # fmt: skip
_SIGNATURES = frozenset({
    "gmail_signature", "signature", "moz-signature", "ms-outlook-mobile-signature", "composer_signature",
    "protonmail_signature_block", "gmail_signature_prefix", "zsignature", "front-signature", "signature_container",
    "outlook-signature", "mailbird_signature",
})  # fmt: skip
_DROPPED = frozenset({"style", "script", "head", "title", "template", "noscript", "meta", "link", "object", "svg"})

_OUTLOOK_PREFIX = re.compile(r"^(?:x_)+")
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0(?:\.0+)?(?:!|;|$)"
    r"|font-size:(?:0(?:\.0+)?(?:px|pt|em|%)?|1px)(?:!|;|$)|text-indent:-\d{3,}|(?:^|;)(?:left|top):-\d{4,}"
)
_EMPTY_BOX = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px|pt|em|%)?(?:!|;|$)")
_WHITE = re.compile(r"(?:^|;)color:(?:#fff(?:fff)?|white|transparent|rgba?\(255,255,255(?:,[\d.]+)?\))(?:!|;|$)")
_BACKGROUND = re.compile(
    r"(?:^|;)background(?:-color|-image)?:(?!#fff|white|transparent|none|initial|rgba?\(255|rgba\(0,0,0,0)"
)
_WHITES = frozenset({"#ffffff", "#fff", "white"})
_MEDIA = re.compile(r"@media[^{}]{0,200}\{(?:[^{}]{0,500}\{[^{}]{0,2000}\}){0,200}[^{}]{0,500}\}")
_RULES = re.compile(r"\.([\w-]{1,60})[^{},]{0,60}\{([^{}]{0,500})\}")
_BLANKS = re.compile(r"\s+")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)


@dataclass(slots=True)
class Page:
    """An HTML body as text: > before quoted lines, CUT on the line from which everything is quoted, WHITE where
    white letters were left out."""

    text: str = ""
    signature: str = ""
    reasons: list[str] = field(default_factory=list)


def page_of(markup: str) -> Page:
    """Renders an HTML body. Never raises; what cannot be read gives `html_unreadable` among the reasons."""
    page = Page()
    bounded = _XML_DECLARATION.sub("", markup[:MAX_HTML_CHARS]).strip()
    if len(markup) > MAX_HTML_CHARS:
        page.reasons.append("too_long")
    if not bounded:
        return page
    try:
        tree = lxml_html.document_fromstring(bounded)
        if _is_unwieldy(tree):
            page.reasons.append("html_unreadable")
            page.text = "".join(tree.itertext())[:MAX_CHARS]
            return page
        _keep_visible(tree)
        quotes = _take_out(tree, page)
        page.text = _with_quotes(_render(tree), quotes)
    except (etree.LxmlError, ValueError, RecursionError, AttributeError, IndexError, KeyError, TypeError):
        page.reasons.append("html_unreadable")
    return page


def _is_unwieldy(tree: lxml_html.HtmlElement) -> bool:
    """Too many or too deep elements: the renderer recurses and its time grows with the depth."""
    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(tree, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH or count > 2 * MAX_ELEMENTS:
            return True
    return False


def _keep_visible(tree: lxml_html.HtmlElement) -> None:
    """Drops what a reader of the mail does not see. White letters are dropped too, but they may have stood on a
    colour that we do not know: a sign stays in their place, so that they can be a reason for doubt."""
    rules = "".join(_MEDIA.sub("", (style.text or "")[:100_000]) for style in tree.iter("style"))
    hiding = {name.lower() for name, rule in _RULES.findall(rules[:200_000]) if _hides(rule)}
    for element in list(tree.iter()):
        element.text, element.tail = _harmless(element.text), _harmless(element.tail)
        if not isinstance(element.tag, str) or element.tag in _DROPPED or _is_hidden(element, hiding):
            _drop(element)
        elif _is_white(element):
            if (element.text_content() or "").strip():
                _before(element, WHITE, tag="span")
            _drop(element)


def _harmless(text: str | None) -> str | None:
    return without_reserved(text) if text and not text.isascii() else text


def _drop(element: lxml_html.HtmlElement) -> None:
    """Takes an element out and keeps what follows it."""
    if element.getparent() is not None:
        element.drop_tree()


def _is_hidden(element: lxml_html.HtmlElement, hiding: set[str]) -> bool:
    if element.tag in {"body", "html"}:
        return False
    classes = (element.get("class") or "").lower().split()
    return "hidden" in element.attrib or any(name in hiding for name in classes) or _hides(element.get("style") or "")


def _hides(style: str) -> bool:
    bare = _compact(style)
    return bool(_HIDING.search(bare)) or ("overflow:hidden" in bare and bool(_EMPTY_BOX.search(bare)))


def _is_white(element: lxml_html.HtmlElement) -> bool:
    """White letters where neither the element nor what it stands in has a background of its own."""
    if not _WHITE.search(_compact(element.get("style") or "")) and (element.get("color") or "").lower() not in _WHITES:
        return False
    return not any(
        _BACKGROUND.search(_compact(one.get("style") or "")) or (one.get("bgcolor") or "#fff").lower() not in _WHITES
        for one in (element, *element.iterancestors())
    )


def _compact(style: str) -> str:
    return _BLANKS.sub("", style[:2_000]).lower() if style else ""


def _take_out(tree: lxml_html.HtmlElement, page: Page) -> list[str]:
    """Replaces quote and signature containers by signs; gives the quotes' texts."""
    quotes: list[str] = []
    signatures: list[str] = []
    for element in list(tree.iter(etree.Element)):
        if element.getroottree().getroot() is not tree or not _is_inside(element, tree):
            continue
        kind = _kind(element)
        if kind == "quote":
            quotes.append(_render(element))
            _replace(element, f"{_OPEN}{len(quotes) - 1}{_CLOSE}")
        elif kind == "signature":
            signatures.append(_render(element))
            _drop(element)
        elif kind == "cut":
            _before(element, CUT)
    page.signature = "\n".join(signatures)
    return quotes


def _is_inside(element: lxml_html.HtmlElement, tree: lxml_html.HtmlElement) -> bool:
    return element is tree or element.getparent() is not None


def _kind(element: lxml_html.HtmlElement) -> str | None:
    names = [
        *(element.get("class") or "").lower().split()[:12],
        (element.get("id") or "").lower(),
        (element.get("name") or "").lower(),
    ]
    marks = {_OUTLOOK_PREFIX.sub("", name) for name in names if name}
    if element.tag == "blockquote":
        style = (element.get("style") or "").lower().replace(" ", "")
        is_cited = element.get("type") == "cite" or element.get("cite") or marks & _QUOTES or "gmail_quote" in marks
        return "quote" if is_cited or ("border-left" in style and "border:none" not in style) else None
    if "gmail_attr" in marks:
        following = next((one for one in element.itersiblings(etree.Element) if one.tag != "br"), None)
        return "quote" if following is not None and following.tag == "blockquote" else None
    if "protonmail_quote" in marks and next(element.iterdescendants("blockquote"), None) is not None:
        return None  # answers may stand between its blockquotes
    if (
        element.tag in {"div", "td", "p"}
        and "border-top" in (element.get("style") or "").lower()
        and _has_labels(element)
    ):
        return "cut"
    if marks & _QUOTES or "quote" in marks or any(mark.startswith("yahoo_quoted") for mark in marks):
        return "quote"
    if marks & _CUTS:
        return "cut"
    return "signature" if marks & _SIGNATURES else None


def _has_labels(element: lxml_html.HtmlElement) -> bool:
    """Whether an element shows a quoted header in whatever language: two bold labels with their colons."""
    labels = [
        bold for bold in element.iter("b", "strong") if (bold.text_content() or "").strip(" \u00a0").endswith(":")
    ]
    return len(labels) >= 2  # noqa: PLR2004


def _replace(element: lxml_html.HtmlElement, sign: str) -> None:
    _before(element, sign)
    element.drop_tree()


def _before(element: lxml_html.HtmlElement, sign: str, *, tag: str = "div") -> None:
    mark = lxml_html.Element(tag)
    mark.text = sign
    if element.getparent() is not None:
        element.addprevious(mark)


def _render(tree: lxml_html.HtmlElement) -> str:
    return str(Inscriptis(tree, _CONFIG).get_text())


def _with_quotes(text: str, quotes: list[str]) -> str:
    """Puts the quotes back as > lines; a sign that was rendered within a line gets a line of its own."""
    lines: list[str] = []
    for piece in _SIGN.split(text):
        if piece == CUT:
            lines.append(CUT)
        elif piece.startswith(_OPEN):
            lines += ["> " + one.strip() for one in quotes[int(piece[1:-1])].strip().split("\n")]
        else:
            lines += [line.strip() for line in piece.split("\n")]
    return "\n".join(lines)
