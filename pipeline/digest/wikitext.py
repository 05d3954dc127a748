"""Wikitext that strangers' words cannot turn into markup: text, links, headings and tables for pages of a wiki.

Every character that can begin markup is written as a character reference, which MediaWiki's parser shows and never reads:
templates, links, tables, tags, headings, lists, signatures, magic words, language variants
(https://www.mediawiki.org/wiki/Help:Formatting, Specs/wikitext).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.digest import clean
from pipeline.links import web_address

_LONGEST = 400
# Letters, digits, spaces and the marks that begin nothing; all other ASCII becomes a reference.
_HARMLESS = frozenset(" ,.()/+?%$")
# Behaviour switches of some languages are written with these: U+FF3F, as in the Japanese one for a table of contents.
_WIDE = frozenset("＿")
# A title that can be linked: what MediaWiki forbids in titles, and what begins markup, is not in it.
_TITLE = re.compile(r"(?!.*(?:\.\./|//|~~~|''|__|&))[^#<>\[\]|{}\x00-\x1f\x7f]{1,250}")
# What a web address may keep: RFC 3986, section 2, without what wikitext takes for markup.
_IN_LINKS = frozenset("-._:/?#@!$&()*+,;=%")
# Words that MediaWiki turns into links by themselves when a number follows.
_MAGIC = ("RFC", "PMID", "ISBN")


def text(value: str, limit: int = _LONGEST) -> str:
    """Return `value` as one line of wikitext that shows it and means nothing else."""
    plain = clean.line(value, limit)
    return "".join(_shown(plain, place) for place in range(len(plain)))


def _shown(plain: str, place: int) -> str:
    """Return one character of a line, as a reference wherever it may begin markup."""
    character = plain[place]
    if character == "-":
        return "&#45;" if plain[max(0, place - 1) : place] in ("", "-") else "-"
    if plain.startswith(_MAGIC, place):
        return f"&#{ord(character)};"
    return _reference(character)


def link(url: str, words: str) -> str:
    """Return an external link to `url` that is shown as `words`; the words alone if the address is not safe."""
    address = web_address(url)
    if not address:
        return text(words)
    return f"[{''.join(map(_in_link, address)).replace('__', '%5F%5F')} {text(words)}]"


def heading(words: str, level: int = 2) -> str:
    """Return a heading."""
    mark = "=" * level
    return f"{mark} {text(words)} {mark}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table.

    Parameters
    ----------
    text
        Wikitext: made by `text`, `link` and `page_link`.
    is_head
        Whether it names its row.
    style
        CSS from constants, or empty.
    """

    text: str
    is_head: bool = False
    style: str = ""


NUMBER = "text-align:right"


def table(heads: Sequence[str], rows: Sequence[Sequence[str | Cell]], caption: str = "") -> str:
    """Return a table that readers can sort.

    Parameters
    ----------
    heads
        Plain words.
    rows
        Cells; a text in place of one is wikitext already.
    caption
        Plain words; a table that stands under a heading of its own may do without.
    """
    lines = ['{| class="wikitable sortable"', *([f"|+ {text(caption)}"] if caption else [])]
    lines += [*(["|-"] if caption else []), *(f'! scope="col" | {text(head)}' for head in heads)]
    for row in rows:
        lines += ["|-", *(_cell(cell) for cell in row)]
    return "\n".join([*lines, "|}"])


def number(value: str, style: str = "") -> Cell:
    """Return a cell for a number that is written already."""
    return Cell(text=text(value), style=f"{NUMBER};{style}" if style else NUMBER)


def row_head(words: str) -> Cell:
    """Return the cell that names a row, in plain words."""
    return Cell(text=text(words), is_head=True, style="text-align:start")


def page_link(title: str, words: str) -> str:
    """Return a link to a page of the same wiki that is shown as `words`; the words alone if that is no plain title."""
    if not _TITLE.fullmatch(title):
        return text(words)
    return f"[[:{title}|{text(words)}]]"


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return f"| {cell}"
    marks = [*(['scope="row"'] if cell.is_head else []), *([f'style="{cell.style}"'] if cell.style else [])]
    start = "!" if cell.is_head else "|"
    return f"{start} {' '.join(marks)} | {cell.text}" if marks else f"{start} {cell.text}"


def _reference(character: str) -> str:
    if character in _WIDE:
        return f"&#{ord(character)};"
    if not character.isascii() or character.isalnum() or character in _HARMLESS:
        return character
    return f"&#{ord(character)};"


def _in_link(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in _IN_LINKS):
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode())
