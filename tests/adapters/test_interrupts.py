"""Whoever waits for a server that says nothing is ended from another thread, at once, and connects no more."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pipeline.adapters.line import Line
from pipeline.adapters.otrs_source import OtrsSource
from pipeline.adapters.smtp import SmtpSender
from pipeline.adapters.wiki import MediaWiki
from pipeline.errors import ServerError
from pipeline.settings import Smtp, Wiki
from pipeline.settings.otrs import OtrsServer

PATIENCE = 60.0
WAIT = 300.0  # what each of them would wait for an answer


class Silent:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self.taken = threading.Event()
        self.connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self._door.accept()[0])
                self.taken.set()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._door.close()
        for one in self.connections:
            one.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    made = Silent()
    yield made
    made.close()


Made = tuple[Callable[[], object], Callable[[], None], Callable[[], None]]


def smtp(port: int) -> Made:
    sender = SmtpSender(
        Smtp(host="127.0.0.1", port=port, security="none", from_address="t@x.example", timeout_seconds=WAIT)
    )
    return lambda: sender.send("t@x.example", "a@x.example", b"x"), sender.interrupt, sender.close


def smtp_over_tls(port: int) -> Made:
    sender = SmtpSender(
        Smtp(host="127.0.0.1", port=port, security="tls", from_address="t@x.example", timeout_seconds=WAIT)
    )
    return lambda: sender.send("t@x.example", "a@x.example", b"x"), sender.interrupt, sender.close


def wiki(port: int) -> Made:
    site = MediaWiki(
        Wiki(
            url=f"http://127.0.0.1:{port}/api.php", username="T@digests", prefix="Triage", password_env="WIKI_PASSWORD",
            timeout_seconds=WAIT,
        )
    )  # fmt: skip
    return lambda: site.read("Triage"), site.interrupt, site.close


def otrs(port: int) -> Made:
    source = OtrsSource(
        OtrsServer(
            name="desk", url=f"http://127.0.0.1:{port}/otrs/nph-genericinterface.pl", username="triage",
            password_env="OTRS_PASSWORD", timezone="Etc/UTC", queues=("Desk",), timeout_seconds=WAIT,
        )
    )  # fmt: skip
    return lambda: next(source.fetch("Desk", None, 10_000)), source.interrupt, source.close


KINDS = {"smtp": smtp, "smtp over tls": smtp_over_tls, "wiki": wiki, "otrs": otrs}


@pytest.mark.parametrize("kind", KINDS)
def test_who_waits_for_a_silent_server_is_ended(
    kind: str, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIKI_PASSWORD", "x")
    monkeypatch.setenv("OTRS_PASSWORD", "x")
    call, interrupt, close = KINDS[kind](silent.port)
    raised: list[BaseException] = []

    def use() -> None:
        try:
            call()
        except ServerError as error:
            raised.append(error)

    thread = threading.Thread(target=use, daemon=True)
    thread.start()
    assert silent.taken.wait(PATIENCE)
    began = time.monotonic()
    interrupt()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert len(raised) == 1
    assert time.monotonic() - began < PATIENCE / 2
    close()
    before = len(silent.connections)
    with pytest.raises(ServerError):
        call()
    assert len(silent.connections) == before, "no other connection is made"
    close()
    raised.clear()
    gc.collect()  # a connection that nobody closed warns now, not in a later test


def test_a_connection_that_comes_after_the_end_is_closed(silent: Silent) -> None:
    line = Line()
    line.cut()
    made = socket.create_connection(("127.0.0.1", silent.port))
    with pytest.raises(OSError, match="told to stop"):
        line.adopt(made)
    assert made.fileno() == -1
