"""Colours that everybody can read."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from pipeline.digest.palette import DARK, LIGHT, PAIRS, SERIES, contrast


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_has_the_contrast_of_level_aa(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.5


def test_both_themes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_series_are_told_apart_in_grey() -> None:
    stacked = [SERIES[name] for name in ("assigned", "review", "filed")]
    assert all(contrast(one, other) >= 1.3 for one, other in combinations(stacked, 2))
    neighbours = pairwise(stacked)
    assert all(contrast(one, other) >= 1.4 for one, other in neighbours)


def test_contrast_runs_from_one_to_twenty_one() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
