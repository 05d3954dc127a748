"""Let new decisions on old mail take hold: beside those before, which stay; and where the inquiries stand then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pipeline.adapters.ledger.inquiries.decisions import newest_decision
from pipeline.adapters.ledger.inquiries.turns import turn
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import decisions, inquiries, inquiry_messages, proposals
from pipeline.records.retags import Difference, Proposal, Retag
from pipeline.records.work import State
from pipeline.routing.retagging import next_state, takes_hold

_BY = "retag"
_DECIDED = tuple(one.name for one in decisions.c if one.name not in ("id", "message_id", "decided_at"))


def apply_to(
    connection: Connection,
    retag: Retag,
    found: Sequence[tuple[int, Difference]],
    numbers: Sequence[int],
    now: datetime,
) -> None:
    """Let a retag take hold for inquiries, in the transaction that is under way.

    Parameters
    ----------
    found
        What it changes, by the number of the inquiry.
    numbers
        All the inquiries that are dealt with.
    """
    held = [number for number, one in found if not takes_hold(one.state, one.stands)]
    kept = [number for number, _ in found if number not in set(held)]
    _settle(connection, retag, held, Proposal.HELD)
    _decide(connection, retag, kept, now)
    for number, one in found:
        if number in kept:
            _move(connection, number, one, next_state(one, reopen=retag.reopen), now)
    # What is left was decided again meanwhile, or belongs to nothing any more.
    _settle(connection, retag, numbers, Proposal.STALE)


def _decide(connection: Connection, retag: Retag, numbers: Sequence[int], now: datetime) -> None:
    """Write the new decisions on the messages of inquiries, each behind the one that it was compared with."""
    newest = newest_decision(proposals.c.message_id, proposals)
    rows = connection.execute(
        select(proposals).where(*_mine(retag, numbers), proposals.c.decision_id == newest)
    ).all()
    if not rows:
        return
    values = [
        {"message_id": row.message_id, "decided_at": now, **{name: getattr(row, name) for name in _DECIDED}}
        for row in rows
    ]
    connection.execute(insert(decisions), values)
    done = proposals.c.id.in_([row.id for row in rows])
    empty = {"outcome": Proposal.APPLIED.value, "tags": None, "evidence": None}
    connection.execute(update(proposals).where(done).values(**empty))


def _move(connection: Connection, number: int, one: Difference, state: State, now: datetime) -> None:
    note(connection, now, "retagged", state.value, inquiry=number)
    if state is one.state:
        return
    row = connection.execute(select(inquiries.c.opened_at).where(inquiries.c.id == number)).one()
    if state is State.FILED and not one.live:
        turn(connection, number, state, now, _BY, closed_at=row.opened_at)
    elif state is State.ARCHIVED:
        turn(connection, number, state, now, _BY, closed_at=None)
    else:
        turn(connection, number, state, now, _BY)


def _settle(connection: Connection, retag: Retag, numbers: Sequence[int], outcome: Proposal) -> None:
    if numbers:
        values = {"outcome": outcome.value, "tags": None, "evidence": None}
        connection.execute(update(proposals).where(*_mine(retag, numbers)).values(**values))


def _mine(retag: Retag, numbers: Sequence[int]) -> tuple[Any, ...]:
    """Return the conditions that select the open proposals on the messages of inquiries."""
    inside = select(inquiry_messages.c.message_id).where(inquiry_messages.c.inquiry_id.in_(numbers))
    return (
        proposals.c.retag_id == retag.id,
        proposals.c.outcome == Proposal.CHANGED.value,
        proposals.c.message_id.in_(inside),
    )
