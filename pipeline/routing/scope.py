"""Who takes what: how well a liaison suits an inquiry, told apart by place, type, activities and language.

Place and type are limits, because a liaison names them to keep the rest away. Activities and language are
preferences: activities are read off the text with many errors, and an inquiry in a language that nobody of
its region reads still belongs to somebody there.
"""

from __future__ import annotations

from collections.abc import Collection
from math import inf

from pipeline.routing.policy import Liaison, Policy
from pipeline.taxonomy import Taxonomy

UNKNOWN = "unknown"

# In one unit, the distance between a liaison who names the inquiry's country and one who names its region.
NAMED, LISTED, BLANKET = 0.0, 1.0, 2.0
_ANY_TYPE = 0.5
_ANY_ACTIVITY = 0.5
_OTHER_ACTIVITY = 2.0
# More than all others and a full desk together: nobody can answer what they cannot read.
NOT_READ = 8.0


def place_cost(liaison: Liaison, country: str | None, region: str | None) -> float:
    """Return how far a place is from what `liaison` takes; infinite if they do not take it.

    An unknown place is everybody's, so that language and load decide.
    """
    if country and country in liaison.countries:
        return NAMED
    if (region or UNKNOWN) in liaison.regions:
        return LISTED
    if region in (None, UNKNOWN) or not (liaison.regions or liaison.countries):
        return BLANKET
    return inf


def type_cost(liaison: Liaison, partner_type: str | None) -> float:
    """Return how far a type of partner is from what `liaison` takes; infinite if they do not take it."""
    if partner_type is None or not liaison.partner_types:
        return _ANY_TYPE
    return 0.0 if partner_type in liaison.partner_types else inf


def activity_cost(liaison: Liaison, activities: Collection[str]) -> float:
    """Return how far the activities are from what `liaison` prefers."""
    if not activities or not liaison.activities:
        return _ANY_ACTIVITY
    return 0.0 if any(activity in liaison.activities for activity in activities) else _OTHER_ACTIVITY


def language_cost(liaison: Liaison, language: str) -> float:
    """Return what it costs that `liaison` may not read the `language`; nothing if it is undetermined."""
    return 0.0 if reads(liaison, language) else NOT_READ


def reads(liaison: Liaison, language: str) -> bool:
    """Return whether `liaison` reads the `language`, as far as is known."""
    return language in ("", "und") or not liaison.languages or language in liaison.languages


def covers(liaison: Liaison, partner_type: str | None, country: str | None, region: str | None) -> bool:
    """Return whether place and type are within what `liaison` takes."""
    return place_cost(liaison, country, region) + type_cost(liaison, partner_type) < inf


def uncovered(policy: Policy, taxonomy: Taxonomy) -> tuple[tuple[str, str], ...]:
    """Return each (partner type, region) that only the fallback would get.

    The fallback counts where they name regions or types themselves. A liaison who names countries alone covers
    a region if they name all of it.
    """
    people = specialists(policy)
    return tuple(
        (partner_type, region)
        for region in taxonomy.values("region")
        for partner_type in taxonomy.values("partner_type")
        if region != UNKNOWN and not any(takes_all(one, partner_type, region, taxonomy) for one in people)
    )


def specialists(policy: Policy) -> tuple[Liaison, ...]:
    """Return all takers, the fallback only if they name a region, a country or a type themselves."""
    return tuple(
        one
        for one in policy.takers
        if one.id != policy.fallback or one.regions or one.countries or one.partner_types
    )


def takes_all(liaison: Liaison, partner_type: str, region: str, taxonomy: Taxonomy) -> bool:
    """Return whether a liaison takes a type of partner from all of a region."""
    if covers(liaison, partner_type, None, region):
        return True
    inside = [country for country, lies_in in taxonomy.countries.items() if lies_in == region]
    return bool(inside) and all(covers(liaison, partner_type, country, region) for country in inside)
