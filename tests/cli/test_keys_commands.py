"""The commands for secrets: init makes one, rotation keeps the old, check refuses what others may read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app

runner = CliRunner()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert runner.invoke(app, ["init", str(tmp_path)]).exit_code == 0
    settings = tmp_path / "triage.toml"
    text = settings.read_text(encoding="utf-8").replace('# address = "desk@', 'address = "desk@', 1)
    settings.write_text(text, encoding="utf-8")
    return tmp_path


def _keys(folder: Path, *words: str) -> tuple[int, str, str]:
    result = runner.invoke(app, ["keys", *words, "--settings", str(folder / "triage.toml")])
    return result.exit_code, result.stdout, str(result.exception or "")


def test_init_makes_a_secret_and_force_leaves_it(folder: Path) -> None:
    key = folder / "triage.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    assert runner.invoke(app, ["init", "--force", str(folder)]).exit_code == 0
    assert key.read_bytes() == before


def test_rotation_with_and_without_overlap(folder: Path) -> None:
    assert _keys(folder, "rotate", "--days", "14")[0] == 0
    code, shown, _ = _keys(folder, "list")
    assert code == 0
    assert [line.split(",")[0] for line in shown.splitlines()] == ["in use", "former"]
    (folder / "triage.key").chmod(0o644)
    assert "others may read it" in _keys(folder, "list")[2]
    assert _keys(folder, "rotate", "--now")[0] == 0
    assert _keys(folder, "list")[1].splitlines() == ["in use"]
    assert stat.S_IMODE((folder / "triage.key").stat().st_mode) == 0o600


def test_a_secret_is_made_once(folder: Path) -> None:
    assert "is there already" in _keys(folder, "make")[2]
    (folder / "triage.key").unlink()
    assert "missing" in _keys(folder, "rotate")[2]
    assert _keys(folder, "make")[0] == 0


def test_check_tells_of_secrets_and_of_who_is_believed_without_proof(folder: Path) -> None:
    (folder / "triage.key").chmod(0o644)
    liaisons = folder / "liaisons.toml"
    text = liaisons.read_text(encoding="utf-8").replace(
        "capacity = 30 ", "unsigned_answers = true\ncapacity = 30 ", 1
    )
    liaisons.write_text(text, encoding="utf-8")
    settings = folder / "triage.toml"
    long = settings.read_text(encoding="utf-8").replace(
        "desk@example.org", "a-very-long-name-for-a-desk@example.org", 1
    )
    settings.write_text(long, encoding="utf-8")
    result = runner.invoke(app, ["check", "--settings", str(settings)])
    for told in (
        "others may read it",
        "unsigned_answers: who gets hold of a digest of lieve",
        "authserv_ids is empty",
        "at most 21",
    ):
        assert told in result.output
