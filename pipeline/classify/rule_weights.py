"""Weights of hints, learnt from labelled mail: how strongly each rule speaks in each view where there is no model.

A field with one value is a conditional logit (McFadden 1974): the log-odds of a value are the sum of the weights of
the hits that speak for it. A list is a logistic regression for each value. What a rule speaks for stays as people
wrote it, and so does the sign of its weight; training learns the size. Weights are drawn towards `TARGET` by a
ridge penalty, so that what is rare stays modest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.classify.dataset import Example
from pipeline.classify.folds import folds
from pipeline.records.decisions import LIST_FIELDS, RuleHit
from pipeline.records.inquiries import View
from pipeline.taxonomy import Taxonomy

# A rule in a view; the view is None where no text was looked at.
Slot = tuple[str, View | None]
Weights = Mapping[Slot, float]

TARGET = 1.0
PENALTY = 1.0
MOST = 5.0
LEAST = 0.05
# A weight is learnt from at least so many messages, else it stays as written.
ENOUGH = 4
# Log-odds from which on a list takes a value: as probable as not.
_CHOSEN = 0.0
# What a must counts in the sum.
_MUST = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFit:
    """What the rules alone are worth for one field, with weights that other messages taught.

    Parameters
    ----------
    field
        Which.
    n
        Messages in which it is labelled.
    measure
        ``accuracy``, or ``micro-F1`` for lists.
    learnt, written, plain
        With weights learnt on the other folds; with those in the files (which may have seen the same mail); with
        all weights 1.
    majority
        Of always saying the most frequent value.
    """

    field: str
    n: int
    measure: str
    learnt: float
    written: float
    plain: float
    majority: float


def fit_weights(examples: Sequence[Example], taxonomy: Taxonomy) -> dict[Slot, float]:
    """Return the weight of each rule in each view, learnt from all `examples`.

    Slots that hit too seldom are left out: their weights stay as they are.
    """
    learnt: dict[Slot, list[float]] = defaultdict(list)
    for field in _fields(examples, taxonomy):
        for slot, weight in _fit(field, examples, taxonomy).items():
            learnt[slot].append(weight)
    counts = _counts(examples)
    return {slot: round(sum(some) / len(some), 2) for slot, some in learnt.items() if counts[slot] >= ENOUGH}


def evaluate_weights(examples: Sequence[Example], taxonomy: Taxonomy, seed: int) -> tuple[FieldFit, ...]:
    """Return what the rules alone are worth for each field; no message is judged by weights that it taught.

    Folds part no thread, organisation or person.
    """
    parts = folds(examples, seed)
    found = []
    for field in _fields(examples, taxonomy):
        labelled = [example for example in examples if field in example.labels]
        said: dict[str, tuple[str, ...]] = {}
        for known, unseen in parts:
            weights = _fit(field, [examples[row] for row in known], taxonomy)
            held_out = [examples[row] for row in unseen if field in examples[row].labels]
            said |= _said(field, held_out, weights, taxonomy)
        found.append(
            FieldFit(
                field=field,
                n=len(labelled),
                measure="micro-F1" if field in LIST_FIELDS else "accuracy",
                learnt=_score(field, labelled, said),
                written=_score(field, labelled, _said(field, labelled, _written(labelled), taxonomy)),
                plain=_score(field, labelled, _said(field, labelled, _plain(labelled), taxonomy)),
                majority=_majority(field, labelled),
            )
        )
    return tuple(found)


def _fields(examples: Iterable[Example], taxonomy: Taxonomy) -> list[str]:
    """Return the fields about which some hint speaks and for which there are labels."""
    spoken = {
        tag.partition("=")[0]
        for example in examples
        for hit in example.hits
        if not hit.must
        for tag in hit.tags
    }
    labelled = {field for example in examples for field in example.labels}
    return sorted(field for field in spoken & labelled if taxonomy.values(field))


def _counts(examples: Iterable[Example]) -> dict[Slot, int]:
    counts: dict[Slot, int] = defaultdict(int)
    for example in examples:
        for slot in {(hit.rule, hit.view) for hit in example.hits}:
            counts[slot] += 1
    return counts


@dataclass(frozen=True, slots=True)
class _Design:
    """Messages by slots: 1 where a rule hit, and what each slot speaks for.

    Parameters
    ----------
    slots, values
        The columns, and the value that each speaks for.
    matrix
        A row for each message.
    offset
        What musts add: a row for each message, a column for each value of the field.
    priors
        Columns of rules that hold for every message.
    lowest, highest
        Bounds of the weights.
    """

    slots: list[tuple[Slot, str]]
    values: Any
    matrix: Any
    offset: Any
    priors: Any
    lowest: Any
    highest: Any


def _design(field: str, examples: Sequence[Example], taxonomy: Taxonomy) -> _Design:
    import numpy as np

    known = list(taxonomy.values(field))
    written: dict[tuple[Slot, str], float] = {}
    quiet: dict[tuple[Slot, str], bool] = {}
    for example in examples:
        for hit in example.hits:
            for value in () if hit.must else _values(hit, field):
                key = ((hit.rule, hit.view), value)
                written[key] = hit.weight
                quiet[key] = quiet.get(key, True) and not hit.matched
    slots = list(written)
    column = {key: number for number, key in enumerate(slots)}
    matrix = np.zeros((len(examples), len(slots)))
    offset = np.zeros((len(examples), len(known)))
    for row, example in enumerate(examples):
        for hit in example.hits:
            for value in _values(hit, field):
                if hit.must:
                    offset[row, known.index(value)] += _MUST
                else:
                    matrix[row, column[(hit.rule, hit.view), value]] = 1.0
    priors = np.array([quiet[key] for key in slots], dtype=bool) & (matrix.mean(axis=0) == 1.0)
    positive = np.array([written[key] >= 0 for key in slots], dtype=bool)
    lowest = np.where(priors | ~positive, -MOST, LEAST)
    highest = np.where(priors | positive, MOST, -LEAST)
    return _Design(
        slots=slots,
        values=np.array([known.index(value) for _, value in slots], dtype=int),
        matrix=matrix,
        offset=offset,
        priors=priors,
        lowest=lowest,
        highest=highest,
    )


def _values(hit: RuleHit, field: str) -> list[str]:
    return [value for name, _, value in (tag.partition("=") for tag in hit.tags) if name == field]


def _fit(field: str, examples: Sequence[Example], taxonomy: Taxonomy) -> dict[Slot, float]:
    labelled = [example for example in examples if field in example.labels]
    design = _design(field, labelled, taxonomy)
    wanted = _wanted(field, labelled, taxonomy)
    fitted = _minimise(design, wanted, one=field not in LIST_FIELDS)
    found: dict[Slot, list[float]] = defaultdict(list)
    for (slot, _), weight in zip(design.slots, fitted, strict=True):
        found[slot].append(float(weight))
    return {slot: sum(some) / len(some) for slot, some in found.items()}


def _wanted(field: str, examples: Sequence[Example], taxonomy: Taxonomy) -> Any:
    import numpy as np

    known = list(taxonomy.values(field))
    wanted = np.zeros((len(examples), len(known)))
    for row, example in enumerate(examples):
        for value in example.labels[field]:
            if value in known:
                wanted[row, known.index(value)] = 1.0
    return wanted


def _minimise(design: _Design, wanted: Any, *, one: bool) -> Any:
    """Return the weights of least penalised log-loss, within their bounds."""
    import numpy as np
    from scipy.optimize import minimize

    speaks = np.zeros((len(design.slots), wanted.shape[1]))
    speaks[np.arange(len(design.slots)), design.values] = 1.0
    target = np.where(design.priors, 0.0, np.clip(TARGET, design.lowest, design.highest))
    penalty = np.where(design.priors, 0.01, PENALTY)

    def loss(weights: Any) -> tuple[float, Any]:
        odds = design.matrix @ (weights[:, None] * speaks) + design.offset
        chances, missed = (_softmax if one else _logistic)(odds, wanted)
        slope = ((design.matrix.T @ (chances - wanted)) * speaks).sum(axis=1)
        apart = weights - target
        return missed + float((penalty * apart**2).sum()) / 2, slope + penalty * apart

    start = np.clip(np.where(design.priors, 0.0, 1.0), design.lowest, design.highest)
    bounds = list(zip(design.lowest, design.highest, strict=True))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x


def _softmax(odds: Any, wanted: Any) -> tuple[Any, float]:
    import numpy as np

    highest = odds.max(axis=1, keepdims=True)
    powers = np.exp(odds - highest)
    total = powers.sum(axis=1, keepdims=True)
    missed = (highest + np.log(total) - (odds * wanted).sum(axis=1, keepdims=True)).sum()
    return powers / total, float(missed)


def _logistic(odds: Any, wanted: Any) -> tuple[Any, float]:
    import numpy as np

    missed = (np.logaddexp(0.0, odds) - odds * wanted).sum()
    return 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0))), float(missed)


def _written(examples: Iterable[Example]) -> dict[Slot, float]:
    return {(hit.rule, hit.view): hit.weight for example in examples for hit in example.hits}


def _plain(examples: Iterable[Example]) -> dict[Slot, float]:
    """Return weights of 1 for all, and the written ones for what holds for every message."""
    return {
        (hit.rule, hit.view): 1.0 if hit.matched else hit.weight
        for example in examples
        for hit in example.hits
    }


def _said(
    field: str, examples: Iterable[Example], weights: Weights, taxonomy: Taxonomy
) -> dict[str, tuple[str, ...]]:
    """Return id to what the rules say of `field` with these weights."""
    said: dict[str, tuple[str, ...]] = {}
    known = taxonomy.values(field)
    for example in examples:
        odds = dict.fromkeys(known, 0.0)
        spoken: set[str] = set()
        for hit in example.hits:
            for value in _values(hit, field):
                spoken.add(value)
                odds[value] += _MUST if hit.must else weights.get((hit.rule, hit.view), TARGET)
        if field in LIST_FIELDS:
            said[example.id] = tuple(value for value in known if value in spoken and odds[value] >= _CHOSEN)
        else:
            said[example.id] = (max(known, key=lambda value: odds[value]),)
    return said


def _score(field: str, examples: Sequence[Example], said: Mapping[str, tuple[str, ...]]) -> float:
    if field not in LIST_FIELDS:
        return sum(said[e.id] == tuple(e.labels[field]) for e in examples) / len(examples)
    hits = sum(len(set(said[e.id]) & set(e.labels[field])) for e in examples)
    size = sum(len(said[e.id]) + len(e.labels[field]) for e in examples)
    return 2 * hits / size if size else 0.0


def _majority(field: str, examples: Sequence[Example]) -> float:
    counts: dict[str, int] = defaultdict(int)
    for example in examples:
        for value in example.labels[field]:
            counts[value] += 1
    best = max(counts, key=lambda value: counts[value])
    return _score(field, examples, {example.id: (best,) for example in examples})
