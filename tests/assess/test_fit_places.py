"""Learning the weights of clues."""

from __future__ import annotations

from itertools import pairwise

from pipeline.assess.clues import Clue
from pipeline.assess.fit_places import Example, calibration, expected_weights, fit, learn, likeliest


def _clue(kind: str, view: str, country: str | None) -> Clue:
    return Clue(kind=kind, view=view, country=country, amount=1.0, words="x")


def _examples(number: int) -> list[Example]:
    """Mails in which the sender's domain is right and a city in the body is not."""
    clues = (_clue("tld", "sender", "DE"), _clue("city", "body", "FR"))
    told = [Example(clues=clues, answer="DE")] * number
    return told + [Example(clues=(_clue("city", "body", "FR"),), answer="unknown")] * number


def test_learns_which_clue_is_right() -> None:
    prior = expected_weights()
    weights = fit(_examples(20), prior)
    assert weights["tld", "sender"] > prior["tld", "sender"] - 0.5
    assert 0 <= weights["city", "body"] < prior["city", "body"]
    assert likeliest(_examples(1)[0], weights)[0] == "DE"
    assert likeliest(_examples(1)[1], weights)[0] == "unknown"


def test_the_prior_holds_without_evidence() -> None:
    prior = expected_weights()
    weights = fit(_examples(3), prior)
    assert weights["phone", "signature"] == prior["phone", "signature"]


def test_each_example_is_judged_by_weights_that_have_not_seen_it() -> None:
    examples = _examples(10)
    learnt = learn(examples, [place % 5 for place in range(len(examples))])
    right = [answer == example.answer for (answer, _), example in zip(learnt.unseen, examples, strict=True)]
    assert all(right)
    assert all(0 < chance <= 1 for _, chance in learnt.unseen)


def test_calibration_rises() -> None:
    outcomes = [(place / 100, place % 3 != 0 or place > 60) for place in range(1, 100)]
    points = calibration(outcomes)
    assert points[0] == (0.0, 0.0)
    assert points[-1][0] == 1.0
    assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points))
