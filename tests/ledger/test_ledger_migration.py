"""A ledger that an earlier program wrote opens with this one, and nothing in it is lost."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from pipeline.adapters import ledger as ledger_package
from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.database.engine import HEAD
from pipeline.adapters.ledger.schema import metadata
from pipeline.records.work import State
from tests.support.mails import NOW

pytestmark = pytest.mark.usefixtures("real_ledgers")

# A message read and with a liaison, a copy of it, one that waits, one set aside, a digest, a cursor.
_ROWS = """
INSERT INTO messages (id, sha256, octets, size, received_at, stored_at, state, same_as) VALUES
 (1, 'a', x'789c030000000001', 0, '2026-03-22 10:00:00', '2026-03-22 10:05:00', 'read', NULL),
 (2, 'b', NULL, 9, '2026-03-22 11:00:00', '2026-03-22 11:05:00', 'same', 1),
 (3, 'c', x'789c030000000001', 0, NULL, '2026-03-22 12:05:00', 'new', NULL),
 (4, 'd', x'789c030000000001', 0, NULL, '2026-03-22 12:05:00', 'set-aside', NULL);
INSERT INTO sightings (id, message_id, kind, source, place, epoch, number, seen_at) VALUES
 (1, 1, 'imap', 'main', 'INBOX', 7, 1, '2026-03-22 10:05:00'),
 (2, 2, 'imap', 'main', 'Lists', 7, 1, '2026-03-22 11:05:00'),
 (3, 3, 'file', 'file', '/old/list.mbox', 0, 52, '2026-03-22 12:05:00'),
 (4, 4, 'imap', 'main', 'INBOX', 7, 3, '2026-03-22 12:05:00');
INSERT INTO contents (message_id, header_id, author_name, author_address, organisation, subject, text, summary,
 recipients, origin, archive_url, attachments) VALUES
 (1, 'one@x.example', 'Asha', 'asha@museum.example', 'Plate Museum', 'Glass plates', 'We have plates.', 'Plates.',
 '["partners@wiki.example"]', 'imap INBOX', '', '[]');
INSERT INTO message_references (message_id, header_id) VALUES (1, 'zero@x.example');
INSERT INTO inquiries (id, key, state, opened_at, closed_at) VALUES
 (1, 'ABC234', 'assigned', '2026-03-22 10:00:00', NULL);
INSERT INTO inquiry_messages (message_id, inquiry_id) VALUES (1, 1);
INSERT INTO decisions (id, message_id, disposition, kind, priority, language, tags, evidence, rulebook_version,
 model_version, decided_at) VALUES
 (1, 1, 'assign', 'partnership', 50, 'en',
 '{"activities": [], "priorities": [], "criteria": {"preconditions_met": null, "shared_objectives": null,
   "complexity": null, "funding": null, "urgency": null}, "abstained": [], "confidence": {}}',
 '[]', 'r1', 'm1', '2026-03-22 10:06:00');
INSERT INTO assignments (id, inquiry_id, liaison, reason, due_at, assigned_at, ended_at) VALUES
 (1, 1, 'ana', 'French', '2026-03-29 10:00:00', '2026-03-22 10:07:00', NULL);
INSERT INTO corrections (id, inquiry_id, tag, author, at) VALUES
 (1, 1, 'kind=endorsement', 'ana@wiki.example', '2026-03-22 11:00:00');
INSERT INTO outbox (id, recipient, purpose, period, header_id, octets, state, queued_at, sent_at, attempts, next_at, error)
 VALUES (1, 'ana@wiki.example', 'daily', '2026-03-22', '<d@wiki.example>', x'00', 'sent', '2026-03-22 10:08:00',
 '2026-03-22 10:08:01', 1, '2026-03-22 10:08:00', '');
INSERT INTO cursors (source, mailbox, uidvalidity, uid, modseq, checked_at) VALUES
 ('imap:main', 'INBOX', 7, 3, NULL, '2026-03-22 12:05:00');
INSERT INTO set_aside (id, message_id, place, octets, step, reason, trace, attempts, at) VALUES
 (1, 4, 'imap INBOX d', NULL, 'read', 'UnreadableMessage: empty', '', 1, '2026-03-22 12:05:00');
INSERT INTO events (id, at, name, message_id, inquiry_id, detail) VALUES (1, '2026-03-22 10:05:00', 'stored', 1, NULL, '');
"""


@pytest.fixture
def first_ledger(tmp_path: Path) -> str:
    """A ledger as the first program left it."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(ledger_package.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in filter(str.strip, _ROWS.split(";\n")):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return url


def _dump(url: str, names: list[str], columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: [
                tuple(row)
                for row in connection.execute(text(f"SELECT {', '.join(columns[name])} FROM {name}"))  # noqa: S608
            ]
            for name in names
        }
    engine.dispose()
    return found


def test_an_old_ledger_opens_and_keeps_what_it_holds(first_ledger: str) -> None:
    engine = create_engine(first_ledger)
    names = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    columns = {name: [f'"{one["name"]}"' for one in inspect(engine).get_columns(name)] for name in names}
    engine.dispose()
    before = _dump(first_ledger, names, columns)
    assert all(before.values()), "every table of the old ledger is filled"
    with closing(open_ledger(first_ledger)) as ledger:
        entry = ledger.inquiries.find("ABC234")
        assert entry is not None
        assert (entry.state, entry.liaison, entry.organisation) == (State.ASSIGNED, "ana", "Plate Museum")
        (waiting,) = ledger.messages.waiting(10)
        assert (waiting.id, waiting.place) == (3, "file /old/list.mbox")
        assert ledger.reports.status(NOW).messages == {"new": 1, "read": 1, "same": 1, "set-aside": 1}
    assert _dump(first_ledger, names, columns) == before


def test_its_tables_are_then_those_that_the_code_knows(first_ledger: str) -> None:
    with closing(open_ledger(first_ledger)) as ledger, ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        indexes = {one["name"] for one in inspect(connection).get_indexes("messages")}
    assert "ix_messages_state_archived_received_at" in indexes
    assert "ix_messages_state" not in indexes


def test_a_migrated_ledger_opens_again(first_ledger: str) -> None:
    for _ in range(2):
        open_ledger(first_ledger).close()


def test_lives_that_began_before_their_history_was_kept_have_one(first_ledger: str) -> None:
    with closing(open_ledger(first_ledger)) as ledger, ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql('SELECT state, liaison, "by" FROM inquiry_states ORDER BY id').all()
    assert [tuple(row) for row in rows] == [("received", None, "program"), ("assigned", "ana", "program")]
