"""Samples to blocks of numbers: one sparse matrix for each view of an inquiry, for its facts and for its rule hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction import DictVectorizer

from pipeline.classify.dataset import Sample
from pipeline.classify.facts import facts, rule_facts
from pipeline.classify.wordpieces import WordPieces
from pipeline.records.inquiries import Inquiry, View

Blocks = Mapping[str, Any]

FACTS = "facts"
RULES = "rules"


def _whole(inquiry: Inquiry) -> str:
    return "\n".join((inquiry.author.name, inquiry.base_subject, inquiry.text, inquiry.signature))


def _of(view: View) -> Callable[[Inquiry], str]:
    return lambda inquiry: inquiry.view(view)


def _attachment_names(inquiry: Inquiry) -> str:
    """Return the names alone: training reads no documents, so that what they say would be a surprise."""
    return "\n".join(attachment.name for attachment in inquiry.message.attachments)


# Block to the text that it is made of.
TEXTS: Mapping[str, Callable[[Inquiry], str]] = {
    "sender": _of(View.SENDER),
    "subject": _of(View.SUBJECT),
    "introduction": _of(View.INTRODUCTION),
    "body": _of(View.BODY),
    "signature": _of(View.SIGNATURE),
    "attachments": _attachment_names,
    "words": _of(View.BODY),
    "message": _whole,
}


class Views(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Samples to blocks.

    Parameters
    ----------
    texts
        Block of `TEXTS` to how many word pieces it keeps; ``words`` are whole words and word pairs,
        all others words and character n-grams of 3 to 5.
    least
        In how many messages a feature has to occur.
    """

    def __init__(self, texts: Mapping[str, int], least: int = 3) -> None:
        self.texts = texts
        self.least = least

    def fit(self, samples: Sequence[Sample], y: object = None) -> Self:
        """Choose the word pieces and the names of facts and rules."""
        self.fit_transform(samples, y)
        return self

    def fit_transform(self, samples: Sequence[Sample], y: object = None) -> Blocks:  # noqa: ARG002  # scikit-learn asks for y
        """Choose the word pieces and names, and return the blocks of the same samples."""
        inquiries = [inquiry for inquiry, _ in samples]
        self.texts_ = {block: _vectoriser(block, most, self.least) for block, most in self.texts.items()}
        texts = {b: made.fit_transform(map(TEXTS[b], inquiries)) for b, made in self.texts_.items()}
        rows = {block: list(map(named, samples)) for block, named in _NAMED.items()}
        self.named_ = {block: _frequent(each, self.least) for block, each in rows.items()}
        return texts | {block: made.transform(rows[block]) for block, made in self.named_.items()}

    def transform(self, samples: Sequence[Sample]) -> Blocks:
        """Return block name to sparse matrix, a row for each sample."""
        inquiries = [inquiry for inquiry, _ in samples]
        texts = {block: made.transform(map(TEXTS[block], inquiries)) for block, made in self.texts_.items()}
        named = {block: made.transform(map(_NAMED[block], samples)) for block, made in self.named_.items()}
        return texts | named


def _vectoriser(block: str, most: int, least: int) -> WordPieces:
    if block == "words":
        return WordPieces(lengths=(0, 0), pairs=True, least=least, most=most)
    return WordPieces(least=least, most=most)


def _facts_of(sample: Sample) -> dict[str, float]:
    return facts(sample[0])


def _rules_of(sample: Sample) -> dict[str, float]:
    return rule_facts(sample[1])


_NAMED: Mapping[str, Callable[[Sample], dict[str, float]]] = {FACTS: _facts_of, RULES: _rules_of}


def _frequent(rows: list[dict[str, float]], least: int) -> DictVectorizer:
    """Fit on the names that occur in at least `least` rows; one name always stays, so that there is a column."""
    import numpy as np

    made = DictVectorizer(dtype=np.float32, sort=True).fit([*rows, {"": 1.0}])
    seen = made.transform(rows).getnnz(axis=0) >= least
    return made.restrict(seen | (np.array(made.feature_names_) == ""))
