"""Text of RTF files (Rich Text Format Specification 1.9.1), in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.parsing.charset import codec, decode_text
from pipeline.parsing.documents_limits import MAX_EXPANDED

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z\r\n])|([{}])|([^\\{}\r\n]{1,65536})|(\\?[\r\n])"
)
# Groups that hold no text of the document.
_NO_TEXT = frozenset(
    b"fonttbl colortbl stylesheet info pict object listtable listoverridetable rsidtbl generator themedata "
    b"colorschememapping latentstyles datastore xmlnstbl fldinst filetbl revtbl header footer footnote annotation "
    b"bkmkstart bkmkend nonshppict private".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n\n", b"page": "\n\n", b"row": "\n", b"cell": "\t", b"tab": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
_MOST_GROUPS = 1_000


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside a group: whether its text counts, and how many octets follow a Unicode character for others."""

    silent: bool = False
    stand_ins: int = 1


def rtf_text(octets: bytes) -> Iterator[str]:
    """Yield the text of a document, piece by piece; formulas, pictures, fields and notes are left out."""
    return _Reader().read(octets[:MAX_EXPANDED])


class _Reader:
    def __init__(self) -> None:
        self._groups = [_Group()]
        self._codec = "cp1252"
        self._octets = bytearray()
        self._skip = 0

    def read(self, octets: bytes) -> Iterator[str]:
        for token in _TOKEN.finditer(octets):
            word, value, octet, symbol, brace, plain, _ = token.groups()
            if octet or plain:
                self._take(bytes.fromhex(octet.decode()) if octet else plain)
                continue
            yield self._flushed()
            if brace:
                self._brace(brace)
            elif symbol == b"*":
                self._silence()
            elif symbol:
                yield "" if self._groups[-1].silent else _SYMBOLS.get(symbol, "")
            elif word:
                yield self._control(word, int(value) if value else None)
        yield self._flushed()

    def _take(self, octets: bytes) -> None:
        """Keep octets, but for those that stand in for a Unicode character."""
        skipped = min(self._skip, len(octets))
        self._skip -= skipped
        if not self._groups[-1].silent:
            self._octets += octets[skipped:]

    def _flushed(self) -> str:
        text = decode_text(bytes(self._octets), self._codec)[0] if self._octets else ""
        self._octets.clear()
        return text

    def _brace(self, brace: bytes) -> None:
        self._skip = 0
        if brace == b"{" and len(self._groups) < _MOST_GROUPS:
            self._groups.append(self._groups[-1])
        elif brace == b"}" and len(self._groups) > 1:
            self._groups.pop()

    def _silence(self) -> None:
        self._groups[-1] = replace(self._groups[-1], silent=True)

    def _control(self, word: bytes, value: int | None) -> str:
        if word in _NO_TEXT:
            self._silence()
        elif word == b"ansicpg" and value is not None:
            self._codec = codec(f"cp{value}") or self._codec
        elif word == b"uc":
            self._groups[-1] = replace(self._groups[-1], stand_ins=min(max(value or 0, 0), 8))
        elif self._groups[-1].silent:
            return ""
        elif word == b"u" and value is not None:
            self._skip = self._groups[-1].stand_ins
            return chr(
                value & 0xFFFF
            )  # half a character may be alone here: the halves meet when all is joined
        return _SIGNS.get(word, "")
