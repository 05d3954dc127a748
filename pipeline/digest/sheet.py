"""The figures of a week as CSV (RFC 4180): one count a row, and no cell that a spreadsheet takes for a formula.

Names are those of the taxonomy, in no reader's language: the sheet is for calculating with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from pipeline.digest import clean
from pipeline.digest.figures import Figures
from pipeline.records.weeks import Delay, Fortune, Week, WeeklySummary

_HEAD = ("period", "figure", "row", "column", "count")
_TREND = ("assigned", "review", "filed", "closed", "worthy", "overdue")
_FORTUNE = ("inquiries", "answered", "ended", "partnerships", "endorsed", "handed_over")
_COUNTS = ("alignment", "activities", "languages", "channels", "unsure", "corrected", "kinds_filed")

Line = tuple[str, str, str, str, float | None]


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
    yield from _states(figures.period, summary.week)
    for name, delay in (("this week", summary.week.waited), ("weeks before", summary.week.waited_before)):
        yield from _delay(figures.period, name, delay)
    for field, rows in (
        ("outcome by type", summary.week.by_type),
        ("outcome by region", summary.week.by_region),
    ):
        for fortune in rows:
            yield from _fortune(figures.period, field, fortune)
    for load in summary.loads:
        for column in ("open", "overdue", "new", "capacity"):
            yield figures.period, "load", load.name, column, getattr(load, column)
    for week in figures.trend:
        for column in _TREND:
            yield week.period, "trend", "", column, getattr(week, column)


def _headlines(figures: Figures) -> Iterator[Line]:
    for figure in dict.fromkeys((*figures.headline, *figures.course)):
        yield figures.period, "headline", figure.name, "this week", figure.value
        yield figures.period, "headline", figure.name, "last week", figure.before
        yield figures.period, "headline", figure.name, "usual", figure.usual


def _tables(figures: Figures) -> Iterator[Line]:
    for row, counts in figures.heat.rows:
        for column, number in zip(figures.heat.regions, counts, strict=True):
            yield figures.period, "type by region", row, column, number
    for name in _COUNTS:
        for value, number in getattr(figures, name):
            yield figures.period, name, value, "", number
    for way, fate, number in figures.flow:
        yield figures.period, "flow", way, fate, number


def _states(period: str, week: Week) -> Iterator[Line]:
    for name in ("overdue", "homeless", "escalated", "undecided"):
        yield period, "open", name, "", getattr(week, name).total
    for name in ("received", "open", "endorsed"):
        yield period, "endorsement requests", name, "", getattr(week.requests, name)
    for name in ("new", "returning", "unknown"):
        yield period, "organisations", name, "", getattr(week.acquaintances, name)
    yield period, "set aside", "", "", week.set_aside


def _delay(period: str, name: str, delay: Delay) -> Iterator[Line]:
    yield period, "first answers", name, "answers", delay.answers
    yield period, "first answers", name, "median hours", _hours(delay.median)
    yield period, "first answers", name, "90th percentile hours", _hours(delay.ninetieth)


def _hours(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 3600, 2)


def _fortune(period: str, field: str, fortune: Fortune) -> Iterator[Line]:
    for column in _FORTUNE:
        yield period, field, fortune.value, column, getattr(fortune, column)
