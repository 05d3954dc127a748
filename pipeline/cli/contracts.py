"""The two JSON outputs that other programs rely on: `triage parse --json` and `triage tag --json`.

docs/json.md describes them, docs/schemas/ holds their JSON Schemas. All keys are always present.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipeline.records.decisions import Decision
from pipeline.records.inquiries import Inquiry, Signature
from pipeline.records.messages import Address


def parse_object(file: str, inquiry: Inquiry) -> dict[str, Any]:
    """Return what `triage parse --json` writes for one file."""
    message = inquiry.message
    return {
        "file": file,
        "message_id": message.message_id,
        "subject": message.subject,
        "from": _address(message.from_),
        "author": _address(inquiry.author),
        "to": [address.address for address in message.to if address.address],
        "date": _moment(message.date),
        "text": inquiry.body,
        "reply": inquiry.text,
        "quoted": inquiry.quoted,
        "signature": inquiry.signature,
        "signed": _signed(inquiry.signed),
        "language": inquiry.language,
        "attachments": [
            {"name": one.name, "type": one.content_type, "size": one.size, "text": one.text}
            for one in message.attachments
        ],
        "list_id": inquiry.list_id,
        "automatic": inquiry.automatic.value if inquiry.automatic else None,
        "forwarded": _forwarded(inquiry),
        "defects": list(message.defects),
    }


def tag_object(file: str, inquiry: Inquiry, decision: Decision) -> dict[str, Any]:
    """Return what `triage tag --json` writes for one file."""
    tags, grid = decision.tags, decision.tags.criteria
    return {
        "file": file,
        "message_id": inquiry.message.message_id,
        "kind": tags.kind,
        "partner_type": tags.partner_type,
        "activities": list(tags.activities),
        "country": tags.country,
        "region": tags.region,
        "alignment": tags.alignment,
        "priorities": list(tags.priorities),
        "criteria": {
            "preconditions_met": grid.preconditions_met,
            "shared_objectives": grid.shared_objectives,
            "complexity": grid.complexity,
            "funding": grid.funding,
            "urgency": grid.urgency.isoformat() if grid.urgency else None,
            "further": list(grid.further),
        },
        "priority": decision.priority,
        "language": decision.language,
        "summary": decision.summary,
        "disposition": decision.disposition.value,
        "abstained": list(decision.abstained),
        "confidence": {field: round(value, 4) for field, value in decision.confidence.items()},
        "evidence": evidence_objects(decision),
    }


def evidence_objects(decision: Decision) -> list[dict[str, Any]]:
    """Return the evidence of a decision, as JSON."""
    return [
        {
            "source": one.source.value,
            "name": one.name,
            "tag": one.tag,
            "score": _rounded(one.score),
            "detail": one.detail,
        }
        for one in decision.evidence
    ]


# Rules have few weights, and models say the same of many messages.
@lru_cache(maxsize=4_096, typed=True)
def _rounded(score: float) -> float:
    return round(score, 4)


def error_object(file: str, error: Exception) -> dict[str, Any]:
    """Return what both write for a file that cannot be read."""
    return {"file": file, "error": str(error)}


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _signed(signed: Signature) -> dict[str, Any]:
    return {
        "name": signed.name,
        "role": signed.role,
        "organisation": signed.organisation,
        "address": signed.address,
        "phones": list(signed.phones),
        "web": list(signed.web),
        "emails": list(signed.emails),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _forwarded(inquiry: Inquiry) -> dict[str, Any] | None:
    forward = inquiry.forward
    if forward is None:
        return None
    return {
        "by": _address(forward.forwarder),
        "from": _address(forward.from_),
        "date": _moment(forward.date),
        "subject": forward.subject,
    }
