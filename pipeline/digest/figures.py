"""The figures of one week, and those of the weeks before to hold them against; nothing here is shown, nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.digest import clean
from pipeline.records.decisions import CRITERIA_FIELDS, LIST_FIELDS, SCALAR_FIELDS
from pipeline.records.weeks import Counts, WeekCount, WeeklySummary

REGIONS = (
    "north_america",
    "latin_america_caribbean",
    "northern_western_europe",
    "central_eastern_europe_central_asia",
    "middle_east_north_africa",
    "sub_saharan_africa",
    "south_asia",
    "east_asia_pacific",
    "global",
    "unknown",
)
_ALIGNMENTS = ("aligned", "unclear", "not_aligned")
_WAYS = ("assign", "review", "file")
_FATES = ("open", "answered", "closed", "filed")
# In the order in which people look at them.
_FIELDS = ("kind", *SCALAR_FIELDS[1:], *LIST_FIELDS, *CRITERIA_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A headline figure: this week's, that of the week before, and the usual one; None where not counted.

    Parameters
    ----------
    name
        ``received``, ``worthy``, ``assigned``, ``review``, ``filed``, ``overdue`` or ``closed``.
    value, before
        Inquiries in this week and in the one before.
    usual
        Median of all weeks before that are known.
    """

    name: str
    value: int | None
    before: int | None
    usual: float | None

    @property
    def change(self) -> int | None:
        """How much more than the week before."""
        return None if self.value is None or self.before is None else self.value - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Partner types by regions.

    Parameters
    ----------
    regions
        The columns: regions that anything came from, in the guide's order.
    rows
        The types, most frequent first, each with its counts in the order of `regions`.
    """

    regions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def highest(self) -> int:
        """The largest count, 0 if there is none."""
        return max((count for _, counts in self.rows for count in counts), default=0)

    @property
    def total(self) -> int:
        """The sum of all."""
        return sum(self.totals)

    @property
    def totals(self) -> tuple[int, ...]:
        """The sum of each column."""
        return tuple(sum(counts[place] for _, counts in self.rows) for place in range(len(self.regions)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one week, in the order in which people look at them.

    Parameters
    ----------
    period
        Name of the week, such as 2026-W47.
    trend
        This week and those before it, oldest first.
    flow
        What the week brought, as (way, fate, count): ``assign``, ``review`` or ``file``, and ``open``, ``answered``,
        ``closed`` or ``filed``.
    headline
        Received, partnership-worthy, to review, overdue, closed.
    course
        Received, to a liaison, to review, filed, closed: for the trend.
    inquiries
        How many of the week's messages are not filed; the tables below count these.
    heat
        Types by regions.
    alignment, activities, languages, channels
        Value to count, most frequent first (alignment in the guide's order).
    unsure
        Field to how many inquiries have only a best guess in it, most frequent first.
    corrected
        Field to how many inquiries people corrected in it.
    kinds_filed
        Kind to count of what was filed.
    answered
        How many of the week's inquiries are answered, waiting for an answer, or closed.
    """

    period: str
    trend: tuple[WeekCount, ...]
    flow: tuple[tuple[str, str, int], ...]
    headline: tuple[Figure, ...]
    course: tuple[Figure, ...]
    inquiries: int
    heat: Heat
    alignment: Counts
    activities: Counts
    languages: Counts
    channels: Counts
    unsure: Counts
    corrected: Counts
    kinds_filed: Counts
    answered: int


def count(summary: WeeklySummary) -> Figures:
    """Return the figures of the week of `summary`."""
    week, figures = summary.week, _figures(summary)
    flow = Counter({(way, fate): number for way, fate, number in week.flow})
    return Figures(
        period=clean.line(summary.window.period, 12),
        trend=tuple(each for each in week.trend if each.period <= summary.window.period),
        flow=tuple((way, fate, flow[way, fate]) for way in _WAYS for fate in _FATES if flow[way, fate]),
        headline=tuple(figures[name] for name in ("received", "worthy", "review", "overdue", "closed")),
        course=tuple(figures[name] for name in ("received", "assigned", "review", "filed", "closed")),
        inquiries=sum(number for (way, _), number in flow.items() if way != "file"),
        heat=heat(week.types),
        alignment=_in_order(week.alignment, _ALIGNMENTS),
        activities=_ranked(week.activities),
        languages=_ranked(week.languages),
        channels=_ranked(week.channels),
        unsure=_most(week.unsure),
        corrected=_most(week.corrected),
        kinds_filed=_ranked(week.kinds_filed),
        answered=sum(
            number for (way, fate), number in flow.items() if way != "file" and fate in ("answered", "closed")
        ),
    )


def heat(types: Iterable[tuple[str, str, int]]) -> Heat:
    """Lay out (type, region, count): types with the most inquiries first, regions in the guide's order."""
    cells = Counter({(kind, region): number for kind, region, number in types})
    kinds, regions = Counter[str](), Counter[str]()
    for (kind, region), number in cells.items():
        kinds[kind] += number
        regions[region] += number
    columns = [region for region, _ in _in_order(regions.items(), REGIONS)]
    return Heat(
        regions=tuple(columns),
        rows=tuple(
            (kind, tuple(cells[kind, region] for region in columns)) for kind, _ in _ranked(kinds.items())
        ),
    )


def totals(week: WeekCount) -> int:
    """Return how many inquiries a week brought."""
    return week.assigned + week.review + week.filed


def _figures(summary: WeeklySummary) -> dict[str, Figure]:
    this, before = _weeks(summary)
    ways = Counter[str]()
    for way, _, number in summary.week.flow:
        ways[way] += number
    now: dict[str, int | None] = {
        "received": ways.total(),
        "worthy": summary.week.worthy,
        "assigned": ways["assign"],
        "review": ways["review"],
        "filed": ways["file"],
        "overdue": summary.week.overdue.total,
        "closed": this.closed if this else None,
    }
    return {name: _figure(name, value, before) for name, value in now.items()}


def _figure(name: str, value: int | None, before: Sequence[WeekCount]) -> Figure:
    counts = [number for week in before if (number := _of(week, name)) is not None]
    last = _of(before[-1], name) if before else None
    return Figure(name=name, value=value, before=last, usual=float(median(counts)) if counts else None)


def _of(week: WeekCount, name: str) -> int | None:
    if name == "received":
        return totals(week)
    value: int | None = getattr(week, name)
    return value


def _weeks(summary: WeeklySummary) -> tuple[WeekCount | None, tuple[WeekCount, ...]]:
    """Return this week's count, if there is one, and those of the weeks before, oldest first.

    Weeks before the first one that brought anything are no weeks of this desk: nothing is held against them.
    """
    period = summary.window.period
    this = next((week for week in summary.week.trend if week.period == period), None)
    before = [week for week in summary.week.trend if week.period < period]
    while before and not (totals(before[0]) or before[0].closed or before[0].overdue):
        before.pop(0)
    return this, tuple(before)


def _most(counts: Iterable[tuple[str, int]]) -> Counts:
    """Return counts by field, the largest first, equal ones in the order in which people look at fields."""
    return tuple(sorted(_in_order(counts, _FIELDS), key=lambda pair: -pair[1]))


def _in_order(counts: Iterable[tuple[str, int]], order: Sequence[str]) -> Counts:
    """Return `counts` in the given order; what is not in it comes last, by name."""
    places = {value: place for place, value in enumerate(order)}
    known = sorted(counts, key=lambda pair: (places.get(pair[0], len(places)), pair[0]))
    return tuple((value, number) for value, number in known if number)


def _ranked(counts: Iterable[tuple[str, int]]) -> Counts:
    return tuple(sorted(counts, key=lambda pair: (-pair[1], pair[0])))
