"""What meets in one sentence: families of words, in many languages, near each other or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.classify.clauses import clauses, vocabulary
from pipeline.errors import DeclarationError
from pipeline.resources import packaged

_PLAIN = parsing.read(b"From: robin@organisation.example\r\nSubject: Hello\r\n\r\nGood day.\r\n")


def said(text: str) -> dict[str, float]:
    return clauses(replace(_PLAIN, text=text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The director must read the articles before they appear.", "before near check"),
        ("The heirs have not answered about the rights.", "rights near unsure"),
        ("Die Karten dürfen nicht verändert werden.", "ban near data"),
        ("Wir wissen noch nicht, wem die Rechte gehören.", "rights near unsure"),
        ("La marraine souhaite relire les textes avant.", "before near check"),
        ("El alcalde quiere su escudo y nuestro nombre en cada página.", "name near wish"),
        ("Статьи нельзя менять без согласования.", "ban near text"),
        ("ロゴは必須が条件です。", "must near name"),
        ("照片的版權尚未確定。", "rights near unsure"),
    ],
)
def test_a_matter_and_how_it_is_spoken_of_meet_in_many_languages(text: str, name: str) -> None:
    assert name in said(text)


def test_words_of_two_sentences_do_not_meet() -> None:
    found = said("We hold the rights. Nobody is unsure of the way to the station.")
    assert {"rights", "unsure"} <= found.keys()
    assert "rights near unsure" not in found


def test_words_far_apart_in_one_sentence_do_not_meet() -> None:
    assert "rights near unsure" not in said(f"We hold the rights {'and so on ' * 20}and are unsure")


def test_a_question_is_told() -> None:
    assert "ask in a question" in said("Is it a problem?")
    assert "ask in a question" not in said("It is a problem.")


def test_a_word_inside_another_does_not_count() -> None:
    assert "price" not in said("The coffee is hot.")


def test_every_family_speaks_the_same_languages() -> None:
    families = vocabulary(packaged("rules")).families
    assert len({frozenset(family.terms) for family in families.values()}) == 1
    assert len(families["text"].terms) >= 60


def test_a_star_inside_a_word_is_a_fault_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "clauses.toml").write_text(
        '[families.a]\ndescription = "Some words"\nterms.en = ["o*n"]\n'
        '[families.b]\ndescription = "Some words"\nterms.en = ["two"]\n',
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as caught:
        vocabulary(tmp_path)
    assert [fault.path for fault in caught.value.faults] == ["families.a.terms.en.0"]


@given(st.text(max_size=300))
def test_any_text_gives_finite_numbers_above_zero(text: str) -> None:
    assert all(0 < value < 10 for value in said(text).values())
