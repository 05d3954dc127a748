"""The figures of one week, counted from its entries; nothing here is shown, nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.digest import clean
from pipeline.records.decisions import CRITERIA_FIELDS, LIST_FIELDS, SCALAR_FIELDS, Disposition, Tags
from pipeline.records.work import UNANSWERED, Entry, State, WeekCount, WeeklySummary

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

Counts = tuple[tuple[str, int], ...]


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
    def totals(self) -> tuple[int, ...]:
        """The sum of each column."""
        return tuple(sum(counts[place] for _, counts in self.rows) for place in range(len(self.regions)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that is counted in one week.

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
        To a liaison, to review, filed, closed: for the trend.
    inquiries
        How many of the week's messages are not filed; the tables below count these.
    heat
        Types by regions.
    alignment, activities, languages
        Value to count, most frequent first (alignment in the guide's order).
    unsure
        Field to how many inquiries have only a best guess in it, most frequent first.
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
    unsure: Counts
    kinds_filed: Counts
    answered: int


def count(summary: WeeklySummary) -> Figures:
    """Count what came in and what stands open in the week of `summary`."""
    figures = _figures(summary)
    asked = inquiries(summary)
    return Figures(
        period=clean.line(summary.window.period, 12),
        trend=tuple(week for week in summary.trend if week.period <= summary.window.period),
        flow=_flow(summary.received),
        headline=tuple(figures[name] for name in ("received", "worthy", "review", "overdue", "closed")),
        course=tuple(figures[name] for name in ("received", "assigned", "review", "filed", "closed")),
        inquiries=len(asked),
        heat=heat(asked),
        alignment=_in_order(Counter(_present(asked, lambda tags: tags.alignment)), _ALIGNMENTS),
        activities=_ranked(value for entry in asked for value in entry.decision.tags.activities),
        languages=_ranked(entry.decision.language for entry in asked),
        unsure=_unsure(asked),
        kinds_filed=_ranked(entry.decision.tags.kind for entry in filed(summary)),
        answered=sum(entry.state not in UNANSWERED | {State.ARCHIVED} for entry in asked),
    )


def inquiries(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return what the week brought that somebody has to look at, in order of arrival."""
    return tuple(entry for entry in summary.received if not _is_filed(entry))


def filed(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return what was filed in the week, the least certain first."""
    mail = [entry for entry in summary.received if _is_filed(entry)]
    return tuple(sorted(mail, key=lambda entry: (_certainty(entry), entry.received_at, entry.key)))


def unanswered(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return all open inquiries that nobody has answered yet, the most important first."""
    waiting = [entry for entry in summary.open if entry.state in UNANSWERED and not _is_filed(entry)]
    return tuple(sorted(waiting, key=lambda entry: (-entry.decision.priority, entry.received_at, entry.key)))


def overdue(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return the open inquiries whose first answer is late at the week's end, the latest first."""
    late = [entry for entry in unanswered(summary) if entry.is_overdue(summary.window.end)]
    return tuple(sorted(late, key=lambda entry: (entry.due_at or summary.window.end, entry.key)))


def unassigned(summary: WeeklySummary) -> tuple[Entry, ...]:
    """Return the open inquiries that nobody has, oldest first."""
    without = [entry for entry in unanswered(summary) if entry.liaison is None]
    return tuple(sorted(without, key=lambda entry: (entry.received_at, entry.key)))


def worthy(entry: Entry) -> bool:
    """Tell whether an inquiry is worth a talk about a partnership: of that kind, and not plainly misaligned."""
    tags = entry.decision.tags
    return tags.kind == "partnership" and tags.alignment != "not_aligned" and not _is_filed(entry)


def heat(entries: Iterable[Entry]) -> Heat:
    """Count partner types by regions; an inquiry without a type is left out, one without a region is unknown."""
    cells = Counter(
        (entry.decision.tags.partner_type, entry.decision.tags.region or "unknown")
        for entry in entries
        if entry.decision.tags.partner_type
    )
    types = _ranked(kind for (kind, _), number in cells.items() for _ in range(number))
    regions = [region for region, _ in _in_order(Counter(region for _, region in cells), REGIONS)]
    return Heat(
        regions=tuple(regions),
        rows=tuple((kind, tuple(cells[kind, region] for region in regions)) for kind, _ in types),
    )


def totals(week: WeekCount) -> int:
    """Return how many inquiries a week brought."""
    return week.assigned + week.review + week.filed


def _flow(entries: Iterable[Entry]) -> tuple[tuple[str, str, int], ...]:
    lines = Counter((_disposition(entry).value, _fate(entry)) for entry in entries)
    return tuple((way, fate, lines[way, fate]) for way in _WAYS for fate in _FATES if lines[way, fate])


def _fate(entry: Entry) -> str:
    if _is_filed(entry) or entry.state is State.ARCHIVED:
        return "filed"
    if entry.state in UNANSWERED:
        return "open"
    return "answered" if entry.state in (State.ANSWERED, State.WAITING) else "closed"


def _figures(summary: WeeklySummary) -> dict[str, Figure]:
    this, before = _weeks(summary)
    by = Counter(_disposition(entry) for entry in summary.received)
    now: dict[str, int | None] = {
        "received": len(summary.received),
        "worthy": sum(map(worthy, summary.received)),
        "assigned": by[Disposition.ASSIGN],
        "review": by[Disposition.REVIEW],
        "filed": by[Disposition.FILE],
        "overdue": len(overdue(summary)),
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
    """Return this week's count, if there is one, and those of the weeks before, oldest first."""
    this = next((week for week in summary.trend if week.period == summary.window.period), None)
    return this, tuple(week for week in summary.trend if week.period < summary.window.period)


def _is_filed(entry: Entry) -> bool:
    return _disposition(entry) is Disposition.FILE


def _disposition(entry: Entry) -> Disposition:
    """Return what became of `entry`; what a person fetched back out of the file is no longer filed."""
    decided = entry.decision.disposition
    if decided is Disposition.FILE and entry.state not in (State.FILED, State.RECEIVED):
        return Disposition.ASSIGN
    return Disposition.FILE if entry.state is State.FILED else decided


def _certainty(entry: Entry) -> float:
    return entry.decision.confidence.get("kind", 1.0)


def _unsure(entries: Sequence[Entry]) -> Counts:
    fields = Counter(field for entry in entries for field in set(entry.decision.abstained))
    ordered = sorted(_in_order(fields, _FIELDS), key=lambda pair: -pair[1])
    return tuple(ordered)


def _present(entries: Iterable[Entry], value: Callable[[Tags], str | None]) -> list[str]:
    return [found for entry in entries if (found := value(entry.decision.tags))]


def _in_order(counts: Counter[str], order: Sequence[str]) -> Counts:
    """Return `counts` in the given order; what is not in it comes last, by name."""
    places = {value: place for place, value in enumerate(order)}
    known = sorted(counts, key=lambda value: (places.get(value, len(places)), value))
    return tuple((value, counts[value]) for value in known if counts[value])


def _ranked(values: Iterable[str]) -> Counts:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))
