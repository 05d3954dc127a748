"""Processes that have imported what others need, wait, and fork when they are asked: one of a kind for a run of the tests.

Whichever of the processes that run tests asks first starts it, and it ends with the run. It is asked by datagrams, each with
a request and the ends of pipes that the fork is to have, at a name of Linux's abstract namespace (unix(7)).
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import socket
import sys
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

_ROOT = Path(__file__).resolve().parents[2]
_LARGEST = 200_000
_ENDS = 4
_NUMBER = 4


@cache
def address(module: str, *arguments: str) -> str:
    """Return where the waiting process of this run is asked; the first call starts it.

    Parameters
    ----------
    module
        Is run, with the numbers that `Brood` takes, and with the `arguments`.
    """
    name = f"triage-{module}-{os.environ.get('PYTEST_XDIST_TESTRUNUID') or uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asked:
        try:
            asked.bind("\0" + name)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return name
        run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
        asked.set_inheritable(True)
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", module, str(asked.fileno()), str(run), *arguments],
            {**os.environ, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)],
        )
    return name


def ask(where: str, request: bytes, ends: Sequence[int]) -> tuple[int, int]:
    """Ask for a fork; return its number, and the file descriptor for `told_end`.

    Parameters
    ----------
    where
        As `address` tells.
    request
        What the fork is to do, in the words of the one that forks.
    ends
        File descriptors that the fork is to have.
    """
    ended, tells = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        asking.connect("\0" + where)
        socket.send_fds(asking, [request], [*ends, tells])
    os.close(tells)
    return int.from_bytes(os.read(ended, _NUMBER), "big"), ended


def told_end(ended: int) -> int:
    """Return how a fork ended, as `subprocess.Popen.returncode` tells it; close the pipe.

    Raises
    ------
    ValueError
        If the process that forks ended before.
    """
    with os.fdopen(ended) as stream:
        return int(stream.read())


class Brood:
    """The forks of this process; whoever asked for one reads from a pipe how it ended.

    Parameters
    ----------
    asked
        File descriptor of the socket at which forks are asked for.
    run
        Process id of the one that runs the tests.
    """

    def __init__(self, asked: int, run: int) -> None:
        self._asked = socket.socket(fileno=asked)
        self._run = os.pidfd_open(run)
        self._telling: dict[int, int] = {}
        signal.signal(signal.SIGCHLD, lambda *_: self._bury())

    def serve(self, become: Callable[[bytes, list[int]], NoReturn]) -> None:
        """Fork when asked, until the tests are over.

        Parameters
        ----------
        become
            What a fork does with a request and the ends of its pipes.
        """
        while self._run not in select.select([self._asked.fileno(), self._run], [], [])[0]:
            request, ends, _, _ = socket.recv_fds(self._asked, _LARGEST, _ENDS)
            self._fork(request, ends, become)

    def _fork(self, request: bytes, ends: list[int], become: Callable[[bytes, list[int]], NoReturn]) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            for end in (*self._telling.values(), self._asked.detach(), self._run, ends.pop()):
                os.close(end)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            become(request, ends)
        *given, tells = ends
        self._telling[pid] = tells
        os.write(tells, pid.to_bytes(_NUMBER, "big"))
        for end in given:
            os.close(end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def _bury(self) -> None:
        """Tell how forks ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                end = self._telling.pop(pid)
                with contextlib.suppress(BrokenPipeError):
                    os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(end)
