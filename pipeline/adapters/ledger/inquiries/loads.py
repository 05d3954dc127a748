"""Which inquiries are open, and how many of them each liaison has."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from pipeline.adapters.ledger.schema import assignments, inquiries
from pipeline.records.work import State

OPEN_STATES = tuple(
    state.value for state in (State.RECEIVED, State.ASSIGNED, State.ACCEPTED, State.ANSWERED, State.WAITING)
)


def read_loads(connection: Connection) -> Mapping[str, int]:
    """Return liaison id to number of open inquiries."""
    query = (
        select(assignments.c.liaison, func.count())
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .where(assignments.c.ended_at.is_(None), inquiries.c.state.in_(OPEN_STATES))
        .group_by(assignments.c.liaison)
        .order_by(assignments.c.liaison)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
