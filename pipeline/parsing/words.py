"""Encoded words and raw 8-bit octets of header fields to text (RFC 2047, RFC 6532), in linear time."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from pipeline.parsing.charset import decode_text

MAX_FIELD = 65_536
"""Characters of one header field that are looked at."""

_FOLD = re.compile(r"[\r\n]+[ \t]?")
# Control characters, and marks that turn the direction of what stands beside them.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_WORD_START = re.compile(r"=\?([^?\s]{1,60})\?([BbQq])\?")
_QUOTED_OCTET = re.compile(rb"=([0-9A-Fa-f]{2})")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


def decode_field(raw: str) -> str:
    """Decode a header field as people see it.

    Parameters
    ----------
    raw
        The field's body with its folds; 8-bit octets as surrogate escapes.

    Returns
    -------
    str
        Unfolded, encoded words (RFC 2047) and raw 8-bit text decoded, without control characters.
    """
    if raw.isprintable() and raw.isascii() and "=?" not in raw and len(raw) <= MAX_FIELD:
        return raw.strip()  # as most fields are
    value = unfold(raw[:MAX_FIELD])
    return clean(decode_words(value)) if "=?" in value else value


def unfold(raw: str) -> str:
    """Join the lines of a field, decode its raw 8-bit octets, and drop control characters."""
    value = _FOLD.sub(" ", raw) if "\n" in raw or "\r" in raw else raw
    if not value.isascii():
        octets = value.encode("utf-8", "surrogateescape")
        value = decode_text(octets, None)[0]
    return clean(value)


def clean(value: str) -> str:
    """Drop control characters, direction overrides and outer white space; a tab becomes a space."""
    if value.isprintable():
        return value.strip()
    return _CONTROL.sub("", value.replace("\t", " ")).strip()


def decode_words(value: str) -> str:
    """Decode encoded words (RFC 2047), in linear time; broken ones stay as they are.

    Neighbours in one charset are joined before they are decoded: many programs split characters between words.
    """
    pieces: list[str] = []
    held = b""
    charset = ""
    done = 0
    for start, end, name, octets in _encoded_words(value):
        between = value[done:start]
        near = bool(charset) and not between.strip()
        if not (near and name == charset):
            pieces.append(decode_text(held, charset)[0] if held else "")
            held, charset = b"", name
        if not near:
            pieces.append(between)
        held += octets
        done = end
    pieces.append(decode_text(held, charset)[0] if held else "")
    pieces.append(value[done:])
    return "".join(pieces)


def _encoded_words(value: str) -> Iterator[tuple[int, int, str, bytes]]:
    """Yield start, end, charset and octets of each encoded word."""
    place = 0
    while match := _WORD_START.search(value, place):
        close = value.find("?=", match.end())
        if close < 0:
            if len(value) < MAX_FIELD - 1:
                return
            close = len(value)  # the field was cut within a word
        place = min(close + 2, len(value))
        undo = _base64 if match[2] in "bB" else _q
        # RFC 2231, section 5: a language may follow the charset.
        yield match.start(), place, match[1].partition("*")[0].lower(), undo(value[match.end() : close])


def _q(text: str) -> bytes:
    octets = text.replace("_", " ").encode("utf-8", "surrogateescape")
    if b"=" not in octets:
        return octets
    return _QUOTED_OCTET.sub(lambda found: bytes.fromhex(found[1].decode()), octets)


def _base64(text: str) -> bytes:
    return lenient_base64(text.encode("ascii", "ignore"))


def lenient_base64(octets: bytes) -> bytes:
    """Decode base64 (RFC 2045, section 6.8) as far as it goes: foreign characters and a broken end are left out."""
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        pass
    letters = octets.translate(None, _NOT_BASE64)
    return base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")
