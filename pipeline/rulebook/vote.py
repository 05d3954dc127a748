"""What the rules alone think: hits to probabilities, and to lines of explanation.

Weights are log-odds and add up. A field with one value gets the softmax over its values, a list a logistic
function for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

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
    evidence: list[Evidence] = []
    for field, spoken in said.items():
        values = taxonomy.values(field)
        if not values:
            continue
        odds = {value: spoken.get(value, 0.0) for value in values}
        if field in LIST_FIELDS:
            chances = {value: _logistic(odds[value]) for value in spoken}
        else:
            chances = _softmax(odds)
        ordered = sorted(chances.items(), key=lambda item: -item[1])
        evidence.extend(_evidence(f"{field}={value}", chance) for value, chance in ordered)
    return tuple(evidence)


def log_odds(hits: Iterable[RuleHit]) -> Mapping[str, Mapping[str, float]]:
    """Return field to value to the sum of what `hits` say."""
    said: dict[str, dict[str, float]] = {}
    for hit in hits:
        for tag in hit.tags:
            field, _, value = tag.partition("=")
            odds = said.setdefault(field, {})
            odds[value] = odds.get(value, 0.0) + (_MUST if hit.must else hit.weight)
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


def _softmax(odds: Mapping[str, float]) -> dict[str, float]:
    highest = max(odds.values())
    powers = {value: math.exp(odd - highest) for value, odd in odds.items()}
    total = sum(powers.values())
    return {value: power / total for value, power in powers.items()}


def _logistic(odd: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odd))))


def _evidence(tag: str, chance: float) -> Evidence:
    return Evidence(source=Source.RULE, name=VOTE, tag=tag, score=chance, detail="all rules together")


def _detail(hit: RuleHit) -> str:
    quoted = f"'{hit.matched}'" if hit.matched else ""
    return f"{hit.view.value}: {quoted}" if hit.view and quoted else quoted
