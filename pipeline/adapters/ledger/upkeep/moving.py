"""Move a ledger from one database to another, table by table, and prove that what arrived is what was there.

Everything is read as of one moment and written in one transaction. Each table is proved by the number of its rows and by a
sum over the SHA-256 of each, which does not depend on their order; the target's is taken from what it gives back.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from pipeline.adapters.ledger.database.engine import (
    Room,
    connect,
    enter,
    is_current,
    name_of,
    open_engine,
    reading,
    writing,
)
from pipeline.adapters.ledger.database.postgresql import Access
from pipeline.adapters.ledger.schema import leases, metadata
from pipeline.adapters.ledger.upkeep.state import is_missing, running
from pipeline.errors import LedgerError, UsageError

# Rows, and octets, that are held in memory at once.
_ROWS = 500
_OCTETS = 16 * 1024 * 1024
_MODULUS = 2**256
# Takes a step, how much of it is done, and how much there is in all.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of one table.

    Parameters
    ----------
    table
        Its name.
    rows
        How many, on either side.
    checksum
        Sum of the SHA-256 of all rows modulo 2**256, in hexadecimal digits, on either side.
    mended
        Values that the target's columns cannot hold as they were: too long, or with a NUL in text.
    """

    table: str
    rows: int
    checksum: str
    mended: int


def move(source: str, target: str, access: Access, progress: Progress) -> tuple[Moved, ...]:
    """Copy the ledger at the URL `source` to the empty database at the URL `target`; all of it or nothing.

    Who works on what (leases) is left behind. The source is only read.

    Parameters
    ----------
    access
        How to come to a PostgreSQL, beside what its URL says.

    Raises
    ------
    UsageError
        If the two are the same, the source is missing or its tables are not up to date, somebody works on it, or the
        target holds anything.
    LedgerError
        If one cannot be opened, or what arrived is not what was there; then nothing was moved.
    """
    if source == target:
        raise UsageError("source and target are the same ledger; name an empty database as the target")
    if is_missing(source):
        raise UsageError("no such ledger; name the one that is to be moved first, the empty one second")
    busy = running(source)
    if busy:
        raise UsageError(f"{busy}; stop the service first, so that nothing comes in behind its back")
    with closing(_Engines(source, target, access)) as engines, reading(engines.source) as there:
        return _moved(there, engines.target, progress)


class _Engines:
    def __init__(self, source: str, target: str, access: Access) -> None:
        self.source = connect(source, access)
        if not is_current(self.source):
            self.source.dispose()
            raise UsageError("the tables of the source are not up to date; run first: triage migrate")
        self.target = open_engine(target, access)

    def close(self) -> None:
        self.source.dispose()
        self.target.dispose()


def _moved(there: Connection, target: Engine, progress: Progress) -> tuple[Moved, ...]:
    tables = [table for table in metadata.sorted_tables if table is not leases]
    with writing(target, Room.SCHEMA) as here:
        for room in (Room.LEDGER, Room.OUTBOX, Room.LEASES):
            enter(here, room)
        full = [table.name for table in tables if here.execute(select(table).limit(1)).first() is not None]
        if full:
            raise UsageError(
                f"{name_of(target)}: is not empty ({', '.join(full[:3])}); name an empty database"
            )
        done = tuple(_move(there, here, table, progress) for table in tables)
        _count_on(here, tables)
    return done


def _move(there: Connection, here: Connection, table: Table, progress: Progress) -> Moved:
    """Copy one table, and read it back."""
    total = int(there.execute(select(func.count()).select_from(table)).scalar_one())
    sent, mended = _Sum(), 0
    for rows in _batches(there, table):
        fitted = [_fitted(table, row) for row in rows]
        mended += sum(number for _, number in fitted)
        values = [row for row, _ in fitted]
        for row in values:
            sent.add(row)
        _insert(here, table, values)
        progress(f"copy {table.name}", sent.rows, total)
    _refer_to_itself(there, here, table)
    arrived = _Sum()
    for rows in _batches(here, table):
        for row in rows:
            arrived.add(row)
        progress(f"check {table.name}", arrived.rows, total)
    if (sent.rows, sent.digest) != (arrived.rows, arrived.digest) or sent.rows != total:
        raise LedgerError(
            f"{table.name}: {sent.rows} rows were sent and {arrived.rows} arrived, or they are not the same; "
            "nothing was moved"
        )
    return Moved(table=table.name, rows=sent.rows, checksum=sent.digest, mended=mended)


class _Sum:
    """Counts rows, and adds up their hashes."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: dict[str, Any]) -> None:
        canonical = json.dumps(row, sort_keys=True, ensure_ascii=True, default=_spelt)
        self.rows += 1
        self._sum += int.from_bytes(hashlib.sha256(canonical.encode("ascii")).digest())
        self._sum %= _MODULUS

    @property
    def digest(self) -> str:
        return f"{self._sum:064x}"


def _spelt(value: Any) -> str:
    """Spell what JSON has no words for."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "sha256:" + hashlib.sha256(bytes(value)).hexdigest()


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table, in batches that fit into memory."""
    batch: list[dict[str, Any]] = []
    size = 0
    query = select(table).execution_options(stream_results=True, yield_per=_ROWS)
    for row in connection.execute(query).mappings():
        values = dict(row)
        batch.append(values)
        size += sum(len(value) for value in values.values() if isinstance(value, str | bytes))
        if len(batch) >= _ROWS or size >= _OCTETS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fitted(table: Table, row: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Return a row as the target can hold it, and how many values had to be mended for that."""
    mended = 0
    fitted = dict(row)
    for column in table.c:
        value = row[column.name]
        if not isinstance(value, str) or not isinstance(column.type, String | Text):
            continue
        fitted[column.name] = value.replace("\x00", "\ufffd")[: column.type.length]
        mended += fitted[column.name] != value
    return fitted, mended


def _insert(here: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; what refers to another row of the same table waits until all of them are there."""
    later = set(_own_references(table))
    # Left out it is null; given as None, a JSON column would hold JSON's null.
    later |= {column.name for column in table.c if isinstance(column.type, JSON) and column.nullable}
    groups: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        given = {name: value for name, value in row.items() if not (name in later and value is None)}
        for name in _own_references(table):
            given.pop(name, None)
        groups[tuple(given)].append(given)
    for some in groups.values():
        here.execute(insert(table), some)


def _refer_to_itself(there: Connection, here: Connection, table: Table) -> None:
    for name in _own_references(table):
        column = table.c[name]
        change = update(table).where(table.c.id == bindparam("number")).values({name: bindparam("other")})
        query = select(table.c.id.label("number"), column.label("other")).where(column.is_not(None))
        rows = there.execute(query).mappings()
        while some := rows.fetchmany(_ROWS):
            here.execute(change, [dict(row) for row in some])


def _own_references(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _count_on(here: Connection, tables: list[Table]) -> None:
    """Let PostgreSQL count on from the highest number of each table, and look at what there is for its plans."""
    if here.dialect.name != "postgresql":
        return
    for table in tables:
        if _is_counted(table.c.get("id")):
            newest = here.execute(select(func.max(table.c.id))).scalar()
            if newest is not None:
                here.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :newest)"),
                    {"name": table.name, "newest": newest},
                )
        here.execute(text(f'ANALYZE "{table.name}"'))


def _is_counted(column: Column[Any] | None) -> bool:
    return column is not None and column.primary_key and isinstance(column.type, Integer)
