"""Evidence as numbers: how probable each value is, which piece speaks strongest, in which order people read it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.odds import logistic
from pipeline.records.decisions import LIST_FIELDS, SCALAR_FIELDS, Disposition, Evidence, Source
from pipeline.taxonomy import Taxonomy

RULES_VOTE = "rules"  # the name under which the rule layer's own vote comes
ALL_CLUES = "place"  # and that of all clues to the place together; both are probabilities, not log-odds
DISPOSITION = "disposition"
# Asked for at each piece of evidence: an enumeration's members take longer to look up.
_MODEL, _RULE, _REGION = Source.MODEL, Source.RULE, Source.REGION
_ORDER = {field: place for place, field in enumerate((DISPOSITION, *SCALAR_FIELDS, *LIST_FIELDS))}


# Field to what is said of it.
Said = Mapping[str, Sequence[Evidence]]


def by_field(evidence: Iterable[Evidence]) -> Said:
    """Return `evidence` by field, in the order in which it was said."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for item in evidence:
        found[item.tag.partition("=")[0]].append(item)
    return found


def spread(told: Said, field: str, taxonomy: Taxonomy) -> dict[str, float]:
    """Return value to probability for `field`: the model's if it speaks, else the rules' vote; else nothing."""
    known = taxonomy.values(field)
    said = [(item, value) for item in told.get(field, ()) if (value := item.value) in known]
    model = {value: probability(item.score) for item, value in said if item.source is _MODEL}
    if model:
        return model
    return {value: probability(item.score) for item, value in said if _is_vote(item)}


def _is_vote(item: Evidence) -> bool:
    return item.source is _RULE and item.name == RULES_VOTE


def probability(score: float) -> float:
    """Return `score` between 0 and 1; 0 where it is no number."""
    return min(max(score, 0.0), 1.0) if math.isfinite(score) else 0.0


def review(name: str, detail: str, sure: float = 1.0) -> Evidence:
    """Return the evidence that says why a person has to look."""
    tag = f"{DISPOSITION}={Disposition.REVIEW}"
    return Evidence(source=Source.DECISION, name=name, tag=tag, score=sure, detail=detail)


def in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Sort `evidence` by field, what speaks strongest first within each."""
    told = by_field(evidence)
    fields = sorted(told, key=lambda field: (_ORDER.get(field, len(_ORDER)), field))
    return tuple(item for field in fields for item in sorted(told[field], key=_loudness))


def _loudness(item: Evidence) -> tuple[float, str, str, str]:
    return -_strength(item), item.source, item.name, item.tag


def _strength(item: Evidence) -> float:
    """Return a probability or points as they are, and log-odds as the probability that they mean."""
    source, score = item.source, item.score
    if (source is _RULE and item.name != RULES_VOTE) or (source is _REGION and item.name != ALL_CLUES):
        return logistic(score)
    return score if math.isfinite(score) else 0.0
