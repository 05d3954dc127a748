"""Days, weeks and striking hours, over zones and clock changes."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.service import periods

BERLIN = "Europe/Berlin"


def test_a_day_is_as_long_as_the_clock_change_makes_it() -> None:
    spring = periods.day(date(2026, 3, 29), BERLIN)
    autumn = periods.day(date(2026, 10, 25), BERLIN)
    assert spring.end - spring.start == timedelta(hours=23)
    assert autumn.end - autumn.start == timedelta(hours=25)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 3, 22), "2026-W12"),
        (date(2026, 3, 23), "2026-W13"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2025, 12, 29), "2026-W01"),
    ],
)
def test_weeks_are_iso_weeks(day: date, name: str) -> None:
    window = periods.week(day, "UTC")
    assert window.period == name
    assert window.start.weekday() == 0
    assert periods.week_named(name, "UTC") == window


@pytest.mark.parametrize("name", ["2026-W54", "2026-12", "week", "2026-W00", "0001-W10"])
def test_there_is_no_such_week(name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        periods.week_named(name, "UTC")


@pytest.mark.parametrize(
    ("now", "zone", "weekday", "struck"),
    [
        ("2026-03-23T06:59", "UTC", None, date(2026, 3, 22)),
        ("2026-03-23T07:00", "UTC", None, date(2026, 3, 23)),
        ("2026-03-23T05:30", BERLIN, None, date(2026, 3, 22)),
        ("2026-03-23T06:30", BERLIN, None, date(2026, 3, 23)),
        ("2026-03-23T01:00", "Asia/Tokyo", None, date(2026, 3, 23)),
        ("2026-03-23T06:59", "UTC", "mon", date(2026, 3, 16)),
        ("2026-03-23T07:00", "UTC", "mon", date(2026, 3, 23)),
        ("2026-03-26T03:00", "UTC", "mon", date(2026, 3, 23)),
        ("2026-03-22T23:00", "UTC", "mon", date(2026, 3, 16)),
    ],
)
def test_the_hour_that_struck_last(now: str, zone: str, weekday: str | None, struck: date) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert periods.last_struck(moment, "07:00", zone, weekday) == struck


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["UTC", BERLIN, "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Kiritimati"]),
    st.sampled_from([None, "mon", "sun"]),
)
def test_the_last_striking_is_never_ahead_and_never_stale(
    now: datetime, zone: str, weekday: str | None
) -> None:
    struck = periods.last_struck(now, "07:00", zone, weekday)
    begun = periods.day(struck, zone).start + timedelta(hours=6)
    assert begun <= now + timedelta(hours=2)
    assert now - begun <= timedelta(days=8 if weekday else 2)


def test_weeks_end_with_the_one_asked_for() -> None:
    last = periods.week(date(2026, 3, 23), BERLIN)
    weeks = periods.weeks_until(last, 26, BERLIN)
    assert len(weeks) == 26
    assert weeks[-1] == last
    assert all(before.end == after.start for before, after in itertools.pairwise(weeks))
