"""Whether two organisations are one: by their own domain first, then by names, then by who wrote for them.

A wrong merge is worse than a missed one: maintainers see a doubled organisation at once, and a mixed-up one never.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from pipeline.assess.hosts import domain_of, label
from pipeline.assess.names import Name, from_text, name_of, spell
from pipeline.records.organisations import Known, MarkKind, Match, Newcomer, OrganisationMark

# Words of so many letters may differ by one, or by two; shorter ones not at all.
_FUZZY = 6
_FUZZIER = 10
_SAME_BEGINNING = 4
_UNIVERSITY = "+university"
_NOBODY = "individual"
_VOLUNTEERS = "wikimedia_community"


def settled(newcomer: Newcomer) -> Newcomer:
    """Return `newcomer` without a domain that is not its organisation's own.

    Volunteers write for their user group from the address that they have, such as that of a law firm: the domain counts
    only if it has to do with the group's name.
    """
    if newcomer.kind != _VOLUNTEERS or not newcomer.domain or not newcomer.organisation:
        return newcomer
    own = spell(label(newcomer.domain).replace("-", ""))
    words = [spell(word) for word in newcomer.organisation.split()]
    akin = "viki" in own or any(len(word) > _SAME_BEGINNING and word[:6] in own for word in words)
    return newcomer if akin else replace(newcomer, domain="")


def marks(newcomer: Newcomer) -> frozenset[OrganisationMark]:
    """Return what `newcomer` is known by, and looked up by."""
    found = set()
    name = name_of(newcomer.organisation)
    if newcomer.domain:
        found.add(OrganisationMark(kind=MarkKind.DOMAIN, value=newcomer.domain))
    if name.words:
        found.add(OrganisationMark(kind=MarkKind.NAME, value=name.text[:255]))
    if name.block:
        found.add(OrganisationMark(kind=MarkKind.BLOCK, value=name.block))
    if newcomer.address and not domain_of(newcomer.address):
        found.add(OrganisationMark(kind=MarkKind.WRITER, value=writer_of(newcomer.address)))
    return frozenset(found)


def writer_of(address: str) -> str:
    """Return what stands for a mail `address` in the register, which keeps no addresses."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def choose(newcomer: Newcomer, known: Sequence[Known]) -> Match:
    """Return which of `known` writes, or that it is a new organisation, or none that can be named.

    An organisation that is found by its domain does not get the newcomer's name as another one of its own: that may be a
    department's.

    Parameters
    ----------
    newcomer
        The inquiry.
    known
        Those of the register that share a mark with it.
    """
    name = name_of(newcomer.organisation)
    sharing = [one for one in known if newcomer.domain in one.domains]
    if len(sharing) == 1:
        return _found(sharing[0], "domain", newcomer)
    if newcomer.kind == _NOBODY:
        return Match(organisation=None, found_by="none")
    # One domain, several organisations: a maintainer has told them apart, and only the name can do so again.
    rest = sharing or known
    named = [one for one in rest if name.words and _called(newcomer, name, one)]
    if len(named) == 1:
        return _found(named[0], "name", newcomer)
    writing = [one for one in known if not sharing and _writes_for(newcomer, name, one)]
    if len(writing) == 1:
        return _found(writing[0], "writer", newcomer)
    if sharing and not newcomer.organisation:
        return Match(organisation=None, found_by="none")
    title = newcomer.organisation or newcomer.domain
    if not title:
        return Match(organisation=None, found_by="none")
    return Match(organisation=None, found_by="new", name=title, marks=marks(newcomer))


def same_name(one: Name, other: Name) -> bool:
    """Tell whether two canonical names are spellings of one.

    The kinds of body and all but one of the other words are equal; of several, one may differ by a letter or two behind
    its beginning, and so may the only one of a university, which is a town's in some case of its language. "University
    of Washington" and "Washington University" are two.
    """
    if not one.own or one.said != other.said or len(one.own) != len(other.own):
        return False
    if _ordered(one) != _ordered(other):
        return False
    unlike = [pair for pair in zip(sorted(one.own), sorted(other.own), strict=True) if pair[0] != pair[1]]
    if len(one.own) == 1 and _UNIVERSITY not in one.said:
        return not unlike
    return not unlike or (len(unlike) == 1 and _alike(*unlike[0]))


def _alike(one: str, other: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    shorter = min(len(one), len(other))
    if shorter < _FUZZY or one[:_SAME_BEGINNING] != other[:_SAME_BEGINNING] or not one.isascii():
        return False
    if any(map(str.isdigit, one + other)):
        return False
    return Levenshtein.distance(one, other) <= (1 if shorter < _FUZZIER else 2)


def _ordered(name: Name) -> bool:
    """Tell whether the university's own name comes before its kind; other bodies are called both ways."""
    return (
        _UNIVERSITY in name.words
        and bool(name.own)
        and name.words.index(_UNIVERSITY) > name.words.index(name.own[0])
    )


def _called(newcomer: Newcomer, name: Name, one: Known) -> bool:
    """Tell whether `one` has the name of `newcomer`, and nothing says that it is a namesake."""
    spellings = [from_text(text) for text in one.names]
    if not any(same_name(name, other) for other in spellings):
        return False
    if newcomer.domain and newcomer.domain in one.domains:
        return True
    if newcomer.domain and one.domains:
        # museum.si and museum.org of one name are one; museum-a.si and museum-b.si are namesakes.
        return label(newcomer.domain) in {label(domain) for domain in one.domains} and _at_home(newcomer, one)
    if _writer(newcomer) in one.writers:
        return True
    return name.telling and _at_home(newcomer, one) and (_sure_place(newcomer, one) or _plain(name, one))


def _at_home(newcomer: Newcomer, one: Known) -> bool:
    """Tell whether nothing is known against the same country."""
    return newcomer.country is None or one.country is None or newcomer.country == one.country


def _sure_place(newcomer: Newcomer, one: Known) -> bool:
    return newcomer.country is not None and newcomer.country == one.country


def _plain(name: Name, one: Known) -> bool:
    """Tell whether the name is known letter by letter, and is of two own words at least."""
    return name.text in one.names and len(name.own) > 1


def _writes_for(newcomer: Newcomer, name: Name, one: Known) -> bool:
    """Tell whether the same person wrote for `one` before, and names no other organisation now."""
    if _writer(newcomer) not in one.writers or newcomer.kind != one.kind:
        return False
    return not name.words and not newcomer.domain and _at_home(newcomer, one)


def _writer(newcomer: Newcomer) -> str:
    return writer_of(newcomer.address) if newcomer.address else ""


def _found(one: Known, found_by: str, newcomer: Newcomer) -> Match:
    """Return `one`; it gets its name now if it was only known by its domain."""
    name = name_of(newcomer.organisation)
    unnamed = one.name in one.domains and bool(newcomer.organisation)
    own = unnamed or any(same_name(name, from_text(text)) for text in one.names)
    kept = {mark for mark in marks(newcomer) if own or mark.kind not in (MarkKind.NAME, MarkKind.BLOCK)}
    better = newcomer.organisation if unnamed else ""
    return Match(organisation=one.id, found_by=found_by, name=better, marks=frozenset(kept))
