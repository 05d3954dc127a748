"""When a message of an archive came: many programs write into its From_ line when they saved it instead."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Date fields are a stranger's word, and clocks and zones are set wrongly; this much later is no arrival any more.
_UNDERWAY = timedelta(days=7)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_HEADER = 64 * 1024
_DATE_FIELD = re.compile(rb"^Date:[ \t]*([^\r\n]{1,100})", re.IGNORECASE | re.MULTILINE)


def arrived(octets: bytes, noted: datetime | None) -> datetime | None:
    """Return when a message came (aware, UTC), None if nothing tells.

    Parameters
    ----------
    octets
        The message.
    noted
        What the archive notes beside it: when it came, or when it was saved or exported. A Date field (RFC 5322,
        section 3.6.1) over a week before it shows the latter, and counts instead.
    """
    written = _written(octets)
    if noted is None or written is None or written < _EARLIEST:
        return noted
    return written if noted - written > _UNDERWAY else noted


def _written(octets: bytes) -> datetime | None:
    header = re.split(rb"\r?\n\r?\n", octets[:_HEADER], maxsplit=1)[0]
    found = _DATE_FIELD.search(header)
    if found is None:
        return None
    try:
        moment = parsedate_to_datetime(found[1].decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
