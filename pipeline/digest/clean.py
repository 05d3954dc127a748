"""What strangers wrote, made fit to show: one line, no controls, harmless links, cells and addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, urlsplit

# Joiners that Persian, Indic scripts and emoji need; every other invisible format character goes.
_JOINERS = frozenset("\u200c\u200d")
_STACKED_MARKS = 4
_LONGEST_INPUT = 20_000
_LONGEST_URL = 400
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)


def line(text: str, limit: int = 200) -> str:
    """Return `text` as one visible line of at most `limit` characters, cut at a word with an ellipsis.

    Control characters, bidirectional overrides (Unicode Annex 9) and other invisible ones are gone, piles of
    combining marks are flattened, white space is single.
    """
    if text.isascii() and text.isprintable():
        return cut(" ".join(text[:_LONGEST_INPUT].split()), limit)
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text[:_LONGEST_INPUT]):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _STACKED_MARKS or (category == "Cf" and character not in _JOINERS):
            continue
        kept.append(_visible(character, category))
    return cut(" ".join("".join(kept).split()), limit)


def _visible(character: str, category: str) -> str:
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "\ufffd" if category == "Cs" else character


def cut(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; what is too long ends at a word, with an ellipsis.

    A script without spaces is cut between characters, never before a combining mark or a joiner.
    """
    if len(text) <= limit:
        return text
    head = text[: max(limit - 1, 0)]
    space = head.rfind(" ") if text[len(head)] != " " else len(head)
    if space >= limit * 2 // 3:
        head = head[:space]
    else:
        while head and (_clings(text[len(head)]) or head[-1] == "\u200d"):
            head = head[:-1]
    return head.rstrip(" ,;:-–—") + "…"


def _clings(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or character in _JOINERS


def columns(text: str) -> int:
    """Return how many columns `text` takes in a terminal or a plain mail (Unicode Annex 11)."""
    return len(text) if text.isascii() else sum(map(_width, text))


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int = 76, indent: str = "", hanging: str | None = None) -> str:
    """Return `text` in lines of at most `width` columns; only links may be longer.

    Parameters
    ----------
    text
        Words with spaces between; line breaks count as spaces.
    width
        Columns a line may take, indent included.
    indent, hanging
        What the first line and the others begin with; `hanging` is `indent` if not given.
    """
    hanging = indent if hanging is None else hanging
    room = width - max(columns(indent), columns(hanging))
    lines: list[list[str]] = [[]]
    used = 0
    for word in (piece for whole in text.split() for piece in _pieces(whole, room)):
        wide = columns(word)
        if lines[-1] and used + 1 + wide > room:
            lines.append([])
        used = used + 1 + wide if lines[-1] else wide
        lines[-1].append(word)
    joined = (" ".join(each) for each in lines)
    return "\n".join((hanging if number else indent) + each for number, each in enumerate(joined)).rstrip()


def _pieces(word: str, room: int) -> list[str]:
    """Break `word` where it does not fit; links stay whole, or they would not work."""
    if columns(word) <= room or word.startswith(("http://", "https://", "mailto:")):
        return [word]
    pieces, current, used = [], "", 0
    for character in word:
        wide = _width(character)
        if used + wide > room:
            pieces.append(current)
            current, used = "", 0
        current, used = current + character, used + wide
    return [*pieces, current]


def web_address(url: str) -> str:
    """Return `url` if it is a plain http or https one that is safe to offer as a link, else an empty text."""
    if len(url) > _LONGEST_URL or any(not c.isprintable() or c.isspace() or c in "<>\"'`\\" for c in url):
        return ""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and named else ""


def mail_address(address: str) -> str:
    """Return `address` if it is syntactically sane (a plain RFC 5321 mailbox), else an empty text."""
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else ""


def reply_link(address: str, subject: str) -> str:
    """Return a ``mailto:`` link (RFC 6068) that answers `address` about `subject`; empty if the address is not sane."""
    if not mail_address(address):
        return ""
    return f"mailto:{quote(address, safe='@')}?subject={quote('Re: ' + line(subject, 80))}"


def cell(value: str) -> str:
    """Return `value` as a cell of a table of values that no spreadsheet takes for a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
