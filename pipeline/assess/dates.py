"""Days named in a text, in many languages and ways to write them; the year is the next in which the day comes."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipeline.assess.caching import read_once
from pipeline.assess.folding import fold, fold_letters
from pipeline.assess.places import table
from pipeline.assess.relative import eastern, next_weekday, relative_days

_MONTHS, _WEEKDAYS = "months.tsv", "weekdays.tsv"
# Letters by which a word is told that names nothing; names of fewer have no endings.
_BEGINNING = 4
_LONGEST = 8000
_MOST = 40
# How far ahead a day may lie to be meant; what is named without a year lies within a year anyway.
_AHEAD = timedelta(days=900)
_BUDDHIST = 2400


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


# Told sooner than what begins with it: a search for one class of characters alone skips all others.
_LETTERS = re.compile(r"[a-z]+")
_DIGIT, _DIGIT_DOT, _DIGIT_SLASH = re.compile(r"\d"), re.compile(r"\d\. ?\d"), re.compile(r"\d/\d")
_WORD = r"[^\s\d.,;:!?()\[\]\"\u201c\u201d\u201e'\u2019/\u2013\u2014\u0964\u17d4-]{3,20}"
_YEAR = r"(?:[,.]?\s{0,2}(?:de |del |of |r\. )?([12]\d{3}))?"
_ISO = re.compile(r"(?<!\d)([12]\d{3})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_EAST = re.compile(
    r"(?:([12]\d{3})\s?[年년]\s?)?([\d一二三四五六七八九十]{1,3})\s?[月월]\s?([\d一二三四五六七八九十廿]{1,4})\s?[日号號일]?"
)
_EAST_END = re.compile(r"(?:([12]\d{3})\s?[年년]\s?)?([\d一二三四五六七八九十]{1,3})\s?[月월]\s?(?:末|底|말)")
_DOTTED = re.compile(r"(?<![\d.,/:])(\d{1,2})\. ?(\d{1,2})(?:\. ?(\d{4}|\d\d(?!\d))|\.(?! ?\d| [a-z]))")
_SLASHED = re.compile(r"(?<![\w/.-])(?!24/7)(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d\d))?(?![\d/])")
_DAY = r"(?<![\d.,:])(\d{1,2})(?:st|nd|rd|th|er|re|e|º|°|ª|\.|-?го|-?е|-?гo|-?те|-?ти|-?ga|-?ші|-?ге|-?an?)?"
_JOIN = r"(?:,?\s{1,2}|-)(?:ga |of |de |d['’]|di |do |da |of the |ta'? |ng |ya |na |mwezi wa |ika-|a'r |o |am |ne |tháng |เดือน|bulan )?"
_DAY_MONTH = re.compile(rf"{_DAY}{_JOIN}({_WORD})\.?{_YEAR}")
_GLUED = re.compile(rf"(?<!\d)(\d{{1,2}})(?=[^\sa-z])({_WORD})")
_MONTH_DAY = re.compile(
    rf"(?<!\w)({_WORD})\.?\s{{1,2}}(?:the |ka-|dag )?(\d{{1,2}})(?!\d|:\d|[.,]\d{{3}}|\s?%)(?:st|nd|rd|th|-?[aáeéiío]n|[-.])?(?:,? {{1,2}}([12]\d{{3}}))?"
)
_END = re.compile(
    r"(?<!\w)(?:end of|the end of|late|fino de|laste|sista|fin|fin de|finales de|finais de|fim de|final de|ende|fine|fine di|eind|einde|slutet av|utgangen av|udgangen af|"
    r"utgangen av|koniec|konca|konce|koncem|kraj|kraja|kraju|krajem|sfarsitul lui|konec|конца|конец|концу|кінця|кінець|края на|крајот на|краја|канца|"
    r"akhir|hujung|cuoi|نهاية|نهايه|اخر|sonu|mwisho wa|dulo ng|τελη|τελοσ)"
    r" (?:of |de |d'|di |thang |bulan |mwezi wa |tou |του )?([^\W\d_]{3,20})(?:,? ([12]\d{3}))?"
)
_END_AFTER = re.compile(
    r"(?<!\w)([^\W\d_]{3,20})(?: ([12]\d{3}))?(?:n lopussa|n loppuun| lopussa| loppuun| lopuks| lopuni| lopp| vegeig| vege| sonuna| sonu|in sonuna| beigas| beigam| pabaigos| के अंत| এর শেষ)"
)
# One of these is in whatever `_END_AFTER` finds, and hardly in any other text.
_LATE = ("lop", "vege", "sonu", "beig", "pabaigos", "के अंत", "এর শেষ")
# A day alone: "the 20th", "le 20", "entro il 20", "до 25-го", "Friday 26", "viernes 20".
_BARE = re.compile(
    r"(?<!\w)(?:the|el|le|il|dia|am|zum|den|der|lo|στισ|de|до|к|på|do) (\d{1,2})(?:st|nd|rd|th|er|-?го|-?му)?(?=[.,;!?)](?!\d)|\s*$|\s?\n| (?:and|if|for|so|at|y|et|e|und|para|pour|per|um)\s)",
    re.MULTILINE,
)
_ON_WEEKDAY = re.compile(
    rf"(?<!\w)({_WORD})[ ,]{{1,2}}(?:the |den |le |el |στισ )?(\d{{1,2}})(?:st|nd|rd|th|-?го|-?е|\.)?(?![\w%:/]|[.,:]\d)"
)
_WEEKDAY = re.compile(rf"(?<![\w-])({_WORD}(?:-feira)?)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s?thang\s?(\d{1,2})(?:\s?(?:,|nam)?\s?([12]\d{3}))?(?!\d)")
# Short words that Hebrew and Arabic write together with the next one.
_PREFIXES = frozenset("בלהמوبلف")
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
    if not text:
        return ()
    spaced = fold(text)
    # Other letters than Latin ones may stand joined to a name.
    words = frozenset(_LETTERS.findall(spaced)) if spaced.isascii() else None
    reader = _Reader(
        text=text,
        folded=fold_letters(text),
        spaced=spaced,
        language=language,
        sent=sent,
        american=american,
        rules=rules,
        months=_named_by(_month, _MONTHS, words, language, rules),
        weekdays=" feira" in spaced or _named_by(_weekday, _WEEKDAYS, words, language, rules),
    )
    read: list[NamedDay] = []
    for find in _FINDERS:
        for named in find(reader):
            # A day of long ago is read as such, so that nothing in it is taken for another day.
            if (sent <= named.day or named.form == "full") and not any(_overlap(named, o) for o in read):
                read.append(named)
    found = (named for named in read if sent <= named.day <= sent + _AHEAD)
    return tuple(sorted(found, key=lambda named: named.start)[:_MOST])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """A text to be read, folded, and with spaces for its marks; `months` and `weekdays` tell whether it may name one."""

    text: str
    folded: str
    spaced: str
    language: str
    sent: date
    american: bool
    rules: Path | None
    months: bool
    weekdays: bool

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


def _overlap(one: NamedDay, other: NamedDay) -> bool:
    return one.start < other.end and other.start < one.end


def _iso(reader: _Reader) -> Iterator[NamedDay]:
    for match in _ISO.finditer(reader.text) if _DIGIT.search(reader.text) else ():
        yield from reader.day(match, int(match[3]), int(match[2]), match[1])


def _east(reader: _Reader) -> Iterator[NamedDay]:
    if not eastern(reader.text):
        return
    for match in _EAST.finditer(reader.text):
        yield from reader.day(match, _numeral(match[3]), _numeral(match[2]), match[1])
    for match in _EAST_END.finditer(reader.text):
        yield from _end_of(reader, match, _numeral(match[2]), match[1])


def _worded(reader: _Reader) -> Iterator[NamedDay]:
    if not reader.months or not _DIGIT.search(reader.folded):
        return
    for match in _DAY_MONTH.finditer(reader.folded):
        yield from reader.day(match, int(match[1]), reader.month(match[2]), match[3])
    for match in _MONTH_DAY.finditer(reader.folded):
        yield from reader.day(match, int(match[2]), reader.month(match[1]), match[3])
    for match in _GLUED.finditer(reader.folded):
        yield from reader.day(match, int(match[1]), reader.month(match[2]), None)


def _ends(reader: _Reader) -> Iterator[NamedDay]:
    late = any(word in reader.folded for word in _LATE)
    for pattern in ((_END,) if reader.months else ()) + ((_END_AFTER,) if late else ()):
        for match in pattern.finditer(reader.folded):
            yield from _end_of(reader, match, reader.month(match[1]), match[2])


def _end_of(reader: _Reader, match: re.Match[str], month: int | None, year: str | None) -> Iterator[NamedDay]:
    if month is None or not 1 <= month <= 12:
        return
    base = int(year) if year else reader.sent.year + (month < reader.sent.month)
    yield reader.named(match, date(base, month, calendar.monthrange(base, month)[1]), "end")


def _numbered(reader: _Reader) -> Iterator[NamedDay]:
    for match in _DOTTED.finditer(reader.text) if _DIGIT_DOT.search(reader.text) else ():
        yield from reader.day(match, int(match[1]), int(match[2]), _century(match[3]))
    for match in _SLASHED.finditer(reader.text) if _DIGIT_SLASH.search(reader.text) else ():
        first, second = int(match[1]), int(match[2])
        day, month = (second, first) if (reader.american and first <= 12) or second > 12 else (first, second)
        yield from reader.day(match, day, month, _century(match[3]))


def _bare(reader: _Reader) -> Iterator[NamedDay]:
    if not _DIGIT.search(reader.folded):
        return
    for match in _ON_WEEKDAY.finditer(reader.folded) if reader.weekdays else ():
        if _weekday(match[1], reader.language, reader.rules) is not None:
            yield from _alone(reader, match, int(match[2]))
    for match in _BARE.finditer(reader.folded):
        yield from _alone(reader, match, int(match[1]))


def _alone(reader: _Reader, match: re.Match[str], day: int) -> Iterator[NamedDay]:
    found = day_of_month(reader.sent, day)
    if found:
        yield reader.named(match, found, "bare")


def _weekdays(reader: _Reader) -> Iterator[NamedDay]:
    for match in _WEEKDAY.finditer(reader.folded) if reader.weekdays else ():
        number = _weekday(match[1], reader.language, reader.rules)
        if number is not None:
            yield reader.named(match, next_weekday(reader.sent, number), "weekday")


def _relative(reader: _Reader) -> Iterator[NamedDay]:
    for told in relative_days(reader.spaced, reader.text, reader.sent, reader.rules):
        words = reader.text[told.start : told.end].strip()
        yield NamedDay(day=told.day, start=told.start, end=told.end, words=words, form=told.form)


def _vietnamese(reader: _Reader) -> Iterator[NamedDay]:
    for match in _VIETNAMESE.finditer(reader.folded) if "thang" in reader.folded else ():
        yield from reader.day(match, int(match[1]), int(match[2]), match[3])


_FINDERS: tuple[Callable[[_Reader], Iterator[NamedDay]], ...] = (
    _iso,
    _east,
    _worded,
    _ends,
    _numbered,
    _vietnamese,
    _bare,
    _relative,
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
    # Years of the Buddhist era, as Thailand counts them, are 543 ahead.
    told = (int(year) - 543 if int(year) > _BUDDHIST else int(year),) if year else ()
    for candidate in told or (sent.year, sent.year + 1):
        try:
            when = date(candidate, month, day)
        except ValueError:
            continue
        if year or when >= sent:
            return when
    return None


def _month(word: str, language: str, rules: Path | None) -> int | None:
    """Return the number of the month that `word` names or, in languages with endings, begins with."""
    names = _named(_MONTHS, rules)
    if word not in names and word[0] in _PREFIXES and word[1:] in names:
        word = word[1:]
    # Devanagari and its kin write postpositions together with the word.
    endings = 5 if word < "\u0900" else 7
    for size in range(len(word), max(2, len(word) - endings), -1):
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
    names = _named(_WEEKDAYS, rules)
    word = word.replace("-", " ")
    for size in range(len(word), max(3, len(word) - 4), -1):
        if size < len(word) and size == 4:
            break
        languages = names.get(word[:size])
        if languages and (language in languages or ("en" in languages and size == len(word))):
            return languages.get(language, languages.get("en"))
    return None


def _named_by(
    number: Callable[[str, str, Path | None], int | None],
    file: str,
    words: Iterable[str] | None,
    language: str,
    rules: Path | None,
) -> bool:
    """Tell whether one of `words` may name a month or a weekday; most texts name none, and need not be searched for it."""
    if words is None:
        return True
    known = _beginnings(file, rules)
    return any(word[:_BEGINNING] in known and number(word, language, rules) is not None for word in words)


@read_once
def _beginnings(file: str, rules: Path | None) -> frozenset[str]:
    """Return how the names of a table begin."""
    return frozenset(name.partition(" ")[0][:_BEGINNING] for name in _named(file, rules))


@read_once
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
