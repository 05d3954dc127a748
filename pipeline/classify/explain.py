"""Why the model thinks so: the words, facts and rules of one inquiry that weighed most for a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pipeline.classify.dataset import Sample
from pipeline.classify.features import TEXTS, Blocks, Views
from pipeline.classify.heads import Heads
from pipeline.classify.wordpieces import words

_MOST_REASONS = 3
_MOST_WORDS = 400
_LEAST_WEIGHT = 0.01
# Blocks that hold the same words as others do not get a name of their own.
_NAMES = {"words": "body", "message": ""}


def reasons(
    views: Views,
    heads: Heads,
    sample: Sample,
    blocks: Blocks,
    row: int,
    wanted: Mapping[str, tuple[slice, int]],
) -> dict[str, str]:
    """Return tag to its strongest reasons, such as ``signature: 'curator'; rule museums in sender``.

    Parameters
    ----------
    views, heads
        The fitted steps.
    sample, blocks, row
        The inquiry, and where its features are.
    wanted
        Tag to the columns of its field and its own place among them.
    """
    import numpy as np

    names, parts = _contributions(views, heads, sample, blocks, row)
    if not names:
        return {}
    table = np.array(parts)
    found = {}
    for tag, (columns, at) in wanted.items():
        field = table[:, columns]
        weights = _merged(names, field[:, at] - field.mean(axis=1))
        best = sorted(weights, key=lambda name: (-weights[name], name))[:_MOST_REASONS]
        found[tag] = "; ".join(name for name in best if weights[name] >= _LEAST_WEIGHT)
    return found


def _merged(names: list[str], weights: Any) -> dict[str, float]:
    """Add up by name; what the whole message says goes to the view that has the same word."""
    total: dict[str, float] = defaultdict(float)
    for name, weight in zip(names, weights, strict=True):
        total[name] += float(weight)
    for name in [name for name in total if name.startswith(": ")]:
        homes = [other for other in total if other.endswith(name) and other != name]
        for home in homes:
            total[home] += total[name] / len(homes)
        if homes:
            del total[name]
    return {name.removeprefix(": "): weight for name, weight in total.items()}


def _contributions(
    views: Views, heads: Heads, sample: Sample, blocks: Blocks, row: int
) -> tuple[list[str], list[Any]]:
    names: list[str] = []
    parts: list[Any] = []
    for block, matrix in blocks.items():
        start, stop = matrix.indptr[row], matrix.indptr[row + 1]
        columns, values = matrix.indices[start:stop], matrix.data[start:stop]
        weights = heads.coef_[block][columns] * values[:, None]
        some, table = _words(views, block, sample, columns, weights) if block in TEXTS else (columns, weights)
        label = f"{_NAMES.get(block, block)}: "
        names.extend(f"{label}{each!r}" if block in TEXTS else _name(views, block, each) for each in some)
        parts.extend(table)
    return names, parts


def _words(views: Views, block: str, sample: Sample, columns: Any, weights: Any) -> tuple[list[str], Any]:
    """Return the words of the text, and what each contributes: its pieces' weights, shared with other words."""
    import numpy as np
    from scipy.sparse import csr_matrix

    made = views.texts_[block]
    found = sorted(set(words(TEXTS[block](sample[0]))[:_MOST_WORDS]))
    ids = [np.unique(np.frombuffer(made.word_ids(word), dtype=np.int32)) for word in found]
    starts = np.cumsum([0, *map(len, ids)])
    places = np.searchsorted(columns, np.concatenate([np.zeros(0, dtype=np.int32), *ids]))
    shares = np.ones(len(places), dtype=np.float32) / np.bincount(places, minlength=1)[places]
    spread = csr_matrix((shares, places, starts), shape=(len(found), len(columns)))
    return found, spread @ weights


def _name(views: Views, block: str, column: int) -> str:
    return str(views.named_[block].feature_names_[column])
