"""Why the model thinks so: the words, facts and rules of one inquiry that weighed most for a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.classify.dataset import Sample
from pipeline.classify.features import TEXTS, Blocks, Views
from pipeline.classify.heads import Heads
from pipeline.classify.wordpieces import words

_MOST_REASONS = 3
_MOST_WORDS = 400
_LEAST_WEIGHT = 0.01
# The view that stands for a block whose words are those of another.
_NAMES = {"words": "body"}
# Where a word of the whole message may have come from; it is looked for in this order.
_HOMES = ("body", "signature", "subject", "sender")


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

    names, table = _contributions(views, heads, sample, blocks, row)
    found = {}
    for tag, (columns, at) in wanted.items():
        weights = table[:, columns.start + at] - table[:, columns].mean(axis=1)
        places = np.flatnonzero(weights >= _LEAST_WEIGHT)
        if len(places) > _MOST_REASONS:
            # Only what ties with the last of the best, or beats it, has to be put in order.
            least = np.partition(weights[places], -_MOST_REASONS)[-_MOST_REASONS]
            places = places[weights[places] >= least]
        best = sorted(places, key=lambda place: (-weights[place], names[place]))[:_MOST_REASONS]
        found[tag] = "; ".join(names[place] for place in best)
    return found


def _contributions(
    views: Views, heads: Heads, sample: Sample, blocks: Blocks, row: int
) -> tuple[list[str], Any]:
    """Return names, and a table with a row for each of them and a column for each value."""
    import numpy as np

    places: dict[tuple[str, str], int] = {}
    parts: list[Any] = []
    at: list[int] = []
    for block, matrix in blocks.items():
        start, stop = matrix.indptr[row], matrix.indptr[row + 1]
        columns, values = matrix.indices[start:stop], matrix.data[start:stop]
        weights = heads.coef_[block][columns] * values[:, None]
        if block in TEXTS:
            found, weights = _words(views, block, sample, columns, weights)
        else:
            found = [str(views.named_[block].feature_names_[column]) for column in columns]
        at.extend(_place(places, block, each) for each in found)
        parts.append(weights)
    table = np.zeros((len(places), sum(map(len, heads.fields.values()))))
    np.add.at(table, at, np.vstack(parts))
    return [f"{label}: {each!r}" if label else each for label, each in places], table


def _place(places: dict[tuple[str, str], int], block: str, name: str) -> int:
    """Return the row of a name; what the message as a whole says goes to a view that has the same word."""
    if block not in TEXTS:
        return places.setdefault(("", name), len(places))
    homes = _HOMES if block == "message" else (_NAMES.get(block, block),)
    key = next(((home, name) for home in homes if (home, name) in places), (homes[0], name))
    return places.setdefault(key, len(places))


def _words(views: Views, block: str, sample: Sample, columns: Any, weights: Any) -> tuple[list[str], Any]:
    """Return the words of the text, and what each contributes: its pieces' weights, shared with other words."""
    import numpy as np
    from scipy.sparse import csr_matrix

    made = views.texts_[block]
    found = sorted(set(words(TEXTS[block](sample[0]))[:_MOST_WORDS]))
    ids = [np.fromiter(set(made.word_ids(word)), dtype=np.int32) for word in found]
    starts = np.cumsum([0, *map(len, ids)])
    places = np.searchsorted(columns, np.concatenate([np.zeros(0, dtype=np.int32), *ids]))
    shares = np.ones(len(places), dtype=np.float32) / np.bincount(places, minlength=1)[places]
    spread = csr_matrix((shares, places, starts), shape=(len(found), len(columns)))
    return found, spread @ weights
