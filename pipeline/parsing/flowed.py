"""Text of format=flowed back to paragraphs (RFC 3676)."""

from __future__ import annotations

from itertools import groupby


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that a sender broke softly.

    Parameters
    ----------
    text
        A text/plain part with ``format=flowed``; lines end in a line feed.
    delete_space
        The part has ``delsp=yes``: the space before a soft break is not part of the text.

    Returns
    -------
    str
        One line a paragraph; quote depth is kept as leading ``>`` marks.
    """
    lines = (_depth_and_text(line) for line in text.split("\n"))
    return "\n".join(
        paragraph
        for depth, group in groupby(lines, key=lambda line: line[0])
        for paragraph in _paragraphs(depth, [line for _, line in group], delete_space=delete_space)
    )


def _depth_and_text(line: str) -> tuple[int, str]:
    """Part a line into quote depth and text; the space that was stuffed in front of the text is dropped."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _paragraphs(depth: int, lines: list[str], *, delete_space: bool) -> list[str]:
    mark = ">" * depth + " " if depth else ""
    done: list[str] = []
    open_: list[str] = []
    for line in lines:
        soft = line.endswith(" ") and line != "-- "  # the signature separator never flows
        if line == "-- " and open_:
            done.append(mark + "".join(open_))
            open_ = []
        open_.append(line[:-1] if soft and delete_space else line)
        if not soft:
            done.append((mark + "".join(open_)) if open_ != [""] else mark.rstrip())
            open_ = []
    if open_:
        done.append(mark + "".join(open_))
    return done
