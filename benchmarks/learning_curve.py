"""How much more labelled mail would help: training on 25, 50, 75 and 100 % of the organisations and threads.

In each of five grouped folds the estimator learns from a seeded part of the other folds' groups and answers the fold
held out; the reference in the same run is the most frequent value. Word pieces are chosen once, without labels;
scores are taken as they are, the highest one answers, so that figures are a little below those of the whole model.

    .venv/bin/python benchmarks/learning_curve.py [embed]
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from pipeline import wiring
from pipeline.classify.dataset import Example, load_examples
from pipeline.classify.estimator import estimator
from pipeline.classify.folds import folds
from pipeline.resources import packaged
from pipeline.settings import Folders, Settings

FIELDS = ("kind", "partner_type", "alignment")
SHARES = (0.25, 0.5, 0.75, 1.0)
SEED = 2026


def main() -> None:
    settings = Settings(folders=Folders(model=""))
    taxonomy = wiring.taxonomy(settings)
    examples = load_examples(packaged("fixtures"), taxonomy, wiring.reader(settings), "train")
    unfitted = estimator(taxonomy, "use" if "embed" in sys.argv[1:] else "")
    blocks = unfitted.named_steps["views"].fit_transform([example.sample for example in examples])
    print("| field | groups | mails | accuracy (spread over folds) | macro-F1 | most frequent value |")
    print("| --- | --- | --- | --- | --- | --- |")
    plan = folds(examples, SEED)
    for share in SHARES:
        made = [answers(examples, blocks, unfitted.named_steps["heads"], fold, share) for fold in plan]
        for field in FIELDS:
            print(row(field, share, [one[field] for one in made], [one["mails"] for one in made]), flush=True)


def answers(examples: Sequence[Example], blocks: Any, heads: Any, fold: Any, share: float) -> dict[str, Any]:
    """Return field to pairs of label and answer in the fold held out, and how many mails were learnt from."""
    rows, held_out = part(examples, fold[0], share), fold[1]
    heads.fit({name: block[rows] for name, block in blocks.items()}, [examples[at].labels for at in rows])
    scores = heads.decision_function({name: block[held_out] for name, block in blocks.items()})
    found: dict[str, Any] = {"mails": len(rows)}
    for field in FIELDS:
        values = heads.fields[field]
        said = scores[field][:, : len(values)].argmax(axis=1)
        pairs = zip(held_out, said, strict=True)
        found[field] = [
            (examples[at].labels[field][0], values[guess])
            for at, guess in pairs
            if examples[at].labels.get(field)
        ]
    return found


def part(examples: Sequence[Example], rows: Any, share: float) -> Any:
    """Return the rows of a seeded share of the groups; a smaller share is within a larger one."""
    groups = np.array([examples[at].group for at in rows])
    order = np.random.default_rng(SEED).permutation(np.unique(groups))
    return rows[np.isin(groups, order[: round(share * len(order))])]


def row(field: str, share: float, folds_: Sequence[Sequence[tuple[str, str]]], mails: Sequence[int]) -> str:
    accuracies = [float(np.mean([label == said for label, said in fold])) for fold in folds_]
    labels, said = zip(*flat(folds_), strict=True)
    commonest = max(labels.count(value) for value in set(labels)) / len(labels)
    figure = f1_score(labels, said, average="macro")
    spread = f"{min(accuracies):.3f} to {max(accuracies):.3f}"
    return (
        f"| {field} | {share:.0%} | {statistics.mean(mails):.0f} | {statistics.median(accuracies):.3f} ({spread})"
        f" | {figure:.3f} | {commonest:.3f} |"
    )


def flat(folds_: Sequence[Sequence[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    for fold in folds_:
        yield from fold


if __name__ == "__main__":
    main()
