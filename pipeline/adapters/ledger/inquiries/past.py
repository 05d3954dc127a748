"""Inquiries that were decided before, with the octets that were decided on: to judge them anew by other criteria."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, select

from pipeline.adapters.ledger.database.engine import reading
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import read_entries, speaking_decision
from pipeline.adapters.ledger.schema import decisions, inquiries, messages
from pipeline.records.decisions import Disposition
from pipeline.records.work import Past

# Inquiries that are held in memory together.
_BATCH = 50


def read_past(engine: Engine | Connection, since: datetime | None) -> Iterator[Past]:
    """Yield the inquiries that were not filed, oldest first.

    Parameters
    ----------
    since
        Only those that began then or later (aware); None for all.
    """
    for some in chunks(_keys(engine, since), _BATCH):
        yield from _batch(engine, some)


def _keys(engine: Engine | Connection, since: datetime | None) -> list[str]:
    query = (
        select(inquiries.c.key)
        .select_from(inquiries)
        .join(decisions, decisions.c.id == speaking_decision())
        .where(decisions.c.disposition != Disposition.FILE.value, *_began(since))
        .order_by(inquiries.c.opened_at, inquiries.c.id)
    )
    with reading(engine) as connection:
        return list(connection.execute(query).scalars())


def _began(since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    return (inquiries.c.opened_at >= since,) if since else ()


def _batch(engine: Engine | Connection, keys: list[str]) -> list[Past]:
    """Return the entries called `keys`, each with the message of the decision that speaks for it."""
    with reading(engine) as connection:
        found = decided_on(connection, keys)
        entries = read_entries(connection, inquiries.c.key.in_(keys))
    return [
        Past(entry=entry, octets=found[entry.key][0], received_at=found[entry.key][1]) for entry in entries
    ]


def decided_on(connection: Connection, keys: list[str]) -> dict[str, tuple[bytes | None, datetime]]:
    """Return the message of the decision that speaks for each inquiry: its octets, None if no longer kept, and when it came."""
    query = (
        select(inquiries.c.key, messages.c.octets, messages.c.received_at)
        .select_from(inquiries)
        .join(decisions, decisions.c.id == speaking_decision())
        .join(messages, messages.c.id == decisions.c.message_id)
        .where(inquiries.c.key.in_(keys))
    )
    return {
        row.key: (None if row.octets is None else zlib.decompress(row.octets), row.received_at)
        for row in connection.execute(query)
    }
