"""Header fields to values: identifiers and dates; `words` reads text, `addresses` addresses, `subjects` subjects."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone

from pipeline.parsing.words import MAX_FIELD, unfold

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


def _stated_date(raw: str) -> datetime | None:
    """Return the date of a Date field with the offset that it states; UTC where that is missing or unknown."""
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
    """Return the date of a Date field (RFC 5322, sections 3.3 and 4.3) in UTC, or None if it is missing or impossible.

    A day that there is not is impossible, and one that is not from 1970 to 2199.
    """
    stated = _stated_date(raw)
    return stated.astimezone(UTC) if stated else None
