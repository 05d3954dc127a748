"""The ledger keeps everything once, and nothing half."""

from __future__ import annotations

import dataclasses
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.schema import metadata
from pipeline.errors import LedgerError
from pipeline.records.decisions import Disposition
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor, SetAsideMessage
from pipeline.records.threads import Placement
from pipeline.records.work import Assignment, OutgoingMail, State, Window
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, decided, letter, reading

pytestmark = pytest.mark.usefixtures("each_engine")


def raw(octets: bytes, uid: int, mailbox: str = "INBOX") -> RawMessage:
    sighting = ImapSighting(account="a", mailbox=mailbox, uidvalidity=7, uid=uid)
    return RawMessage(sighting=sighting, octets=octets, received_at=NOW - timedelta(hours=1))


def batch(*messages: RawMessage, uid: int = 9) -> Batch:
    return Batch(messages=messages, refused=(), cursor=Cursor(uidvalidity=7, uid=uid), total=None)


@pytest.fixture
def ledger(tmp_path: Path) -> SqlLedger:
    return open_ledger(ledger_url(tmp_path / "ledger.db"))


def store(ledger: SqlLedger, octets: bytes, uid: int = 1, join: str | None = None) -> str:
    ledger.messages.record("imap:a", "INBOX", batch(raw(octets, uid), uid=uid), NOW)
    (waiting,) = ledger.messages.waiting(10)
    return ledger.inquiries.record(waiting, reading(octets), Placement(join=join), NOW)


def test_the_same_octets_are_stored_once_and_seen_twice(ledger: SqlLedger) -> None:
    octets = letter()
    first = ledger.messages.record("imap:a", "INBOX", batch(raw(octets, 1)), NOW)
    again = ledger.messages.record("imap:a", "Lists", batch(raw(octets, 4, "Lists")), NOW)
    assert (first.stored, first.known, again.stored, again.known) == (1, 0, 0, 1)
    assert ledger.reports.status(NOW).sightings == 2


def test_a_repeated_batch_changes_nothing(ledger: SqlLedger) -> None:
    one = batch(raw(letter(), 1))
    ledger.messages.record("imap:a", "INBOX", one, NOW)
    assert ledger.messages.record("imap:a", "INBOX", one, NOW).known == 1
    assert ledger.reports.status(NOW).sightings == 1


def test_the_cursor_moves_with_the_batch(ledger: SqlLedger) -> None:
    assert ledger.messages.cursor("imap:a", "INBOX") is None
    ledger.messages.record("imap:a", "INBOX", batch(raw(letter(), 5), uid=5), NOW)
    assert ledger.messages.cursor("imap:a", "INBOX") == Cursor(uidvalidity=7, uid=5)


def test_octets_come_back_as_they_came(ledger: SqlLedger) -> None:
    octets = letter(body="\x00 naïve ☃ ".encode() * 1000)
    ledger.messages.record("imap:a", "INBOX", batch(raw(octets, 1)), NOW)
    assert ledger.messages.waiting(1)[0].octets == octets


def test_a_message_that_is_too_large_is_listed_once(ledger: SqlLedger) -> None:
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=3)
    refused = SetAsideMessage(sighting=sighting, reason="larger than 50 MB")
    one = Batch(messages=(), refused=(refused,), cursor=Cursor(uidvalidity=7, uid=3), total=1)
    ledger.messages.record("imap:a", "INBOX", one, NOW)
    ledger.messages.record("imap:a", "INBOX", one, NOW)
    (aside,) = ledger.reports.status(NOW).set_aside
    assert (aside.step, aside.reason) == ("fetch", "larger than 50 MB")


def test_a_decision_comes_back_as_it_was(ledger: SqlLedger) -> None:
    octets = letter()
    key = store(ledger, octets)
    entry = ledger.inquiries.find(key.lower())
    assert entry is not None
    assert entry.decision == decided(octets)
    assert entry.author.address == "asha@museum.example"
    assert entry.state is State.RECEIVED


def test_a_follow_up_joins_its_inquiry_in_either_order(ledger: SqlLedger) -> None:
    question, answer = letter(), letter(identifier="two@x.example", reply_to="one@x.example")
    key = store(ledger, answer)
    (thread,) = ledger.inquiries.related(reading(question).claims, 30).threads
    assert thread.key == key
    assert "asha@museum.example" in thread.authors
    store(ledger, question, uid=2, join=key)
    entry = ledger.inquiries.find(key)
    assert entry is not None
    assert entry.messages == 2


def test_a_closed_inquiry_opens_again_when_a_person_writes(ledger: SqlLedger) -> None:
    spam = reading(letter())
    spam = dataclasses.replace(
        spam, decision=dataclasses.replace(spam.decision, disposition=Disposition.FILE)
    )
    ledger.messages.record("imap:a", "INBOX", batch(raw(letter(), 1)), NOW)
    key = ledger.inquiries.record(ledger.messages.waiting(1)[0], spam, None, NOW)
    assert ledger.inquiries.open() == ()
    store(ledger, letter(identifier="two@x.example"), uid=2, join=key)
    assert [entry.key for entry in ledger.inquiries.open()] == [key]


def test_an_assignment_replaces_the_one_before(ledger: SqlLedger) -> None:
    key = store(ledger, letter())
    for liaison in ("ana", "ben"):
        ledger.inquiries.assign([Assignment(inquiry=key, liaison=liaison, reason="French", due_at=NOW)], NOW)
    assert ledger.inquiries.loads() == {"ben": 1}
    assert ledger.inquiries.unassigned() == ()
    assert ledger.reports.status(NOW + timedelta(days=1)).overdue == 1


def test_a_digest_is_queued_once_for_its_period(ledger: SqlLedger) -> None:
    mail = OutgoingMail(
        recipient="ana@x.example", purpose="daily", period="2026-03-23", message_id="<a@x>", octets=b"x"
    )
    assert ledger.outbox.queue(mail, NOW)
    assert not ledger.outbox.queue(dataclasses.replace(mail, octets=b"y"), NOW)
    (queued,) = ledger.outbox.due(NOW)
    ledger.outbox.deferred(queued.id, NOW + timedelta(minutes=5), "later")
    assert ledger.outbox.due(NOW) == ()
    (queued,) = ledger.outbox.due(NOW + timedelta(minutes=6))
    assert (queued.attempts, queued.mail.octets) == (1, b"x")
    ledger.outbox.sent(queued.id, NOW)
    assert ledger.outbox.due(NOW + timedelta(days=1)) == ()
    assert ledger.outbox.last("ana@x.example", "daily") == NOW


def test_weeks_are_counted_by_disposition(ledger: SqlLedger) -> None:
    store(ledger, letter())
    week = Window(period="2026-W12", start=NOW - timedelta(days=7), end=NOW)
    later = Window(period="2026-W13", start=NOW, end=NOW + timedelta(days=7))
    first, second = ledger.weeks.week((week, later), 5).trend
    assert (first.assigned, first.review, first.filed, first.worthy) == (1, 0, 0, 1)
    assert (second.assigned, second.review, second.filed) == (0, 0, 0)
    assert len(ledger.inquiries.received(week)) == 1
    assert ledger.inquiries.received(later) == ()


def test_the_event_log_holds_no_words_of_the_message(ledger: SqlLedger) -> None:
    store(ledger, letter())
    with ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, detail FROM events")).all()
    assert rows == [("stored", ""), ("decided", "assign")]


def test_migrations_make_exactly_the_tables_that_the_code_knows(ledger: SqlLedger) -> None:
    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.sqlite
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_ledger(f"sqlite:///{tmp_path / 'deep' / 'ledger.db'}").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "ledger.db").stat().st_mode) == 0o600


@pytest.mark.sqlite
@pytest.mark.usefixtures("real_ledgers")
def test_what_is_committed_outlives_a_power_cut_and_what_is_removed_is_overwritten(tmp_path: Path) -> None:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    with opened.engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    opened.close()
    assert told == ["wal", 2, 1, 1]  # 2: FULL (sqlite.org/pragma.html)


@pytest.mark.sqlite
def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE cats (name TEXT)"))
    engine.dispose()
    with pytest.raises(LedgerError, match="is no ledger"):
        open_ledger(f"sqlite:///{path}")


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, but long enough to be looked at " * 50)
    with pytest.raises(LedgerError, match=r"notes\.txt"):
        open_ledger(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


def test_a_ledger_of_a_newer_program_is_refused(tmp_path: Path, ledger: SqlLedger) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match="newer program"):
        open_ledger(ledger_url(tmp_path / "ledger.db"))


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="cannot be written"):
        open_ledger(f"sqlite:///{tmp_path / 'file' / 'ledger.db'}")


def test_naive_times_are_refused(ledger: SqlLedger) -> None:
    with pytest.raises(Exception, match="without a zone"):
        ledger.messages.record("imap:a", "INBOX", batch(raw(letter(), 1)), datetime(2026, 1, 1))  # noqa: DTZ001
    assert ledger.reports.status(datetime(2026, 1, 1, tzinfo=UTC)).sightings == 0
