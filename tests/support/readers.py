"""The process that reads mail, without the second that it takes to import what it needs.

One waiting process, for each process that runs tests, has read a mail and forks: each fork is `reading_child` with limits, pipes and
confinement of its own. What a fork cannot show, how the program starts that process and what it gives to it, is left to
tests that ask for the fixture `cold_reader`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
import uuid
from functools import cache, partial
from pathlib import Path
from typing import IO, Any, NoReturn

from pipeline.adapters import reading_process
from tests.support.brood import Brood, told_end

COLD = reading_process._started
"""How the program itself starts the process."""

_ROOT = Path(__file__).resolve().parents[2]


@cache
def address() -> str:
    """Return where the waiting process of these tests is asked; it is started with the first call."""
    name = f"\0triage-readers-{uuid.uuid4()}"
    asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    asked.bind(name)
    asked.listen()
    alive, lives = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.readers", str(asked.fileno()), str(alive)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        pass_fds=[asked.fileno(), alive],
        stdin=subprocess.DEVNULL,
    )
    asked.close()
    os.close(alive)

    def end() -> None:
        os.close(lives)
        process.wait(60)

    atexit.register(end)
    return name


def warm(where: str) -> None:
    """Let this process's reading processes be forks of that which is asked at `where`."""
    reading_process._started = partial(_forked, where)  # type: ignore[assignment]


class _Reader:
    """A fork, used as `subprocess.Popen` is."""

    def __init__(self, pid: int, takes: int, gives: int, ended: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(takes, "wb", 0)
        self.stdout = os.fdopen(gives, "rb", 0)
        self.returncode: int | None = None
        self._ended = ended

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("reader", timeout or 0)
            self.returncode = told_end(self._ended)
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _forked(where: str, seconds: float, memory: int, faults: IO[bytes]) -> _Reader:
    """Ask for a fork."""
    reads, takes = os.pipe()
    gives, writes = os.pipe()
    ended, tells = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asking:
        asking.connect(where)
        told = json.dumps([str(seconds), str(memory)]).encode()
        socket.send_fds(asking, [told], [reads, writes, faults.fileno(), tells])
        pid = int(asking.recv(20))
    for end in (reads, writes, tells):
        os.close(end)
    return _Reader(pid, takes, gives, ended)


def main(number: int, alive: int) -> None:
    """Fork when asked, until the tests are over."""
    from pipeline.adapters import reading_child
    from pipeline.parsing import read
    from tests.support.mails import letter

    read(letter())
    brood = Brood()
    with socket.socket(fileno=number) as asked:
        while True:
            if alive in select.select([asked.fileno(), alive], [], [])[0]:
                return
            asking, _ = asked.accept()
            with asking:
                told, ends, _, _ = socket.recv_fds(asking, 1000, 4)
                own = (asked.fileno(), asking.fileno(), alive)
                pid = brood.fork(ends, partial(_become, json.loads(told), ends, own, reading_child))
                asking.send(str(pid).encode())


def _become(arguments: list[str], ends: list[int], others: tuple[int, ...], program: Any) -> NoReturn:
    """Be the process that reads."""
    reads, writes, faults, tells = ends
    for target, end in enumerate((reads, writes, faults)):
        os.dup2(end, target)
    for end in {reads, writes, faults, tells, *others} - {0, 1, 2}:
        os.close(end)
    os.setpgid(0, 0)
    os.chdir("/")
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.argv = ["reading_child", *arguments]
    try:
        program.main()
    except BaseException:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
