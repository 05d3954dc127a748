"""Which mailboxes are still to be told of decisions, and which were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.decisions import newest_decision
from pipeline.adapters.ledger.schema import decisions, messages, sightings
from pipeline.records.decisions import Disposition
from pipeline.records.marks import Mark
from pipeline.records.messages import ImapSighting


class MarkTable(Part):
    """Keeps track of what servers were told."""

    def waiting(
        self, account: str, mailbox: str, dispositions: Iterable[Disposition], after: int, limit: int
    ) -> tuple[Mark, ...]:
        """Return sightings of decided messages in `mailbox` that the server has not been told of, oldest first.

        Parameters
        ----------
        dispositions
            Of which decisions it is to be told; the newest decision on a message counts.
        after, limit
            At most `limit` of those whose number is over `after`.
        """
        # Decided is what a copy is a copy of.
        original = func.coalesce(messages.c.same_as, messages.c.id)
        query = (
            select(sightings.c.id, sightings.c.epoch, sightings.c.number, decisions.c.disposition)
            .join(messages, messages.c.id == sightings.c.message_id)
            .join(decisions, decisions.c.id == newest_decision(original, messages))
            .where(
                sightings.c.kind == "imap",
                sightings.c.source == account,
                sightings.c.place == mailbox,
                sightings.c.marked_at.is_(None),
                sightings.c.id > after,
                decisions.c.disposition.in_([one.value for one in dispositions]),
            )
            .order_by(sightings.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(_mark(row, account, mailbox) for row in connection.execute(query))

    def settle(self, marks: Iterable[Mark], now: datetime) -> None:
        """Note that the server knows, or that the message is not there any more."""
        numbers = [one.id for one in marks]
        if numbers:
            with writing(self._engine) as connection:
                connection.execute(update(sightings).where(sightings.c.id.in_(numbers)).values(marked_at=now))


def _mark(row: Any, account: str, mailbox: str) -> Mark:
    sighting = ImapSighting(account=account, mailbox=mailbox, uidvalidity=row.epoch, uid=row.number)
    return Mark(id=row.id, sighting=sighting, disposition=Disposition(row.disposition))
