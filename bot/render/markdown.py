"""One source of words, three shapes: a small Markdown as plain text, as HTML for mail, and as Slack blocks. Pure.

Templates are CommonMark without HTML. A paragraph of links with the scheme `button:` is a row of buttons:
`[Take it back](button:undo)`; the part after the colon names the action. In a mail it opens a reply that holds the
action's word; an action whose word is empty opens an empty one. Values are escaped before they get here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Bidirectional and zero-width signs, soft hyphens and tags: nothing that a name needs, all used to make one name look
# like another (Unicode Technical Report 36, section 2).
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_UNFINISHED = re.compile(r"(?:&[a-z]{0,3}|<[^<>]*)$")  # an entity or a link of Slack's that a cut would break
_PARSER = MarkdownIt("commonmark", {"html": False}).disable(["image", "autolink", "html_inline", "html_block"])
_PARSER.validateLink = lambda url: url.startswith(("https://", "http://", "mailto:", "button:"))  # type: ignore[method-assign]

SECTION_CHARS = 2_900  # Slack's section holds 3,000
MAX_BLOCKS = 48  # of 50 in a message


class Md(str):
    """Text that is Markdown already; plain strings are escaped when a template shows them."""

    __slots__ = ()


def literal(text: object) -> Md:
    """Text shown as it is: every character that Markdown could read is escaped, line breaks become blanks, and what
    nobody sees is taken out."""
    return Md(_PUNCTUATION.sub(r"\\\1", " ".join(_INVISIBLE.sub("", str(text)).split())))


def quoted(text: str) -> Md:
    """Somebody's words as a quotation, line by line."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return Md("\n".join(f"> {literal(line)}  " if line else ">" for line in lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    action: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a message: kind is paragraph, heading, item, quote or buttons."""

    kind: str
    inline: tuple[Token, ...] = ()
    buttons: tuple[Button, ...] = ()


def blocks_of(source: str) -> tuple[Block, ...]:
    """Parse a template's output into blocks, in order."""
    return tuple(_blocks(_PARSER.parse(source)))


_CONTAINERS = (("quote", "blockquote"), ("item", "list_item"), ("heading", "heading"))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    depth = {container: 0 for _, container in _CONTAINERS}
    for token in tokens:
        name = token.type.rpartition("_")[0]
        if name in depth:
            depth[name] += token.nesting
        if token.type in {"fence", "code_block"}:
            yield Block(kind="paragraph", inline=tuple(_lines(token.content)))
        if token.type != "inline":
            continue
        children = tuple(token.children or ())
        if buttons := _buttons(children):
            yield Block(kind="buttons", buttons=buttons)
            continue
        kind = next(
            (k for k, d in (("quote", "blockquote"), ("item", "list_item"), ("heading", "heading")) if depth[d]), ""
        )
        yield Block(kind=kind or "paragraph", inline=children)


def _lines(content: str) -> Iterator[Token]:
    """Code as plain lines: no shape of ours has a fixed width, but nothing of it may be lost."""
    for number, line in enumerate(content.rstrip("\n").split("\n")):
        if number:
            yield Token("hardbreak", "br", 0)
        yield Token("text", "", 0, content=line)


def _buttons(children: Sequence[Token]) -> tuple[Button, ...]:
    found: list[Button] = []
    action = None
    for child in children:
        if child.type == "link_open":
            action = str(child.attrs.get("href", ""))
            if not action.startswith("button:"):
                return ()
        elif child.type == "text" and action:
            found.append(Button(action=action.removeprefix("button:"), label=child.content))
            action = None
        elif child.type == "text" and child.content.strip():
            return ()
    return tuple(found)


def as_text(blocks: Sequence[Block], word_for: Mapping[str, str], reply_with: str) -> str:
    """Plain text; a button becomes the word to reply with, `reply_with` having {label} and {word}."""
    out: list[str] = []
    before = ""
    for block in blocks:
        if block.kind == "buttons":
            words = [(b.label, word_for.get(b.action, b.action)) for b in block.buttons]
            lines = [reply_with.format(label=label, word=word) for label, word in words if word]
        else:
            lead = {"item": "• ", "quote": "> "}.get(block.kind, "")
            lines = [lead + line for line in _inline(tuple(_with_urls(block.inline)), _text_token).splitlines() or [""]]
        glue = "\n" if block.kind == before and block.kind in {"item", "quote"} else "\n\n"
        out += ([glue] if out else []) + ["\n".join(lines)]
        before = block.kind
    return "".join(out) + "\n"


def _with_urls(tokens: Sequence[Token]) -> Iterator[Token]:
    """A link's address stands behind its label, unless it is the label."""
    url, label = "", ""
    for token in tokens:
        if token.type == "link_open":
            url, label = str(token.attrs.get("href", "")), ""
        elif token.type == "link_close" and url.removeprefix("mailto:") != label:
            yield Token("text", "", 0, content=f" ({url})")
        label += token.content
        yield token


_STYLE = {
    "paragraph": "margin:0 0 14px",
    "heading": "margin:0 0 14px;font-size:18px;font-weight:600",
    "quote": "margin:0 0 14px;padding:2px 0 2px 12px;border-left:3px solid #c3cad5;opacity:.85",
}
# Outlook knows no padding of a link: its own mso-padding-alt on the cell stands for it.
_BUTTON = "border:1px solid #2f5bd0;border-radius:6px;mso-padding-alt:9px 16px"
_BUTTON_LINK = "display:inline-block;padding:9px 16px;text-decoration:none;font-weight:600"
_ROW = "margin:18px 0 16px;border-spacing:0"
_SOLID, _PLAIN = ("background:#2f5bd0", "color:#ffffff"), ("background:transparent", "color:#2f5bd0")


def as_html(blocks: Sequence[Block], word_for: Mapping[str, str], reply_to: str) -> str:
    """HTML for the body of a mail; a button opens a reply that holds its word."""
    out: list[str] = []
    in_list = False
    for block in blocks:
        if (block.kind == "item") is not in_list:
            in_list = not in_list
            out.append('<ul style="margin:0 0 14px;padding:0 0 0 20px">' if in_list else "</ul>")
        if block.kind == "buttons":
            cells = [
                _html_button(b, word_for.get(b.action, b.action), reply_to, n) for n, b in enumerate(block.buttons)
            ]
            row = '<td style="width:8px"></td>'.join(cells)
            out.append(f'<table role="presentation" class="row" style="{_ROW}"><tr>{row}</tr></table>')
        elif block.kind == "item":
            out.append(f'<li style="margin:0 0 4px">{_inline(block.inline, _html_token)}</li>')
        else:
            tag = {"heading": "h2", "quote": "blockquote"}.get(block.kind, "p")
            out.append(f'<{tag} style="{_STYLE[block.kind]}">{_inline(block.inline, _html_token)}</{tag}>')
    return "\n".join([*out, *(["</ul>"] if in_list else [])])


def _html_button(button: Button, word: str, reply_to: str, position: int) -> str:
    href = f"mailto:{quote(reply_to, safe='@+')}?subject={quote(word or button.label)}&body={quote(word)}"
    name, (back, front) = ("solid", _SOLID) if _is_primary(button, position) else ("plain", _PLAIN)
    link = f'<a href="{escape(href)}" style="{_BUTTON_LINK};{front}">{escape(button.label)}</a>'
    return f'<td class="button {name}" style="{_BUTTON};{back}">{link}</td>'


def _is_primary(button: Button, position: int) -> bool:
    """The answer that is hoped for stands out; taking back stays quiet."""
    return position == 0 and button.action in {"confirm", "approve"}


def as_slack(blocks: Sequence[Block], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Slack blocks; `values` maps a button's action to what it carries. Long texts are split, never cut."""
    out: list[dict[str, Any]] = []
    text = ""
    before = ""
    for block in blocks:
        if block.kind == "buttons":
            out += _sections(text)
            text = ""
            out.append(
                {"type": "actions", "elements": [_slack_button(b, values, n) for n, b in enumerate(block.buttons)]}
            )
        else:
            line = _inline(block.inline, _slack_token)
            line = {"item": f"• {line}", "heading": f"*{line}*"}.get(block.kind, line)
            if block.kind == "quote":
                line = "\n".join(f">{part}" for part in line.splitlines())
            glue = "\n" if block.kind == before and block.kind in {"item", "quote"} else "\n\n"
            text += (glue if text else "") + line
        before = block.kind
    return (out + _sections(text))[:MAX_BLOCKS]


def _sections(text: str) -> list[dict[str, Any]]:
    sections = []
    while text.strip():
        cut = len(text) if len(text) <= SECTION_CHARS else text.rfind("\n", 1, SECTION_CHARS)
        cut = cut if cut > 0 else _within_a_line(text[:SECTION_CHARS])
        sections.append({"type": "section", "text": {"type": "mrkdwn", "text": text[:cut].strip() or " "}})
        text = text[cut:]
    return sections


def _within_a_line(text: str) -> int:
    """Where a text too long for a section may end: before an entity or a link that goes on."""
    unfinished = _UNFINISHED.search(text)
    return unfinished.start() if unfinished and unfinished.start() else len(text)


def _slack_button(button: Button, values: Mapping[str, str], position: int) -> dict[str, Any]:
    element: dict[str, Any] = {
        "type": "button",
        "action_id": button.action,
        "text": {"type": "plain_text", "text": button.label[:75]},
        "value": values.get(button.action, button.action)[:2000],
    }
    if _is_primary(button, position):
        element["style"] = "primary"
    return element


def slack_escape(text: str) -> str:
    """Slack's three control characters; <!channel> and the like lose their power by it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _inline(tokens: Sequence[Token], one: Callable[[Token], str]) -> str:
    return "".join(one(t) for t in tokens)


def _text_token(token: Token) -> str:
    match token.type:
        case "text" | "code_inline":
            return token.content
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
    return ""


def _html_token(token: Token) -> str:
    match token.type:
        case "text" | "code_inline":
            return escape(token.content)
        case "softbreak":
            return " "
        case "hardbreak":
            return "<br>"
        case "strong_open" | "strong_close" | "em_open" | "em_close":
            tag = token.type.partition("_")[0]
            return f"<{'/' if token.nesting < 0 else ''}{tag}>"
        case "link_open":
            return f'<a href="{escape(str(token.attrs.get("href", "")))}" style="color:#2f5bd0">'
        case "link_close":
            return "</a>"
    return ""


def _slack_token(token: Token) -> str:
    match token.type:
        case "text" | "code_inline":
            return slack_escape(token.content)
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "strong_open" | "strong_close":
            return "*"
        case "em_open" | "em_close":
            return "_"
        case "link_open":
            return f"<{slack_escape(str(token.attrs.get('href', '')))}|"
        case "link_close":
            return ">"
    return ""
