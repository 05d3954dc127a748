"""How well places and deadlines are told on the train part."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.grid import load_criteria
from pipeline.assess.region import Place, clues, place
from pipeline.assess.urgency import deadline
from pipeline.parsing import read
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

_PLACED = ("partnership", "endorsement", "business", "misdirected")


@pytest.fixture(scope="module")
def inquiries(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> dict[str, Inquiry]:
    """Every third labelled mail of the train part."""
    names = sorted(name for name, row in train_labels.items() if row["kind"] in _PLACED and row["region"])[
        ::3
    ]
    return {name: read((fixtures / "messages" / f"{name}.eml").read_bytes()) for name in names}


def test_places(
    inquiries: dict[str, Inquiry], train_labels: dict[str, dict[str, str]], taxonomy: Taxonomy
) -> None:
    found: dict[str, Place] = {name: place(clues(inquiry), taxonomy) for name, inquiry in inquiries.items()}
    countries = [(told.country or "") == train_labels[name]["country"] for name, told in found.items()]
    regions = [told.region == train_labels[name]["region"] for name, told in found.items()]
    assert sum(countries) / len(countries) >= 0.92
    assert sum(regions) / len(regions) >= 0.93


def test_sure_places_are_right(
    inquiries: dict[str, Inquiry], train_labels: dict[str, dict[str, str]], taxonomy: Taxonomy
) -> None:
    found = {name: place(clues(inquiry), taxonomy) for name, inquiry in inquiries.items()}
    sure = {name: told for name, told in found.items() if told.country_confidence >= 0.95}
    right = [(told.country or "") == train_labels[name]["country"] for name, told in sure.items()]
    assert len(sure) / len(found) >= 0.6
    assert sum(right) / len(right) >= 0.95


def test_deadlines(
    inquiries: dict[str, Inquiry], train_labels: dict[str, dict[str, str]], rules: Path
) -> None:
    policy = load_criteria(rules).urgency
    told: dict[str, date] = {}
    graded = [name for name in inquiries if train_labels[name]["kind"] in ("partnership", "endorsement")]
    for name in graded:
        found = deadline(inquiries[name], policy, date(2026, 1, 1))
        if found:
            told[name] = found.day
    wanted = {name for name in graded if train_labels[name]["urgency"]}
    right = sum(day.isoformat() == train_labels[name]["urgency"] for name, day in told.items())
    assert right / len(told) >= 0.80
    assert right / len(wanted) >= 0.70
