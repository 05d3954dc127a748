"""Write down that an inquiry came into a state: one row of its life, one version more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.schema import assignments, inquiries, inquiry_states
from pipeline.records.work import State

PROGRAM = "program"
_BY_LENGTH = 64


def turn(
    connection: Connection, number: int, state: State, now: datetime, by: str = PROGRAM, **values: Any
) -> None:
    """Bring an inquiry into `state`, with whoever holds it then.

    Parameters
    ----------
    number
        Of the inquiry.
    by
        Who did it: the id of a liaison, ``program``, a maintainer, or a help desk's agent.
    **values
        Other columns of `inquiries` that change with it.
    """
    columns: dict[str, Any] = {"state": state.value, "version": inquiries.c.version + 1}
    if state is not State.WAITING:
        columns["waiting_until"] = None
    if state.value in OPEN_STATES or state is State.MERGED:
        columns["closed_at"] = None
    elif state is not State.ARCHIVED:
        columns["closed_at"] = now
    connection.execute(update(inquiries).where(inquiries.c.id == number).values(**(columns | values)))
    write_state(connection, number, state, now, by)


def write_state(
    connection: Connection,
    number: int,
    state: State,
    at: datetime,
    by: str = PROGRAM,
    *,
    is_new: bool = False,
) -> None:
    """Add a row to the life of an inquiry; one that `is_new` is with nobody."""
    row = {
        "inquiry_id": number,
        "state": state.value,
        "liaison": None if is_new else holder(connection, number),
        "at": at,
        "by": by[:_BY_LENGTH],
    }
    connection.execute(insert(inquiry_states), row)


def holder(connection: Connection, number: int) -> str | None:
    """Return the id of who has an inquiry now, or None."""
    query = select(assignments.c.liaison).where(*current(number)).order_by(assignments.c.id.desc()).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def last_assignment(connection: Connection, number: int) -> Any:
    """Return the newest assignment of an inquiry, ended or not, or None."""
    mine = select(assignments).where(assignments.c.inquiry_id == number)
    return connection.execute(mine.order_by(assignments.c.id.desc()).limit(1)).one_or_none()


def due_again(last: Any, now: datetime) -> datetime:
    """Return when an answer is due that is given as much time as the assignment `last` was."""
    due: datetime = max(now, now + (last.due_at - last.assigned_at))
    return due


def current(number: int) -> tuple[Any, ...]:
    """Return the conditions that select the open assignment of an inquiry."""
    return assignments.c.inquiry_id == number, assignments.c.ended_at.is_(None)


def release(connection: Connection, number: int, now: datetime) -> None:
    """End the assignment of an inquiry, if it has one."""
    connection.execute(update(assignments).where(*current(number)).values(ended_at=now))


def hand(
    connection: Connection, number: int, liaison: str, reason: str, due_at: datetime, now: datetime
) -> None:
    """Give an inquiry to a liaison, and take it from whoever had it."""
    release(connection, number, now)
    connection.execute(
        insert(assignments).values(
            inquiry_id=number, liaison=liaison, reason=reason, due_at=due_at, assigned_at=now
        )
    )
