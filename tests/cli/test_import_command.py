"""`triage import` as a person or a program meets it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.cli.test_commands import objects, triage
from tests.kill.test_kill import FROM, mails, settle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Settings, and an archive with nine mails, one of them twice."""
    settle(tmp_path)
    some = [one.replace(b"\r\n", b"\n") for one in mails(9)]
    text = b"".join(FROM + one + b"\n" for one in [*some, some[0]])
    (tmp_path / "list.mbox.gz").write_bytes(gzip.compress(text))
    return tmp_path


def test_an_archive_is_stored_and_tagged_and_gives_nobody_work(folder: Path) -> None:
    done = triage("import", "--json", "list.mbox.gz", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    (told,) = objects(done)
    outcomes = told.pop("outcomes")
    counts = {"read": 10, "stored": 9, "duplicates": 1, "set_aside": 0, "earlier": 0}
    assert told == {
        **counts,
        "open": False,
        "paths": [{"path": "list.mbox.gz", **counts, "reasons": [], "problems": []}],
    }
    assert sum(outcomes.values()) == 9
    (status,) = objects(triage("status", "--json", cwd=folder))
    assert set(status["inquiries"]) <= {"archived", "filed"}
    assert (status["loads"], status["overdue"], status["outbox"]) == ({}, 0, {})


def test_people_are_told_what_became_of_it(folder: Path) -> None:
    (folder / "empty.eml").write_bytes(b"")
    done = triage("import", "--store-only", "list.mbox.gz", "empty.eml", "missing.mbox", cwd=folder)
    assert done.returncode == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["list.mbox.gz", "10", "9", "1", "0", "0"] in lines
    assert ["together", "11", "9", "1", "1", "0"] in lines
    assert "`triage run` reads and tags it" in done.stdout
    assert [line for line in done.stderr.splitlines() if line.startswith("triage: ")] == [
        f"triage: {folder}/empty.eml: empty",
        f"triage: {folder}/missing.mbox: cannot be read: No such file or directory",
    ]


def test_open_archives_wait_for_a_liaison(folder: Path) -> None:
    done = triage("import", "--open", "list.mbox.gz", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "`triage run` gives the inquiries to liaisons" in done.stdout
    (status,) = objects(triage("status", "--json", cwd=folder))
    assert "received" in status["inquiries"]
