"""What SQLite and PostgreSQL say in different words: each construct here is one meaning with two spellings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias

from pipeline.adapters.ledger.schema.columns import UtcDateTime


class latest(FunctionElement[datetime]):  # noqa: N801 - a function of SQL
    """The latest of some moments, none of which is null."""

    type = UtcDateTime()
    inherit_cache = True


class earliest(FunctionElement[datetime]):  # noqa: N801 - a function of SQL
    """The earliest of some moments, none of which is null."""

    type = UtcDateTime()
    inherit_cache = True


class days_between(FunctionElement[float]):  # noqa: N801 - a function of SQL
    """The days from the first moment to the second one."""

    type = Float()
    inherit_cache = True


class position(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """Where the second text begins in the first one, counted from 1; 0 where it does not."""

    type = Integer()
    inherit_cache = True


class begins_with(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether the first text begins with the second one, octet for octet: collations of PostgreSQL pass over signs."""

    type = Boolean()
    inherit_cache = True


class json_list(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The list at a key of a JSON column, as JSON text; null where there is none."""

    type = Text()
    inherit_cache = True


class json_number(FunctionElement[float]):  # noqa: N801 - a function of SQL
    """The number at a key, and a key below that, of a JSON column; null where there is none."""

    type = Float()
    inherit_cache = True


class _json_members(FunctionElement[str]):  # noqa: N801 - a function of SQL
    type = Text()
    inherit_cache = True


def members(column: Any) -> TableValuedAlias:
    """Return a table whose column ``value`` has the members of a list of texts, which `column` holds as JSON text."""
    return _json_members(column).table_valued("value")


def _spelt(element: FunctionElement[Any], compiler: Any, words: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **words) for clause in element.clauses]


@compiles(latest, "sqlite")
def _latest_sqlite(element: latest, compiler: Any, **words: Any) -> str:
    return f"max({', '.join(_spelt(element, compiler, words))})"


@compiles(latest, "postgresql")
def _latest_postgresql(element: latest, compiler: Any, **words: Any) -> str:
    return f"greatest({', '.join(_spelt(element, compiler, words))})"


@compiles(earliest, "sqlite")
def _earliest_sqlite(element: earliest, compiler: Any, **words: Any) -> str:
    return f"min({', '.join(_spelt(element, compiler, words))})"


@compiles(earliest, "postgresql")
def _earliest_postgresql(element: earliest, compiler: Any, **words: Any) -> str:
    return f"least({', '.join(_spelt(element, compiler, words))})"


@compiles(days_between, "sqlite")
def _days_between_sqlite(element: days_between, compiler: Any, **words: Any) -> str:
    first, second = _spelt(element, compiler, words)
    return f"(julianday({second}) - julianday({first}))"


@compiles(days_between, "postgresql")
def _days_between_postgresql(element: days_between, compiler: Any, **words: Any) -> str:
    first, second = _spelt(element, compiler, words)
    return f"CAST(extract(epoch FROM {second} - {first}) / 86400 AS DOUBLE PRECISION)"


@compiles(position, "sqlite")
def _position_sqlite(element: position, compiler: Any, **words: Any) -> str:
    return f"instr({', '.join(_spelt(element, compiler, words))})"


@compiles(position, "postgresql")
def _position_postgresql(element: position, compiler: Any, **words: Any) -> str:
    return f"strpos({', '.join(_spelt(element, compiler, words))})"


@compiles(begins_with, "sqlite")
def _begins_with_sqlite(element: begins_with, compiler: Any, **words: Any) -> str:
    text, start = _spelt(element, compiler, words)
    return f"({text} >= {start} AND {text} < {start} || char(1114111))"  # as a range, an index serves


@compiles(begins_with, "postgresql")
def _begins_with_postgresql(element: begins_with, compiler: Any, **words: Any) -> str:
    return f"starts_with({', '.join(_spelt(element, compiler, words))})"


@compiles(json_list, "sqlite")
def _json_list_sqlite(element: json_list, compiler: Any, **words: Any) -> str:
    column, key = _spelt(element, compiler, words)
    return f"json_extract({column}, '$.' || {key})"


@compiles(json_list, "postgresql")
def _json_list_postgresql(element: json_list, compiler: Any, **words: Any) -> str:
    column, key = _spelt(element, compiler, words)
    return f"({column} ->> {key})"


@compiles(json_number, "sqlite")
def _json_number_sqlite(element: json_number, compiler: Any, **words: Any) -> str:
    column, key, below = _spelt(element, compiler, words)
    return f"json_extract({column}, '$.' || {key} || '.' || {below})"


@compiles(json_number, "postgresql")
def _json_number_postgresql(element: json_number, compiler: Any, **words: Any) -> str:
    column, key, below = _spelt(element, compiler, words)
    return f"CAST({column} -> {key} ->> {below} AS DOUBLE PRECISION)"


@compiles(_json_members, "sqlite")
def _json_members_sqlite(element: _json_members, compiler: Any, **words: Any) -> str:
    return f"json_each({', '.join(_spelt(element, compiler, words))})"


@compiles(_json_members, "postgresql")
def _json_members_postgresql(element: _json_members, compiler: Any, **words: Any) -> str:
    (column,) = _spelt(element, compiler, words)
    return f"json_array_elements_text(CAST({column} AS JSON))"
