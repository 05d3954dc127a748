"""The ledger on SQLite: one file, one writer at a time."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from pipeline.errors import LedgerError

# The execution option of a transaction that writes.
WRITES = "triage_writes"
_BUSY_SECONDS = 30


def connect(url: URL) -> Engine:
    """Return an engine for the file that `url` names; the file is made if it is missing.

    Raises
    ------
    LedgerError
        If the file cannot be written.
    """
    _prepare_file(url)
    engine = create_engine(url)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_file(url: URL) -> None:
    """Create the file readable by its owner alone; SQLite gives its journals the same mode."""
    if not url.database or url.database == ":memory:":
        return
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerError(
            f"{path}: the ledger cannot be written: {error.strerror}; make room or give yourself the right"
        ) from None


def _set_pragmas(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        # The driver starts no transactions of its own; `_begin` does.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock at the start, so that what a transaction has read is still so when it writes."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """Let SQLite look at foreign keys or not; while a table is made anew, those that point to it would stop that.

    Inside a transaction this has no effect (sqlite.org/lang_altertable.html, section 7), and none on other engines.
    """
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def check_foreign_keys(connection: Connection) -> None:
    """See that no row refers to one that is missing.

    Raises
    ------
    LedgerError
        If one does.
    """
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise LedgerError(
            f"{connection.engine.url.render_as_string(hide_password=True)}: cannot be brought up to date: some of its "
            "rows refer to rows that are missing; it was left as it was"
        )
