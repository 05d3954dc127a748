"""Figures and their intervals, by hand on few messages."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.classify.intervals import Tally, bounds, draws, tally

# Two values; message by message what is labelled and what is answered.
TRUTH = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
CHOSEN = np.array([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=bool)


def test_counts_of_groups_add_up_to_the_figures() -> None:
    total = tally(CHOSEN, TRUTH, np.array([7, 7, 3, 5])).total()
    assert total.accuracy() == pytest.approx(0.75)
    assert list(total.precision()) == pytest.approx([1.0, 2 / 3])
    assert list(total.recall()) == pytest.approx([0.5, 1.0])
    assert list(total.f1()) == pytest.approx([2 / 3, 0.8])
    assert total.macro_f1() == pytest.approx((2 / 3 + 0.8) / 2)
    assert total.micro_f1() == pytest.approx(0.75)


def test_values_that_nobody_labelled_do_not_count_for_the_mean() -> None:
    truth, chosen = np.hstack([TRUTH, np.zeros((4, 1), bool)]), np.hstack([CHOSEN, np.ones((4, 1), bool)])
    total = tally(chosen, truth, np.arange(4)).total()
    assert total.macro_f1() == pytest.approx((2 / 3 + 0.8) / 2)
    assert total.f1()[2] == 0


def test_what_is_resampled_is_the_group() -> None:
    counts = tally(CHOSEN, TRUTH, np.array([1, 1, 1, 1]))
    low, high = bounds(counts.resampled(draws(1)).accuracy())
    # There is one group: every draw is the whole.
    assert (low, high) == pytest.approx((0.75, 0.75))
    apart = tally(CHOSEN, TRUTH, np.arange(4))
    low, high = bounds(apart.resampled(draws(4)).accuracy())
    assert low < 0.75 < high


def test_the_interval_of_a_share_is_about_the_binomial_one() -> None:
    right = np.arange(400) < 300
    chosen = np.stack([right, ~right], axis=1)
    truth = np.tile([True, False], (400, 1))
    low, high = bounds(tally(chosen, truth, np.arange(400)).resampled(draws(400)).accuracy())
    # The normal approximation.
    assert low == pytest.approx(0.7076, abs=0.008)
    assert high == pytest.approx(0.7924, abs=0.008)


def test_draws_are_always_the_same_and_of_full_size() -> None:
    assert (draws(20, 50) == draws(20, 50)).all()
    assert (draws(20, 50).sum(axis=1) == 20).all()
    assert draws(0).shape == (0, 0)


def test_an_empty_tally_is_no_error() -> None:
    nothing = Tally(right=np.zeros(2), chosen=np.zeros(2), truth=np.zeros(2), messages=np.float64(0))
    assert (nothing.accuracy(), nothing.macro_f1(), nothing.micro_f1()) == (0, 0, 0)
