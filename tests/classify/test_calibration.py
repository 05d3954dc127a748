"""Probabilities are calibrated, thresholds keep what they promise, lists are chosen for the best F1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.classify.calibration import (
    NEVER,
    AnyOf,
    OneOf,
    calibrate,
    choices,
    probabilities,
    rates,
    threshold,
)

FIELDS = {"kind": ("partnership", "spam", "business"), "activities": ("research", "funding")}
RANDOM = np.random.default_rng(5)


def _world(count: int) -> tuple[dict[str, Any], list[dict[str, tuple[str, ...]]]]:
    """Scores that point to the right value more often than not."""
    kinds = RANDOM.integers(0, 2, count)
    scores = RANDOM.normal(0, 0.5, (count, 3))
    scores[np.arange(count), kinds] += 0.8
    lists = RANDOM.normal(0, 1, (count, 2))
    research = RANDOM.random(count) < 1 / (1 + np.exp(-3 * lists[:, 0]))
    labels: list[dict[str, tuple[str, ...]]] = [
        {"kind": (FIELDS["kind"][kind],), "activities": ("research",) if one else ()}
        for kind, one in zip(kinds, research, strict=True)
    ]
    return {"kind": scores, "activities": lists}, labels


def test_probabilities_match_frequencies() -> None:
    scores, labels = _world(4000)
    made = calibrate(FIELDS, scores, labels, np.arange(2000))
    found = probabilities(made, {name: each[2000:] for name, each in scores.items()})
    assert np.allclose(found["kind"].sum(axis=1), 1)
    sure = found["kind"].max(axis=1)
    right = [
        FIELDS["kind"][at] == one["kind"][0]
        for at, one in zip(found["kind"].argmax(axis=1), labels[2000:], strict=True)
    ]
    assert abs(sure.mean() - np.mean(right)) < 0.03
    research = found["activities"][:, 0]
    high = research > 0.7
    share = np.mean(
        [bool(one["activities"]) for one, is_high in zip(labels[2000:], high, strict=True) if is_high]
    )
    assert abs(research[high].mean() - share) < 0.05


def test_a_value_never_seen_has_no_probability() -> None:
    scores, labels = _world(200)
    made = calibrate(FIELDS, scores, labels, np.arange(200))
    found = probabilities(made, scores)
    assert (found["kind"][:, 2] == 0).all()
    assert (found["activities"][:, 1] < 0.01).all()


def test_one_value_alone_is_certain_and_none_is_even() -> None:
    scores = {"kind": np.zeros((4, 3)), "activities": np.zeros((4, 2))}
    one = calibrate(FIELDS, scores, [{"kind": ("spam",)}] * 4, np.arange(4))
    assert np.allclose(probabilities(one, scores)["kind"], [0, 1, 0])
    none = calibrate(FIELDS, scores, [{}] * 4, np.arange(4))
    assert np.allclose(probabilities(none, scores)["kind"], 1 / 3)
    assert isinstance(none["kind"], OneOf)
    assert isinstance(none["activities"], AnyOf)


def test_threshold_is_the_lowest_that_keeps_the_target() -> None:
    confidence = np.linspace(0.99, 0.5, 100)
    right = np.array([True] * 40 + [False] * 60)
    found = threshold(confidence, right, 0.95)
    kept = confidence >= found
    assert right[kept].mean() >= 0.95
    assert kept.sum() == 42


@pytest.mark.parametrize(
    ("confidence", "right"),
    [
        (np.zeros(0), np.zeros(0, dtype=bool)),
        (np.full(30, 0.9), np.zeros(30, dtype=bool)),
        (np.full(5, 0.9), np.ones(5, dtype=bool)),
    ],
)
def test_threshold_is_out_of_reach_if_nothing_keeps_it(confidence: Any, right: Any) -> None:
    assert threshold(confidence, right, 0.95) == NEVER


def test_equal_probabilities_stand_on_one_side() -> None:
    confidence = np.array([0.9] * 25 + [0.8] * 25)
    right = np.array([True] * 25 + [True] * 20 + [False] * 5)
    assert threshold(confidence, right, 0.95) == 0.9


def test_choices_beat_one_half() -> None:
    probability = np.column_stack([np.linspace(0, 0.6, 100), np.linspace(0, 1, 100)])
    is_true = np.column_stack([np.linspace(0, 0.6, 100) > 0.2, np.linspace(0, 1, 100) > 0.6])
    found = choices(probability, is_true)
    assert found[0] == pytest.approx(0.2, abs=0.03)
    assert found[1] == pytest.approx(0.6, abs=0.03)


def test_a_second_opinion_counts() -> None:
    scores, labels = _world(600)
    noise = {name: RANDOM.normal(0, 1, each.shape) for name, each in scores.items()}
    both = {name: np.hstack([noise[name], each]) for name, each in scores.items()}
    found = probabilities(calibrate(FIELDS, both, labels, np.arange(600)), both)
    alone = probabilities(calibrate(FIELDS, noise, labels, np.arange(600)), noise)
    assert found["kind"].shape == alone["kind"].shape == (600, 3)
    assert found["activities"].shape == alone["activities"].shape == (600, 2)
    for name, values in FIELDS.items():
        truth = np.array([[value in one[name] for value in values] for one in labels])
        assert ((found[name] - truth) ** 2).mean() < ((alone[name] - truth) ** 2).mean()


def test_rates_favour_what_is_rare() -> None:
    is_true = np.eye(3, dtype=bool)[[0] * 80 + [1] * 20]
    found = rates(is_true)
    assert found[0] == 1.0
    assert found[1] == pytest.approx(0.25**0.3)
    assert 0 < found[2] < found[1]
    assert rates(np.zeros((0, 3), dtype=bool)).tolist() == [1.0, 1.0, 1.0]


def test_probabilities_for_a_mailbox_with_other_proportions() -> None:
    scores, labels = _world(2000)
    made = calibrate(FIELDS, scores, labels, np.arange(2000))["kind"]
    assert isinstance(made, OneOf)
    # A mailbox in which nine of ten mails are spam, drawn from the same mail.
    spam = np.array([one["kind"] == ("spam",) for one in labels])
    rows = np.concatenate([np.flatnonzero(spam), np.flatnonzero(~spam)[: int(spam.sum()) // 9]])
    here = made.at(np.array([0.1, 0.9, 1e-9]))(scores["kind"][rows])
    assert here.sum(axis=1) == pytest.approx(np.ones(len(rows)))
    assert abs(here[:, 1].mean() - 0.9) < 0.02 < abs(made(scores["kind"][rows])[:, 1].mean() - 0.9)
