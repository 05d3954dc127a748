"""The doctor sees each thing that can be wrong with a ledger, and nothing in one that is well."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from pipeline.adapters.ledger.upkeep.doctor import CHECKS, examine
from tests.support.answering import answer, office
from tests.support.mails import letter

pytestmark = pytest.mark.sqlite
# What is done to a ledger, and what the doctor says of it.
_HARM = {
    "messages": "UPDATE messages SET state = 'odd' WHERE state = 'answer'",
    "read": "DELETE FROM contents WHERE message_id = 1",
    "copies": "UPDATE messages SET same_as = 1 WHERE id = 2",
    "waiting": "UPDATE messages SET state = 'new', octets = NULL WHERE state = 'answer'",
    "sightings": "DELETE FROM sightings WHERE message_id = 1",
    "arrivals": "DELETE FROM events WHERE name = 'stored' AND message_id = 1",
    "set aside": "DELETE FROM set_aside",
    "cursors": "UPDATE cursors SET uid = 1",
    "removed": "UPDATE contents SET removed_at = '2026-01-01 00:00:00.000000' WHERE message_id = 1",
    "inquiries": "DELETE FROM inquiry_messages WHERE inquiry_id = 1",
    "merged": "UPDATE inquiries SET state = 'merged' WHERE id = 1",
    "owners": "INSERT INTO assignments (inquiry_id, liaison, reason, due_at, assigned_at) SELECT inquiry_id, liaison, reason, due_at, assigned_at FROM assignments WHERE ended_at IS NULL LIMIT 1",
    "histories": "UPDATE inquiries SET state = 'accepted' WHERE id = 1",
    "ends": "UPDATE inquiries SET closed_at = '2026-01-01 00:00:00.000000' WHERE id = 1",
    "outbox": "UPDATE outbox SET octets = x'' WHERE state = 'queued'",
    "references": "DELETE FROM inquiries WHERE id = 1",
    "schema": "UPDATE alembic_version SET version_num = '0001'",
    "organisations": "UPDATE organisations SET merged_into = id",
}  # fmt: skip


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A ledger in which there is something of everything, as a file."""
    folder = tmp_path_factory.mktemp("well")
    with office(folder) as desk:
        entry = desk.inquiry("one")
        desk.receive(answer("done", results="evil; dmarc=pass"))
        desk.receive(answer(f"{entry.key} note: rang them up", to=desk.reply_to()))
        desk.receive(
            letter(identifier="two@x.example", subject="Re: Glass plates one", reply_to="one@museum.example")
        )
    with closing(sqlite3.connect(folder / "triage.db")) as held:
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (folder / "triage.db").read_bytes()


def _wrong(path: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{path}")
    found = examine(engine)
    engine.dispose()
    assert all(bool(one.advice) == bool(one.offenders) == bool(one.examples) for one in found)
    return {one.check for one in found if one.offenders}


def test_a_ledger_that_is_well(well: bytes, tmp_path: Path) -> None:
    (tmp_path / "well.db").write_bytes(well)
    assert _wrong(tmp_path / "well.db") == set()


@pytest.mark.parametrize("check", _HARM)
def test_what_is_wrong_is_seen(check: str, well: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ill.db"
    path.write_bytes(well)
    with closing(sqlite3.connect(path)) as held:
        changed = held.execute(_HARM[check]).rowcount
        held.commit()
    assert changed > 0
    assert check in _wrong(path)


def test_every_check_is_tried_here() -> None:
    # Keys of the tables keep "doubles" from coming about, and "file" is SQLite's own look at its pages.
    assert {one.name for one in CHECKS} - {"doubles"} <= set(_HARM)


def test_a_page_that_was_overwritten_is_seen(well: bytes, tmp_path: Path) -> None:
    octets = bytearray(well)
    middle = len(octets) // 2 // 4096 * 4096
    octets[middle : middle + 64] = b"\xff" * 64
    (tmp_path / "ill.db").write_bytes(octets)
    assert "file" in _wrong(tmp_path / "ill.db")
