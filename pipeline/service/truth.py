"""The truth of labels as if the pipeline had decided so: to hold against what was decided, or to try liaisons with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipeline.records.decisions import CRITERIA_FIELDS, FILED_KINDS, LIST_FIELDS, Decision, Disposition, Tags
from pipeline.records.messages import Address
from pipeline.records.work import Entry

Labels = Mapping[str, tuple[str, ...]]


def tags_of(labels: Labels) -> Tags:
    """Return what is labelled, as tags; without the criteria."""

    def one(field: str) -> str | None:
        return next(iter(labels.get(field, ())), None)

    return Tags(
        kind=labels["kind"][0],
        partner_type=one("partner_type"),
        activities=labels.get("activities", ()),
        country=one("country"),
        region=one("region"),
        alignment=one("alignment"),
        priorities=labels.get("priorities", ()),
    )


def values_of(decision: Decision, field: str) -> tuple[str, ...]:
    """Return the values of a field as they stand in labels.csv: none, one, or of a list several."""
    value = getattr(decision.tags.criteria if field in CRITERIA_FIELDS else decision.tags, field)
    if value is None:
        return ()
    return tuple(value) if field in LIST_FIELDS else (str(value),)


def decision_of(key: str, labels: Labels, language: str, at: datetime) -> Decision:
    """Return the decision that all labels are right: nothing is unsure, spam and automated mail is filed.

    Parameters
    ----------
    key
        Stands for the message.
    language
        ISO 639 code.
    at
        When it is decided (aware, UTC).
    """
    filed = labels["kind"][0] in FILED_KINDS
    return Decision(
        sha256=key,
        disposition=Disposition.FILE if filed else Disposition.ASSIGN,
        tags=tags_of(labels),
        abstained=(),
        confidence={},
        priority=0,
        language=language,
        summary="",
        evidence=(),
        rulebook_version="",
        model_version="",
        decided_at=at,
    )


def entry_of(decision: Decision, received_at: datetime) -> Entry:
    """Return the inquiry of a decision, without anything that stands in the message."""
    return Entry(
        key=decision.sha256,
        decision=decision,
        author=Address(),
        organisation="",
        subject="",
        text="",
        received_at=received_at,
    )
