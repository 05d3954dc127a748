"""Wikitext that strangers' words cannot turn into markup: text, links, headings and tables for pages of a wiki.

Every character that can begin markup is written as a character reference, which MediaWiki's parser shows and never reads:
templates, links, tables, tags, headings, lists, signatures, magic words, language variants
(https://www.mediawiki.org/wiki/Help:Formatting, Specs/wikitext).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.digest import clean

_LONGEST = 400
# Letters, digits, spaces and the marks that begin nothing; all other ASCII becomes a reference.
_HARMLESS = frozenset(" ,.()/+?%$")
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
    address = clean.web_address(url)
    if not address:
        return text(words)
    return f"[{''.join(map(_in_link, address)).replace('__', '%5F%5F')} {text(words)}]"


def heading(words: str, level: int = 2) -> str:
    """Return a heading."""
    mark = "=" * level
    return f"{mark} {text(words)} {mark}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table that readers can sort.

    Parameters
    ----------
    heads
        Plain words.
    rows
        Cells that are wikitext already: made by `text` and `link`.
    """
    lines = ['{| class="wikitable sortable"', "! " + " !! ".join(map(text, heads))]
    for row in rows:
        lines += ["|-", *(f"| {cell}" for cell in row)]
    return "\n".join([*lines, "|}"])


def _reference(character: str) -> str:
    if not character.isascii() or character.isalnum() or character in _HARMLESS:
        return character
    return f"&#{ord(character)};"


def _in_link(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in _IN_LINKS):
        return character
    return "".join(f"%{octet:02X}" for octet in character.encode())
