"""What the ledger remembers of the lives of inquiries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.records.work import UNANSWERED, Entry, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An inquiry came into a state.

    Parameters
    ----------
    state, liaison
        Which, and who had it then, or None.
    at
        When (aware, UTC).
    by
        Who did it: the id of a liaison, ``program``, a maintainer, or a help desk's agent.
    """

    state: State
    liaison: str | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an inquiry stands that somebody has; the fields are those of `Entry`."""

    key: str
    state: State
    liaison: str
    due_at: datetime
    assigned_at: datetime
    version: int
    waiting_until: date | None
    escalated_at: datetime | None

    def is_overdue(self, moment: datetime) -> bool:
        """Return whether the first answer should have gone out before `moment`, and did not."""
        return self.state in UNANSWERED and self.due_at < moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Career:
    """An inquiry that was given to somebody, as it was first given.

    Parameters
    ----------
    entry
        As the ledger tells it now.
    liaison, assigned_at
        Who got it first, and when (aware, UTC).
    ended_at
        When it left the hands of the team for the first time (aware, UTC); None while it is open.
    """

    entry: Entry
    liaison: str
    assigned_at: datetime
    ended_at: datetime | None
