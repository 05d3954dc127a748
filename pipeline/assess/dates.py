"""Days named in a text, in many languages and ways to write them; the year is the next in which the day comes."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from pipeline.assess.folding import fold
from pipeline.assess.places import table

_LONGEST = 8000
_MOST = 40
# How far ahead a day may lie to be meant; what is named without a year lies within a year anyway.
_AHEAD = timedelta(days=900)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDay:
    """A day in a text.

    Parameters
    ----------
    day
        The day.
    start, end
        Where it stands.
    words
        As it stands there.
    form
        ``full`` (with a year), ``day`` (day and month), ``end`` (end of a month), ``bare`` (day alone), ``weekday``, ``within``
        (a number of days).
    """

    day: date
    start: int
    end: int
    words: str
    form: str


_WORD = r"[^\s\d.,;:!?()\[\]\"\u201c\u201d\u201e'\u2019/\u2013\u2014\u0964\u17d4-]{3,20}"
_YEAR = r"(?:[,.]?\s{0,2}(?:de |del |of |r\. )?(20\d\d))?"
_ISO = re.compile(r"(?<!\d)(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_EAST = re.compile(
    r"(?:(20\d\d)\s?[年년]\s?)?([\d一二三四五六七八九十]{1,3})\s?[月월]\s?([\d一二三四五六七八九十廿]{1,4})\s?[日号號일]?"
)
_EAST_END = re.compile(r"(?:(20\d\d)\s?[年년]\s?)?([\d一二三四五六七八九十]{1,3})\s?[月월]\s?(?:末|底|말)")
_DOTTED = re.compile(r"(?<![\d.,/:])(\d{1,2})\. ?(\d{1,2})(?:\. ?(20\d\d|\d\d(?!\d))|\.(?! ?\d| [a-z]))")
_SLASHED = re.compile(r"(?<![\w/.-])(\d{1,2})/(\d{1,2})(?:/(20\d\d|\d\d))?(?![\d/])")
_DAY = r"(?<![\d.,:])(\d{1,2})(?:st|nd|rd|th|er|re|e|º|°|ª|\.|-?го|-?е|-?гo|-?те|-?ти|-?ga|-?ші|-?ге|-?an?)?"
_JOIN = r"(?:,?\s{1,2}|-)(?:ga |of |de |d['’]|di |do |da |of the |ta'? |ng |ya |na |mwezi wa |ika-|a'r |o |am |ne |tháng |เดือน|bulan )?"
_DAY_MONTH = re.compile(rf"{_DAY}{_JOIN}({_WORD})\.?{_YEAR}")
_GLUED = re.compile(rf"(?<!\d)(\d{{1,2}})(?=[^\sa-z])({_WORD})")
_MONTH_DAY = re.compile(
    rf"(?<!\w)({_WORD})\.?\s{{1,2}}(?:the |ka-|dag )?(\d{{1,2}})(?!\d|:\d|[.,]\d{{3}}|\s?%)(?:st|nd|rd|th|-?[aáeéiío]n|[-.])?(?:,? {{1,2}}(20\d\d))?"
)
_END = re.compile(
    r"(?<!\w)(?:end of|the end of|late|fino de|laste|sista|fin|fin de|finales de|finais de|fim de|final de|ende|fine|fine di|eind|einde|slutet av|utgangen av|udgangen af|"
    r"utgangen av|koniec|konca|konce|koncem|kraj|kraja|kraju|krajem|sfarsitul lui|konec|конца|конец|концу|кінця|кінець|края на|крајот на|краја|канца|"
    r"akhir|hujung|cuoi|نهاية|نهايه|اخر|sonu|mwisho wa|dulo ng|τελη|τελοσ)"
    r" (?:of |de |d'|di |thang |bulan |mwezi wa |tou |του )?([^\W\d_]{3,20})(?:,? (20\d\d))?"
)
_END_AFTER = re.compile(
    r"(?<!\w)([^\W\d_]{3,20})(?: (20\d\d))?(?:n lopussa|n loppuun| lopussa| loppuun| lopuks| lopuni| lopp| vegeig| vege| sonuna| sonu|in sonuna| beigas| beigam| pabaigos| के अंत| এর শেষ)"
)
# A day alone: "the 20th", "le 20", "entro il 20", "до 25-го", "Friday 26", "viernes 20".
_BARE = re.compile(
    r"(?<!\w)(?:the|el|le|il|dia|am|zum|den|der|lo|στισ|de|до|к|på|do) (\d{1,2})(?:st|nd|rd|th|er|-?го|-?му)?(?=[.,;!?)](?!\d)|\s*$|\s?\n| (?:and|if|for|so|at|y|et|e|und|para|pour|per|um)\s)",
    re.MULTILINE,
)
_ON_WEEKDAY = re.compile(
    rf"(?<!\w)({_WORD})[ ,]{{1,2}}(?:the |den |le |el |στισ )?(\d{{1,2}})(?:st|nd|rd|th|-?го|-?е|\.)?(?![\w%:/]|[.,:]\d)"
)
_WEEKDAY = re.compile(rf"(?<![\w-])({_WORD})")
_WITHIN = re.compile(
    r"(?<!\w)(?:within|in|dentro de|en|sous|innerhalb von|binnen|entro|dans les|inom|в течение|протягом|w ciagu|dalam|em|no prazo de) "
    r"(?:the next |os proximos |los proximos |i prossimi |prossimi )?(\d{1,2}|[a-z]{3,12}) "
    r"(?:working |business |calendar )?(days?|weeks?|dias|semanas?|jours|semaines?|tagen?|wochen|giorni|settimane|dagen|weken|dagar|veckor|дней|днів|dni|hari|minggu)(?!\w)"
)
_QUANTITIES = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_QUANTITIES |= {"fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30}
_QUANTITIES |= {
    "dos": 2,
    "tres": 3,
    "diez": 10,
    "quince": 15,
    "treinta": 30,
    "deux": 2,
    "trois": 3,
    "huit": 8,
    "dix": 10,
    "quinze": 15,
    "trente": 30,
}
_QUANTITIES |= {
    "zwei": 2,
    "drei": 3,
    "zehn": 10,
    "vierzehn": 14,
    "due": 2,
    "tre": 3,
    "dieci": 10,
    "quindici": 15,
    "twee": 2,
    "duas": 2,
    "dez": 10,
}
_NUMERALS = {char: value for value, char in enumerate("一二三四五六七八九十", 1)} | {"廿": 20}


def named_days(
    text: str, language: str, sent: date, *, american: bool = False, rules: Path | None = None
) -> tuple[NamedDay, ...]:
    """Return the days that `text` names and that come after `sent`, in order, at most 40.

    Parameters
    ----------
    text
        In Unicode's form C; of a longer one the first 8,000 characters.
    language
        ISO 639 code; tells names of months apart that mean different months in different languages.
    sent
        When the text was written.
    american
        Whether 8/15 is written month first; where only one reading is a day, that one is taken.
    rules
        Folder of the rules; by default the packaged one.
    """
    text = text[:_LONGEST]
    reader = _Reader(
        text=text, folded=_kept(text), language=language, sent=sent, american=american, rules=rules
    )
    found: list[NamedDay] = []
    for find in _FINDERS:
        for named in find(reader):
            if sent <= named.day <= sent + _AHEAD and not any(_overlap(named, other) for other in found):
                found.append(named)
    return tuple(sorted(found, key=lambda named: named.start)[:_MOST])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    text: str
    folded: str
    language: str
    sent: date
    american: bool
    rules: Path | None

    def month(self, word: str) -> int | None:
        return _month(word, self.language, self.rules)

    def day(self, match: re.Match[str], day: int, month: int | None, year: str | None) -> Iterator[NamedDay]:
        if month is None:
            return
        when = _next(self.sent, day, month, year)
        if when:
            yield self.named(match, when, "full" if year else "day")

    def named(self, match: re.Match[str], when: date, form: str) -> NamedDay:
        start, end = match.span()
        return NamedDay(day=when, start=start, end=end, words=self.text[start:end].strip(), form=form)


def _kept(text: str) -> str:
    """Fold the letters of `text` and keep its marks."""
    return "".join(
        char if not folded.strip() else folded for char, folded in zip(text, fold(text), strict=True)
    )


def _overlap(one: NamedDay, other: NamedDay) -> bool:
    return one.start < other.end and other.start < one.end


def _iso(reader: _Reader) -> Iterator[NamedDay]:
    for match in _ISO.finditer(reader.text):
        yield from reader.day(match, int(match[3]), int(match[2]), match[1])


def _east(reader: _Reader) -> Iterator[NamedDay]:
    for match in _EAST.finditer(reader.text):
        yield from reader.day(match, _numeral(match[3]), _numeral(match[2]), match[1])
    for match in _EAST_END.finditer(reader.text):
        yield from _end_of(reader, match, _numeral(match[2]), match[1])


def _worded(reader: _Reader) -> Iterator[NamedDay]:
    for match in _DAY_MONTH.finditer(reader.folded):
        yield from reader.day(match, int(match[1]), reader.month(match[2]), match[3])
    for match in _MONTH_DAY.finditer(reader.folded):
        yield from reader.day(match, int(match[2]), reader.month(match[1]), match[3])
    for match in _GLUED.finditer(reader.folded):
        yield from reader.day(match, int(match[1]), reader.month(match[2]), None)


def _ends(reader: _Reader) -> Iterator[NamedDay]:
    for pattern in (_END, _END_AFTER):
        for match in pattern.finditer(reader.folded):
            yield from _end_of(reader, match, reader.month(match[1]), match[2])


def _end_of(reader: _Reader, match: re.Match[str], month: int | None, year: str | None) -> Iterator[NamedDay]:
    if month is None or not 1 <= month <= 12:
        return
    base = int(year) if year else reader.sent.year + (month < reader.sent.month)
    yield reader.named(match, date(base, month, calendar.monthrange(base, month)[1]), "end")


def _numbered(reader: _Reader) -> Iterator[NamedDay]:
    for match in _DOTTED.finditer(reader.text):
        yield from reader.day(match, int(match[1]), int(match[2]), _century(match[3]))
    for match in _SLASHED.finditer(reader.text):
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if (reader.american and first <= 12) or second > 12 else (first, second)
        yield from reader.day(match, day, month, _century(match[3]))


def _bare(reader: _Reader) -> Iterator[NamedDay]:
    for match in _ON_WEEKDAY.finditer(reader.folded):
        if _weekday(match[1], reader.language, reader.rules) is not None:
            yield from _alone(reader, match, int(match[2]))
    for match in _BARE.finditer(reader.folded):
        yield from _alone(reader, match, int(match[1]))


def _alone(reader: _Reader, match: re.Match[str], day: int) -> Iterator[NamedDay]:
    found = day_of_month(reader.sent, day)
    if found:
        yield reader.named(match, found, "bare")


def _weekdays(reader: _Reader) -> Iterator[NamedDay]:
    for match in _WEEKDAY.finditer(reader.folded):
        number = _weekday(match[1], reader.language, reader.rules)
        if number is not None:
            ahead = (number - reader.sent.weekday() - 1) % 7 + 1
            yield reader.named(match, reader.sent + timedelta(days=ahead), "weekday")


def _spans(reader: _Reader) -> Iterator[NamedDay]:
    for match in _WITHIN.finditer(reader.folded):
        number = int(match[1]) if match[1].isdecimal() else _QUANTITIES.get(match[1])
        if number:
            days = number * (7 if match[2][:3] in _WEEKS else 1)
            yield reader.named(match, reader.sent + timedelta(days=days), "within")


_WEEKS = ("wee", "sem", "woc", "set", "wek", "vec", "min")
_FINDERS: tuple[Callable[[_Reader], Iterator[NamedDay]], ...] = (
    _iso,
    _east,
    _worded,
    _ends,
    _numbered,
    _bare,
    _spans,
    _weekdays,
)


def day_of_month(sent: date, day: int) -> date | None:
    """Return the next `day` of a month after `sent`, as "by the 20th" means it; None if that month has no such day."""
    month, year = (
        (sent.month, sent.year) if day > sent.day else (sent.month % 12 + 1, sent.year + sent.month // 12)
    )
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _century(year: str | None) -> str | None:
    return f"20{year}" if year and len(year) == 2 else year


def _numeral(text: str) -> int:
    """Return the number that digits or Chinese numerals up to 31 spell; 0 if they spell none."""
    if text.isdecimal():
        return int(text)
    total = 0
    for char in text:
        value = _NUMERALS.get(char, 0)
        if value == 10:
            total = max(1, total) * 10
        else:
            total += value
    return total


def _next(sent: date, day: int, month: int, year: str | None) -> date | None:
    """Return that day in `year`, or the next one from `sent` on; None if there is no such day."""
    for candidate in (int(year),) if year else (sent.year, sent.year + 1):
        try:
            when = date(candidate, month, day)
        except ValueError:
            continue
        if year or when >= sent:
            return when
    return None


def _month(word: str, language: str, rules: Path | None) -> int | None:
    """Return the number of the month that `word` names or, in languages with endings, begins with."""
    names = _named("months.tsv", rules)
    for size in range(len(word), max(2, len(word) - 5), -1):
        languages = names.get(word[:size])
        if not languages or (size < len(word) and size < 4):
            continue
        if language in languages:
            return languages[language]
        if size == len(word) or size >= 5:
            return languages.get("en") or max(languages.values(), key=list(languages.values()).count)
    return None


def _weekday(word: str, language: str, rules: Path | None) -> int | None:
    """Return the number of the day of the week that `word` is, Monday 0; endings are left aside."""
    names = _named("weekdays.tsv", rules)
    for size in range(len(word), max(4, len(word) - 4), -1):
        languages = names.get(word[:size])
        if languages and (language in languages or ("en" in languages and size == len(word))):
            return languages.get(language, languages.get("en"))
    return None


@cache
def _named(file: str, rules: Path | None) -> Mapping[str, Mapping[str, int]]:
    """Read a table of (name, language, number); of longer names the stem is known too."""
    names: dict[str, dict[str, int]] = defaultdict(dict)
    rows = [line.split("\t") for line in table(file, rules)]
    for name, language, number in rows:
        names[name][language] = int(number)
    for name, language, number in rows:
        if len(name) > 4:
            names[name[:-1]].setdefault(language, int(number))
    return names
