"""TCP connections of one thread that another thread can end at once, whatever they wait for."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import threading
import time
import weakref

# How soon a connection that is being made notices that it is not wanted any more.
_SLICE = 0.2


class Line:
    """Makes connections, one after the other, until it is cut.

    A thread that waits for a connection, for TLS or for an answer gets an `OSError` as soon as `cut` is called.
    """

    def __init__(self) -> None:
        self._cut = threading.Event()
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        # Whoever lets go of a line without ending it leaves no connection open.
        weakref.finalize(self, _let_go, self._held)

    @property
    def is_cut(self) -> bool:
        """Whether it was cut."""
        return self._cut.is_set()

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect to the first address of `host` that answers within `seconds`.

        Raises
        ------
        OSError
            As `socket.create_connection`; ConnectionAbortedError if the line was cut.
        """
        if self.is_cut:
            raise ConnectionAbortedError("told to stop")
        failure = OSError("the host has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            made = socket.socket(family, kind, protocol)
            try:
                self._connect(made, address, time.monotonic() + seconds)
                self._keep(made)
            except OSError as error:
                made.close()
                failure = error
            else:
                made.settimeout(seconds)
                return made
        raise failure

    def adopt(self, made: socket.socket) -> None:
        """Take a connection that somebody else has made.

        Raises
        ------
        OSError
            If the line was cut; the connection is closed then, for nobody has it any more.
        """
        try:
            self._keep(made)
        except OSError:
            made.close()
            raise

    def cut(self) -> None:
        """End the connection, and make no others; may be called from any thread."""
        with self._lock:
            self._cut.set()
            for held in self._held:
                _shut(held)

    def forget(self) -> None:
        """Give back what is kept of a connection that its user has closed."""
        with self._lock:
            _let_go(self._held)

    def _connect(self, made: socket.socket, address: tuple[object, ...], deadline: float) -> None:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        result = made.connect_ex(address)
        poll = select.poll()
        poll.register(made, select.POLLOUT)
        while result == errno.EINPROGRESS:
            if self.is_cut:
                raise ConnectionAbortedError("told to stop")
            if time.monotonic() >= deadline:
                raise TimeoutError("timed out")
            if poll.poll(_SLICE * 1000):
                result = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if result:
            raise OSError(result, os.strerror(result))

    def _keep(self, made: socket.socket) -> None:
        """Keep a second handle: TLS takes the first one over, and a closed number may be given to another file."""
        with self._lock:
            if self.is_cut:
                raise ConnectionAbortedError("told to stop")
            _let_go(self._held)
            self._held.append(made.dup())


def _let_go(held: list[socket.socket]) -> None:
    while held:
        held.pop().close()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
