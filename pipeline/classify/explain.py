"""Why the model thinks so: what of one inquiry weighed most for a value, and what against it.

Words, sentences, facts and rules, each with its share of the first opinion's score, less what it gives the field's
values on average: a linear model's score is the sum of these shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, compress, pairwise, repeat
from typing import Any, NamedTuple

from pipeline.classify.dataset import Sample
from pipeline.classify.embeddings import meanings, sentences
from pipeline.classify.features import BY_SENTENCE, MEANINGS, RULES, SENTENCES, TEXTS, Blocks, Views, words_of
from pipeline.classify.heads import Heads
from pipeline.classify.telling import SIGN_OF, quoted
from pipeline.classify.wordpieces import OCTETS

_MOST_REASONS = 3
_MOST_WORDS = 250
_LEAST_WEIGHT = 0.01
_LEAST_OBJECTION = 0.05
_LONGEST_SENTENCE = 140
# The view that stands for a block whose words are those of another.
_NAMES = {"words": "body"}
# Where a word of the whole message may have come from; it is looked for in this order.
_HOMES = ("body", "signature", "subject", "sender")
_SENTENCE = "sentence"
# A sentence that was found by itself to tell the fit, as those do that were marked in labelled mail.
_TELLS = "tells"
# All that comes from rules counts together: each rule stands among the evidence by itself.
_ALL_RULES = "rules that hit"

# Where something stands (empty for facts and rules) and what it is.
Name = tuple[str, str]


def reasons(
    views: Views,
    heads: Heads,
    batch: Sequence[Sample],
    blocks: Blocks,
    wanted: Sequence[Mapping[str, tuple[slice, int]]],
) -> list[dict[str, str]]:
    """Return for each inquiry tag to its strongest reasons, such as ``rules that hit; signature: 'curator'; against: ...``.

    Parameters
    ----------
    views, heads
        The fitted steps.
    batch, blocks
        The inquiries and their features.
    wanted
        For each inquiry: tag to the columns of its field and its own place among them.
    """
    known = _Known(views, heads, batch, blocks)
    return [_reasons(known, row, asked) for row, asked in enumerate(wanted)]


def _reasons(known: _Known, row: int, wanted: Mapping[str, tuple[slice, int]]) -> dict[str, str]:
    """Return tag to its strongest reasons for the inquiry in one `row`."""
    import numpy as np

    if not wanted:
        return {}
    names, table = _contributions(known, row)
    if not names:
        return dict.fromkeys(wanted, "")
    tells = _tells(known.batch[row], known.blocks, row, wanted)
    lines = np.ascontiguousarray(_against_the_field(table, known.heads, wanted.values()).T)
    most = min(_MOST_REASONS + 1, len(names)) - 1
    best, worst = np.argpartition(-lines, most, axis=1)[:, : most + 1], lines.argmin(axis=1)
    strong, weak = np.take_along_axis(lines, best, axis=1).tolist(), lines.min(axis=1).tolist()
    told = zip(wanted, best.tolist(), strong, worst.tolist(), weak, strict=True)
    return {
        tag: _told(
            names,
            dict(zip(some, weights, strict=True)),
            names[least] if low <= -_LEAST_OBJECTION else None,
            tells.get(tag, ""),
        )
        for tag, some, weights, least, low in told
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


def _tells(sample: Sample, blocks: Blocks, row: int, wanted: Iterable[str]) -> dict[str, str]:
    """Return tag to the sentence that tells it, of the tags that one sentence can tell."""
    signs = {tag: SIGN_OF[tag] for tag in wanted if tag in SIGN_OF}
    found = quoted(sample[0], blocks[BY_SENTENCE][row]) if signs and BY_SENTENCE in blocks else {}
    return {tag: found[sign] for tag, sign in signs.items() if sign in found}


def _told(names: Sequence[Name], weights: Mapping[int, float], against: Name | None, tells: str) -> str:
    """Write the reasons down, the sentence that tells first, then the strongest with one sentence among them at most."""
    enough = (at for at, weight in weights.items() if weight >= _LEAST_WEIGHT)
    ranked = sorted(enough, key=lambda at: (-weights[at], names[at]))
    spoken = [at for at in ranked if names[at][0] == _SENTENCE]
    # One sentence is enough.
    chosen = [at for at in ranked if at not in spoken[0 if tells else 1 :]][:_MOST_REASONS]
    told = [_written((_TELLS, tells))] if tells else []
    told += [_written(names[at]) for at in chosen]
    if against:
        told.append(f"against: {_written(against)}")
    return "; ".join(told)


def _written(name: Name) -> str:
    label, what = name
    if label in (_SENTENCE, _TELLS) and len(what) > _LONGEST_SENTENCE:
        what = what[: _LONGEST_SENTENCE - 1].rstrip() + "…"
    return f"{label}: {what!r}" if label else what


class _Known:
    """What is worked out once for a batch: its words, and the coefficients of the features that it has.

    The features of one block follow another's. What it is made of is as in `reasons`.
    """

    def __init__(self, views: Views, heads: Heads, batch: Sequence[Sample], blocks: Blocks) -> None:
        import numpy as np

        self.views, self.heads, self.batch, self.blocks = views, heads, batch, blocks
        sizes = {block: size for block, size in heads.sizes().items() if block not in MEANINGS}
        # Block to the number of its first feature.
        self.starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
        self.words = {block: _words(views, block, batch) for block in sizes if block in TEXTS}
        self._place = np.zeros(sum(sizes.values()), dtype=np.int32)
        found: list[Any] = []
        for block, start in self.starts.items():
            there = np.zeros(sizes[block], dtype=bool)
            there[blocks[block].indices] = True
            used = np.flatnonzero(there)
            self._place[start + used] = np.arange(len(used), dtype=np.int32) + sum(map(len, found))
            found.append(heads.some(block, used))
        self._coefs = np.concatenate(found)

    def coefs(self, features: Any) -> Any:
        """Return the coefficients of `features`, by their numbers over all blocks."""
        return self._coefs[self._place[features]]


def _contributions(known: _Known, row: int) -> tuple[list[Name], Any]:
    """Return names, and a table with a row for each of them and a column for each value."""
    import numpy as np

    views, blocks = known.views, known.blocks
    parts: dict[str, _Part] = {}
    present: list[Any] = []
    values: list[Any] = []
    for block, start in known.starts.items():
        matrix = blocks[block]
        first, last = matrix.indptr[row], matrix.indptr[row + 1]
        if first == last:
            continue
        columns = matrix.indices[first:last]
        part = known.words[block][row] if block in TEXTS else _named_part(views, block, columns)
        if part.names:
            parts[block] = part._replace(at=part.at + start)
            present.append(columns + start)
            values.append(matrix.data[first:last])
    tables = []
    if parts:
        features = np.concatenate(present)
        tables.append(_shared(parts.values(), features, np.concatenate(values), known.coefs(features)))
    found = {block: part.names for block, part in parts.items()}
    if SENTENCES in blocks and blocks[SENTENCES][row].any():
        found[SENTENCES], table = _sentences(views, known.batch[row], known.heads.some(SENTENCES))
        tables.append(table)
    named = list(chain.from_iterable(_named(found)))
    return _together(named, np.vstack(tables)) if named else ([], np.zeros((0, 0), dtype=np.float32))


def _shared(parts: Iterable[_Part], present: Any, values: Any, coef: Any) -> Any:
    """Return a row for each name: what its features contribute, each shared between the names that have it.

    Parameters
    ----------
    present, values, coef
        Columns of the features that the message has, their values and coefficients.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *chain.from_iterable(part.counts for part in parts)])
    columns = np.concatenate([part.at for part in parts])
    # The place of each column among those present, by a table instead of a search.
    place = np.empty(present.max() + 1, dtype=np.int32)
    place[present] = np.arange(len(present), dtype=np.int32)
    places = place[columns]
    shares = (values / np.bincount(places, minlength=len(present)).clip(1).astype(np.float32))[places]
    return csr_matrix((shares, places, ends), shape=(len(ends) - 1, len(present))) @ coef


def _together(named: list[Name], sums: Any) -> tuple[list[Name], Any]:
    """Return each name once, and the sum of its rows."""
    import numpy as np

    place_of: dict[Name, int] = {}
    places = [place_of.setdefault(name, len(place_of)) for name in named]
    names = list(place_of)
    if len(names) == len(named):
        return names, sums
    at = np.array(places, dtype=np.int32)
    order = np.argsort(at, kind="stable")
    firsts = np.searchsorted(at[order], np.arange(len(names)))
    return names, np.add.reduceat(sums[order], firsts, axis=0)


class _Part(NamedTuple):
    """What contributes in a block: names, and of each name so many `counts` of the columns `at`, one name's after another's."""

    names: list[str]
    counts: Sequence[int] = ()
    at: Any = None


def _named_part(views: Views, block: str, columns: Any) -> _Part:
    if block == RULES:
        return _Part([_ALL_RULES], [len(columns)], columns)
    features = views.named_[block].feature_names_
    return _Part([str(features[column]) for column in columns.tolist()], [1] * len(columns), columns)


def _named(found: Mapping[str, Sequence[str]]) -> Iterator[Iterable[Name]]:
    """Yield names with where they stand; what the message as a whole says goes to a view that has the same word."""
    said = {_NAMES.get(block, block): some for block, some in found.items() if block in _HOMES}
    if "words" in found:
        said.setdefault("body", found["words"])
    home: dict[str, str] = {}
    for view in reversed(_HOMES):
        home.update(dict.fromkeys(said.get(view, ()), view))
    for block, some in found.items():
        if block == "message":
            yield ((home.get(name, _HOMES[0]), name) for name in some)
        else:
            label = _SENTENCE if block == SENTENCES else _NAMES.get(block, block) if block in TEXTS else ""
            yield zip(repeat(label), some)


def _words(views: Views, block: str, batch: Sequence[Sample]) -> list[_Part]:
    """Return for each inquiry the words of its text that have a known piece, and the columns of their pieces."""
    import numpy as np

    found = [list(dict.fromkeys(words_of(block, inquiry)[:_MOST_WORDS])) for inquiry, _ in batch]
    pieces = views.lexicon.pieces(block, chain.from_iterable(found))
    at, there = views.lexicon.known(block, pieces)
    # How many known pieces there are before each word.
    known = np.concatenate([[0], np.cumsum(there)])
    before = known[np.cumsum([0, *(len(its) // OCTETS for its in pieces)])]
    counts, ends = np.diff(before).tolist(), [0, *accumulate(map(len, found))]
    return [
        # Words without a known piece say nothing.
        _Part(
            list(compress(some, counts[start:end])),
            list(filter(None, counts[start:end])),
            at[before[start] : before[end]],
        )
        for some, (start, end) in zip(found, pairwise(ends), strict=True)
    ]


def _sentences(views: Views, sample: Sample, coef: Any) -> tuple[list[str], Any]:
    """Return the sentences, and what each contributes to the mean of them all."""
    import numpy as np

    found = sentences(sample[0])
    vectors = meanings(views.encoder).of(found) / len(found)
    length = max(float(np.linalg.norm(vectors.sum(axis=0))), 1e-9)
    centred = views.meant_[SENTENCES]
    return found, (vectors / length - centred.mean_ / len(found)) * centred.scale_ @ coef
