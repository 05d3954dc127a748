"""Dates as mail clients write them in header blocks, in many languages."""

from __future__ import annotations

import email.utils
import functools
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from pipeline.parsing.headers import SANE_YEARS

_ISO = re.compile(r"(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{4}|\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20|25)\d{2})(?!\d)")
_DAY = re.compile(r"(?<![\d:+.-])(\d{1,2})(?![\d:])")
_CLOCK = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])\s?[:hH時时點点시]\s?([0-5]\d)(?!\d)(?::[0-5]\d)?\s?(am|pm|a\.?\s?m|p\.?\s?m)?",
    re.IGNORECASE,
)
_DOTTED_CLOCK = re.compile(r"(?<![\d.])([01]?\d|2[0-3])\.([0-5]\d)(?![\d.])\s?(am|pm)?", re.IGNORECASE)
_HALF_BEFORE = re.compile(r"(下午|晚上|오후|午後)|(上午|早上|오전|午前)")
_OFFSET = re.compile(r"(?:GMT|UTC)?\s?([+-])(\d{1,2}):?(\d{2})?\s{0,3}(?:\(.{0,30}\))?$")
_WORD = re.compile(r"[^\W\d_]{3,}")
# In the order in which they are asked: the first that knows one of the words as a month decides.
_LOCALES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "nb", "nn", "is", "fi", "et", "lv", "lt", "pl",
    "cs", "sk", "hu", "ro", "sl", "hr", "sr", "bs", "mk", "bg", "ru", "uk", "be", "el", "sq", "tr", "az",
    "kk", "uz", "ca", "gl", "eu", "cy", "ga", "mt", "eo", "he", "ar", "fa", "ur", "hi", "mr", "ne", "bn",
    "gu", "pa", "ta", "te", "kn", "ml", "si", "th", "lo", "km", "my", "vi", "id", "ms", "fil", "sw", "ha",
    "zu", "af", "ka", "hy", "mn", "am", "lb", "rm",
)  # fmt: skip
_THAI_YEARS = 543


def written_date(text: str) -> datetime | None:
    """Read a date from a header block.

    Parameters
    ----------
    text
        Such as ``Tue, 19 Mar 2024 16:10:54 +0100`` or ``lunes, 15 de diciembre de 2025 9:02``. Between two numbers the
        first is the day, unless it cannot be or the clock has a.m. and p.m.

    Returns
    -------
    datetime or None
        In UTC. Blocks seldom tell the zone: then the clock is taken as UTC. Without a clock, midnight.
        None if no day can be read.
    """
    if not any(character.isdecimal() for character in text[:120]):
        return None
    text = " ".join(_western(text[:120]).split())
    found = _rfc(text) or _worded(text)
    return found if found and found.year in SANE_YEARS else None


def _worded(text: str) -> datetime | None:
    clock = _CLOCK.search(text) or _DOTTED_CLOCK.search(_ISO.sub(" ", _NUMERIC.sub(" ", text)))
    day = _day(text, american=bool(clock and clock[3]))
    if day is None:
        return None
    hour, minute = _hour(text, clock) if clock else (0, 0)
    try:
        return datetime(*day, hour, minute, tzinfo=_zone(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _western(text: str) -> str:
    """Replace the digits of other scripts."""
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)


def _rfc(text: str) -> datetime | None:
    if not re.search(r"[+-]\d{4}", text):
        return None
    try:
        found = email.utils.parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _day(text: str, *, american: bool) -> tuple[int, int, int] | None:
    """Return year, month and day."""
    if iso := _ISO.search(text):
        return int(iso[1]), int(iso[2]), int(iso[3])
    if numeric := _NUMERIC.search(text):
        first, second, year = int(numeric[1]), int(numeric[2]), int(numeric[3])
        if second > 12 or (american and first <= 12 and "/" in numeric[0]):
            first, second = second, first
        return _full_year(year), second, first
    year_found = _YEAR.search(text)
    month = _month(text)
    if not (year_found and month):
        return None
    rest = _DOTTED_CLOCK.sub(" ", _CLOCK.sub(" ", text.replace(year_found[1], " ", 1)))
    day = _DAY.search(rest)
    year = int(year_found[1])
    return (year - _THAI_YEARS if year > 2400 else year, month, int(day[1])) if day else None


def _full_year(year: int) -> int:
    """Return a year of two digits in full, as RFC 5322, section 4.3, has it: 49 is 2049, 50 is 1950."""
    return year if year >= 100 else year + (1900 if year >= 50 else 2000)


def _month(text: str) -> int | None:
    """Return the number of the month that is named, in any language; languages are loaded only as far as needed."""
    words = [word.casefold() for word in _WORD.findall(text)]
    for code in _LOCALES:
        names = _month_names(code)
        if not names.keys().isdisjoint(words):
            # Before the month may stand a weekday that looks like one: "mar. 4 novembre".
            return [month for word in words if (month := names.get(word) or _begun(word, names))][-1]
    everywhere = {month for word in words for code in _LOCALES if (month := _begun(word, _month_names(code)))}
    return everywhere.pop() if len(everywhere) == 1 else None


def _begun(word: str, names: Mapping[str, int]) -> int | None:
    """Return the month with whose name a word begins, if there is just one."""
    found = {month for name, month in names.items() if word.startswith(name)}
    return found.pop() if len(found) == 1 else None


@functools.cache
def _month_names(code: str) -> Mapping[str, int]:
    """Return month names and abbreviations of a language."""
    from babel import Locale

    names: dict[str, int] = {}
    months = Locale.parse(code).months
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in months[context][width].items():
                for word in _WORD.findall(name.casefold()):
                    names.setdefault(word, number)
    return names


def _hour(text: str, clock: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(clock[1]), int(clock[2])
    half = _HALF_BEFORE.search(text)
    afternoon = (clock[3] or "").lower().startswith("p") or bool(half and half[1])
    morning = (clock[3] or "").lower().startswith("a") or bool(half and half[2])
    if afternoon and hour < 12:
        hour += 12
    if morning and hour == 12:
        hour = 0
    return hour, minute


def _zone(text: str) -> timezone:
    found = _OFFSET.search(text)
    if not found or not re.search(r"GMT|UTC|:\d\d\s?[+-]", text):
        return UTC
    offset = timedelta(hours=int(found[2]) % 24, minutes=int(found[3] or 0) % 60)
    return timezone(offset if found[1] == "+" else -offset)
