"""Passwords: where they come from, and that they are shown nowhere; files that are their owner's alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.errors import UsageError
from pipeline.logins import Login
from pipeline.resources import packaged
from tests.support import warm
from tests.support.dovecot import Dovecot
from tests.support.mails import letter

SECRET = "correct-horse-battery"


def triage(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return warm.run(*arguments, cwd=folder, umask=0, environment=environment)


def test_a_credential_of_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "imap").write_text(f"{SECRET}\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Login(username="ada", password_credential="imap").password() == SECRET


def test_no_credentials_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(UsageError, match="LoadCredential=imap"):
        Login(username="ada", password_credential="imap").password()


def test_a_credential_that_was_not_handed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        Login(username="ada", password_credential="imap").password()


@pytest.mark.parametrize("name", ["../imap", "a/b", "a b", "x" * 300])
def test_a_credential_is_a_name_and_no_path(name: str) -> None:
    with pytest.raises(ValidationError):
        Login(username="ada", password_credential=name)


def test_one_secret_is_enough() -> None:
    with pytest.raises(ValidationError, match="password_env and password_credential are both given"):
        Login(username="ada", password_env="X", password_credential="imap")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_password_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "password"
    path.write_text(SECRET, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(UsageError, match="chmod 600") as told:
        Login(username="ada", password_file=path).password()
    assert SECRET not in str(told.value)


def test_a_password_that_is_no_text_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(SECRET.encode() + b"\xff")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="it is not UTF-8") as told:
        Login(username="ada", password_file=path).password()
    assert SECRET[:4] not in str(told.value)


def test_what_is_read_of_a_login_never_holds_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PASSWORD", SECRET)
    login = Login(username="ada", password_env="SOME_PASSWORD")
    assert login.password() == SECRET
    assert SECRET not in f"{login!r} {login} {login.model_dump()} {login.model_dump_json()} {vars(login)}"


def test_a_refused_password_is_shown_nowhere(dovecot: Dovecot, tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text(
        f'[folders]\nliaisons = "{packaged("rules") / "liaisons.toml"}"\nmodel = ""\n'
        f'[[imap]]\nname = "main"\nhost = "127.0.0.1"\nport = {dovecot.port}\nsecurity = "none"\nusername = "ada"\n'
        'password_env = "TEST_PASSWORD"\ntimeout_seconds = 20\n'
        '[smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nusername = "ada"\npassword_env = "TEST_PASSWORD"\n'
        'from_address = "t@wiki.example"\n',
        encoding="utf-8",
    )
    for command in (("check",), ("run", "--once"), ("status", "--json")):
        done = triage(tmp_path, *command, TEST_PASSWORD=SECRET)
        assert SECRET not in done.stdout + done.stderr, command
    assert SECRET in os.environ.get("NOTHING", SECRET), "the search below can find it"
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path


def test_whatever_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    """With a umask that would let everybody read and write."""
    assert triage(tmp_path, "init").returncode == 0
    (tmp_path / "triage.toml").write_text(
        '[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n[ledger]\nurl = "sqlite:///there/triage.db"\n',
        encoding="utf-8",
    )
    (tmp_path / "one.eml").write_bytes(letter())
    before = set(tmp_path.rglob("*"))
    for command in (
        ("import", "one.eml"),
        ("digest", "daily", "--preview", "preview", "--liaison", "lieve"),
        ("backup", "backups"),
    ):
        done = triage(tmp_path, *command)
        assert done.returncode == 0, done.stderr
    made = [tmp_path / "liaisons.toml", tmp_path / "triage.key", *(set(tmp_path.rglob("*")) - before)]
    assert len(made) > 6
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in made if path.stat().st_mode & 0o077} == {}
