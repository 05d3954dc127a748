"""The judge over several messages: what the decisions on an inquiry's messages, and people, come to together.

A follow-up such as "any news?" says nothing of the organisation, and must not undo what the first message told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pipeline.records.decisions import (
    CRITERIA_FIELDS,
    FILED_KINDS,
    HONEST_KINDS,
    LIST_FIELDS,
    SCALAR_FIELDS,
    Decision,
    Disposition,
    Evidence,
    Source,
)
from pipeline.records.work import Correction

_UNKNOWN = "unknown"
# Fields of which one message tells all or nothing, the telling one first.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("partner_type",),
    ("country", "region"),
    ("alignment", "preconditions_met"),
    ("shared_objectives",),
    ("complexity",),
    ("funding",),
)


@dataclass(slots=True)
class _Sum:
    """What is found, field by field, and in which decision."""

    values: dict[str, Any] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    abstained: set[str] = field(default_factory=set)
    sources: dict[str, Decision] = field(default_factory=dict)

    def take(self, name: str, decision: Decision) -> None:
        """Take one field from one decision."""
        self.values[name] = value_of(decision, name)
        self.sources[name] = decision
        if name in decision.confidence:
            self.confidence[name] = decision.confidence[name]
        if name in decision.abstained:
            self.abstained.add(name)


def combine(decisions: Sequence[Decision], corrections: Iterable[Correction] = ()) -> Decision:
    """Return the decision that speaks for an inquiry.

    Parameters
    ----------
    decisions
        The newest one on each message of an inquiry, oldest message first; at least one. Those on what machines wrote
        are best left out where there are others.
    corrections
        What people said; of each field the newest counts, and of a list all that were said at that moment.

    Returns
    -------
    Decision
        Kind, disposition, language and summary of the first message whose kind is more than a guess, else of the first;
        every other field from the message that is surest of it, of equals the newest; lists are united; urgency from
        the newest that has one; the highest priority. What a person said is certain.
    """
    heard = [one for one in decisions if one.disposition is not Disposition.FILE] or list(decisions)
    told = _newest(corrections)
    if len(heard) == 1 and not told:
        return heard[0]
    lead = next((one for one in heard if is_sure(one, "kind")), heard[0])
    found = _summed(heard, lead)
    _correct(found, told)
    return _decision(heard, lead, found, told)


def corrected(corrections: Iterable[Correction]) -> dict[str, tuple[str, ...]]:
    """Return field to the values that people said last; values that no field can have are left out."""
    return {
        name: tuple(filter(None, (one.tag.partition("=")[2] for one in told)))
        for name, told in _newest(corrections).items()
    }


def is_sure(decision: Decision, name: str) -> bool:
    """Return whether a field has a value that is more than a guess."""
    return name in decision.confidence and name not in decision.abstained


def value_of(decision: Decision, name: str) -> Any:
    """Return the value of a field of the labelling guide."""
    return getattr(decision.tags.criteria if name in CRITERIA_FIELDS else decision.tags, name)


def _summed(heard: Sequence[Decision], lead: Decision) -> _Sum:
    kind = lead.tags.kind
    telling = [one for one in heard if kind in HONEST_KINDS or one.tags.kind == kind]
    found = _Sum()
    found.take("kind", lead)
    for group in _GROUPS:
        source = _surest(telling, group) or lead
        for name in group:
            found.take(name, source)
    for name in LIST_FIELDS:
        _unite(found, name, telling, lead)
    dated = [one for one in telling if one.tags.criteria.urgency is not None]
    found.take("urgency", dated[-1] if dated else lead)
    return found


def _surest(heard: Sequence[Decision], group: Sequence[str]) -> Decision | None:
    """Return the decision that is surest of the first field of a group that any of them has a value for."""
    for name in group:
        having = [one for one in heard if value_of(one, name) not in (None, _UNKNOWN)]
        if having:
            return max(reversed(having), key=lambda one: (is_sure(one, name), one.confidence.get(name, 0.0)))
    return None


def _unite(found: _Sum, name: str, heard: Sequence[Decision], lead: Decision) -> None:
    """Unite the lists that are more than a guess; where none is, take the best guess."""
    having = [one for one in heard if value_of(one, name)]
    sure = [one for one in having if is_sure(one, name)]
    if len(sure) < 2:
        found.take(name, _surest(having, (name,)) or lead if not sure else sure[0])
        return
    found.values[name] = tuple(dict.fromkeys(value for one in sure for value in value_of(one, name)))
    found.confidence[name] = min(one.confidence[name] for one in sure)
    found.sources[name] = sure[-1]


def _newest(corrections: Iterable[Correction]) -> dict[str, tuple[Correction, ...]]:
    """Return field to what was said of it last; values that no field can have are left out."""
    newest: dict[str, tuple[Correction, ...]] = {}
    for one in corrections:
        name, _, value = one.tag.partition("=")
        if not _is_possible(name, value):
            continue
        before = newest.get(name, ())
        if before and before[0].at > one.at:
            continue
        newest[name] = (*before, one) if before and before[0].at == one.at else (one,)
    return newest


def _is_possible(name: str, value: str) -> bool:
    if name not in (*SCALAR_FIELDS, *LIST_FIELDS, *CRITERIA_FIELDS, "priority", "disposition"):
        return False
    try:
        _typed(name, value)
    except ValueError:
        return False
    return bool(value) or name not in ("kind", "priority", "disposition")


def _typed(name: str, value: str) -> Any:
    makers: Mapping[str, Callable[[str], Any]] = {
        "shared_objectives": int,
        "priority": lambda text: min(max(int(text), 0), 100),
        "urgency": date.fromisoformat,
        "disposition": Disposition,
    }
    return makers.get(name, str)(value) if value else None


def _correct(found: _Sum, told: Mapping[str, Sequence[Correction]]) -> None:
    for name, said in told.items():
        values = [_typed(name, one.tag.partition("=")[2]) for one in said]
        if name in LIST_FIELDS:
            found.values[name] = tuple(dict.fromkeys(value for value in values if value))
        else:
            found.values[name] = values[-1]
        found.abstained.discard(name)
        found.confidence[name] = 1.0
    if "country" in told and "region" not in told and "region" in found.confidence:
        found.abstained.add("region")  # it was told by the country that was wrong


def _decision(
    heard: Sequence[Decision], lead: Decision, found: _Sum, told: Mapping[str, Sequence[Correction]]
) -> Decision:
    values = found.values
    newest = max(heard, key=lambda one: one.decided_at)
    highest = max(reversed(heard), key=lambda one: one.priority)
    further = dict.fromkeys(name for one in heard for name in one.tags.criteria.further)
    criteria = replace(
        lead.tags.criteria, further=tuple(further), **{name: values[name] for name in CRITERIA_FIELDS}
    )
    tags = replace(
        lead.tags, criteria=criteria, **{name: values[name] for name in (*SCALAR_FIELDS, *LIST_FIELDS)}
    )
    summary = next((one.summary for one in heard if one.summary), "")
    return replace(
        lead,
        disposition=_disposition(lead, values, told),
        tags=tags,
        confidence={name: sure for name, sure in found.confidence.items() if name in values},
        abstained=tuple(name for name in found.confidence if name in found.abstained),
        priority=values.get("priority", highest.priority),
        language=heard[0].language,
        summary=summary,
        evidence=_evidence(found, lead, highest, told),
        route=next((one.route for one in reversed(heard) if one.route), None),
        rulebook_version=newest.rulebook_version,
        model_version=newest.model_version,
        decided_at=newest.decided_at,
    )


def _disposition(
    lead: Decision, values: Mapping[str, Any], told: Mapping[str, Sequence[Correction]]
) -> Disposition:
    """Return what a person said; by a kind that a person named nothing is left to look at."""
    if "disposition" in told:
        said: Disposition = values["disposition"]
        return said
    if "kind" in told:
        return Disposition.FILE if values["kind"] in FILED_KINDS else Disposition.ASSIGN
    return lead.disposition


def _evidence(
    found: _Sum, lead: Decision, highest: Decision, told: Mapping[str, Sequence[Correction]]
) -> tuple[Evidence, ...]:
    """Return people's words first, then of each field what the message said that tells it."""
    people = [
        Evidence(
            source=Source.PERSON, name="correction", tag=one.tag, score=1.0, detail=f"said by {one.author}"
        )
        for said in told.values()
        for one in said
    ]
    kept = [
        one
        for name, source in found.sources.items()
        for one in source.evidence
        if one.field == name and one.source is not Source.CRITERIA
    ]
    rest = [
        one for one in lead.evidence if one.field not in found.sources and one.source is not Source.CRITERIA
    ]
    points = [one for one in highest.evidence if one.source is Source.CRITERIA]
    return (*people, *rest, *kept, *points)
