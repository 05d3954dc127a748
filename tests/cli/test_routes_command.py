"""The command `routes`: who is there, what nobody covers, what another file would have done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.adapters.ledger import open_ledger
from pipeline.cli.main import app
from pipeline.errors import DeclarationError, UsageError
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Assignment
from tests.support.ledgers import ledger_table, ledger_url
from tests.support.mails import NOW, letter, reading

TWO = """
fallback = "ana"
[[liaisons]]
id = "ana"
name = "Ana Example"
address = "ana@liaisons.example"
deputy = "ben"
[[liaisons]]
id = "ben"
name = "Ben [bold]Example"
address = "ben@liaisons.example"
regions = ["south_asia"]
languages = ["en"]
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with settings and two liaisons, and work in it."""
    (tmp_path / "liaisons.toml").write_text(TWO, encoding="utf-8")
    settings = ledger_table(tmp_path / "triage.db") + '[folders]\nliaisons = "liaisons.toml"\n'
    (tmp_path / "triage.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> str:
    # Wide enough for no cell to be broken.
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["routes", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*words, "--json").splitlines()]


def fill(folder: Path, count: int) -> None:
    """Let `count` mails be Ana's."""
    ledger = open_ledger(ledger_url(folder / "triage.db"))
    for uid in range(1, count + 1):
        octets = letter(identifier=f"r{uid}@x.example")
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=uid)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=uid), total=None)
        ledger.messages.record("imap:a", "INBOX", batch, NOW)
        (waiting,) = ledger.messages.waiting(10)
        key = ledger.inquiries.record(waiting, reading(octets), None, NOW)
        ledger.inquiries.assign([Assignment(inquiry=key, liaison="ana", reason="", due_at=NOW)], NOW)
    ledger.close()


def test_who_is_there_and_who_stands_in(place: Path) -> None:
    fill(place, 2)
    assert [(row["id"], row["open"], row["status"]) for row in rows()] == [
        ("ana", 2, "there"),
        ("ben", 0, "there"),
    ]
    assert "takes nothing for now" in run("pause", "ana")
    assert "was paused already" in run("pause", "ana")
    (ana, _) = rows()
    assert (ana["status"], ana["stands_in"]) == ("paused", "ben")
    assert "[bold]" in run()  # names are no markup
    assert "again" in run("resume", "ana")
    assert "was not paused" in run("resume", "ana")
    with pytest.raises(UsageError, match="did you mean 'ana'"):
        run("pause", "anna")


def test_coverage_in_words_and_as_json(place: Path) -> None:
    (first, *_) = rows("coverage")
    assert first["languages"] == []
    assert "south_asia" not in first["regions"]
    assert "any: only the fallback gets it" in run("coverage")
    assert {tuple(row["languages"]) for row in rows("coverage", "--language", "hi")} == {(), ("hi",)}
    with pytest.raises(UsageError, match="no ISO 639 code: hindi"):
        run("coverage", "--language", "hindi")
    (place / "all.toml").write_text(TWO.replace('id = "ana"', 'id = "ana"\ncountry = "BE"'), encoding="utf-8")
    everything = TWO.replace('regions = ["south_asia"]\nlanguages = ["en"]', "")
    (place / "all.toml").write_text(everything, encoding="utf-8")
    assert run("coverage", "--liaisons", "all.toml") == "everything is covered\n"


def test_simulate_shows_what_would_have_changed(place: Path) -> None:
    assert run("simulate") == "no inquiry was given to anybody in that time\n"
    fill(place, 3)
    (found,) = rows("simulate")
    assert found["inquiries"] == 3
    assert {change["now"] for change in found["changes"]} == {"ben"}  # he names the region
    assert [desk["now"]["given"] for desk in found["desks"]] == [0, 3]
    shown = run("simulate", "--top", "1")
    assert "3 -> 0" in shown
    assert "0 -> 3" in shown
    assert "and 2 more" in shown
    alone = TWO.partition('[[liaisons]]\nid = "ben"')[0].replace('deputy = "ben"\n', "")
    (place / "alone.toml").write_text(alone, encoding="utf-8")
    assert rows("simulate", "--liaisons", "alone.toml")[0]["changes"] == []
    assert run("simulate", "--since", "2030-01-01").startswith("no inquiry")
    with pytest.raises(UsageError, match="no such day"):
        run("simulate", "--since", "January")
    (place / "bad.toml").write_text('fallback = "x"\n', encoding="utf-8")
    with pytest.raises(DeclarationError, match="no liaison at all"):
        run("simulate", "--liaisons", "bad.toml")
