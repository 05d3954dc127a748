"""What `triage run` does until it is told to stop, in lanes that do not wait for each other.

Each account is polled and marked in a lane of its own, and each help desk is told of decisions in one; all messages are
read and decided in another, and digests are sent in a third. What one lane has done hurries the next: a stored batch the
work, a decision the marks. The ledger is all that they share.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from pipeline.service.marks import MailServer
from pipeline.service.rounds import Desk
from pipeline.service.writeback import HelpDesk

# How late a digest may be.
_SEND_MINUTES = 1
# Digests wait for the first poll and what it brought, but not for a server that does not answer.
_PATIENCE_SECONDS = 600.0
_WORK = "work"
_SEND = "send"


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
    say
        Takes a line for people.
    renew
        Returns the desk with changed rules, asked before each work; None: the rules stay.
    """

    def __init__(
        self,
        desk: Desk,
        timetable: Timetable,
        stop: threading.Event,
        say: Callable[[str], None],
        renew: Callable[[Desk], Desk] | None = None,
    ) -> None:
        self._desk = desk
        self._renew = renew
        self._timetable = timetable
        self._stop = stop
        self._say = say
        self._unpolled = {source.name for source in desk.sources}
        self._caught_up = threading.Event()
        self._began = time.monotonic()

    def schedule(self) -> None:
        """Put all jobs on the timetable."""
        minutes = self._desk.settings.schedule.poll_minutes
        for source in self._desk.sources:
            self._add_source(source, minutes)
        for desk in self._desk.help_desks:
            self._add_help_desk(desk, minutes)
        self._timetable.every(minutes, self._ended(self._work), _WORK, lane=_WORK)
        self._timetable.every(_SEND_MINUTES, self._ended(self._send), _SEND, lane=_SEND)

    def news(self, source: str) -> None:
        """Poll `source` now: mail may have come."""
        self._timetable.hurry(_poll_name(source))

    def interrupt(self) -> None:
        """End what waits for a mail server, for the end of the service."""
        for source in self._desk.sources:
            source.interrupt()
        for desk in self._desk.help_desks:
            desk.interrupt()

    def _add_help_desk(self, desk: HelpDesk, minutes: float) -> None:
        name = _write_name(desk)
        self._timetable.every(minutes, self._ended(lambda: self._write_back(desk)), name, lane=name)

    def _add_source(self, source: MailServer, minutes: float) -> None:
        self._timetable.every(
            minutes, self._ended(lambda: self._poll(source)), _poll_name(source.name), lane=source.name
        )
        if source.to_mark():
            self._timetable.every(
                minutes, self._ended(lambda: self._mark(source)), _mark_name(source.name), lane=source.name
            )

    def _ended(self, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                job()
            except _Stopped:
                return

        return run

    def _poll(self, source: MailServer) -> None:
        recorded, problems = self._desk.poll_source(source, self._stored)
        self._tell(problems)
        if recorded.stored or recorded.refused:
            aside = f", {recorded.refused} set aside" if recorded.refused else ""
            self._say(f"{source.name}: {recorded.stored} new{aside}")
        if source.name in self._unpolled:
            self._unpolled.discard(source.name)
            self._timetable.hurry(_WORK)

    def _stored(self, step: str, done: int, total: int | None) -> None:  # noqa: ARG002 - as Progress has it
        """Let the work on a batch begin while the next one is downloaded."""
        self._timetable.hurry(_WORK)
        self._leave_if_stopped()

    def _work(self) -> None:
        complete = not self._unpolled
        if self._renew:
            self._desk = self._renew(self._desk)
        outcomes, _ = self._desk.work(lambda *_: self._leave_if_stopped())
        if outcomes:
            self._say("tagged: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
            for source in self._desk.sources:
                if source.to_mark():
                    self._timetable.hurry(_mark_name(source.name))
            for desk in self._desk.help_desks:
                self._timetable.hurry(_write_name(desk))
        if complete and not self._caught_up.is_set():
            self._caught_up.set()
            self._timetable.hurry(_SEND)

    def _mark(self, source: MailServer) -> None:
        _, problems = self._desk.mark_source(source)
        self._tell(problems)

    def _write_back(self, desk: HelpDesk) -> None:
        written, problems = self._desk.write_back_to(desk, lambda *_: self._leave_if_stopped())
        self._tell(problems)
        if written:
            self._say(f"otrs.{desk.server.name}: {written} tickets told")

    def _send(self) -> None:
        if not self._caught_up.is_set() and time.monotonic() - self._began < _PATIENCE_SECONDS:
            return
        _, delivery = self._desk.send(lambda *_: self._leave_if_stopped())
        told = [f"{count} {outcome.value}" for outcome, count in delivery.items() if count]
        if told:
            self._say("mails: " + ", ".join(told))

    def _tell(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            if not self._stop.is_set():  # then it is only that connections were cut
                self._say(f"triage: {problem}")

    def _leave_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped


def _poll_name(source: str) -> str:
    return f"poll {source}"


def _mark_name(source: str) -> str:
    return f"mark {source}"


def _write_name(desk: HelpDesk) -> str:
    return f"write back {desk.server.name}"
