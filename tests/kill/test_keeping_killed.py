"""Kill -9 in the middle of forgetting, backing up and restoring: the same command once more completes it."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.adapters.ledger import open_ledger
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.cli.main import app
from pipeline.service.person import Person
from tests.kill.test_kill import settle
from tests.support.answering import office
from tests.support.killed import finished, start
from tests.support.mails import letter

pytestmark = pytest.mark.sqlite
ADDRESS = "asha@museum.example"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with an inquiry of one person, which another one continues."""
    home = tmp_path_factory.mktemp("filled")
    with office(home) as desk:
        desk.receive(letter())
        desk.receive(
            letter(
                identifier="two@x.example",
                reply_to="one@x.example",
                sender="Ben Okoro <ben@press.example>",
                subject="Re: Glass plates",
                headers=f"Cc: {ADDRESS}",
            )
        )
        desk.desk.digester().queue_daily(desk.now)
    return home / "triage.db"


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(filled, settle(home))
    yield home
    with closing(open_ledger(f"sqlite:///{home / 'triage.db'}")) as ledger:
        assert [one for one in examine(ledger.engine) if one.offenders] == []
    assert [one.name for one in home.rglob(".*")] == [], "nothing half done is left"


def kill(folder: Path, point: str, *command: str) -> None:
    """Run a command that is killed at a point."""
    status, _, err = finished(start(folder, *command, TRIAGE_FAULT_POINT=point))
    assert status == -signal.SIGKILL, err


def run(folder: Path, *command: str) -> dict[str, Any]:
    """Run a command that completes; return what it says."""
    done = CliRunner().invoke(app, [*command, "--json", "--settings", str(folder / "triage.toml")])
    assert done.exit_code == 0, (done.output, done.exception)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def messages_of(folder: Path) -> int:
    with closing(open_ledger(f"sqlite:///{folder / 'triage.db'}")) as ledger:
        return ledger.forgetting.find(Person.at(ADDRESS)).messages


@pytest.mark.parametrize(
    "point",
    [
        "forget.contents",
        "forget.done",
        pytest.param("forget.redacted", marks=pytest.mark.nightly),
        pytest.param("forget.redacted:2", marks=pytest.mark.nightly),
        pytest.param("ledger.written:6", marks=pytest.mark.nightly),
    ],
)
def test_a_forgetting_that_was_killed_is_completed(folder: Path, point: str) -> None:
    command = ("forget", ADDRESS, "--yes")
    kill(folder, point, *command)
    told = run(folder, *command)
    assert told["left_in_ledger"] == told["left_in_files"] == []
    assert messages_of(folder) == 0
    assert ADDRESS.encode() not in b"".join(one.read_bytes() for one in folder.glob("triage.db*"))
    assert (folder / "triage.forgotten").is_file()


def test_a_backup_that_was_killed_leaves_none_and_the_next_is_whole(folder: Path) -> None:
    kill(folder, "backup.copied", "backup")
    assert list((folder / "backups").glob("*.tar")) == []
    made = run(folder, "backup")
    assert [one.name for one in (folder / "backups").iterdir()] == [Path(made["file"]).name]


@pytest.mark.parametrize("point", ["restore.ready", "restore.aside"])
def test_a_restore_that_was_killed_is_completed(folder: Path, point: str) -> None:
    made = run(folder, "backup")
    run(folder, "forget", ADDRESS, "--yes")
    command = ("restore", made["file"], "--force")
    kill(folder, point, *command)
    assert run(folder, *command)["forgotten"] == 1
    assert messages_of(folder) == 0
