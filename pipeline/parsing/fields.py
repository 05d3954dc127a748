"""A header block to its raw fields (RFC 5322, section 2.2), and a field's parameters (RFC 2045, 2231), in linear time."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from email.errors import FirstHeaderLineIsContinuationDefect, MessageDefect, MissingHeaderBodySeparatorDefect
from urllib.parse import unquote_to_bytes

from pipeline.parsing.charset import decode_text
from pipeline.parsing.words import decode_field

_FIELD = re.compile(
    r"([!-9;-~]{1,200})[ \t]*+:[ \t]*+([^\r\n]*+(?:(?:\r\n?|\n)[ \t][^\r\n]*+)*+)(?:\r\n?|\n|\Z)",
)
_LINE = re.compile(r"([^\r\n]*)(?:\r\n?|\n|\Z)")
_WELL_KNOWN = re.compile(
    r"(?:from|to|cc|subject|date|received|message-id|mime-version|sender|reply-to|return-path|delivered-to|references|"
    r"in-reply-to|dkim-signature|(?:content|list|x)-[a-z-]{1,60})[ \t]?:",
    re.IGNORECASE,
)
_LOOSE_PARAMETER = re.compile(r"[a-z*0-9-]{1,40}[ ]?=", re.IGNORECASE)
_NAME = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*')
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_CLOSING = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_SHORT = 60  # characters of a field that is worth keeping
_PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")


def read_fields(block: str) -> tuple[list[tuple[str, str]], int, list[MessageDefect]]:
    """Split a header block.

    Parameters
    ----------
    block
        A part up to its first empty line, 8-bit octets as surrogate escapes.

    Returns
    -------
    fields
        Names and bodies as written, folds included.
    end
        Where the header ends; less than the length of `block` if the body began without an empty line.
    defects
        What was wrong.
    """
    fields: list[tuple[str, str]] = []
    defects: list[MessageDefect] = []
    place = 0
    while place < len(block):
        if match := _FIELD.match(block, place):
            fields.append((match[1], match[2]))
            place = match.end()
            continue
        line = _LINE.match(block, place)
        after = line.end() if line else len(block)
        if fields and _belongs_to(fields[-1][1], block[place:after]):
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {block[place:after].strip()}")
        elif not (place == 0 and block.startswith(("From ", ">From "))):
            if not _WELL_KNOWN.match(block, after):
                defects.append(MissingHeaderBodySeparatorDefect())
                break
            defects.append(FirstHeaderLineIsContinuationDefect())
        place = after
    return fields, min(place, len(block)), defects


def _belongs_to(value: str, line: str) -> bool:
    """Tell whether `line` is a parameter that was folded without the white space that a fold needs."""
    return value.endswith(";") and bool(_LOOSE_PARAMETER.match(line))


def parameters(value: str) -> dict[str, str]:
    """Read a field with parameters, such as Content-Type.

    Returns
    -------
    dict of str
        Names in lower case to decoded values, the first of each name; the field's own value, in lower case, under the
        empty name.
    """
    return dict(_short_parameters(value) if len(value) <= _SHORT else _read_parameters(value))


@functools.lru_cache(maxsize=512)
def _short_parameters(value: str) -> dict[str, str]:
    """Read a field that many mails have alike, such as ``text/plain; charset=utf-8``."""
    return _read_parameters(value)


def _read_parameters(value: str) -> dict[str, str]:
    own = value.partition(";")[0].partition("(")[0]
    found = {"": "".join(own.split()).lower()}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in _pairs(value):
        match = _PIECE.fullmatch(name)
        if match is None or "*" not in name:
            found.setdefault(name, decode_field(text))
        else:
            pieces.setdefault(match[1], []).append((int(match[2] or 0), bool(match[3]), text))
    for name, several in pieces.items():
        found[name] = _joined(sorted(several, key=lambda piece: piece[0]))
    return found


def _pairs(value: str) -> Iterator[tuple[str, str]]:
    place = 0
    quotes = True
    while match := _NAME.search(value, place):
        start = match.end()
        closing = _CLOSING.match(value, start + 1) if quotes and value[start : start + 1] == '"' else None
        if closing:
            place = closing.end()
            text = _QUOTED_PAIR.sub(r"\1", value[start + 1 : place - 1])
        else:
            # An opening quote that nothing closes: nothing closes a later one either.
            quotes = quotes and value[start : start + 1] != '"'
            stop = value.find(";", start)
            place = stop if stop >= 0 else len(value)
            text = value[start:place].strip().strip('"')
        yield match[1].lower(), text


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """Join the pieces of a parameter (RFC 2231, sections 3 and 4)."""
    charset = "utf-8"
    octets = b""
    for place, (_, encoded, text) in enumerate(pieces):
        if encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)  # noqa: PLW2901  # what is left of the piece
        octets += unquote_to_bytes(text) if encoded else text.encode("utf-8", "surrogateescape")
    return decode_field(decode_text(octets, charset or "utf-8")[0])
