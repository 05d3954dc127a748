"""What archives brought: kept and decided, answered by nobody, until the same mail or a follow-up comes in alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from pipeline.adapters.ledger.inquiries.turns import turn
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import inquiries, inquiry_messages, messages
from pipeline.records.decisions import Disposition
from pipeline.records.work import State

# When an archived inquiry without any date began: long ago, so that no week counts it.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def is_archived(connection: Connection, message: int) -> bool:
    """Tell whether a message was seen in archives alone."""
    return bool(connection.execute(select(messages.c.archived).where(messages.c.id == message)).scalar())


def taken(connection: Connection, message: int) -> str | None:
    """Return the KEY of the inquiry that a message was already put into; empty if it needs none, None if it is new."""
    state = connection.execute(select(messages.c.state).where(messages.c.id == message)).scalar_one()
    if state == "new":
        return None
    key = (
        select(inquiries.c.key)
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == inquiries.c.id)
        .where(inquiry_messages.c.message_id == message)
    )
    return str(connection.execute(key).scalar() or "")


def first_state(disposition: Disposition, *, archived: bool) -> State:
    """Return the state in which an inquiry begins."""
    if disposition is Disposition.FILE:
        return State.FILED
    return State.ARCHIVED if archived else State.RECEIVED


def open_archived(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Make archived messages live, and open the inquiries that they belong to: they came to be answered.

    Parameters
    ----------
    numbers
        Of the messages, at most some hundreds.
    """
    if not numbers:
        return
    twins = select(messages.c.same_as).where(messages.c.id.in_(numbers), messages.c.same_as.is_not(None))
    both = [*numbers, *connection.execute(twins).scalars()]
    connection.execute(update(messages).where(messages.c.id.in_(both)).values(archived=False))
    found = (
        select(inquiries.c.id)
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == inquiries.c.id)
        .where(inquiry_messages.c.message_id.in_(both), inquiries.c.state == State.ARCHIVED.value)
        .distinct()
    )
    for inquiry in connection.execute(found).scalars().all():
        turn(connection, inquiry, State.RECEIVED, now)
        note(connection, now, "opened", inquiry=inquiry)
