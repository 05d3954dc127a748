"""Deadlines: working days by the liaison's own clock, whatever that clock does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.work import Entry, State
from pipeline.routing.deadlines import due_at, working_days
from pipeline.routing.duetimes import Band
from pipeline.routing.holidays import DaysOff
from pipeline.routing.policy import Policy

POLICY = Policy(
    fallback="ana",
    deadlines=(
        Band(priority=80, working_days=1),
        Band(priority=50, working_days=3),
        Band(priority=0, working_days=10),
    ),
)


@pytest.mark.parametrize(
    ("priority", "days"), [(100, 1), (80, 1), (79, 3), (50, 3), (49, 10), (0, 10), (-1, 10)]
)
def test_the_priority_picks_the_band(priority: int, days: int) -> None:
    assert working_days(priority, POLICY) == days


@pytest.mark.parametrize(
    ("received", "zone", "due"),
    [
        ("2026-11-18T12:00", "UTC", "2026-11-19T23:59:59"),  # Wednesday to Thursday
        ("2026-11-20T12:00", "UTC", "2026-11-23T23:59:59"),  # Friday to Monday
        ("2026-11-21T12:00", "UTC", "2026-11-23T23:59:59"),  # Saturday to Monday
        ("2026-11-20T12:00", "Asia/Kolkata", "2026-11-23T18:29:59"),
        ("2026-11-19T20:00", "Pacific/Auckland", "2026-11-23T10:59:59"),  # it is Friday there already
        ("2026-03-27T12:00", "Europe/Brussels", "2026-03-30T21:59:59"),  # clocks go forward on Sunday
        ("2026-10-23T12:00", "Europe/Brussels", "2026-10-26T22:59:59"),  # and back
        ("2026-10-31T12:00", "America/Havana", "2026-11-03T04:59:59"),  # back at one in the morning of Sunday
    ],
)
def test_the_last_second_of_the_next_working_day(received: str, zone: str, due: str) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert due_at(90, at, zone, POLICY) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_day_of_25_hours_is_used_to_its_end() -> None:
    policy = Policy(fallback="ana", deadlines=(Band(priority=0, working_days=1),))
    friday = datetime(
        2010, 10, 28, 12, tzinfo=UTC
    )  # Egypt put its clocks back at midnight of a Friday, 2010-10-01
    assert due_at(0, friday, "Africa/Cairo", policy) == datetime(2010, 10, 29, 21, 59, 59, tzinfo=UTC)
    thursday = datetime(2010, 9, 29, 12, tzinfo=UTC)
    # 23:59:59 came twice on 2010-09-30; the second one counts.
    assert due_at(0, thursday, "Africa/Cairo", policy) == datetime(2010, 9, 30, 21, 59, 59, tzinfo=UTC)


def test_holidays_do_not_count() -> None:
    at = datetime(2026, 12, 24, 12, tzinfo=UTC)
    off = DaysOff(holidays={date(2026, 12, 25)})
    assert due_at(90, at, "UTC", POLICY, off).date() == date(2026, 12, 28)


@given(
    hours=st.integers(0, 40 * 365 * 24),
    zone=st.sampled_from(["UTC", "Europe/Brussels", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]),
    priority=st.integers(0, 100),
)
def test_due_on_a_working_day_after_receipt(hours: int, zone: str, priority: int) -> None:
    at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    due = due_at(priority, at, zone, POLICY)
    there = due.astimezone(ZoneInfo(zone))
    assert due.utcoffset() == timedelta(0)
    assert there.weekday() < 5
    assert there.date() > at.astimezone(ZoneInfo(zone)).date()
    assert due - at < timedelta(days=17)


@pytest.mark.parametrize("state", list(State))
def test_only_what_waits_for_a_first_answer_is_overdue(
    state: State, entry: Callable[..., Entry], noon: datetime
) -> None:
    late = entry("K1", due_at=noon - timedelta(seconds=1), state=state)
    assert late.is_overdue(noon) is (state in (State.RECEIVED, State.ASSIGNED, State.ACCEPTED))


def test_not_overdue_before_its_time_or_without_one(entry: Callable[..., Entry], noon: datetime) -> None:
    assert not entry("K1", due_at=noon).is_overdue(noon)
    assert not entry("K1").is_overdue(noon)
