"""Tags, places, languages and times in words, by CLDR where it knows them."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en_GB"
_LANGUAGE = re.compile(r"[a-z]{2,3}")

# Values whose words do not follow from their name.
_SPECIAL = {
    "kind=partnership": "Partnership",
    "kind=endorsement": "Endorsement request",
    "kind=business": "Business offer",
    "partner_type=public_interest": "Public-interest group",
    "activities=education_program": "Education programme",
    "alignment=unclear": "Fit unclear",
    "region=latin_america_caribbean": "Latin America and the Caribbean",
    "region=northern_western_europe": "Northern and Western Europe",
    "region=central_eastern_europe_central_asia": "Central and Eastern Europe, Central Asia",
    "region=middle_east_north_africa": "Middle East and North Africa",
    "region=sub_saharan_africa": "Sub-Saharan Africa",
    "region=east_asia_pacific": "East Asia and Pacific",
    "region=north_america": "North America",
    "region=south_asia": "South Asia",
    "region=global": "World-wide",
    "region=unknown": "Place unknown",
    "further=co_funding": "Co-funding",
    "preconditions_met=yes": "Met",
    "preconditions_met=no": "Not met",
    "preconditions_met=unclear": "Unclear",
    "state=waiting": "Waiting for their answer",
    "state=not-ours": "Not ours",
}
# Column heads of a table that has to fit a telephone.
_CODES = {
    "north_america": "NAM",
    "latin_america_caribbean": "LAC",
    "northern_western_europe": "NWE",
    "central_eastern_europe_central_asia": "CEE",
    "middle_east_north_africa": "MNA",
    "sub_saharan_africa": "SSA",
    "south_asia": "SAS",
    "east_asia_pacific": "EAP",
    "global": "WWD",
    "unknown": "n/a",
}


def tag(field: str, value: str) -> str:
    """Return the tag ``field=value`` in words: ``partner_type``, ``public_media`` give ``Public media``."""
    if field == "country":
        return country(value)
    if field == "shared_objectives":
        return f"{value} of 3"
    special = _SPECIAL.get(f"{field}={value}")
    return special or sentence_case(value.replace("_", " ").replace("-", " "))


def field_name(name: str) -> str:
    """Return the name of a field in words."""
    return sentence_case(name.replace("_", " "))


def sentence_case(text: str) -> str:
    """Return `text` with a capital in front and the rest as it is."""
    return text[:1].upper() + text[1:]


def region_code(region: str) -> str:
    """Return the few letters that stand for `region` at the head of a narrow column."""
    return _CODES.get(region, region[:4].upper())


def country(code: str, locale: str = ENGLISH) -> str:
    """Return the name of the country with the ISO 3166-1 `code`, or the code if CLDR does not know it."""
    return str(_locale(locale).territories.get(code.upper(), code))


def language(code: str, locale: str = ENGLISH) -> str:
    """Return the name of the language with the ISO 639 `code`; ``und`` and the unknown give an empty text."""
    if code == "und" or not _LANGUAGE.fullmatch(code):
        return ""
    return sentence_case(str(_locale(locale).languages.get(code, code)))


def language_tag(code: str) -> str:
    """Return `code` if it can stand in markup as a language tag (RFC 5646), else an empty text."""
    return code if code != "und" and _LANGUAGE.fullmatch(code) else ""


def day(moment: datetime | date, timezone: str, pattern: str = "EEE d MMM", locale: str = ENGLISH) -> str:
    """Return the day of `moment` in `timezone`, written by a CLDR date `pattern`."""
    from babel.dates import format_date

    return format_date(local_day(moment, timezone), pattern, locale=_locale(locale))


def local_day(moment: datetime | date, timezone: str) -> date:
    """Return the calendar day of `moment` in `timezone`; a plain date is its own."""
    return moment.astimezone(ZoneInfo(timezone)).date() if isinstance(moment, datetime) else moment


def count(number: int, one: str, many: str | None = None) -> str:
    """Return `number` with its noun: ``1 day``, ``2 days``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listing(parts: tuple[str, ...] | list[str]) -> str:
    """Return `parts` as English lists them: ``a, b and c``."""
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


@cache
def _locale(name: str) -> Locale:
    from babel import Locale

    return Locale.parse(name)
