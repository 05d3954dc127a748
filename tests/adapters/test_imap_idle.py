"""Waiting for mail over IMAP: by IDLE (RFC 2177), and by asking where the server has none."""

from __future__ import annotations

import threading

import pytest

from pipeline.adapters.imap.source import ImapSource
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.imap import LIMIT, account, mail, octets, source

pytestmark = pytest.mark.usefixtures("imap_password")


def read_to_the_end(dovecot: Dovecot) -> tuple[str, ImapSource]:
    """Return a new user, and what has read their mailbox once."""
    user = dovecot.new_user()
    found = source(dovecot, user)
    list(found.fetch("INBOX", None, LIMIT))
    return user, found


def test_idle_wakes_up(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1)])
    found = source(dovecot, user)
    assert found.idle("INBOX", 30) is True, "a mailbox never looked at may hold anything"
    delivery = threading.Timer(0.3, dovecot.fill, (user, [mail(2)]))
    delivery.start()
    assert found.idle("INBOX", 30) is True
    delivery.join()
    assert found.idle("INBOX", 0.2) is False
    found.close()


def test_idle_sees_what_came_before_it_began(dovecot: Dovecot) -> None:
    user, found = read_to_the_end(dovecot)
    dovecot.fill(user, [mail(1)])
    assert found.idle("INBOX", 30) is True
    found.close()


def test_idle_outlives_a_cut_line(dovecot: Dovecot) -> None:
    user, found = read_to_the_end(dovecot)
    cut = threading.Timer(0.3, dovecot.cut_connections, (user,))
    cut.start()
    assert found.idle("INBOX", 30) is False
    cut.join()
    dovecot.fill(user, [mail(1)])
    assert found.idle("INBOX", 30) is True
    found.close()


@pytest.mark.usefixtures("dovecot")
def test_without_idle_the_mailbox_is_polled() -> None:
    with running_dovecot("imap_capability = IMAP4rev1 MULTIAPPEND\n") as plain:
        user = plain.new_user()
        deliveries = [[mail(1)], []]

        def pause(seconds: float) -> None:
            assert seconds == pytest.approx(30, abs=1)
            plain.fill(user, deliveries.pop(0))

        found = ImapSource(account(plain.port, user), pause=pause)
        assert octets(found.fetch("INBOX", None, LIMIT)) == []
        assert found.idle("INBOX", 30) is True
        assert found.idle("INBOX", 30) is False
        (batch,) = found.fetch("INBOX", None, LIMIT)
        found.close()
    assert octets([batch]) == [mail(1)]
    assert deliveries == []


def test_idle_ends_on_stop(dovecot: Dovecot) -> None:
    stop = threading.Event()
    user = dovecot.new_user()
    found = ImapSource(account(dovecot.port, user), pause=stop.wait)
    list(found.fetch("INBOX", None, LIMIT))
    ending = threading.Timer(0.2, stop.set)
    ending.start()
    assert found.idle("INBOX", 60) is False
    ending.join()
    found.close()
