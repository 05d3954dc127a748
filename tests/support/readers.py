"""The process that reads mail, without the second that it takes to import what it needs.

One waiting process has read a mail and forks: each fork is `pipeline.adapters.reading.child` with limits, pipes and confinement
of its own. What a fork cannot show, how the program starts that process and what it gives to it, is left to
tests that ask for the fixture `cold_reader`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from functools import partial
from typing import IO, Any, NoReturn

from pipeline.adapters.reading import process as reading_process
from tests.support import brood

COLD = reading_process._started
"""How the program itself starts the process."""


def address() -> str:
    """Return where the waiting process of these tests is asked; it is started with the first call."""
    return brood.address(__name__)


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
            self.returncode = brood.told_end(self._ended)
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _forked(where: str, seconds: float, memory: int, faults: IO[bytes]) -> _Reader:
    """Ask for a fork."""
    reads, takes = os.pipe()
    gives, writes = os.pipe()
    request = json.dumps([str(seconds), str(memory)]).encode()
    pid, ended = brood.ask(where, request, [reads, writes, faults.fileno()])
    for end in (reads, writes):
        os.close(end)
    return _Reader(pid, takes, gives, ended)


def main(asked: int, run: int) -> None:
    """Fork when asked, until the tests are over."""
    from pipeline.adapters.reading import child
    from pipeline.parsing import read
    from tests.support.mails import letter

    read(letter())
    brood.Brood(asked, run).serve(partial(_become, child))


def _become(program: Any, request: bytes, ends: list[int]) -> NoReturn:
    """Be the process that reads."""
    for target, end in enumerate(ends):
        os.dup2(end, target)
    for end in set(ends) - {0, 1, 2}:
        os.close(end)
    os.setpgid(0, 0)
    os.chdir("/")
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.argv = ["reading_child", *json.loads(request)]
    try:
        program.main()
    except BaseException:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
