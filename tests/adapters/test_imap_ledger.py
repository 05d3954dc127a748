"""From hostile lines into the ledger: every mail exactly once, whatever happened on the way."""

from __future__ import annotations

import contextlib
import random
from datetime import datetime

import pytest
from sqlalchemy import func, select

from pipeline.adapters.imap.source import ImapSource
from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import messages, sightings
from pipeline.errors import Refused, ServerError
from pipeline.records.work import Recorded
from pipeline.service.ingest import ingest
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.imap import Pauses, account, mail
from tests.support.mails import NOW
from tests.support.proxy import Fault, Line, bad_line

pytestmark = pytest.mark.usefixtures("imap_password")


def clock() -> datetime:
    return NOW


def poll(ledger: SqlLedger, port: int, user: str, **more: object) -> Recorded:
    found = ImapSource(account(port, user, **more), pause=Pauses())
    try:
        return ingest(found, ledger.messages, clock)
    finally:
        found.close()


def counts(ledger: SqlLedger) -> tuple[int, int]:
    """Return how many messages and sightings there are."""
    with ledger.engine.connect() as connection:
        found = [
            connection.execute(select(func.count()).select_from(t)).scalar_one()
            for t in (messages, sightings)
        ]
    return found[0], found[1]


def test_a_line_that_fails_again_and_again_brings_everything_once(
    dovecot: Dovecot, ledger: SqlLedger
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number, size=2_000) for number in range(60)] + [mail(60, size=30_000)])
    chance = random.Random(4)
    with bad_line(Line(target=dovecot.port)) as line:
        for _ in range(12):
            line.fault, line.octets, line.faults = (
                chance.choice([Fault.CUT, Fault.GARBAGE]),
                chance.randrange(100, 40_000),
                chance.randrange(1, 7),
            )
            with contextlib.suppress(ServerError):
                poll(ledger, line.port, user, batch=9, part_octets=4096)
        line.faults = 0
        poll(ledger, line.port, user)
    assert counts(ledger) == (61, 61)


@pytest.mark.usefixtures("dovecot")
def test_a_server_that_restarts_in_the_middle_of_a_message(ledger: SqlLedger) -> None:
    with running_dovecot() as server:
        user = server.new_user()
        server.fill(user, [mail(number, size=20_000) for number in range(10)])
        with bad_line(Line(target=server.port, fault=Fault.STALL, octets=110_000, faults=1)) as line:

            def restart(_: float) -> None:
                server.stop()
                server.start()

            found = ImapSource(account(line.port, user, batch=3, timeout_seconds=0.5), pause=restart)
            ingest(found, ledger.messages, clock)
            found.close()
            assert line.connections == 2
    assert counts(ledger) == (10, 10)


def test_a_uidvalidity_that_changes_between_and_during_polls(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(6)])
    assert poll(ledger, dovecot.port, user) == Recorded(stored=6)
    dovecot.new_uidvalidity(user, "INBOX", 777_777)
    assert poll(ledger, dovecot.port, user) == Recorded(known=6)
    dovecot.fill(user, [mail(6), mail(7)])
    found = ImapSource(account(dovecot.port, user, batch=1), pause=Pauses())
    fetching = found.fetch("INBOX", None, 1)
    for number, batch in enumerate(fetching):
        ledger.messages.record(found.name, "INBOX", batch, NOW)
        if number == 3:
            dovecot.new_uidvalidity(user, "INBOX", 888_888)
            dovecot.cut_connections(user)
    found.close()
    assert counts(ledger)[0] == 8
    cursor = ledger.messages.cursor("imap:main", "INBOX")
    assert cursor is not None
    assert (cursor.uidvalidity, cursor.uid) == (888_888, 8)


def test_a_mailbox_that_is_deleted_meanwhile_is_told(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(4)], mailbox="Lists")
    found = ImapSource(account(dovecot.port, user, batch=1, mailboxes=["Lists"]), pause=Pauses())
    fetching = found.fetch("Lists", None, 1)
    ledger.messages.record(found.name, "Lists", next(fetching), NOW)
    ledger.messages.record(found.name, "Lists", next(fetching), NOW)
    with dovecot.client(user) as client:
        client.delete_folder("Lists")
    dovecot.cut_connections(user)
    with pytest.raises(Refused, match=r"mailbox 'Lists' cannot be opened .*check mailboxes"):
        list(fetching)
    found.close()
    assert counts(ledger) == (2, 2)
    # It is made again, with another UIDVALIDITY and other mail: all of that is new.
    dovecot.fill(user, [mail(number) for number in range(4, 7)], mailbox="Lists")
    assert poll(ledger, dovecot.port, user, mailboxes=["Lists"]).stored == 3


def test_ten_thousand_mails_that_wait(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(number) for number in range(10_000)])
    assert poll(ledger, dovecot.port, user, batch=1000) == Recorded(stored=10_000)
    assert counts(ledger) == (10_000, 10_000)
    assert poll(ledger, dovecot.port, user) == Recorded()


def test_an_empty_mailbox_counts_as_looked_at(dovecot: Dovecot, ledger: SqlLedger) -> None:
    user = dovecot.new_user()
    assert poll(ledger, dovecot.port, user) == Recorded()
    (status,) = ledger.reports.status(NOW).sources
    assert (status.mailbox, status.uid, status.checked_at) == ("INBOX", 0, NOW)
    dovecot.fill(user, [mail(1)])
    assert poll(ledger, dovecot.port, user) == Recorded(stored=1)


@pytest.mark.parametrize(
    "name", ["Mit Leerzeichen", "Ümläute & Söhne", "a&b", "日本語", 'quo"ted', "back\\slash"]
)
def test_mailboxes_with_any_name(dovecot: Dovecot, ledger: SqlLedger, name: str) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2)], mailbox=name)
    assert poll(ledger, dovecot.port, user, mailboxes=[name]) == Recorded(stored=2)
    assert poll(ledger, dovecot.port, user, mailboxes=[name]) == Recorded()
