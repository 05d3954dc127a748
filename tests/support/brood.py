"""Forks of a process that has no threads, and how each of them ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from typing import NoReturn


class Brood:
    """The forks of this process; whoever asked for one reads from a pipe how it ended."""

    def __init__(self) -> None:
        self._telling: dict[int, int] = {}
        signal.signal(signal.SIGCHLD, lambda *_: self._bury())

    def fork(self, ends: Sequence[int], become: Callable[[], NoReturn]) -> int:
        """Fork; return the number of the new process.

        Parameters
        ----------
        ends
            File descriptors that are the new process's; to the last one its exit status is written when it has ended, as
            `subprocess.Popen.returncode` is.
        become
            What the new process does.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            for end in self._telling.values():
                os.close(end)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            become()
        *given, self._telling[pid] = ends
        for end in given:
            os.close(end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return pid

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


def told_end(ended: int) -> int:
    """Return the exit status that is told at the end of a fork; close the pipe.

    Raises
    ------
    ValueError
        If the process that forks ended before.
    """
    with os.fdopen(ended) as stream:
        return int(stream.read())
