"""`triage explain KEY` shows the messages of an inquiry and what has to do with it."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.ledger import open_ledger
from tests.support import warm
from tests.support.ledgers import ledger_table, ledger_url
from tests.threads.desk import receive, rows
from tests.threads.letters import START, cases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A settings file beside a ledger with one thread and a stranger, and the KEY of the thread."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "triage.toml").write_text(ledger_table(folder / "ledger.db"), encoding="utf-8")
    ledger = open_ledger(ledger_url(folder / "ledger.db"))
    (case,) = (case for case in cases() if case.name == "stranger-quotes-references")
    receive(ledger, case.letters, START + timedelta(days=9))
    key = rows(ledger, "SELECT key FROM inquiries ORDER BY id")[0].key
    ledger.close()
    return folder, key


def explain(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.run("explain", *arguments, cwd=folder, strict=True, environment={"COLUMNS": "140"})


def test_people_see_messages_and_claims(home: tuple[Path, str]) -> None:
    folder, key = home
    done = explain(folder, key)
    assert done.returncode == 0, done.stderr
    assert f"{key}: messages" in done.stdout
    assert done.stdout.count("Dana Fox") == 2
    assert "claims to belong to this one" in done.stdout


def test_programs_get_the_same(home: tuple[Path, str]) -> None:
    folder, key = home
    told = json.loads(explain(folder, "--json", key.lower()).stdout)
    assert told["inquiry"] == key
    assert [(one["author"], one["seen"], one["voice"]) for one in told["messages"]] == [
        ("dana@zoo.example", 1, "person")
    ] * 2
    assert [one["reason"] for one in told["related"]] == ["claims to belong to this one"]


def test_a_key_that_nobody_has_is_said_to_be_unknown(home: tuple[Path, str]) -> None:
    done = explain(home[0], "NOBODY")
    assert done.returncode != 0
    assert "NOBODY" in done.stderr
