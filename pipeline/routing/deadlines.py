"""When the first answer is due: working days of the liaison's country, counted by the liaison's clock."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.records.decisions import Decision
from pipeline.routing.holidays import WEEKENDS, days_off
from pipeline.routing.policy import Liaison, Policy

_DAY = timedelta(days=1)
# fold=1 is the later of two equal clock times, where clocks are put back at midnight (PEP 495).
_LAST_SECOND = time(23, 59, 59, fold=1)


def due_for(decision: Decision, liaison: Liaison, now: datetime, policy: Policy) -> datetime:
    """Return when `liaison` has to have answered what was decided so, if they get it `now`.

    As many working days as the priority allows; but where the inquirer names a day, a working day before that, and at
    the earliest the next one.
    """
    off = days_off(liaison.country)
    due = due_at(decision.priority, now, liaison.timezone, policy, off)
    wanted = decision.tags.criteria.urgency
    if wanted is None:
        return due
    today = now.astimezone(ZoneInfo(liaison.timezone)).date()
    day = max(previous_working_day(wanted, off), next_working_day(today, off))
    return min(due, _end_of(day, liaison.timezone))


def due_at(
    priority: int,
    received_at: datetime,
    timezone: str,
    policy: Policy,
    off: Container[date] = WEEKENDS,
) -> datetime:
    """Return when the first answer is due.

    Parameters
    ----------
    priority
        0 to 100; picks the number of working days in `policy`.
    received_at
        Aware.
    timezone
        The liaison's, as an IANA name.
    off
        Days that do not count, weekends among them.

    Returns
    -------
    datetime
        Last second of the day, in UTC. The day of receipt itself does not count.
    """
    return later(received_at, working_days(priority, policy), timezone, off)


def later(moment: datetime, days: int, timezone: str, off: Container[date] = WEEKENDS) -> datetime:
    """Return the last second, in UTC, of the working day that is `days` working days after that of `moment`."""
    day = moment.astimezone(ZoneInfo(timezone)).date()
    for _ in range(days):
        day = next_working_day(day, off)
    return _end_of(day, timezone)


def working_days(priority: int, policy: Policy) -> int:
    """Return how many working days an inquiry of this `priority` may wait."""
    return next(band.working_days for band in policy.deadlines if max(priority, 0) >= band.priority)


def next_working_day(day: date, off: Container[date]) -> date:
    """Return the first day after `day` that is not `off`."""
    day += _DAY
    while day in off:
        day += _DAY
    return day


def previous_working_day(day: date, off: Container[date]) -> date:
    """Return the last day before `day` that is not `off`."""
    if day - date.min < timedelta(days=60):  # a year that nobody means; the calendar ends there
        return date.min
    day -= _DAY
    while day in off:
        day -= _DAY
    return day


def _end_of(day: date, timezone: str) -> datetime:
    return datetime.combine(day, _LAST_SECOND, tzinfo=ZoneInfo(timezone)).astimezone(UTC)
