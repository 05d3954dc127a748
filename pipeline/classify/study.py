"""Labelled mail counted once: what every fold of a training chooses its features from.

Word pieces, facts, clauses and rule hits of a message are the same in every fold; which of them are kept, and what they
weigh, is not. So they are counted before, in sparse tables over all names, and a fold takes its rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, Any

from pipeline.classify.dataset import Sample
from pipeline.classify.wordpieces import OCTETS, once, pieces, words

if TYPE_CHECKING:
    from pipeline.classify.wordpieces import WordPieces

# What single sentences are called among the blocks, of which none is called so.
_SPOKEN = "/sentences"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of counts or other numbers.

    Parameters
    ----------
    names
        Of the columns.
    cells
        A sparse matrix by rows (CSR).
    """

    names: Sequence[str]
    cells: Any

    def of(self, rows: Any) -> Table:
        """Return these rows alone."""
        return replace(self, cells=self.cells[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a number of messages have, whatever is made of it.

    Parameters
    ----------
    samples
        The messages, with the rule hits on them.
    texts
        Block to the pieces of its text in each message.
    named
        Block to its named numbers.
    spoken
        Part to what it has of each single sentence.
    ends
        Where the sentences of each message end.
    """

    samples: Sequence[Sample]
    texts: Mapping[str, Table]
    named: Mapping[str, Table]
    spoken: Mapping[str, Table]
    ends: Sequence[int]

    def of(self, rows: Sequence[int]) -> Study:
        """Return what these messages have."""
        import numpy as np

        starts = [0, *self.ends[:-1]]
        spans = [range(starts[row], self.ends[row]) for row in rows]
        said = np.fromiter(chain.from_iterable(spans), dtype=np.intp)
        return Study(
            samples=[self.samples[row] for row in rows],
            texts={block: table.of(rows) for block, table in self.texts.items()},
            named={block: table.of(rows) for block, table in self.named.items()},
            spoken={part: table.of(said) for part, table in self.spoken.items()},
            ends=list(accumulate(map(len, spans))),
        )


class Grown:
    """Names of pieces, numbered as they turn up."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._words: dict[tuple[str, tuple[int, int]], bytes] = {}

    def ids(self, found: Sequence[str], made: WordPieces) -> bytes:
        """Return the numbers of all pieces of the words `found` as 32-bit integers in a row."""
        parts = [self._of_word(word, made.lengths) for word in found]
        if made.pairs:
            parts.append(self._numbered(map(" ".join, pairwise(found))))
        return b"".join(parts)

    def _of_word(self, word: str, lengths: tuple[int, int]) -> bytes:
        known = self._words.get((word, lengths))
        if known is None:
            known = self._words[word, lengths] = self._numbered(pieces(word, lengths))
        return known

    def _numbered(self, found: Iterable[str]) -> bytes:
        number = self._number
        return array("i", [number.setdefault(piece, len(number)) for piece in found]).tobytes()

    @property
    def names(self) -> list[str]:
        """All of them, in the order of their numbers."""
        return list(self._number)


def counted(texts: Mapping[str, tuple[WordPieces, Iterable[str]]], short: str = "") -> dict[str, Table]:
    """Return name to the counts of all pieces of its texts, a row for each text.

    Parameters
    ----------
    texts
        Name to what says which pieces there are, and to the texts.
    short
        Name whose texts nobody asks for again, so that their words need not be remembered; empty for none.
    """
    grown = Grown()
    numbers = {
        name: [grown.ids(once(text) if name == short else words(text), made) for text in some]
        for name, (made, some) in texts.items()
    }
    names = grown.names
    return {name: Table(names=names, cells=_counts(some, len(names))) for name, some in numbers.items()}


def listed(rows: Sequence[Mapping[str, float]]) -> Table:
    """Return named numbers as a table; the empty name is always there."""
    import numpy as np
    from scipy.sparse import csr_matrix

    names = sorted({"", *chain.from_iterable(rows)})
    place = {name: at for at, name in enumerate(names)}
    values, at, ends = array("f"), array("i"), [0]
    for row in rows:
        for column, value in sorted((place[name], value) for name, value in row.items()):
            at.append(column)
            values.append(value)
        ends.append(len(at))
    cells = (np.array(values, dtype=np.float32), np.array(at, dtype=np.int32), ends)
    return Table(names=names, cells=csr_matrix(cells, shape=(len(rows), len(names))))


def study(
    samples: Sequence[Sample],
    texts: Mapping[str, tuple[WordPieces, Iterable[str]]],
    named: Mapping[str, Callable[[Sample], Mapping[str, float]]],
    sentences: tuple[str, Sequence[Sequence[str]], Callable[[str], Mapping[str, float]]] | None,
) -> Study:
    """Count what the `samples` have.

    Parameters
    ----------
    texts, named
        Block to what it is made of.
    sentences
        The block whose pieces single sentences have, the sentences of each message, and what else is in one.
    """
    spoken: dict[str, Table] = {}
    ends: Sequence[int] = [0] * len(samples)
    if sentences:
        block, split, other = sentences
        flat = list(chain.from_iterable(split))
        found = counted({**texts, _SPOKEN: (texts[block][0], flat)}, short=_SPOKEN)
        spoken = {"words": found.pop(_SPOKEN), "clauses": listed(list(map(other, flat)))}
        ends = list(accumulate(map(len, split)))
    else:
        found = counted(texts)
    return Study(
        samples=samples,
        texts=found,
        named={block: listed(list(map(made, samples))) for block, made in named.items()},
        spoken=spoken,
        ends=ends,
    )


def _counts(found: Sequence[bytes], width: int) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    numbers = np.frombuffer(b"".join(found), dtype=np.int32)
    row_of = np.repeat(np.arange(len(found), dtype=np.int64), [len(each) // OCTETS for each in found])
    cells, counts = np.unique(row_of * max(width, 1) + numbers, return_counts=True)
    rows, columns = np.divmod(cells, max(width, 1))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(found)))])
    shape = (len(found), width)
    return csr_matrix((counts.astype(np.int32), columns.astype(np.int32), starts), shape=shape)
