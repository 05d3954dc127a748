"""Read FETCH responses (RFC 9051, section 7.5.2) as imaplib collects them.

imapclient's own parser looks at every character in Python and takes most of the time of a bulk fetch.
Servers write the items in the order in which they were asked for, so one pattern reads the usual line;
whatever does not look usual goes to imapclient's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from imapclient.response_parser import parse_fetch_response

# What to ask for, in this order.
MESSAGE_ITEMS = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
SIZE_ITEMS = "(UID RFC822.SIZE)"

Record = bytes | tuple[bytes, bytes] | None

_MESSAGE = re.compile(
    rb'\d+ \(UID (\d+) FLAGS \(([^()]*)\) INTERNALDATE "([^"]{0,40})" BODY\[\] \{\d+\}', re.IGNORECASE
)
_SIZE = re.compile(rb"\d+ \(UID (\d+) RFC822\.SIZE (\d+)\)", re.IGNORECASE)
_DATE = re.compile(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server sent it."""

    octets: bytes = field(repr=False)
    received_at: datetime | None
    flags: tuple[str, ...]


def part_items(offset: int, octets: int) -> str:
    """Return what to ask for to get `octets` of a message from `offset` on, and at its start what else is known."""
    about = "" if offset else " FLAGS INTERNALDATE"
    return f"(UID{about} BODY.PEEK[]<{offset}.{octets}>)"


def messages(records: Sequence[Record]) -> dict[int, Fetched]:
    """Return UID to message; responses without a body, such as unasked flag updates, are passed over."""
    found: dict[int, Fetched] = {}
    for position, record in enumerate(records):
        if isinstance(record, tuple):
            match = _MESSAGE.fullmatch(record[0])
            closing = records[position + 1] if position + 1 < len(records) else None
            if match is None or closing != b")":
                return _unusual(records)
            flags = tuple(match[2].decode("ascii", "replace").split())
            received_at = internal_date(match[3].decode("ascii", "replace"))
            found[int(match[1])] = Fetched(octets=record[1], received_at=received_at, flags=flags)
        elif record is not None and b"BODY[" in record.upper():
            return _unusual(records)
    return found


def part(records: Sequence[Record], uid: int, offset: int) -> Fetched | None:
    """Return the octets of message `uid` from `offset` on, or None if there is no answer.

    A server that knows no parts sends the whole message each time; the end of a message is an empty part.
    """
    items = parse_fetch_response(list(records), normalise_times=False).get(uid, {})
    octets = _octets(items.get(b"BODY[]<%d>" % offset))
    whole = _octets(items.get(b"BODY[]"))
    if octets is None and whole is not None:
        octets = whole[offset:]
    return None if octets is None else _fetched(octets, items)


def sizes(records: Sequence[Record]) -> dict[int, int]:
    """Return UID to RFC822.SIZE in octets."""
    found: dict[int, int] = {}
    for record in records:
        if record is None:
            continue
        match = _SIZE.fullmatch(record) if isinstance(record, bytes) else None
        if match is None:
            return _unusual_sizes(records)
        found[int(match[1])] = int(match[2])
    return found


def internal_date(text: str) -> datetime | None:
    """Return an INTERNALDATE in UTC, or None if it is impossible."""
    match = _DATE.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    month = _MONTHS.index(match[2].lower()) + 1
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def sequence_set(uids: Iterable[int]) -> str:
    """Write ascending UIDs as a sequence set (RFC 9051, section 9), runs as ranges."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def _unusual(records: Sequence[Record]) -> dict[int, Fetched]:
    found: dict[int, Fetched] = {}
    for uid, items in parse_fetch_response(list(records), normalise_times=False).items():
        octets = _octets(items.get(b"BODY[]"))
        if octets is not None:
            found[uid] = _fetched(octets, items)
    return found


def _octets(value: Any) -> bytes | None:
    """Return a body; one of digits alone, sent as a quoted string, is taken for a number by the parser."""
    if isinstance(value, int):
        return str(value).encode("ascii")
    return value if isinstance(value, bytes) else None


def _fetched(octets: bytes, items: Any) -> Fetched:
    received_at = _utc(items.get(b"INTERNALDATE"))
    return Fetched(octets=octets, received_at=received_at, flags=_words(items.get(b"FLAGS")))


def _unusual_sizes(records: Sequence[Record]) -> dict[int, int]:
    parsed = parse_fetch_response(list(records), normalise_times=False)
    return {uid: items[b"RFC822.SIZE"] for uid, items in parsed.items() if b"RFC822.SIZE" in items}


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo else None
    except OverflowError:
        return None


def _words(flags: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(f.decode("ascii", "replace") if isinstance(f, bytes) else str(f) for f in flags or ())
