"""Ledgers for tests, on SQLite or on PostgreSQL: made by the migrations once, then copied, and none that has to outlive a power cut."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, Engine, make_url

from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.adapters.ledger.database import engine as engines
from pipeline.adapters.ledger.database import sqlite
from tests.support import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)
# All tests on this engine: make pytest-postgresql.
VARIABLE = "TRIAGE_TEST_ENGINE"
# The engines that tests of the ledger itself run on.
TESTED = (os.environ[VARIABLE],) if VARIABLE in os.environ else ENGINES
MIGRATE = engines._migrate
SET_PRAGMAS = sqlite._set_pragmas
"""How the program itself makes the tables of a new ledger, and what it asks of SQLite."""

_chosen: list[str] = []
_compiled: dict[str, tuple[Dialect, dict[Any, Any]]] = {}
_databases: dict[Path, str] = {}


def engine_name() -> str:
    """Return the engine that this test's ledgers are on."""
    return _chosen[-1] if _chosen else os.environ.get(VARIABLE, SQLITE)


@contextmanager
def on_engine(name: str) -> Iterator[str]:
    """Let ledgers be on the engine `name`; skip where its server is missing, or fail where it must not be."""
    if name == POSTGRESQL:
        need_postgresql()
    _chosen.append(name)
    try:
        yield name
    finally:
        _chosen.pop()


def need_postgresql() -> None:
    """Skip the test where PostgreSQL is missing; fail it under TRIAGE_REQUIRE_SERVERS=1."""
    lacking = postgres.missing()
    if lacking and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)


def ledger_url(path: Path, *, bare: bool = False) -> str:
    """Return the URL of the ledger that a test keeps at `path`: that file, or the database that stands for it.

    Asked again, it is the same one. A `bare` one has no tables when it is made.
    """
    if engine_name() == SQLITE:
        return f"sqlite:///{path}"
    need_postgresql()
    key = path.resolve()
    if key not in _databases:
        _databases[key] = postgres.cluster().bare() if bare else postgres.cluster().fresh()
    return _databases[key]


def ledger_table(path: Path) -> str:
    """Return the table of triage.toml that says where the ledger is."""
    return f'[ledger]\nurl = "{ledger_url(path)}"\n'


def fresh_ledger(path: Path) -> SqlLedger:
    """Open an empty ledger at `path`."""
    return open_ledger(fresh_url(path))


def fresh_url(path: Path) -> str:
    """Make an empty ledger at `path`, quicker than the migrations would, and return its URL."""
    if engine_name() == SQLITE:
        path.write_bytes(empty_ledger())
    else:
        forget_below(path)
    return ledger_url(path)


def forget_below(folder: Path) -> None:
    """Drop the databases of a test that is over."""
    inside = [path for path in _databases if path.is_relative_to(folder.resolve())]
    for path in inside:
        name = make_url(_databases.pop(path)).database
        postgres.cluster().run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def empty_ledger() -> bytes:
    """Return a new ledger as a file of SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        open_ledger(f"sqlite:///{path}").close()
        return path.read_bytes()


def hurry() -> None:
    """Leave out what makes this process's new ledgers slow: making tables, waiting for the disk, compiling statements again.

    On SQLite each begins as a copy of one that the migrations have made.
    """
    empty_ledger()
    engines._migrate = _opened
    sqlite._set_pragmas = _set_pragmas


def _opened(engine: Engine) -> None:
    path = engine.url.database
    if engine.dialect.name == SQLITE and path and "TRIAGE_FAULT_POINT" not in os.environ:
        with Path(path).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file.fileno()).st_size:
                file.write(empty_ledger())
    # SQLAlchemy keeps compiled statements by dialect, and gives each engine one of its own.
    engine.dialect, compiled = _compiled.setdefault(engine.dialect.name, (engine.dialect, {}))
    engine.update_execution_options(compiled_cache=compiled)
    MIGRATE(engine)


def _set_pragmas(connection: Any, _record: Any) -> None:
    SET_PRAGMAS(connection, _record)
    connection.execute("PRAGMA synchronous=OFF")
