"""What the rules alone think: hits to probabilities, and to lines of explanation.

Weights are log-odds and add up. A field with one value gets the softmax over its values, a list a logistic
function for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain

from pipeline.odds import logistic, softmax
from pipeline.records.decisions import LIST_FIELDS, Evidence, RuleHit, Source
from pipeline.taxonomy import Taxonomy

VOTE = "rules"
_MUST = 10.0


def vote(hits: Iterable[RuleHit], taxonomy: Taxonomy) -> tuple[Evidence, ...]:
    """Return the probability of each value of each field that some rule speaks about, best first.

    Parameters
    ----------
    hits
        Of one inquiry.
    taxonomy
        Which values there are; a value that no rule speaks for takes part with log-odds 0.

    Returns
    -------
    tuple of Evidence
        Source RULE, name ``rules``, score 0 to 1.
    """
    said = log_odds(hits)
    told = (_told(field, taxonomy.values(field), tuple(spoken.items())) for field, spoken in said.items())
    return tuple(chain.from_iterable(told))


# Of half the mails, the rules say of a field what they said of another mail.
@lru_cache(maxsize=512)
def _told(field: str, values: tuple[str, ...], spoken: tuple[tuple[str, float], ...]) -> tuple[Evidence, ...]:
    """Return the probability of each of the `values` of one field, best first; nothing where it has none."""
    if not values:
        return ()
    said = dict(spoken)
    odds = {value: said.get(value, 0.0) for value in values}
    each = field in LIST_FIELDS
    chances = {value: logistic(odds[value]) for value in said} if each else softmax(odds)
    ordered = sorted(chances.items(), key=lambda item: -item[1])
    return tuple(_evidence(f"{field}={value}", chance) for value, chance in ordered)


def log_odds(hits: Iterable[RuleHit]) -> Mapping[str, Mapping[str, float]]:
    """Return field to value to the sum of what `hits` say."""
    said: dict[str, dict[str, float]] = defaultdict(dict)
    for hit in hits:
        weight = _MUST if hit.must else hit.weight
        for tag in hit.tags:
            field, _, value = tag.partition("=")
            odds = said[field]
            odds[value] = odds.get(value, 0.0) + weight
    return said


def evidence(hits: Iterable[RuleHit]) -> tuple[Evidence, ...]:
    """Return a line of explanation for each tag of each hit; score is the weight.

    What holds for every message (a prior) explains nothing about this one and gets no line.
    """
    return tuple(
        Evidence(source=Source.RULE, name=hit.rule, tag=tag, score=hit.weight, detail=_detail(hit))
        for hit in hits
        if hit.matched
        for tag in hit.tags
    )


def _evidence(tag: str, chance: float) -> Evidence:
    return Evidence(source=Source.RULE, name=VOTE, tag=tag, score=chance, detail="all rules together")


def _detail(hit: RuleHit) -> str:
    quoted = f"'{hit.matched}'" if hit.matched else ""
    return f"{hit.view.value}: {quoted}" if hit.view and quoted else quoted
