"""Who writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.assess.organisation import organisation
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("Ann Muster\nRegistrar, Kadim Museum of Beads", "Kadim Museum of Beads"),
        ("Jan\nCoördinator\nStichting Open Water | Radio · Online", "Stichting Open Water"),
        ("Eva Muster\nLeiterin\nStadtarchiv Musterstadt", "Stadtarchiv Musterstadt"),
        ("Department of History, University of Kalimport", "University of Kalimport"),
        ("早乙女 慎\n余韓歴史地理情報研究所", "余韓歴史地理情報研究所"),
        ("Олена Зразок\nБібліотека імені Зразка", "Бібліотека імені Зразка"),
    ],
)
def test_from_the_signature(make: Make, signature: str, name: str) -> None:
    assert organisation(make("We would like to work with you.", signature=signature)) == name


def test_from_the_sender(make: Make) -> None:
    assert organisation(make("hello", name="Fondation Exemple")) == "Fondation Exemple"


def test_from_the_introduction(make: Make) -> None:
    text = "I write for the Prairie Lantern Trust, which helps small towns."
    assert organisation(make(text, introduction=text)) == "Prairie Lantern Trust"


@pytest.mark.parametrize(
    ("text", "name", "signature"),
    [
        ("my school is nice and I like it", "Ann Muster", "Ann"),
        ("Dear Wikimedia Foundation, hello", "Ben", "Ben\nsent from my phone"),
        ("hello", "Jo", "Jo\n_____\nPartners mailing list"),
        ("", "", ""),
    ],
)
def test_nothing_is_better_than_a_guess(make: Make, text: str, name: str, signature: str) -> None:
    assert organisation(make(text, name=name, signature=signature, introduction=text)) == ""


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.text(max_size=200))
def test_one_line_and_short(make: Make, name: str, signature: str) -> None:
    found = organisation(
        make("x", name=f"{name} Museum {signature}", signature=f"{signature}\nMuseum {name}")
    )
    assert len(found) <= 120
    assert found == " ".join(found.split())
    assert found.isprintable()
