"""How often honest mail that nobody reviewed goes to a liaison to whom its labels would not have sent it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.records.decisions import HONEST_KINDS, Decision, Disposition
from pipeline.routing.assign import assign, route_of
from pipeline.routing.policy import Policy
from pipeline.routing.scope import covers
from pipeline.service.truth import Labels, entry_of, tags_of
from pipeline.taxonomy import Taxonomy


def handing(
    decisions: Sequence[Decision],
    labels: Sequence[Labels],
    policy: Policy,
    taxonomy: Taxonomy,
    now: datetime,
) -> float | None:
    """Return the share of honest mail, assigned without review, that goes to a wrong liaison; None if there is none.

    A liaison is right if the labels' type and place are theirs, or the labels send all such mail to them. Each mail is
    handed out by itself, with everybody present and at leisure: what load does is no error.
    """
    everybody = _everybody(policy)
    wrong = [
        _liaison(decision, everybody, now) not in _right(decision, label, everybody, taxonomy)
        for decision, label in zip(decisions, labels, strict=True)
        if label["kind"][0] in HONEST_KINDS and decision.disposition is Disposition.ASSIGN
    ]
    return sum(wrong) / len(wrong) if wrong else None


def _everybody(policy: Policy) -> Policy:
    there = tuple(one.model_copy(update={"absences": (), "paused": False}) for one in policy.liaisons)
    return policy.model_copy(update={"liaisons": there})


def _liaison(decision: Decision, policy: Policy, now: datetime) -> str:
    return assign([entry_of(decision, now)], policy, {}, now)[0].liaison


def _right(decision: Decision, label: Labels, policy: Policy, taxonomy: Taxonomy) -> frozenset[str]:
    truth = replace(decision, tags=tags_of(label), abstained=())
    if truth.route:
        # A rule names who gets it, whatever the tags are.
        return frozenset({_liaison(decision, policy, decision.decided_at)})
    route = route_of(entry_of(truth, decision.decided_at), policy)
    if route:
        return frozenset({route[0]})
    tags = truth.tags
    area = tags.region or taxonomy.region_of(tags.country or "")
    takers = frozenset(one.id for one in policy.takers if covers(one, tags.partner_type, tags.country, area))
    return takers or frozenset({policy.fallback})
