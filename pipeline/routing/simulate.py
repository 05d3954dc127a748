"""What another liaisons.toml would have done: past inquiries given out again, day by day, and the desks looked at week by week."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from pipeline.records.lives import Career
from pipeline.records.organisations import TALKS
from pipeline.records.work import Entry
from pipeline.routing.assign import assign
from pipeline.routing.policy import Policy

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one liaison had, or would have had.

    Parameters
    ----------
    given
        How many inquiries they got in all.
    peak, mean
        The most that were open with them at the end of a day, and how many were on average at the ends of weeks.
    """

    given: int
    peak: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One liaison: what they had, and what they would have had. `capacity` is None for those who are not in the file."""

    id: str
    capacity: int | None
    then: Share
    now: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One ISO week: how many inquiries were given out, and how many waited beyond the capacity of their desk at its end."""

    period: str
    given: int
    waiting_then: int
    waiting_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An inquiry that somebody else would have got, and why."""

    key: str
    at: datetime
    then: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What became of past inquiries, and what would have; `inquiries` is how many were looked at."""

    inquiries: int
    desks: tuple[Desk, ...]
    weeks: tuple[Week, ...]
    changes: tuple[Change, ...]


@dataclass(slots=True)
class _Course:
    """How the desks filled in one of the two courses of events."""

    given: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    peak: Counter[str] = field(default_factory=Counter)
    ends: list[tuple[datetime, int, str]] = field(default_factory=list)
    week_ends: list[Mapping[str, int]] = field(default_factory=list)

    def take(self, career: Career, liaison: str) -> None:
        self.given[liaison] += 1
        self.open[liaison] += 1
        if career.ended_at is not None:
            heapq.heappush(self.ends, (career.ended_at, self.given.total(), liaison))

    def until(self, moment: datetime) -> None:
        """Let go of what was over by then."""
        while self.ends and self.ends[0][0] <= moment:
            self.open[heapq.heappop(self.ends)[2]] -= 1

    def end_day(self) -> None:
        for liaison, count in self.open.items():
            self.peak[liaison] = max(self.peak[liaison], count)

    def end_week(self) -> None:
        self.week_ends.append({liaison: count for liaison, count in self.open.items() if count})

    def share(self, liaison: str) -> Share:
        seen = [week.get(liaison, 0) for week in self.week_ends]
        mean = sum(seen) / len(seen) if seen else 0.0
        return Share(given=self.given[liaison], peak=self.peak[liaison], mean=mean)


def replay(careers: Iterable[Career], policy: Policy) -> Simulation:
    """Give past inquiries out by `policy`, each on the day on which it was given out then.

    An inquiry stays open as long as it did, whoever has it: how fast people are is not in the file. Who had the last inquiry
    of an organisation gets the next one in both courses of events; moves from one liaison to another are left out.

    Parameters
    ----------
    careers
        In any order.
    """
    ordered = sorted(careers, key=lambda career: (career.assigned_at, career.entry.key))
    then, now = _Course(), _Course()
    changes: list[Change] = []
    known: dict[int, str] = {}
    weeks: list[tuple[str, int]] = []
    for monday, week in groupby(ordered, key=lambda career: _monday(career.assigned_at)):
        _pass_over(then, now, weeks, monday)
        count = 0
        for _, day in groupby(week, key=lambda career: career.assigned_at.astimezone(UTC).date()):
            batch = list(day)
            count += len(batch)
            changes += _give_out(batch, policy, then, now, known)
        weeks.append((_name(monday), count))
    if weeks:
        _end_week(then, now, _monday(ordered[-1].assigned_at) + _WEEK)
    return Simulation(
        inquiries=len(ordered),
        desks=tuple(_desks(policy, then, now)),
        weeks=tuple(_weeks(weeks, policy, then, now)),
        changes=tuple(changes),
    )


def _give_out(
    batch: Sequence[Career], policy: Policy, then: _Course, now: _Course, known: dict[int, str]
) -> Iterator[Change]:
    """Give out the inquiries of a day, and yield those that somebody else gets."""
    moment = batch[0].assigned_at
    for course in (then, now):
        course.until(moment)
    former = {one.entry.key: known[number] for one in batch if (number := _talks_of(one.entry)) in known}
    entries = [replace(one.entry, liaison=None) for one in batch]
    chosen = {one.inquiry: one for one in assign(entries, policy, now.open, moment, former=former)}
    for career in batch:
        key = career.entry.key
        given = chosen[key]
        then.take(career, career.liaison)
        now.take(career, given.liaison)
        number = _talks_of(career.entry)
        if number is not None:
            known[number] = given.liaison
        if given.liaison != career.liaison:
            yield Change(
                key=key, at=career.assigned_at, then=career.liaison, now=given.liaison, reason=given.reason
            )
    for course in (then, now):
        course.end_day()


def _talks_of(entry: Entry) -> int | None:
    """Return the organisation to which an inquiry binds a liaison, or None."""
    return entry.organisation_id if entry.decision.tags.kind in TALKS else None


def _pass_over(then: _Course, now: _Course, weeks: list[tuple[str, int]], monday: datetime) -> None:
    """Close the week before, and the weeks in which nothing was given out."""
    while weeks:
        last = _start(weeks[-1][0])
        _end_week(then, now, last + _WEEK)
        if last + _WEEK >= monday:
            return
        weeks.append((_name(last + _WEEK), 0))


def _end_week(then: _Course, now: _Course, moment: datetime) -> None:
    for course in (then, now):
        course.until(moment)
        course.end_week()


def _monday(moment: datetime) -> datetime:
    day = moment.astimezone(UTC)
    return (day - timedelta(days=day.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _name(monday: datetime) -> str:
    return f"{monday:%G-W%V}"


def _start(name: str) -> datetime:
    return datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC)


def _desks(policy: Policy, then: _Course, now: _Course) -> Iterator[Desk]:
    left = sorted(set(then.given) - set(policy.by_id))
    for identifier in (*policy.by_id, *left):
        desk = policy.by_id.get(identifier)
        yield Desk(
            id=identifier,
            capacity=desk.capacity if desk else None,
            then=then.share(identifier),
            now=now.share(identifier),
        )


def _weeks(weeks: Sequence[tuple[str, int]], policy: Policy, then: _Course, now: _Course) -> Iterator[Week]:
    for (period, given), before, after in zip(weeks, then.week_ends, now.week_ends, strict=True):
        yield Week(
            period=period,
            given=given,
            waiting_then=_beyond(before, policy),
            waiting_now=_beyond(after, policy),
        )


def _beyond(open_: Mapping[str, int], policy: Policy) -> int:
    """Count what is open beyond capacity; who is not in the file has none to speak of."""
    return sum(
        max(count - policy.by_id[liaison].capacity, 0)
        for liaison, count in open_.items()
        if liaison in policy.by_id
    )
