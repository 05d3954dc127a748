"""The judge, case by case: which witness decides, what is abstained from, and what becomes of the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.decisions import CRITERIA_FIELDS, LIST_FIELDS, Disposition, Evidence, RuleHit, Source
from pipeline.routing.decide import Verdict, judge
from pipeline.routing.policy import Limits
from pipeline.taxonomy import Taxonomy

ASSIGN, REVIEW, FILE = Disposition.ASSIGN, Disposition.REVIEW, Disposition.FILE


class Where(NamedTuple):
    country: str | None = None
    region: str = "unknown"
    country_confidence: float = 0.0
    region_confidence: float = 0.3


def model(**kinds: float) -> tuple[Evidence, ...]:
    return said(Source.MODEL, "base", "kind", kinds)


def rules(**kinds: float) -> tuple[Evidence, ...]:
    return said(Source.RULE, "rules", "kind", kinds)


def said(source: Source, name: str, field: str, values: dict[str, float]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(source=source, name=name, tag=f"{field}={value}", score=score)
        for value, score in values.items()
    )


def decide(
    taxonomy: Taxonomy,
    evidence: tuple[Evidence, ...] = (),
    hits: tuple[RuleHit, ...] = (),
    where: Where | None = None,
    **given: Any,
) -> Verdict:
    return judge(
        hits,
        evidence,
        where or Where(),
        given.get("thresholds", {}),
        given.get("choose", {}),
        taxonomy,
        given.get("limits"),
    )


SURE = model(partnership=0.96, business=0.04)


@pytest.mark.parametrize(
    ("evidence", "kind", "disposition"),
    [
        (model(partnership=0.9, spam=0.1), "partnership", ASSIGN),
        (model(endorsement=0.6, partnership=0.4), "endorsement", ASSIGN),
        (
            model(partnership=0.48, endorsement=0.45, business=0.07),
            "partnership",
            ASSIGN,
        ),  # one liaison either way
        (model(partnership=0.45, business=0.4, spam=0.15), "partnership", REVIEW),
        (model(business=0.45, partnership=0.4, spam=0.15), "business", REVIEW),
        (
            model(partnership=0.48, spam=0.1, automated=0.1, endorsement=0.32),
            "partnership",
            REVIEW,
        ),  # 0.2 together
        (model(spam=0.985, business=0.01, partnership=0.005), "spam", FILE),
        (
            model(spam=0.95, partnership=0.03, business=0.02),
            "spam",
            REVIEW,
        ),  # an honest inquiry is too probable
        (model(spam=0.95, endorsement=0.03, business=0.02), "spam", REVIEW),
        (model(spam=0.85, business=0.15), "spam", REVIEW),  # not sure enough
        (model(spam=0.5, automated=0.5), "spam", FILE),  # either way it is filed
        (model(automated=0.97), "automated", REVIEW),  # what is left open may be honest
        (rules(spam=0.99, business=0.01), "spam", FILE),
        (
            rules(spam=0.99, business=0.01) + model(partnership=0.9, spam=0.1),
            "partnership",
            ASSIGN,
        ),  # the model decides
        ((), "partnership", REVIEW),
        (model(nonsense=1.0), "partnership", REVIEW),  # no such kind
        (model(spam=float("nan"), partnership=0.9), "partnership", ASSIGN),
    ],
)
def test_kind_and_disposition(
    evidence: tuple[Evidence, ...], kind: str, disposition: Disposition, taxonomy: Taxonomy
) -> None:
    verdict = decide(taxonomy, evidence)
    assert (verdict.tags.kind, verdict.disposition) == (kind, disposition)


@pytest.mark.parametrize(
    ("hits", "evidence", "kind", "disposition"),
    [
        ([("bounce", True, "kind=automated")], SURE, "automated", FILE),  # a must is obeyed
        ([("lottery", True, "kind=spam")], (), "spam", FILE),
        ([("letter", True, "kind=endorsement")], model(spam=1.0), "endorsement", ASSIGN),
        (
            [("bounce", False, "kind=automated")],
            SURE,
            "partnership",
            ASSIGN,
        ),  # a hint is the model's to weigh
        ([("a", True, "kind=spam"), ("b", True, "kind=automated")], SURE, "spam", REVIEW),
        ([("a", True, "kind=spam"), ("b", True, "kind=spam")], SURE, "spam", FILE),
        (
            [("a", True, "kind=spam"), ("b", True, "kind=business")],
            model(business=0.9, spam=0.1),
            "business",
            REVIEW,
        ),
        ([("a", True, "disposition=review", "kind=spam")], (), "spam", REVIEW),
        ([("a", False, "disposition=review")], SURE, "partnership", REVIEW),
        ([("a", True, "disposition=file")], SURE, "partnership", FILE),
        ([("a", False, "disposition=file")], SURE, "partnership", ASSIGN),  # a hint may not lose an inquiry
        ([("a", False, "disposition=file")], model(misdirected=0.99, spam=0.01), "misdirected", FILE),
        ([("a", True, "disposition=file"), ("b", True, "disposition=review")], SURE, "partnership", REVIEW),
        ([("a", True, "disposition=file"), ("b", True, "kind=partnership")], (), "partnership", REVIEW),
        (
            [("a", True, "partner_type=museum"), ("b", True, "partner_type=library")],
            SURE,
            "partnership",
            REVIEW,
        ),
        (
            [("a", True, "alignment=aligned"), ("b", True, "kind=spam"), ("c", True, "alignment=unclear")],
            (),
            "spam",
            FILE,
        ),
    ],
)
def test_musts_and_wishes(
    hits: list[tuple[Any, ...]],
    evidence: tuple[Evidence, ...],
    kind: str,
    disposition: Disposition,
    taxonomy: Taxonomy,
    hit: Callable[..., RuleHit],
) -> None:
    verdict = decide(taxonomy, evidence, tuple(hit(rule, *tags, must=must) for rule, must, *tags in hits))
    assert (verdict.tags.kind, verdict.disposition) == (kind, disposition)


def test_disagreeing_musts_are_both_named(taxonomy: Taxonomy, hit: Callable[..., RuleHit]) -> None:
    hits = (
        hit("one", "partner_type=museum"),
        hit("two", "partner_type=library"),
        hit("three", "partner_type=library"),
    )
    verdict = decide(taxonomy, SURE + said(Source.MODEL, "base", "partner_type", {"library": 0.9}), hits)
    assert verdict.tags.partner_type == "library"
    assert verdict.confidence["partner_type"] == 0.5
    assert "partner_type" in verdict.abstained
    assert verdict.evidence[0].tag == "disposition=review"
    assert (
        verdict.evidence[0].detail
        == "rules disagree on partner_type: library (two, three) against museum (one)"
    )


def test_a_must_is_certain(taxonomy: Taxonomy, hit: Callable[..., RuleHit]) -> None:
    verdict = decide(
        taxonomy, SURE, (hit("a", "partner_type=museum", "country=KE"),), thresholds={"partner_type": 1.01}
    )
    assert verdict.tags.partner_type == "museum"
    assert (verdict.tags.country, verdict.tags.region) == ("KE", "sub_saharan_africa")
    assert verdict.confidence["partner_type"] == verdict.confidence["country"] == 1.0
    assert "partner_type" not in verdict.abstained


@pytest.mark.parametrize(
    "kind", ["partnership", "endorsement", "business", "misdirected", "spam", "automated"]
)
def test_only_what_the_guide_labels(kind: str, taxonomy: Taxonomy, hit: Callable[..., RuleHit]) -> None:
    everything = (
        said(Source.MODEL, "base", "partner_type", {"museum": 0.9})
        + said(Source.MODEL, "base", "alignment", {"aligned": 0.9})
        + said(Source.MODEL, "base", "activities", {"technology": 0.9})
        + said(Source.MODEL, "base", "priorities", {"quality": 0.9})
    )
    verdict = decide(
        taxonomy,
        model(**{kind: 1.0}) + everything,
        (hit("a", "activities=research"),),
        Where("IN", "south_asia", 0.9, 0.95),
    )
    labelled = taxonomy.labels(kind) - set(CRITERIA_FIELDS)
    given = {field for field in verdict.confidence if getattr(verdict.tags, field)}
    assert given == {"kind", *labelled} == set(verdict.confidence)
    for field in ("partner_type", "country", "region", "alignment", *LIST_FIELDS):
        assert bool(getattr(verdict.tags, field)) is (field in labelled)


@pytest.mark.parametrize(
    ("where", "country", "region", "keys"),
    [
        (Where("IN", "south_asia", 0.8, 0.9), "IN", "south_asia", {"country": 0.8, "region": 0.9}),
        (Where(), None, "unknown", {"region": 0.3}),
        (Where(None, "global", 0.7, 0.6), None, "global", {"region": 0.6}),
        (Where("IN", "unknown", 0.8, 0.1), "IN", "south_asia", {"country": 0.8, "region": 0.8}),
    ],
)
def test_places(
    where: Where, country: str | None, region: str, keys: dict[str, float], taxonomy: Taxonomy
) -> None:
    verdict = decide(taxonomy, SURE, where=where)
    assert (verdict.tags.country, verdict.tags.region) == (country, region)
    assert {
        field: verdict.confidence[field] for field in ("country", "region") if field in verdict.confidence
    } == keys


def test_other_witnesses_tell_the_region_where_no_clue_does(taxonomy: Taxonomy) -> None:
    voted = said(Source.RULE, "rules", "region", {"global": 0.7, "unknown": 0.1})
    assert decide(taxonomy, SURE + voted).tags.region == "global"
    assert (
        decide(taxonomy, SURE + voted, where=Where("IN", "south_asia", 0.6, 0.7)).tags.region == "south_asia"
    )


def test_lists_take_what_is_probable_enough(taxonomy: Taxonomy, hit: Callable[..., RuleHit]) -> None:
    some = said(
        Source.MODEL,
        "base",
        "activities",
        {"technology": 0.55, "content_donation": 0.6, "research": 0.3, "funding": 0.2},
    )
    verdict = decide(
        taxonomy, SURE + some, choose={"activities=research": 0.25, "activities=technology": 0.6}
    )
    assert verdict.tags.activities == ("content_donation", "research")
    assert verdict.confidence["activities"] == 0.3
    assert "activities" in verdict.abstained
    assert verdict.tags.priorities == ()
    assert "priorities" not in verdict.confidence
    forced = decide(taxonomy, SURE + some, (hit("a", "activities=funding"), hit("b", "activities=advocacy")))
    assert forced.tags.activities == ("content_donation", "technology", "funding", "advocacy")
    assert forced.disposition is ASSIGN


def test_a_rare_value_may_be_taken_before_the_most_probable(taxonomy: Taxonomy) -> None:
    some = said(Source.MODEL, "base", "alignment", {"aligned": 0.5, "unclear": 0.45, "not_aligned": 0.05})
    assert decide(taxonomy, SURE + some).tags.alignment == "aligned"
    verdict = decide(taxonomy, SURE + some, choose={"alignment=unclear": 0.7, "alignment=not_aligned": 0.7})
    assert verdict.tags.alignment == "unclear"
    assert verdict.confidence["alignment"] == 0.45


def test_thresholds_say_what_is_only_a_guess(taxonomy: Taxonomy) -> None:
    some = said(Source.MODEL, "base", "partner_type", {"museum": 0.6, "archive": 0.4})
    assert "partner_type" not in decide(taxonomy, SURE + some).abstained
    assert "partner_type" in decide(taxonomy, SURE + some, thresholds={"partner_type": 0.61}).abstained
    assert "partner_type" in decide(taxonomy, SURE + some, limits=Limits(threshold=0.7)).abstained


def test_a_best_guess_is_always_given(taxonomy: Taxonomy) -> None:
    verdict = decide(taxonomy, SURE)
    assert verdict.tags.partner_type == "individual"
    assert verdict.tags.alignment == "aligned"
    assert {"partner_type", "alignment", "region"} <= set(verdict.abstained)


def test_limits_may_be_set(taxonomy: Taxonomy) -> None:
    evidence = model(spam=0.85, business=0.15)
    assert decide(taxonomy, evidence, limits=Limits(file=0.8)).disposition is FILE
    assert (
        decide(
            taxonomy, model(partnership=0.45, business=0.55), limits=Limits(threshold=0.6, plausible=0.5)
        ).disposition
        is ASSIGN
    )


def test_evidence_is_kept_and_ordered(taxonomy: Taxonomy, hit: Callable[..., RuleHit]) -> None:
    clue = Evidence(source=Source.REGION, name="phone", tag="country=IN", score=3.0)
    weak = Evidence(source=Source.REGION, name="word", tag="country=IN", score=-1.0)
    hits = (hit("a", "kind=partnership", must=False), hit("b", "partner_type=museum", must=False))
    listed = Evidence(
        source=Source.RULE, name="b", tag="partner_type=museum", score=1.0, detail="body: 'word'"
    )
    verdict = decide(taxonomy, (weak, clue, *SURE, listed), hits)
    assert [(item.name, item.tag) for item in verdict.evidence] == [
        ("base", "kind=partnership"),
        ("a", "kind=partnership"),  # log-odds 1.0 mean 0.73
        ("base", "kind=business"),
        ("b", "partner_type=museum"),  # once, as the rule layer told it
        ("phone", "country=IN"),
        ("word", "country=IN"),
    ]


scores = st.floats(allow_nan=True, allow_infinity=True)
tags = st.sampled_from(
    [
        "kind=spam",
        "kind=partnership",
        "kind=automated",
        "partner_type=museum",
        "partner_type=x",
        "country=IN",
        "country=",
        "region=global",
        "activities=research",
        "disposition=file",
        "disposition=review",
        "nonsense",
        "=",
    ]
)
pieces = st.builds(
    Evidence,
    source=st.sampled_from(Source),
    name=st.sampled_from(["rules", "base", "place"]),
    tag=tags,
    score=scores,
)
matches = st.builds(
    RuleHit,
    rule=st.sampled_from("ab"),
    tags=st.lists(tags, max_size=3).map(tuple),
    must=st.booleans(),
    weight=scores,
    view=st.none(),
    matched=st.just(""),
)


@given(hits=st.lists(matches, max_size=6), evidence=st.lists(pieces, max_size=12))
def test_whatever_the_witnesses_say_the_verdict_is_whole(
    hits: list[RuleHit], evidence: list[Evidence], taxonomy: Taxonomy
) -> None:
    verdict = decide(taxonomy, tuple(evidence), tuple(hits))
    assert verdict.tags.kind in taxonomy.values("kind")
    assert all(0.0 <= sure <= 1.0 for sure in verdict.confidence.values())
    assert set(verdict.abstained) <= set(verdict.confidence)
    assert set(verdict.confidence) == {
        field
        for field in ("kind", "partner_type", "country", "region", "alignment", *LIST_FIELDS)
        if getattr(verdict.tags, field)
    }
    assert len(verdict.evidence) >= len(evidence)
    if verdict.disposition is FILE:
        musts = {tag for hit in hits if hit.must for tag in hit.tags}
        assert verdict.tags.kind in ("spam", "automated") or any(
            "disposition=file" in hit.tags for hit in hits
        )
        assert "disposition=review" not in musts
