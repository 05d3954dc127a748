"""Lives of inquiries: every change of state or liaison is one transaction that also writes down that it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.database.statements import chunks
from pipeline.adapters.ledger.inquiries.entries import read_entries
from pipeline.adapters.ledger.inquiries.joining import number_of
from pipeline.adapters.ledger.inquiries.turns import (
    PROGRAM,
    current,
    due_again,
    hand,
    holder,
    last_assignment,
    release,
    turn,
)
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import assignments, inquiries, inquiry_states
from pipeline.records.lives import Career, Standing, Turn
from pipeline.records.work import Entry, State
from pipeline.routing.life import CLOSED, HELD, reachable

_REASON_LENGTH = 500


class LifeTable(Part):
    """Keeps where inquiries stand, who has them, and how they came there."""

    def change(
        self,
        key: str,
        expected_version: int | None,
        state: State,
        by: str,
        now: datetime,
        *,
        liaison: str | None = None,
        reason: str = "",
        due_at: datetime | None = None,
        waiting_until: date | None = None,
    ) -> bool:
        """Bring an inquiry into `state`; return False, and change nothing, if it has moved on or cannot come there.

        Parameters
        ----------
        key
            Its KEY, or that of one that was merged into it.
        expected_version
            Of the inquiry as the caller saw it; None: whatever it is.
        by
            Who does it: the id of a liaison, ``program``, a maintainer, or a help desk's agent.
        liaison, reason, due_at
            Of the state ``assigned``: who gets it, why, and when the answer is due. Without `liaison` it is whoever had it
            last; without `due_at` there is as much time as there was the last time.
        waiting_until
            Of the state ``waiting``: the day.

        Raises
        ------
        ValueError
            If it is to be assigned, nobody ever had it, and `liaison` or `due_at` is missing; or if it is to wait, and
            `waiting_until` is missing.
        """
        if state is State.WAITING and waiting_until is None:
            raise ValueError("an inquiry waits until a day: without one it would lie forgotten")
        with writing(self._engine) as connection:
            number = number_of(connection, key)
            if number is None or not _may(connection, number, expected_version, state):
                return False
            if state is State.ASSIGNED:
                _hand(connection, number, liaison, reason, due_at, now)
            elif state not in HELD:
                release(connection, number, now)
            turn(connection, number, state, now, by, **_dates(connection, number, state, waiting_until, now))
            note(connection, now, f"state-{state.value}", holder(connection, number) or "", inquiry=number)
            return True

    def escalate(self, keys: Iterable[str], now: datetime) -> None:
        """Note that the late answers to some inquiries were brought before the deputies."""
        with writing(self._engine) as connection:
            for key in keys:
                number = number_of(connection, key)
                if number is not None:
                    connection.execute(update(assignments).where(*current(number)).values(escalated_at=now))

    def standing(self) -> tuple[Standing, ...]:
        """Return where all inquiries stand that somebody has, oldest first."""
        query = (
            select(
                inquiries.c.key,
                inquiries.c.state,
                inquiries.c.version,
                inquiries.c.waiting_until,
                assignments.c.liaison,
                assignments.c.due_at,
                assignments.c.assigned_at,
                assignments.c.escalated_at,
            )
            .join(assignments, assignments.c.inquiry_id == inquiries.c.id)
            .where(assignments.c.ended_at.is_(None), inquiries.c.state.in_([state.value for state in HELD]))
            .order_by(inquiries.c.opened_at, inquiries.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return tuple(Standing(**{**row, "state": State(row["state"])}) for row in rows)

    def entries(self, keys: Iterable[str]) -> tuple[Entry, ...]:
        """Return the inquiries called `keys`, oldest first."""
        found: list[Entry] = []
        with reading(self._engine) as connection:
            for some in chunks(keys):
                found += read_entries(connection, inquiries.c.key.in_(some))
        return tuple(sorted(found, key=lambda entry: (entry.received_at, entry.key)))

    def of(self, key: str) -> tuple[Turn, ...]:
        """Return how an inquiry came where it is, oldest first; nothing if there is no such one."""
        with reading(self._engine) as connection:
            number = number_of(connection, key)
            query = (
                select(inquiry_states)
                .where(inquiry_states.c.inquiry_id == number)
                .order_by(inquiry_states.c.id)
            )
            return tuple(
                Turn(state=State(row.state), liaison=row.liaison, at=row.at, by=row.by)
                for row in connection.execute(query)
            )

    def declined(self, keys: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return KEY to the ids of the liaisons who gave that inquiry back."""
        found: dict[str, set[str]] = {}
        with reading(self._engine) as connection:
            for some in chunks(keys):
                query = (
                    select(inquiries.c.key, inquiry_states.c.by)
                    .join(inquiries, inquiries.c.id == inquiry_states.c.inquiry_id)
                    .where(
                        inquiries.c.key.in_(some),
                        inquiry_states.c.state == State.RECEIVED.value,
                        inquiry_states.c.by != PROGRAM,
                    )
                )
                for key, liaison in connection.execute(query):
                    found.setdefault(key, set()).add(liaison)
        return {key: frozenset(liaisons) for key, liaisons in found.items()}

    def careers(self, since: datetime | None) -> Iterator[Career]:
        """Yield the inquiries that were given to somebody and came at `since` or later, in the order in which they were given."""
        with reading(self._engine) as connection:
            rows = connection.execute(_first_assignments(since)).all()
        for some in chunks(rows):
            keys = [row.key for row in some]
            with reading(self._engine) as connection:
                entries = {one.key: one for one in read_entries(connection, inquiries.c.key.in_(keys))}
            for row in some:
                if row.key in entries:
                    yield Career(
                        entry=entries[row.key],
                        liaison=row.liaison,
                        assigned_at=row.assigned_at,
                        ended_at=row.ended_at,
                    )


def _may(connection: Connection, number: int, expected_version: int | None, state: State) -> bool:
    row = connection.execute(
        select(inquiries.c.state, inquiries.c.version).where(inquiries.c.id == number)
    ).one()
    if expected_version is not None and row.version != expected_version:
        return False
    return state in reachable(State(row.state))


def _hand(
    connection: Connection,
    number: int,
    liaison: str | None,
    reason: str,
    due_at: datetime | None,
    now: datetime,
) -> None:
    last = last_assignment(connection, number)
    whom = liaison or (last.liaison if last else None)
    due = due_at or (due_again(last, now) if last else None)
    if whom is None or due is None:
        raise ValueError("an inquiry that nobody had needs a liaison and a date")
    hand(connection, number, whom, reason[:_REASON_LENGTH] or (last.reason if last else ""), due, now)


def _dates(
    connection: Connection, number: int, state: State, waiting_until: date | None, now: datetime
) -> dict[str, Any]:
    """Return the columns that a state fills beside its own."""
    if state is State.WAITING:
        return {"waiting_until": waiting_until}
    if state is State.ANSWERED:
        known = connection.execute(select(inquiries.c.answered_at).where(inquiries.c.id == number)).scalar()
        return {"answered_at": known or now}
    return {}


def _first_assignments(since: datetime | None) -> Any:
    """Select each inquiry's first assignment, and when the inquiry was first over with."""
    first = select(func.min(assignments.c.id).label("id")).group_by(assignments.c.inquiry_id).subquery()
    over = (
        select(func.min(inquiry_states.c.at))
        .where(
            inquiry_states.c.inquiry_id == inquiries.c.id,
            inquiry_states.c.state.in_([state.value for state in (*CLOSED, State.MERGED)]),
            inquiry_states.c.at >= assignments.c.assigned_at,
        )
        .correlate(inquiries, assignments)
        .scalar_subquery()
    )
    query = (
        select(inquiries.c.key, assignments.c.liaison, assignments.c.assigned_at, over.label("ended_at"))
        .join(first, first.c.id == assignments.c.id)
        .join(inquiries, inquiries.c.id == assignments.c.inquiry_id)
        .order_by(assignments.c.assigned_at, assignments.c.id)
    )
    return query.where(inquiries.c.opened_at >= since) if since else query
