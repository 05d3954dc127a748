"""What `triage run` does until it is told to stop, in lanes that do not wait for each other.

What one lane has done hurries the next: a stored batch the work, a decision the marks. The ledger is all that they
share.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from pipeline.records.jobs import Job, JobKind, job_name
from pipeline.service.ingest import is_left_to_another
from pipeline.service.jobs import declared
from pipeline.service.marks import MailServer
from pipeline.service.pulse import Pulse, WatchedReader
from pipeline.service.rounds import Desk
from pipeline.service.telling import Tell, entry, problem
from pipeline.service.writeback import HelpDesk

# Digests wait for the first poll and what it brought, but not for a server that does not answer.
_PATIENCE_SECONDS = 600.0
# A mail that is being handed in is handed in: cut off in the last moment, it would go out twice.
_LAST_MAIL_SECONDS = 3.0
_WORK, _SEND = JobKind.WORK.value, JobKind.SEND.value

Observe = Callable[[str, float, bool], None]
"""Takes a job's name, how many seconds it took, and whether it went well."""


class Timetable(Protocol):
    """Runs jobs again and again, in lanes."""

    def every(self, minutes: float, job: Callable[[], object], name: str, lane: str) -> None:
        """Run `job` now and every `minutes`, after other jobs of its lane."""
        ...

    def hurry(self, name: str) -> None:
        """Run a job now, or once more after it ends."""
        ...


class _Stopped(Exception):
    """Ends a job between two steps of it."""


class Lanes:
    """The jobs of the service.

    Parameters
    ----------
    desk
        What does the work.
    timetable
        When and in which thread.
    stop
        Set when the service is to end.
    tell
        Takes entries of the log.
    renew
        Returns the desk with changed rules, asked before each work; None: the rules stay.
    pulse
        Takes the signs of life.
    observe
        Takes how long each job took.
    """

    def __init__(
        self,
        desk: Desk,
        timetable: Timetable,
        stop: threading.Event,
        tell: Tell,
        renew: Callable[[Desk], Desk] | None = None,
        pulse: Pulse | None = None,
        observe: Observe = lambda *_: None,
    ) -> None:
        self._pulse = pulse or Pulse(desk.settings.service.stalled_minutes * 60)
        reader = WatchedReader(desk.reader, lambda: self._pulse.beat(_WORK))
        self._desk = replace(desk, reader=reader)
        self._renew = renew
        self._timetable = timetable
        self._stop = stop
        self._tell = tell
        self._observe = observe
        self._unpolled = {source.name for source in desk.sources}
        self._caught_up = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._began = time.monotonic()

    @property
    def desk(self) -> Desk:
        """What does the work now."""
        return self._desk

    def schedule(self) -> None:
        """Put all jobs that the settings ask for on the timetable."""
        for job in declared(self._desk.settings):
            run = self._run_of(job)
            if run is not None:
                self._pulse.expect(job.lane, job.minutes * 60)
                self._timetable.every(job.minutes, self._watched(job, run), job.name, lane=job.lane)

    def news(self, source: str) -> None:
        """Poll `source` now: mail may have come."""
        self._timetable.hurry(job_name(JobKind.POLL, source))

    def renewed(self) -> None:
        """Work now: there are new rules."""
        self._timetable.hurry(_WORK)

    def interrupt(self) -> None:
        """End what waits for a server, for the end of the service; a mail on its way has a moment to get there."""
        for source in self._desk.sources:
            source.interrupt()
        for desk in self._desk.help_desks:
            desk.interrupt()
        self._idle.wait(_LAST_MAIL_SECONDS)
        for way_out in (self._desk.sender, self._desk.wiki):
            if way_out is not None:
                way_out.interrupt()

    def _run_of(self, job: Job) -> Callable[[], bool] | None:
        """Return what a job runs; None if there is nothing to do it with."""
        if job.kind is JobKind.WORK:
            return self._work
        if job.kind is JobKind.SEND:
            return self._send
        if job.kind is JobKind.KEEP:
            return self._keep
        if job.kind is JobKind.WRITE_BACK:
            desks = {one.server.name: one for one in self._desk.help_desks}
            return (lambda: self._write_back(desks[job.of])) if job.of in desks else None
        sources = {one.name: one for one in self._desk.sources}
        if job.of not in sources:
            return None
        run = self._poll if job.kind is JobKind.POLL else self._mark
        return lambda: run(sources[job.of])

    def _watched(self, job: Job, run: Callable[[], bool]) -> Callable[[], None]:
        """Return `run` with signs of life, its time taken, and ended where the service ends."""

        def watched() -> None:
            began, well = time.monotonic(), False
            self._pulse.beat(job.lane)
            try:
                well = run()
            except _Stopped:
                well = True
            finally:
                self._pulse.ended(job.lane)
                self._observe(job.name, time.monotonic() - began, well)

        return watched

    def _poll(self, source: MailServer) -> bool:
        def stored(step: str, done: int, total: int | None) -> None:  # noqa: ARG001 - as Progress has it
            """Let the work on a batch begin while the next one is downloaded."""
            self._pulse.beat(source.name)
            self._timetable.hurry(_WORK)
            self._leave_if_stopped()

        recorded, problems = self._desk.poll_source(source, stored)
        well = self._tell_problems(problems, source.name)
        if recorded.stored or recorded.refused:
            aside = f", {recorded.refused} set aside" if recorded.refused else ""
            figures = {"stored": recorded.stored, "known": recorded.known, "refused": recorded.refused}
            told = f"{source.name}: {recorded.stored} new{aside}"
            self._tell(entry("polled", told, {"source": source.name, **figures}))
        if source.name in self._unpolled:
            self._unpolled.discard(source.name)
            self._timetable.hurry(_WORK)
        return well

    def _work(self) -> bool:
        complete = not self._unpolled
        if self._renew:
            self._desk = self._renew(self._desk)
        outcomes, _ = self._desk.work(lambda *_: self._step(_WORK))
        if outcomes:
            told = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
            self._tell(entry("tagged", f"tagged: {told}", dict(outcomes)))
            for source in self._desk.sources:
                if source.to_mark():
                    self._timetable.hurry(job_name(JobKind.MARK, source.name))
            for desk in self._desk.help_desks:
                self._timetable.hurry(job_name(JobKind.WRITE_BACK, desk.server.name))
        if complete and not self._caught_up.is_set():
            self._caught_up.set()
            self._timetable.hurry(_SEND)
        return True

    def _mark(self, source: MailServer) -> bool:
        _, problems = self._desk.mark_source(source, lambda *_: self._step(source.name))
        return self._tell_problems(problems, source.name)

    def _write_back(self, desk: HelpDesk) -> bool:
        name = desk.server.name
        lane = job_name(JobKind.WRITE_BACK, name)
        written, problems = self._desk.write_back_to(desk, lambda *_: self._step(lane))
        well = self._tell_problems(problems, f"otrs:{name}")
        if written:
            told = f"otrs.{name}: {written} tickets told"
            self._tell(entry("written", told, {"source": f"otrs:{name}", "tickets": written}))
        return well

    def _send(self) -> bool:
        if not self._caught_up.is_set() and time.monotonic() - self._began < _PATIENCE_SECONDS:
            return True
        self._idle.clear()
        try:
            # Of several services on one ledger one queues what is due; all deliver.
            _, delivery = self._desk.send(lambda *_: self._step(_SEND), queue=self._desk.leads())
        finally:
            self._idle.set()
        told = {outcome.value: count for outcome, count in delivery.items() if count}
        if told:
            words = ", ".join(f"{count} {name}" for name, count in told.items())
            self._tell(entry("delivered", f"mails: {words}", told))
        return True

    def _keep(self) -> bool:
        removed = {
            name: count for name, count in self._desk.keep(lambda *_: self._step(_WORK)).items() if count
        }
        if removed:
            words = ", ".join(f"{count} {name}" for name, count in removed.items())
            self._tell(entry("removed", f"kept long enough: {words}", removed))
        return True

    def _tell_problems(self, problems: tuple[str, ...], source: str) -> bool:
        """Tell what went wrong; return whether nothing did."""
        for line in problems:
            if not self._stop.is_set():  # then it is only that connections were cut
                self._tell(problem("problem", line, {"source": source}))
        return all(map(is_left_to_another, problems))

    def _step(self, lane: str) -> None:
        """Note that a step is done, and end the job here if the service ends."""
        self._pulse.beat(lane)
        self._leave_if_stopped()

    def _leave_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped
