"""Claims: rows that one process works on, until when; others pass them over, and take them over once it has ended.

On PostgreSQL claiming waits for nobody: rows that another process is just claiming are passed over (SKIP LOCKED). SQLite
has one writer, so that there is nothing to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, or_, select, update

from pipeline.adapters.ledger.database.engine import database_time
from pipeline.adapters.ledger.running.leases import has_ended

FREE: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
"""What a row says that nobody has claimed."""


def free(table: Table, holder: str, seconds: float, now: datetime) -> ColumnElement[bool]:
    """Ask whether a row is anybody's: not claimed, or no more, or by `holder`.

    A claim that lasts longer than any can was made while a clock was ahead.
    """
    until = table.c.claimed_until
    return or_(
        until.is_(None),
        until <= now,
        until > now + timedelta(seconds=2 * seconds),
        table.c.claimed_by == holder,
    )


def claim(
    connection: Connection,
    table: Table,
    query: Select[Any],
    holder: str,
    seconds: float,
    now: datetime,
    choose: Callable[[Sequence[Any]], Collection[int]] | None = None,
) -> list[int]:
    """Claim rows of `table` for some `seconds`; return their numbers in order.

    Parameters
    ----------
    query
        Selects the rows that are wanted, their ``id`` among the columns, in order.
    choose
        Which of the rows that were found free; by default all.
    """
    now = database_time(connection, now)
    _free_of_the_ended(connection, table, holder)
    wanted = query.where(free(table, holder, seconds, now)).with_for_update(skip_locked=True, of=table)
    rows = connection.execute(wanted).all()
    chosen = list(choose(rows)) if choose else [row.id for row in rows]
    until = now + timedelta(seconds=seconds)
    _write(connection, table, chosen, claimed_by=holder, claimed_until=until)
    return chosen


def hold(connection: Connection, table: Table, holder: str, seconds: float, now: datetime) -> None:
    """Hold on for some `seconds` what `holder` has claimed."""
    until = database_time(connection, now) + timedelta(seconds=seconds)
    connection.execute(update(table).where(table.c.claimed_by == holder).values(claimed_until=until))


def let_go(connection: Connection, table: Table, holder: str) -> None:
    """Give back what `holder` has claimed."""
    connection.execute(update(table).where(table.c.claimed_by == holder).values(**FREE))


def _free_of_the_ended(connection: Connection, table: Table, holder: str) -> None:
    """Give back what processes of this machine had claimed that have ended."""
    query = select(table.c.claimed_by).where(table.c.claimed_by.is_not(None)).distinct()
    ended = [one for one in connection.execute(query).scalars() if one != holder and has_ended(one)]
    if ended:
        theirs = select(table.c.id).where(table.c.claimed_by.in_(ended)).with_for_update(skip_locked=True)
        _write(connection, table, connection.execute(theirs).scalars().all(), **FREE)


def _write(connection: Connection, table: Table, numbers: Collection[int], **values: Any) -> None:
    if numbers:
        connection.execute(update(table).where(table.c.id.in_(numbers)).values(**values))
