"""Which sentence tells: a scorer of single sentences, taught by the marks of ``telling.csv`` (multiple instances).

What turns a mail stands in one clause, and a vector or a bag of words of the whole drowns it. Each sentence is scored by
itself for each sign; a mail's score is the soft maximum over its sentences (log-sum-exp; Ramon and De Raedt 2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

from sklearn.base import BaseEstimator

from pipeline.classify.marks import BROKEN, FITS, OPEN, SIGNS, Marks, marked, units
from pipeline.classify.packing import packed, unpacked
from pipeline.records.inquiries import Inquiry

# How much words, clauses and meaning count in a sentence's score, and inverse strength of the penalty.
_WEIGHTS: Mapping[str, float] = {"words": 4.0, "clauses": 0.3, "meaning": 2.0}
_FREEDOM = 3.0
_ITERATIONS = 300
_CONSTANT = 0.5
# Sentences shown as telling are at least this probable.
_WORTH_SHOWING = 0.25

# What a value of a field would have as its telling sentence.
SIGN_OF: Mapping[str, str] = {
    "alignment=aligned": FITS,
    "alignment=unclear": OPEN,
    "alignment=not_aligned": BROKEN,
    "preconditions_met=yes": FITS,
    "preconditions_met=unclear": OPEN,
    "preconditions_met=no": BROKEN,
}


class Units(NamedTuple):
    """Sentences as numbers: a row for each in every matrix of `parts`, and where each message's rows begin and end."""

    parts: Mapping[str, Any]
    ends: Sequence[int]


class Lesson(NamedTuple):
    """What a message teaches: its marks, and whether its label leaves no room for an open or broken sentence."""

    marks: Marks
    plain: bool


class Telling(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Logistic regression on each sign, over the sentences of the messages that were read for them."""

    def fit(self, inquiries: Sequence[Inquiry], found: Units, lessons: Sequence[Lesson]) -> Self:
        """Learn from the marked sentences against all others of the messages read.

        Of a message that nobody has read, but that is labelled as fitting, no sentence is open or broken: it teaches
        these two.
        """
        import numpy as np

        truth, read = _truth(inquiries, found, lessons)
        plain = np.repeat([lesson.plain for lesson in lessons], np.diff([0, *found.ends]))
        self.packed_: dict[str, tuple[Any, Any]] = {}
        self.intercept_ = np.zeros(len(SIGNS), dtype=np.float32)
        coefs = [
            self._fitted(found, truth[:, at], read if sign == FITS else read | plain, at)
            for at, sign in enumerate(SIGNS)
        ]
        start = 0
        for part, matrix in found.parts.items():
            stop = start + matrix.shape[1]
            self.packed_[part] = packed(
                _WEIGHTS[part] ** 0.5 * np.stack([c[start:stop] for c in coefs], axis=1)
            )
            start = stop
        self._coef: dict[str, Any] = {}
        return self

    def _fitted(self, found: Units, truth: Any, rows: Any, at: int) -> Any:
        """Return the coefficients of one sign; zeros where there is nothing to tell apart."""
        import numpy as np
        from scipy.sparse import csr_matrix, hstack
        from sklearn.linear_model import LogisticRegression

        chosen = np.flatnonzero(rows)
        width = sum(matrix.shape[1] for matrix in found.parts.values())
        if len(set(truth[chosen].tolist())) < 2:
            return np.zeros(width)
        scaled = [csr_matrix(each[chosen]) * _WEIGHTS[part] ** 0.5 for part, each in found.parts.items()]
        constant = csr_matrix(np.full((len(chosen), 1), _CONSTANT))
        made = LogisticRegression(C=_FREEDOM, max_iter=_ITERATIONS, tol=1e-3, fit_intercept=False)
        coef = made.fit(hstack([*scaled, constant], format="csr"), truth[chosen]).coef_[0]
        self.intercept_[at] = _CONSTANT * coef[-1]
        return coef[:-1]

    def scores(self, found: Units) -> Any:
        """Return log-odds: a row for each sentence, a column for each of `SIGNS`."""
        if not self._coef:
            self._coef = {part: unpacked(each) for part, each in self.packed_.items()}
        return sum(matrix @ self._coef[part] for part, matrix in found.parts.items()) + self.intercept_

    def __getstate__(self) -> dict[str, Any]:
        """Leave the unpacked coefficients out of the model file."""
        return {**self.__dict__, "_coef": {}}


def by_message(scores: Any, ends: Sequence[int]) -> list[Any]:
    """Return the `scores` of sentences as an array for each message, whose rows end at `ends`."""
    return [scores[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=False)]


def loudest(scores: Any, ends: Sequence[int]) -> Any:
    """Return the soft maxima of the sentences' `scores`: a row for each message, a column for each of `SIGNS`."""
    import numpy as np

    if not ends:
        return np.zeros((0, len(SIGNS)), dtype=np.float32)
    return np.logaddexp.reduceat(scores, [0, *ends[:-1]], axis=0).astype(np.float32)


def quoted(inquiry: Inquiry, scores: Any) -> dict[str, str]:
    """Return sign to the sentence of one message that says it loudest, as far as it is worth showing.

    Parameters
    ----------
    scores
        Of the message's sentences, as from `Telling.scores`.
    """
    from scipy.special import expit

    chances = expit(scores)
    best = chances.argmax(axis=0)
    shown = {sign: best[at] for at, sign in enumerate(SIGNS) if chances[best[at], at] >= _WORTH_SHOWING}
    texts = units(inquiry) if shown else ()
    return {sign: texts[at] for sign, at in shown.items()}


def _truth(inquiries: Sequence[Inquiry], found: Units, lessons: Sequence[Lesson]) -> tuple[Any, Any]:
    """Return which sentence has which sign, and which were read."""
    import numpy as np

    truth = np.zeros((found.ends[-1] if found.ends else 0, len(SIGNS)), dtype=bool)
    read = np.zeros(len(truth), dtype=bool)
    starts = [0, *found.ends[:-1]]
    for inquiry, lesson, start, end in zip(inquiries, lessons, starts, found.ends, strict=True):
        if lesson.marks is None:
            continue
        read[start:end] = True
        texts = units(inquiry)
        for mark in lesson.marks:
            truth[[start + at for at in marked(texts, mark)], SIGNS.index(mark.sign)] = True
    return truth, read
