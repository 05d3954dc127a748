"""What the shape of liaisons.toml cannot tell: are the names in it known, and are they unique.

The checks read the plain tables, not the model, so that they also run where the shape has faults:
whoever edits the file sees everything that is wrong with it at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pipeline.declarative import suggestion
from pipeline.routing.words import country_code, is_language, language_code
from pipeline.taxonomy import Taxonomy

Found = tuple[str, str]  # dotted path, message

_KINDS = {"liaisons": "liaison", "groups": "liaison or group", "forwards": "forward"}
# What a rule may name as a route beside liaisons, groups and topics.
_RESERVED = ("fallback", "triage", "low_priority", "endorsement", "misdirected")
_LISTS = (
    "languages",
    "regions",
    "countries",
    "partner_types",
    "activities",
    "deputy",
    "digest_at",
    "digest_days",
    "members",
)
_WORD_LISTS = {"regions": "region", "partner_types": "partner_type", "activities": "activities"}


def faults(document: dict[str, Any], taxonomy: Taxonomy) -> tuple[Found, ...]:
    """Return the dotted path and the message of each fault in the tables of liaisons.toml."""
    liaisons, groups = _tables(document, "liaisons"), _tables(document, "groups")
    desks = [*liaisons, *groups]
    return (
        *_nobody(document),
        *_doubled(desks, "id"),
        *_doubled(desks, "address"),
        *_doubled(_tables(document, "forwards"), "topic"),
        *_doubled_bands(document),
        *_named_twice("triage", document.get("triage")),
        *(
            fault
            for place, table in desks
            for key in _LISTS
            for fault in _named_twice(f"{place}.{key}", table.get(key))
        ),
        *_reserved(desks, "id"),
        *_reserved(_tables(document, "forwards"), "topic", _ids(desks)),
        *(fault for place, table in desks for fault in _unknown_words(place, table, taxonomy)),
        *_unknown_kinds(document, taxonomy),
        *_unknown_people(document, desks, _ids(desks)),
        *_unknown_members(groups, _ids(liaisons)),
    )


def _tables(document: dict[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    tables = document.get(name)
    listed = tables if isinstance(tables, list) else []
    return [(f"{name}.{index}", table) for index, table in enumerate(listed) if isinstance(table, dict)]


def _ids(desks: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return list(dict.fromkeys(table["id"] for _, table in desks if isinstance(table.get("id"), str)))


def _reserved(
    tables: list[tuple[str, dict[str, Any]]], key: str, taken: Sequence[str] = ()
) -> Iterator[Found]:
    """Find names that mean something else where a rule names a route."""
    for place, table in tables:
        if table.get(key) in (*_RESERVED, *taken):
            yield f"{place}.{key}", f"{table[key]!r} means something else already; choose another {key}"


def _nobody(document: dict[str, Any]) -> Iterator[Found]:
    if document.get("liaisons", []) == []:
        yield "liaisons", "no liaison at all; add a [[liaisons]] table for at least one person"


def _unknown_kinds(document: dict[str, Any], taxonomy: Taxonomy) -> Iterator[Found]:
    decisions = document.get("decisions")
    kinds = decisions.get("kinds") if isinstance(decisions, dict) else None
    for kind in kinds if isinstance(kinds, dict) else ():
        if kind not in taxonomy.kind:
            known = ", ".join(taxonomy.kind)
            yield f"decisions.kinds.{kind}", f"{kind!r} is no kind of mail; kinds are {known}"


def _doubled(liaisons: list[tuple[str, dict[str, Any]]], key: str) -> Iterator[Found]:
    values = [(place, table[key].lower()) for place, table in liaisons if isinstance(table.get(key), str)]
    counts = Counter(value for _, value in values)
    seen: set[str] = set()
    for place, value in values:
        if counts[value] > 1 and value in seen:
            yield (
                f"{place}.{key}",
                f"{value!r} is used by another {_KINDS[place.partition('.')[0]]} too; each needs its own {key}",
            )
        seen.add(value)


def _doubled_bands(document: dict[str, Any]) -> Iterator[Found]:
    seen: set[int] = set()
    for place, band in _tables(document, "deadlines"):
        start = band.get("priority")
        if isinstance(start, int):
            if start in seen:
                yield f"{place}.priority", f"another deadline starts at {start} too; keep one of them"
            seen.add(start)


def _named_twice(place: str, words: Any) -> Iterator[Found]:
    """Find what a list names again: a slip, and mostly another word was meant."""
    listed = words if isinstance(words, list) else []
    for index, word in enumerate(listed):
        if isinstance(word, str) and word in listed[:index]:
            yield f"{place}.{index}", f"{word!r} stands in this list already; take one of them out"


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
    document: dict[str, Any], desks: list[tuple[str, dict[str, Any]]], ids: list[str]
) -> Iterator[Found]:
    rota = document.get("triage")
    routes = document.get("routes")
    named = [
        ("fallback", document.get("fallback")),
        *((f"triage.{index}", one) for index, one in enumerate(rota if isinstance(rota, list) else [])),
        ("low_priority", document.get("low_priority")),
        *((f"routes.{kind}", one) for kind, one in (routes.items() if isinstance(routes, dict) else ())),
        *((f"{place}.to", table.get("to")) for place, table in _tables(document, "forwards")),
        *(pair for place, table in desks for pair in _deputies(place, table)),
    ]
    for place, one in named:
        if isinstance(one, str) and one not in ids:
            yield place, f"no liaison has the id {one!r}{suggestion(one, ids) if ids else ''}"
    for place, table in desks:
        for where, one in _deputies(place, table):
            if isinstance(one, str) and one == table.get("id"):
                yield where, f"{one!r} is their own deputy; name somebody else"


def _deputies(place: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield where each deputy is named, and the name: one word, or a list of them."""
    named = table.get("deputy")
    if isinstance(named, list):
        yield from ((f"{place}.deputy.{index}", one) for index, one in enumerate(named))
    else:
        yield f"{place}.deputy", named


def _unknown_members(groups: list[tuple[str, dict[str, Any]]], ids: list[str]) -> Iterator[Found]:
    for place, table in groups:
        members = table.get("members")
        for index, one in enumerate(members if isinstance(members, list) else []):
            if isinstance(one, str) and one not in ids:
                yield (
                    f"{place}.members.{index}",
                    f"no liaison has the id {one!r}{suggestion(one, ids) if ids else ''}",
                )
