"""Why the model thinks so: what of one inquiry weighed most for a value, and what against it.

Words, sentences, facts and rules, each with its share of the first opinion's score, less what it gives the field's
values on average: a linear model's score is the sum of these shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.classify.dataset import Sample
from pipeline.classify.embeddings import meanings, sentences
from pipeline.classify.features import GIST, RULES, SENTENCES, TEXTS, Blocks, Views
from pipeline.classify.heads import Heads
from pipeline.classify.wordpieces import words

_MOST_REASONS = 3
_MOST_OBJECTIONS = 1
_MOST_WORDS = 250
# Of a column in what WordPieces gives for a word.
_OCTETS = 4
_LEAST_WEIGHT = 0.01
_LEAST_OBJECTION = 0.05
_LONGEST_SENTENCE = 140
# The view that stands for a block whose words are those of another.
_NAMES = {"words": "body"}
# Where a word of the whole message may have come from; it is looked for in this order.
_HOMES = ("body", "signature", "subject", "sender")
_SENTENCE = "sentence"
# All that comes from rules counts together: each rule stands among the evidence by itself.
_ALL_RULES = "rules that hit"

# Where something stands (empty for facts and rules) and what it is.
Name = tuple[str, str]


def reasons(
    views: Views,
    heads: Heads,
    sample: Sample,
    blocks: Blocks,
    row: int,
    wanted: Mapping[str, tuple[slice, int]],
) -> dict[str, str]:
    """Return tag to its strongest reasons, such as ``rules that hit; signature: 'curator'; against: ...``.

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

    if not wanted:
        return {}
    names, table = _contributions(views, heads, sample, blocks, row)
    if not names:
        return dict.fromkeys(wanted, "")
    table = _against_the_field(table, heads, wanted.values())
    most = min(_MOST_REASONS + 1, len(names)) - 1
    best, worst = np.argpartition(-table, most, axis=0)[: most + 1], table.argmin(axis=0)
    return {
        tag: _told(names, table[:, at], best[:, at].tolist(), int(worst[at])) for at, tag in enumerate(wanted)
    }


def _against_the_field(table: Any, heads: Heads, wanted: Iterable[tuple[slice, int]]) -> Any:
    """Return a column for each wanted value: what sets it apart from its field's mean.

    Sums instead of a product of matrices, for which the library would start threads that take longer than the work.
    """
    import numpy as np

    fields = list(heads.columns().values())
    starts, sizes = [each.start for each in fields], [each.stop - each.start for each in fields]
    means = np.add.reduceat(table, starts, axis=1) / np.array(sizes, dtype=np.float32)
    pairs = [(columns.start + place, starts.index(columns.start)) for columns, place in wanted]
    return table[:, [at for at, _ in pairs]] - means[:, [field for _, field in pairs]]


def _told(names: Sequence[Name], weights: Any, best: Sequence[int], worst: int) -> str:
    """Write the reasons down, strongest first, with one sentence among them at most."""
    ranked = sorted(
        (at for at in best if weights[at] >= _LEAST_WEIGHT), key=lambda at: (-weights[at], names[at])
    )
    spoken = [at for at in ranked if names[at][0] == _SENTENCE]
    chosen = [at for at in ranked if at not in spoken[1:]][:_MOST_REASONS]
    told = [_written(names[at]) for at in chosen]
    if weights[worst] <= -_LEAST_OBJECTION:
        told.append(f"against: {_written(names[worst])}")
    return "; ".join(told)


def _written(name: Name) -> str:
    label, what = name
    if label == _SENTENCE and len(what) > _LONGEST_SENTENCE:
        what = what[: _LONGEST_SENTENCE - 1].rstrip() + "…"
    return f"{label}: {what!r}" if label else what


def _contributions(
    views: Views, heads: Heads, sample: Sample, blocks: Blocks, row: int
) -> tuple[list[Name], Any]:
    """Return names, and a table with a row for each of them and a column for each value."""
    import numpy as np
    from scipy.sparse import csr_matrix

    found: dict[str, list[str]] = {}
    parts: list[_Part] = []
    for block, matrix in blocks.items():
        part = _of_block(views, heads, sample, block, matrix, row)
        if part.names:
            found[block] = part.names
            parts.append(part)
    places: dict[Name, int] = {}
    at = np.array([places.setdefault(name, len(places)) for name in _named(found)], dtype=np.int32)
    if not places:
        return [], np.zeros((0, 0), dtype=np.float32)
    # All features of all blocks in one product, and then each name's share of each.
    starts = np.cumsum([0, *(len(part.weights) for part in parts)])
    lines = np.repeat(at, np.concatenate([part.counts for part in parts]))
    cells = np.concatenate([part.at + start for part, start in zip(parts, starts, strict=False)])
    shares = np.concatenate([part.shares for part in parts])
    sums = csr_matrix((shares, (lines, cells)), shape=(len(places), starts[-1]))
    return list(places), sums @ np.vstack([part.weights for part in parts])


class _Part(NamedTuple):
    """What a block contributes: of each name so many `counts` of the features `at`, with a share of their `weights`."""

    names: list[str]
    weights: Any = None
    counts: Any = None
    at: Any = None
    shares: Any = None


def _whole(names: list[str], weights: Any) -> _Part:
    """Return the part of names that have a row of the weights each."""
    import numpy as np

    count = len(names)
    ones = np.ones(count, dtype=np.float32)
    return _Part(names, weights, np.ones(count, dtype=np.int32), np.arange(count), ones)


def _of_block(views: Views, heads: Heads, sample: Sample, block: str, matrix: Any, row: int) -> _Part:
    coef = heads.coef_[block]
    if block == GIST:
        return _Part([])
    if block == SENTENCES:
        return _sentences(views, sample, coef, bool(matrix[row].any()))
    start, stop = matrix.indptr[row], matrix.indptr[row + 1]
    columns, values = matrix.indices[start:stop], matrix.data[start:stop]
    if block in TEXTS:
        return _words(views, block, sample, (columns, values), coef)
    weights = coef[columns] * values[:, None]
    if block == RULES:
        return _whole([_ALL_RULES], weights.sum(axis=0, keepdims=True))
    features = views.named_[block].feature_names_
    return _whole([str(features[column]) for column in columns], weights)


def _named(found: Mapping[str, Sequence[str]]) -> Iterator[Name]:
    """Yield where each name stands; what the message as a whole says goes to a view that has the same word."""
    homes = [(_NAMES.get(block, block), frozenset(some)) for block, some in found.items() if block in _HOMES]
    homes.sort(key=lambda home: _HOMES.index(home[0]))
    if "words" in found and "body" not in found:
        homes.insert(0, ("body", frozenset(found["words"])))
    for block, some in found.items():
        label = _SENTENCE if block == SENTENCES else _NAMES.get(block, block) if block in TEXTS else ""
        for name in some:
            if block == "message":
                yield next((home for home, inside in homes if name in inside), _HOMES[0]), name
            else:
                yield label, name


def _words(views: Views, block: str, sample: Sample, row: Any, coef: Any) -> _Part:
    """Return the words of the text, and what each contributes: its pieces' weights, shared with other words."""
    import numpy as np

    found = list(dict.fromkeys(words(TEXTS[block](sample[0]))[:_MOST_WORDS]))
    pieces = views.texts_[block].word_columns(found)
    # Words without a known piece say nothing.
    found = [word for word, its in zip(found, pieces, strict=True) if its]
    if not found:
        return _Part([])
    columns, values = row
    places = np.searchsorted(columns, np.frombuffer(b"".join(pieces), dtype=np.int32))
    shares = np.float32(1.0) / np.bincount(places).astype(np.float32)[places]
    counts = np.array([len(its) // _OCTETS for its in pieces if its], dtype=np.int32)
    return _Part(found, coef[columns] * values[:, None], counts, places, shares)


def _sentences(views: Views, sample: Sample, coef: Any, spoken: bool) -> _Part:
    """Return the sentences, and what each contributes to the mean of them all."""
    import numpy as np

    if not spoken:
        return _Part([])
    found = sentences(sample[0])
    vectors = meanings(views.encoder).of(found) / len(found)
    length = max(float(np.linalg.norm(vectors.sum(axis=0))), 1e-9)
    centred = views.meant_[SENTENCES]
    return _whole(found, (vectors / length - centred.mean_ / len(found)) * centred.scale_ @ coef)
