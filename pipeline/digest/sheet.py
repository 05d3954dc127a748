"""The figures of a week as CSV (RFC 4180): one count a row, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pipeline.digest import clean
from pipeline.digest.figures import Figures
from pipeline.records.work import WeeklySummary

_HEAD = ("period", "figure", "row", "column", "count")
_TREND = ("assigned", "review", "filed", "closed", "worthy", "overdue")

Line = tuple[str, str, str, str, int | None]


def values(figures: Figures, summary: WeeklySummary) -> bytes:
    """Return the figures as UTF-8; a count that is not known is an empty cell."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_HEAD)
    for *words, number in _lines(figures, summary):
        writer.writerow(
            (*(clean.cell(clean.line(str(word))) for word in words), "" if number is None else number)
        )
    return stream.getvalue().encode()


def _lines(figures: Figures, summary: WeeklySummary) -> Iterator[Line]:
    yield from _headlines(figures)
    yield from _tables(figures)
    for load in summary.loads:
        yield figures.period, "load", load.name, "open", load.open
        yield figures.period, "load", load.name, "overdue", load.overdue
        yield figures.period, "load", load.name, "capacity", load.capacity
    for week in figures.trend:
        for column in _TREND:
            yield week.period, "trend", "", column, getattr(week, column)


def _headlines(figures: Figures) -> Iterator[Line]:
    for figure in dict.fromkeys((*figures.headline, *figures.course)):
        yield figures.period, "headline", figure.name, "this week", figure.value
        yield figures.period, "headline", figure.name, "last week", figure.before


def _tables(figures: Figures) -> Iterator[Line]:
    for row, counts in figures.heat.rows:
        for column, number in zip(figures.heat.regions, counts, strict=True):
            yield figures.period, "type by region", row, column, number
    for name in ("alignment", "activities", "languages", "unsure", "kinds_filed"):
        for value, number in getattr(figures, name):
            yield figures.period, name, value, "", number
    for way, fate, number in figures.flow:
        yield figures.period, "flow", way, fate, number
