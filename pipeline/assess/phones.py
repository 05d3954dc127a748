"""Telephone numbers with a country code (ITU-T E.164), looked up without a library's start-up cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.assess.caching import read_once
from pipeline.assess.places import table

# A plus or 00, then digits with single marks between; the counts are bounded, so that no text can stall it.
_NUMBER = re.compile(r"(?<![\w+])(?:\+|00)\s?([1-9](?:[ ()./\u2010-\u2013\u00a0-]{0,3}[\dxX]){6,15})(?!\w)")
# (915) 555-0139 and 915-555-0139 are the written form of North America alone.
_AMERICAN = re.compile(r"(?<![\w+])(?:\(\d{3}\) ?|\d{3}[-.])[\dx]{3}[-.]\d{2}[\dx]{2}(?!\w)")
# In whatever `_AMERICAN` finds, and told sooner.
_AREA = re.compile(r"\d{3}[-.)]")
_MOST = 5


def numbers(text: str, rules: Path | None = None) -> Iterator[tuple[str, str]]:
    """Yield (number as written, country) for international numbers in `text`, at most five."""
    codes = _codes(rules)
    for found, match in enumerate(_NUMBER.finditer(text) if "+" in text or "00" in text else ()):
        if found == _MOST:
            return
        country = _country("".join(filter(str.isdigit, match[1])), codes)
        if country:
            yield match[0], country


def american(text: str, rules: Path | None = None) -> tuple[str, str] | None:
    """Return (number, country of its area code) of the first number written as in North America, or None."""
    match = _AMERICAN.search(text) if _AREA.search(text) else None
    if not match:
        return None
    area = "".join(filter(str.isdigit, match[0]))[:3]
    return match[0], _codes(rules).get(f"1{area}", "US")


def _country(digits: str, codes: Mapping[str, str]) -> str | None:
    """Return the country of the longest code that begins `digits`."""
    return next((codes[digits[:size]] for size in (4, 3, 2, 1) if digits[:size] in codes), None)


@read_once
def _codes(rules: Path | None) -> Mapping[str, str]:
    return dict(line.split("\t", 1) for line in table("calling-codes.tsv", rules))
