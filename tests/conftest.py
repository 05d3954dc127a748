"""What all tests share: the labelled fixtures, by part."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.resources import packaged
from pipeline.taxonomy import Taxonomy, load_taxonomy


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return packaged("fixtures")


@pytest.fixture(scope="session")
def rules() -> Path:
    return packaged("rules")


@pytest.fixture(scope="session")
def taxonomy(rules: Path) -> Taxonomy:
    return load_taxonomy(rules)


@pytest.fixture(scope="session")
def train_labels(fixtures: Path) -> dict[str, dict[str, str]]:
    """Id to row of labels.csv, of the train part alone."""
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        train = {row["id"] for row in csv.DictReader(stream) if row["split"] == "train"}
    with (fixtures / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream) if row["id"] in train}
