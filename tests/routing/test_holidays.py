"""Weekends and holidays of a country, and days that inquirers name: when an answer is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.records.decisions import Criteria
from pipeline.routing.deadlines import due_for
from pipeline.routing.holidays import WEEKENDS, days_off, has_holidays
from pipeline.routing.policy import Policy

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("country", "free", "works"),
    [
        ("BE", [date(2026, 12, 25), date(2026, 7, 21), date(2026, 11, 21)], [date(2026, 11, 26)]),
        ("US", [date(2026, 11, 26)], [date(2026, 7, 21)]),
        (
            "IL",
            [date(2026, 11, 20), date(2026, 11, 21)],
            [date(2026, 11, 22)],
        ),  # the weekend is Friday and Saturday
        (None, [date(2026, 11, 21)], [date(2026, 12, 25)]),
        ("ZZ", [date(2026, 11, 21)], [date(2026, 12, 25)]),  # not a country that the package knows
    ],
)
def test_weekends_and_holidays_of_a_country(country: str | None, free: list[date], works: list[date]) -> None:
    off = days_off(country)
    assert [day for day in free if day not in off] == []
    assert [day for day in works if day in off] == []
    assert (date.max in off) is (country == "IL")  # a Friday; no holidays are looked up that far ahead


def test_whether_holidays_are_known() -> None:
    assert has_holidays("BE")
    assert not has_holidays("ZZ")
    assert "2026-12-25" not in WEEKENDS


def test_the_answer_is_due_before_the_day_that_the_inquirer_names(
    entry: Make, liaison: Make, noon: datetime
) -> None:
    policy = Policy(fallback="ana", liaisons=(liaison("ana", country="BE"),))
    ana = policy.by_id["ana"]

    def due(wanted: date | None, priority: int = 10) -> date:
        one = entry("K1", priority=priority).decision
        return due_for(
            replace(one, tags=replace(one.tags, criteria=Criteria(urgency=wanted))), ana, noon, policy
        ).date()

    assert due(None) == date(2026, 12, 2)
    assert due(date(2026, 11, 27)) == date(2026, 11, 26)
    assert due(date(2026, 11, 23)) == date(2026, 11, 20)  # Monday: the Friday before
    assert due(date(2027, 3, 1)) == date(2026, 12, 2)
    for past in (date(2020, 1, 1), date.min, date(2026, 11, 18), date(2026, 11, 19)):
        assert due(past) == date(2026, 11, 19)  # the next working day: never at once
    assert due(date.max) == date(2026, 12, 2)


def test_holidays_put_a_deadline_off(entry: Make, liaison: Make) -> None:
    policy = Policy(fallback="ana", liaisons=(liaison("ana", country="BE"), liaison("ben")))
    at = datetime(2026, 12, 23, 12, tzinfo=UTC)
    decision = entry("K1", priority=90).decision  # two working days
    assert due_for(decision, policy.by_id["ben"], at, policy).date() == date(2026, 12, 25)
    assert due_for(decision, policy.by_id["ana"], at, policy).date() == date(2026, 12, 28)
