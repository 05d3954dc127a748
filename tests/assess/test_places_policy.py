"""``places.toml`` and the line through its calibration."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.assess.places import curve, load_places
from pipeline.errors import DeclarationError


def test_all_faults_at_once(tmp_path: Path, rules: Path) -> None:
    text = (rules / "places.toml").read_text(encoding="utf-8")
    changes = (
        ('"£" = "GB"', '"£" = "Britain"'),
        ("countries = 6", "countries = 1"),
        ("'\\bEircode\\b'", "'\\bEircode(\\b'"),
        ("country = [[0.0, 0.0]", "country = [[0.9, 0.0]"),
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "places.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_places(tmp_path)
    message = str(caught.value)
    for part in ("currencies.£", "world_wide.countries", "RE2", "rise from left to right"):
        assert part in message


def test_packaged_weights_speak_the_right_way(rules: Path) -> None:
    policy = load_places(rules)
    weights = [(view, weight) for views in policy.weights.values() for view, weight in views.items()]
    assert all(weight <= 0 if view.endswith("misfits") else weight >= 0 for view, weight in weights)
    assert policy.weight("tld", "sender") > policy.weight("tld", "quoted")
    assert policy.weight("no such kind", "sender") == 0


def test_curve() -> None:
    points = ((0.0, 0.0), (0.5, 0.8), (1.0, 0.9))
    assert curve(points, -1) == 0
    assert curve(points, 0.25) == pytest.approx(0.4)
    assert curve(points, 0.75) == pytest.approx(0.85)
    assert curve(points, 2) == 0.9
