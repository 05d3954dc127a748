"""Make the database smaller by what was deleted, so that nothing of it is left in its files."""

from __future__ import annotations

from sqlalchemy import Engine

from pipeline.adapters.ledger.engine import explained
from pipeline.adapters.ledger.tables import metadata


def compact(engine: Engine) -> bool:
    """Write the database anew, and empty its journal; return whether that was done to the end.

    On SQLite, VACUUM and a checkpoint that cuts the journal off: False if another process reads from it just now. On
    PostgreSQL, VACUUM FULL of each table; its archived journals are the business of whoever keeps them.
    """
    with explained(engine):
        held = engine.raw_connection()
        try:
            if engine.dialect.name == "sqlite":
                held.execute("VACUUM")
                return empty_journal(engine)
            held.rollback()
            held.driver_connection.autocommit = True  # type: ignore[union-attr]
            for table in metadata.sorted_tables:
                held.cursor().execute(f'VACUUM FULL "{table.name}"')
            held.driver_connection.autocommit = False  # type: ignore[union-attr]
            return True
        finally:
            held.close()


def empty_journal(engine: Engine) -> bool:
    """Bring what stands in SQLite's journal into the file, and cut it off: what was overwritten there is still in it.

    Returns
    -------
    bool
        False if another process reads from it just now.
    """
    if engine.dialect.name != "sqlite":
        return True
    with explained(engine):
        held = engine.raw_connection()
        try:
            return not held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            held.close()
