"""A folder of labelled mail that a person has written into as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.adapters.files.fixturefolder import FixtureFolder
from pipeline.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> FixtureFolder:
    made = FixtureFolder(tmp_path / "mine", [])
    made.prepare()
    return made


def test_a_row_with_a_comma_too_many_is_named(folder: FixtureFolder) -> None:
    (folder.path / "labels.csv").write_text("id,kind\nm1,spam\nm2,business,and more\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"labels\.csv: row m2 has more values than columns"):
        folder.add("m3", b"Subject: x\n\n", {"id": "m3", "kind": "spam"})
    assert list((folder.path / "messages").iterdir()) == []


def test_a_key_that_is_a_folder_is_told_in_a_line(folder: FixtureFolder) -> None:
    (folder.path / ".pseudonyms.key").mkdir()
    with pytest.raises(UsageError, match=r"\.pseudonyms\.key: cannot be read: Is a directory"):
        folder.key()


def test_messages_and_labels_are_for_their_owner_alone(folder: FixtureFolder) -> None:
    folder.add("m1", b"Subject: x\n\n", {"id": "m1", "kind": "spam"})
    folder.add("m2", b"Subject: y\n\n", {"id": "m2", "kind": "spam", "country": "GH"})
    written = [folder.path / "labels.csv", *sorted((folder.path / "messages").iterdir())]
    assert written[0].read_text(encoding="utf-8") == "id,kind,country\nm1,spam,\nm2,spam,GH\n"
    assert [path.stat().st_mode & 0o777 for path in written] == [0o600] * 3
