"""Listening at real mailboxes: news at once, over lost connections, to the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.service.listening import Post, listening
from pipeline.settings import Settings
from pipeline.wiring import listeners
from tests.support.dovecot import PASSWORD, Dovecot, free_port, running_dovecot
from tests.support.imap import account, mail
from tests.support.proxy import Fault, Line, bad_line

PATIENCE = 20.0


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    monkeypatch.setattr("pipeline.service.listening._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("pipeline.service.listening._LONGEST_PAUSE", 0.05)
    monkeypatch.setattr("pipeline.adapters.imap.source._FIRST_PAUSE", 0.01)
    # Where the machine is short of inotify instances, Dovecot overlooks what came within one second.
    monkeypatch.setattr("pipeline.adapters.imap.session._IDLE_SECONDS", 1.0)


class Listener:
    """Listens at one mailbox, and notes what it hears."""

    def __init__(self, port: int, user: str, mailbox: str = "INBOX") -> None:
        self.stop = threading.Event()
        self.heard = threading.Semaphore(0)
        self.told: list[str] = []
        self.telling = threading.Event()
        self.ear = ImapSource(account(port, user), pause=self.stop.wait)
        self.post = Post(source=self.ear.name, mailbox=mailbox, ear=self.ear)

    @contextmanager
    def running(self) -> Iterator[None]:
        with listening([self.post], lambda _: self.heard.release(), self.stop, self._tell):
            try:
                yield
            finally:
                self.stop.set()
                began = time.monotonic()
        assert time.monotonic() - began < 5, "it ends at once"

    def hears(self) -> bool:
        return self.heard.acquire(timeout=PATIENCE)

    def _tell(self, line: str) -> None:
        self.told.append(line)
        self.telling.set()


def test_news_are_heard_at_once_and_again(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    listener = Listener(dovecot.port, user)
    with listener.running():
        assert listener.hears(), "a mailbox never looked at may hold anything"
        for number in range(3):
            dovecot.fill(user, [mail(number)])
            assert listener.hears()
    assert listener.told == []


def test_a_mailbox_with_any_name_is_heard(dovecot: Dovecot) -> None:
    user, name = dovecot.new_user(), "Anfragen & Grüße/von heute"
    dovecot.fill(user, [mail(1)], mailbox=name)
    listener = Listener(dovecot.port, user, name)
    with listener.running():
        assert listener.hears()
        dovecot.fill(user, [mail(2)], mailbox=name)
        assert listener.hears()


def test_a_cut_connection_is_made_anew(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    listener = Listener(dovecot.port, user)
    with listener.running():
        assert listener.hears()
        for number in range(2):
            dovecot.cut_connections(user)
            dovecot.fill(user, [mail(number)])
            assert listener.hears()


@pytest.mark.usefixtures("dovecot")
def test_a_server_that_comes_back_is_heard_again() -> None:
    with running_dovecot() as server:
        user = server.new_user()
        server.fill(user, [mail(1)])
        listener = Listener(server.port, user)
        with listener.running():
            assert listener.hears()
            server.stop()
            assert listener.telling.wait(PATIENCE)
            server.start()
            server.fill(user, [mail(2)])
            assert listener.hears()
        assert len(listener.told) == 1, "an outage is told once"
        assert "is polled until somebody can listen there again" in listener.told[0]


def test_a_server_that_is_never_there_is_tried_for_ever(dovecot: Dovecot) -> None:
    listener = Listener(free_port(), "somebody")
    with listener.running():
        assert listener.telling.wait(PATIENCE)
    assert len(listener.told) == 1


@pytest.mark.parametrize("octets", [5, 1300, 2200])
def test_a_silent_line_does_not_hold_up_the_end(dovecot: Dovecot, octets: int) -> None:
    user = dovecot.new_user()
    with bad_line(Line(target=dovecot.port, fault=Fault.STALL, octets=octets, faults=99)) as line:
        listener = Listener(line.port, user)
        with listener.running():
            assert line.until(lambda: line.connections > 0)


@pytest.mark.usefixtures("dovecot")
def test_without_idle_nobody_listens() -> None:
    with running_dovecot("imap_capability = IMAP4rev1 MULTIAPPEND\n") as plain:
        listener = Listener(plain.port, plain.new_user())
        with listener.running():
            for thread in [one for one in threading.enumerate() if one.name == "listen imap:main"]:
                thread.join(PATIENCE)
                assert not thread.is_alive()
        assert not listener.heard.acquire(blocking=False)


def test_the_watchdog_asks_again(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.imap.session._IDLE_SECONDS", 0.1)
    user = dovecot.new_user()
    with bad_line(Line(target=dovecot.port)) as line:
        listener = Listener(line.port, user)
        with listener.running():
            assert line.until(lambda: line.commands().count("IDLE") >= 3)
            dovecot.fill(user, [mail(1)])
            assert listener.hears()
            assert listener.hears()
            assert line.connections == 1


def test_some_mailboxes_of_each_account_are_listened_to() -> None:
    many = [f"List {number}" for number in range(25)]
    accounts = (
        account(993, "many", name="many", mailboxes=many),
        account(993, "one", name="one"),
        account(993, "none", name="none", idle=False),
    )
    posts = listeners(Settings(imap=accounts))
    assert [(post.source, post.mailbox) for post in posts] == [
        *(("imap:many", name) for name in many[:10]),
        ("imap:one", "INBOX"),
    ]
