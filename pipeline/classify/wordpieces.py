"""TF-IDF over words, word pairs and the character n-grams inside words, with the n-grams of each word worked out once.

The same features as scikit-learn's ``TfidfVectorizer`` with ``analyzer="char_wb"`` beside one with words, at a
fraction of the time: mail repeats its words, so the ids of a word's n-grams are kept.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

if TYPE_CHECKING:
    from pipeline.classify.study import Table

# Scripts without spaces make words as long as a sentence; hostile mail makes longer ones.
_LONGEST_WORD = 24
_MOST_WORDS = 3000
_LONGEST_TEXT = 60_000
_CACHED_WORDS = 40_000
# Longer texts are not remembered: hostile mail would fill the memory with them.
_LONGEST_KEPT = 8_000
OCTETS = 4
"""Of the number of a piece, in the row of 32-bit integers that is kept of a word."""
_NUMBERS = ("", "0", "00", "000", "0000", "00000")


@cache
def _word_pattern() -> re.Pattern[str]:
    r"""Letters and digits with the marks on them, without which the scripts of South Asia fall to pieces.

    One class of characters instead of ``\w`` and the marks as alternatives, which would take eight times as long.
    """
    belongs = [unicodedata.category(chr(code))[0] in "LMN" for code in range(0x10000)] + [False]
    edges = [code for code, (one, other) in enumerate(pairwise([False, *belongs])) if one != other]
    ranges = "".join(
        f"{chr(start)}-{chr(end - 1)}" for start, end in zip(edges[::2], edges[1::2], strict=True)
    )
    return re.compile(f"[{ranges}\u200c\u200d\U00010000-\U0010ffff]+")


def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, case folded, digits as 0, long ones cut into pieces, at most 3,000.

    The last texts are remembered, those of a batch of 50 mails: several views and the explanation ask for the same one.
    """
    return once(text) if len(text) > _LONGEST_KEPT else _kept(text)


def words_together(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the words of `texts` on lines of their own: each text is split once, whoever asks for it."""
    found = tuple(chain.from_iterable(map(words, texts)))
    whole = sum(map(len, texts)) + len(texts) <= _LONGEST_TEXT and len(found) < _MOST_WORDS
    return found if whole else words("\n".join(texts))


@lru_cache(maxsize=400)
def _kept(text: str) -> tuple[str, ...]:
    return once(text)


def once(text: str) -> tuple[str, ...]:
    """Return what `words` does, and do not remember it."""
    found = _word_pattern().findall(text[:_LONGEST_TEXT].casefold())[:_MOST_WORDS]
    if max(map(len, found), default=0) > _LONGEST_WORD:
        steps = ((word, at) for word in found for at in range(0, len(word), _LONGEST_WORD))
        found = [word[at : at + _LONGEST_WORD] for word, at in steps][:_MOST_WORDS]
    if not any(map(str.isdigit, found)):
        return tuple(found)
    return tuple(_NUMBERS[min(len(word), 5)] if word.isdigit() else word for word in found)


def pieces(word: str, lengths: tuple[int, int]) -> tuple[str, ...]:
    """Return `word` with its borders as spaces, and its character n-grams of the given lengths (``char_wb``).

    Those of length 0 are empty, and count the characters.
    """
    padded = f" {word} "
    found = [padded]
    for length in range(lengths[0], min(lengths[1], len(padded) - 1) + 1):
        found.extend(padded[at : at + length] for at in range(len(padded) - length + 1))
    return tuple(found)


class WordPieces(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Texts to TF-IDF rows of unit length (Salton and Buckley 1988), sublinear in the term count.

    Parameters
    ----------
    lengths
        Shortest and longest character n-gram; (0, 0) for whole words alone.
    pairs
        Whether neighbouring words count together, too.
    least
        In how many texts a piece has to occur.
    most
        How many pieces to keep; those in most texts win, ties by spelling.
    """

    def __init__(
        self, lengths: tuple[int, int] = (3, 5), pairs: bool = False, least: int = 3, most: int = 20_000
    ) -> None:
        self.lengths = lengths
        self.pairs = pairs
        self.least = least
        self.most = most

    def fit(self, texts: Iterable[str], y: object = None) -> Self:
        """Choose the pieces and their inverse document frequencies."""
        self.fit_transform(texts, y)
        return self

    def fit_transform(self, texts: Iterable[str], y: object = None) -> Any:  # noqa: ARG002  # scikit-learn asks for y
        """Choose the pieces and return the rows of the same texts, at hardly more than the cost of one of both."""
        from pipeline.classify.study import counted

        (table,) = counted({"": (self, texts)}).values()
        return self.counted_rows(table.cells, self.choose(table))

    def choose(self, table: Table) -> Any:
        """Choose the pieces and their inverse document frequencies by a table of counts; return its columns' places, -1 for none."""
        import numpy as np

        names, cells = table.names, table.cells
        seen = np.bincount(cells.indices, minlength=len(names))
        enough = np.flatnonzero(seen >= self.least).tolist()
        chosen = sorted(enough, key=lambda at: (-seen[at], names[at]))[: self.most]
        chosen.sort(key=names.__getitem__)
        self.vocabulary_: dict[str, int] = {names[at]: place for place, at in enumerate(chosen)}
        self._lexicon: Lexicon | None = None
        self.idf_ = (np.log((cells.shape[0] + 1) / (1 + seen[chosen])) + 1).astype(np.float32)
        places = np.full(len(names), -1, dtype=np.int32)
        places[chosen] = np.arange(len(chosen), dtype=np.int32)
        return places

    def counted_rows(self, cells: Any, places: Any) -> Any:
        """Return what `rows` does, of counts whose columns have these `places` in the vocabulary."""
        import numpy as np

        columns, counts, ends = places[cells.indices], cells.data, cells.indptr.tolist()

        def each() -> Iterator[tuple[Any, Any]]:
            for start, end in pairwise(ends):
                there = columns[start:end]
                order = np.argsort(there, kind="stable")[np.count_nonzero(there < 0) :]
                yield there[order], counts[start:end][order].astype(np.int64)

        return self._weighed(each())

    def counted_short_rows(self, cells: Any, places: Any) -> Any:
        """Return what `short_rows` does, of counts whose columns have these `places` in the vocabulary."""
        import numpy as np

        columns = places[cells.indices]
        there = columns >= 0
        rows = np.repeat(np.arange(cells.shape[0], dtype=np.int64), np.diff(cells.indptr))[there]
        ids = columns[there]
        order = np.lexsort((ids, rows))
        return self._weighed_at_once(
            rows[order], ids[order], cells.data[there][order].astype(np.int64), cells.shape[0]
        )

    def transform(self, texts: Iterable[str]) -> Any:
        """Return a sparse matrix, a row for each text."""
        return self.rows(map(self.columns, texts))

    def rows(self, found: Iterable[Any]) -> Any:
        """Return a sparse matrix, a row for each array of columns."""
        return self._weighed(map(_counted, found))

    def _weighed(self, found: Iterable[tuple[Any, Any]]) -> Any:
        """Return the rows of columns and their counts."""
        import numpy as np
        from scipy.sparse import csr_matrix

        indices, counts = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int64)]
        for ids, times in found:
            indices.append(ids)
            counts.append(times)
        columns, often = np.concatenate(indices), np.concatenate(counts)
        # The logarithm of each count that there is, instead of that of each cell.
        damped = (1 + np.log(np.arange(often.max(initial=0) + 1).clip(1))).astype(np.float32)
        data = damped[often] * self.idf_[columns]
        starts = np.cumsum([0, *map(len, indices[1:])])
        for start, end in pairwise(starts.tolist()):
            row = data[start:end]
            row /= max(float(np.sqrt(row @ row)), 1e-9)
        return csr_matrix((data, columns, starts), shape=(len(starts) - 1, len(self.vocabulary_)))

    def short_rows(self, found: Sequence[Any]) -> Any:
        """Return what `rows` does, at a fifth of the cost where there are many short texts."""
        import numpy as np

        width = len(self.vocabulary_)
        # A number for each text and column, so that all texts are counted in one go.
        row_of = np.repeat(np.arange(len(found), dtype=np.int64), [len(each) for each in found])
        columns = np.concatenate([np.zeros(0, dtype=np.int32), *found])
        cells, counts = np.unique(row_of * max(width, 1) + columns, return_counts=True)
        rows, ids = np.divmod(cells, max(width, 1))
        return self._weighed_at_once(rows, ids, counts, len(found))

    def _weighed_at_once(self, rows: Any, ids: Any, counts: Any, number: int) -> Any:
        """Return a `number` of rows, of cells in order."""
        import numpy as np
        from scipy.sparse import csr_matrix

        values = (1 + np.log(counts)).astype(np.float32) * self.idf_[ids]
        length = np.sqrt(np.bincount(rows, values**2, minlength=number)).clip(1e-9)
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=number))])
        data = (values / length[rows]).astype(np.float32)
        return csr_matrix((data, ids.astype(np.int32), starts), shape=(number, len(self.vocabulary_)))

    def __getstate__(self) -> dict[str, Any]:
        """Leave the kept n-grams out of the model file."""
        return {name: value for name, value in self.__dict__.items() if name != "_lexicon"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with no n-grams kept; older model files hold a place for them."""
        super().__setstate__({**{name: state[name] for name in state if name != "_cache"}, "_lexicon": None})

    def columns(self, text: str) -> Any:
        """Return the columns of the pieces of `text`, as often as they occur."""
        if self._lexicon is None:
            self._lexicon = Lexicon({"": self})
        return self._lexicon.columns("", [words(text)])[0]

    def pair_columns(self, found: Iterable[str]) -> Any:
        """Return the columns of the pairs among neighbouring words."""
        import numpy as np

        known = map(self.vocabulary_.get, map(" ".join, pairwise(found)))
        return np.array([at for at in known if at is not None], dtype=np.int32)


def _counted(columns: Any) -> tuple[Any, Any]:
    """Return the columns that occur, in order, and how often each does."""
    import numpy as np

    if not len(columns):
        return columns, np.zeros(0, dtype=np.int64)
    # Sorting takes half the time of a table with a place for each column of the vocabulary.
    ordered = np.sort(columns)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.diff(starts, append=len(ordered))


class Lexicon:
    """The pieces of several vocabularies together: those of a word are looked up once for all of them.

    Parameters
    ----------
    owners
        Name to a fitted vectoriser.
    """

    def __init__(self, owners: Mapping[str, WordPieces]) -> None:
        import numpy as np

        self._owners = owners
        known: dict[str, int] = {}
        for owner in owners.values():
            for piece in owner.vocabulary_:
                known.setdefault(piece, len(known))
        self._columns = {name: np.full(len(known), -1, dtype=np.int32) for name in owners}
        for name, owner in owners.items():
            places = np.fromiter(map(known.__getitem__, owner.vocabulary_), np.intp, len(owner.vocabulary_))
            self._columns[name][places] = np.fromiter(owner.vocabulary_.values(), np.int32, len(places))
        self._words = {
            lengths: _Pieces(known, lengths) for lengths in {each.lengths for each in owners.values()}
        }

    def pieces(self, name: str, found: Iterable[str]) -> list[bytes]:
        """Return for each word its pieces that some vocabulary has: 32-bit integers in a row, to be given to `known`."""
        kept = self._words[self._owners[name].lengths]
        if len(kept) >= _CACHED_WORDS:
            kept.clear()
        return list(map(kept.__getitem__, found))

    def known(self, name: str, parts: Iterable[bytes]) -> tuple[Any, Any]:
        """Return the columns that `parts` have in one vocabulary, and which of all pieces those are."""
        import numpy as np

        columns = self._columns[name][np.frombuffer(b"".join(parts), dtype=np.int32)]
        there = columns >= 0
        return columns[there], there

    def columns(self, name: str, texts: Sequence[Sequence[str]]) -> list[Any]:
        """Return the columns of the pieces of each text in one vocabulary, as often as they occur.

        Parameters
        ----------
        texts
            The words of each.
        """
        import numpy as np

        owner, found = self._owners[name], self._apart(name, texts)
        if not owner.pairs:
            return found
        paired = map(owner.pair_columns, texts)
        return [np.concatenate(pair) for pair in zip(found, paired, strict=True)]

    def short_columns(self, name: str, texts: Iterable[str]) -> list[Any]:
        """Return the columns of each of many short texts, pairs of words aside; they are not remembered as others are."""
        return self._apart(name, map(once, texts))

    def _apart(self, name: str, texts: Iterable[Sequence[str]]) -> list[Any]:
        """Return the columns of the pieces of each text, looked up all at once."""
        import numpy as np

        parts = [b"".join(self.pieces(name, found)) for found in texts]
        columns, there = self.known(name, parts)
        kept = np.concatenate([[0], np.cumsum(there)])
        ends = kept[np.cumsum([0, *(len(part) // OCTETS for part in parts)])].tolist()
        return [columns[start:end] for start, end in pairwise(ends)]


class _Pieces(dict[str, bytes]):
    """A word's known pieces, worked out when it is first asked for."""

    def __init__(self, known: Mapping[str, int], lengths: tuple[int, int]) -> None:
        super().__init__()
        self._known, self._lengths = known, lengths

    def __missing__(self, word: str) -> bytes:
        known = map(self._known.get, pieces(word, self._lengths))
        found = self[word] = array("i", [at for at in known if at is not None]).tobytes()
        return found
