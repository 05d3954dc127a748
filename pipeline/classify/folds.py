"""Grouped, stratified folds, so that no thread, organisation or person is on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.classify.dataset import Example
from pipeline.errors import ModelError

FOLDS = 5


def folds(examples: Sequence[Example], seed: int) -> list[tuple[Any, Any]]:
    """Return the row numbers of training and held-out examples of each fold.

    Raises
    ------
    ModelError
        If there are fewer groups than folds.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    groups = [example.group for example in examples]
    if len(set(groups)) < FOLDS:
        raise ModelError(
            f"too few labelled messages to learn from: {len(examples)} in {len(set(groups))} groups"
            f" of threads and organisations; at least {FOLDS} groups are needed, some hundreds are useful"
        )
    made = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(made.split(np.zeros(len(groups)), strata(examples), groups))


def strata(examples: Sequence[Example]) -> list[str]:
    """Return for each example its partner_type, else its kind; what is too rare for the folds joins the largest."""
    names = [(e.labels.get("partner_type") or e.labels["kind"])[0] for e in examples]
    counts = Counter(names)
    largest = min(counts, key=lambda name: (-counts[name], name))
    return [name if counts[name] >= FOLDS else largest for name in names]
