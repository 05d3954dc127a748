"""The service manager's end of sd_notify: a datagram socket that notes what it is told."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0


class Manager:
    """A socket for NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self.variable = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.heard: list[dict[str, str]] = []

    def next(self, seconds: float = PATIENCE) -> dict[str, str]:
        """Return the next that is told."""
        self._socket.settimeout(seconds)
        lines = self._socket.recv(65_536).decode().split("\n")
        told = dict(line.split("=", 1) for line in lines)
        self.heard.append(told)
        return told

    def until(self, name: str, seconds: float = PATIENCE) -> dict[str, str]:
        """Wait until `name` is told, and return what was told with it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            told = self.next(deadline - time.monotonic())
            if name in told:
                return told
        raise AssertionError(f"{name} was not told: {self.heard}")

    def waiting(self) -> list[dict[str, str]]:
        """Return what was told and not yet heard."""
        found = []
        try:
            while True:
                found.append(self.next(0.001))
        except TimeoutError:
            return found

    def close(self) -> None:
        self._socket.close()


@contextmanager
def manager(address: str | Path) -> Iterator[Manager]:
    """Listen at a path, or at ``@name`` in the abstract namespace."""
    made = Manager(str(address))
    try:
        yield made
    finally:
        made.close()
