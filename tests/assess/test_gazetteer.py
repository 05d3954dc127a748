"""Names of places in a text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assess.folding import fold, fold_name
from pipeline.assess.gazetteer import default_gazetteer
from pipeline.assess.places import shares_of


def _found(text: str, language: str = "") -> dict[str, str]:
    """Kind and likeliest country of each name in `text`, by its words."""
    mentions = default_gazetteer().mentions(text, language)
    return {m.words: f"{m.kind}:{m.shares[0][0] if m.shares else ''}" for m in mentions}


@pytest.mark.parametrize(
    ("text", "words", "meaning"),
    [
        ("We write from Greece.", "Greece", "country name:GR"),
        ("в Україні", "Україні", "country name:UA"),
        ("у Києві", "Києві", "administrative region:UA"),
        ("المتحف في المغرب", "المغرب", "administrative region:MA"),
        ("我们在中国工作", "中国", "country name:CN"),
        ("東京にあります", "東京", "city:JP"),
        ("en la Ciudad de México", "Ciudad de México", "city:MX"),
        ("in Nigeria and Niger", "Nigeria", "country name:NG"),
        ("a New York library", "New York", "city:US"),
        ("Helsingissä", "Helsingissä", "city:FI"),
        ("the Slovenian archive", "Slovenian", "adjective:SI"),
        ("Amt, Muster GmbH, Ulm", "GmbH", "legal form:DE"),
        ("400 zł", "zł", "currency:PL"),
        ("an intergovernmental commission", "intergovernmental", "world-wide body:"),
    ],
)
def test_finds(text: str, words: str, meaning: str) -> None:
    assert _found(text, "fi").get(words) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "nice to meet you in person",
        "it is most kind of you",
        "Reading of the will",
        "turkey and chips",
        "a mobile app",
        "Best regards",
        "the split was even",
    ],
)
def test_common_words_are_no_places(text: str) -> None:
    assert _found(text) == {}


def test_a_first_name_beside_another_name_is_no_city() -> None:
    assert "Sofia" not in _found("Sofia Petrova writes")
    assert _found("We sit in Sofia, near the park")["Sofia"] == "city:BG"


def test_the_longer_name_wins() -> None:
    found = _found("University of Georgia, Athens; Tbilisi, Georgia")
    assert found["University of Georgia"] == "administrative region:US"
    assert found["Georgia"] == "country name:GE"


def test_shares_are_read_and_checked() -> None:
    assert shares_of("DE:0.8 AT") == (("DE", 0.8), ("AT", 1.0))
    with pytest.raises(ValueError, match="not a country"):
        shares_of("Germany")


@given(st.text(max_size=200))
def test_folding_keeps_the_length_and_is_stable(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)
    assert fold_name(fold_name(text)) == fold_name(text)


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_mentions_lie_in_the_text_and_apart(text: str) -> None:
    mentions = sorted(default_gazetteer().mentions(text, "fi"), key=lambda m: m.start)
    padded = f" {text} "
    assert all(padded[m.start : m.end] == m.words for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
