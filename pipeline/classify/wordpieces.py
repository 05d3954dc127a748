"""TF-IDF over words, word pairs and the character n-grams inside words, with the n-grams of each word worked out once.

The same features as scikit-learn's ``TfidfVectorizer`` with ``analyzer="char_wb"`` beside one with words, at a
fraction of the time: mail repeats its words, so the ids of a word's n-grams are kept.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

# Scripts without spaces make words as long as a sentence; hostile mail makes longer ones.
_LONGEST_WORD = 24
_MOST_WORDS = 3000
_LONGEST_TEXT = 60_000
_CACHED_WORDS = 20_000
# Longer texts are not remembered: hostile mail would fill the memory with them.
_LONGEST_KEPT = 8_000
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
    return _split(text) if len(text) > _LONGEST_KEPT else _kept(text)


@lru_cache(maxsize=400)
def _kept(text: str) -> tuple[str, ...]:
    return _split(text)


def _split(text: str) -> tuple[str, ...]:
    found = _word_pattern().findall(text[:_LONGEST_TEXT].casefold())[:_MOST_WORDS]
    if any(len(word) > _LONGEST_WORD for word in found):
        steps = ((word, at) for word in found for at in range(0, len(word), _LONGEST_WORD))
        found = [word[at : at + _LONGEST_WORD] for word, at in steps][:_MOST_WORDS]
    return tuple(_NUMBERS[min(len(word), 5)] if word.isdigit() else word for word in found)


@lru_cache(maxsize=4_000)
def pieces(word: str, lengths: tuple[int, int]) -> tuple[str, ...]:
    """Return `word` with its borders as spaces, and its character n-grams of the given lengths (``char_wb``)."""
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
        import numpy as np

        grown: dict[str, int] = {}
        cache: dict[str, array[int]] = {}
        found = [np.frombuffer(self._grown(text, grown, cache), dtype=np.int32) for text in texts]
        once = [np.zeros(0, dtype=np.int32), *map(np.unique, found)]
        seen = np.bincount(np.concatenate(once), minlength=len(grown))
        names = list(grown)
        enough = np.flatnonzero(seen >= self.least).tolist()
        chosen = sorted(enough, key=lambda at: (-seen[at], names[at]))[: self.most]
        chosen.sort(key=names.__getitem__)
        self.vocabulary_: dict[str, int] = {names[at]: place for place, at in enumerate(chosen)}
        self._cache = _Columns(self)
        self.idf_ = (np.log(len(once) / (1 + seen[chosen])) + 1).astype(np.float32)
        place_of = np.full(len(grown), -1, dtype=np.int32)
        place_of[chosen] = np.arange(len(chosen), dtype=np.int32)
        placed = (place_of[ids] for ids in found)
        return self.rows(ids[ids >= 0] for ids in placed)

    def transform(self, texts: Iterable[str]) -> Any:
        """Return a sparse matrix, a row for each text."""
        return self.rows(map(self.columns, texts))

    def rows(self, found: Iterable[Any]) -> Any:
        """Return a sparse matrix, a row for each array of columns."""
        import numpy as np
        from scipy.sparse import csr_matrix

        indices, values, starts = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.float32)], [0]
        for each in found:
            counts = np.bincount(each, minlength=1)
            ids = np.flatnonzero(counts).astype(np.int32)
            counts = counts[ids]
            row = (1 + np.log(counts)).astype(np.float32) * self.idf_[ids]
            indices.append(ids)
            values.append(row / max(float(np.sqrt(row @ row)), 1e-9))
            starts.append(starts[-1] + len(ids))
        shape = (len(starts) - 1, len(self.vocabulary_))
        data = np.concatenate(values).astype(np.float32)
        return csr_matrix((data, np.concatenate(indices), starts), shape=shape)

    def short_rows(self, texts: Iterable[str]) -> Any:
        """Return what `transform` does, at a fifth of the cost where there are many short texts."""
        import numpy as np
        from scipy.sparse import csr_matrix

        width = len(self.vocabulary_)
        found = [self.columns(text) for text in texts]
        # A number for each text and column, so that all texts are counted in one go.
        row_of = np.repeat(np.arange(len(found), dtype=np.int64), [len(each) for each in found])
        columns = np.concatenate([np.zeros(0, dtype=np.int32), *found])
        cells, counts = np.unique(row_of * max(width, 1) + columns, return_counts=True)
        rows, ids = np.divmod(cells, max(width, 1))
        values = (1 + np.log(counts)).astype(np.float32) * self.idf_[ids]
        length = np.sqrt(np.bincount(rows, values**2, minlength=len(found))).clip(1e-9)
        starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(found)))])
        data = (values / length[rows]).astype(np.float32)
        return csr_matrix((data, ids.astype(np.int32), starts), shape=(len(found), width))

    def __getstate__(self) -> dict[str, Any]:
        """Leave the kept n-grams out of the model file."""
        return {**self.__dict__, "_cache": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin with no n-grams kept."""
        super().__setstate__(state)
        if "vocabulary_" in state:
            self._cache = _Columns(self)

    def word_columns(self, found: Iterable[str]) -> list[bytes]:
        """Return for each word the columns of its pieces, as often as they occur in it: 32-bit integers in a row."""
        if len(self._cache) >= _CACHED_WORDS:
            self._cache.clear()
        return list(map(self._cache.__getitem__, found))

    def columns(self, text: str) -> Any:
        """Return the columns of the pieces of `text`, as often as they occur."""
        import numpy as np

        found = words(text)
        parts = self.word_columns(found)
        if self.pairs:
            parts.append(_packed(map(" ".join, pairwise(found)), self.vocabulary_))
        return np.frombuffer(b"".join(parts), dtype=np.int32)

    def _grown(self, text: str, grown: dict[str, int], cache: dict[str, array[int]]) -> array[int]:
        """Return what stands for the pieces of `text`, new ones included."""
        found, ids = words(text), array("i")
        for word in found:
            if word not in cache:
                cache[word] = array("i", _numbered(pieces(word, self.lengths), grown))
            ids.extend(cache[word])
        if self.pairs:
            ids.extend(_numbered(map(" ".join, pairwise(found)), grown))
        return ids


class _Columns(dict[str, bytes]):
    """A word's columns, worked out when it is first asked for."""

    def __init__(self, owner: WordPieces) -> None:
        super().__init__()
        self._known, self._lengths = owner.vocabulary_, owner.lengths

    def __missing__(self, word: str) -> bytes:
        found = self[word] = _packed(pieces(word, self._lengths), self._known)
        return found


def _packed(found: Iterable[str], known: Mapping[str, int]) -> bytes:
    return array("i", [at for at in map(known.get, found) if at is not None]).tobytes()


def _numbered(found: Iterable[str], grown: dict[str, int]) -> list[int]:
    return [grown.setdefault(piece, len(grown)) for piece in found]
