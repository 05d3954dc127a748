"""The shipped rules, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.load import load_rulebook
from pipeline.taxonomy import Taxonomy


@pytest.fixture(scope="session")
def shipped(rules: Path, taxonomy: Taxonomy, fixtures: Path) -> Rulebook:
    return load_rulebook(rules, taxonomy, fixtures)
