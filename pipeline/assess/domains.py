"""What a domain tells about a country: its country code, special domains, providers, names in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.assess.places import PlacePolicy, Shares, shares_of
from pipeline.domainlists import free_mail

# A host in a text: of a URL, of an address, or bare; the lengths are those of RFC 1035.
_HOST = re.compile(
    r"(?<![\w.-])(?:[\w.+-]{1,64}@|https?://)?((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24})(?![\w-])", re.IGNORECASE
)
# In whatever `_HOST` finds, and told sooner: most texts have a space behind each stop.
_DOT = re.compile(r"\.[^\W\d_]")
_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainClue:
    """What a `domain` tells: `kind` of clue, and shares of countries; no shares for a world-wide body."""

    kind: str
    domain: str
    shares: Shares


def hosts(text: str) -> Iterator[str]:
    """Yield the domains in `text` in lower case, each once, at most ten."""
    seen: set[str] = set()
    for match in _HOST.finditer(text) if _DOT.search(text) else ():
        host = match[1].lower()
        if host not in seen and not _own(host):
            seen.add(host)
            yield host
            if len(seen) == _MOST:
                return


def domain_clue(domain: str, policy: PlacePolicy) -> DomainClue | None:
    """Return what the end of `domain` tells, or None."""
    facts = _facts(policy)
    domain = _ascii(domain.lower().rstrip("."))
    provider = _ending(domain, policy.domains.mailbox)
    if provider:
        return DomainClue(kind="mailbox", domain=domain, shares=shares_of(policy.domains.mailbox[provider]))
    last = domain.rpartition(".")[2]
    if last in facts.world:
        return DomainClue(kind="world-wide body", domain=domain, shares=())
    if len(last) == 2 and official(domain, policy):
        return DomainClue(kind="official domain", domain=domain, shares=((_code(last), 1.0),))
    institution = _ending(domain, policy.domains.institutions)
    if institution:
        return DomainClue(
            kind="tld", domain=domain, shares=shares_of(policy.domains.institutions[institution])
        )
    if last == "edu":
        return DomainClue(
            kind="education domain", domain=domain, shares=shares_of(policy.domains.regional.get("edu", "US"))
        )
    if last in policy.domains.regional:
        return DomainClue(kind="tld", domain=domain, shares=shares_of(policy.domains.regional[last]))
    if len(last) == 2 and last not in facts.generic and last.isascii() and last.isalpha():
        return DomainClue(kind="tld", domain=domain, shares=((_code(last), 1.0),))
    return None


def official(domain: str, policy: PlacePolicy) -> bool:
    """Tell whether `domain` is one that its country gives to schools or public bodies only, such as gov.xx."""
    parts = domain.lower().split(".")
    facts = _facts(policy)
    return parts[-1] in facts.reserved or (
        len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in facts.reserved
    )


def free_mailbox(domain: str) -> bool:
    """Tell whether anybody can have an address at `domain`."""
    return domain.lower() in free_mail()


@dataclass(frozen=True, slots=True)
class _Facts:
    generic: frozenset[str]
    world: frozenset[str]
    reserved: frozenset[str]


def _facts(policy: PlacePolicy) -> _Facts:
    return _facts_of(
        policy.domains.generic, policy.domains.global_, policy.domains.education, policy.domains.government
    )


@cache
def _facts_of(generic: str, world: str, education: str, government: str) -> _Facts:
    reserved = frozenset(f"{education} {government}".split())
    return _Facts(frozenset(generic.split()), frozenset(world.split()), reserved)


def _ascii(domain: str) -> str:
    """Return an internationalised `domain` as it stands in the DNS (RFC 3492); one that cannot be, as it is."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _code(last: str) -> str:
    return {"uk": "GB", "el": "GR"}.get(last, last.upper())


def _own(host: str) -> bool:
    """Tell whether `host` is of the wikis themselves, which tell nothing about who writes."""
    return any(
        part.startswith(("wikimedia", "wikipedia", "wikidata", "wiktionary", "wikisource"))
        for part in host.split(".")
    )


def _ending(domain: str, table: dict[str, str]) -> str | None:
    """Return `domain` or the part of it after a dot that `table` has."""
    while domain:
        if domain in table:
            return domain
        domain = domain.partition(".")[2]
    return None
