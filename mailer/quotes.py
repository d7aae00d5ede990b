"""Where the quoted text is: markers, dividers, header blocks, attribution lines and > signs, in every language.

Works on clean lines; does not know HTML, signatures or what a sentence means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby

from mailer.shapes import MAX_ATTRIBUTION_CHARS, Shapes

CUT = "\ue002"  # a line of its own: what follows is quoted (written by mailer/html.py)
_MAX_ATTRIBUTIONS = 150
_MARKER = re.compile(r"##\s*-(?!#).{0,400}?-\s*##", re.DOTALL)
_MARKER_BEGIN = re.compile(r"^[\s>|*_]*##\s?-(?:\s|$)")
_QUOTED = re.compile(r"^\s{0,3}(?:>|\|(?!.*\|))")  # one bar quotes, more of them draw a table
_RULE = re.compile(r"^\s*[_\-=*─━]{10,}\s*$")
_TITLED_RULE = re.compile(
    r"^\s*[-_=*]{3,}\s*[^\s-][^-]{1,60}[-_=*]{3,}\s*$"
)  # ----- original mail ----- in any language
_EVIDENCE = re.compile(r"\d{4}|\d{1,2}[:.h]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d|@")  # a date, a time or an address
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_LINKS = re.compile(r"<(?:mailto:|https?://)[^<>]{0,300}>")


@dataclass(slots=True)
class Cut:
    """Lines sorted. `blocks` are the answer's, a new one begins after quoted lines; none is blank."""

    blocks: list[list[str]] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def marker(text: str) -> str:
    """The line that offportal writes above its words, so that the cut is sure: `##- text -##`.

    Args:
        text: in the partner's language, such as "Please type your reply above this line"; one line.
    """
    return f"##- {' '.join(text.split())} -##"


def cut_quotes(lines: list[str], shapes: Shapes) -> Cut:
    """Sorts clean lines into new and quoted.

    Reasons given: `attribution_first` and `header_first` (nothing new above an unmarked quote: a bottom-posted
    answer may hide in it), `attribution_inside` (cut within a line), `attribution_doubtful` (neither an address nor
    > signs: it may be the answer's own "their CFO wrote on 24.11.2026:"), `wrapped_quote` (a line taken for the rest
    of a quoted one).
    """
    hard = _hard_cut(lines, shapes)
    cut = Cut()
    head = lines[: hard.at]
    if hard.keep:
        head = [*head, hard.keep]
        cut.reasons.append("attribution_inside")
    _sort_marked(head, shapes, cut)
    if not hard.is_sure:
        cut.reasons.append("attribution_doubtful")
    rest = [line for line in lines[hard.at :] if line != CUT]
    if rest:
        if not cut.blocks and hard.doubt and not cut.quoted:
            cut.reasons.append(hard.doubt)
        cut.quoted += rest
    return cut


@dataclass(frozen=True, slots=True)
class _Hard:
    """Where the unmarked quote begins (len(lines) for nowhere)."""

    at: int
    doubt: str = ""
    keep: str = ""  # the beginning of the line that was cut inside
    is_sure: bool = True


def _hard_cut(lines: list[str], shapes: Shapes) -> _Hard:
    lowered = [line.lower() for line in lines]
    tried = 0
    for at, line in enumerate(lowered):
        if not line.strip() or _is_quoted(line):
            continue
        if _begins_quote(lowered, at, shapes):
            return _Hard(at)
        if header_at(lowered, at, shapes):
            return _Hard(at, "header_first")
        if line.rstrip("*_ ").endswith((":", "：")) and tried < _MAX_ATTRIBUTIONS:
            tried += 1
            begin = _attribution_begin(lowered, at, shapes.attribution)
            if begin is None and (inside := _attribution_inside(lines[at], shapes)):
                return _Hard(at, keep=inside)
            begin = begin if begin is not None else _attribution_begin(lowered, at, shapes.attribution_by)
            if begin is not None and not _quote_follows(lowered, at):
                return _Hard(begin, "attribution_first", is_sure="@" in "".join(lowered[begin : at + 1]))
    return _Hard(len(lines))


def _begins_quote(lines: list[str], at: int, shapes: Shapes) -> bool:
    """Whether that line can be nothing but the beginning of a quote."""
    line = lines[at]
    return (
        line == CUT
        or ("##" in line and _is_marker(lines, at))
        or shapes.original.fullmatch(line) is not None
        or shapes.forwarded.fullmatch(line) is not None
        or ((_RULE.match(line) or _TITLED_RULE.match(line)) is not None and header_at(lines, at + 1, shapes) > 0)
    )


def _is_marker(lines: list[str], at: int) -> bool:
    """Our marker, also when re-wrapped over up to four lines or quoted."""
    if not _MARKER_BEGIN.match(lines[at]) and not _MARKER.search(lines[at]):
        return False
    window = " ".join(line.strip(" >|*_") for line in lines[at : at + 4])
    return _MARKER.search(window) is not None


def _is_quoted(line: str) -> bool:
    return _QUOTED.match(line) is not None


def header_at(lines: list[str], at: int, shapes: Shapes) -> int:
    """How many lines a quoted header (From, Sent, To, Subject …) takes at that place; 0 when there is none.

    From and another label with an address among their values, or From, Subject and a third one (a partner's own
    "De: 40k, A: 60k, Fecha: marzo" is neither); at most one blank line in between, wrapped values allowed. Lines
    are lower case.
    """
    kinds: set[str] = set()
    has_address = False
    last = gap = 0
    for ahead, line in enumerate(lines[at : at + 14]):
        if not line.strip():
            gap += 1
            if gap > 1 or (not kinds and ahead):
                break
            continue
        label = shapes.label.fullmatch(line) if ":" in line[:40] or "：" in line[:40] else None
        if label and shapes.labels[" ".join(label[1].split())] not in kinds:
            kinds.add(shapes.labels[" ".join(label[1].split())])
            has_address = has_address or _ADDRESS.search(label[2]) is not None
            last = ahead + 1
            gap = 0
        elif not kinds or gap or len(line) > 200:  # noqa: PLR2004 - no recipient's line is longer
            break
    is_header = "from_" in kinds and (has_address or ("subject" in kinds and len(kinds) >= 3))  # noqa: PLR2004
    is_header = is_header and len(kinds) >= 2  # noqa: PLR2004
    return last if is_header else 0


def _attribution_begin(lines: list[str], end: int, shape: re.Pattern[str]) -> int | None:
    """The first line of an attribution that ends on line `end`, over as few lines as it takes, at most four."""
    text = ""
    for begin in range(end, max(-1, end - 4), -1):
        if not lines[begin].strip() or (_is_quoted(lines[begin]) and begin != end):
            break
        text = f"{lines[begin].strip()} {text}".strip()
        if len(text) > MAX_ATTRIBUTION_CHARS:
            break
        if _EVIDENCE.search(text) and (shape.fullmatch(_LINKS.sub("", text)) or shape.fullmatch(text)):
            return begin
    return None


def _attribution_inside(line: str, shapes: Shapes) -> str:
    """The answer that shares its line with an attribution; "" when there is none."""
    if len(line) > MAX_ATTRIBUTION_CHARS:
        return ""
    found = shapes.attribution_inside.search(line.lower())
    before = line[: found.start()].rstrip() if found else ""
    if found is None or "@" in before or not _EVIDENCE.search(found[0]):
        return ""
    return before


def _quote_follows(lines: list[str], at: int) -> bool:
    """Whether the next line with something in it is marked as quoted."""
    for line in lines[at + 1 : at + 6]:
        if line.strip():
            return _is_quoted(line)
    return False


def _sort_marked(lines: list[str], shapes: Shapes, cut: Cut) -> None:
    """Sorts the lines above the unmarked quote: > lines and the attribution above them are quoted."""
    quoted = [_is_quoted(line) for line in lines]
    lowered = [line.lower() for line in lines]
    for at, is_quoted in enumerate(quoted):
        if is_quoted and (at == 0 or not quoted[at - 1]):
            above = next((n for n in range(at - 1, max(-1, at - 4), -1) if lines[n].strip()), None)
            if above is not None and not quoted[above]:
                begin = _attribution_begin(lowered, above, shapes.attribution)
                if begin is None:
                    begin = _attribution_begin(lowered, above, shapes.attribution_by)
                for number in range(at if begin is None else begin, at):
                    quoted[number] = True
        if not is_quoted and _is_wrapped(lines, quoted, at):
            quoted[at] = True
            cut.reasons.append("wrapped_quote")
    for is_quoted, numbers in groupby(range(len(lines)), key=quoted.__getitem__):
        block = [lines[number] for number in numbers]
        if is_quoted:
            cut.quoted += block
        elif any(line.strip() for line in block):
            cut.blocks.append(block)


def _is_wrapped(lines: list[str], quoted: list[bool], at: int) -> bool:
    """A rest of a long quoted line that a program wrapped without a sign of its own."""
    return (
        0 < at < len(lines) - 1
        and quoted[at - 1]
        and _is_quoted(lines[at - 1])
        and _is_quoted(lines[at + 1])
        and bool(lines[at].strip())
        and len(lines[at - 1]) >= 66 > len(lines[at])  # noqa: PLR2004 - programs wrap at 70 to 78
        and len(lines[at - 1]) + len(lines[at].split(maxsplit=1)[0]) >= 72  # noqa: PLR2004
    )
