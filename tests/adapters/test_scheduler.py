"""The timetable: times of day across clock changes, failures, hurrying, leaving promptly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from pipeline.adapters.scheduler import Scheduler

PATIENCE = 10.0


class Failures:
    def __init__(self) -> None:
        self.seen: list[tuple[str, Exception]] = []

    def __call__(self, name: str, error: Exception) -> None:
        self.seen.append((name, error))


def nothing() -> None:
    """A job that only has a time."""


def times(moment: datetime, fill: Callable[[Scheduler], None], zone: str = "Europe/Berlin") -> list[str]:
    scheduler = Scheduler(zone, Failures())
    fill(scheduler)
    return [f"{name} {when:%Y-%m-%d %H:%M}" for name, when in scheduler.next_runs(moment)]


@contextmanager
def running(scheduler: Scheduler, stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=scheduler.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_times_of_day_are_local_and_sorted() -> None:
    def fill(scheduler: Scheduler) -> None:
        scheduler.weekly("mon", "07:30", nothing, "weekly")
        scheduler.daily("07:00", nothing, "daily")

    sunday = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert times(sunday, fill) == ["daily 2026-03-02 06:00", "weekly 2026-03-02 06:30"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), "daily 2026-03-29 05:00"),
        (datetime(2026, 3, 27, 12, tzinfo=UTC), "daily 2026-03-28 06:00"),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "daily 2026-10-25 06:00"),
    ],
)
def test_seven_stays_seven_when_the_clocks_change(moment: datetime, expected: str) -> None:
    assert times(moment, lambda scheduler: scheduler.daily("07:00", nothing, "daily")) == [expected]


def test_a_repeated_job_runs_at_once_and_again() -> None:
    stop, thrice = threading.Event(), threading.Barrier(2)
    calls: list[int] = []

    def job() -> None:
        calls.append(1)
        if len(calls) == 3:
            thrice.wait(PATIENCE)

    scheduler = Scheduler("UTC", Failures())
    scheduler.every(0.05 / 60, job, "poll")
    with running(scheduler, stop):
        thrice.wait(PATIENCE)
    assert len(calls) >= 3


def test_a_failure_is_told_and_does_not_end_the_job() -> None:
    stop, again = threading.Event(), threading.Event()
    failures = Failures()

    def job() -> None:
        if failures.seen:
            again.set()
        raise ValueError("broken step")

    scheduler = Scheduler("UTC", failures)
    scheduler.every(0.05 / 60, job, "poll")
    with running(scheduler, stop):
        assert again.wait(PATIENCE)
    name, error = failures.seen[0]
    assert (name, str(error)) == ("poll", "broken step")


def test_jobs_do_not_overlap() -> None:
    stop, enough = threading.Event(), threading.Event()
    busy = threading.Lock()
    overlaps: list[str] = []
    calls: list[str] = []

    def job(name: str) -> Callable[[], None]:
        def run() -> None:
            if not busy.acquire(blocking=False):
                overlaps.append(name)
                return
            calls.append(name)
            if len(set(calls)) == 2 and len(calls) > 5:
                enough.set()
            threading.Event().wait(0.01)
            busy.release()

        return run

    scheduler = Scheduler("UTC", Failures())
    scheduler.every(0.02 / 60, job("poll"), "poll")
    scheduler.every(0.02 / 60, job("send"), "send")
    with running(scheduler, stop):
        assert enough.wait(PATIENCE)
    assert overlaps == []


def test_a_hurried_job_runs_out_of_turn() -> None:
    stop, first, second = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        (second if first.is_set() else first).set()

    scheduler = Scheduler("UTC", Failures())
    scheduler.every(60, job, "poll")
    with running(scheduler, stop):
        assert first.wait(PATIENCE)
        scheduler.hurry("poll")
        assert second.wait(PATIENCE)
        scheduler.hurry("no such job")


def test_a_job_hurried_while_it_runs_runs_once_more() -> None:
    stop, started, go_on, again = (threading.Event() for _ in range(4))

    def job() -> None:
        if started.is_set():
            again.set()
        started.set()
        go_on.wait(PATIENCE)

    scheduler = Scheduler("UTC", Failures())
    scheduler.every(60, job, "poll")
    with running(scheduler, stop):
        assert started.wait(PATIENCE)
        scheduler.hurry("poll")
        go_on.set()
        assert again.wait(PATIENCE)


def test_stop_leaves_promptly_and_lets_a_job_finish() -> None:
    stop, started = threading.Event(), threading.Event()
    finished: list[bool] = []

    def job() -> None:
        started.set()
        stop.wait(PATIENCE)
        finished.append(True)

    scheduler = Scheduler("UTC", Failures())
    scheduler.every(60, job, "poll")
    with running(scheduler, stop):
        assert started.wait(PATIENCE)
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE / 2
    assert finished == [True]
    assert not [thread for thread in threading.enumerate() if "APScheduler" in thread.name]


def test_stop_before_the_start_runs_nothing() -> None:
    stop = threading.Event()
    stop.set()
    calls: list[int] = []
    scheduler = Scheduler("UTC", Failures())
    scheduler.every(1, lambda: calls.append(1), "poll")
    scheduler.run(stop)
    assert calls == []


def test_lanes_do_not_wait_for_each_other() -> None:
    stop, blocked, other = threading.Event(), threading.Event(), threading.Event()
    scheduler = Scheduler("UTC", Failures())

    def slow() -> None:
        blocked.set()
        stop.wait(PATIENCE)

    def quick() -> None:
        blocked.wait(PATIENCE)
        other.set()

    scheduler.every(60, slow, "slow", lane="one")
    scheduler.every(60, quick, "quick", lane="two")
    with running(scheduler, stop):
        assert other.wait(PATIENCE)
        assert not stop.is_set()


def test_a_job_may_hurry_another_while_the_timetable_ends() -> None:
    stop, started = threading.Event(), threading.Event()
    scheduler = Scheduler("UTC", Failures())

    def job() -> None:
        started.set()
        stop.wait(PATIENCE)
        for _ in range(200):
            scheduler.hurry("other")

    scheduler.every(60, job, "poll", lane="one")
    scheduler.every(60, nothing, "other", lane="two")
    with running(scheduler, stop):
        assert started.wait(PATIENCE)


def test_a_clock_that_is_set_back_does_not_let_jobs_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Next runs are times of the clock: set back by a day, all would wait for a day."""
    from apscheduler.schedulers import base

    stop, first, again = (threading.Event() for _ in range(3))
    runs: list[datetime] = []

    class Clock(datetime):
        ahead = timedelta()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + cls.ahead

    def job() -> None:
        runs.append(Clock.now(UTC))
        (first if len(runs) == 1 else again).set()

    monkeypatch.setattr(base, "datetime", Clock)
    monkeypatch.setattr("pipeline.adapters.scheduler.datetime", Clock)
    Clock.ahead = timedelta(days=1)
    scheduler = Scheduler("UTC", Failures())
    scheduler.every(60, job, "poll")
    with running(scheduler, stop):
        assert first.wait(PATIENCE)
        assert not scheduler.look_at_clock()
        Clock.ahead = timedelta()
        assert scheduler.look_at_clock()
        assert again.wait(PATIENCE)
        assert not scheduler.look_at_clock()
    assert runs[1] < runs[0]


def test_a_job_that_does_not_end_is_given_up_after_a_while() -> None:
    stop, started, go_on = (threading.Event() for _ in range(3))
    scheduler = Scheduler("UTC", Failures())

    def job() -> None:
        started.set()
        go_on.wait(PATIENCE)

    ended: list[bool] = []
    scheduler.every(60, job, "poll")
    thread = threading.Thread(target=lambda: ended.append(scheduler.run(stop, seconds=0.05)))
    thread.start()
    assert started.wait(PATIENCE)
    stop.set()
    thread.join(PATIENCE / 2)
    assert ended == [False]
    go_on.set()


def test_leaving_is_told_before_jobs_are_waited_for() -> None:
    stop, started, interrupted = (threading.Event() for _ in range(3))
    scheduler = Scheduler("UTC", Failures())

    def job() -> None:
        started.set()
        interrupted.wait(PATIENCE)

    scheduler.every(60, job, "poll")
    thread = threading.Thread(target=scheduler.run, args=(stop, interrupted.set))
    thread.start()
    assert started.wait(PATIENCE)
    stop.set()
    thread.join(PATIENCE / 2)
    assert not thread.is_alive()
