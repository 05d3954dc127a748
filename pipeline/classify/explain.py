"""Why the model thinks so: the words, facts and rules of one inquiry that weighed most for a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
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
        line = matrix[[row]]
        coef = heads.coef_[block][line.indices] * line.data[:, None]
        of_piece = dict(zip(line.indices.tolist(), coef, strict=True))
        pairs = _words(views, block, sample, of_piece) if block in TEXTS else _named(views, block, of_piece)
        for name, part in pairs:
            names.append(name)
            parts.append(part)
    return names, parts


def _words(
    views: Views, block: str, sample: Sample, of_piece: Mapping[int, Any]
) -> Iterator[tuple[str, Any]]:
    made = views.texts_[block]
    ids = {word: made.word_ids(word) for word in set(words(TEXTS[block](sample[0]))[:_MOST_WORDS])}
    sharers: dict[int, int] = defaultdict(int)
    for found in ids.values():
        for piece in set(found):
            sharers[piece] += 1
    label = _NAMES.get(block, block)
    for word, found in sorted(ids.items()):
        shares = [of_piece[piece] / sharers[piece] for piece in set(found) if piece in of_piece]
        if shares:
            yield f"{label}: {word!r}", sum(shares)


def _named(views: Views, block: str, of_piece: Mapping[int, Any]) -> Iterator[tuple[str, Any]]:
    names = views.named_[block].feature_names_
    for piece, part in of_piece.items():
        yield str(names[piece]), part
