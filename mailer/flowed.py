"""RFC 3676: text/plain with format=flowed back to whole lines. Knows nothing of MIME."""

from __future__ import annotations


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins the soft-wrapped lines of a text with LF line ends.

    Quote signs, space-stuffing and the signature separator are treated as RFC 3676, sections 4.2 to 4.5, has
    it; `delete_space` is DelSp=yes. Lines of different quote depth are never joined. Quoted lines come out
    with one `> ` a level.
    """
    whole: list[str] = []
    depth_open: int | None = None  # the quote depth of a line that still flows on
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")  # space-stuffing
        flows = content.endswith(" ") and content != "-- "
        shown = content[:-1] if flows and delete_space else content
        if depth_open == depth and content != "-- ":
            whole[-1] += shown
        else:
            whole.append("> " * depth + shown)
        depth_open = depth if flows else None
    return "\n".join(line if line.endswith("-- ") else line.rstrip(" ") for line in whole)
