"""Two models on the same folds: what is chance, and what is not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pipeline.classify.answers import Row, read, write
from pipeline.classify.compare import Comparison, compare
from pipeline.errors import ModelError

FIELDS = {"kind": ("partnership", "spam", "business"), "activities": ("research", "event")}


def _rows(count: int = 300) -> list[Row]:
    chance = random.Random(7)
    rows = []
    for at in range(count):
        kind = chance.choice(FIELDS["kind"])
        listed = tuple(value for value in FIELDS["activities"] if chance.random() < 0.4)
        held = {"kind": (kind,), **({"activities": listed} if kind == "partnership" else {})}
        rows.append(
            Row(id=f"m{at}", message=f"{at:016x}", group=at // 2, fold=at % 5, labels=held, answers=held)
        )
    return rows


def _spoilt(rows: list[Row], share: float, value: str = "spam") -> list[Row]:
    """Let answers of one kind be wrong, at random."""
    chance = random.Random(11)
    return [
        replace(row, answers={**row.answers, "kind": ("business",)})
        if row.labels["kind"] == (value,) and chance.random() < share
        else row
        for row in rows
    ]


def _compared(before: list[Row], after: list[Row]) -> Comparison:
    return compare(("a-1", before), ("b-2", after), FIELDS)


def test_a_model_is_no_worse_than_itself() -> None:
    found = _compared(_spoilt(_rows(), 0.3), _spoilt(_rows(), 0.3))
    assert found.messages == 300
    assert found.worse == ()
    assert all(one.low == pytest.approx(0, abs=1e-6) for one in found.differences)


def test_a_tag_that_became_much_worse_is_found_and_one_that_became_better_too() -> None:
    found = {one.tag: one for one in _compared(_rows(), _spoilt(_rows(), 0.4)).differences}
    assert found["kind=spam"].worse
    assert found["kind=spam"].before == 1
    assert found["kind=spam"].high < 0 > found["kind=spam"].after - found["kind=spam"].before
    assert not found["kind=partnership"].worse
    back = {one.tag: one for one in _compared(_spoilt(_rows(), 0.4), _rows()).differences}
    assert back["kind=spam"].better
    assert not back["kind=spam"].worse


def test_a_difference_of_two_mails_is_chance() -> None:
    found = _compared(_rows(), _spoilt(_rows(), 0.02))
    assert found.differences[0].after < found.differences[0].before
    assert found.worse == ()


def test_equally_good_models_are_hardly_ever_told_apart() -> None:
    """The intervals hold for all tags together: among twenty pairs of like models about one goes wrong, not most."""
    refused = 0
    for seed in range(20):
        sides = []
        for side in range(2):
            chance = random.Random(1000 * side + seed)
            sides.append(
                [
                    replace(row, answers={**row.answers, "kind": (chance.choice(FIELDS["kind"]),)})
                    if chance.random() < 0.3
                    else row
                    for row in _rows()
                ]
            )
        refused += bool(_compared(*sides).worse)
    assert refused <= 3


def test_other_folds_cannot_be_compared() -> None:
    moved = [replace(row, fold=(row.fold + 1) % 5) for row in _rows()]
    with pytest.raises(ModelError, match=r"not trained on the same folds \(0 of 300.*--folds-of a"):
        _compared(_rows(), moved)


def test_changed_and_new_messages_and_a_few_that_moved_are_left_out() -> None:
    after = _rows()
    after[0] = replace(after[0], message="f" * 16)
    after[1] = replace(after[1], fold=(after[1].fold + 1) % 5)
    after[2] = replace(after[2], id="new")
    found = _compared(_rows(), after)
    assert (found.messages, found.left_out) == (297, 4)


def test_the_later_labels_count() -> None:
    relabelled = [replace(row, labels={**row.labels, "kind": ("business",)}) for row in _rows()]
    right = [replace(row, answers={**row.answers, "kind": ("business",)}) for row in relabelled]
    found = {one.tag: one for one in _compared(_rows(), right).differences}
    assert found["kind"].after == 1
    assert found["kind"].before < 0.5
    assert found["kind=spam"].n == 0
    assert not found["kind=spam"].judged


def test_answers_are_read_as_they_were_written() -> None:
    rows = tuple(_spoilt(_rows(30), 0.5))
    text = write(rows, tuple(FIELDS))
    assert read(text, "answers.csv") == rows
    assert text.splitlines()[0] == "id,message,group,fold,kind,kind.answer,activities,activities.answer"


@pytest.mark.parametrize(
    "text", ["id,message,group,fold,kind\nx,y,1,0,spam\n", "id\nx\n", "id,message,group,fold\nx,y,z,0\n"]
)
def test_other_files_are_no_answers(text: str) -> None:
    with pytest.raises(ModelError, match=r"answers\.csv: not the answers of a model"):
        read(text, "answers.csv")
