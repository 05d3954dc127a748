"""The week on a wiki: counts and public names as wikitext, in a section of its own between two marks.

What stands outside the marks is people's and stays. Nobody's name, address or words are in the section: it is built from
counts, and from rows that a maintainer has approved for the public.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.digest import clean, figures, landscape
from pipeline.digest.figures import Figure, Figures
from pipeline.digest.wikitext import Cell, heading, number, page_link, row_head, table, text
from pipeline.records.organisations import LandscapeRow
from pipeline.records.weeks import Counts, Delay, WeeklySummary
from pipeline.tongue import Tongue, local_day, tongue

BEGIN = "<!-- BEGIN partnership-triage: a program writes what is between these two marks; write above or below -->"
END = "<!-- END partnership-triage -->"
_BEGIN = re.compile(r"<!--[ \t]*BEGIN partnership-triage\b[^>]{0,300}-->")
_END = re.compile(r"<!--[ \t]*END partnership-triage[ \t]*-->")
_PERIOD = re.compile(r"(\d{4})-W(\d{2})")
_SHADES = (
    "",
    "background:#eaf3ff;color:#202122",
    "background:#c8ddf5;color:#202122",
    "background:#9cc2ea;color:#202122",
)
_MOST_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A page in parts: what stands before, in and after the program's section."""

    before: str
    section: str
    after: str


def parted(page: str) -> Parts | None:
    """Return a page in parts; None if it does not have exactly one section of the program."""
    begins, ends = list(_BEGIN.finditer(page)), list(_END.finditer(page))
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        return None
    return Parts(
        before=page[: begins[0].start()],
        section=page[begins[0].end() : ends[0].start()],
        after=page[ends[0].end() :],
    )


def whole(section: str, parts: Parts | None = None) -> str:
    """Return a page with `section` between the marks, and around it what stood there."""
    before, after = (parts.before, parts.after) if parts else ("", "")
    return f"{before}{BEGIN}\n{_settled(section)}\n{END}{after}"


def fingerprint(section: str) -> str:
    """Return SHA-256 of a section, as it is after a wiki has stored it, in hexadecimal."""
    return hashlib.sha256(_settled(section).encode()).hexdigest()


def _settled(section: str) -> str:
    """Return a section as MediaWiki stores it: in normal form C, without white space at the ends of lines."""
    lines = unicodedata.normalize("NFC", section.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def week_title(prefix: str, period: str) -> str:
    """Return the title of a week's page."""
    return f"{prefix}/{clean.line(period, 12)}"


def render_week(
    summary: WeeklySummary, rows: Sequence[LandscapeRow], *, prefix: str, locale: str, timezone: str
) -> str:
    """Return the section of a week's page.

    Parameters
    ----------
    summary
        The week.
    rows
        Approved rows of the landscape; none where names are not to be shown.
    prefix
        Title of the index.
    locale, timezone
        Language of the page, and the zone that its days are in.
    """
    said = tongue(locale)
    counted = figures.count(summary)
    parts = [
        _intro(summary, said, prefix, timezone),
        _headline(counted, said),
        _fates(counted, said),
        _heat(counted, said),
        *_groups(counted, said),
        _answers(summary.week.waited, said),
        _trend(counted, said),
        _organisations(rows, said),
    ]
    return _framed([part for part in parts if part], said)


def render_index(periods: Iterable[str], *, prefix: str, locale: str) -> str:
    """Return the section of the index: a link to each week's page, newest first, by year."""
    said = tongue(locale)
    known = sorted({period for period in periods if _PERIOD.fullmatch(period)}, reverse=True)
    lines = [text(said.text("Weekly figures of the partnership inquiries, counted by a program."))]
    year = ""
    for period in known:
        if period[:4] != year:
            year = period[:4]
            lines += ["", heading(year)]
        link = page_link(week_title(prefix, period), week_name(period, said))
        lines.append(f"* {link} · {text(_days_of(period, said))}")
    return _framed(["\n".join(lines)], said)


def summary_of_edit(summary: WeeklySummary, locale: str) -> str:
    """Return what the history of the page says about an edit."""
    said = tongue(locale)
    received = figures.count(summary).headline[0].value or 0
    return said.plural(
        "Weekly figures: {n} message received", "Weekly figures: {n} messages received", received
    )


def index_summary(locale: str) -> str:
    """Return what the history of the index says about an edit."""
    return tongue(locale).text("Weekly figures: list of weeks")


def week_name(period: str, said: Tongue) -> str:
    """Return the name of a week in words."""
    found = _PERIOD.fullmatch(period)
    if not found:
        return clean.line(period, 12)
    return said.text("Week {week} of {year}", week=int(found[2]), year=found[1])


def _days_of(period: str, said: Tongue) -> str:
    """Return the days of an ISO week, or an empty text if the year has no such one."""
    year, week = int(period[:4]), int(period[6:])
    try:
        first = date.fromisocalendar(year, week, 1)
    except ValueError:
        return ""
    return said.days(first, first + timedelta(days=6))


def _framed(parts: Sequence[str], said: Tongue) -> str:
    """Say which language and direction the text has, whatever the wiki's own are."""
    start = f'<div lang="{said.lang}" dir="{said.direction}">'
    return "\n\n".join((start, *parts, "</div>"))


def _intro(summary: WeeklySummary, said: Tongue, prefix: str, timezone: str) -> str:
    window = summary.window
    first, last = (
        local_day(moment, timezone) for moment in (window.start, window.end - timedelta(microseconds=1))
    )
    told = said.text(
        "{week}, {days}. Counts only, made by a program.",
        week=week_name(clean.line(window.period, 12), said),
        days=said.days(first, last),
    )
    return f"{text(told)} {page_link(prefix, said.text('All weeks'))}"


def _headline(counted: Figures, said: Tongue) -> str:
    names = {
        "received": said.text("Messages received"),
        "worthy": said.text("Worth a talk about a partnership"),
        "review": said.text("For people to look at first"),
        "overdue": said.text("Answers overdue"),
        "closed": said.text("Concluded"),
    }
    heads = (said.text("Figure"), said.text("This week"), said.text("The week before"), said.text("Usually"))
    rows = [
        (row_head(names[one.name]), *(number(value) for value in _values(one, said)))
        for one in counted.headline
    ]
    return f"{heading(said.text('The week in figures'))}\n{table(heads, rows, said.text('Headline figures'))}"


def _values(figure: Figure, said: Tongue) -> tuple[str, str, str]:
    values = (figure.value, figure.before, figure.usual)
    return tuple("–" if value is None else said.number(value) for value in values)  # type: ignore[return-value]  # three


def _fates(counted: Figures, said: Tongue) -> str:
    ways = {
        "assign": said.text("To a liaison"),
        "review": said.text("To be looked at first"),
        "file": said.text("Put away: spam, automatic, not for us"),
    }
    fates = {
        "open": said.text("Open"),
        "answered": said.text("Answered"),
        "closed": said.text("Concluded"),
        "filed": said.text("Put away"),
    }
    cells = {(way, fate): count for way, fate, count in counted.flow}
    if not cells:
        return ""
    rows = [
        (row_head(words), *(number(said.number(cells.get((way, fate), 0))) for fate in fates))
        for way, words in ways.items()
        if any(known == way for known, _ in cells)
    ]
    heads = (said.text("Where it went"), *fates.values())
    return table(heads, rows, said.text("What became of the week’s messages by its end"))


def _heat(counted: Figures, said: Tongue) -> str:
    heat = counted.heat
    if not heat.rows:
        return ""
    heads = (said.text("Type"), *(said.tag("region", region) for region in heat.regions), said.text("All"))
    rows = [
        (
            row_head(said.tag("partner_type", kind)),
            *(_shaded(count, heat.highest, said) for count in counts),
            number(said.number(sum(counts))),
        )
        for kind, counts in heat.rows[:_MOST_ROWS]
    ]
    sums = (row_head(said.text("All")), *(number(said.number(count)) for count in (*heat.totals, heat.total)))
    title = said.text("Types and regions")
    return f"{heading(title)}\n{table(heads, [*rows, sums], said.text('Inquiries by type and region'))}"


def _shaded(count: int, highest: int, said: Tongue) -> Cell:
    """Return a count on a ground that is the darker the more it is; 0 stays blank."""
    if not count:
        return number("")
    return number(said.number(count), _SHADES[min(3, 1 + 3 * (count - 1) // max(highest, 1))])


def _groups(counted: Figures, said: Tongue) -> list[str]:
    """Return a table for each field that is counted by its values."""
    groups: list[tuple[str, Counts, Callable[[str], str]]] = [
        (said.field("alignment"), counted.alignment, lambda value: said.tag("alignment", value)),
        (said.field("activities"), counted.activities, lambda value: said.tag("activities", value)),
        (
            said.text("Languages"),
            counted.languages,
            lambda value: said.tag("language", value) or said.text("Unknown"),
        ),
    ]
    return [
        table(
            (title, said.text("Inquiries")),
            _counted(counts, words, said),
            said.text("Inquiries: {field}", field=title),
        )
        for title, counts, words in groups
        if counts
    ]


def _counted(counts: Counts, words: Callable[[str], str], said: Tongue) -> list[tuple[Cell, Cell]]:
    return [(row_head(words(value)), number(said.number(count))) for value, count in counts[:_MOST_ROWS]]


def _answers(waited: Delay, said: Tongue) -> str:
    if not waited.answers or waited.median is None or waited.ninetieth is None:
        return ""
    told = said.plural(
        "{n} first answer was given; half of the inquirers waited at most {median} days, nine of ten at most {ninetieth}.",
        "{n} first answers were given; half of the inquirers waited at most {median} days, nine of ten at most {ninetieth}.",
        waited.answers,
        median=_days(waited.median, said),
        ninetieth=_days(waited.ninetieth, said),
    )
    return f"{heading(said.text('First answers'))}\n{text(told)}"


def _days(span: timedelta, said: Tongue) -> str:
    return said.number(round(span / timedelta(days=1), 1))


def _trend(counted: Figures, said: Tongue) -> str:
    if len(counted.trend) < 2:
        return ""
    heads = (
        said.text("Week"), said.text("Messages received"), said.text("To a liaison"),
        said.text("Put away"), said.text("Concluded"),
    )  # fmt: skip
    rows = [
        (
            row_head(clean.line(week.period, 12)),
            *(
                number(said.number(value))
                for value in (figures.totals(week), week.assigned + week.review, week.filed, week.closed)
            ),
        )
        for week in reversed(counted.trend)
    ]
    return f"{heading(said.text('The weeks before'))}\n{table(heads, rows, said.text('Messages by week, newest first'))}"


def _organisations(rows: Sequence[LandscapeRow], said: Tongue) -> str:
    """Return organisations that wrote in the week, as far as they are public."""
    if not rows:
        return ""
    heads = (said.text("Organisation"), said.text("Type"), said.text("Where"), said.text("Asks for"))
    lines = [
        (row_head(landscape.name(row)), text(_tag("partner_type", row.partner_type, said)), text(_place(row, said)),
         text(said.tag("kind", row.asks)))
        for row in sorted(rows, key=lambda row: (row.organisation.casefold(), row.inquiry))[:_MOST_ROWS]
    ]  # fmt: skip
    title = said.text("Organisations")
    return f"{heading(title)}\n{table(heads, lines, said.text('Organisations of the week that are public'))}"


def _tag(field: str, value: str | None, said: Tongue) -> str:
    return said.tag(field, value) if value else ""


def _place(row: LandscapeRow, said: Tongue) -> str:
    if row.country:
        return said.country(row.country)
    return said.tag("region", row.region) if row.region and row.region != "unknown" else ""
