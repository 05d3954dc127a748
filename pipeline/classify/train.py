"""Examples to a trained model: folds, scores out of fold, calibration, thresholds, the final fit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Example
from pipeline.classify.embeddings import required
from pipeline.classify.estimator import estimator, questions
from pipeline.classify.folds import FOLDS, fold_numbers, folds
from pipeline.classify.heldout import HeldOut, Rulings, taken
from pipeline.classify.model import Model
from pipeline.classify.report import Report
from pipeline.records.decisions import LIST_FIELDS
from pipeline.taxonomy import Taxonomy

if TYPE_CHECKING:
    from pipeline.classify.calibration import Probabilities
    from pipeline.classify.study import Study
    from pipeline.classify.telling import Lesson

Labels = Mapping[str, tuple[str, ...]]
# Row numbers of training and held-out examples of each fold.
Plan = Sequence[tuple[Any, Any]]
# The promise that thresholds keep, out of fold.
PRECISION = 0.95
# Each fit holds a product of all its messages with themselves for each block.
_MOST_AT_ONCE = 4
# Fields of which a rare value counts as much as a frequent one: `unclear` is what a person has to see.
WEIGHED = ("alignment", "preconditions_met")


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
    held_out
        What was said of each message out of fold.
    requires
        Distributions that the model needs beside those that the program always has.
    """

    model: Model
    report: Report = field(repr=False)
    seed: int
    examples: int
    rulebook_version: str
    taxonomy_hash: str
    held_out: HeldOut = field(repr=False)
    precision: float = PRECISION
    requires: tuple[str, ...] = ()


def train(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    name: str,
    seed: int = 2026,
    rulebook_version: str = "",
    progress: Callable[[int, int], None] | None = None,
    kept: Mapping[str, int] | None = None,
    embeddings: str = "",
) -> Trained:
    """Train a model called `name`; the same examples and seed (of the folds) give the same model.

    Parameters
    ----------
    rulebook_version
        Of the rules whose hits the examples carry.
    progress
        Called with the number of fits done, and of all.
    kept
        Message id to the number of its fold in another training, so that both can be compared.
    embeddings
        Key of `embeddings.KINDS`: the encoder that the model is to use; empty for a model without embeddings.

    Raises
    ------
    ModelError
        With too few examples, or if the encoder is not installed.
    """
    from pipeline.classify import evaluate

    progress = progress or _silent
    fields, labels, requires = questions(taxonomy), [one.labels for one in examples], required(embeddings)
    plan = folds(examples, seed, kept)
    with _one_thread():
        scores, fitted = _fits(examples, partial(estimator, taxonomy, embeddings), plan, progress)
        judged = _cross_fitted(fields, scores, labels, plan)
        learnt = rulings(fields, judged, labels, plan)
        model = _model(name, examples, fitted, fields, scores, judged)
    progress(FOLDS + 1, FOLDS + 1)
    return Trained(
        model=model,
        report=evaluate.measure(fields, judged, learnt, examples, model.majority),
        seed=seed,
        examples=len(examples),
        rulebook_version=rulebook_version,
        taxonomy_hash=taxonomy_hash(taxonomy),
        held_out=HeldOut(fields=fields, judged=judged, rulings=learnt, fold=fold_numbers(plan)),
        requires=requires,
    )


def _one_thread() -> AbstractContextManager[object]:
    """Keep linear algebra to one thread: fits run side by side, and what follows is too little for several, which would wait."""
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[object] = threadpool_limits(1)
    return limited


def _model(
    name: str,
    examples: Sequence[Example],
    fitted: Any,
    fields: Mapping[str, tuple[str, ...]],
    scores: Mapping[str, Any],
    judged: Mapping[str, Any],
) -> Model:
    """Return what serves: the estimator that was `fitted` on all examples, calibration and thresholds by what was said out of fold."""
    import numpy as np

    from pipeline.classify.calibration import calibrate

    labels, rows = [example.labels for example in examples], np.arange(len(examples))
    thresholds, choose = _rules(fields, judged, labels, rows)
    return Model(
        name=name,
        data_hash=data_hash(examples),
        estimator=fitted,
        calibrators=calibrate(fields, scores, labels, rows),
        thresholds=thresholds,
        choose=_by_tag(fields, choose),
        majority={each: _majority(each, labels) for each in fields},
    )


def _by_tag(fields: Mapping[str, tuple[str, ...]], choose: Mapping[str, Any]) -> dict[str, float]:
    """Return tag to threshold, from field to thresholds in the order of its values."""
    return {
        f"{name}={value}": float(rates[at])
        for name, rates in choose.items()
        for at, value in enumerate(fields[name])
    }


def data_hash(examples: Sequence[Example]) -> str:
    """Return the SHA-256 of messages, groups, labels, rule hits and marks, in hexadecimal; their order does not matter."""
    digest = hashlib.sha256()
    for example in sorted(examples, key=lambda each: each.id):
        labels = {name: list(values) for name, values in example.labels.items()}
        hits = [[hit.rule, list(hit.tags), hit.must, hit.weight, str(hit.view)] for hit in example.hits]
        marks = None if example.marks is None else [[m.quote, m.sign, m.ground] for m in example.marks]
        line = json.dumps(
            [example.id, example.group, example.inquiry.sha256, labels, hits, marks], sort_keys=True
        )
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def taxonomy_hash(taxonomy: Taxonomy) -> str:
    """Return the SHA-256 of all that a model answers: fields, their values in order, and what kinds are labelled."""
    labelled = {kind: sorted(taxonomy.labels(kind)) for kind in taxonomy.kind}
    text = json.dumps([questions(taxonomy), labelled])
    return hashlib.sha256(text.encode()).hexdigest()


def _fitted(
    examples: Sequence[Example], unfitted: Callable[[], Any], study: Study, rows: Sequence[int]
) -> Any:
    """Return an estimator fitted on these `rows` of the examples, which were studied together."""
    some = study.of(rows)
    labels, lessons = [examples[row].labels for row in rows], _lessons(examples)
    taught = [lessons[row] for row in rows] if lessons else None
    return unfitted().fit(list(some.samples), labels, views__lessons=taught, views__studied=some)


def _lessons(examples: Sequence[Example]) -> list[Lesson] | None:
    """Return what each example teaches about single sentences; None if nobody has marked one."""
    from pipeline.classify.telling import Lesson

    if not any(example.marks for example in examples):
        return None
    return [
        Lesson(marks=example.marks, plain=example.labels.get("alignment") == ("aligned",))
        for example in examples
    ]


def _fits(
    examples: Sequence[Example],
    unfitted: Callable[[], Any],
    plan: list[tuple[Any, Any]],
    progress: Callable[[int, int], None],
) -> tuple[dict[str, Any], Any]:
    """Return field to scores, each row by an estimator fitted on the other folds, and an estimator fitted on all.

    Several fits at a time, each on one core and in threads, as what is costly in them leaves Python; so that the result
    does not depend on how many cores there are.
    """
    import numpy as np
    from joblib import Parallel, delayed

    progress(0, FOLDS + 1)
    study = unfitted()[0].studied([one.sample for one in examples], spoken=_lessons(examples) is not None)
    everything = (range(len(examples)), ())
    jobs = [delayed(_fold)(examples, unfitted, study, *rows) for rows in (everything, *plan)]
    scores: dict[str, Any] = {}
    made = Parallel(n_jobs=_at_once(), prefer="threads", return_as="generator")(jobs)
    fitted, _ = next(made)
    for done, ((_, held_out), (_, found)) in enumerate(zip(plan, made, strict=True), start=1):
        progress(done, FOLDS + 1)
        for name, each in found.items():
            scores.setdefault(name, np.zeros((len(examples), each.shape[1])))[held_out] = each
    return scores, fitted


def _fold(
    examples: Sequence[Example], unfitted: Callable[[], Any], study: Study, fit_on: Any, held_out: Any
) -> tuple[Any, dict[str, Any]]:
    """Return an estimator fitted on some rows, and its scores of others; the estimator only where there are none."""
    made = _fitted(examples, unfitted, study, fit_on)
    if len(held_out) == 0:
        return made, {}
    return None, made[-1].decision_function(made[0].transform_studied(study.of(held_out)))


def _at_once() -> int:
    """Return how many fits run at a time: one a core, and no more than their memory allows."""
    from joblib import effective_n_jobs

    cores: int = effective_n_jobs(-1)
    return min(cores, _MOST_AT_ONCE)


def _cross_fitted(
    fields: Mapping[str, tuple[str, ...]], scores: Mapping[str, Any], labels: Sequence[Any], plan: Any
) -> Probabilities:
    """Return probabilities for each message by calibrators that were learnt on the other folds' scores."""
    import numpy as np

    from pipeline.classify.calibration import calibrate, probabilities

    judged = {name: np.zeros((len(labels), len(values))) for name, values in fields.items()}
    for fit_on, held_out in plan:
        calibrators = calibrate(fields, scores, labels, fit_on)
        held = probabilities(calibrators, {name: each[held_out] for name, each in scores.items()})
        for name, each in held.items():
            judged[name][held_out] = each
    return judged


def rulings(
    fields: Mapping[str, tuple[str, ...]], judged: Mapping[str, Any], labels: Sequence[Labels], plan: Plan
) -> Rulings:
    """Return thresholds and choices for each message, learnt on what was said of the other folds.

    Parameters
    ----------
    judged
        Field to probabilities out of fold, a row for each of the `labels`.
    plan
        Row numbers of training and held-out examples of each fold.
    """
    import numpy as np

    thresholds = {name: np.zeros(len(labels)) for name in fields}
    choose = {name: np.zeros((len(labels), len(fields[name]))) for name in (*LIST_FIELDS, *WEIGHED)}
    for fit_on, held_out in plan:
        some_thresholds, some_choose = _rules(fields, judged, labels, fit_on)
        for name in fields:
            thresholds[name][held_out] = some_thresholds[name]
        for name, each in choose.items():
            each[held_out] = some_choose[name]
    return Rulings(thresholds=thresholds, choose=choose)


def _rules(
    fields: Mapping[str, tuple[str, ...]], judged: Mapping[str, Any], labels: Sequence[Any], rows: Any
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return field to threshold, and field to the rates at which its values are taken."""
    from pipeline.classify.calibration import choices, known_rows, rates, threshold, truth

    thresholds: dict[str, float] = {}
    choose: dict[str, Any] = {}
    for name, values in fields.items():
        some = rows[known_rows(name, [labels[row] for row in rows])]
        probability, is_true = judged[name][some], truth(name, values, [labels[row] for row in some])
        if name in LIST_FIELDS:
            choose[name] = choices(probability, is_true)
        elif name in WEIGHED:
            choose[name] = rates(is_true)
        picked = taken(name, probability, choose.get(name))
        thresholds[name] = threshold(probability[picked], is_true[picked], PRECISION)
    return thresholds, choose


def _majority(name: str, labels: Sequence[Any]) -> tuple[str, ...]:
    counts = Counter(value for one in labels for value in one.get(name, ()))
    return (min(counts, key=lambda value: (-counts[value], value)),) if counts else ()


def _silent(done: int, of: int) -> None:
    """Show no progress."""
