"""Days as people write them: 2026-12-24, 24.12., 24 December, Friday; in the reader's languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from pipeline.feedback.vocabulary import Lexicon, fold

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_POINTS = re.compile(r"(\d{1,2})\. ?(\d{1,2})\.? ?(\d{4}|\d{2})?", re.ASCII)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?", re.ASCII)
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th|er|o|º)? (?:of |de )?([^\W\d]{3,20})\.?,?(?: (?:de |del )?(\d{4}))?"
)
_MONTH_DAY = re.compile(r"([^\W\d]{3,20})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")
_LONGEST = 60
_WEEK = 7


def read_day(text: str, today: date, lexicon: Lexicon) -> date | None:
    """Return the day that `text` names, after `today`; None if it names none, or could mean two.

    Parameters
    ----------
    text
        What was written, such as ``24 December`` or ``next Friday``.
    today
        The day in the writer's time zone. A weekday is the next one after it; a day without a year is the next such.
    lexicon
        In whose languages months and weekdays are known.
    """
    said = fold(text[:_LONGEST]).strip(" .,;!")
    said = _without_small_words(said, lexicon)
    if said in lexicon.day("tomorrow"):
        return today + timedelta(days=1)
    if said in lexicon.day("today"):
        return today
    weekdays, _ = _names(lexicon.locale, lexicon.languages)
    if said in weekdays:
        return today + timedelta(days=(weekdays[said] - today.weekday() - 1) % _WEEK + 1)
    head, _, rest = said.partition(" ")
    if head.rstrip(",.") in weekdays and rest:  # "Thursday, 24 December"
        said = rest
    return _dated(said, today, lexicon)


def _without_small_words(said: str, lexicon: Lexicon) -> str:
    """Drop "until", "next", "the" before a day, and "prochain" behind one."""
    leads = sorted(lexicon.small("until") | lexicon.day("next"), key=len, reverse=True)
    for _ in range(3):
        lead = next((one for one in leads if said.startswith(f"{one} ")), "")
        said = said[len(lead) :].strip()
        if not lead:
            break
    tail = next((one for one in leads if said.endswith(f" {one}")), "")
    return said[: len(said) - len(tail)].strip()


def _dated(said: str, today: date, lexicon: Lexicon) -> date | None:
    if found := _ISO.fullmatch(said):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _POINTS.fullmatch(said):
        return _coming(found[3], int(found[2]), int(found[1]), today)
    if found := _SLASHES.fullmatch(said):
        return _slashed(found, today, lexicon)
    _, months = _names(lexicon.locale, lexicon.languages)
    if (found := _DAY_MONTH.fullmatch(said)) and found[2] in months:
        return _coming(found[3], months[found[2]], int(found[1]), today)
    if (found := _MONTH_DAY.fullmatch(said)) and found[1] in months:
        return _coming(found[3], months[found[1]], int(found[2]), today)
    return None


def _slashed(found: re.Match[str], today: date, lexicon: Lexicon) -> date | None:
    """Read 24/12: day first; in English, where both orders are in use, only where one of them is impossible."""
    first, second = int(found[1]), int(found[2])
    if lexicon.locale.partition("_")[0] != "en" or first > 12 or first == second:
        return _coming(found[3], second, first, today)
    return _coming(found[3], first, second, today) if second > 12 else None


def _coming(year: str | None, month: int, day: int, today: date) -> date | None:
    """Return a day of the `year`, or of the next year in which it is still to come."""
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for ahead in range(5):  # 29 February
        found = _day(today.year + ahead, month, day)
        if found and found >= today:
            return found
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=50)
def _names(locale: str, languages: tuple[str, ...]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return folded names of weekdays (Monday is 0) and of months (January is 1), in `locale` and in `languages`.

    Of other languages than the reader's and English the abbreviations are left out: "mar" is March to some, Tuesday to others.
    """
    from babel import Locale

    weekdays: dict[str, int] = {}
    months: dict[str, int] = {}
    for name in dict.fromkeys((locale, "en", *languages)):
        cldr = Locale.parse(name.replace("-", "_"))
        for width in ("wide", "abbreviated") if name in (locale, "en") else ("wide",):
            for form in ("format", "stand-alone"):
                for number, word in cldr.days[form][width].items():
                    weekdays.setdefault(fold(str(word)).rstrip("."), number)
                for number, word in cldr.months[form][width].items():
                    months.setdefault(fold(str(word)).rstrip("."), number)
    return weekdays, months
