"""Why the model thinks so: what of one inquiry weighed most for a value, and what against it.

Words, sentences, facts and rules, each with its share of the first opinion's score, less what it gives the field's
values on average: a linear model's score is the sum of these shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from typing import Any, NamedTuple

from pipeline.classify.dataset import Sample
from pipeline.classify.embeddings import meanings, sentences
from pipeline.classify.features import BY_SENTENCE, MEANINGS, RULES, SENTENCES, TEXTS, Blocks, Views, words_of
from pipeline.classify.heads import Heads
from pipeline.classify.telling import SIGN_OF, quoted

_MOST_REASONS = 3
_MOST_OBJECTIONS = 1
_MOST_WORDS = 250
# Of a piece in what `Lexicon` gives for a word.
_OCTETS = 4
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
    tells = _tells(sample, blocks, row, wanted)
    lines = np.ascontiguousarray(_against_the_field(table, heads, wanted.values()).T)
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


def _contributions(
    views: Views, heads: Heads, sample: Sample, blocks: Blocks, row: int
) -> tuple[list[Name], Any]:
    """Return names, and a table with a row for each of them and a column for each value."""
    import numpy as np

    sizes = heads.sizes()
    starts = dict(zip(sizes, np.cumsum([0, *sizes.values()]).tolist(), strict=False))
    parts: dict[str, _Part] = {}
    present: list[Any] = []
    values: list[Any] = []
    coefs: list[Any] = []
    for block in filter(lambda one: one not in MEANINGS, sizes):
        matrix = blocks[block]
        first, last = matrix.indptr[row], matrix.indptr[row + 1]
        part = _of_block(views, sample, block, matrix.indices[first:last]) if last > first else _NOTHING
        if part.names:
            parts[block] = part._replace(at=part.at + starts[block])
            present.append(matrix.indices[first:last] + starts[block])
            values.append(matrix.data[first:last])
            coefs.append(heads.some(block, matrix.indices[first:last]))
    tables = [_shared(parts.values(), *map(np.concatenate, (present, values, coefs)))] if parts else []
    found = {block: part.names for block, part in parts.items()}
    if SENTENCES in blocks and blocks[SENTENCES][row].any():
        found[SENTENCES], table = _sentences(views, sample, heads.some(SENTENCES))
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


_NOTHING = _Part([])


def _of_block(views: Views, sample: Sample, block: str, columns: Any) -> _Part:
    if block in TEXTS:
        return _words(views, block, sample)
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


def _words(views: Views, block: str, sample: Sample) -> _Part:
    """Return the words of the text that have a known piece, and the columns of their pieces."""
    import numpy as np

    found = list(dict.fromkeys(words_of(block, sample[0])[:_MOST_WORDS]))
    pieces = views.lexicon.pieces(block, found)
    at, there = views.lexicon.known(block, pieces)
    sizes = np.fromiter(map(len, pieces), dtype=np.intp, count=len(found)) // _OCTETS
    of_word = np.repeat(np.arange(len(found)), sizes)
    counts = np.bincount(of_word[there], minlength=len(found)).tolist()
    # Words without a known piece say nothing.
    return _Part(list(compress(found, counts)), list(filter(None, counts)), at)


def _sentences(views: Views, sample: Sample, coef: Any) -> tuple[list[str], Any]:
    """Return the sentences, and what each contributes to the mean of them all."""
    import numpy as np

    found = sentences(sample[0])
    vectors = meanings(views.encoder).of(found) / len(found)
    length = max(float(np.linalg.norm(vectors.sum(axis=0))), 1e-9)
    centred = views.meant_[SENTENCES]
    return found, (vectors / length - centred.mean_ / len(found)) * centred.scale_ @ coef
