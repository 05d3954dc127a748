"""The judge: from rules, model and clues to tags, how sure they are, and what becomes of the message.

The model decides where it speaks, else the rules' own vote; a rule that must be obeyed overrides both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from pipeline.records.decisions import (
    LIST_FIELDS,
    SCALAR_FIELDS,
    Disposition,
    Evidence,
    RuleHit,
    Source,
    Tags,
)
from pipeline.routing.disposition import MUSTS_DISAGREE, Choice, disposition_of
from pipeline.routing.policy import Limits
from pipeline.routing.routes import Route, route_of_rules
from pipeline.routing.scope import UNKNOWN
from pipeline.routing.weigh import Said, by_field, in_order, probability, review, spread
from pipeline.taxonomy import Taxonomy

# Value to rules that say it must be so.
Claims = Mapping[str, Sequence[str]]

# What is meant where nothing speaks at all: a message whose loss would be worst, a person without a house,
# nothing that stands against us.
_SILENCE = {"kind": "partnership", "partner_type": "individual", "alignment": "aligned"}


class Place(Protocol):
    """Where an inquiry comes from, as all its clues together tell."""

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2, or None if nothing tells."""

    @property
    def region(self) -> str:
        """A value of the taxonomy; ``unknown`` if nothing tells."""

    @property
    def country_confidence(self) -> float:
        """How probable the country is, 0 to 1."""

    @property
    def region_confidence(self) -> float:
        """How probable the region is, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge says: the parts of a Decision that follow from the evidence.

    Parameters
    ----------
    tags
        Without the criteria.
    confidence
        Field to probability for each field that has a value.
    abstained
        Fields whose value is only the best guess.
    disposition
        What becomes of the message.
    evidence
        All of it, by field, strongest first; why a person has to look comes first, as ``disposition=review``.
    route
        Who gets it because a rule says so: the id of a liaison, or a place of the liaisons' file.
    """

    tags: Tags
    confidence: Mapping[str, float]
    abstained: tuple[str, ...]
    disposition: Disposition
    evidence: tuple[Evidence, ...]
    route: str | None = None


def judge(
    hits: Sequence[RuleHit],
    evidence: Sequence[Evidence],
    place: Place,
    thresholds: Mapping[str, float],
    choose: Mapping[str, float],
    taxonomy: Taxonomy,
    limits: Limits | None = None,
) -> Verdict:
    """Decide about one message.

    Parameters
    ----------
    hits
        Rules that matched.
    evidence
        Of the model (probabilities), of the rule layer (its vote is called ``rules``), of places.
    place
        Country and region of all clues together.
    thresholds
        Field to the probability below which its value is only the best guess; over 1 if it always is.
    choose
        ``field=value`` to the probability from which a list takes the value; of a field with one value, to that by which
        the probability is divided before the largest is taken.
    limits
        What holds where these two say nothing, and when a message may be filed.
    """
    limits = limits or Limits()
    claims, told = _claims(hits, taxonomy), by_field(evidence)
    kind = _choice("kind", claims, told, taxonomy, choose)
    labels = taxonomy.labels(kind.value or "")
    scalars = {"kind": kind, **_scalars(labels, claims, told, place, taxonomy, choose)}
    lists = {
        field: _chosen(field, claims.get(field, {}), told, choose, taxonomy, limits)
        for field in LIST_FIELDS
        if field in labels
    }
    confidence = _confidence(scalars, lists)
    abstained = _abstained(confidence, scalars, thresholds, limits)
    kinds = spread(told, "kind", taxonomy)
    route = route_of_rules(hits)
    disposition, reasons = _disposed(hits, scalars, "kind" in abstained, kinds, limits, route)
    return Verdict(
        tags=_tags(scalars, lists),
        confidence=confidence,
        abstained=abstained,
        disposition=disposition,
        evidence=in_order((*reasons, *route.evidence, *evidence, *_heard(hits, evidence))),
        route=route.name,
    )


def _disposed(
    hits: Sequence[RuleHit],
    scalars: Mapping[str, Choice],
    unsure: bool,
    kinds: Mapping[str, float],
    limits: Limits,
    route: Route,
) -> tuple[Disposition, tuple[Evidence, ...]]:
    """Return what becomes of the message; where rules disagree on who gets it, a person says so."""
    disposition, reasons = disposition_of(hits, scalars, unsure, kinds, limits)
    if route.dispute and disposition is not Disposition.FILE:
        return Disposition.REVIEW, (*reasons, review(MUSTS_DISAGREE, route.dispute))
    return disposition, reasons


def _claims(hits: Sequence[RuleHit], taxonomy: Taxonomy) -> dict[str, dict[str, list[str]]]:
    """Return field to value to the rules that say it must be so; unknown values are left out."""
    claims: dict[str, dict[str, list[str]]] = {}
    for hit in hits:
        for tag in hit.tags if hit.must else ():
            field, _, value = tag.partition("=")
            if value in taxonomy.values(field):
                claiming = claims.setdefault(field, {}).setdefault(value, [])
                claiming += [hit.rule] if hit.rule not in claiming else []
    return claims


def _choice(
    field: str,
    claims: Mapping[str, Claims],
    told: Said,
    taxonomy: Taxonomy,
    choose: Mapping[str, float] = MappingProxyType({}),
) -> Choice:
    """Return the value that must be, else the most probable as weighed by its rate, else what silence means."""
    probable = spread(told, field, taxonomy)
    forced = claims.get(field, {})
    # Of equals the guide's first: partnership is the kind that may not be lost.
    ranked = sorted(
        taxonomy.values(field),
        key=lambda value: -probable.get(value, 0.0) / choose.get(f"{field}={value}", 1.0),
    )
    if forced:
        best = next(value for value in ranked if value in forced)
        return Choice(best, 1.0 / len(forced), True, _dispute(field, forced) if len(forced) > 1 else "")
    if probable:
        return Choice(ranked[0], probable.get(ranked[0], 0.0))
    silent = _SILENCE.get(field)
    return Choice(silent if silent in ranked else ranked[0], 1.0 / len(ranked))


def _dispute(field: str, forced: Claims) -> str:
    sides = (f"{value} ({', '.join(rules)})" for value, rules in sorted(forced.items()))
    return f"rules disagree on {field}: " + " against ".join(sides)


def _scalars(
    labels: frozenset[str],
    claims: Mapping[str, Claims],
    told: Said,
    place: Place,
    taxonomy: Taxonomy,
    choose: Mapping[str, float],
) -> dict[str, Choice]:
    choices: dict[str, Choice] = {
        field: _choice(field, claims, told, taxonomy, choose)
        for field in ("partner_type", "alignment")
        if field in labels
    }
    located = _located(claims, told, place, taxonomy) if labels & {"country", "region"} else {}
    return {**choices, **{field: choice for field, choice in located.items() if field in labels}}


def _located(claims: Mapping[str, Claims], told: Said, place: Place, taxonomy: Taxonomy) -> dict[str, Choice]:
    """Return country and region: what must be, else what the clues tell, else what the witnesses say."""
    country, region = place.country, place.region
    seat = Choice(country, probability(place.country_confidence))
    if "country" in claims or (country is None and spread(told, "country", taxonomy)):
        seat = _choice("country", claims, told, taxonomy)
    if "region" in claims:
        area = _choice("region", claims, told, taxonomy)
    elif seat.value and (seat.value != country or region == UNKNOWN):
        area = Choice(taxonomy.region_of(seat.value) or UNKNOWN, seat.probability)
    elif region == UNKNOWN and spread(told, "region", taxonomy):
        area = _choice("region", claims, told, taxonomy)
    else:
        area = Choice(region, probability(place.region_confidence))
    return {"country": seat, "region": area}


def _chosen(
    field: str,
    forced: Claims,
    told: Said,
    choose: Mapping[str, float],
    taxonomy: Taxonomy,
    limits: Limits,
) -> dict[str, float]:
    """Return the values that a list takes, in the guide's order, with their probabilities."""
    probable = {**spread(told, field, taxonomy), **dict.fromkeys(forced, 1.0)}
    return {
        value: probable[value]
        for value in taxonomy.values(field)
        if value in probable
        and (value in forced or probable[value] >= choose.get(f"{field}={value}", limits.choose))
    }


def _confidence(scalars: Mapping[str, Choice], lists: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    sure = {field: choice.probability for field, choice in scalars.items() if choice.value is not None}
    sure |= {field: min(values.values()) for field, values in lists.items() if values}
    return {field: sure[field] for field in (*SCALAR_FIELDS, *LIST_FIELDS) if field in sure}


def _abstained(
    confidence: Mapping[str, float],
    scalars: Mapping[str, Choice],
    thresholds: Mapping[str, float],
    limits: Limits,
) -> tuple[str, ...]:
    """Return the fields whose value is only the best guess.

    A model that can only guess a field says so by a threshold over 1; what must be is certain all the same.
    """
    disputed = {field for field, choice in scalars.items() if choice.disputed}
    return tuple(
        field
        for field, sure in confidence.items()
        if field in disputed or sure < min(thresholds.get(field, limits.threshold), 1.0)
    )


def _tags(scalars: Mapping[str, Choice], lists: Mapping[str, Mapping[str, float]]) -> Tags:
    values = {field: choice.value for field, choice in scalars.items()}
    return Tags(
        kind=values["kind"] or UNKNOWN,
        partner_type=values.get("partner_type"),
        activities=tuple(lists.get("activities", ())),
        country=values.get("country"),
        region=values.get("region"),
        alignment=values.get("alignment"),
        priorities=tuple(lists.get("priorities", ())),
    )


def _heard(hits: Sequence[RuleHit], evidence: Sequence[Evidence]) -> Iterator[Evidence]:
    """Yield the hits as evidence, where the rule layer has not said so itself."""
    known = {(item.name, item.tag) for item in evidence if item.source is Source.RULE}
    for hit in hits:
        for tag in hit.tags:
            if (hit.rule, tag) not in known:
                yield Evidence(
                    source=Source.RULE, name=hit.rule, tag=tag, score=hit.weight, detail=hit.matched
                )
