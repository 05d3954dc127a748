"""The commands that keep a ledger for years, as a person or a program meets them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.main import app
from tests.support.answering import answer, office
from tests.support.ledgers import ledger_table
from tests.support.mails import letter

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "keeping.schema.json").read_text(encoding="utf-8"))
_SETTINGS = """
[folders]
liaisons = "liaisons.toml"
model = ""
[answers]
address = "desk@partners.example"
authserv_ids = ["mx.partners.example"]
key_file = "triage.key"
[retention]
raw_days = 30
backups_days = 90
[smtp]
host = "127.0.0.1"
port = 9
security = "none"
from_address = "triage@partners.example"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with an inquiry, an answer that was not trusted, and a digest that waits."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")
    home = tmp_path / "home"
    home.mkdir()
    with office(home) as desk:
        desk.receive(letter())
        desk.receive(answer("done", results="evil; dmarc=pass", subject="\x1b[31mdone\x07"))
        desk.desk.digester().queue_daily(desk.now)
    (home / "triage.toml").write_text(ledger_table(home / "triage.db") + _SETTINGS)
    return home


def triage(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--settings", str(folder / "triage.toml")])


def objects(result: Result, kind: str) -> list[Any]:
    """Return what a command wrote, checked against the contract."""
    found = [json.loads(line) for line in result.stdout.splitlines()]
    for one in found:
        jsonschema.validate(one, {**SCHEMA, "$ref": f"#/$defs/{kind}"})
    return found


def test_set_aside_from_the_list_to_the_end(folder: Path, tmp_path: Path) -> None:
    (one,) = objects(triage(folder, "set-aside", "list", "--json"), "set_aside")
    assert (one["step"], one["attempts"], one["whole"]) == ("answer", 1, True)
    assert objects(triage(folder, "set-aside", "list", "--step", "read", "--json"), "set_aside") == []
    number = str(one["number"])
    shown = triage(folder, "set-aside", "show", number, "--raw", str(tmp_path / "raw.eml"))
    assert "no Authentication-Results" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "\x07" not in shown.stdout
    assert (tmp_path / "raw.eml").read_bytes().startswith(b"Authentication-Results: evil")
    assert (tmp_path / "raw.eml").stat().st_mode & 0o777 == 0o600
    assert triage(folder, "set-aside", "show", number, "--raw", str(tmp_path / "raw.eml")).exit_code == 1
    (tried,) = objects(triage(folder, "set-aside", "retry", "--all", "--json"), "tried")
    assert (tried["done"], tried["outcome"].startswith("still, now")) == (False, True)
    asked = triage(folder, "set-aside", "drop", "--all")
    assert "--yes" in str(asked.exception)
    assert triage(folder, "set-aside", "drop", "--all", "--yes").exit_code == 0
    assert objects(triage(folder, "set-aside", "list", "--json"), "set_aside") == []


def test_the_outbox_in_the_same_manner(folder: Path) -> None:
    assert objects(triage(folder, "outbox", "list", "--json"), "unsent") == []
    found = objects(triage(folder, "outbox", "list", "--waiting", "--json"), "unsent")
    assert {one["state"] for one in found} == {"queued"}
    number = str(found[0]["number"])
    assert triage(folder, "outbox", "retry", number).stdout == f"{number}: queued\n"
    assert triage(folder, "outbox", "drop", number, "--yes").stdout == f"{number}: dropped\n"
    (told,) = objects(triage(folder, "outbox", "drop", number, "--yes", "--json"), "tried")
    assert told == {"number": int(number), "done": False, "outcome": "it is dropped"}
    assert objects(triage(folder, "writebacks", "retry", "--all", "--json"), "tried") == []
    again = triage(folder, "outbox", "retry", number)
    assert (again.exit_code, again.stdout) == (1, f"{number}: it is dropped\n")
    assert triage(folder, "writebacks", "list").exit_code == 0
    assert "or give --all" in str(triage(folder, "writebacks", "retry").exception)


@pytest.mark.sqlite
def test_a_backup_and_its_way_back(folder: Path) -> None:
    (made,) = objects(triage(folder, "backup", "--json"), "backup")
    assert Path(made["file"]).parent == folder / "backups"
    refused = triage(folder, "restore", made["file"])
    assert "--force" in str(refused.exception)
    done = triage(folder, "restore", made["file"], "--force", "--json")
    assert done.exit_code == 0
    (restored,) = objects(done, "restore")
    assert restored["sha256"] == made["sha256"]
    assert restored["held"] >= 1
    assert Path(restored["aside"]).exists()
    found = objects(triage(folder, "doctor", "--json"), "finding")
    assert {one["offenders"] for one in found} == {0}


@pytest.mark.sqlite
def test_the_doctor_tells_what_to_do(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "triage.db")) as held:
        held.execute("DELETE FROM set_aside")
        held.commit()
    ill = triage(folder, "doctor")
    assert ill.exit_code == 1
    assert "set aside: triage set-aside list" in ill.stdout


@pytest.mark.sqlite
def test_forgetting_shows_first_and_proves_afterwards(folder: Path) -> None:
    (backup,) = objects(triage(folder, "backup", "--json"), "backup")
    (dry,) = objects(triage(folder, "forget", "ASHA@museum.example", "--dry-run", "--json"), "forget")
    assert (dry["names"], dry["messages"], len(dry["inquiries"])) == (["Asha Rao"], 1, 1)
    assert "--yes" in str(triage(folder, "forget", "asha@museum.example").exception)
    labels = folder / "labels"
    labels.mkdir()
    (labels / "a.eml").write_text("From: Asha+list@museum.example")
    done = triage(folder, "forget", "asha@museum.example", "--yes", "--json", "--also", str(labels))
    (gone,) = objects(done, "forget")
    assert gone["left_in_ledger"] == []
    left = {(one["file"], one["what"]) for one in gone["left_in_files"] if not one["backup"]}
    assert left == {(str(labels / "a.eml"), "address")}
    assert done.exit_code == 1
    ends = {one["until"] for one in gone["left_in_files"] if one["backup"]}
    assert ends == {backup["keep_until"]}
    (labels / "a.eml").unlink()
    Path(backup["file"]).unlink()
    clean = triage(folder, "forget", "asha@museum.example", "--yes")
    assert clean.exit_code == 0
    assert "found nothing" in clean.stdout
    octets = b"".join(path.read_bytes() for path in folder.glob("triage.*") if path.is_file())
    assert b"asha" not in octets.lower()


def test_the_cache_of_readings_is_emptied(folder: Path) -> None:
    readings = folder.parent / "cache" / "partnership-triage" / "readings"
    readings.mkdir(parents=True)
    (readings / "one.pkl").write_bytes(b"\x80\x04 asha@museum.example")
    assert triage(folder, "forget", "asha@museum.example", "--yes").exit_code == 0
    assert not readings.exists()


def test_whom_the_settings_name_is_not_forgotten(folder: Path) -> None:
    for address in ("lieve@liaisons.example", "Desk+x@partners.example", "board@kenya.example"):
        refused = triage(folder, "forget", address, "--yes")
        assert "take it out there first" in str(refused.exception)
    assert "or give --again alone" in str(triage(folder, "forget").exception)
    assert "no inquiry is called so" in str(triage(folder, "forget", "ZZZZZZ").exception)


def test_retention_counts_and_lets_go(folder: Path) -> None:
    (due,) = objects(triage(folder, "retention", "--dry-run", "--json"), "retention")
    (done,) = objects(triage(folder, "retention", "--json"), "retention")
    assert {**due, "dry_run": False} == done
    assert "octets of messages" in triage(folder, "retention").stdout


GROUPS = {
    "set-aside": ("list", "show", "retry", "drop"),
    "outbox": ("list", "retry", "drop"),
    "writebacks": ("list", "retry", "drop"),
}


@pytest.mark.parametrize(
    "words", [(group, one) for group, commands in GROUPS.items() for one in commands], ids=" ".join
)
def test_each_of_them_explains_itself(words: tuple[str, str]) -> None:
    told = CliRunner().invoke(app, [*words, "--help"])
    assert told.exit_code == 0
    assert f"Example: triage {' '.join(words)}" in " ".join(told.output.split())
