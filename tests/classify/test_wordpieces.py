"""Word pieces are scikit-learn's char_wb n-grams and words, only quicker."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from pipeline.classify.wordpieces import Lexicon, WordPieces, pieces, words

TEXTS = (
    "The museum offers its photographs; the MUSEUM asks for nothing.",
    "Le musée offre ses photographies.",
    "Музей предлагает фотографии 1234567",
    "ミュージアムは写真を提供します",
    "",
)


def _analyse(text: str) -> list[str]:
    return [piece for word in words(text) for piece in pieces(word, (3, 5))]


def test_equals_the_vectoriser_of_scikit_learn() -> None:
    ours = WordPieces(least=1, most=10_000).fit(TEXTS)
    theirs = TfidfVectorizer(analyzer=_analyse, sublinear_tf=True, dtype=np.float32).fit(TEXTS)
    assert list(ours.vocabulary_) == list(theirs.get_feature_names_out())
    assert np.allclose(ours.transform(TEXTS).toarray(), theirs.transform(TEXTS).toarray(), atol=1e-5)


def test_fitting_gives_the_rows_that_transforming_gives() -> None:
    made = WordPieces(least=2, most=20)
    at_once = made.fit_transform(TEXTS * 2)
    assert at_once.nnz > 0
    assert (at_once != made.transform(TEXTS * 2)).nnz == 0


def test_the_vocabulary_keeps_what_most_texts_have() -> None:
    few = WordPieces(least=2, most=3).fit(["abc x", "abc y", "abc z", "xyz q"])
    assert list(few.vocabulary_) == [" ab", " abc", " abc "]


def test_pairs_of_words_count_if_asked() -> None:
    assert (
        "call for" in WordPieces(lengths=(0, 0), pairs=True, least=1).fit(["a call for papers"]).vocabulary_
    )
    assert "call for" not in WordPieces(lengths=(0, 0), least=1).fit(["a call for papers"]).vocabulary_


def test_columns_of_a_word_are_those_of_its_pieces_in_each_vocabulary() -> None:
    owners = {
        "many": WordPieces(least=1).fit(["museum archive"]),
        "few": WordPieces(least=1).fit(["museum"]),
        "words": WordPieces(lengths=(0, 0), pairs=True, least=1).fit(["the museum"]),
    }
    shared = Lexicon(owners)
    for name, owner in owners.items():
        for text in ("museum", "zzz", "the museum, the archive"):
            assert shared.columns(name, [words(text)])[0].tolist() == owner.columns(text).tolist()
        parts = shared.pieces(name, ["museum", "zzz"])
        columns, there = shared.known(name, parts)
        assert {owner.vocabulary_[" museum "]} <= set(columns.tolist()) <= set(owner.vocabulary_.values())
        assert there.sum() == len(columns)


def test_fitting_again_forgets() -> None:
    made = WordPieces(least=1).fit(["museum"]).fit(["archive"])
    assert " museum " not in made.vocabulary_
    assert made.transform(["museum"]).nnz < made.transform(["archive"]).nnz


def test_the_pickled_state_has_no_cache() -> None:
    made = WordPieces(least=1).fit(TEXTS)
    before = len(pickle.dumps(made))
    made.transform(["words never seen before"] * 3)
    assert len(pickle.dumps(made)) == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, World_2", ["hello", "world", "0"]),
        ("12 1234567", ["00", "00000"]),
        ("a" * 50, ["a" * 24, "a" * 24, "aa"]),
        ("²", ["0"]),
        ("संग्रहालय की ओर", ["संग्रहालय", "की", "ओर"]),
        ("বাংলা, தமிழ்", ["বাংলা", "தமிழ்"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


def test_a_huge_text_is_cut() -> None:
    assert len(words("x y " * 1_000_000)) == 3000


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_becomes_a_row_of_length_one_or_zero(texts: list[str]) -> None:
    rows: Any = WordPieces(least=1).fit(texts).transform(texts)
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)) if texts else np.zeros(0)
    assert rows.shape[0] == len(texts)
    assert all(abs(length - 1) < 1e-5 or length == 0 for length in np.asarray(lengths).ravel())
