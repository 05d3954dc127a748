"""Read messages in a process that can be ended."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import datetime
from typing import Self

from pipeline.adapters.reading import wire
from pipeline.adapters.reading.process import ChildEnded, OverTime, ReadingProcess
from pipeline.errors import ReaderUnavailable, UnreadableMessage
from pipeline.records.inquiries import Inquiry

SECONDS = 2.0
"""Processor time for one mail with its documents."""

STALLED_SECONDS = 30.0
"""Time on the wall for one mail: a process that does nothing uses no processor time, and on a busy machine an honest
mail has to wait for its turn."""

MEMORY = 300 * 1024 * 1024
"""Memory for one mail beyond what the program itself takes, in octets."""

_PLAINLY_SMALL = 10 * 1024 * 1024  # octets; the parser's own limit is larger, but to ask it means to load it


class ChildReader:
    """Reads messages in a process of its own, which is ended where a message takes too much time or memory.

    The process is started at the first message, serves one message after the other, and is started again
    whenever it was lost. The octets of attachments stay in it; what documents among them say comes back as their text.

    Parameters
    ----------
    seconds
        Processor time for one message.
    memory
        Octets for one message.
    stalled_seconds
        Time on the wall for one message.
    """

    def __init__(
        self, *, seconds: float = SECONDS, memory: int = MEMORY, stalled_seconds: float = STALLED_SECONDS
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._stalled = stalled_seconds
        self._process: ReadingProcess | None = None
        self._lock = threading.Lock()

    def read(self, octets: bytes, received_at: datetime | None = None) -> Inquiry:
        """Read one message and the documents that are attached to it.

        Where reading the documents takes too much, the message comes without the rest of them and says so.

        Raises
        ------
        UnreadableMessage
            If there is no message in the octets, or reading it takes too much time or memory, or breaks the process.
        ReaderUnavailable
            If the process cannot be started.
        """
        _check_size(octets)
        with self._lock:
            ended = ChildEnded()
            # Twice where the process is lost: perhaps it was ended from outside, or had worn out.
            for _ in range(2):
                try:
                    return self._ask(octets, received_at)
                except ChildEnded as error:
                    ended = error
                except OverTime:
                    reason = f"reading it took over {self._seconds:g} s of processor time and was given up"
                    raise UnreadableMessage(reason) from None
            raise UnreadableMessage(f"reading it breaks the process that reads: {ended}")

    def __enter__(self) -> Self:
        """Start the process already, so that it is ready when it is needed."""
        with self._lock:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """End the process; the next message starts another one."""
        with self._lock:
            self._drop()

    def _ask(self, octets: bytes, received_at: datetime | None) -> Inquiry:
        process = self._start()
        try:
            process.wait_until_ready()
        except ReaderUnavailable:
            self._drop()
            raise
        deadline = time.monotonic() + self._stalled
        answers: list[wire.Frame] = []
        try:
            process.ask(octets, received_at, deadline)
            for answer in process.answers(deadline):
                answers.append(answer)  # noqa: PERF402 - those before a loss count
        except (ChildEnded, OverTime) as lost:
            self._renew()
            if not answers:
                raise
            answers.append(_lost(lost))
        if process.worn:
            self._renew()
        return _inquiry(answers)

    def _start(self) -> ReadingProcess:
        self._process = self._process or ReadingProcess(self._seconds, self._memory)
        return self._process

    def _renew(self) -> None:
        """End the process and start another one, which gets ready while other work is done."""
        self._drop()
        with suppress(ReaderUnavailable):  # told to the one who needs it
            self._start()

    def _drop(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


def _check_size(octets: bytes) -> None:
    """Refuse a message that the process would refuse, before all of it is sent there."""
    if len(octets) > _PLAINLY_SMALL:
        from pipeline.parsing.mime import check_size

        check_size(octets)


def _lost(error: Exception) -> wire.Frame:
    """Return what stands for the documents that a lost process did not read."""
    why = "takes too much time" if isinstance(error, OverTime) else f"breaks the process that reads ({error})"
    return {"defect": f"documents not read to the end: that {why}"}


def _inquiry(answers: list[wire.Frame]) -> Inquiry:
    """Make an inquiry of what a process said, or the error that it speaks of."""
    match answers[0]:
        case {"inquiry": told}:
            try:
                return wire.with_documents(wire.inquiry(told), answers[1:])
            except ValueError:
                raise UnreadableMessage("reading it gives no inquiry: please report this mail") from None
        case {"unreadable": str(reason)}:
            raise UnreadableMessage(reason)
        case {"failed": str(reason), "trace": str(trace)}:
            error = UnreadableMessage(f"reading it failed: {reason}")
            error.add_note(trace)
            raise error
    raise UnreadableMessage("reading it gives no answer that makes sense: please report this mail")
