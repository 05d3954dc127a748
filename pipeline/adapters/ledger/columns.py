"""What all tables of the ledger share: names of constraints, and times that are aware in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    MetaData,
    Table,
    TypeDecorator,
    Update,
    or_,
    update,
)

# No wait is longer (RFC 5321, section 4.5.4.1): a time beyond it was written while the clock was ahead.
_LONGEST_WAIT = timedelta(days=5)
# Of an error that much is kept.
_ERROR_LENGTH = 300


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC, also on engines that keep no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times and turn the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give aware UTC back."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def has_come(moment: Column[datetime], queued_at: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Ask whether the time to try again has come; what was queued or put off while the clock was ahead has to wait no more."""
    return or_(moment <= now, moment > now + _LONGEST_WAIT, queued_at > now)


def tried(table: Table, number: int, error: str, **values: Any) -> Update:
    """Note one more try of what waits in the queue `table`, and how it went."""
    attempts = table.c.attempts + 1
    return (
        update(table)
        .where(table.c.id == number)
        .values(attempts=attempts, error=error[:_ERROR_LENGTH], **values)
    )


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
