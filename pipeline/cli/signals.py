"""Signals as something to wait for: the handlers only note them, so that none of them interrupts a lock."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType, TracebackType
from typing import Any, Self

ENDING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Takes SIGTERM, SIGINT and SIGHUP while it is open; to be used in the main thread.

    A second SIGTERM or SIGINT ends the program at once, which loses nothing.
    """

    def __init__(self) -> None:
        self._ends = 0
        self._inner, self._outer = socket.socketpair()
        self._old: dict[signal.Signals, Any] = {}
        self._old_fd = -1

    def __enter__(self) -> Self:
        for way in (self._inner, self._outer):
            way.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._inner.fileno(), warn_on_full_buffer=False)
        for number in (*ENDING, signal.SIGHUP):
            self._old[number] = signal.signal(number, self._noted)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_fd)
        self._inner.close()
        self._outer.close()

    def wait(self, seconds: float) -> Iterable[signal.Signals]:
        """Return the signals that came within `seconds`, at once after the first."""
        select.select([self._outer], [], [], seconds)
        try:
            told = self._outer.recv(4096)
        except BlockingIOError:
            return ()
        return [signal.Signals(number) for number in dict.fromkeys(told)]

    def _noted(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            return
        self._ends += 1
        if self._ends > 1:
            os._exit(128 + number)
