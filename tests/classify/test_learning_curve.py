"""The learning curve: what is learnt from a part of the groups."""

from __future__ import annotations

import dataclasses

from pipeline.classify.dataset import Example
from pipeline.classify.learning_curve import curve
from pipeline.taxonomy import Taxonomy


def test_more_mail_is_learnt_from_and_each_fold_answers(
    some: tuple[Example, ...], taxonomy: Taxonomy
) -> None:
    half, whole = curve(some, taxonomy, ("kind",), shares=(0.5, 1.0))
    assert (half.field, half.share, whole.share) == ("kind", 0.5, 1.0)
    # Four of five folds are learnt from.
    assert 0.7 * len(some) < whole.mails < 0.9 * len(some)
    assert 0.3 < half.mails / whole.mails < 0.7
    assert len(whole.accuracies) == 5
    assert 0 < whole.baseline < 1


def test_the_same_seed_gives_the_same_curve(some: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    first, again = (tuple(curve(some, taxonomy, ("kind",), shares=(0.5,), seed=3)) for _ in range(2))
    assert first == again


def test_the_baseline_is_always_saying_the_most_frequent_value(
    some: tuple[Example, ...], taxonomy: Taxonomy
) -> None:
    same = tuple(
        dataclasses.replace(one, labels={**one.labels, "kind": ("spam" if at % 4 == 0 else "partnership",)})
        for at, one in enumerate(some)
    )
    (point,) = curve(same, taxonomy, ("kind",), shares=(1.0,))
    assert point.baseline == sum(at % 4 != 0 for at in range(len(same))) / len(same)
