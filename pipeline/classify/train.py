"""Examples to a trained model: folds, scores out of fold, calibration, thresholds, the final fit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Example
from pipeline.classify.folds import FOLDS, folds
from pipeline.classify.model import Model
from pipeline.classify.report import Report
from pipeline.records.decisions import LIST_FIELDS
from pipeline.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pipeline.classify.calibration import Calibrators, Probabilities
    from pipeline.classify.evaluate import Rulings

# The promise that thresholds keep, out of fold.
PRECISION = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model, and what is worth knowing of how it came about.

    Parameters
    ----------
    model
        Ready to serve.
    report
        Figures out of fold: each message was scored by an estimator, and judged by a calibration and
        thresholds, that had not seen it.
    seed
        Of the folds.
    examples
        How many it was trained on.
    rulebook_version
        Of the rules whose hits are among the features.
    precision
        What the thresholds promise.
    taxonomy_hash
        Of the values that it answers.
    """

    model: Model
    report: Report = field(repr=False)
    seed: int
    examples: int
    rulebook_version: str
    taxonomy_hash: str
    precision: float = PRECISION


def train(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    name: str,
    seed: int = 2026,
    rulebook_version: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Trained:
    """Train a model called `name`; the same examples and seed (of the folds) give the same model.

    Parameters
    ----------
    rulebook_version
        Of the rules whose hits the examples carry.
    progress
        Called with the number of fits done, and of all.

    Raises
    ------
    ModelError
        With too few examples.
    """
    from pipeline.classify import evaluate
    from pipeline.classify.calibration import calibrate

    progress = progress or _silent
    fields, labels = _questions(taxonomy), [example.labels for example in examples]
    plan, rows = folds(examples, seed), _all_rows(len(examples))
    scores = _out_of_fold(examples, taxonomy, plan, progress)
    judged, rulings = _cross_fitted(fields, scores, labels, plan)
    thresholds, choose = _rules(fields, judged, labels, rows)
    model = Model(
        name=name,
        data_hash=data_hash(examples),
        estimator=_fitted(examples, taxonomy),
        calibrators=calibrate(fields, scores, labels, rows),
        thresholds=thresholds,
        choose=_by_tag(fields, choose),
        majority={each: _majority(each, labels) for each in fields},
    )
    progress(FOLDS + 1, FOLDS + 1)
    return Trained(
        model=model,
        report=evaluate.measure(fields, judged, rulings, examples, model.majority),
        seed=seed,
        examples=len(examples),
        rulebook_version=rulebook_version,
        taxonomy_hash=taxonomy_hash(taxonomy),
    )


def _by_tag(fields: Mapping[str, tuple[str, ...]], choose: Mapping[str, Any]) -> dict[str, float]:
    """Return tag to threshold, from field to thresholds in the order of its values."""
    return {
        f"{name}={value}": rates[at]
        for name, rates in choose.items()
        for at, value in enumerate(fields[name])
    }


def data_hash(examples: Sequence[Example]) -> str:
    """Return the SHA-256 of messages, groups, labels and rule hits, in hexadecimal; their order does not matter."""
    digest = hashlib.sha256()
    for example in sorted(examples, key=lambda each: each.id):
        labels = {name: list(values) for name, values in example.labels.items()}
        hits = [[hit.rule, list(hit.tags), hit.must, hit.weight, str(hit.view)] for hit in example.hits]
        line = json.dumps([example.id, example.group, example.inquiry.sha256, labels, hits], sort_keys=True)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def taxonomy_hash(taxonomy: Taxonomy) -> str:
    """Return the SHA-256 of all that a model answers: fields, their values in order, and what kinds are labelled."""
    labelled = {kind: sorted(taxonomy.labels(kind)) for kind in taxonomy.kind}
    text = json.dumps([_questions(taxonomy), labelled])
    return hashlib.sha256(text.encode()).hexdigest()


def _questions(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    from pipeline.classify.estimator import questions

    return questions(taxonomy)


def _fitted(examples: Sequence[Example], taxonomy: Taxonomy) -> Any:
    from pipeline.classify.estimator import estimator

    return estimator(taxonomy).fit([e.sample for e in examples], [e.labels for e in examples])


def _out_of_fold(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    plan: list[tuple[Any, Any]],
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Return field to scores, each row by an estimator fitted on the other folds."""
    import numpy as np

    scores = {name: np.zeros((len(examples), len(values))) for name, values in _questions(taxonomy).items()}
    for done, (fit_on, held_out) in enumerate(plan):
        progress(done, FOLDS + 1)
        fitted = _fitted([examples[row] for row in fit_on], taxonomy)
        found = fitted.decision_function([examples[row].sample for row in held_out])
        for name, each in found.items():
            scores[name][held_out] = each
    progress(FOLDS, FOLDS + 1)
    return scores


def _cross_fitted(
    fields: Mapping[str, tuple[str, ...]], scores: Mapping[str, Any], labels: Sequence[Any], plan: Any
) -> tuple[Probabilities, Rulings]:
    """Return probabilities, thresholds and choices for each message, all learnt on the other folds' scores."""
    import numpy as np

    from pipeline.classify.calibration import calibrate, probabilities
    from pipeline.classify.evaluate import Rulings

    judged = {name: np.zeros_like(each) for name, each in scores.items()}
    learnt: list[tuple[Any, Calibrators]] = []
    for fit_on, held_out in plan:
        calibrators = calibrate(fields, scores, labels, fit_on)
        learnt.append((held_out, calibrators))
        held = probabilities(calibrators, {name: each[held_out] for name, each in scores.items()})
        for name, each in held.items():
            judged[name][held_out] = each
    thresholds = {name: np.zeros(len(labels)) for name in fields}
    choose = {
        name: np.zeros((len(labels), len(values))) for name, values in fields.items() if name in LIST_FIELDS
    }
    for fit_on, held_out in plan:
        some_thresholds, some_choose = _rules(fields, judged, labels, fit_on)
        for name in fields:
            thresholds[name][held_out] = some_thresholds[name]
        for name, each in choose.items():
            each[held_out] = some_choose[name]
    return judged, Rulings(thresholds=thresholds, choose=choose)


def _rules(
    fields: Mapping[str, tuple[str, ...]], judged: Mapping[str, Any], labels: Sequence[Any], rows: Any
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return field to threshold, and list field to the probabilities from which on its values are chosen."""
    from pipeline.classify.calibration import choices, known_rows, threshold, truth

    thresholds: dict[str, float] = {}
    choose: dict[str, Any] = {}
    for name, values in fields.items():
        some = rows[known_rows(name, [labels[row] for row in rows])]
        probability, is_true = judged[name][some], truth(name, values, [labels[row] for row in some])
        if name in LIST_FIELDS:
            choose[name] = [float(at) for at in choices(probability, is_true)]
            picked = probability >= choose[name]
            thresholds[name] = threshold(probability[picked], is_true[picked], PRECISION)
        else:
            right = is_true[range(len(some)), probability.argmax(axis=1)]
            thresholds[name] = threshold(probability.max(axis=1), right, PRECISION)
    return thresholds, choose


def _majority(name: str, labels: Sequence[Any]) -> tuple[str, ...]:
    counts = Counter(value for one in labels for value in one.get(name, ()))
    return (min(counts, key=lambda value: (-counts[value], value)),) if counts else ()


def _all_rows(count: int) -> Any:
    import numpy as np

    return np.arange(count)


def _silent(done: int, of: int) -> None:
    """Show no progress."""
