"""Codes and tags as people say them, in English; from the Unicode CLDR by way of babel, loaded when first asked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

_REGIONS = {
    "north_america": "North America",
    "latin_america_caribbean": "Latin America and the Caribbean",
    "northern_western_europe": "Northern and Western Europe",
    "central_eastern_europe_central_asia": "Central and Eastern Europe, Central Asia",
    "middle_east_north_africa": "Middle East and North Africa",
    "sub_saharan_africa": "Sub-Saharan Africa",
    "south_asia": "South Asia",
    "east_asia_pacific": "East Asia and the Pacific",
    "global": "world-wide",
    "unknown": "region unknown",
}


@cache
def _names() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return code to name of languages and of territories."""
    from babel import Locale

    english = Locale("en")
    return dict(english.languages), dict(english.territories)


def is_language(code: str) -> bool:
    """Return whether `code` is an ISO 639 code of a language, of two or three letters."""
    return len(code) in (2, 3) and code.isascii() and code.islower() and code in _names()[0]


def language_name(code: str) -> str:
    """Return the English name of the language `code`, or the code itself."""
    return _names()[0].get(code, code)


def language_code(name: str) -> str:
    """Return the code of the language called `name` in English, or written in another case; else nothing."""
    if is_language(name.lower()):
        return name.lower()
    return _code(name, _names()[0])


def country_code(name: str) -> str:
    """Return the code of the country called `name` in English, or nothing."""
    return _code(name, _names()[1])


def _code(name: str, names: Mapping[str, str]) -> str:
    wanted = name.casefold()
    return next((code for code, known in names.items() if known.casefold() == wanted and code.isalpha()), "")


def place_name(country: str | None, region: str | None) -> str:
    """Return the country's name if it is known, else the region's."""
    if country:
        return _names()[1].get(country, country)
    wanted = region or "unknown"
    return _REGIONS.get(wanted, wanted.replace("_", " "))


def words_of(text: str) -> str:
    """Return `text` as plain words, folded and a space apart, so that words can be found in it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(
        "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in folded).split()
    )


def tag_words(value: str) -> str:
    """Return a tag's value, such as ``public_interest``, as words."""
    return value.replace("_", " ")
