"""Which domain is an organisation's own: registrable, and not that of a mail provider or a host of pages."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.declarative import Declared, load
from pipeline.domainlists import free_mail, suffixes
from pipeline.resources import packaged

_FILE = "shared-domains.toml"
# Providers that no list knows are mostly called so.
_MAIL = re.compile(r"^(?:web|e)?mails?\b|mails?$|^inbox|^webmail")
_LONGEST = 253  # RFC 1035, section 2.3.4


class SharedDomains(Declared):
    """``gazetteer/shared-domains.toml``: domains that many share."""

    mailboxes: str
    hosting: str
    umbrellas: str


def own_domain(host: str) -> str:
    """Return the registrable domain of `host` if it can only be one organisation's own, else an empty text.

    What is registrable follows the Public Suffix List, its private part included: ``zoo.github.io`` is somebody's,
    ``github.io`` is everybody's.
    """
    host = host.strip().strip(".").lower()
    if not host or len(host) > _LONGEST or "." not in host:
        return ""
    return _own(host)


def domain_of(address: str) -> str:
    """Return the own domain in a mail `address`, or an empty text."""
    return own_domain(address.rpartition("@")[2]) if "@" in address else ""


def label(domain: str) -> str:
    """Return the part of a registrable `domain` that its owner chose: ``museum`` of ``museum.org.uk``."""
    return domain.partition(".")[0]


@lru_cache(maxsize=4096)
def _own(host: str) -> str:
    shared, umbrellas = _shared()
    found = str(suffixes(private=True, extra=("example",))(host).top_domain_under_public_suffix)
    if not found or found in shared or host in shared or _MAIL.search(label(found)):
        return ""
    for umbrella in umbrellas:
        if host.endswith("." + umbrella):
            below = host.removesuffix("." + umbrella).rpartition(".")[2]
            return f"{below}.{umbrella}" if below != "www" else ""
    return "" if found in umbrellas else found


@cache
def _shared() -> tuple[frozenset[str], frozenset[str]]:
    declared = load(packaged("rules") / "gazetteer" / _FILE, SharedDomains)
    umbrellas = frozenset(declared.umbrellas.split())
    listed = frozenset(f"{declared.mailboxes} {declared.hosting}".split())
    return (listed | free_mail()) - umbrellas, umbrellas
