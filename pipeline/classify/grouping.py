"""Which labelled messages belong together, so that no split tears threads or organisations apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.domainlists import free_mail, suffixes

# A line at the end of mail that two to five messages share names an organisation, a person or a street;
# one that more share is a phrase such as "Best regards" or "Sent from my iPhone".
_MOST_SHARERS = 5
_LEAST_LETTERS = 10
# Longer lines are sentences such as French closings.
_MOST_WORDS = 9
_TAIL_LINES = 8
# Domains that many unrelated people write from, in addition to the published list of free-mail domains.
_SHARED_HOSTS = frozenset(
    {
        "eastlink.ca", "freemail.example", "moov.mg", "nauta.cu", "nifty.com", "riseup.net", "telia.com", "vera.com.uy",
        "lists.example.org", "lists.wikimedia.org", "wikimedia.example", "wikimedia.example.org", "wikimedia.org",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What decides which group a message is in.

    Parameters
    ----------
    id
        The message.
    in_reply_to
        Id of the message that it answers, or empty.
    domain
        Domain of the author's address.
    author
        The author's display name.
    ending
        The last lines of what the author wrote, with the signature.
    """

    id: str
    in_reply_to: str
    domain: str
    author: str
    ending: str


def groups(members: Iterable[Member]) -> dict[str, int]:
    """Return message id to group number; threads, organisations and persons are in one group each.

    Two messages are in one group if one answers the other, if their authors share a domain that is not
    a mail provider's, a display name, or a line of a signature.
    """
    members = tuple(members)
    forest = _Forest(member.id for member in members)
    for joined in (_threads(members), _shared(members)):
        for ids in joined.values():
            forest.join(ids)
    return forest.numbers()


def keys(member: Member) -> Iterator[str]:
    """Yield what two messages of one organisation or person have in common: ``domain:``, ``name:`` and ``ending:``."""
    if member.domain and not is_shared_host(member.domain):
        yield f"domain:{_registrable(member.domain)}"
    if member.author and "@" not in member.author:
        yield f"name:{_normal(member.author)}"
    yield from (f"ending:{line}" for line in sorted(_lines(member)))


def telling(sharers: int) -> bool:
    """Tell whether an ``ending:`` that so many messages share names somebody; what more share is a phrase."""
    return sharers <= _MOST_SHARERS


def is_shared_host(domain: str) -> bool:
    """Tell whether unrelated people write from this `domain`."""
    return domain.lower() in _shared_hosts()


@cache
def _shared_hosts() -> frozenset[str]:
    return _SHARED_HOSTS | free_mail()


def _threads(members: tuple[Member, ...]) -> Mapping[str, set[str]]:
    known = {member.id for member in members}
    return {m.id: {m.id, m.in_reply_to} for m in members if m.in_reply_to in known}


def _shared(members: tuple[Member, ...]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for member in members:
        for key in keys(member):
            found[key].add(member.id)
    return {key: ids for key, ids in found.items() if not key.startswith("ending:") or telling(len(ids))}


def _lines(member: Member) -> set[str]:
    """Return the last lines of a message that may name somebody."""
    normal = {_normal(line) for line in member.ending.splitlines()[-_TAIL_LINES:]}
    return {line for line in normal if _may_name(line)}


def _may_name(line: str) -> bool:
    """Tell whether a normalised line is long enough for a name, and too short for a sentence."""
    return (
        len(line) >= _LEAST_LETTERS and line.count(" ") < _MOST_WORDS and (" " in line or not line.isascii())
    )


@cache
def _registrable(domain: str) -> str:
    return str(suffixes()(domain).top_domain_under_public_suffix) or domain


def _normal(line: str) -> str:
    return " ".join(re.sub(r"[\W\d_]+", " ", line.casefold()).split())


class _Forest:
    """Disjoint sets (Galler and Fischer 1964)."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._parent = {one: one for one in ids}

    def join(self, ids: set[str]) -> None:
        roots = sorted({self._root(one) for one in ids})
        for other in roots[1:]:
            self._parent[other] = roots[0]

    def numbers(self) -> dict[str, int]:
        number = {root: n for n, root in enumerate(sorted({self._root(one) for one in self._parent}))}
        return {one: number[self._root(one)] for one in self._parent}

    def _root(self, one: str) -> str:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one
