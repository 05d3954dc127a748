"""TF-IDF over words, word pairs and the character n-grams inside words, with the n-grams of each word worked out once.

The same features as scikit-learn's ``TfidfVectorizer`` with ``analyzer="char_wb"`` beside one with words, at a
fraction of the time: mail repeats its words, so the ids of a word's n-grams are kept.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

# Scripts without spaces make words as long as a sentence; hostile mail makes longer ones.
_LONGEST_WORD = 24
_MOST_WORDS = 3000
_LONGEST_TEXT = 60_000
_CACHED_WORDS = 10_000
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


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded, digits as 0, long ones cut into pieces, at most 3,000."""
    found = _word_pattern().findall(text[:_LONGEST_TEXT].casefold())[:_MOST_WORDS]
    if any(len(word) > _LONGEST_WORD for word in found):
        steps = ((word, at) for word in found for at in range(0, len(word), _LONGEST_WORD))
        found = [word[at : at + _LONGEST_WORD] for word, at in steps][:_MOST_WORDS]
    return [_NUMBERS[min(len(word), 5)] if word.isdigit() else word for word in found]


@lru_cache(maxsize=10_000)
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
        self.vocabulary_: dict[str, int] = {}
        self._cache: dict[str, array[int]] = {}
        found = [np.frombuffer(self._ids(text, grown, cache), dtype=np.int32) for text in texts]
        once = [np.zeros(0, dtype=np.int32), *map(np.unique, found)]
        seen = np.bincount(np.concatenate(once), minlength=len(grown))
        names = list(grown)
        enough = np.flatnonzero(seen >= self.least).tolist()
        chosen = sorted(enough, key=lambda at: (-seen[at], names[at]))[: self.most]
        chosen.sort(key=names.__getitem__)
        self.vocabulary_ = {names[at]: place for place, at in enumerate(chosen)}
        self.idf_ = (np.log(len(once) / (1 + seen[chosen])) + 1).astype(np.float32)
        place_of = np.full(len(grown), -1, dtype=np.int32)
        place_of[chosen] = np.arange(len(chosen), dtype=np.int32)
        placed = (place_of[ids] for ids in found)
        return self._rows(ids[ids >= 0] for ids in placed)

    def transform(self, texts: Iterable[str]) -> Any:
        """Return a sparse matrix, a row for each text."""
        import numpy as np

        known, cache = self.vocabulary_, self._cache
        return self._rows(np.frombuffer(self._ids(text, known, cache), dtype=np.int32) for text in texts)

    def _rows(self, found: Iterable[Any]) -> Any:
        """Return a sparse matrix, a row for each array of columns."""
        import numpy as np
        from scipy.sparse import csr_matrix

        indices, values, starts = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.float32)], [0]
        for each in found:
            ids, counts = np.unique(each, return_counts=True)
            row = (1 + np.log(counts)).astype(np.float32) * self.idf_[ids]
            indices.append(ids)
            values.append(row / max(float(np.sqrt(row @ row)), 1e-9))
            starts.append(starts[-1] + len(ids))
        shape = (len(starts) - 1, len(self.vocabulary_))
        data = np.concatenate(values).astype(np.float32)
        return csr_matrix((data, np.concatenate(indices), starts), shape=shape)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the kept n-grams out of the model file."""
        return {**self.__dict__, "_cache": {}}

    def word_ids(self, word: str) -> array[int]:
        """Return the columns of the pieces of one word, as often as they occur in it."""
        return self._cache.get(word) or self._of_word(word, self.vocabulary_, self._cache)

    def _ids(self, text: str, known: dict[str, int], cache: dict[str, array[int]]) -> array[int]:
        found = words(text)
        ids = array("i")
        for word in found:
            of_word = cache.get(word)
            ids.extend(self._of_word(word, known, cache) if of_word is None else of_word)
        if self.pairs:
            ids.extend(_columns(map(" ".join, pairwise(found)), known, grow=known is not self._fitted()))
        return ids

    def _of_word(self, word: str, known: dict[str, int], cache: dict[str, array[int]]) -> array[int]:
        if len(cache) >= _CACHED_WORDS:
            cache.clear()
        ids = array("i", _columns(pieces(word, self.lengths), known, grow=known is not self._fitted()))
        cache[word] = ids
        return ids

    def _fitted(self) -> dict[str, int] | None:
        vocabulary: dict[str, int] | None = getattr(self, "vocabulary_", None)
        return vocabulary


def _columns(found: Iterable[str], known: dict[str, int], *, grow: bool) -> list[int]:
    if grow:
        return [known.setdefault(piece, len(known)) for piece in found]
    return [known[piece] for piece in found if piece in known]
