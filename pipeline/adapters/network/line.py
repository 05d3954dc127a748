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
from collections.abc import Callable
from concurrent import futures
from typing import TypeVar

T = TypeVar("T")

# How soon a connection that is being made notices that it is not wanted any more.
_SLICE = 0.2


class Line:
    """Makes connections, one after the other, until it is cut.

    A thread that waits for an address, a connection, TLS or an answer gets an `OSError` as soon as `cut` is called.
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
        failure = OSError("the host has no address")
        found = self.attended(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        for family, kind, protocol, _, address in found:
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

    def attended(self, call: Callable[[], T], unwanted: Callable[[T], object] = lambda _: None) -> T:
        """Return what `call` returns, which cannot be interrupted, such as the look-up of a name.

        It is made in a thread of its own, which is left behind where the line is cut: it holds nothing that could be lost,
        and the program does not wait for it at its end.

        Parameters
        ----------
        unwanted
            Takes what comes of it when nobody waits for that any more.

        Raises
        ------
        OSError
            ConnectionAbortedError if the line was cut; and whatever `call` raises.
        """
        if self.is_cut:
            raise ConnectionAbortedError("told to stop")
        future: futures.Future[T] = futures.Future()
        threading.Thread(target=_fulfil, args=(future, call), name="connect", daemon=True).start()
        while not futures.wait((future,), _SLICE).done:
            if self.is_cut:
                future.add_done_callback(lambda one: one.exception() or unwanted(one.result()))
                raise ConnectionAbortedError("told to stop")
        return future.result()

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


def _fulfil(future: futures.Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        future.set_exception(error)


def _let_go(held: list[socket.socket]) -> None:
    while held:
        held.pop().close()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
