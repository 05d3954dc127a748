"""Would another plausible reading have led to another person? Then a person has to look first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import TypeVar

from pipeline.records.decisions import HONEST_KINDS, Decision, Disposition, Evidence, Source
from pipeline.routing.decide import Verdict
from pipeline.routing.policy import Policy
from pipeline.routing.scope import UNKNOWN, covers
from pipeline.routing.weigh import ALL_CLUES, by_field, in_order, review, spread
from pipeline.taxonomy import Taxonomy

Judged = TypeVar("Judged", Verdict, Decision)


def settle(verdict: Judged, policy: Policy, taxonomy: Taxonomy) -> Judged:
    """Return `verdict`, sent to review where the plausible readings lead to different liaisons.

    Where a rule names who gets it, no reading leads elsewhere.
    """
    if verdict.disposition is not Disposition.ASSIGN or verdict.route:
        return verdict
    reasons: tuple[Evidence, ...] = contests(verdict, policy, taxonomy)
    if not reasons:
        return verdict
    return replace(verdict, disposition=Disposition.REVIEW, evidence=in_order((*reasons, *verdict.evidence)))


def contests(verdict: Verdict | Decision, policy: Policy, taxonomy: Taxonomy) -> tuple[Evidence, ...]:
    """Return why a person has to say who gets it; nothing where all plausible readings have one liaison."""
    found = [_rival_kinds(verdict, policy, taxonomy)]
    if _is_shared_out(verdict, policy):
        found.append(_rival_fields(verdict, policy, taxonomy))
    return tuple(item for item in found if item)


def _rival_kinds(verdict: Verdict | Decision, policy: Policy, taxonomy: Taxonomy) -> Evidence | None:
    """Return a reason if it may be a partnership or an endorsement: the judge alone does not tell these apart."""
    if (
        not policy.routes.endorsement
        or "kind" not in verdict.abstained
        or verdict.tags.kind not in HONEST_KINDS
    ):
        return None
    kinds = spread(by_field(verdict.evidence), "kind", taxonomy)
    if any(kinds.get(kind, 0.0) < policy.decisions.plausible for kind in HONEST_KINDS):
        return None
    detail = " or ".join(f"{kind} {kinds[kind]:.2f}" for kind in HONEST_KINDS)
    return review("kind", f"{detail}, with different liaisons", _sure(verdict, "kind"))


def _is_shared_out(verdict: Verdict | Decision, policy: Policy) -> bool:
    """Return whether place and type choose the liaison, and not a route of the kind's own."""
    routed = {"endorsement": policy.routes.endorsement, "misdirected": policy.routes.misdirected}
    return not (routed.get(verdict.tags.kind) or (policy.low_priority and verdict.tags.kind == "business"))


def _rival_fields(verdict: Verdict | Decision, policy: Policy, taxonomy: Taxonomy) -> Evidence | None:
    """Return a reason if no liaison is right for every plausible pair of type and region."""
    types = _plausible_types(verdict, policy, taxonomy)
    regions = _plausible_regions(verdict, policy, taxonomy)
    right = [_takers(verdict, policy, *reading) for reading in product(types, regions)]
    if frozenset.intersection(*right):
        return None
    rivals = {"partner_type": types, "region": regions}
    doubtful = {field: values for field, values in rivals.items() if len(values) > 1}
    detail = "; ".join(f"{field}: " + " or ".join(map(str, values)) for field, values in doubtful.items())
    sure = min(_sure(verdict, field) for field in doubtful)
    return review(" and ".join(doubtful), f"{detail}, with different liaisons", sure)


def _takers(
    verdict: Verdict | Decision, policy: Policy, partner_type: str | None, region: str
) -> frozenset[str]:
    """Return the ids of those who take inquiries of this type and region; of the fallback where nobody does."""
    country = verdict.tags.country if region == verdict.tags.region else None
    takers = frozenset(one.id for one in policy.liaisons if covers(one, partner_type, country, region))
    return takers or frozenset({policy.fallback})


def _plausible_types(
    verdict: Verdict | Decision, policy: Policy, taxonomy: Taxonomy
) -> tuple[str | None, ...]:
    chosen = verdict.tags.partner_type
    if chosen is None or "partner_type" not in verdict.abstained:
        return (chosen,)
    probable = spread(by_field(verdict.evidence), "partner_type", taxonomy)
    return _with_rivals(chosen, probable, policy)


def _plausible_regions(verdict: Verdict | Decision, policy: Policy, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the chosen region and its rivals.

    The clues are log-odds that add up by country, so a rival is as much less probable than the chosen region as the
    exponential of what it has less.
    """
    chosen = verdict.tags.region or UNKNOWN
    odds = _odds(verdict.evidence, taxonomy)
    if "region" not in verdict.abstained or chosen not in odds:
        return (chosen,)
    sure = _sure(verdict, "region")
    probable = {region: min(sure * odd / odds[chosen], 1.0 - sure) for region, odd in odds.items()}
    return _with_rivals(chosen, probable, policy)


def _odds(evidence: Iterable[Evidence], taxonomy: Taxonomy) -> dict[str, float]:
    """Return region to odds, as far as single clues speak for it."""
    total: dict[tuple[str, str], float] = {}
    clue = Source.REGION
    for item in (one for one in evidence if one.source is clue and one.name != ALL_CLUES):
        region = taxonomy.region_of(item.value) if item.field == "country" else item.value
        if region:
            total[region, item.value] = total.get((region, item.value), 0.0) + item.score
    odds: dict[str, float] = {}
    for (region, _), score in total.items():
        odds[region] = odds.get(region, 0.0) + math.exp(min(max(score, -50.0), 50.0))
    return odds


def _with_rivals(chosen: str, probable: dict[str, float], policy: Policy) -> tuple[str, ...]:
    rivals = sorted(
        (value for value, sure in probable.items() if sure >= policy.decisions.plausible and value != chosen),
        key=lambda value: (-probable[value], value),
    )
    return (chosen, *rivals)


def _sure(verdict: Verdict | Decision, field: str) -> float:
    return verdict.confidence.get(field, 0.0)
