"""How the program comes to a PostgreSQL: by settings that keep secrets, over TLS, with errors that say what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from pipeline.adapters.ledger import Access, open_ledger
from pipeline.adapters.ledger.database.engine import name_of
from pipeline.adapters.ledger.database.postgresql import connect
from pipeline.errors import DeclarationError, LedgerError
from pipeline.settings import LedgerSettings, load_settings
from pipeline.wiring.world import ledger_access
from tests.support.ledgers import ledger_url

FAR = "postgresql://triage@db.example.org/triage"


def told(tmp_path: Path, lines: str) -> LedgerSettings:
    (tmp_path / "triage.toml").write_text(f"[ledger]\n{lines}\n", encoding="utf-8")
    return load_settings(tmp_path / "triage.toml").ledger


def test_one_url_changes_the_engine(tmp_path: Path) -> None:
    assert told(tmp_path, f'url = "{FAR}"').url == FAR
    assert told(tmp_path, 'url = "sqlite:///x.db"').url == f"sqlite:///{tmp_path / 'x.db'}"
    assert told(tmp_path, 'url = "postgresql+psycopg://t@/d?host=/run/postgresql"').url.endswith(
        "/run/postgresql"
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://triage:s3cr3t@db.example.org/triage",
        "postgresql://triage@db.example.org/triage?password=s3cr3t",
        "mysql://triage:s3cr3t@db/triage",
        "postgresql://s3cr3t@db.example.org",
        "postgresql://s3cr3t@db:nonsense/x",
        "s3cr3t",
    ],
)
def test_what_is_no_ledger_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(DeclarationError, match=r"ledger\.url") as caught:
        told(tmp_path, f'url = "{url}"')
    assert "s3cr3t" not in str(caught.value)


def test_the_password_is_read_from_its_file_and_shown_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3cr3t\n")
    secret.chmod(0o600)
    settings = told(tmp_path, f'url = "{FAR}"\npassword_file = "password"')
    access = ledger_access(settings)
    engine = connect(make_url(FAR), access)
    assert access.password == "s3cr3t"
    assert "s3cr3t" not in f"{settings!r} {access!r} {engine!r} {engine.url} {name_of(engine)}"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('url = "sqlite:///x.db"\npassword_env = "X"', "no password"),
        (f'url = "{FAR}"\nusername = "x"\npassword_env = "X"', "stands in the url"),
        (f'url = "{FAR}"\nkey_file = "k"', "belong together"),
        (f'url = "{FAR}"\nconnections = 1', "connections"),
    ],
)
def test_settings_that_do_not_fit_are_faults(tmp_path: Path, lines: str, fault: str) -> None:
    with pytest.raises(DeclarationError, match=fault):
        told(tmp_path, lines)


@pytest.mark.parametrize(
    ("url", "access", "mode"),
    [
        (FAR, Access(), "verify-full system"),
        (FAR, Access(ca_file="ca.pem"), "verify-full ca.pem"),
        (FAR, Access(security="none"), "- -"),
        ("postgresql://t@127.0.0.1/x", Access(), "- -"),
        ("postgresql://t@/x?host=/run/postgresql", Access(), "- -"),
        (FAR + "?sslmode=require", Access(), "- system"),
    ],
)
def test_far_servers_have_to_prove_who_they_are(
    monkeypatch: pytest.MonkeyPatch, url: str, access: Access, mode: str
) -> None:
    seen = {}

    def create(_url: object, **given: dict[str, str]) -> object:
        seen.update(given["connect_args"])
        raise LookupError

    monkeypatch.setattr("pipeline.adapters.ledger.database.postgresql.create_engine", create)
    with pytest.raises(LookupError):
        connect(make_url(url), access)
    assert f"{seen.get('sslmode', '-')} {seen.get('sslrootcert', '-')}" == mode


def test_without_the_driver_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"partnership-triage\[postgresql\]"):
        open_ledger(FAR)


def test_a_server_that_is_not_there_is_an_error_of_one_line() -> None:
    with pytest.raises(LedgerError, match="postgresql") as caught:
        open_ledger("postgresql://triage@127.0.0.1:1/none", Access(password="s3cr3t", connect_seconds=2))
    assert "\n" not in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.usefixtures("on_postgresql")
def test_text_with_a_nul_is_stored_with_a_mark_in_its_place(tmp_path: Path) -> None:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    with ledger.engine.connect() as connection:
        assert connection.execute(text("SELECT CAST(:x AS TEXT)"), {"x": "a\x00b"}).scalar_one() == "a\ufffdb"
    ledger.close()


@pytest.mark.usefixtures("on_postgresql")
def test_a_connection_that_the_server_ended_is_replaced(tmp_path: Path) -> None:
    ledger = open_ledger(ledger_url(tmp_path / "ledger.db"))
    assert ledger.messages.count_waiting() == 0
    other = open_ledger(ledger_url(tmp_path / "ledger.db"))
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with other.engine.connect() as connection:
        connection.execute(text(end))
    assert ledger.messages.count_waiting() == 0
    ledger.close()
    other.close()
