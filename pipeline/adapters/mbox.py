"""Split an mbox stream (RFC 4155 and its relatives) into messages, in constant memory but for one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

# A line is read in pieces of this size, so that a file without line ends stays small in memory.
_PIECE = 64 * 1024
_DAYS = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# From_ lines end in a date as asctime writes it, or nearly; a sentence that starts with "From" does not.
_DATE = re.compile(
    _DAYS + rb",? +(?:" + _MONTHS + rb" +\d{1,2}|\d{1,2} +" + _MONTHS + rb")\b[^\r\n]{0,60}?\d{1,2}:\d\d"
)
_HEADER_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:|>?From ")
_QUOTED_FROM = re.compile(rb">+From ")
_OFFSET = re.compile(r"[+-]\d{4}")
_BLANK = (b"\n", b"\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message of an mbox.

    Parameters
    ----------
    offset
        Where its From_ line starts, in octets of the unpacked stream.
    octets
        The message without its From_ line; empty if it is too large.
    size
        How large it is, also if it was not kept.
    received_at
        The date of the From_ line in UTC, or None.
    """

    offset: int
    octets: bytes = field(repr=False)
    size: int
    received_at: datetime | None


class Lines(Protocol):
    """What lines can be read from."""

    def readline(self, size: int, /) -> bytes:
        """Return the next line, or at most `size` octets of it; empty at the end."""


def parts(stream: Lines, largest: int) -> Iterator[Part]:
    """Yield the messages of `stream`; of those over `largest` octets only the size is kept.

    A line starts a message if it begins with "From ", bears a date, and a header field follows it;
    in a file whose first From_ line bears no date, an empty line before it stands for the date.
    Quoted From_ lines (``>From``) lose one mark.
    """
    collector: _Collector | None = None
    dated = True
    after_blank = True
    for line in _lines(stream):
        if line.begins and line.octets.startswith(b"From "):
            has_date = _DATE.search(line.octets) is not None
            if collector is None:
                dated = has_date
            separates = (has_date if dated else after_blank) and _HEADER_FIELD.match(line.following)
            if collector is None or separates:
                if collector is not None:
                    yield collector.part()
                collector = _Collector(line, largest)
                continue
        after_blank = line.octets in _BLANK
        if collector is not None:
            collector.add(line)
    if collector is not None:
        yield collector.part()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line or, if it is very long, a piece of one; `begins` is True for lines and first pieces."""

    offset: int
    octets: bytes
    following: bytes
    begins: bool


class _Collector:
    """The message being read."""

    def __init__(self, from_line: _Line, largest: int) -> None:
        self._offset = from_line.offset
        self._received_at = from_line_date(from_line.octets)
        self._largest = largest
        self._octets = bytearray()
        self._size = 0
        self._last = b""

    def add(self, line: _Line) -> None:
        octets = line.octets
        if line.begins and _QUOTED_FROM.match(octets):
            octets = octets[1:]
        self._size += len(octets)
        self._last = octets
        if self._size <= self._largest + len(b"\r\n"):
            self._octets += octets
        else:
            self._octets.clear()

    def part(self) -> Part:
        # The empty line before the next From_ line belongs to the mbox.
        blank = len(self._last) if self._last in _BLANK else 0
        size = self._size - blank
        octets = bytes(self._octets[:size]) if size <= self._largest else b""
        return Part(offset=self._offset, octets=octets, size=size, received_at=self._received_at)


def from_line_date(line: bytes) -> datetime | None:
    """Return the date of a From_ line; without an offset it is UTC (RFC 4155, appendix A)."""
    match = _DATE.search(line)
    if match is None:
        return None
    words = line[match.start() :].decode("ascii", "replace").replace(",", " ").split()[1:8]
    month = next((word for word in words if word.isalpha()), "")
    day = next((word for word in words if word.isdigit()), "")
    clock = next((word for word in words if ":" in word), "")
    year = next((word for word in words if word.isdigit() and len(word) == 4), "")
    offset = next((word for word in words if _OFFSET.fullmatch(word)), "+0000")
    try:
        return parsedate_to_datetime(f"{day} {month} {year} {clock} {offset}").astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _lines(stream: Lines) -> Iterator[_Line]:
    offset = 0
    octets = stream.readline(_PIECE)
    begins = True
    while octets:
        following = stream.readline(_PIECE)
        yield _Line(offset=offset, octets=octets, following=following, begins=begins)
        begins = octets.endswith(b"\n")
        offset += len(octets)
        octets = following
