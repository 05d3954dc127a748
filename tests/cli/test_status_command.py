"""`triage status` for people, programs and monitoring: exit status, one line, JSON."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from tests.cli.test_commands import objects, triage

SETTINGS = '[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Settings without any server: nothing can be late."""
    assert triage("init", ".", cwd=tmp_path).returncode == 0
    (tmp_path / "triage.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def test_exit_status_and_line_for_monitoring(house: Path) -> None:
    fine = triage("status", "--check", cwd=house)
    assert (fine.returncode, fine.stdout) == (
        0,
        "OK - all is well | waiting=0 set_aside=0 queued=0 unassigned=0 overdue=0\n",
    )
    path = house / "triage.toml"
    path.write_text(SETTINGS + '[[imap]]\nname = "main"\nhost = "h"\nusername = "u"\npassword_env = "X"\n')
    trouble = triage("status", "--check", cwd=house)
    assert trouble.returncode == 1
    assert trouble.stdout.startswith(
        "TROUBLE - imap:main: never read to the end; start the service: triage run | "
    )
    path.write_text('[service]\nlate_minutes = 0\nlog = "xml"\n')
    wrong = triage("status", "--check", cwd=house)
    assert wrong.returncode == 2
    assert "service.late_minutes" in wrong.stderr
    assert "service.log" in wrong.stderr


def test_json_and_words_say_the_same(house: Path) -> None:
    (state,) = objects(triage("status", "--json", cwd=house))
    assert state["trouble"] == []
    assert state["service"] == {"state": "never", "since": None, "alive_at": None}
    assert [(run["name"], run["at"]) for run in state["next_runs"]] == [
        ("retention", None),
        ("send", None),
        ("work", None),
    ]
    schema = {"type": "object", "required": ["messages", "accounts", "jobs", "model", "outbox", "set_aside"]}
    jsonschema.validate(state, schema)
    words = triage("status", cwd=house).stdout
    assert "service: never" in words
    assert "as soon as the service runs" in words


def test_rounds_by_cron_are_known_afterwards(house: Path) -> None:
    once = triage("run", "--once", cwd=house)
    assert once.returncode == 0, once.stderr
    (state,) = objects(triage("status", "--json", cwd=house))
    known = {job["name"]: job for job in state["jobs"]}
    assert set(known) >= {"work", "send"}
    assert all(job["succeeded_at"] and job["holder"] == "" for job in known.values())
    assert state["service"]["state"] == "never"
