"""Join, link and merge inquiries, and open them again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.adapters.ledger.inquiries.turns import PROGRAM, current, due_again, hand, last_assignment, turn
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import (
    assignments,
    corrections,
    inquiries,
    inquiry_links,
    inquiry_messages,
    notes,
    organisation_inquiries,
)
from pipeline.records.decisions import Decision, Disposition
from pipeline.records.threads import Placement, Voice
from pipeline.records.work import State

REFERENCE, TICKET, SAME_ID, MERGED = "reference", "ticket", "same-id", "merged"
_WEIGHT = (TICKET, REFERENCE, SAME_ID, MERGED)
# With somebody, or waiting for somebody, who knows that a message came; another one changes nothing.
_AWAKE = (State.RECEIVED.value, State.ASSIGNED.value, State.ACCEPTED.value)
_AGAIN = "wrote again; was theirs before"


def number_of(connection: Connection, key: str) -> int | None:
    """Return the number of the inquiry called `key`, or of the one that it was merged into; None if there is none."""
    row = connection.execute(
        select(inquiries.c.id, inquiries.c.state).where(inquiries.c.key == key.upper())
    ).one_or_none()
    if row is None:
        return None
    return merged_into(connection, row.id) if row.state == State.MERGED.value else int(row.id)


def merged_into(connection: Connection, number: int) -> int:
    """Return the inquiry that another one was merged into; the number itself if that is unknown."""
    query = select(inquiry_links.c.other_id).where(
        inquiry_links.c.inquiry_id == number, inquiry_links.c.reason == MERGED
    )
    return int(connection.execute(query.limit(1)).scalar() or number)


def wakes(decision: Decision, voice: Voice, state: State) -> bool:
    """Tell whether a follow-up asks for somebody: a person wrote it, and it is no more spam to what was spam."""
    if voice is not Voice.PERSON or decision.tags.kind == "automated":
        return False
    return decision.disposition is not Disposition.FILE or state not in (State.FILED, State.ARCHIVED)


def wake(connection: Connection, number: int, now: datetime, by: str = PROGRAM) -> None:
    """Open an inquiry again: for its last liaison, with as much time as before, or for anybody."""
    row = connection.execute(select(inquiries.c.state).where(inquiries.c.id == number)).one()
    if row.state in _AWAKE:
        return
    last = last_assignment(connection, number)
    if last is not None:
        _assign_again(connection, number, last, now)
    turn(connection, number, State.RECEIVED if last is None else State.ASSIGNED, now, by)
    note(connection, now, "reopened", row.state, inquiry=number)


def _assign_again(connection: Connection, number: int, last: Any, now: datetime) -> None:
    reason = last.reason if last.reason.endswith(_AGAIN) else f"{last.reason}; {_AGAIN}"
    hand(connection, number, last.liaison, reason, due_again(last, now), now)


def began(connection: Connection, number: int, moment: datetime) -> None:
    """Note that an inquiry began at `moment`, if that is earlier than what is known."""
    connection.execute(
        update(inquiries)
        .where(inquiries.c.id == number, inquiries.c.opened_at > moment)
        .values(opened_at=moment)
    )


def tie(connection: Connection, number: int, placement: Placement, now: datetime) -> None:
    """Merge and link what a message shows to be one, or to have to do with each other."""
    for other in _numbers(connection, placement.merge):
        merge(connection, number, other, now)
    for other in _numbers(connection, placement.claims):
        link(connection, number, other, REFERENCE)
    for other in _numbers(connection, placement.claimed_by):
        link(connection, other, number, REFERENCE)
    for other in _numbers(connection, placement.mentions):
        link(connection, number, other, TICKET)
    for other in _numbers(connection, placement.same_id):
        link(connection, number, other, SAME_ID)
    if placement.contested:
        note(connection, now, "same-id", inquiry=number)


def _numbers(connection: Connection, keys: Iterable[str]) -> list[int]:
    found = (number_of(connection, key) for key in keys)
    return [number for number in found if number is not None]


def link(connection: Connection, number: int, other: int, reason: str) -> None:
    """Link two inquiries, once for each direction, for the weightiest reason."""
    if number == other:
        return
    pair = (inquiry_links.c.inquiry_id == number, inquiry_links.c.other_id == other)
    known = connection.execute(select(inquiry_links.c.reason).where(*pair)).scalar()
    if known is None:
        connection.execute(insert(inquiry_links).values(inquiry_id=number, other_id=other, reason=reason))
    elif _WEIGHT.index(known) < _WEIGHT.index(reason):
        connection.execute(update(inquiry_links).where(*pair).values(reason=reason))


def merge(connection: Connection, home: int, other: int, now: datetime) -> None:
    """Move all that belongs to the inquiry `other` into `home`; its KEY goes on leading there."""
    if home == other:
        return
    row = connection.execute(select(inquiries).where(inquiries.c.id == other)).one()
    began(connection, home, row.opened_at)
    for table in (inquiry_messages, corrections, notes):
        connection.execute(update(table).where(table.c.inquiry_id == other).values(inquiry_id=home))
    _move_assignment(connection, home, other, now)
    _move_organisation(connection, home, other)
    _move_links(connection, home, other)
    turn(connection, other, State.MERGED, now)
    if row.state in OPEN_STATES:
        wake(connection, home, now)
    key = connection.execute(select(inquiries.c.key).where(inquiries.c.id == home)).scalar_one()
    note(connection, now, "merged", f"into {key}", inquiry=other)


def _move_assignment(connection: Connection, home: int, other: int, now: datetime) -> None:
    """Give the owner of one to the other that has none; of two the first stays."""
    mine = connection.execute(select(assignments.c.id).where(*current(home))).first()
    theirs = update(assignments).where(*current(other))
    if mine is not None:
        connection.execute(theirs.values(ended_at=now))
    elif connection.execute(theirs.values(inquiry_id=home)).rowcount:
        state = connection.execute(select(inquiries.c.state).where(inquiries.c.id == home)).scalar_one()
        if state == State.RECEIVED.value:
            turn(connection, home, State.ASSIGNED, now)


def _move_organisation(connection: Connection, home: int, other: int) -> None:
    here = organisation_inquiries.c.inquiry_id
    if connection.execute(select(here).where(here == home)).first() is None:
        connection.execute(update(organisation_inquiries).where(here == other).values(inquiry_id=home))
    else:
        connection.execute(delete(organisation_inquiries).where(here == other))


def _move_links(connection: Connection, home: int, other: int) -> None:
    either = or_(inquiry_links.c.inquiry_id == other, inquiry_links.c.other_id == other)
    rows = connection.execute(select(inquiry_links).where(either)).all()
    connection.execute(delete(inquiry_links).where(either))
    moved: Iterable[tuple[int, int, str]] = (
        (home if row.inquiry_id == other else row.inquiry_id,
         home if row.other_id == other else row.other_id, row.reason)
        for row in rows
    )  # fmt: skip
    for one, another, reason in moved:
        link(connection, one, another, reason)
    connection.execute(
        delete(inquiry_links).where(
            inquiry_links.c.inquiry_id == home,
            inquiry_links.c.other_id == other,
        )
    )
    link(connection, other, home, MERGED)
