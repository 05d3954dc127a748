"""When the first answer is due: working days of the liaison, counted by the liaison's clock."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.routing.policy import Policy

_SATURDAY = 5
_DAY = timedelta(days=1)
# fold=1 is the later of two equal clock times, where clocks are put back at midnight (PEP 495).
_LAST_SECOND = time(23, 59, 59, fold=1)


def due_at(
    priority: int,
    received_at: datetime,
    timezone: str,
    policy: Policy,
    holidays: Container[date] = frozenset(),
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
    holidays
        Days that do not count beside Saturday and Sunday.

    Returns
    -------
    datetime
        Last second of the day, in UTC. The day of receipt itself does not count.
    """
    day = received_at.astimezone(ZoneInfo(timezone)).date()
    for _ in range(working_days(priority, policy)):
        day = _next_working_day(day, holidays)
    return datetime.combine(day, _LAST_SECOND, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def working_days(priority: int, policy: Policy) -> int:
    """Return how many working days an inquiry of this `priority` may wait."""
    return next(band.working_days for band in policy.deadlines if max(priority, 0) >= band.priority)


def _next_working_day(day: date, holidays: Container[date]) -> date:
    day += _DAY
    while day.weekday() >= _SATURDAY or day in holidays:
        day += _DAY
    return day
