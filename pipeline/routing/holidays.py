"""Which days are free in a country: its weekend and its public holidays."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from functools import cache

_SATURDAY, _SUNDAY = 5, 6
# Calendars end with the year 9999, and laws are known for less: no holidays are looked up beyond.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


class DaysOff:
    """The days on which nobody has to answer.

    Parameters
    ----------
    weekend
        Days of the week, Monday is 0.
    holidays
        The others.
    """

    def __init__(
        self,
        weekend: frozenset[int] = frozenset({_SATURDAY, _SUNDAY}),
        holidays: Container[date] = frozenset(),
    ) -> None:
        self._weekend = weekend
        self._holidays = holidays

    def __contains__(self, day: object) -> bool:
        """Return whether `day` is free."""
        if not isinstance(day, date):
            return False
        known = _FIRST_YEAR <= day.year <= _LAST_YEAR
        return day.weekday() in self._weekend or (known and day in self._holidays)


WEEKENDS = DaysOff()


@cache
def days_off(country: str | None) -> DaysOff:
    """Return the weekends and public holidays of a country, by the package `holidays`.

    Parameters
    ----------
    country
        ISO 3166 code; None, or one that the package does not know: Saturdays and Sundays alone. Holidays of parts of a
        country are left out.
    """
    if country is None:
        return WEEKENDS
    import holidays

    try:
        found = holidays.country_holidays(country)
    except NotImplementedError:
        return WEEKENDS
    return DaysOff(frozenset(found.weekend), found)


def has_holidays(country: str) -> bool:
    """Return whether the holidays of the `country` are known."""
    return days_off(country) is not WEEKENDS
