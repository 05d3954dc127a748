"""The scorer of single sentences: taught by marks, honest about what it has not learnt, and able to say which sentence."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.dataset import Example, Sample
from pipeline.classify.estimator import TOLD_BY_SENTENCES, estimator
from pipeline.classify.explain import reasons
from pipeline.classify.features import BY_SENTENCE, TOLD, Views
from pipeline.classify.marks import SIGNS, Mark
from pipeline.classify.telling import Lesson, quoted
from pipeline.classify.train import data_hash
from pipeline.classify.wordpieces import Lexicon, WordPieces
from pipeline.parsing import read
from pipeline.taxonomy import Taxonomy

_PLACES = ("Lerwick", "Tartu", "Vigo", "Graz", "Ghent", "Oulu", "Split", "Leiden", "Kaunas", "Bergen")
_SAID = {
    "open": "The director must approve every article before it appears.",
    "broken": "You pay 900 euros for each article that we place.",
    "fits": "We give everything under CC BY-SA without any condition.",
}


def _sample(place: str, sentence: str) -> Sample:
    text = f"We are a small house in {place}. {sentence} There are some hundred boxes in our cellar. Kind regards"
    return read(f"From: Kim <kim@{place}.example>\r\nSubject: {place}\r\n\r\n{text}\r\n".encode()), ()


def _taught() -> tuple[list[Sample], list[Lesson]]:
    samples = [_sample(place, sentence) for place in _PLACES for sentence in _SAID.values()]
    signs = [(sign, said) for _ in _PLACES for sign, said in _SAID.items()]
    lessons = [
        Lesson(marks=(Mark(quote=said[:20], sign=sign, ground="other"),), plain=sign == "fits")
        for sign, said in signs
    ]
    return samples, lessons


@pytest.fixture(scope="module")
def views() -> Views:
    samples, lessons = _taught()
    return Views(texts={"message": 2_000}).fit(samples, None, lessons)


def test_the_sentence_that_tells_is_found_in_mail_not_seen(views: Views) -> None:
    for sign, said in _SAID.items():
        sample = _sample("Uppsala", said)
        blocks = views.transform([sample])
        told = blocks[TOLD]
        assert told.shape == (1, len(SIGNS))
        assert SIGNS[int(told[0].argmax())] == sign
        assert quoted(sample[0], blocks[BY_SENTENCE][0])[sign] == said


def test_a_mail_in_which_nothing_tells_quotes_nothing(views: Views) -> None:
    sample = _sample("Uppsala", "The boxes are grey.")
    assert quoted(sample[0], views.transform([sample])[BY_SENTENCE][0]) == {}
    assert (
        views.transform([sample])[TOLD].max()
        < views.transform([_sample("Uppsala", _SAID["open"])])[TOLD].max()
    )


def test_alone_and_in_company_a_mail_is_told_the_same(views: Views) -> None:
    samples = [_sample("Uppsala", said) for said in _SAID.values()]
    together = views.transform(samples)
    alone = [views.transform([each]) for each in samples]
    assert together[TOLD] == pytest.approx(np.vstack([each[TOLD] for each in alone]), abs=1e-5)
    for scores, each in zip(together[BY_SENTENCE], alone, strict=True):
        assert scores == pytest.approx(each[BY_SENTENCE][0], abs=1e-5)
    assert views.transform([])[TOLD].shape == (0, len(SIGNS))


def test_a_kept_scorer_says_the_same(views: Views) -> None:
    again = pickle.loads(pickle.dumps(views))  # noqa: S301  # made here
    sample = [_sample("Uppsala", _SAID["broken"])]
    assert again.transform(sample)[TOLD] == pytest.approx(views.transform(sample)[TOLD])


def test_without_lessons_no_sentence_is_scored() -> None:
    samples, _ = _taught()
    made = Views(texts={"message": 2_000}).fit(samples)
    assert not {TOLD, BY_SENTENCE} & made.transform(samples).keys()


def test_a_sign_that_nobody_marked_says_nothing() -> None:
    samples, lessons = _taught()
    lessons = [lesson if lesson.plain else Lesson(marks=None, plain=False) for lesson in lessons]
    made = Views(texts={"message": 2_000}).fit(samples, None, lessons)
    scores = made.telling_.scores(made.units([sample[0] for sample in samples]))  # type: ignore[union-attr]
    assert not scores[:, SIGNS.index("open")].any()
    assert scores[:, SIGNS.index("fits")].any()


def test_mail_that_nobody_read_but_that_fits_teaches_what_is_harmless() -> None:
    samples, lessons = _taught()
    harmless = [_sample(place, "The mayor must approve the catering.") for place in _PLACES[:5]]
    before = Views(texts={"message": 2_000}).fit(samples, None, lessons)
    unread = [Lesson(marks=None, plain=True)] * len(harmless)
    after = Views(texts={"message": 2_000}).fit([*samples, *harmless], None, [*lessons, *unread])
    seen = _sample("Uppsala", "The mayor must approve the catering.")
    at = SIGNS.index("open")
    assert after.transform([seen])[TOLD][0, at] < before.transform([seen])[TOLD][0, at]


def test_what_single_sentences_tell_follows_the_scores_of_two_fields_alone(taxonomy: Taxonomy) -> None:
    samples, lessons = _taught()
    labels = [{"kind": ("partnership",), "alignment": ("aligned",)} for _ in samples]
    made = estimator(taxonomy).fit(samples, labels, views__lessons=lessons)
    found = made.decision_function(samples[:5])
    more = {name: each.shape[1] - len(made[-1].fields[name]) for name, each in found.items()}
    assert {name for name, count in more.items() if count} == set(TOLD_BY_SENTENCES)
    assert {count for count in more.values() if count} == {len(SIGNS)}


def test_marks_are_part_of_the_data_hash(some: tuple[Example, ...]) -> None:
    few = some[:5]
    read_by_somebody = [dataclasses.replace(each, marks=()) for each in few]
    mark = Mark(quote="We give", sign="fits", ground="gift")
    told = [dataclasses.replace(each, marks=(mark,)) for each in few]
    assert len({data_hash(few), data_hash(read_by_somebody), data_hash(told)}) == 3


def test_the_same_marks_teach_the_same(views: Views) -> None:
    samples, lessons = _taught()
    again = Views(texts={"message": 2_000}).fit(samples, None, lessons)
    for part, (whole, step) in views.telling_.packed_.items():  # type: ignore[union-attr]
        assert np.array_equal(again.telling_.packed_[part][0], whole)  # type: ignore[union-attr]
        assert np.array_equal(again.telling_.packed_[part][1], step)  # type: ignore[union-attr]


def test_an_explanation_names_the_sentence_that_tells(taxonomy: Taxonomy) -> None:
    samples, lessons = _taught()
    value_of = {"open": "unclear", "broken": "not_aligned", "fits": "aligned"}
    labels = [{"kind": ("partnership",), "alignment": (value_of[sign],)} for _ in _PLACES for sign in _SAID]
    views, heads = estimator(taxonomy).fit(samples, labels, views__lessons=lessons)
    sample = _sample("Uppsala", _SAID["open"])
    columns = heads.columns()["alignment"]
    wanted = {f"alignment={value}": (columns, at) for at, value in enumerate(heads.fields["alignment"])}
    told = reasons(views, heads, [sample], views.transform([sample]), [wanted])[0]
    assert told["alignment=unclear"].startswith(f"tells: {_SAID['open']!r}")
    assert "tells" not in told["alignment=not_aligned"]


@given(st.lists(st.text(max_size=60), max_size=8))
def test_many_short_texts_at_once_are_the_same_as_one_by_one(texts: list[str]) -> None:
    made = WordPieces(least=1).fit(["the heirs have not answered", "we give it freely", "die Erben"])
    columns = Lexicon({"": made}).short_columns("", texts)
    assert np.allclose(made.short_rows(columns).toarray(), made.transform(texts).toarray(), atol=1e-6)
