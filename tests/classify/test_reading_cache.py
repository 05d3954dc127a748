"""Readings kept between runs: only of the same mail, rules and program; never from a folder that others can write."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.classify.cache import kept_readings
from pipeline.classify.dataset import Sample
from pipeline.parsing import read as parse
from tests.support.mails import letter


class _Reader:
    """Reads, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, octets: bytes) -> Sample:
        self.calls += 1
        return parse(octets), ()


def _read(folder: Path, *mails: bytes, rules: str = "r1") -> tuple[int, list[Sample], list[str]]:
    reader = _Reader()
    said: list[str] = []
    with kept_readings(reader, rules, folder, said.append) as read:
        found = [read(one) for one in mails]
    return reader.calls, found, said


def test_the_second_time_nothing_is_read(tmp_path: Path) -> None:
    calls, first, said = _read(tmp_path / "c", letter(), letter(subject="Other"))
    assert (calls, said) == (2, [])
    calls, again, _ = _read(tmp_path / "c", letter(), letter(subject="Other"))
    assert (calls, again) == (0, first)


def test_other_mail_and_other_rules_are_read(tmp_path: Path) -> None:
    _read(tmp_path, letter())
    assert _read(tmp_path, letter(subject="New"))[0] == 1
    assert _read(tmp_path, letter(), rules="r2")[0] == 1


def test_other_sources_of_the_program_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _read(tmp_path, letter())
    monkeypatch.setattr("pipeline.classify.cache.code_version", lambda: "another")
    assert _read(tmp_path, letter())[0] == 1


def test_a_damaged_entry_is_read_anew(tmp_path: Path) -> None:
    _, first, _ = _read(tmp_path, letter())
    entries = list(tmp_path.rglob("output.pkl"))
    assert entries
    for path in entries:
        path.write_bytes(path.read_bytes()[:20])
    calls, again, _ = _read(tmp_path, letter())
    assert (calls, again) == (1, first)


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "readings").mkdir()
    (tmp_path / "readings").chmod(0o777)
    calls, _, said = _read(tmp_path, letter(), letter())
    assert calls == 2
    assert "others may write" in said[0]
    assert list((tmp_path / "readings").iterdir()) == []


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "readings").symlink_to(tmp_path / "elsewhere")
    assert "no directory of its own" in _read(tmp_path, letter())[2][0]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "readings").write_text("")
    calls, _, said = _read(tmp_path, letter())
    assert calls == 1
    assert "mail is read without a cache" in said[0]


def test_the_folder_is_the_users_own(tmp_path: Path) -> None:
    _read(tmp_path / "new", letter())
    assert (tmp_path / "new" / "readings").stat().st_mode & 0o077 == 0
