"""What several messages, and people, had told of an inquiry at some moment: the judge over several messages, asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Select, Table, func, literal, or_, select

from pipeline.adapters.ledger.inquiries.decisions import decision_from, of_people
from pipeline.adapters.ledger.inquiries.entries import FIRST, LAST, correction_from
from pipeline.adapters.ledger.schema import contents, corrections, decisions, inquiry_messages, messages
from pipeline.records.decisions import Decision
from pipeline.records.work import Correction
from pipeline.routing.combine import combine

# What is counted by.
COMBINED = (
    "disposition", "kind", "partner_type", "region", "alignment", "priority", "language", "activities", "abstained",
    "certainty",
)  # fmt: skip


def combined(connection: Connection, scope: Table, size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield, up to `size` at a time, the values of those inquiries of `scope` that more than one decision tells of."""
    any_ = corrections.alias("any_correction")
    corrected = select(any_.c.id).where(any_.c.inquiry_id == scope.c.inquiry_id).correlate(scope).exists()
    several = or_(scope.c.decisions > 1, corrected)
    some: list[dict[str, Any]] = []
    for number, decision in heard(connection, scope, several, evidence=False):
        some.append({"number": number, **{f"new_{name}": value for name, value in _values(decision).items()}})
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def heard(
    connection: Connection, scope: Table, which: ColumnElement[bool], *, evidence: bool
) -> Iterator[tuple[int, Decision]]:
    """Yield the number of an inquiry, and what its decisions and corrections came to at the moment."""
    told = _told(connection, scope, which)
    rows = connection.execute(_decisions(scope, which, evidence=evidence))
    for number, group in groupby(rows, key=lambda row: row.inquiry_id):
        people = of_people(list(group))
        if len(people) > FIRST + LAST:
            people = [*people[:FIRST], *people[-LAST:]]
        decided = [decision_from(one, one.sha256, one.summary or "") for one in people]
        yield number, combine(decided, told.get(number, ()))


def _decisions(scope: Table, which: ColumnElement[bool], *, evidence: bool) -> Select[Any]:
    """Select the newest decision on each message before the moment, oldest message first."""
    newer = decisions.alias("newer")
    newest = (
        select(func.max(newer.c.id))
        .where(newer.c.message_id == inquiry_messages.c.message_id, newer.c.decided_at < scope.c.moment)
        .correlate(inquiry_messages, scope)
        .scalar_subquery()
    )
    columns = [one for one in decisions.c if evidence or one.name != "evidence"]
    return (
        select(
            scope.c.inquiry_id,
            *columns,
            *(() if evidence else (literal([], JSON).label("evidence"),)),
            messages.c.sha256,
            contents.c.voice,
            contents.c.summary if evidence else literal("").label("summary"),
        )
        .select_from(scope)
        .join(inquiry_messages, inquiry_messages.c.inquiry_id == scope.c.inquiry_id)
        .join(decisions, decisions.c.id == newest)
        .join(messages, messages.c.id == decisions.c.message_id)
        .outerjoin(contents, contents.c.message_id == decisions.c.message_id)
        .where(which)
        .order_by(scope.c.inquiry_id, contents.c.written_at, decisions.c.message_id)
    )


def _told(
    connection: Connection, scope: Table, which: ColumnElement[bool]
) -> Mapping[int, Sequence[Correction]]:
    query = (
        select(corrections)
        .join(scope, scope.c.inquiry_id == corrections.c.inquiry_id)
        .where(which, corrections.c.at < scope.c.moment)
        .order_by(corrections.c.inquiry_id, corrections.c.id)
    )
    return {
        number: [correction_from(row, "") for row in group]
        for number, group in groupby(connection.execute(query), key=lambda row: row.inquiry_id)
    }


def _values(decision: Decision) -> dict[str, Any]:
    tags = decision.tags
    return {
        "disposition": decision.disposition.value,
        "kind": tags.kind,
        "partner_type": tags.partner_type,
        "region": tags.region,
        "alignment": tags.alignment,
        "priority": decision.priority,
        "language": decision.language,
        "activities": json.dumps(tags.activities),
        "abstained": json.dumps(decision.abstained),
        "certainty": decision.confidence.get("kind"),
    }
