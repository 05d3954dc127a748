"""Header fields to values: identifiers and dates here; text, addresses and subjects by their own modules."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone

from pipeline.parsing.addresses import MAX_ADDRESSES, addresses
from pipeline.parsing.subjects import base_subject, forwarded, ticket_number
from pipeline.parsing.words import MAX_FIELD, decode_field, unfold
from pipeline.records.messages import ParsedMessage

__all__ = [
    "MAX_ADDRESSES",
    "MAX_FIELD",
    "MAX_IDENTIFIERS",
    "SANE_YEARS",
    "addresses",
    "base_subject",
    "date_utc",
    "decode_field",
    "forwarded",
    "identifiers",
    "list_id",
    "stated_date",
    "ticket_number",
    "utc_offset_minutes",
]

MAX_IDENTIFIERS = 200
"""Message identifiers of one field that are kept."""

SANE_YEARS = range(1970, 2200)
"""Years that a date may lie in; others are forged, or broken."""

_IDENTIFIER = re.compile(r"<([^<>\s]{1,998})>")
_IN_ANGLES = re.compile(r"<\s?([^<>\s]{1,255})\s?>")
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})? ?(Z|[+-]\d{2}:?\d{2})?")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_EXACT = re.compile(
    rf"(?:[A-Z][a-z]{{2}}, )?(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):([0-5]\d) ([+-])([01]\d)([0-5]\d)(?: \([A-Z]{{1,5}}\))?",
    re.ASCII,
)
_YEAR_NAUGHT = re.compile(r"(?<![+\-\d:])00\d\d\b(?!:)")
_STATED_ZONE = re.compile(r"[+-]\d{2}:?\d{2}(?!\d)|\b(?:GMT|UTC?|Z|[ECMP][SD]T)\b")
_DAY = 24 * 3600


def identifiers(raw: str) -> tuple[str, ...]:
    """Return the message identifiers of References, In-Reply-To or Message-ID (RFC 5322, section 3.6.4).

    Returns
    -------
    tuple of str
        Without angle brackets, in order, each once; of more than `MAX_IDENTIFIERS` the first and the last ones.
    """
    if not raw:
        return ()
    value = unfold(raw[:MAX_FIELD])
    found = _IDENTIFIER.findall(value)
    if not found:
        found = [word.strip("<>,;()\"'") for word in value.split() if "@" in word and len(word) < 1000]
    each = tuple(dict.fromkeys(filter(None, found)))
    return each if len(each) <= MAX_IDENTIFIERS else (each[0], *each[1 - MAX_IDENTIFIERS :])


def list_id(raw: str) -> str | None:
    """Return the identifier of a List-Id field (RFC 2919, section 3) in lower case, or None."""
    value = unfold(raw[:MAX_FIELD])
    if inside := _IN_ANGLES.search(value):
        return inside[1].lower()
    bare = value.rpartition(" ")[2].strip("<>\"'")
    return bare.lower()[:255] if bare and "=?" not in bare else None


def stated_date(raw: str) -> datetime | None:
    """Return the date of a Date field with the offset that it states (RFC 5322, sections 3.3 and 4.3).

    Returns
    -------
    datetime or None
        Aware; UTC where the zone is missing or unknown; None if there is no such day, or it is not from 1970 to 2199.
    """
    value = unfold(raw[:200])
    if iso := _ISO_DATE.match(value):
        return _iso(iso[1], iso[2] or "+00:00")
    if _YEAR_NAUGHT.search(value):
        return None
    try:
        parts = email.utils.parsedate_tz(re.sub(r"(:\d\d)([+-]\d{4})", r"\1 \2", value))
        if parts is None or parts[0] not in SANE_YEARS or abs(parts[9] or 0) >= _DAY:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:5], min(parts[5], 59), tzinfo=zone)  # second 60 is a leap second
    except (
        ValueError,
        OverflowError,
        TypeError,
        IndexError,
    ):  # parsedate_tz raises all of them on some garbage
        return None


def exact_date(raw: str) -> datetime | None:
    """Return the date of a field that is written exactly as RFC 5322, section 3.3, has it, in UTC; quick."""
    found = _EXACT.fullmatch(raw.strip())
    if found is None or int(found[3]) not in SANE_YEARS:
        return None
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    zone = timezone(-offset if found[7] == "-" else offset)
    try:
        stated = datetime(
            int(found[3]),
            _MONTHS[found[2]],
            int(found[1]),
            int(found[4]),
            int(found[5]),
            int(found[6]),
            tzinfo=zone,
        )
        return stated.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str, zone: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text + zone.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.year in SANE_YEARS else None


def date_utc(raw: str) -> datetime | None:
    """Return the date of a Date field in UTC, or None if it is missing or impossible."""
    stated = stated_date(raw)
    return stated.astimezone(UTC) if stated else None


def utc_offset_minutes(message: ParsedMessage) -> int | None:
    """Return the offset from UTC that the Date field states, in minutes.

    None if there is no usable date, or no offset in it (``-0000`` states none: RFC 5322, section 3.3).
    """
    value = message.header("Date") or ""
    stated = stated_date(value)
    if stated is None or "-0000" in value or not _STATED_ZONE.search(value):
        return None
    offset = stated.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else None
