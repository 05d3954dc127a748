"""A ledger as it is, without bringing its tables up to date: which schema it has, whether somebody works on it, whom it forgot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from pipeline.adapters.ledger.database.engine import connect, explained, reading
from pipeline.adapters.ledger.database.postgresql import Access
from pipeline.adapters.ledger.privacy.forgetting import ForgettingTable
from pipeline.adapters.ledger.running.leases import has_ended
from pipeline.adapters.ledger.schema import forgotten, jobs, leases
from pipeline.errors import LedgerError, UsageError
from pipeline.records.keeping import Forgotten


@contextmanager
def opened_as_is(url: str, access: Access | None = None) -> Iterator[Engine]:
    """Give an engine for the ledger at `url`; nothing is created and nothing migrated.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    if is_missing(url):
        raise UsageError(f"{make_url(url).database}: no such ledger; make one with: triage migrate")
    engine = connect(url, access)
    try:
        yield engine
    finally:
        engine.dispose()


def is_missing(url: str) -> bool:
    """Return whether a ledger would be a file that is not there."""
    parsed = make_url(url)
    path = Path(parsed.database or "")
    return parsed.get_backend_name() == "sqlite" and not (path.exists() and path.stat().st_size)


def revision(engine: Engine) -> str | None:
    """Return the schema of a ledger; None where there are no tables."""
    from alembic.migration import MigrationContext

    with explained(engine), engine.connect() as connection:
        found: str | None = MigrationContext.configure(connection).get_current_revision()
        return found


def running(url: str) -> str:
    """Return who works on a ledger of this machine just now; empty if nobody does, or it cannot be read."""
    try:
        with opened_as_is(url) as engine, reading(engine) as connection:
            names = set(inspect(connection).get_table_names())
            return _busy(connection, names)
    except (LedgerError, DatabaseError):
        return ""


def forgotten_in(url: str) -> tuple[Forgotten, ...]:
    """Return whom a ledger knows to be forgotten, as far as it can be read and its schema has such a list."""
    try:
        with opened_as_is(url) as engine:
            if forgotten.name not in inspect(engine).get_table_names():
                return ()
            return ForgettingTable(engine).remembered()
    except (LedgerError, DatabaseError):
        return ()


def _busy(connection: Connection, names: set[str]) -> str:
    if jobs.name in names:
        held = connection.execute(select(jobs.c.name, jobs.c.holder).where(jobs.c.holder != "")).all()
        busy = [row.name for row in held if not has_ended(row.holder)]
        if busy:
            return f"a service is at work on it ({', '.join(sorted(busy)[:3])})"
    if leases.name in names:
        rows = connection.execute(select(leases).where(leases.c.until > datetime.now(UTC))).all()
        busy = [row.name for row in rows if not has_ended(row.holder)]
        if busy:
            return f"somebody works on it ({', '.join(sorted(busy)[:3])})"
    return ""
