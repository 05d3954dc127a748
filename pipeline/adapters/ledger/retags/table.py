"""Old mail tagged anew: kept apart from the decisions in force until that takes hold or is dropped."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Select, delete, func, insert, literal, select, update

from pipeline.adapters.ledger.database.engine import Part, reading, writing
from pipeline.adapters.ledger.inquiries.decisions import decision_from, decision_row, newest_decision
from pipeline.adapters.ledger.mail.messages import within
from pipeline.adapters.ledger.retags.applied import apply_to
from pipeline.adapters.ledger.retags.compared import differences
from pipeline.adapters.ledger.schema import contents, decisions, inquiry_messages, messages, proposals, retags
from pipeline.records.retags import Difference, Former, Proposal, Proposed, Retag, Stage, Witnesses, gist

_OPEN = (Stage.RUNNING.value, Stage.COMPLETE.value, Stage.APPLYING.value)
# Messages that are asked for at once; inquiries that are compared, or changed in one transaction.
_WINDOW = 500
_INQUIRIES = 200
_GONE = 5_000


class RetagTable(Part):
    """Keeps one retag at a time, and what became of those before."""

    def current(self) -> Retag | None:
        """Return the retag that neither took hold nor was dropped, or None."""
        query = select(retags).where(retags.c.state.in_(_OPEN)).order_by(retags.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            return _retag(connection, row) if row else None

    def begin(self, witnesses: Witnesses, since: datetime | None, now: datetime) -> Retag:
        """Begin a retag, or go on with the one that is open."""
        with writing(self._engine) as connection:
            row = connection.execute(select(retags).where(retags.c.state.in_(_OPEN))).first()
            if row is None:
                values: dict[str, Any] = {
                    "state": Stage.RUNNING.value, "fingerprint": witnesses.fingerprint,
                    "model_version": witnesses.model_version, "rulebook_version": witnesses.rulebook_version,
                    "since": since, "begun_at": now, "reopen": False, "counts": {},
                }  # fmt: skip
                connection.execute(insert(retags).values(**values))
                row = connection.execute(select(retags).where(retags.c.state.in_(_OPEN))).one()
            return _retag(connection, row)

    def enter(self, retag: Retag, stage: Stage, now: datetime, *, reopen: bool = False) -> None:
        """Note how far a retag is."""
        values: dict[str, Any] = {"state": stage.value, "reopen": reopen}
        if stage in (Stage.APPLIED, Stage.DROPPED):
            values |= {"ended_at": now}
        with writing(self._engine) as connection:
            connection.execute(update(retags).where(retags.c.id == retag.id).values(**values))

    def count(self, retag: Retag) -> int:
        """Return how many messages are still to be decided."""
        query = _undecided(retag).with_only_columns(func.count()).order_by(None)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def formers(self, retag: Retag) -> Iterator[tuple[Former, ...]]:
        """Yield the messages that are still to be decided, some hundreds at a time, in order of their numbers."""
        after = 0
        while some := self._formers(retag, after):
            yield some
            after = some[-1].message

    def propose(self, retag: Retag, found: Sequence[Proposed]) -> None:
        """Keep what would be decided, in one transaction; what is known already stays as it is."""
        numbers = [one.message for one in found]
        query = select(proposals.c.message_id).where(
            proposals.c.retag_id == retag.id, proposals.c.message_id.in_(numbers)
        )
        with writing(self._engine) as connection:
            known = set(connection.execute(query).scalars())
            rows = [_row(retag, one) for one in found if one.message not in known]
            if rows:
                connection.execute(insert(proposals), rows)

    def differences(self, retag: Retag) -> Iterator[Difference]:
        """Yield what a retag would change, inquiry by inquiry."""
        after = 0
        while True:
            with reading(self._engine) as connection:
                numbers = _changed(connection, retag, after)
                found = differences(connection, retag.id, numbers)
            if not numbers:
                return
            yield from (one for _, one in found)
            after = numbers[-1]

    def apply(self, retag: Retag, now: datetime) -> Iterator[int]:
        """Let a retag take hold, some hundred inquiries in each transaction; yield how many inquiries each were.

        Whenever this is interrupted, the inquiries that are left are those whose proposals are still open.
        """
        while True:
            with writing(self._engine) as connection:
                numbers = _changed(connection, retag, 0)
                if numbers:
                    apply_to(connection, retag, differences(connection, retag.id, numbers), numbers, now)
            if not numbers:
                return
            yield len(numbers)

    def clear(self, retag: Retag) -> None:
        """Remove the proposals of a retag, and keep how many came out how."""
        with writing(self._engine) as connection:
            counts = {name.value: count for name, count in _counts(connection, retag.id).items()}
            known = connection.execute(select(retags.c.counts).where(retags.c.id == retag.id)).scalar_one()
            if not known:
                connection.execute(update(retags).where(retags.c.id == retag.id).values(counts=counts))
        mine = select(proposals.c.id).where(proposals.c.retag_id == retag.id).limit(_GONE)
        while True:
            with writing(self._engine) as connection:
                numbers = connection.execute(mine).scalars().all()
                connection.execute(delete(proposals).where(proposals.c.id.in_(numbers)))
            if not numbers:
                return

    def _formers(self, retag: Retag, after: int) -> tuple[Former, ...]:
        query = _undecided(retag).where(messages.c.id > after).limit(_WINDOW)
        sizes = query.with_only_columns(messages.c.id, messages.c.size)
        with reading(self._engine) as connection:
            chosen = within(connection.execute(sizes))
            rows = connection.execute(query.where(messages.c.id <= (chosen[-1] if chosen else 0)))
            return tuple(map(_former, rows))


def _undecided(retag: Retag) -> Select[Any]:
    """Select the messages without a proposal, each with its newest decision."""
    newest = newest_decision(messages.c.id, messages)
    known = select(proposals.c.id).where(
        proposals.c.retag_id == retag.id, proposals.c.message_id == messages.c.id
    )
    columns = [one for one in decisions.c if one.name not in ("id", "message_id", "evidence")]
    query = (
        select(
            messages.c.id, messages.c.octets, messages.c.received_at, decisions.c.id.label("decision_id"),
            literal([], JSON).label("evidence"), *columns,
        )
        .join(decisions, decisions.c.id == newest)
        .join(contents, contents.c.message_id == messages.c.id)
        .where(messages.c.state == "read", ~known.correlate(messages).exists())
        .order_by(messages.c.id)
    )  # fmt: skip
    return query if retag.since is None else query.where(contents.c.written_at >= retag.since)


def _changed(connection: Connection, retag: Retag, after: int) -> list[int]:
    """Return the numbers of the next inquiries of which a decision would change."""
    query = (
        select(inquiry_messages.c.inquiry_id)
        .join(proposals, proposals.c.message_id == inquiry_messages.c.message_id)
        .where(
            proposals.c.retag_id == retag.id,
            proposals.c.outcome == Proposal.CHANGED.value,
            inquiry_messages.c.inquiry_id > after,
        )
        .distinct()
        .order_by(inquiry_messages.c.inquiry_id)
        .limit(_INQUIRIES)
    )
    return list(connection.execute(query).scalars())


def _former(row: Any) -> Former:
    return Former(
        message=row.id,
        decision=row.decision_id,
        octets=None if row.octets is None else zlib.decompress(row.octets),
        received_at=row.received_at,
        gist=gist(decision_from(row, "", "")),
    )


def _row(retag: Retag, one: Proposed) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("disposition", "kind", "partner_type", "country", "region", "alignment", "priority", "language", "tags",
         "evidence", "rulebook_version", "model_version", "decided_at", "sure")
    )  # fmt: skip
    decided = decision_row(one.decision) if one.decision else {}
    return {
        **empty,
        **decided,
        "retag_id": retag.id,
        "message_id": one.message,
        "decision_id": one.former,
        "outcome": one.outcome.value,
    }


def _retag(connection: Connection, row: Any) -> Retag:
    kept = {Proposal(name): count for name, count in row.counts.items()}
    return Retag(
        id=row.id,
        stage=Stage(row.state),
        witnesses=Witnesses(
            fingerprint=row.fingerprint,
            model_version=row.model_version,
            rulebook_version=row.rulebook_version,
        ),
        since=row.since,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        reopen=row.reopen,
        counts=kept or _counts(connection, row.id),
    )


def _counts(connection: Connection, number: int) -> Mapping[Proposal, int]:
    query = (
        select(proposals.c.outcome, func.count())
        .where(proposals.c.retag_id == number)
        .group_by(proposals.c.outcome)
    )
    return {Proposal(row[0]): int(row[1]) for row in connection.execute(query)}
