"""Whoever waits for a server that says nothing is ended from another thread, at once, and connects no more."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.adapters.network.line import Line
from pipeline.adapters.otrs.source import OtrsSource
from pipeline.adapters.smtp import SmtpSender
from pipeline.adapters.wiki.pages import MediaWiki
from pipeline.errors import ServerError
from pipeline.settings import ImapAccount, Smtp, Wiki
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


def imap(port: int) -> Made:
    account = ImapAccount(
        name="main", host="127.0.0.1", port=port, security="none", username="ana", password_env="IMAP_PASSWORD",
        timeout_seconds=WAIT,
    )  # fmt: skip
    source = ImapSource(account, pause=lambda _: True)  # told to stop, as the service is then
    return lambda: next(source.fetch("INBOX", None, 10_000)), source.interrupt, source.close


KINDS = {"smtp": smtp, "smtp over tls": smtp_over_tls, "wiki": wiki, "otrs": otrs, "imap": imap}


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WIKI_PASSWORD", "OTRS_PASSWORD", "IMAP_PASSWORD"):
        monkeypatch.setenv(name, "x")


def used(call: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Call in a thread; the list takes what that raises."""
    raised: list[BaseException] = []

    def use() -> None:
        try:
            call()
        except (ServerError, OSError) as error:
            raised.append(error)

    thread = threading.Thread(target=use, daemon=True)
    thread.start()
    return thread, raised


def ends_by(interrupt: Callable[[], None], thread: threading.Thread, raised: list[BaseException]) -> bool:
    """Interrupt, and tell whether the call in the thread then ended at once, by an error."""
    began = time.monotonic()
    interrupt()
    thread.join(PATIENCE)
    return not thread.is_alive() and len(raised) == 1 and time.monotonic() - began < PATIENCE / 2


@pytest.fixture
def full() -> Iterator[int]:
    """Give the port of a server that is too busy to take connections: its backlog is full (listen(2))."""
    with contextlib.ExitStack() as held:
        door = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        yield int(door.getsockname()[1])


def unanswered(port: int) -> int:
    """Return how many ask a port of this machine for a connection and hear nothing (proc(5), net/tcp; 02 is SYN_SENT)."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "02" for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_who_waits_for_a_connection_is_ended(kind: str, full: int) -> None:
    call, interrupt, close = KINDS[kind](full)
    before = unanswered(full)
    thread, raised = used(call)
    deadline = time.monotonic() + PATIENCE
    while unanswered(full) == before:
        assert time.monotonic() < deadline, "nobody asks for a connection"
    assert ends_by(interrupt, thread, raised)
    close()


def test_who_waits_for_the_address_of_a_host_is_ended_and_what_comes_of_that_later_is_let_go() -> None:
    """No name server can be made to stall here: what stands for the look-up waits as that would, where no signal gets in."""
    line, asked, answer, let_go = Line(), threading.Event(), threading.Event(), threading.Event()

    def look_up() -> str:
        asked.set()
        assert answer.wait(PATIENCE)
        return "192.0.2.1"

    thread, raised = used(lambda: line.attended(look_up, lambda _: let_go.set()))
    assert asked.wait(PATIENCE)
    line.cut()
    thread.join(PATIENCE)
    assert [str(one) for one in raised] == ["told to stop"]
    assert not let_go.is_set()
    answer.set()
    assert let_go.wait(PATIENCE)


def test_what_goes_wrong_in_a_look_up_is_told() -> None:
    with pytest.raises(socket.gaierror):
        Line().connect("nowhere.invalid", 25, 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_who_waits_for_a_silent_server_is_ended(kind: str, silent: Silent) -> None:
    call, interrupt, close = KINDS[kind](silent.port)
    thread, raised = used(call)
    assert silent.taken.wait(PATIENCE)
    assert ends_by(interrupt, thread, raised)
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
