"""Make the database smaller by what was deleted, so that nothing of it is left in its files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import Engine

from pipeline.adapters.ledger.database.engine import explained, name_of
from pipeline.adapters.ledger.schema import metadata
from pipeline.errors import LedgerError


def compact(engine: Engine) -> bool:
    """Write the database anew, and empty its journal; return whether that was done to the end.

    On SQLite, VACUUM and a checkpoint that cuts the journal off: False if another process reads from it just now. On
    PostgreSQL, VACUUM FULL of each table; its archived journals are the business of whoever keeps them.
    """
    if engine.dialect.name == "sqlite":
        _without_transaction(engine, "VACUUM")
        return empty_journal(engine)
    with explained(engine), engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in metadata.sorted_tables:
            alone.exec_driver_sql(f'VACUUM FULL "{table.name}"')
    return True


def empty_journal(engine: Engine) -> bool:
    """Bring what stands in SQLite's journal into the file, and cut it off: what was overwritten there is still in it.

    Returns
    -------
    bool
        False if another process reads from it just now.
    """
    if engine.dialect.name != "sqlite":
        return True
    return not _without_transaction(engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0]


def _without_transaction(engine: Engine, statement: str) -> Any:
    """Run a statement of SQLite that cannot be part of a transaction; return its first row."""
    try:
        with explained(engine), closing(engine.raw_connection()) as held:
            return held.execute(statement).fetchone()
    except sqlite3.Error as error:
        raise LedgerError(
            f"{name_of(engine)}: {error}; stop what else works on it, or try it again later"
        ) from None
