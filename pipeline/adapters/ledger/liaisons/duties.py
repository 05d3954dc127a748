"""Duties: who of the liaisons takes nothing for now, because they said so or because mail to them comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.running.eventlog import note
from pipeline.adapters.ledger.schema import duties

_BY_LENGTH = 64


class DutyTable(Part):
    """Keeps who is off duty."""

    def pause(self, liaison: str, kind: str, by: str, now: datetime) -> bool:
        """Note that a liaison takes nothing from `now` on; return False if that was known.

        Parameters
        ----------
        kind
            ``paused`` (they said so) or ``suspended`` (mail to them comes back).
        by
            Who says so: the id of a liaison, ``program``, or a maintainer.
        """
        here = (duties.c.liaison == liaison, duties.c.kind == kind, duties.c.ended_at.is_(None))
        with writing(self._engine) as connection:
            if connection.execute(select(duties.c.id).where(*here)).first():
                return False
            connection.execute(
                insert(duties).values(liaison=liaison, kind=kind, since=now, by=by[:_BY_LENGTH])
            )
            note(connection, now, kind, f"{liaison} by {by}")
            return True

    def end(self, liaison: str, kind: str, by: str, now: datetime) -> bool:
        """Note that a liaison is back from `kind`; return False if they were not away."""
        here = (duties.c.liaison == liaison, duties.c.kind == kind, duties.c.ended_at.is_(None))
        with writing(self._engine) as connection:
            if not connection.execute(update(duties).where(*here).values(ended_at=now)).rowcount:
                return False
            note(connection, now, f"{kind}-ended", f"{liaison} by {by}")
            return True

    def current(self) -> Mapping[str, frozenset[str]]:
        """Return the id of each liaison who is off duty to the kinds of it."""
        found: dict[str, set[str]] = {}
        query = (
            select(duties.c.liaison, duties.c.kind).where(duties.c.ended_at.is_(None)).order_by(duties.c.id)
        )
        with reading(self._engine) as connection:
            for liaison, kind in connection.execute(query):
                found.setdefault(liaison, set()).add(kind)
        return {liaison: frozenset(kinds) for liaison, kinds in found.items()}
