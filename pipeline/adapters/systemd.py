"""Tell systemd how the service fares: sd_notify(3), over a datagram socket, and the watchdog."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import MutableMapping

_SOCKET, _USEC, _PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
# How long a change of state waits for room in the manager's queue; without it systemd would wait for the end of a reload.
_ROOM_SECONDS = 5.0


class Notifier:
    """A way to tell the service manager; where there is none, nothing is told.

    Parameters
    ----------
    environment
        Where the manager says how; it is taken out of there, so that processes of ours do not speak in our name.

    Attributes
    ----------
    watchdog_seconds
        Within which the manager wants each sign of life; None where it wants none.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        self._address = _address(environment.pop(_SOCKET, ""))
        self.watchdog_seconds = _watchdog(environment.pop(_USEC, ""), environment.pop(_PID, ""))

    def ready(self, status: str) -> None:
        """Say that it works, also after `reloading`."""
        self._tell("READY=1", f"STATUS={status}", seconds=_ROOM_SECONDS)

    def status(self, status: str) -> None:
        """Say in a line what it does."""
        self._tell(f"STATUS={status}")

    def reloading(self) -> None:
        """Say that it reads its files again, until `ready`."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", seconds=_ROOM_SECONDS)

    def stopping(self) -> None:
        """Say that it ends."""
        self._tell("STOPPING=1", "STATUS=ending", seconds=_ROOM_SECONDS)

    def alive(self) -> None:
        """Give a sign of life."""
        self._tell("WATCHDOG=1")

    def _tell(self, *assignments: str, seconds: float = 0) -> None:
        if not self._address:
            return
        # It may be gone or full; the service goes on without it.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.settimeout(seconds)
            way.connect(self._address)
            way.send("\n".join(" ".join(one.split("\n")) for one in assignments).encode())


def _address(name: str) -> str:
    """Return the address of a socket; ``@`` stands for the abstract namespace (unix(7))."""
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else ""


def _watchdog(usec: str, pid: str) -> float | None:
    """Return the seconds that are asked for, unless another process is meant (sd_watchdog_enabled(3))."""
    if not usec.isascii() or not usec.isdigit() or int(usec) == 0:
        return None
    if pid and pid != str(os.getpid()):
        return None
    return int(usec) / 1_000_000
