"""Receipts in the words of their reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.feedback.receipts import Item, Receipt, Trouble, render
from pipeline.feedback.vocabulary import Vocabulary, load_vocabulary
from pipeline.records.answers import Action
from pipeline.records.work import State

VALUES = {
    Action.WAIT: "2026-12-24", Action.CORRECT: "partner_type=archive", Action.REASSIGN: "Lieve", Action.NOTE: "x " * 80,
    Action.OUTCOME: "handed-over Wikimedia Kenya", Action.BACKGROUND: "https://a.example/",
}  # fmt: skip


@pytest.fixture(scope="module")
def vocabulary(rules: Path) -> Vocabulary:
    return load_vocabulary(rules)


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es", "pt_BR", "ar"])
def test_everything_that_can_be_done_has_words(vocabulary: Vocabulary, locale: str) -> None:
    items = tuple(
        Item(key="K7WM2Q", title="Plates", action=action, value=VALUES.get(action, ""), line="x")
        for action in Action
    )
    subject, text = render(Receipt(items=items, subject="Re: 1 new"), vocabulary.lexicon(locale))
    lines = text.split("\n")
    assert subject == "Re: 1 new"
    assert len([line for line in lines if line.startswith("    ")]) == len(Action)
    assert "{" not in text
    assert max(map(len, lines)) < 140


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
@pytest.mark.parametrize("trouble", list(Trouble))
def test_every_trouble_has_words(vocabulary: Vocabulary, locale: str, trouble: Trouble) -> None:
    lexicon = vocabulary.lexicon(locale)
    told = {
        render(
            Receipt(
                items=(
                    Item(
                        key="K7WM2Q",
                        action=Action.DONE,
                        line="DONE?",
                        trouble=trouble,
                        state=state,
                        holder=holder,
                    ),
                ),
                subject="",
            ),
            lexicon,
        )[1]
        for state in State
        for holder in ("", "Lieve")
    }
    assert all("DONE?" in text and "{" not in text for text in told)


def test_many_lines_that_say_nothing_are_told_in_short(vocabulary: Vocabulary) -> None:
    items = tuple(Item(line=f"line {number}") for number in range(40))
    _, text = render(Receipt(items=items, subject="x"), vocabulary.lexicon("en"))
    assert "and 35 more lines" in text
    assert len(text) < 900


def test_an_answer_without_any_instruction_is_told_what_can_be_written(vocabulary: Vocabulary) -> None:
    _, text = render(Receipt(items=(), subject="x"), vocabulary.lexicon("de"))
    assert "keine Anweisung" in text
    assert "annehmen" in text
