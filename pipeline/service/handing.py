"""How often honest mail that nobody reviewed goes to a liaison to whom its labels would not have sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.records.decisions import Decision, Disposition, Tags
from pipeline.records.messages import Address
from pipeline.records.work import Entry
from pipeline.routing.assign import assign, route_of
from pipeline.routing.policy import Policy
from pipeline.routing.scope import covers
from pipeline.taxonomy import Taxonomy

_HONEST = ("partnership", "endorsement")


def handing(
    decisions: Sequence[Decision],
    labels: Sequence[Mapping[str, tuple[str, ...]]],
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
        if label["kind"][0] in _HONEST and decision.disposition is Disposition.ASSIGN
    ]
    return sum(wrong) / len(wrong) if wrong else None


def _everybody(policy: Policy) -> Policy:
    there = tuple(one.model_copy(update={"absences": (), "paused": False}) for one in policy.liaisons)
    return policy.model_copy(update={"liaisons": there})


def _liaison(decision: Decision, policy: Policy, now: datetime) -> str:
    return assign([_entry(decision, now)], policy, {}, now)[0].liaison


def _right(
    decision: Decision, label: Mapping[str, tuple[str, ...]], policy: Policy, taxonomy: Taxonomy
) -> frozenset[str]:
    truth = replace(decision, tags=_tags(label), abstained=())
    if truth.route:
        # A rule names who gets it, whatever the tags are.
        return frozenset({_liaison(decision, policy, decision.decided_at)})
    route = route_of(_entry(truth, decision.decided_at), policy)
    if route:
        return frozenset({route[0]})
    tags = truth.tags
    area = tags.region or taxonomy.region_of(tags.country or "")
    takers = frozenset(one.id for one in policy.takers if covers(one, tags.partner_type, tags.country, area))
    return takers or frozenset({policy.fallback})


def _tags(label: Mapping[str, tuple[str, ...]]) -> Tags:
    def one(field: str) -> str | None:
        return next(iter(label.get(field, ())), None)

    return Tags(
        kind=label["kind"][0],
        partner_type=one("partner_type"),
        activities=label.get("activities", ()),
        country=one("country"),
        region=one("region"),
        alignment=one("alignment"),
        priorities=label.get("priorities", ()),
    )


def _entry(decision: Decision, now: datetime) -> Entry:
    return Entry(
        key=decision.sha256,
        decision=decision,
        author=Address(),
        organisation="",
        subject="",
        text="",
        received_at=now,
    )
