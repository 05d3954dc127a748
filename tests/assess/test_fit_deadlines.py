"""Learning which of the days that a mail names is its deadline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from pipeline.assess.fit_deadlines import EXPECTED, Named, accuracy, fit, named, told, unseen_accuracy
from pipeline.assess.grid import load_criteria
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]
_DAY = date(2025, 4, 2)


def _examples(number: int) -> list[Named]:
    """Mails in which a day after "closing" is the deadline, and one after "before" is not."""
    told_day = (_DAY, {"closing": 1.0, "form day": 1.0})
    other = (date(2025, 5, 1), {"before": 1.0, "form day": 1.0})
    return [Named(days=(told_day, other), answer=_DAY)] * number


def test_learns_from_labels() -> None:
    weights = fit(_examples(40))
    assert weights["closing"] > EXPECTED["closing"] + 1
    assert weights["before"] < EXPECTED["before"] - 1
    assert told(_examples(1)[0], weights, 0.45) == _DAY
    assert unseen_accuracy(_examples(40), [place % 5 for place in range(40)], 0.45) == 1.0


def test_without_mails_the_expectations_hold() -> None:
    assert fit([]) == EXPECTED
    assert accuracy([Named(days=(), answer=None)], EXPECTED, 0.45) == 1.0


def test_days_of_a_mail(make: Make, rules: Path) -> None:
    policy = load_criteria(rules).urgency
    example = named(make("Please answer by 2 April."), policy, _DAY)
    assert [day for day, _ in example.days] == [_DAY]
    assert example.days[0][1]["before"] == 1.0


def test_the_weights_of_the_file_are_the_learnt_ones(rules: Path) -> None:
    assert set(load_criteria(rules).urgency.weights) == set(EXPECTED)
