"""HTML bodies to the text that a reader sees, with quoted mail marked by ``>``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.parsing.hidden import remove_hidden

HTML_LIMIT = 500_000  # characters of HTML that are read
_THIN_FROM = 20_000  # from this size on tags are rewritten with a few attributes each
_DEPTH_LIMIT = 6  # quotes nested deeper are shown as deep as this

_OPEN, _CLOSE = "\ue000", "\ue001"

_SKIPPED = [
    "script",
    "style",
    "head",
    "title",
    "template",
    "object",
    "svg",
    "[hidden]",
    # The plain cases everywhere; the rest as far as `remove_hidden` looks.
    '[style*="display:none" i]',
    '[style*="display: none" i]',
    '[style*="mso-hide:all" i]',
    '[style*="mso-hide: all" i]',
]
# Elements in which mail programs put the mail that is answered; others indent with it what the author wrote.
_BLOCKQUOTE = re.compile(r"<(/?)blockquote\b([^>]{0,2000})>", re.IGNORECASE)
_CITES = re.compile(
    r"type\s?=\s?[\"']?cite|class\s?=\s?[\"'][^\"']{0,200}quote|\bcite\s?=|border-left", re.IGNORECASE
)

_DATA = re.compile(r"data:[^\"'>\s]{100,}")
_TAG_NAME = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]{0,30}")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s=>/\"']+|[\"'])(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]*))?")
# HTML Living Standard, section 13.2.4.3: elements that are opened again in each paragraph.
_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_FORMATTING_DEPTH = 100
_KEPT = frozenset(
    ("style", "class", "hidden", "type", "cite", "id", "color", "bgcolor", "background", "size")
)


def to_text(html: str) -> str:
    r"""Render HTML as plain text.

    Hidden elements, scripts, style sheets and pictures are left out; paragraphs, line breaks and lists are kept;
    what mail programs mark as the mail answered is prefixed with ``>``, once for each level.

    Parameters
    ----------
    html
        A document or a fragment; of one longer than `HTML_LIMIT` characters, the beginning.

    Returns
    -------
    str
        Text with ``\n`` line ends, not yet normalised.
    """
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    source = html.replace(_OPEN, "").replace(_CLOSE, "").replace("\x00", "")
    if len(source) > _THIN_FROM:
        source = _thin(_without_comments(_DATA.sub("", source[: 8 * HTML_LIMIT]))[:HTML_LIMIT])
    tree = HTMLTree.parse(_mark(source))
    if tree.body is None:
        return ""
    remove_hidden(tree.body, html)
    text: str = extract_plain_text(
        tree, preserve_formatting=True, list_bullets=True, alt_texts=False, skip_elements=_SKIPPED
    )
    return "\n".join(_quoted(text.split("\n")))


def _without_comments(html: str) -> str:
    parts: list[str] = []
    position = 0
    while (start := html.find("<!--", position)) >= 0:
        parts.append(html[position:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        position = end + 3
    return "".join((*parts, html[position:]))


def _thin(html: str) -> str:
    """Rewrite tags with few attributes, and formatting that is not nested too deep: both take a parser square time."""
    parts: list[str] = []
    position = 0
    formatting = 0
    while (tag := html.find("<", position)) >= 0:
        parts.append(html[position:tag])
        name = _TAG_NAME.match(html, tag)
        if name is None:
            parts.append("<")
            position = tag + 1
            continue
        position, kept = _attributes(html, name.end())
        if name[0].strip("</").lower() in _FORMATTING:
            formatting = max(0, formatting + (-1 if name[0][1] == "/" else 1))
            if formatting > _FORMATTING_DEPTH:
                continue
        parts.append(f"{name[0]}{kept}>")
    parts.append(html[position:])
    return "".join(parts)


def _attributes(html: str, position: int) -> tuple[int, str]:
    """Return where a tag ends, and those of its attributes that matter here."""
    kept: dict[str, str] = {}
    while found := _ATTRIBUTE.match(html, position):
        name = found[1].lower()
        if name in _KEPT and name not in kept:
            value = (found[2] or "").strip("\"'")[:2000].replace('"', "'")
            kept[name] = f' {name}="{value}"'
        position = found.end()
    end = html.find(">", position)
    return (end + 1 if end >= 0 else len(html)), "".join(kept.values())


def _mark(html: str) -> str:
    """Put marks at the inner borders of the elements that hold the mail answered."""
    open_quotes: list[bool] = []

    def border(tag: re.Match[str]) -> str:
        if not tag[1]:
            open_quotes.append(_CITES.search(tag[2]) is not None)
            return f"{tag[0]}<p>{_OPEN}</p>" if open_quotes[-1] else tag[0]
        return f"<p>{_CLOSE}</p>{tag[0]}" if open_quotes and open_quotes.pop() else tag[0]

    return _BLOCKQUOTE.sub(border, html)


def _quoted(lines: Iterable[str]) -> Iterable[str]:
    """Turn marks into ``>`` before each line between them."""
    depth = 0
    for line in lines:
        word = line.strip()
        if word == _OPEN:
            depth += 1
        elif word == _CLOSE:
            depth = max(0, depth - 1)
        elif depth:
            yield f"{'>' * min(depth, _DEPTH_LIMIT)} {line.strip()}".rstrip()
        else:
            yield line
