"""How much more labelled mail would help: what is learnt from a part of the organisations and threads.

In each of five grouped folds the estimator learns from a seeded part of the other folds' groups and answers the fold
held out. Word pieces are chosen once, without labels; scores are taken as they are and the highest one answers, so that
figures are a little below those of a whole model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.classify.dataset import Example
from pipeline.classify.folds import folds
from pipeline.taxonomy import Taxonomy

SHARES = (0.25, 0.5, 0.75, 1.0)
SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What was learnt of one field from a share of the groups.

    Parameters
    ----------
    field, share
        Which, and from which share of the groups.
    mails
        How many mails that was, on average over the folds.
    accuracies
        Share of right answers in each fold.
    macro_f1
        Mean F1 of the values, over all folds.
    baseline
        Share of right answers of always saying the most frequent value.
    """

    field: str
    share: float
    mails: float
    accuracies: tuple[float, ...]
    macro_f1: float
    baseline: float


def curve(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    fields: Sequence[str],
    *,
    shares: Sequence[float] = SHARES,
    encoder: str = "",
    seed: int = SEED,
) -> Iterator[Point]:
    """Yield a point for each share and field, as soon as it is known.

    Parameters
    ----------
    fields
        Of those with one value.
    encoder
        As in `estimator`.
    """
    from sklearn.base import clone

    from pipeline.classify.estimator import estimator

    unfitted = estimator(taxonomy, encoder)
    heads = clone(unfitted.named_steps["heads"])
    heads.set_params(fields={field: taxonomy.values(field) for field in fields})
    blocks = unfitted.named_steps["views"].fit_transform([example.sample for example in examples])
    plan = folds(examples, seed)
    for share in shares:
        parts = [(_part(examples, fit_on, share, seed), held_out) for fit_on, held_out in plan]
        answered = [_answers(examples, blocks, heads, *rows) for rows in parts]
        mails = sum(len(rows) for rows, _ in parts) / len(parts)
        for field in fields:
            yield _point(field, share, mails, [one[field] for one in answered])


# Labels and answers.
_Pairs = list[tuple[str, str]]


def _answers(
    examples: Sequence[Example], blocks: Any, heads: Any, rows: Any, held_out: Any
) -> dict[str, _Pairs]:
    heads.fit({name: block[rows] for name, block in blocks.items()}, [examples[at].labels for at in rows])
    scores = heads.decision_function({name: block[held_out] for name, block in blocks.items()})
    found = {}
    for field, values in heads.fields.items():
        said = scores[field][:, : len(values)].argmax(axis=1)
        found[field] = [
            (examples[at].labels[field][0], values[guess])
            for at, guess in zip(held_out, said, strict=True)
            if examples[at].labels.get(field)
        ]
    return found


def _part(examples: Sequence[Example], rows: Any, share: float, seed: int) -> Any:
    """Return the rows of a seeded share of the groups; a smaller share is within a larger one."""
    import numpy as np

    groups = np.array([examples[at].group for at in rows])
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    return rows[np.isin(groups, order[: round(share * len(order))])]


def _point(field: str, share: float, mails: float, of_folds: Sequence[_Pairs]) -> Point:
    from sklearn.metrics import f1_score

    labels, said = zip(*(pair for fold in of_folds for pair in fold), strict=True)
    return Point(
        field=field,
        share=share,
        mails=mails,
        accuracies=tuple(sum(label == one for label, one in fold) / len(fold) for fold in of_folds),
        macro_f1=float(f1_score(labels, said, average="macro")),
        baseline=max(labels.count(value) for value in set(labels)) / len(labels),
    )
