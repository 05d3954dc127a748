"""Look through all text of the ledger for one person, and take them out of what others wrote."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    true,
    update,
)

from pipeline.adapters.ledger.database.engine import reading, writing
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.privacy.personal import Held, personal, tables
from pipeline.adapters.ledger.schema import message_references, organisation_marks, outbox, returns
from pipeline.records.keeping import REMOVED, Seeker, Spot

# Rows that are held at once; fewer where mails lie in them.
_ROWS, _MAILS = 500, 4
# Made again from the ledger when they are gone; others are not.
_MADE_AGAIN = ("daily", "weekly", "wiki")
# Rows that are nothing without what they mention.
_WHOLE = (message_references.name, organisation_marks.name)
# What is unique: another row may have been redacted to the same.
_UNIQUE = {("sightings", "place"), ("imports", "path"), ("set_aside", "place"), ("outbox", "recipient")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A person, and what of the ledger is around them.

    Parameters
    ----------
    person
        Whom to look for, with all names.
    person_names
        Those names.
    own
        Numbers of the messages that they wrote.
    inquiries
        Of the inquiries in which these are.
    near
        Of those in which they passed something on, too: in them they are looked for by name as well.
    keys
        KEYs of these.
    messages
        Of all messages in these.
    """

    person: Seeker
    person_names: tuple[str, ...]
    own: frozenset[int]
    inquiries: frozenset[int]
    near: frozenset[int]
    keys: tuple[str, ...]
    messages: frozenset[int]


def mentions(
    connection: Connection, circle: Circle, after: Mapping[str, int] = MappingProxyType({})
) -> Iterator[Spot]:
    """Yield each column of each row that mentions a person; of tables in `after` only of rows with higher numbers."""
    for table in tables():
        for row in _rows(connection, table, after):
            for column, held in personal(table):
                if _is_hit(table, column, held, row, circle):
                    yield Spot(table=table.name, column=column.name, row=_name(table, row))


def redact_rows(engine: Engine | Connection, circle: Circle) -> Iterator[tuple[str, int]]:
    """Take a person out of all rows that mention them; yield table and number of rows, chunk by chunk."""
    for table in tables():
        with reading(engine) as connection:
            found = list(_hits(connection, table, circle))
        for some in chunks(found):
            with writing(engine) as connection:
                for row, columns in some:
                    _redact(connection, table, row, columns, circle)
            yield table.name, len(some)


def words_in_ledger(connection: Connection) -> Iterator[str]:
    """Yield all text that is not the octets of a mail."""
    for table in tables():
        columns = [(column, held) for column, held in personal(table) if held in (Held.TEXT, Held.LIST)]
        for row in (
            connection.execute(select(*(one for one, _ in columns))).yield_per(_ROWS) if columns else ()
        ):
            for value in row:
                yield from _texts(value)


Hit = tuple[dict[str, Any], list[tuple[Column[Any], Held]]]


def _hits(connection: Connection, table: Table, circle: Circle) -> Iterator[Hit]:
    """Yield the keys and plain columns of rows that mention a person, with the columns that do; no octets are held."""
    for row in _rows(connection, table):
        found = [
            (column, held) for column, held in personal(table) if _is_hit(table, column, held, row, circle)
        ]
        if found:
            heavy = {column.name for column, held in personal(table) if held in (Held.PACKED, Held.MAIL)}
            yield {name: value for name, value in row._mapping.items() if name not in heavy}, found


def newest(connection: Connection) -> dict[str, int]:
    """Return table to its highest number, of the tables that have some."""
    asked = ((one.name, select(func.max(one.c.id))) for one in tables() if "id" in one.c)
    return {name: connection.execute(query).scalar() or 0 for name, query in asked}


def _numbers(table: Table, after: Mapping[str, int]) -> ColumnElement[bool]:
    """Ask for the rows that came after those numbers; for all where rows have none."""
    if "id" in table.c:
        return table.c.id > after.get(table.name, 0)
    return table.c.message_id > after.get("messages", 0) if "message_id" in table.c else true()


def _rows(
    connection: Connection, table: Table, after: Mapping[str, int] = MappingProxyType({})
) -> Iterator[Any]:
    held = personal(table)
    around = [table.c[name] for name in ("message_id", "inquiry_id", "state", "purpose") if name in table.c]
    chosen = dict.fromkeys((*table.primary_key.columns, *around, *(column for column, _ in held)))
    size = _MAILS if any(how in (Held.PACKED, Held.MAIL) for _, how in held) else _ROWS
    query = select(*chosen).where(_numbers(table, after)) if after else select(*chosen)
    yield from connection.execute(query).yield_per(size)


def _is_hit(table: Table, column: Column[Any], held: Held, row: Any, circle: Circle) -> bool:
    value = row._mapping[column.name]
    if not value:
        return False
    closely = _is_near(table, row._mapping, circle)
    person = circle.person
    if held is Held.PACKED:
        return person.in_octets(zlib.decompress(value), closely=closely)
    if held is Held.MAIL:
        return person.in_octets(value, closely=False, words=circle.keys)
    return any(person.in_text(text, closely=closely) for text in _texts(value))


def _is_near(table: Table, row: Mapping[str, Any], circle: Circle) -> bool:
    """Tell whether a row belongs to an inquiry in which the person takes part: there a name is theirs."""
    if table.name == "messages":
        return row["id"] in circle.messages
    if table.name == "inquiries":
        return row["id"] in circle.near
    if "inquiry_id" in table.c:
        return row["inquiry_id"] in circle.near
    return "message_id" in table.c and row["message_id"] in circle.messages


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _redact(
    connection: Connection,
    table: Table,
    row: dict[str, Any],
    columns: list[tuple[Column[Any], Held]],
    circle: Circle,
) -> None:
    here = and_(*(column == row[column.name] for column in table.primary_key.columns))
    if table.name in _WHOLE:
        connection.execute(delete(table).where(here))
        return
    if table is outbox and _made_again(connection, row):
        connection.execute(delete(table).where(here))
        return
    closely = _is_near(table, row, circle)
    values = {
        column.name: _without(table, column, held, row, circle, closely=closely) for column, held in columns
    }
    if table is outbox and "octets" in values and row["state"] == "queued":
        values["state"] = "dropped"
    if table.name == "messages" and row["state"] == "new":
        values["state"] = REMOVED
    connection.execute(update(table).where(here).values(**values))


def _made_again(connection: Connection, row: dict[str, Any]) -> bool:
    """Tell whether a mail waits that will be made again, without the person, once it is gone."""
    told = select(exists().where(returns.c.outbox_id == row["id"]))
    if row["state"] != "queued" or row["purpose"] not in _MADE_AGAIN:
        return False
    return not connection.execute(told).scalar_one()


def _without(
    table: Table, column: Column[Any], held: Held, row: dict[str, Any], circle: Circle, *, closely: bool
) -> Any:
    if held is Held.PACKED:
        return None
    if held is Held.MAIL:
        return b""
    value = row[column.name]
    if (table.name, column.name) in _UNIQUE:
        return f"{REMOVED} {secrets.token_hex(8)}"
    if held is Held.LIST:
        return _redacted(value, circle, closely=closely)
    length = getattr(column.type, "length", None)
    return circle.person.redacted(value, closely=closely)[:length]


def _redacted(value: Any, circle: Circle, *, closely: bool) -> Any:
    if isinstance(value, str):
        return circle.person.redacted(value, closely=closely)
    if isinstance(value, dict):
        return {name: _redacted(each, circle, closely=closely) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each, circle, closely=closely) for each in value]
    return value


def _name(table: Table, row: Any) -> str:
    """Return the key of a row, for people: numbers alone, for the key of some tables is what is looked for."""
    parts = [row._mapping[column.name] for column in table.primary_key.columns]
    return ".".join(str(part) for part in parts if isinstance(part, int)) or "1"
