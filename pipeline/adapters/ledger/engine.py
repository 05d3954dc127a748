"""Open the database, set it up for safety, and bring its tables up to date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from pipeline.errors import LedgerError

# The newest step in migrations/versions.
HEAD = "0006"
_BUSY_SECONDS = 30
_WRITES = "triage_writes"


def open_engine(url: str) -> Engine:
    """Open the database `url`, create it if missing, and migrate it.

    Raises
    ------
    LedgerError
        If it cannot be opened, is locked, is no ledger, or belongs to a newer program.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _prepare_file(parsed)
    engine = create_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    with explained(engine):
        _migrate(engine)
    return engine


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn errors of the database driver into a LedgerError that names the database.

    A broken unique key passes through: the caller knows what it means.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise LedgerError(f"{name}: {error.orig}; see that the database exists and is not locked") from error


@contextmanager
def reading(engine: Engine | Connection) -> Iterator[Connection]:
    """Give a connection for queries; that of a transaction in which this happens, if that is given."""
    if isinstance(engine, Connection):
        yield engine
        return
    with explained(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine | Connection) -> Iterator[Connection]:
    """Give a connection for one transaction that writes; committed at the end, undone by an exception.

    Given the connection of a transaction that is under way, what is written belongs to that.
    """
    if isinstance(engine, Connection):
        yield engine
        return
    with explained(engine), engine.connect() as plain:
        connection = plain.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


class Part:
    """A part of the ledger, over the same database as the others.

    Parameters
    ----------
    engine
        Of an open ledger; or the connection of a transaction, to which all that is done then belongs.
    """

    def __init__(self, engine: Engine | Connection) -> None:
        self._engine = engine


def _prepare_file(url: URL) -> None:
    """Create the file readable by its owner alone; SQLite gives its journals the same mode."""
    if not url.database or url.database == ":memory:":
        return
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LedgerError(f"{path}: the ledger cannot be written: {error.strerror}") from None


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
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine) -> None:
    version = _version(engine)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise LedgerError(
            f"{engine.url.render_as_string(hide_password=True)}: written by a newer program (schema {version}, "
            f"this one knows {HEAD}); install the newer program"
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with explained(engine), engine.connect() as plain:
        _set_foreign_keys(plain, on=False)
        connection = plain.execution_options(**{_WRITES: True})
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _check_foreign_keys(connection)
        finally:
            _set_foreign_keys(plain, on=True)


def _set_foreign_keys(connection: Connection, *, on: bool) -> None:
    """Let SQLite look at foreign keys or not; while a table is made anew, those that point to it would stop that.

    Inside a transaction this has no effect (sqlite.org/lang_altertable.html, section 7).
    """
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise LedgerError(
            f"{connection.engine.url.render_as_string(hide_password=True)}: cannot be brought up to date: some of its "
            "rows refer to rows that are missing; it was left as it was"
        )


def _version(engine: Engine) -> str | None:
    """Return the schema's version, or None if the database is empty."""
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        if "alembic_version" in names:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if names:
        raise LedgerError(
            f"{engine.url.render_as_string(hide_password=True)}: holds tables, but is no ledger; name another file"
        )
    return None
