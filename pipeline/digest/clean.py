"""What strangers wrote, made fit to show: one line, no controls, harmless links, cells and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

# Joiners that Persian, Indic scripts and emoji need; every other invisible format character goes.
_JOINERS = frozenset("\u200c\u200d")
_STACKED_MARKS = 4
_LONGEST_INPUT = 20_000
# What the mail programs and browsers in use take as a link.
_LONGEST_LINK = 6_000
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)


class _Kinds(dict[int, str]):
    """Translation table to ``m`` for combining marks and ``.`` for all else, filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        kind = self[code] = "m" if unicodedata.category(chr(code)) in ("Mn", "Me") else "."
        return kind


_KINDS = _Kinds()
_PILE = "m" * (_STACKED_MARKS + 1)


def line(text: str, limit: int = 200) -> str:
    """Return `text` as one visible line of at most `limit` characters, cut at a word with an ellipsis.

    Control characters, bidirectional overrides (Unicode Annex 9) and other invisible ones are gone, piles of
    combining marks are flattened, white space is single.
    """
    if text.isascii() and text.isprintable():
        return cut(" ".join(text[:_LONGEST_INPUT].split()), limit)
    composed = unicodedata.normalize("NFC", text[:_LONGEST_INPUT])
    if composed.isprintable() and _PILE not in composed.translate(_KINDS):
        return cut(" ".join(composed.split()), limit)
    kept: list[str] = []
    marks = 0
    for character in composed:
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
    if len(text) + len(indent) <= width and text.isascii():
        return (indent + " ".join(text.split())).rstrip()
    room = width - max(columns(indent), columns(hanging))
    lines: list[list[str]] = [[]]
    used = 0
    for word, wide in _measured(text, room):
        if lines[-1] and used + 1 + wide > room:
            lines.append([])
        used = used + 1 + wide if lines[-1] else wide
        lines[-1].append(word)
    joined = (" ".join(each) for each in lines)
    return "\n".join((hanging if number else indent) + each for number, each in enumerate(joined)).rstrip()


def _measured(text: str, room: int) -> Iterator[tuple[str, int]]:
    """Yield the words of `text` with the columns that they take; what does not fit into `room` comes in pieces."""
    for word in text.split():
        wide = len(word) if word.isascii() else columns(word)
        if wide <= room:
            yield word, wide
        else:
            yield from ((piece, columns(piece)) for piece in _pieces(word, room))


def _pieces(word: str, room: int) -> list[str]:
    """Break `word` where it does not fit; links stay whole, or they would not work."""
    if word.startswith(("http://", "https://", "mailto:")):
        return [word]
    pieces, current, used = [], "", 0
    for character in word:
        wide = _width(character)
        if used + wide > room:
            pieces.append(current)
            current, used = "", 0
        current, used = current + character, used + wide
    return [*pieces, current]


def mail_address(address: str) -> str:
    """Return `address` if it is syntactically sane (a plain RFC 5321 mailbox), else an empty text."""
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else ""


def reply_link(address: str, subject: str, *, cc: str = "", text: str = "") -> str:
    """Return a ``mailto:`` link (RFC 6068) for an answer; empty if `address` is not sane.

    Parameters
    ----------
    address
        Who it goes to.
    subject
        What the answer is about; ``Re:`` is put before it.
    cc
        Who gets a copy; left out if it is not sane.
    text
        What is written already; left out if the link would be longer than mail programs take.
    """
    return mail_link(address, f"Re: {line(subject, 80)}", cc=cc, text=text)


def mail_link(address: str, subject: str, *, cc: str = "", text: str = "") -> str:
    """Return a ``mailto:`` link (RFC 6068) to `address` with these fields; empty if the address is not sane."""
    to = _linked(address)
    if not to:
        return ""
    copied = f"cc={_linked(cc)}&" if cc and _linked(cc) else ""
    start = f"mailto:{to}?{copied}subject={quote(subject)}"
    body = _body(text, _LONGEST_LINK - len(start)) if text else ""
    return f"{start}&body={body}" if body else start


def pause_link(reply_to: str) -> str:
    """Return the link that asks for no more digests for now; empty if there is no address for answers."""
    return mail_link(reply_to, "pause", text="pause\n")


# The same few addresses and words stand in all links of an entry, or of a digest.
@lru_cache(maxsize=1024)
def _linked(address: str) -> str:
    return quote(mail_address(address), safe="@")


@lru_cache(maxsize=256)
def _body(text: str, room: int) -> str:
    """Return `text` percent-encoded with CRLF line ends if it takes at most `room` octets, else nothing."""
    encoded = quote(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    return encoded if len(encoded) <= room else ""


def isolated(text: str, direction: str) -> str:
    """Return `text` shut off from what stands around it, if some of it runs against `direction` (Unicode Annex 9).

    Numbers and stops after a name in another script would jump to its other side otherwise.
    """
    if text.isascii() and (direction == "ltr" or not any(map(str.isalpha, text))):
        return text
    against = ("R", "AL") if direction == "ltr" else ("L",)
    turns = any(unicodedata.bidirectional(character) in against for character in text)
    return f"\u2068{text}\u2069" if turns else text


def cell(value: str) -> str:
    """Return `value` as a cell of a table of values that no spreadsheet takes for a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
