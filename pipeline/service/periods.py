"""Days and weeks in the zone of whoever reads, as windows of time in UTC."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.records.work import Window

# Mail is not older, and the weeks before any of these are still in the calendar.
_FIRST_YEAR = 1970
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day(of: date, zone: str) -> Window:
    """Return the day `of` in `zone`."""
    return _window(of.isoformat(), of, of + timedelta(days=1), zone)


def week(of: date, zone: str) -> Window:
    """Return the ISO week that the day `of` lies in."""
    monday = of - timedelta(days=of.weekday())
    year, number, _ = monday.isocalendar()
    return _window(f"{year}-W{number:02}", monday, monday + timedelta(days=7), zone)


def week_named(name: str, zone: str) -> Window:
    """Return the ISO week called `name`, such as 2026-W47.

    Raises
    ------
    ValueError
        If there is no such week, or it is one in which there was no mail yet.
    """
    monday = datetime.strptime(f"{name}-1", "%G-W%V-%u").date()  # noqa: DTZ007
    if monday.year < _FIRST_YEAR:
        raise ValueError(f"no week of a mailbox: {name}")
    return week(monday, zone)


def week_before(of: date, zone: str) -> Window:
    """Return the ISO week before the one that the day `of` lies in."""
    return week(of - timedelta(days=7), zone)


def weeks_until(window: Window, count: int, zone: str) -> tuple[Window, ...]:
    """Return `count` weeks that end with `window`, oldest first."""
    last = window.start.astimezone(ZoneInfo(zone)).date()
    return tuple(week(last - timedelta(days=7 * back), zone) for back in reversed(range(count)))


def last_struck(now: datetime, clock: str, zone: str, weekday: str | None = None) -> date:
    """Return the day on which the hour `clock` (HH:MM, on every day or each `weekday`) struck last in `zone`.

    After a pause it is the newest of the missed days: what was missed is caught up once.
    """
    return last_strike(now, (clock,), zone, (weekday,) if weekday else ())[0]


def last_strike(
    now: datetime, clocks: Sequence[str], zone: str, weekdays: Collection[str] = ()
) -> tuple[date, str]:
    """Return on which day and at which of the hours `clocks` it struck last in `zone`.

    An hour that the clock change leaves out strikes when it is over; one that comes twice strikes the first time.

    Parameters
    ----------
    now
        Aware.
    clocks
        Hours as HH:MM.
    zone
        IANA name.
    weekdays
        ``mon`` to ``sun``, on which it strikes; empty: on all.
    """
    today, place = now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)
    for back in range(9):
        on = today - timedelta(days=back)
        if weekdays and _DAYS[on.weekday()] not in weekdays:
            continue
        for clock in sorted(clocks, reverse=True):
            if datetime.combine(on, time.fromisoformat(clock), place).astimezone(UTC) <= now:
                return on, clock
    raise ValueError(f"no such weekdays or hours: {weekdays}, {clocks}")


def next_strike(now: datetime, clocks: Sequence[str], zone: str, weekdays: Collection[str] = ()) -> datetime:
    """Return when it strikes next after `now` in `zone`, in UTC; everything as with `last_strike`."""
    today, place = now.astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone)
    for ahead in range(-1, 10):  # a day that is left out strikes with the next one
        on = today + timedelta(days=ahead)
        if weekdays and _DAYS[on.weekday()] not in weekdays:
            continue
        for clock in sorted(clocks):
            strike = datetime.combine(on, time.fromisoformat(clock), place).astimezone(UTC)
            if strike > now:
                return strike
    raise ValueError(f"no such weekdays or hours: {weekdays}, {clocks}")


def last_weekday(of: date, weekday: str) -> date:
    """Return the newest `weekday` that is not after the day `of`."""
    return of - timedelta(days=(of.weekday() - _DAYS.index(weekday)) % 7)


def _window(period: str, start: date, end: date, zone: str) -> Window:
    return Window(period=period, start=_midnight(start, zone), end=_midnight(end, zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
