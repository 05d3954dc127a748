"""Split an mbox stream (RFC 4155 and its relatives) into messages, in constant memory but for one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Protocol

# Octets read at once; so many octets behind a possible From_ line are looked at before it is judged.
_CHUNK = 256 * 1024
_FROM_LINE = 1_000
_AHEAD = _FROM_LINE + 110
# Of a message over the limit so many octets are kept: its header.
_HEADER = 64 * 1024
_DAYS = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# From_ lines end in a date as asctime writes it, or nearly; a sentence that starts with "From" does not.
_DATE = re.compile(
    _DAYS + rb",? +(?:" + _MONTHS + rb" +\d{1,2}|\d{1,2} +" + _MONTHS + rb")\b[^\r\n]{0,60}?\d{1,2}:\d\d"
)
_HEADER_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:|>?From ")
# Pipermail and HyperKitty hide the @ of From_ lines, and write few fields, From first.
_OBSCURED = re.compile(rb"From [^\s@]{1,200} at [^\s@]{1,200} +" + _DAYS)
_ARCHIVE_FIELD = re.compile(
    rb"(?:From|Content-Type|Date|Subject|Message-ID|In-Reply-To|References|MIME-Version):", re.IGNORECASE
)
_QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_OFFSET = re.compile(r"[+-]\d{4}")
_EMPTY_LINE = re.compile(rb"(?:\A|\n)\r?\n\Z")
# What some editors put on top of a file in UTF-8.
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message of an mbox.

    Parameters
    ----------
    offset
        Where its From_ line starts, in octets of the unpacked stream.
    octets
        The message without its From_ line; no more than the header of one that is too large.
    size
        How large it is, in octets, also if it was not kept.
    received_at
        The date of the From_ line in UTC, or None.
    headless
        It stands before the first From_ line.
    last
        Nothing follows it.
    """

    offset: int
    octets: bytes = field(repr=False)
    size: int
    received_at: datetime | None
    headless: bool = False
    last: bool = False


class Octets(Protocol):
    """What can be read in pieces."""

    def read1(self, size: int, /) -> bytes:
        """Return what is there, at most `size` octets; empty at the end."""


def parts(stream: Octets, largest: int, offset: int = 0) -> Iterator[Part]:
    """Yield the messages of `stream`; of those over `largest` octets only size and header are kept.

    A line starts a message if it begins with "From ", bears a date, and a header field follows it;
    in a file whose first From_ line bears no date, an empty line before it stands for the date; in a file whose
    first From_ line hides its address as archives on the web do (``user at example.org``), one of the few fields that
    they keep has to follow. Quoted From_ lines (``>From``) lose one mark.

    Parameters
    ----------
    stream
        Unpacked, at the start of a From_ line or of the file.
    largest
        Most octets of a message.
    offset
        Where in the file `stream` stands.
    """
    message: _Collector | None = None
    for begins, place, octets in _pieces(stream, offset):
        if not begins:
            if message is None and octets.strip(b"\r\n"):
                message = _Collector(place, None, largest)
            if message is not None:
                message.add(octets)
            continue
        if message is not None:
            yield message.part()
        message = _Collector(place, octets, largest)
    if message is not None:
        yield message.part(last=True)


def begins(head: bytes) -> bool:
    """Tell whether `head`, the first octets of a file, starts with a From_ line that bears a date."""
    line = head.removeprefix(MARK).lstrip(b"\r\n").partition(b"\n")[0]
    return line.startswith(b"From ") and _DATE.search(line) is not None


def is_separated(head: bytes) -> bool:
    """Tell whether a From_ line with a date stands in `head`, the first octets of a file, other than on top."""
    for found in re.finditer(rb"\nFrom [^\n]{1,998}\n", head):
        line = found.group()
        if _DATE.search(line) and _HEADER_FIELD.match(head, found.end()):
            return True
    return False


class _Collector:
    """The message being read."""

    def __init__(self, offset: int, from_line: bytes | None, largest: int) -> None:
        self._offset = offset
        self._headless = from_line is None
        self._received_at = from_line_date(from_line) if from_line else None
        self._largest = largest
        self._kept: list[bytes] = []
        self._size = 0

    def add(self, octets: bytes) -> None:
        """Take the next piece."""
        # Marks of quoted From_ lines still count here.
        before = self._size <= self._largest + _HEADER
        self._size += len(octets)
        if self._size <= self._largest + _HEADER:
            self._kept.append(octets)
        elif before:
            head = b"".join([*self._kept, octets])
            self._kept = [head[:_HEADER]]

    def part(self, *, last: bool = False) -> Part:
        """Return what was read."""
        octets = b"".join(self._kept)
        whole = len(octets) == self._size
        if whole:
            octets = _unquoted(octets)
        size = len(octets) if whole else self._size
        if size > self._largest:
            octets = octets[: min(_HEADER, self._largest)]
        return Part(
            offset=self._offset,
            octets=octets,
            size=size,
            received_at=self._received_at,
            headless=self._headless,
            last=last,
        )


def _unquoted(octets: bytes) -> bytes:
    """Return a message as it was: the empty line before the next From_ line belongs to the mbox."""
    for blank in (b"\r\n", b"\n"):
        if octets == blank or octets.endswith(b"\n" + blank):
            octets = octets[: -len(blank)]
            break
    return _QUOTED_FROM.sub(b"", octets) if b">From " in octets else octets


class _Style(Enum):
    """By what the messages of a file are told apart; the first From_ line shows it."""

    DATED = auto()
    UNDATED = auto()
    OBSCURED = auto()


class _Separators:
    """Tells From_ lines from sentences that begin with "From"."""

    def __init__(self) -> None:
        self._style: _Style | None = None

    def accepts(self, line: bytes, following: bytes, before: bytes) -> bool:
        """Tell whether `line` starts a message; `before` and `following` are what stands around it."""
        dated = _DATE.search(line) is not None
        if self._style is None:
            if before.strip(b"\r\n") and not (dated and _HEADER_FIELD.match(following)):
                return False  # a sentence in a message that stands before the first From_ line
            obscured = _OBSCURED.match(line) is not None and following.startswith(b"From:")
            self._style = _Style.OBSCURED if obscured else _Style.DATED if dated else _Style.UNDATED
            return True
        if self._style is _Style.OBSCURED:
            return dated and _ARCHIVE_FIELD.match(following) is not None
        fits = dated if self._style is _Style.DATED else _EMPTY_LINE.search(before) is not None
        return fits and _HEADER_FIELD.match(following) is not None


def _pieces(stream: Octets, offset: int) -> Iterator[tuple[bool, int, bytes]]:
    """Yield From_ lines (True) and what stands between them (False) with their places, in pieces."""
    separators = _Separators()
    buffer = b""
    before = b"\n"
    while True:
        chunk = stream.read1(_CHUNK)
        buffer += chunk
        if offset == 0 and buffer.startswith(MARK):
            offset, buffer = len(MARK), buffer[len(MARK) :]
        # What is too near the end to be judged waits for more.
        limit = len(buffer) - _AHEAD if chunk else len(buffer)
        done = 0
        for start, end in _from_lines(buffer, before, limit, separators):
            if start > done:
                yield False, offset + done, buffer[done:start]
            yield True, offset + start, buffer[start:end]
            done = end
        cut = max(done, limit)
        if cut > done:
            yield False, offset + done, buffer[done:cut]
        if not chunk:
            return
        if cut > 0:
            before = (before + buffer[max(0, cut - 4) : cut])[-4:]
            offset += cut
            buffer = buffer[cut:]


def _from_lines(
    buffer: bytes, before: bytes, limit: int, separators: _Separators
) -> Iterator[tuple[int, int]]:
    """Yield start and end of the From_ lines that begin before `limit`; `before` is what preceded the buffer."""
    start = _first(buffer, before)
    while 0 <= start < limit:
        end = buffer.find(b"\n", start, start + _FROM_LINE) + 1
        whole = end > 0 or len(buffer) - start < _FROM_LINE
        end = end or len(buffer)
        around = before + buffer[:start] if start < 4 else buffer[start - 4 : start]
        if whole and separators.accepts(buffer[start:end], buffer[end : end + 110], around):
            yield start, end
        start = buffer.find(b"\nFrom ", end - 1 if whole else start) + 1 or -1


def _first(buffer: bytes, before: bytes) -> int:
    if before.endswith(b"\n") and buffer.startswith(b"From "):
        return 0
    return buffer.find(b"\nFrom ") + 1 or -1


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
