"""Oddities of ledgers that once were faults: each a small case, named after what was odd."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pipeline.adapters.ledger import Access, SqlLedger, open_ledger
from pipeline.adapters.ledger.database.compact import compact
from pipeline.adapters.ledger.database.postgresql import connect
from pipeline.adapters.ledger.running.leases import LeaseTable
from pipeline.errors import LedgerError
from pipeline.records.messages import FileSighting, RawMessage
from pipeline.records.outcomes import Outcome
from pipeline.records.sources import ArchiveBatch
from tests.support import postgres
from tests.support.ledgers import need_postgresql
from tests.support.mails import NOW
from tests.support.threaded import again, keys, mail
from tests.threads.desk import receive


def test_an_outcome_told_of_a_merged_key_is_that_of_its_home(ledger: SqlLedger) -> None:
    luc = "Luc Roy <luc@museum.example>"
    receive(ledger, [again(), again("three@x.example", 2, sender=luc, subject="The list")], NOW)
    first, second = keys(ledger)
    receive(ledger, [mail(hours=-1, headers="Cc: luc@museum.example")], NOW, first=3)
    (home,) = keys(ledger)
    gone = {first: second, second: first}[home]
    assert ledger.landscape.settle(gone, NOW, outcome=Outcome.PARTNERSHIP)
    with ledger.engine.connect() as connection:
        rows = {
            row.key: row.outcome for row in connection.execute(text("SELECT key, outcome FROM inquiries"))
        }
    assert rows == {home: "partnership", gone: None}


@pytest.mark.sqlite
def test_a_ledger_that_is_locked_while_it_is_made_smaller_is_told_in_a_line(tmp_path: Path) -> None:
    with closing(open_ledger(f"sqlite:///{tmp_path}/triage.db")) as ledger:
        with closing(ledger.engine.raw_connection()) as held:
            held.execute("PRAGMA busy_timeout=0")
        with closing(sqlite3.connect(tmp_path / "triage.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerError, match=r"triage\.db: database is locked; stop what else"):
                compact(ledger.engine)


def test_a_ledger_that_cannot_be_made_smaller_goes_on_with_whole_transactions() -> None:
    need_postgresql()
    with closing(open_ledger(postgres.cluster().fresh(), Access(lock_seconds=1, connections=2))) as ledger:
        with ledger.engine.connect() as other, other.begin():
            other.execute(text("LOCK TABLE assignments"))
            with pytest.raises(LedgerError, match="lock timeout"):
                compact(ledger.engine)
        with ledger.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            assert connection.connection.driver_connection is not None
            assert not connection.connection.driver_connection.autocommit


def test_who_leads_is_told_in_a_line_where_the_server_is_gone() -> None:
    need_postgresql()
    engine = connect(make_url("postgresql://triage@/triage?host=/nowhere"), Access())
    with pytest.raises(LedgerError, match="see that the database exists"):
        LeaseTable(engine).lead("digests", 60, NOW)


def test_an_archive_whose_neighbour_differs_in_a_sign_is_counted_alone() -> None:
    need_postgresql()
    server = postgres.cluster()
    server.run(
        "CREATE DATABASE signs TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8' ENCODING 'UTF8'"
    )
    with closing(open_ledger(server.url("signs"))) as ledger:
        for number, path in enumerate(("/a/one.eml", "/a/two.eml", "/a-b/x.eml", "/a b/x.eml", "/A/x.eml")):
            raw = RawMessage(sighting=FileSighting(path=path), octets=b"Subject: %d\n\nx" % number)
            ledger.imports.record(ArchiveBatch(messages=(raw,)), NOW + timedelta(hours=1), live=False)
        assert ledger.imports.held("/a") == 2
