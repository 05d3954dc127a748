"""What the shape of liaisons.toml cannot tell: are the names in it known, are they unique, do deputies end.

The checks read the plain tables, not the model, so that they also run where the shape has faults:
whoever edits the file sees everything that is wrong with it at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.declarative import suggestion
from pipeline.routing.words import country_code, is_language, language_code
from pipeline.taxonomy import Taxonomy

Found = tuple[str, str]  # dotted path, message

_WORD_LISTS = {"regions": "region", "partner_types": "partner_type", "activities": "activities"}


def faults(document: dict[str, Any], taxonomy: Taxonomy) -> tuple[Found, ...]:
    """Return the dotted path and the message of each fault in the tables of liaisons.toml."""
    liaisons = _liaisons(document)
    ids = [table["id"] for _, table in liaisons if isinstance(table.get("id"), str)]
    return (
        *_nobody(document),
        *_doubled(liaisons, "id"),
        *_doubled(liaisons, "address"),
        *(fault for place, table in liaisons for fault in _unknown_words(place, table, taxonomy)),
        *_unknown_people(document, liaisons, ids),
        *_deputy_cycles(liaisons),
    )


def _liaisons(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    tables = document.get("liaisons")
    listed = tables if isinstance(tables, list) else []
    return [(f"liaisons.{index}", table) for index, table in enumerate(listed) if isinstance(table, dict)]


def _nobody(document: dict[str, Any]) -> Iterator[Found]:
    if document.get("liaisons", []) == []:
        yield "liaisons", "no liaison at all; add a [[liaisons]] table for at least one person"


def _doubled(liaisons: list[tuple[str, dict[str, Any]]], key: str) -> Iterator[Found]:
    values = [(place, table[key].lower()) for place, table in liaisons if isinstance(table.get(key), str)]
    counts = Counter(value for _, value in values)
    seen: set[str] = set()
    for place, value in values:
        if counts[value] > 1 and value in seen:
            yield (
                f"{place}.{key}",
                f"{value!r} is used by another liaison too; each needs an {key} of their own",
            )
        seen.add(value)


def _unknown_words(place: str, table: dict[str, Any], taxonomy: Taxonomy) -> Iterator[Found]:
    for key, field in _WORD_LISTS.items():
        known = taxonomy.values(field)
        yield from _each(table, place, key, lambda word, known=known: _unlisted(word, known))  # type: ignore[misc]  # the default binds the loop's value
    yield from _each(table, place, "languages", _not_a_language)
    yield from _each(table, place, "countries", lambda word: _not_a_country(word, taxonomy))
    country = table.get("country")
    problem = _not_a_country(country, taxonomy) if isinstance(country, str) else ""
    if problem:
        yield f"{place}.country", problem


def _each(table: dict[str, Any], place: str, key: str, problem: Callable[[str], str]) -> Iterator[Found]:
    words = table.get(key)
    for index, word in enumerate(words if isinstance(words, list) else []):
        if isinstance(word, str) and (message := problem(word)):
            yield f"{place}.{key}.{index}", message


def _unlisted(word: str, known: tuple[str, ...]) -> str:
    return "" if word in known else f"unknown: {word!r}{suggestion(word, known)}"


def _not_a_language(word: str) -> str:
    if is_language(word):
        return ""
    code = language_code(word)
    return f"not an ISO 639 language code: {word!r}; write {code or 'es'!r}" + (
        "" if code else " for Spanish"
    )


def _not_a_country(word: str, taxonomy: Taxonomy) -> str:
    if word in taxonomy.countries:
        return ""
    code = word.upper() if word.upper() in taxonomy.countries else country_code(word)
    return f"not an ISO 3166 country code: {word!r}; write {code or 'KE'!r}" + ("" if code else " for Kenya")


def _unknown_people(
    document: dict[str, Any], liaisons: list[tuple[str, dict[str, Any]]], ids: list[str]
) -> Iterator[Found]:
    rota = document.get("triage")
    routes = document.get("routes")
    named = [
        ("fallback", document.get("fallback")),
        *((f"triage.{index}", one) for index, one in enumerate(rota if isinstance(rota, list) else [])),
        ("low_priority", document.get("low_priority")),
        *((f"routes.{kind}", one) for kind, one in (routes.items() if isinstance(routes, dict) else ())),
        *((f"{place}.deputy", table.get("deputy")) for place, table in liaisons),
    ]
    for place, one in named:
        if isinstance(one, str) and one not in ids:
            yield place, f"no liaison has the id {one!r}{suggestion(one, ids) if ids else ''}"


def _deputy_cycles(liaisons: list[tuple[str, dict[str, Any]]]) -> Iterator[Found]:
    """Find each ring of deputies once, at the member that stands first in the file."""
    deputy = {
        table["id"]: table["deputy"]
        for _, table in liaisons
        if isinstance(table.get("id"), str) and isinstance(table.get("deputy"), str)
    }
    reported: set[str] = set()
    for place, table in liaisons:
        ring = _ring(table.get("id"), deputy)
        if ring and reported.isdisjoint(ring):
            reported.update(ring)
            way = " -> ".join((*ring, ring[0]))
            yield f"{place}.deputy", f"deputies go round in a ring: {way}; leave one of them without a deputy"


def _ring(start: Any, deputy: dict[str, str]) -> tuple[str, ...]:
    """Return the ring of deputies that `start` is in, or nothing."""
    way: list[str] = []
    one = start if isinstance(start, str) else None
    while one is not None and one not in way:
        way.append(one)
        one = deputy.get(one)
    return tuple(way) if way and one == way[0] else ()
