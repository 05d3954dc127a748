"""Grouped, stratified folds, so that no thread, organisation or person is on both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.classify.dataset import Example
from pipeline.errors import ModelError

FOLDS = 5


def folds(
    examples: Sequence[Example], seed: int, kept: Mapping[str, int] | None = None
) -> list[tuple[Any, Any]]:
    """Return the row numbers of training and held-out examples of each fold.

    Parameters
    ----------
    seed
        Decides where nothing is kept.
    kept
        Message id to fold, 0 to 4: those messages stay there, and with them their groups; new groups go where their
        stratum is rarest.

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
    if kept:
        number = np.array(_kept_folds(examples, kept))
        return [(np.flatnonzero(number != fold), np.flatnonzero(number == fold)) for fold in range(FOLDS)]
    made = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(made.split(np.zeros(len(groups)), strata(examples), groups))


def fold_numbers(plan: Sequence[tuple[Any, Any]]) -> tuple[int, ...]:
    """Return for each row the number of the fold in which it is held out."""
    number = {int(row): fold for fold, (_, held_out) in enumerate(plan) for row in held_out}
    return tuple(number[row] for row in range(len(number)))


def _kept_folds(examples: Sequence[Example], kept: Mapping[str, int]) -> list[int]:
    names, members = strata(examples), defaultdict(list)
    for row, example in enumerate(examples):
        members[example.group].append(row)
    number: dict[int, int] = {}
    full: Counter[tuple[str, int]] = Counter()
    # Groups that have a fold come first, so that the others can see where there is room.
    for group, rows in sorted(members.items(), key=lambda one: (not _known(examples, one[1], kept), one[0])):
        known = _known(examples, rows, kept)
        name = names[rows[0]]
        number[group] = (
            min(known, key=lambda fold: (-known[fold], fold))
            if known
            else min(range(FOLDS), key=lambda fold: (full[name, fold], fold))
        )
        full.update((names[row], number[group]) for row in rows)
    return [number[example.group] for example in examples]


def _known(examples: Sequence[Example], rows: Sequence[int], kept: Mapping[str, int]) -> Counter[int]:
    """Count the folds in which messages of a group were; two groups may have become one meanwhile."""
    return Counter(kept[examples[row].id] for row in rows if kept.get(examples[row].id) in range(FOLDS))


def strata(examples: Sequence[Example]) -> list[str]:
    """Return for each example its partner_type, else its kind; what is too rare for the folds joins the largest."""
    names = [(e.labels.get("partner_type") or e.labels["kind"])[0] for e in examples]
    counts = Counter(names)
    largest = min(counts, key=lambda name: (-counts[name], name))
    return [name if counts[name] >= FOLDS else largest for name in names]
