"""A model is never measured on mail that it has learnt from, or on the kin of such mail."""

from __future__ import annotations

import pytest

from pipeline.classify.dataset import Example
from pipeline.classify.learnt import Learnt, fingerprints, read, unseen, write
from pipeline.errors import ModelError
from pipeline.parsing import read as parse
from tests.support.mails import letter

LONG = b"Our museum keeps three hundred glass plates of the old harbour, scanned last year, and would give them to Commons.\r\n"


def _example(octets: bytes, name: str, group: int = 0) -> Example:
    return Example(
        id=name, inquiry=parse(octets), hits=(), labels={"kind": ("partnership",)}, group=group, part="train"
    )


KNOWN = _example(
    letter(identifier="one@x.example", sender="Asha Rao <asha@museum.example>", body=LONG), "known"
)
STRANGER = letter(
    identifier="far@y.example", sender="Kofi Annor <kofi@archive.example>", body=b"Hello, we have maps.\r\n"
)


def _left(*octets: bytes) -> tuple[int, int, int]:
    """Return how many are measured on, learnt, and kin."""
    some = [_example(one, f"m{at}", group=at) for at, one in enumerate(octets)]
    found = unseen(some, fingerprints([KNOWN]))
    return len(found.examples), found.learnt, found.kin


def test_the_same_mail_is_known_however_it_came() -> None:
    same = letter(identifier="one@x.example", sender="Asha Rao <asha@museum.example>", body=LONG)
    other_words = letter(identifier="one@x.example", sender="X <x@else.example>", body=b"Short.\r\n")
    through_a_list = letter(identifier="two@z.example", sender="via list <list@lists.example>", body=LONG)
    assert _left(same, other_words, through_a_list, STRANGER) == (1, 3, 0)


def test_mail_of_the_same_house_person_or_thread_is_kin() -> None:
    house = letter(
        identifier="h@x.example", sender="Bo <bo@museum.example>", body=b"Another idea of ours.\r\n"
    )
    person = letter(identifier="p@x.example", sender="Asha Rao <asha@home.example>", body=b"From home.\r\n")
    reply = letter(
        identifier="r@x.example", sender="Li <li@third.example>", reply_to="one@x.example", body=b"Yes.\r\n"
    )
    assert _left(house, person, reply, STRANGER) == (1, 0, 3)


def test_what_a_learnt_mail_answered_is_kin() -> None:
    answer = _example(letter(identifier="a@x.example", reply_to="first@x.example", body=LONG), "answer")
    first = _example(
        letter(identifier="first@x.example", sender="Li <li@third.example>", body=b"Hi.\r\n"), "first"
    )
    assert unseen([first], fingerprints([answer])).examples == ()


def test_a_whole_group_goes_where_one_of_it_is_known() -> None:
    some = [_example(STRANGER, "m0", group=4), _example(letter(body=LONG), "m1", group=4)]
    found = unseen(some, fingerprints([KNOWN]))
    assert (found.examples, found.learnt, found.kin) == ((), 1, 1)


def test_short_equal_texts_are_chance() -> None:
    known = _example(letter(identifier="k@x.example", body=b"See attachment.\r\n"), "k")
    other = letter(identifier="o@x.example", sender="Li <li@third.example>", body=b"See attachment.\r\n")
    assert len(unseen([_example(other, "o")], fingerprints([known])).examples) == 1


def test_fingerprints_are_read_as_they_were_written_and_name_nobody() -> None:
    found = fingerprints([KNOWN])
    text = write(found)
    assert read(text, "learnt.txt") == found
    assert "museum" not in text
    assert "asha" not in text.casefold()


@pytest.mark.parametrize("text", ["", "nothing\n", "# other\nm 00\n"])
def test_other_files_are_no_fingerprints(text: str) -> None:
    with pytest.raises(ModelError, match=r"learnt\.txt: not the fingerprints"):
        read(text, "learnt.txt")


def test_a_model_knows_all_it_was_trained_on(some: tuple[Example, ...]) -> None:
    found = unseen(some, fingerprints(some))
    assert (found.examples, found.learnt) == ((), len(some))
    assert len(unseen(some, Learnt(messages=frozenset(), kin=frozenset())).examples) == len(some)
