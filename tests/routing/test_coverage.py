"""What nobody covers: gaps of regions, types and languages; and the sample of the policy shows all there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.routing.coverage import expected_languages, gaps
from pipeline.routing.duetimes import Alerts
from pipeline.routing.policy import Forward, Group, Liaison, Policy, load_policy
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Any]


def test_gaps_are_merged_and_what_nobody_takes_comes_first(taxonomy: Taxonomy, liaison: Make) -> None:
    types = taxonomy.values("partner_type")
    regions = [one for one in taxonomy.values("region") if one != "unknown"]
    some = Policy(
        fallback="gap",
        liaisons=(
            liaison("gap"),
            liaison(
                "ana", regions=tuple(one for one in regions if one != "south_asia"), languages=("en", "es")
            ),
            liaison("ben", regions=("south_asia",), partner_types=("museum",)),
        ),
    )
    first, second = gaps(some, taxonomy, ("es", "fr"))
    assert (first.regions, first.languages) == (("south_asia",), ())
    assert set(first.types) == set(types) - {"museum"}
    assert first.combinations == len(types) - 1
    assert (second.types, second.languages) == (types, ("fr",))
    assert set(second.regions) == set(regions) - {"south_asia"}
    everybody = Policy(fallback="gap", liaisons=(liaison("gap", regions=tuple(regions)),))
    assert gaps(everybody, taxonomy) == ()


def test_every_gap_is_one_and_nothing_else_is(rules: Path, taxonomy: Taxonomy) -> None:
    policy = load_policy(rules, taxonomy)
    found = gaps(policy, taxonomy)
    told = {
        (region, one, language)
        for gap in found
        for region in gap.regions
        for one in gap.types
        for language in gap.languages
    }
    assert sum(gap.combinations for gap in found) == len(told)
    people = [one for one in policy.takers if one.regions]
    for region in (one for one in taxonomy.values("region") if one != "unknown"):
        for language in expected_languages(region, taxonomy):
            read = any(region in one.regions and language in one.languages for one in people)
            assert all(
                ((region, one, language) in told) is not read for one in taxonomy.values("partner_type")
            )


def test_languages_of_a_region_are_the_larger_official_ones(taxonomy: Taxonomy) -> None:
    assert expected_languages("middle_east_north_africa", taxonomy) == ("ar", "en", "fa", "fr", "he")
    assert expected_languages("global", taxonomy) == ("en",)
    assert "pt" in expected_languages("latin_america_caribbean", taxonomy)


def test_the_sample_has_all_there_is_to_copy(rules: Path, taxonomy: Taxonomy) -> None:
    text = (rules / "liaisons.toml").read_text(encoding="utf-8")
    for model in (Policy, Liaison, Group, Forward, Alerts):
        for name in model.model_fields:
            assert name in text, name
    policy = load_policy(rules, taxonomy)
    assert {group.kind for group in policy.groups} == {"team", "chapter"}
    assert {forward.topic for forward in policy.forwards} == {"donations", "press", "legal", "support"}
    addresses = [desk.address for desk in policy.desks] + [one.address for one in policy.forwards]
    assert all(address and address.endswith(".example") for address in addresses)
