"""Doubt sends a message to review only where it decides who gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.records.decisions import Decision, Disposition, Evidence, Source, Tags
from pipeline.routing.contest import settle
from pipeline.routing.decide import Verdict
from pipeline.routing.policy import Policy, Routes
from pipeline.taxonomy import Taxonomy

REGION, MODEL = Source.REGION, Source.MODEL
Said = Callable[..., Evidence]


def verdict(evidence: tuple[Evidence, ...], abstained: tuple[str, ...], **tags: Any) -> Verdict:
    values = {"kind": "partnership", "partner_type": "museum", "region": "south_asia", **tags}
    return Verdict(
        tags=Tags(**values),
        confidence={"kind": 0.5, "partner_type": 0.5, "region": 0.5},
        abstained=abstained,
        disposition=Disposition.ASSIGN,
        evidence=evidence,
    )


@pytest.fixture(scope="module")
def by_region(liaison: Callable[..., Any], policy: Callable[..., Policy]) -> Policy:
    return policy(
        liaison("asia", regions=("south_asia", "east_asia_pacific")),
        liaison("europe", regions=("northern_western_europe",)),
        routes=Routes(endorsement="asia"),
    )


@pytest.fixture(scope="module")
def by_type(liaison: Callable[..., Any], policy: Callable[..., Policy]) -> Policy:
    return policy(
        liaison("heritage", partner_types=("museum", "archive")),
        liaison("rest", partner_types=("university",)),
    )


@pytest.mark.parametrize(
    ("clues", "abstained", "disposition"),
    [
        ((("country=IN", 2.0), ("country=FR", 1.8)), ("region",), Disposition.REVIEW),
        ((("country=IN", 2.0), ("country=FR", 1.8)), (), Disposition.ASSIGN),  # the region is sure
        (
            (("country=IN", 2.0), ("country=FR", 0.2)),
            ("region",),
            Disposition.ASSIGN,
        ),  # France is not plausible
        ((("country=IN", 2.0), ("country=JP", 1.9)), ("region",), Disposition.ASSIGN),  # the same liaison
        (
            (("country=IN", 2.0), ("region=global", 2.0)),
            ("region",),
            Disposition.REVIEW,
        ),  # only the fallback gets these
        (
            (("country=IN", 2.0), ("country=FR", 0.9), ("country=FR", 0.9)),
            ("region",),
            Disposition.REVIEW,
        ),  # adds up
        ((), ("region",), Disposition.ASSIGN),
    ],
)
def test_rival_regions(
    clues: tuple[tuple[str, float], ...],
    abstained: tuple[str, ...],
    disposition: Disposition,
    by_region: Policy,
    taxonomy: Taxonomy,
    said: Said,
) -> None:
    evidence = tuple(said(tag, score, REGION, "word") for tag, score in clues)
    fallback_elsewhere = by_region.model_copy(update={"fallback": "europe"})
    assert settle(verdict(evidence, abstained), fallback_elsewhere, taxonomy).disposition is disposition


def test_rival_types(by_type: Policy, taxonomy: Taxonomy, said: Said) -> None:
    far = (said("partner_type=museum", 0.5), said("partner_type=university", 0.4))
    near = (
        said("partner_type=museum", 0.5),
        said("partner_type=archive", 0.4),
        said("partner_type=university", 0.1),
    )
    settled = settle(verdict(far, ("partner_type",)), by_type, taxonomy)
    assert settled.disposition is Disposition.REVIEW
    assert settled.evidence[0].detail == "partner_type: museum or university, with different liaisons"
    assert settled.evidence[0].score == 0.5
    assert settle(verdict(near, ("partner_type",)), by_type, taxonomy).disposition is Disposition.ASSIGN
    assert settle(verdict(far, ()), by_type, taxonomy).disposition is Disposition.ASSIGN


def test_rival_kinds(by_region: Policy, taxonomy: Taxonomy, said: Said) -> None:
    rivals = (said("kind=partnership", 0.5), said("kind=endorsement", 0.4))
    assert settle(verdict(rivals, ("kind",)), by_region, taxonomy).disposition is Disposition.REVIEW
    without = by_region.model_copy(update={"routes": Routes()})
    assert settle(verdict(rivals, ("kind",)), without, taxonomy).disposition is Disposition.ASSIGN


def test_a_route_of_its_own_makes_place_and_type_indifferent(
    by_region: Policy, taxonomy: Taxonomy, said: Said
) -> None:
    clues = (said("country=IN", 2.0, REGION, "word"), said("country=FR", 1.9, REGION, "word"))
    routed = verdict(clues, ("region",), kind="endorsement")
    assert settle(routed, by_region, taxonomy).disposition is Disposition.ASSIGN


@pytest.mark.parametrize("disposition", [Disposition.REVIEW, Disposition.FILE])
def test_only_what_would_be_assigned(
    disposition: Disposition, by_type: Policy, taxonomy: Taxonomy, entry: Callable[..., Any], said: Said
) -> None:
    far = (said("partner_type=archive", 0.5), said("partner_type=university", 0.4))
    given = {"evidence": far, "abstained": ("partner_type",), "confidence": {"partner_type": 0.5}}
    decided: Decision = entry("K1", **given).decision
    assert settle(decided, by_type, taxonomy).disposition is Disposition.REVIEW
    other: Decision = entry("K1", disposition=disposition, **given).decision
    assert settle(other, by_type, taxonomy) is other
