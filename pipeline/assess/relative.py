"""Days that a text names without a calendar: tomorrow, the end of the month, within ten days, a weekday in any case."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from pipeline.assess.caching import gazetteer_file, read_once
from pipeline.assess.folding import either, fold_terms, is_joined
from pipeline.automata import automaton
from pipeline.declarative import Declared, load

_FRIDAY, _SUNDAY = 4, 6
# Stands for the length of a working day, which the calendar tells.
_WORKING = 0
# How far before a unit of time its number and "within" may stand.
_BEFORE = 40
_EAST = re.compile(
    r"(今週|来週|次週|本周|这周|這週|本週|下周|下週|下个?星期|下個星期|이번\s?주|다음\s?주)?の?\s?"
    r"(?:([月火水木金土日])曜日?|(?:周|週|星期|礼拜|禮拜)?([一二三四五六日天])(?=之?前|以前|内|內|中)|([월화수목금토일])요일)"
)
_EASTERN = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_NEXT = frozenset("来次下다")
_DAYS = ("月火水木金土日", "一二三四五六日", "월화수목금토일")


class Words(Declared):
    """``gazetteer/days.toml``."""

    relative: dict[str, dict[str, str]]
    weekdays: dict[str, str]
    within: dict[str, str]
    numbers: dict[str, str]
    spans: dict[str, str]
    unhurried: dict[str, str] = Field(default_factory=dict)
    takes_place: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A day told without a date: where it stands, and its form as in :class:`pipeline.assess.dates.NamedDay`."""

    day: date
    start: int
    end: int
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    """The words of the file: one automaton for all, and patterns for what stands about a unit of time."""

    terms: Any
    before: re.Pattern[str]
    number: re.Pattern[str]
    after: re.Pattern[str]
    numbers: Mapping[str, int]
    unhurried: re.Pattern[str]
    takes_place: re.Pattern[str]


def unhurried(folded: str, rules: Path | None = None) -> bool:
    """Tell whether a `folded` text says that nobody waits for an answer."""
    return bool(_lexicon(rules).unhurried.search(f" {' '.join(folded.split())} "))


def takes_place(before: str, rules: Path | None = None) -> bool:
    """Tell whether the folded words `before` a day say that something opens, begins or is held on it."""
    return bool(_lexicon(rules).takes_place.search(before))


def relative_days(folded: str, text: str, sent: date, rules: Path | None = None) -> Iterator[Relative]:
    """Yield the days that a text tells by how far they are from `sent`.

    Parameters
    ----------
    folded
        The text folded, marks as spaces; places in it are places in `text`.
    text
        In Unicode's form C.
    sent
        When it was written.
    rules
        Folder of the rules; by default the packaged one.
    """
    words = _lexicon(rules)
    padded = f" {folded} "
    for start, end, kind, value in _longest(words.terms.iter(padded)):
        if kind == "unit":
            yield from _spanned(padded, start, end, value, sent, words)
        else:
            form = {"weekday": "weekday", "span": "within"}.get(kind, "end")
            yield Relative(day=_MEANT[kind](sent, value), start=start - 1, end=end - 1, form=form)
    yield from _eastern(text, sent)


def eastern(text: str) -> bool:
    """Tell whether `text` has Chinese characters, kana or hangul."""
    return not text.isascii() and _EASTERN.search(text) is not None


def _longest(hits: Iterable[tuple[int, tuple[int, int, str, int]]]) -> list[tuple[int, int, str, int]]:
    """Return the hits that no longer one covers, as start, end, kind and value; spaces about them left out."""
    found: list[tuple[int, int, str, int]] = []
    for last, (size, spaced, kind, value) in hits:
        start, end = last + 1 - size + spaced, last + 1 - spaced
        while found and start <= found[-1][0] and found[-1][2] != "unit":
            found.pop()
        if not (found and end <= found[-1][1] and found[-1][2] != "unit"):
            found.append((start, end, kind, value))
    return found


def _spanned(padded: str, start: int, end: int, days: int, sent: date, words: _Lexicon) -> Iterator[Relative]:
    """Yield "within ten days" and "ten days within" about the unit of so many `days` at `start`."""
    ahead = padded[max(0, start - _BEFORE) : start]
    match = words.before.search(ahead)
    behind = None
    if match is None:
        match = words.number.search(ahead)
        behind = words.after.match(padded, end) if match else None
    if match is None or (behind is None and match.re is words.number):
        return
    count = int(match[1]) if match[1].isdecimal() else words.numbers.get(match[1], 0)
    # "One day" is seldom a span.
    if count > 1 or (count == 1 and days != 1):
        first = start - len(ahead) + match.start()
        last = behind.end() if behind else end
        ahead_of = (
            _after_working_days(sent, count) if days == _WORKING else sent + timedelta(days=count * days)
        )
        yield Relative(day=ahead_of, start=first - 1, end=last - 1, form="within")


def _after_working_days(sent: date, count: int) -> date:
    """Return the `count`-th day from Monday to Friday after `sent`."""
    day = sent
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= _FRIDAY
    return day


def _eastern(text: str, sent: date) -> Iterator[Relative]:
    """Yield weekdays of East Asian languages; with "next week" those of the next calendar week."""
    for match in _EAST.finditer(text) if eastern(text) else ():
        number = next(days.index(char) for days, char in zip(_DAYS, _day(match), strict=True) if char)
        day = next_weekday(sent, number)
        if match[1] and match[1][0] in _NEXT:
            day = sent + timedelta(days=number - sent.weekday() + 7)
        yield Relative(day=day, start=match.start(), end=match.end(), form="weekday")


def _day(match: re.Match[str]) -> tuple[str, str, str]:
    return match[2] or "", (match[3] or "").replace("天", "日"), match[4] or ""


def next_weekday(sent: date, number: int) -> date:
    """Return the next day of the week with that `number` (Monday 0) after the day `sent`."""
    return sent + timedelta(days=(number - sent.weekday() - 1) % 7 + 1)


def _week_end(sent: date, weeks: int = 0) -> date:
    last = _FRIDAY if weeks or sent.weekday() <= _FRIDAY else _SUNDAY
    return sent + timedelta(days=last - sent.weekday() + 7 * weeks)


def _month_end(sent: date, months: int = 0) -> date:
    year, month = divmod(sent.year * 12 + sent.month - 1 + months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


# Kind of term to the day that it means, given when it was written and the term's own number.
_MEANT: Mapping[str, Callable[[date, int], date]] = {
    "tomorrow": lambda sent, _: sent + timedelta(days=1),
    "week_end": lambda sent, _: _week_end(sent),
    "next_week_end": lambda sent, _: _week_end(sent, 1),
    "month_end": lambda sent, _: _month_end(sent),
    "next_month_end": lambda sent, _: _month_end(sent, 1),
    "year_end": lambda sent, _: date(sent.year, 12, 31),
    "weekday": next_weekday,
    "span": lambda sent, days: sent + timedelta(days=days),
}


@read_once
def _lexicon(rules: Path | None) -> _Lexicon:
    words = load(gazetteer_file("days.toml", rules), Words)
    numbers = {term: int(number) for number, line in words.numbers.items() for term in fold_terms(line)}
    number = rf"(?<![^\W\d])(\d{{1,2}}|{either(numbers)})\s?$"
    return _Lexicon(
        terms=_terms(words),
        before=re.compile(rf"(?<![^\W\d])(?:{either(fold_terms(words.within['before']))})\s?{number}"),
        number=re.compile(number),
        after=re.compile(rf"\s?(?:{either(fold_terms(words.within['after']))})(?![a-z])"),
        numbers=numbers,
        unhurried=_phrases(words.unhurried, ""),
        takes_place=_phrases(words.takes_place, r"(?:[^ ]{1,10} ){0,3}$"),
    )


def _phrases(listed: Mapping[str, str], behind: str) -> re.Pattern[str]:
    """Compile phrases of all languages: whole words with `behind` after them, of joined scripts anywhere; none match nothing."""
    terms = [term for line in listed.values() for term in fold_terms(line)]
    spaced = [term for term in terms if not is_joined(term)]
    joined = [term for term in terms if is_joined(term)]
    parts = [rf" (?:{either(spaced)}) {behind}"] * bool(spaced) + [either(joined)] * bool(joined)
    return re.compile("|".join(parts) or r"(?!)")


def _terms(words: Words) -> Any:
    sought: dict[str, tuple[int, int, str, int]] = {}
    for term, kind, value in _all_terms(words):
        key = term if is_joined(term) else f" {term} "
        sought[key] = (len(key), int(not is_joined(term)), kind, value)
    return automaton(sought)


def _all_terms(words: Words) -> Iterator[tuple[str, str, int]]:
    """Yield every term with its kind and number; of equal ones the last holds."""
    for name, days in (("days", 1), ("working_days", _WORKING), ("weeks", 7)):
        for term in fold_terms(words.within.get(name, "")):
            yield term, "unit", days
    for line in words.weekdays.values():
        for number, term in enumerate(fold_terms(line)):
            yield term, "weekday", number
    for kind, listed in words.relative.items():
        for line in listed.values():
            for term in fold_terms(line):
                yield term, kind, 0
    for days_ahead, line in words.spans.items():
        for term in fold_terms(line):
            yield term, "span", int(days_ahead)
