"""Digests across clock changes, jumps of the clock and downtime, on a faked clock: each due digest once, none left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import outbox
from pipeline.errors import UsageError
from pipeline.service import periods
from pipeline.service.digests import Digester
from pipeline.service.weekly import Weekly
from pipeline.settings import Schedule, Settings
from tests.service.test_dailies import comes, digester, office
from tests.support.ledgers import fresh_ledger

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
# Zone, a day of a change, and an hour that is left out or comes twice on it.
CHANGES = [
    ("Europe/Berlin", "2026-03-29", "02:30"),
    ("Europe/Berlin", "2026-10-25", "02:30"),
    ("America/New_York", "2026-03-08", "02:30"),
    ("America/New_York", "2026-11-01", "01:30"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15"),
    ("Australia/Lord_Howe", "2026-04-05", "01:45"),
    ("Africa/Cairo", "2026-04-24", "00:30"),
    ("Asia/Beirut", "2026-03-29", "00:00"),
    ("Pacific/Apia", "2011-12-30", "07:00"),
    ("Asia/Kathmandu", "2026-03-29", "02:30"),
]


def walk(start: datetime, days: float, step: timedelta = QUARTER) -> Iterable[datetime]:
    for number in range(int(timedelta(days=days) / step)):
        yield start + number * step


def test_the_newest_week_is_the_one_before_the_committees_monday() -> None:
    settings = Settings(schedule=Schedule(timezone="Asia/Tokyo"))
    weekly = Weekly(ledger=cast("Any", None), policy=cast("Any", None), settings=settings)
    monday_in_tokyo = datetime(2026, 11, 22, 16, tzinfo=UTC)
    with pytest.raises(UsageError, match="newest that is: 2026-W47"):
        weekly.named("2026-W48", monday_in_tokyo)


def strikes(moments: Iterable[datetime], clock: str, zone: str) -> Counter[str]:
    """Count how often each day's hour is seen to strike for the first time, as an outbox keyed by day would."""
    known: set[str] = set()
    seen: Counter[str] = Counter()
    for now in moments:
        day = periods.last_struck(now, clock, zone).isoformat()
        if day not in known:
            known.add(day)
            seen[day] += 1
    return seen


@pytest.mark.parametrize(("zone", "day", "clock"), CHANGES)
def test_an_hour_that_is_left_out_or_comes_twice_strikes_once(zone: str, day: str, clock: str) -> None:
    middle = datetime.fromisoformat(f"{day}T12:00+00:00")
    seen = strikes(walk(middle - 2 * DAY, 4), clock, zone)
    expected = {(middle + number * DAY).date().isoformat() for number in (-2, -1, 0, 1)}
    if zone == "Pacific/Apia":
        expected.remove("2011-12-30")  # that day never was there
    assert set(seen) >= expected, "no day is left out"
    assert set(seen.values()) == {1}


@pytest.mark.parametrize(("zone", "day", "clock"), CHANGES)
def test_the_last_strike_never_goes_back_and_the_next_one_is_ahead(zone: str, day: str, clock: str) -> None:
    start = datetime.fromisoformat(f"{day}T12:00+00:00") - 2 * DAY
    last = periods.last_struck(start, clock, zone)
    for now in walk(start, 4):
        struck = periods.last_struck(now, clock, zone)
        assert struck >= last
        last = struck
        ahead = periods.next_strike(now, (clock,), zone)
        assert now < ahead <= now + timedelta(hours=49)
        assert (
            periods.last_struck(ahead, clock, zone) > struck
            or periods.last_struck(ahead, clock, zone) == last
        )


def test_the_next_strike_is_that_of_the_named_days_and_hours() -> None:
    friday = datetime(2026, 3, 27, 12, tzinfo=UTC)
    clocks, days = ("07:00", "16:00"), ("mon", "fri")
    assert periods.next_strike(friday, clocks, "Europe/Berlin", days) == datetime(2026, 3, 27, 15, tzinfo=UTC)
    later = datetime(2026, 3, 27, 15, tzinfo=UTC)
    # The clocks change on Sunday.
    assert periods.next_strike(later, clocks, "Europe/Berlin", days) == datetime(2026, 3, 30, 5, tzinfo=UTC)


def queued(ledger: SqlLedger) -> list[str]:
    """Return the days of all digests that were queued, in order."""
    with ledger.engine.connect() as connection:
        return list(connection.execute(select(outbox.c.period).order_by(outbox.c.id)).scalars())


def house(tmp_path: Path, zone: str) -> tuple[SqlLedger, Digester]:
    """A desk whose liaison wants a digest at 02:30, and always has something to do."""
    ledger = fresh_ledger(tmp_path / "triage.db")
    policy = office(timezone=zone, digest_at=["02:30"])
    comes(ledger, policy, datetime(2026, 3, 1, 9, tzinfo=UTC))
    return ledger, digester(ledger, policy)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("America/New_York", "2026-03-08")],
)
def test_a_digest_at_an_hour_of_the_change_is_queued_once(tmp_path: Path, zone: str, day: str) -> None:
    ledger, made = house(tmp_path, zone)
    with closing(ledger):
        middle = datetime.fromisoformat(f"{day}T12:00+00:00")
        for now in walk(middle - 2 * DAY, 4, 2 * QUARTER):
            made.queue_due(now)
        days = [(middle + number * DAY).date().isoformat() for number in (-2, -1, 0, 1, 2)]
        assert queued(ledger) == days[: len(queued(ledger))]
        assert len(queued(ledger)) >= 4


def test_a_clock_that_jumps_sends_nothing_twice(tmp_path: Path) -> None:
    """Set back by two hours again and again around the hour, then a day ahead, and back to where it was."""
    ledger, made = house(tmp_path, "Europe/Berlin")
    with closing(ledger):
        hour = datetime(2026, 3, 25, 1, 30, tzinfo=UTC)
        for back in (0, 2, 0, 2, 0):
            made.queue_due(hour + QUARTER - timedelta(hours=back))
        assert queued(ledger) == ["2026-03-25", "2026-03-24"], "each day once, whatever the clock says"
        made.queue_due(hour + DAY + QUARTER)
        made.queue_due(hour + 2 * QUARTER)
        made.queue_due(hour + DAY + 2 * QUARTER)
        assert queued(ledger) == ["2026-03-25", "2026-03-24", "2026-03-26"]


def test_after_downtime_the_newest_digest_alone_is_caught_up(tmp_path: Path) -> None:
    ledger, made = house(tmp_path, "Europe/Berlin")
    with closing(ledger):
        made.queue_due(datetime(2026, 3, 24, 12, tzinfo=UTC))
        # Down over the change of the clocks and ten days more.
        made.queue_due(datetime(2026, 4, 8, 23, 59, tzinfo=UTC))
        made.queue_due(datetime(2026, 4, 9, 0, 0, tzinfo=UTC))
        made.queue_due(datetime(2026, 4, 9, 0, 31, tzinfo=UTC))
        assert queued(ledger) == ["2026-03-24", "2026-04-08", "2026-04-09"]
