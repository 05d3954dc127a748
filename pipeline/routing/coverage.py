"""Which partner type from which region, writing in which language, would reach nobody who takes and reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.routing import scope
from pipeline.routing.holidays import has_holidays
from pipeline.routing.policy import Policy
from pipeline.taxonomy import Taxonomy

# A language is expected from a region if it is official in one of its countries, so many percent there speak it, and it
# is among those that some five million people or more speak (Unicode CLDR, territory languages).
_SPOKEN = 20.0
_LARGER = (
    "am ar az be bg bn cs da de el en es fa fi fil fr ha he hi hr ht hu hy id it ja ka kk km ko ku ky lo "
    "mg ms my nb ne nl pl ps pt qu ro ru rw si sk so sq sr sv sw ta te th ti tk tr uk ur uz vi yo zh"
)
_WIDESPREAD = frozenset(_LARGER.split())
_OFFICIAL = frozenset({"official", "de_facto_official"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Combinations that nobody covers: each of the `types`, from each of the `regions`, in each of the `languages`.

    Parameters
    ----------
    regions, types
        Of the taxonomy.
    languages
        ISO 639 codes; empty: whatever the language.
    """

    regions: tuple[str, ...]
    types: tuple[str, ...]
    languages: tuple[str, ...]

    @property
    def combinations(self) -> int:
        """How many these are; whatever the language counts as one."""
        return len(self.regions) * len(self.types) * max(len(self.languages), 1)


def gaps(policy: Policy, taxonomy: Taxonomy, languages: Sequence[str] = ()) -> tuple[Gap, ...]:
    """Return what nobody covers, as few groups as that takes: those that nobody takes at all first.

    The fallback covers what they name themselves: a region, a country or a type.

    Parameters
    ----------
    languages
        ISO 639 codes to look at in all regions; empty: the larger ones that are official in a country of the region and
        spoken by at least a fifth of its people.
    """
    open_: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for region in taxonomy.values("region"):
        if region == scope.UNKNOWN:
            continue
        wanted = tuple(languages) or expected_languages(region, taxonomy)
        for partner_type in taxonomy.values("partner_type"):
            unread = _unread(policy, taxonomy, partner_type, region, wanted)
            if unread is not None:
                open_[region, unread].append(partner_type)
    merged: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (region, unread), types in open_.items():
        merged[tuple(types), unread].append(region)
    found = (
        Gap(regions=tuple(regions), types=types, languages=unread)
        for (types, unread), regions in merged.items()
    )
    return tuple(sorted(found, key=lambda gap: (bool(gap.languages), -gap.combinations, gap.regions)))


def _unread(
    policy: Policy, taxonomy: Taxonomy, partner_type: str, region: str, languages: Sequence[str]
) -> tuple[str, ...] | None:
    """Return which `languages` nobody reads who takes the type from the region; nothing if nobody does, None if none."""
    people = [
        one for one in scope.specialists(policy) if scope.takes_all(one, partner_type, region, taxonomy)
    ]
    if not people:
        return ()
    unread = tuple(one for one in languages if not any(scope.reads(person, one) for person in people))
    return unread or None


def expected_languages(region: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the languages that mail from a region is expected in, as ISO 639 codes, sorted; English everywhere."""
    countries = (country for country, lies_in in taxonomy.countries.items() if lies_in == region)
    return tuple(sorted({"en", *(one for country in countries for one in _official(country))}))


@cache
def _official(country: str) -> tuple[str, ...]:
    from babel.core import get_global

    spoken = get_global("territory_languages").get(country, {})
    return tuple(
        dict.fromkeys(
            language.partition("_")[0]
            for language, told in spoken.items()
            if told["official_status"] in _OFFICIAL
            and told["population_percent"] >= _SPOKEN
            and language.partition("_")[0] in _WIDESPREAD
        )
    )


def coverage_warnings(policy: Policy, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return one sentence for each region of which somebody would reach only the fallback, and one for languages."""
    open_types: dict[str, list[str]] = {}
    for partner_type, region in scope.uncovered(policy, taxonomy):
        open_types.setdefault(region, []).append(partner_type)
    everything = len(taxonomy.values("partner_type"))
    lines = [
        f"{region}: nobody but the fallback covers "
        + ("it" if len(types) == everything else ", ".join(types))
        for region, types in open_types.items()
    ]
    regions = sorted({region for gap in gaps(policy, taxonomy) if gap.languages for region in gap.regions})
    if regions:
        lines.append(
            f"languages that are official there, but nobody reads: in {', '.join(regions)}; "
            "see: triage routes coverage"
        )
    return tuple(lines)


def holiday_warnings(policy: Policy) -> tuple[str, ...]:
    """Return one sentence for each country of a liaison whose holidays are not known."""
    countries = sorted({desk.country for desk in policy.desks if desk.country})
    return tuple(
        f"{country}: its public holidays are not known; only Saturdays and Sundays are free there"
        for country in countries
        if not has_holidays(country)
    )
