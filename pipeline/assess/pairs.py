"""Names of places that explain each other: in "Athens, Georgia" the one says which the other is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.assess.gazetteer import Mention
from pipeline.assess.places import Shares

_INNER = frozenset({"city", "town"})
_OUTER = frozenset({"country name", "administrative region"})
_BETWEEN = re.compile(r"\s?[,(]\s?")


def explained(
    mentions: Sequence[Mention], text: str, settled: dict[str, Shares] | None = None
) -> Iterator[Mention]:
    """Yield `mentions`, where a town stands before its country or region both with the countries that they share.

    A town that was explained once is the same wherever it is named again.

    Parameters
    ----------
    mentions
        Names in `text`.
    text
        In which they stand, with one character before it.
    settled
        Towns explained in other parts of the message; those of this text are added.
    """
    settled = {} if settled is None else settled
    ordered = sorted(mentions, key=lambda mention: mention.start)
    place = 0
    while place < len(ordered):
        inner = ordered[place]
        outer = ordered[place + 1] if place + 1 < len(ordered) else None
        if outer is None or not _apposed(inner, outer, text):
            known = settled.get(inner.key) if inner.kind in _INNER else None
            yield replace(inner, shares=known) if known else inner
            place += 1
            continue
        both = tuple(_agreed(inner, outer))
        settled[inner.key] = both[-1].shares
        yield from both
        place += 2


def _apposed(inner: Mention, outer: Mention, text: str) -> bool:
    return (
        inner.kind in _INNER
        and outer.kind in _OUTER
        and _BETWEEN.fullmatch(text, inner.end - 1, outer.start - 1) is not None
    )


def _agreed(inner: Mention, outer: Mention) -> Iterator[Mention]:
    """Yield both with the countries in common; a town of another country is not the one that is meant."""
    common = {country for country, _ in inner.shares} & {country for country, _ in outer.shares}
    if common:
        yield replace(inner, shares=_kept(inner.shares, common))
        yield replace(outer, shares=_kept(outer.shares, common))
    else:
        yield outer


def _kept(shares: Shares, countries: set[str]) -> Shares:
    kept = [(country, share) for country, share in shares if country in countries]
    total = sum(share for _, share in kept)
    return tuple((country, share / total) for country, share in kept)
