"""The figures of a week, counted once and used by text, tables, charts and the CSV file alike."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.digest import clean
from pipeline.digest.cards import UNANSWERED
from pipeline.records.decisions import Disposition
from pipeline.records.work import Entry, State, WeekCount, WeeklySummary

_FEWEST_FOR_USUAL = 4
_ANSWERED = (State.ANSWERED, State.WAITING)
# Rows and columns of the table in the labelling guide's order.
_TYPES = (
    "museum archive library university research_group educational_institution government public_interest public_media "
    "technology foundation wikimedia_community commercial individual"
).split()
_REGIONS = (
    "north_america latin_america_caribbean northern_western_europe central_eastern_europe_central_asia "
    "middle_east_north_africa sub_saharan_africa south_asia east_asia_pacific global unknown"
).split()

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A figure of the week, of the week before, and the median of the weeks before; None where not counted."""

    name: str
    value: int | None
    before: int | None
    usual: int | None

    @property
    def change(self) -> str:
        """The difference to last week in words."""
        if self.value is None or self.before is None:
            return ""
        difference = self.value - self.before
        if not difference:
            return "as last week"
        return f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than last week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosstab:
    """How many inquiries of each row fall into each column; rows and columns without any are left out."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]

    @property
    def row_totals(self) -> tuple[int, ...]:
        """Sum of each row."""
        return tuple(map(sum, self.cells))

    @property
    def column_totals(self) -> tuple[int, ...]:
        """Sum of each column."""
        return tuple(sum(column) for column in zip(*self.cells, strict=True))

    @property
    def highest(self) -> int:
        """The largest count, 0 if there is none."""
        return max((count for row in self.cells for count in row), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that is counted.

    Parameters
    ----------
    headlines
        Received, partnership-worthy, needs review, overdue, closed.
    types_by_region
        Partnership inquiries of the week.
    kinds, alignment, activities, languages
        Of the week's inquiries that were not filed, most frequent first.
    flow
        Disposition (``assign``, ``review``, ``file``) and fate (``open``, ``answered``, ``closed``, ``filed``) to count.
    trend
        As the summary has it.
    """

    period: str
    headlines: tuple[Headline, ...]
    types_by_region: Crosstab
    kinds: Counts
    alignment: Counts
    activities: Counts
    languages: Counts
    flow: tuple[tuple[str, str, int], ...]
    trend: tuple[WeekCount, ...]


def count(summary: WeeklySummary) -> Figures:
    """Count the week."""
    read = [entry for entry in summary.received if entry.decision.disposition is not Disposition.FILE]
    tags = [entry.decision.tags for entry in read]
    return Figures(
        period=summary.window.period,
        headlines=_headlines(summary),
        types_by_region=_crosstab([entry for entry in read if entry.decision.tags.kind == "partnership"]),
        kinds=_ranked(each.kind for each in tags),
        alignment=_ranked(each.alignment for each in tags),
        activities=_ranked(activity for each in tags for activity in each.activities),
        languages=_ranked(entry.decision.language for entry in read),
        flow=_flow(summary.received),
        trend=summary.trend,
    )


def worthy(entry: Entry) -> bool:
    """Tell whether an inquiry is worth a talk about a partnership: of that kind, and not plainly misaligned."""
    decision = entry.decision
    fits = decision.tags.kind == "partnership" and decision.tags.alignment != "not_aligned"
    return fits and decision.disposition is not Disposition.FILE


def overdue(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return the open inquiries whose first answer is late at the week's end, longest due first."""
    late = [
        (entry.due_at, entry.key, entry)
        for entry in summary.open
        if entry.due_at and entry.due_at < summary.window.end and entry.state in UNANSWERED
    ]
    return tuple(entry for *_, entry in sorted(late, key=lambda each: each[:2]))


def values_csv(figures: Figures, summary: WeeklySummary) -> bytes:
    """Return the figures as CSV (RFC 4180, UTF-8), one count a row; no cell starts a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(("period", "figure", "row", "column", "count"))
    for figure, row, column, number in _lines(figures, summary):
        period = row if figure == "trend" else figures.period
        cells = (period, figure, "" if figure == "trend" else row, column)
        writer.writerow((*(clean.cell(clean.line(each)) for each in cells), "" if number is None else number))
    return stream.getvalue().encode()


def _lines(figures: Figures, summary: WeeklySummary) -> Iterable[tuple[str, str, str, int | None]]:
    for each in figures.headlines:
        yield "headline", each.name, "this week", each.value
        yield "headline", each.name, "last week", each.before
    table = figures.types_by_region
    for row, cells in zip(table.rows, table.cells, strict=True):
        for column, number in zip(table.columns, cells, strict=True):
            yield "partnership inquiries by type and region", row, column, number
    for name in ("kinds", "alignment", "activities", "languages"):
        for value, number in getattr(figures, name):
            yield name, value, "", number
    for disposition, fate, number in figures.flow:
        yield "flow", disposition, fate, number
    for load in summary.loads:
        yield "load", load.name, "open", load.open
        yield "load", load.name, "overdue", load.overdue
        yield "load", load.name, "weekly capacity", load.capacity
    for week in figures.trend:
        for slot in ("assigned", "review", "filed", "closed", "worthy", "overdue"):
            yield "trend", week.period, slot, getattr(week, slot)


def _headlines(summary: WeeklySummary) -> tuple[Headline, ...]:
    past = [week for week in summary.trend if week.period != summary.window.period]
    now = next((week for week in summary.trend if week.period == summary.window.period), None)
    review = sum(entry.decision.disposition is Disposition.REVIEW for entry in summary.received)
    return (
        _headline("Received", len(summary.received), [week.assigned + week.review + week.filed for week in past]),
        _headline("Partnership-worthy", sum(map(worthy, summary.received)), [week.worthy for week in past]),
        _headline("Needs review", review, [week.review for week in past]),
        _headline("Overdue", len(overdue(summary)), [week.overdue for week in past]),
        _headline("Closed", now.closed if now else None, [week.closed for week in past]),
    )


def _headline(name: str, value: int | None, past: list[int | None]) -> Headline:
    known = [each for each in past if each is not None]
    usual = round(statistics.median(known)) if len(known) >= _FEWEST_FOR_USUAL else None
    return Headline(name=name, value=value, before=past[-1] if past else None, usual=usual)


def _crosstab(entries: list[Entry]) -> Crosstab:
    pairs = Counter(
        (entry.decision.tags.partner_type or "individual", entry.decision.tags.region or "unknown") for entry in entries
    )
    rows = tuple(each for each in _TYPES if any(row == each for row, _ in pairs))
    columns = tuple(each for each in _REGIONS if any(column == each for _, column in pairs))
    cells = tuple(tuple(pairs[row, column] for column in columns) for row in rows)
    return Crosstab(rows=rows, columns=columns, cells=cells)


def _ranked(values: Iterable[str | None]) -> Counts:
    counts = Counter(value for value in values if value)
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _flow(received: tuple[Entry, ...]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter((entry.decision.disposition.value, _fate(entry)) for entry in received)
    return tuple(
        (way, fate, counts[way, fate])
        for way in ("assign", "review", "file")
        for fate in ("open", "answered", "closed", "filed")
        if counts[way, fate]
    )


def _fate(entry: Entry) -> str:
    if entry.state is State.FILED:
        return "filed"
    if entry.state in UNANSWERED:
        return "filed" if entry.decision.disposition is Disposition.FILE else "open"
    return "answered" if entry.state in _ANSWERED else "closed"
