"""When jobs run: APScheduler 3, in lanes, nothing dropped for being late, nothing kept on disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

Job = Callable[[], object]
OnFailure = Callable[[str, Exception], None]

_LANE = "default"
# By how much the clock may go differently than time goes by until that is a jump, in seconds.
_JUMP = 5.0


class _Lane(BasePoolExecutor):  # type: ignore[misc]
    """One thread for the jobs of a lane."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(1)
        super().__init__(self.threads)

    def end(self, deadline: float | None) -> bool:
        """Take no more jobs, wait for that under way, and return whether it ended before `deadline`."""
        self.threads.shutdown(wait=deadline is None, cancel_futures=True)
        while any(thread.is_alive() for thread in self.threads._threads):
            if deadline is not None and time.monotonic() >= deadline:
                return False
            for thread in self.threads._threads:
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return True


class Scheduler:
    """A timetable of named jobs.

    Jobs of one lane run in one thread, one after the other; lanes do not wait for each other. A job that is due while it
    still waits or runs is run once, however often it was missed; a late job is run late. An exception ends neither the
    timetable nor the job's later runs.

    Parameters
    ----------
    timezone
        In which times of day are meant, such as ``Europe/Berlin``.
    on_failure
        Called with a job's name and what it raised.
    """

    def __init__(self, timezone: str, on_failure: OnFailure) -> None:
        self._timezone = ZoneInfo(timezone)
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._hurried: set[str] = set()
        self._lanes = {_LANE: _Lane()}
        self._names: list[str] = []
        self._skew = _skew()
        # A job that takes longer than its interval is no news; failures go to `on_failure`.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(
            timezone=self._timezone,
            executors=dict(self._lanes),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, minutes: float, job: Job, name: str, lane: str = _LANE) -> None:
        """Run `job` as soon as the timetable starts, and then every `minutes`."""
        if lane not in self._lanes:
            self._lanes[lane] = _Lane()
            self._scheduler.add_executor(self._lanes[lane], lane)
        self._names.append(name)
        trigger = IntervalTrigger(seconds=minutes * 60, timezone=self._timezone)
        self._scheduler.add_job(
            self._guarded(job, name),
            trigger,
            id=name,
            name=name,
            executor=lane,
            next_run_time=datetime.now(UTC),
        )

    def daily(self, at: str, job: Job, name: str) -> None:
        """Run `job` every day at `at` (HH:MM)."""
        hour, minute = _clock(at)
        self._add(CronTrigger(hour=hour, minute=minute, timezone=self._timezone), job, name)

    def weekly(self, day: str, at: str, job: Job, name: str) -> None:
        """Run `job` every week on `day` (``mon`` to ``sun``) at `at` (HH:MM)."""
        hour, minute = _clock(at)
        trigger = CronTrigger(day_of_week=day, hour=hour, minute=minute, timezone=self._timezone)
        self._add(trigger, job, name)

    def hurry(self, name: str) -> None:
        """Run the job `name` now, out of turn, and if it runs already, once more after that."""
        self._hurried.add(name)
        self._due_now(name)

    def next_runs(self, now: datetime) -> tuple[tuple[str, datetime], ...]:
        """Return name and time (UTC) of each job's next regular run after `now`, soonest first."""
        found = []
        for job in self._scheduler.get_jobs():
            following = job.trigger.get_next_fire_time(None, now.astimezone(self._timezone))
            if following is not None:
                found.append((str(job.id), following.astimezone(UTC)))
        return tuple(sorted(found, key=lambda run: run[1]))

    def look_at_clock(self) -> bool:
        """Run what is repeated at once if the clock was set since the last look; return whether it was.

        The times of next runs are those of the clock: set back by a day, it would let everything wait for a day.
        """
        skew = _skew()
        if abs(skew - self._skew) <= _JUMP:
            return False
        self._skew = skew
        for name in self._names:
            self._due_now(name)
        return True

    def run(
        self,
        stop: threading.Event,
        leaving: Callable[[], object] = lambda: None,
        waiting: Callable[[], object] | None = None,
        seconds: float | None = None,
    ) -> bool:
        """Keep the timetable until `stop` is set; jobs that run then are waited for, others are not begun.

        Parameters
        ----------
        stop
            Ends it.
        leaving
            Called before jobs are waited for; may make them end sooner.
        waiting
            Called to wait for the end, and returns then; by default until `stop` is set.
        seconds
            How long jobs are waited for at the end; None: until they are done.

        Returns
        -------
        bool
            Whether all jobs ended.
        """
        self._stop = stop
        self._scheduler.start()
        try:
            (waiting or stop.wait)()
        finally:
            stop.set()
            deadline = None if seconds is None else time.monotonic() + seconds
            # A job that ends from now on reports to a timetable that has gone: no news.
            logging.getLogger("concurrent.futures").setLevel(logging.CRITICAL)
            leaving()
            # Waiting there would hold a lock that a job needs to hurry another one.
            self._scheduler.shutdown(wait=False)
            done = [lane.end(deadline) for lane in self._lanes.values()]
        return all(done)

    def _due_now(self, name: str) -> None:
        try:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        except JobLookupError:
            return

    def _add(self, trigger: CronTrigger, job: Job, name: str) -> None:
        self._scheduler.add_job(self._guarded(job, name), trigger, id=name, name=name)

    def _guarded(self, job: Job, name: str) -> Job:
        def guarded() -> None:
            wanted = True
            while wanted and not self._stop.is_set():
                self._hurried.discard(name)
                self._attempt(job, name)
                wanted = name in self._hurried

        return guarded

    def _attempt(self, job: Job, name: str) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - whatever a job does, the timetable goes on
            self._on_failure(name, error)


def _skew() -> float:
    """Return how far the clock is ahead of the time that goes by, in seconds."""
    return datetime.now(UTC).timestamp() - time.monotonic()


def _clock(at: str) -> tuple[int, int]:
    hour, _, minute = at.partition(":")
    return int(hour), int(minute)
