"""The file of secrets: for its owner alone, whole or not there, replaced with overlap."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.files import keyfile
from pipeline.errors import DeclarationError, OutputError, UsageError

NOW = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)


def test_a_new_secret_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keyfile.make(tmp_path / "deep" / "triage.key")
    finally:
        os.umask(before)
    assert (tmp_path / "deep" / "triage.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["triage.key"]


def test_a_secret_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "key")
    octets = (tmp_path / "key").read_bytes()
    with pytest.raises(UsageError, match="rotate"):
        keyfile.make(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == octets


def test_rotation_keeps_the_old_secret_until_its_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    keyfile.make(path)
    first = keyfile.load(path)
    keyfile.rotate(path, NOW, NOW + timedelta(days=14))
    keyfile.rotate(path, NOW, NOW + timedelta(days=7))
    ring = keyfile.load(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.until for one in ring.former] == [NOW + timedelta(days=7), NOW + timedelta(days=14)]
    assert ring.former[1].octets == first.current.octets
    assert len(ring.serving(NOW + timedelta(days=8))) == 2
    keyfile.rotate(path, NOW + timedelta(days=8), NOW + timedelta(days=20))
    assert len(keyfile.load(path).former) == 2  # what serves no more is forgotten
    keyfile.rotate(path, NOW, None)
    assert keyfile.load(path).former == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    keyfile.make(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(DeclarationError, match="others may read it"):
        keyfile.load(tmp_path / "key")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "missing"),
        ("current = 'mfrgg'", "too short"),
        ("current = '!!'", "no base32"),
        ("current = 3", "string"),
        ("no toml", "not valid TOML"),
        ("[[former]]\nsecret = 'abc'\nuntil = 2026-01-01T00:00:00Z", "missing"),
    ],
)
def test_a_broken_file_says_what_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(DeclarationError, match=why):
        keyfile.load(path)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    keyfile.make(tmp_path / "key")
    ring = keyfile.load(tmp_path / "key")
    assert str(ring.current.octets) not in repr(ring)
    assert "octets" not in repr(ring)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        keyfile.make(tmp_path / "file" / "key")
