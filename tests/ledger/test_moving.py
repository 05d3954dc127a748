"""A ledger moved to PostgreSQL and back: all of it, proved, or nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from pipeline.adapters.ledger import Access, open_ledger
from pipeline.adapters.ledger.schema import metadata
from pipeline.adapters.ledger.upkeep.moving import move
from pipeline.errors import LedgerError, UsageError
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from pipeline.records.work import OutgoingMail, State
from pipeline.service.ports import silent
from tests.support import postgres
from tests.support.ledgers import empty_ledger, need_postgresql
from tests.support.mails import NOW, letter, reading

TABLES = [table.name for table in metadata.sorted_tables if table.name != "leases"]
ACCESS = Access()


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """A ledger on SQLite with a little of much in it."""
    need_postgresql()
    (tmp_path / "triage.db").write_bytes(empty_ledger())
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    ledger = open_ledger(url)
    for number in range(1, 6):
        octets = letter(identifier=f"m{number}@x.example", subject=f"Maps of Łódź {number} 🗺")
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW if number % 2 else None)
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=number), total=None)
        ledger.messages.record("imap:a", "INBOX", batch, NOW)
        (waiting,) = ledger.messages.waiting(1)
        if number < 4:
            key = ledger.inquiries.record(waiting, reading(octets), Placement(), NOW)
            ledger.lives.change(
                key, None, State.ASSIGNED, "program", NOW, liaison="ana", reason="r", due_at=NOW
            )
        elif number == 4:
            ledger.inquiries.copy(waiting, reading(octets), 1, better=True, now=NOW)
        else:
            ledger.messages.set_aside(waiting, "read", "broken\x00mail", "trace", NOW)
    mail = OutgoingMail(
        recipient="ana@wiki.example",
        purpose="daily",
        period="d1",
        message_id="<d1@w.example>",
        octets=b"\x00\xff",
    )
    ledger.outbox.queue(mail, NOW)
    ledger.leases.acquire("work", "1.2.elsewhere.3", 60, NOW)
    ledger.close()
    return url


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name in TABLES
        }
    engine.dispose()
    return found


def digest(url: str) -> str:
    return hashlib.sha256(Path(url.removeprefix("sqlite:///")).read_bytes()).hexdigest()


def test_all_arrives_and_the_source_is_left_as_it_was(filled: str) -> None:
    before, target = digest(filled), postgres.cluster().bare()
    moved = {one.table: one for one in move(filled, target, ACCESS, silent)}
    assert digest(filled) == before
    assert list(moved) == TABLES
    there, here = contents(filled), contents(target)
    (refused,) = there["set_aside"]
    there["set_aside"] = [
        tuple("broken\ufffdmail" if value == "broken\x00mail" else value for value in refused)
    ]
    assert here == there
    assert {name: one.rows for name, one in moved.items()} == {
        name: len(rows) for name, rows in there.items()
    }
    assert moved["set_aside"].mended == 1
    assert sum(one.mended for one in moved.values()) == 1


def test_the_moved_ledger_goes_on_counting_where_the_old_one_was(filled: str) -> None:
    target = postgres.cluster().bare()
    move(filled, target, ACCESS, silent)
    ledger = open_ledger(target)
    octets = letter(identifier="new@x.example", subject="New")
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=9)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=9), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, NOW)
    (waiting,) = ledger.messages.waiting(5)
    assert waiting.id == 6
    assert ledger.inquiries.find(ledger.inquiries.record(waiting, reading(octets), None, NOW)) is not None
    assert ledger.leases.acquire("work", "me", 60, NOW), "leases stay behind"
    ledger.close()


def test_there_and_back_again(filled: str, tmp_path: Path) -> None:
    there, back = postgres.cluster().bare(), f"sqlite:///{tmp_path / 'back.db'}"
    first = move(filled, there, ACCESS, silent)
    second = move(there, back, ACCESS, silent)
    assert [(one.table, one.rows, one.checksum) for one in first] == [
        (one.table, one.rows, one.checksum) for one in second
    ]
    assert contents(back) == contents(there)


def test_null_stays_null_where_json_may_stand(filled: str) -> None:
    target = postgres.cluster().bare()
    engine = create_engine(filled)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO organisation_inquiries (inquiry_id, found_by) VALUES (1, 'name')")
        )
    engine.dispose()
    move(filled, target, ACCESS, silent)
    engine = create_engine(target)
    with engine.connect() as connection:
        query = text("SELECT count(*) FROM organisation_inquiries WHERE approved_row IS NULL")
        assert connection.execute(query).scalar_one() == 1
    engine.dispose()


def test_a_target_that_holds_anything_is_refused(filled: str) -> None:
    target = postgres.cluster().bare()
    move(filled, target, ACCESS, silent)
    with pytest.raises(UsageError, match="is not empty"):
        move(filled, target, ACCESS, silent)


def test_what_does_not_arrive_whole_does_not_arrive_at_all(filled: str) -> None:
    """A trigger plays a database that changes what it is given."""
    target = postgres.cluster().bare()
    open_ledger(target).close()
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN NEW.detail := 'spoilt'; RETURN NEW; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER spoil BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION spoil()")
        )
    engine.dispose()
    with pytest.raises(LedgerError, match=r"events: .* nothing was moved"):
        move(filled, target, ACCESS, silent)
    assert {len(rows) for rows in contents(target).values()} == {0}


def test_nonsense_is_refused_before_anything_is_touched(filled: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="same ledger"):
        move(filled, filled, ACCESS, silent)
    with pytest.raises(UsageError, match="no such ledger"):
        move(f"sqlite:///{tmp_path / 'none.db'}", postgres.cluster().bare(), ACCESS, silent)
    assert not (tmp_path / "none.db").exists()
