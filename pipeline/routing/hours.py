"""Who is there in time: working days until the answer is due, absences to come, and for urgent inquiries the hour of day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.routing.deadlines import next_working_day
from pipeline.routing.holidays import DaysOff, days_off
from pipeline.routing.policy import Liaison

# Being away on all the days on which an answer could be written weighs as much as half an activity too many.
_AWAY = 1.0
# Of the days that an answer may take, so many are looked at: nobody plans further.
_DAYS_AHEAD = 10
# Office hours, by the liaison's clock.
_OPENS, _CLOSES = 9, 17
# A day until anybody can look weighs as much as the difference between naming a country and naming its region.
_A_DAY = 1.0
# From so many working days on an answer is not urgent, and no time of day matters.
PRESSING = 2


def time_cost(liaison: Liaison, now: datetime, days: int) -> float:
    """Return what it costs that `liaison` may be away or asleep while an answer is due within `days` working days."""
    off = days_off(liaison.country)
    cost = _AWAY * _share_away(liaison, now, min(days, _DAYS_AHEAD), off) if liaison.absences else 0.0
    if days <= PRESSING:
        cost += _A_DAY * min(hours_until_open(liaison, now, off) / 24, 3.0)
    return cost


def hours_until_open(liaison: Liaison, now: datetime, off: DaysOff) -> float:
    """Return the hours until the office hours of `liaison` (9 to 17 by their clock, on working days); 0 during them."""
    zone = ZoneInfo(liaison.timezone)
    local = now.astimezone(zone)
    if local.date() not in off and _OPENS <= local.hour < _CLOSES:
        return 0.0
    early = local.date() not in off and local.hour < _OPENS
    day = local.date() if early else next_working_day(local.date(), off)
    opens = datetime.combine(day, time(_OPENS), tzinfo=zone).astimezone(UTC)
    return max((opens - now.astimezone(UTC)) / timedelta(hours=1), 0.0)


def _share_away(liaison: Liaison, now: datetime, days: int, off: DaysOff) -> float:
    day: date = now.astimezone(ZoneInfo(liaison.timezone)).date()
    missed = 0
    for _ in range(days):
        day = next_working_day(day, off)
        missed += any(away.first <= day <= away.last for away in liaison.absences)
    return missed / days if days else 0.0
