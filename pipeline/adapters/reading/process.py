"""The parent's side of the process that reads mail: starting it, talking with it against the clock, ending it."""

from __future__ import annotations

import os
import select
import signal
import subprocess  # nosec B404 # no shell, our own program
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from pipeline.adapters.children import environment
from pipeline.adapters.reading import wire
from pipeline.errors import ReaderUnavailable

_START_SECONDS = 60.0  # until the libraries are loaded, on a busy machine
_END_SECONDS = 1.0
_MEND = "see that there is memory, or install the program again"
_PIECE = 1024 * 1024


class ChildEnded(Exception):
    """The process is gone, or speaks nonsense; the message says how it ended."""


class OverTime(Exception):
    """One mail took too much processor time; the process is gone."""


class ReadingProcess:
    """A running process; it takes a moment until it is ready.

    Parameters
    ----------
    seconds
        Processor time for one mail.
    memory
        Octets for one mail.

    Attributes
    ----------
    worn
        It has used so much memory that it ends by itself: the next mail needs another one.

    Raises
    ------
    ReaderUnavailable
        If it does not start.
    """

    def __init__(self, seconds: float, memory: int) -> None:
        self._faults: IO[bytes] | None = tempfile.TemporaryFile()  # noqa: SIM115 - open until the process is ready
        try:
            self._popen = _started(seconds, memory, self._faults)
        except OSError as error:
            self._faults.close()
            raise ReaderUnavailable(
                f"the process that reads mail cannot be started: {error.strerror}; {_MEND}"
            ) from None
        self._input, self._output = _pipes(self._popen)
        self._end = weakref.finalize(self, _end, self._popen)
        weakref.finalize(self, self._faults.close)
        self._received = bytearray()
        self.worn = False

    def wait_until_ready(self) -> None:
        """Wait until it takes mail.

        Raises
        ------
        ReaderUnavailable
            If it never will.
        """
        if self._faults is None:
            return
        try:
            self.answer(time.monotonic() + _START_SECONDS)
        except (ChildEnded, OverTime) as error:
            reason = _last_line(self._faults) or str(error) or "it does not answer"
            self._faults.close()
            raise ReaderUnavailable(
                f"the process that reads mail cannot be started: {reason}; {_MEND}"
            ) from None
        self._faults.close()
        self._faults = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._popen.pid

    def ask(self, octets: bytes, received_at: datetime | None, deadline: float) -> None:
        """Send one mail; `deadline` is a moment of `time.monotonic`.

        Raises
        ------
        ChildEnded, OverTime
            The process is gone then.
        """
        head = {"size": len(octets), "received_at": received_at.isoformat() if received_at else None}
        try:
            for part in (wire.frame(head), octets):
                self._send(part, deadline)
        except OSError:
            raise self._ended() from None

    def answer(self, deadline: float) -> wire.Frame:
        """Return the next frame.

        Raises
        ------
        ChildEnded, OverTime
            The process is gone then.
        """
        size = int.from_bytes(self._receive(wire.LENGTH, deadline), "big")
        if size > wire.MAX_FRAME:
            self.end()
            raise ChildEnded("its answer is too large")
        try:
            return wire.content(self._receive(size, deadline))
        except ValueError:
            self.end()
            raise ChildEnded("its answer makes no sense") from None

    def answers(self, deadline: float) -> Iterator[wire.Frame]:
        """Yield the answers about one mail, up to the one that ends them.

        Raises
        ------
        ChildEnded, OverTime
            The process is gone then.
        """
        for _ in range(wire.MAX_FRAMES):
            if "end" in (answer := self.answer(deadline)):
                self.worn = bool(answer.get("last"))
                return
            yield answer
        self.end()
        raise ChildEnded("it does not stop answering")

    def end(self) -> None:
        """End the process, gently if it listens; more than once does no harm."""
        if self._faults is not None and self._end.alive:
            self._popen.kill()  # not ready yet, and so not listening
        self._end()

    def _send(self, octets: bytes, deadline: float) -> None:
        rest = memoryview(octets)
        while rest:
            self._wait(self._input, select.POLLOUT, deadline)
            rest = rest[os.write(self._input, rest[:_PIECE]) :]

    def _receive(self, size: int, deadline: float) -> bytes:
        while len(self._received) < size:
            self._wait(self._output, select.POLLIN, deadline)
            piece = os.read(self._output, _PIECE)
            if not piece:
                raise self._ended()
            self._received += piece
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _wait(self, stream: int, event: int, deadline: float) -> None:
        """Wait until a pipe is ready, or give the process up."""
        poll = select.poll()
        poll.register(stream, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            self._popen.kill()
            self.end()
            raise ChildEnded("it does not answer")

    def _ended(self) -> Exception:
        """Return what a process that is gone died of."""
        self.end()
        status = self._popen.returncode
        if status == -signal.SIGPROF:
            return OverTime()
        return ChildEnded(signal.Signals(-status).name if status < 0 else f"exit status {status}")


def _started(seconds: float, memory: int, faults: IO[bytes]) -> subprocess.Popen[bytes]:
    # Threads would take memory, and mails are read one after the other.
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    program = [sys.executable, "-P", "-m", "pipeline.adapters.reading.child", str(seconds), str(memory)]
    return subprocess.Popen(  # nosec B603 # our own interpreter and module, no shell
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=faults,
        env=environment() | one_thread,
        cwd="/",
        bufsize=0,
        process_group=0,  # Ctrl-C is for the parent
    )


def _last_line(faults: IO[bytes]) -> str:
    """Return the last line of what a process that did not start complained about."""
    faults.seek(0)
    return faults.read(_PIECE).decode("utf-8", "replace").strip().rpartition("\n")[2]


def _pipes(popen: subprocess.Popen[bytes]) -> tuple[int, int]:
    assert popen.stdin is not None  # nosec B101 # for the type checker: both were asked for
    assert popen.stdout is not None  # nosec B101 # for the type checker: both were asked for
    numbers = popen.stdin.fileno(), popen.stdout.fileno()
    os.set_blocking(numbers[0], False)
    return numbers


def _end(popen: subprocess.Popen[bytes]) -> None:
    """Close the pipes, which tells the process to end, and wait for it; one that does not listen is killed."""
    for stream in (popen.stdin, popen.stdout):
        if stream is not None:
            stream.close()
    try:
        popen.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
