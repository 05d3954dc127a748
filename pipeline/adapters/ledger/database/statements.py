"""What statements have in common: many values in several questions, and a row that is there once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, update

# Values in one question: SQLite takes some thousands, and others do not wait for long.
MOST_VALUES = 400

T = TypeVar("T")


def chunks(values: Iterable[T], most: int = MOST_VALUES) -> Iterator[list[T]]:
    """Yield the values in lists, as many at a time as one question holds."""
    rest = iter(values)
    while some := list(islice(rest, most)):
        yield some


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write `values` into the row with this `key`; make it if there is none."""
    here = (table.c[name] == value for name, value in key.items())
    if not connection.execute(update(table).where(*here).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))
