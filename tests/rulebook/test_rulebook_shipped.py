"""The rules that ship: their own examples, and what they are worth without a model, on the train part."""

from __future__ import annotations

import statistics
import time
import tomllib
from pathlib import Path

import pytest

from pipeline.parsing import read
from pipeline.records.inquiries import Inquiry
from pipeline.rulebook import examples
from pipeline.rulebook.audit import audit
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.match import hits
from pipeline.rulebook.vote import vote
from pipeline.taxonomy import Taxonomy

Labelled = list[tuple[Inquiry, dict[str, str]]]


@pytest.fixture(scope="session")
def sample(fixtures: Path, train_labels: dict[str, dict[str, str]]) -> Labelled:
    """Every fourth labelled mail of the train part."""
    chosen = list(train_labels.items())[::4]
    return [(read((fixtures / "messages" / f"{id_}.eml").read_bytes()), row) for id_, row in chosen]


def accuracy(book: Rulebook, sample: Labelled, taxonomy: Taxonomy, field: str) -> float:
    right = []
    for inquiry, labels in sample:
        if labels[field]:
            said = (one for one in vote(hits(book, inquiry), taxonomy) if one.field == field)
            right.append(next(said).value == labels[field])
    return statistics.fmean(right)


def test_every_example_of_every_rule_holds(shipped: Rulebook, fixtures: Path) -> None:
    assert [str(failure) for failure in examples.run(shipped, read, fixtures)] == []


@pytest.mark.parametrize(("field", "least"), [("partner_type", 0.65), ("kind", 0.70), ("alignment", 0.60)])
def test_rules_alone_are_useful(
    shipped: Rulebook, sample: Labelled, taxonomy: Taxonomy, field: str, least: float
) -> None:
    assert accuracy(shipped, sample, taxonomy, field) >= least


def test_musts_are_practically_certain(shipped: Rulebook, sample: Labelled) -> None:
    rows = [row for row in audit(shipped, sample) if row.must]
    assert rows
    assert all(row.precision is None or row.precision >= 0.95 for row in rows)


def test_matching_is_quick(shipped: Rulebook, sample: Labelled) -> None:
    times = []
    for inquiry, _ in sample:
        start = time.perf_counter()
        hits(shipped, inquiry)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.006  # four times the aim, for busy machines


def test_every_kind_of_organisation_is_known_in_many_languages(rules: Path) -> None:
    for name in (
        *(
            "museum",
            "archive",
            "library",
            "university",
            "research",
            "school",
            "government",
            "public-interest",
        ),
        *("media", "technology", "foundation", "wikimedia", "company", "private-person"),
    ):
        with (rules / "terms" / f"{name}.toml").open("rb") as stream:
            assert len(tomllib.load(stream)["terms"]) >= 40, name
