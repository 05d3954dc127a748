"""How jobs fared: one row for each, so that `triage status` can tell without asking the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from pipeline.adapters.ledger.database.engine import Room, reading, writing
from pipeline.adapters.ledger.database.statements import put
from pipeline.adapters.ledger.running.leases import HeldPart, has_ended
from pipeline.adapters.ledger.schema import jobs
from pipeline.records.jobs import JobStatus

_LONGEST_ERROR = 400


class JobTable(HeldPart):
    """The jobs."""

    def began(self, name: str, now: datetime) -> None:
        """Note that this process begins the job `name`."""
        self._write(name, holder=self.holder, began_at=now)

    def succeeded(self, name: str, now: datetime, seconds: float) -> None:
        """Note that it ended well after some `seconds`."""
        self._write(name, holder="", succeeded_at=now, seconds=seconds)

    def failed(self, name: str, now: datetime, seconds: float, error: str) -> None:
        """Note that it failed, and why."""
        self._write(name, holder="", failed_at=now, seconds=seconds, error=error[:_LONGEST_ERROR])

    def left(self, name: str) -> None:
        """Note that this process is not at the job any more; whether another one is, stays as it is."""
        mine = (jobs.c.name == name, jobs.c.holder == self.holder)
        with writing(self._engine, Room.LEASES) as connection:
            connection.execute(update(jobs).where(*mine).values(holder=""))

    def alive(self, name: str, now: datetime) -> None:
        """Give a sign of life in a job that goes on."""
        self._write(name, holder=self.holder, succeeded_at=now)

    def all(self) -> tuple[JobStatus, ...]:
        """Return how all jobs fared, by name."""
        with reading(self._engine) as connection:
            return tuple(
                JobStatus(**row._mapping) for row in connection.execute(select(jobs).order_by(jobs.c.name))
            )

    def is_gone(self, holder: str) -> bool:
        """Tell whether it is certain that the process `holder` has ended; of other machines nothing is known."""
        return has_ended(holder)

    def _write(self, name: str, **values: Any) -> None:
        with writing(self._engine, Room.LEASES) as connection:
            put(connection, jobs, {"name": name}, values)
