"""A ledger of every released schema, with data, is brought up to date; the command tells from where to where."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from typer.testing import CliRunner

from pipeline.adapters import ledger as ledger_package
from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.database.engine import HEAD
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.cli.main import app
from tests.ledger.test_ledger_migration import _ROWS

pytestmark = pytest.mark.sqlite
RELEASED = ("0001", "0002", "0003")
# Arrivals of the other messages; notes, answers and the like that came with the third schema.
_FIRST = """
INSERT INTO events (id, at, name, message_id, inquiry_id, detail) VALUES
 (2, '2026-03-22 11:05:00', 'stored', 2, NULL, ''), (3, '2026-03-22 12:05:00', 'stored', 3, NULL, ''),
 (4, '2026-03-22 12:05:00', 'stored', 4, NULL, '')
"""
_THIRD = (
    "INSERT INTO notes (inquiry_id, author, text, at) VALUES (1, 'ana', 'rang', '2026-03-22 12:00:00')",
    """INSERT INTO answers (message_id, position, liaison, inquiry_id, action, result, fingerprint, at)
    VALUES (1, 1, 'ana', 1, 'note', 'done', 'f', '2026-03-22 12:00:00')""",
    "INSERT INTO duties (liaison, kind, since, by) VALUES ('ana', 'paused', '2026-03-22 12:00:00', 'ana')",
    "INSERT INTO returns (outbox_id, status, hard, at) VALUES (1, '5.1.1', 1, '2026-03-22 12:00:00')",
    "INSERT INTO publications (page, revision, sha256, at) VALUES ('P', 1, 's', '2026-03-22 12:00:00')",
)


def released(path: Path, revision: str) -> Path:
    """Make a ledger as the program with this schema left it."""
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(ledger_package.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (*filter(str.strip, _ROWS.split(";\n")), _FIRST):
            connection.exec_driver_sql(statement)
        command.upgrade(config, revision)
        for statement in _THIRD if revision == "0003" else ():
            connection.exec_driver_sql(statement)
    engine.dispose()
    return path


@pytest.mark.parametrize("revision", RELEASED)
def test_it_is_brought_up_to_date_and_healthy(revision: str, tmp_path: Path) -> None:
    released(tmp_path / "triage.db", revision)
    (tmp_path / "triage.toml").write_text('[ledger]\nurl = "sqlite:///triage.db"\n')
    told = ["migrate", "--settings", str(tmp_path / "triage.toml")]
    for _ in range(2):
        checked = CliRunner().invoke(app, [*told, "--check", "--json"])
        assert checked.exit_code == 1
        assert json.loads(checked.stdout) == {"from": revision, "to": HEAD, "needed": True, "done": False}
    sick = CliRunner().invoke(app, ["doctor", "--settings", told[2]])
    assert sick.exit_code == 1
    assert "triage migrate" in sick.stdout
    done = CliRunner().invoke(app, told)
    assert (done.exit_code, done.stdout) == (0, f"brought from schema {revision} to {HEAD}\n")
    again = CliRunner().invoke(app, [*told, "--check"])
    assert (again.exit_code, again.stdout) == (0, f"schema {HEAD}: nothing to do\n")
    with closing(open_ledger(f"sqlite:///{tmp_path / 'triage.db'}")) as ledger:
        assert [one for one in examine(ledger.engine) if one.offenders] == []
        entry = ledger.inquiries.find("ABC234")
        assert entry is not None
        assert (entry.liaison, entry.author.address) == ("ana", "asha@museum.example")
        assert len(ledger.notes.of("ABC234")) == (revision == "0003")


def test_a_ledger_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = released(tmp_path / "triage.db", "0003")
    with create_engine(f"sqlite:///{path}").begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    (tmp_path / "triage.toml").write_text('[ledger]\nurl = "sqlite:///triage.db"\n')
    done = CliRunner().invoke(app, ["migrate", "--settings", str(tmp_path / "triage.toml")])
    assert done.exit_code == 1
    assert "newer program" in str(done.exception)
