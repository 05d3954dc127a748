"""What a retag would change of some inquiries: the decisions that stand beside those that would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.adapters.ledger.inquiries.decisions import decision_from, of_people
from pipeline.adapters.ledger.inquiries.entries import by_inquiry, correction_from, newest_decisions
from pipeline.adapters.ledger.schema import corrections, inquiries, inquiry_messages, messages, proposals
from pipeline.records.decisions import Decision
from pipeline.records.retags import Difference, Proposal
from pipeline.records.work import Correction, State
from pipeline.routing.combine import combine, corrected


def differences(
    connection: Connection, retag: int, numbers: Sequence[int]
) -> tuple[tuple[int, Difference], ...]:
    """Return the numbers of inquiries, and what the changed proposals of a retag make of each."""
    if not numbers:
        return ()
    said = by_inquiry(connection.execute(newest_decisions(numbers)))
    told = by_inquiry(connection.execute(select(corrections).where(corrections.c.inquiry_id.in_(numbers))))
    proposed = _proposed(connection, retag, numbers)
    rows = connection.execute(select(inquiries).where(inquiries.c.id.in_(numbers)).order_by(inquiries.c.id))
    live = _live(connection, numbers)
    return tuple(
        (row.id, _difference(row, said[row.id], told[row.id], proposed, live=row.id in live))
        for row in rows
        if said[row.id]
    )


def _difference(
    row: Any, spoken: Sequence[Any], told: Sequence[Any], proposed: Mapping[int, Any], *, live: bool
) -> Difference:
    people = of_people(spoken)
    before = [decision_from(one, one.sha256, one.summary) for one in people]
    after = [_would_be(one, proposed.get(one.message_id)) for one in people]
    said: list[Correction] = [correction_from(one, row.key) for one in told]
    return Difference(
        key=row.key,
        state=State(row.state),
        live=live,
        before=combine(before),
        after=combine(after),
        stands=combine(before, said),
        would_stand=combine(after, said),
        said=corrected(said),
    )


def _would_be(row: Any, proposal: Any) -> Decision:
    """Return the decision that would stand on a message; a proposal on another decision than the newest is late."""
    if proposal is None or proposal.decision_id != row.id:
        return decision_from(row, row.sha256, row.summary)
    return decision_from(proposal, row.sha256, row.summary)


def _proposed(connection: Connection, retag: int, numbers: Sequence[int]) -> Mapping[int, Any]:
    query = (
        select(proposals)
        .join(inquiry_messages, inquiry_messages.c.message_id == proposals.c.message_id)
        .where(
            proposals.c.retag_id == retag,
            proposals.c.outcome == Proposal.CHANGED.value,
            inquiry_messages.c.inquiry_id.in_(numbers),
        )
    )
    return {row.message_id: row for row in connection.execute(query)}


def _live(connection: Connection, numbers: Sequence[int]) -> frozenset[int]:
    """Return the inquiries with a message that did not come out of an archive."""
    query = (
        select(inquiry_messages.c.inquiry_id)
        .join(messages, messages.c.id == inquiry_messages.c.message_id)
        .where(inquiry_messages.c.inquiry_id.in_(numbers), messages.c.archived.is_(False))
        .group_by(inquiry_messages.c.inquiry_id)
        .having(func.count() > 0)
    )
    return frozenset(connection.execute(query).scalars())
