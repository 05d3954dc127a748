"""Decisions as rows and back, and which one counts: the newest on each message, of people before machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from pipeline.adapters.ledger.schema import decisions
from pipeline.records.decisions import Criteria, Decision, Disposition, Evidence, Source, Tags
from pipeline.records.threads import Voice


def decision_row(decision: Decision) -> dict[str, Any]:
    """Return the columns of table `decisions` for one decision, the message left out."""
    tags = decision.tags
    return {
        "disposition": decision.disposition.value,
        "kind": tags.kind,
        "partner_type": tags.partner_type,
        "country": tags.country,
        "region": tags.region,
        "alignment": tags.alignment,
        "priority": decision.priority,
        "language": decision.language,
        "tags": _tags(decision),
        "evidence": [_evidence(one) for one in decision.evidence],
        "rulebook_version": decision.rulebook_version,
        "model_version": decision.model_version,
        "decided_at": decision.decided_at,
        "sure": "kind" not in decision.abstained,
    }


def decision_from(row: Any, sha256: str, summary: str) -> Decision:
    """Return the decision that a row of `decisions` holds."""
    return Decision(
        sha256=sha256,
        disposition=Disposition(row.disposition),
        tags=_tags_from(row),
        abstained=tuple(row.tags["abstained"]),
        confidence=dict(row.tags["confidence"]),
        priority=row.priority,
        language=row.language,
        summary=summary,
        evidence=tuple(_evidence_from(one) for one in row.evidence),
        rulebook_version=row.rulebook_version,
        model_version=row.model_version,
        decided_at=row.decided_at,
        route=row.tags.get("route"),
    )


def newest_decision(message: ColumnElement[int], outside: FromClause) -> ScalarSelect[int]:
    """Select the newest decision on the `message` that a column of the query around it, over `outside`, tells."""
    return (
        select(func.max(decisions.c.id))
        .where(decisions.c.message_id == message)
        .correlate(outside)
        .scalar_subquery()
    )


def of_people(spoken: Sequence[Any]) -> Sequence[Any]:
    """Return the rows of messages that people wrote, told by their ``voice``; all where nobody but machines spoke."""
    return [one for one in spoken if one.voice == Voice.PERSON.value] or spoken


def _tags(decision: Decision) -> dict[str, Any]:
    criteria = decision.tags.criteria
    return {
        "activities": list(decision.tags.activities),
        "priorities": list(decision.tags.priorities),
        "criteria": {
            "preconditions_met": criteria.preconditions_met,
            "shared_objectives": criteria.shared_objectives,
            "complexity": criteria.complexity,
            "funding": criteria.funding,
            "urgency": criteria.urgency.isoformat() if criteria.urgency else None,
            "further": list(criteria.further),
        },
        "abstained": list(decision.abstained),
        "confidence": dict(decision.confidence),
        "route": decision.route,
    }


def _tags_from(row: Any) -> Tags:
    grid = dict(row.tags["criteria"])
    urgency = grid.pop("urgency")
    further = tuple(grid.pop("further", ()))
    return Tags(
        kind=row.kind,
        partner_type=row.partner_type,
        activities=tuple(row.tags["activities"]),
        country=row.country,
        region=row.region,
        alignment=row.alignment,
        priorities=tuple(row.tags["priorities"]),
        criteria=Criteria(**grid, urgency=date.fromisoformat(urgency) if urgency else None, further=further),
    )


def _evidence(evidence: Evidence) -> list[Any]:
    return [evidence.source.value, evidence.name, evidence.tag, evidence.score, evidence.detail]


def _evidence_from(row: list[Any]) -> Evidence:
    source, name, tag, score, detail = row
    return Evidence(source=Source(source), name=name, tag=tag, score=score, detail=detail)
