"""Commands that documents show and that take more than a moment: another database, a cluster, another model, weights learnt anew."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from tests.support import postgres
from tests.support.cluster import running_cluster
from tests.support.installation import archive, settled
from tests.support.ledgers import need_postgresql

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings without a model, and three mails in an archive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")
    settled(tmp_path)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "one.mbox").write_bytes(archive(3))
    return tmp_path


def triage(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, f"{done.output} {done.exception!r}"
    return done.stdout


@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_a_ledger_moves_to_another_database() -> None:
    need_postgresql()
    triage("import", "--store-only", "lists/")
    target = postgres.cluster().bare()
    moved = [
        json.loads(line) for line in triage("migrate-ledger", "triage.db", target, "--json").splitlines()
    ]
    assert {one["table"]: one["rows"] for one in moved}["messages"] == 3
    assert "moved and checked" in triage("migrate-ledger", "triage.db", postgres.cluster().bare())


@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_a_cluster_imports_and_tags_anew() -> None:
    with running_cluster() as cluster:
        (told,) = triage("import", "--dask", cluster.scheduler_address, "--json", "lists/").splitlines()
        assert json.loads(told)["stored"] == 3
        (again,) = triage("retag", "--dask", cluster.scheduler_address, "--json").splitlines()
    assert json.loads(again)["messages"] == {"same": 3}


@pytest.mark.sqlite
@pytest.mark.usefixtures("folder")
def test_two_workers_import_and_tag_anew_by_another_model() -> None:
    triage("import", "--workers", "2", "lists/")
    (told,) = triage("retag", "--model", "base", "--since", "2020-01-01", "--json").splitlines()
    assert sum(json.loads(told)["messages"].values()) == 3
    assert json.loads(told)["model"].startswith("base-")
    triage("retag", "drop")
    (shared,) = triage("retag", "--since", "2020-01-01", "--workers", "2", "--json").splitlines()
    assert json.loads(shared)["messages"] == {"same": 3}


def test_weights_are_learnt_anew_and_written_where_they_stood(
    folder: Path, train_labels: dict[str, dict[str, str]]
) -> None:
    rows = [one for one in train_labels.values() if one["urgency"]][:24]
    (folder / "labelled" / "messages").mkdir(parents=True)
    with (folder / "labelled" / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows({**one, "in_reply_to": ""} for one in rows)
    for one in rows:
        shutil.copy(ROOT / "fixtures" / "messages" / f"{one['id']}.eml", folder / "labelled" / "messages")
    files = [Path(shutil.copy(ROOT / "rules" / f"{name}.toml", folder)) for name in ("criteria", "places")]
    before = [file.read_text(encoding="utf-8") for file in files]
    triage("fit", "deadlines", "--fixtures", "labelled", "--write", "criteria.toml")
    triage("fit", "places", "--fixtures", "labelled", "--write", "places.toml")
    after = [file.read_text(encoding="utf-8") for file in files]
    for old, new, table in zip(before, after, ("[urgency.weights]", "[weights"), strict=True):
        assert new != old
        assert new.split(table)[0] == old.split(table)[0]
