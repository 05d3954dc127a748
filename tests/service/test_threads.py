"""Which mail continues an inquiry, and which is one that is known already."""

from __future__ import annotations

from pipeline import parsing
from pipeline.records.work import Thread, Twin
from pipeline.service.threads import joins, same_message
from tests.support.mails import letter

THREAD = Thread(
    key="ABC234",
    participants=frozenset({"asha@museum.example", "partnerships@wikimedia.example"}),
    lists=frozenset({"partners.lists.example"}),
)


def test_who_takes_part_joins() -> None:
    assert joins(parsing.read(letter()), [THREAD]) == "ABC234"


def test_case_of_the_address_does_not_matter() -> None:
    assert joins(parsing.read(letter(sender="Asha <Asha@Museum.Example>")), [THREAD]) == "ABC234"


def test_a_stranger_does_not_join() -> None:
    assert joins(parsing.read(letter(sender="Eve <eve@elsewhere.example>")), [THREAD]) is None


def test_anybody_joins_over_the_same_list() -> None:
    mail = letter(sender="Eve <eve@elsewhere.example>", headers="List-Id: Partners <partners.lists.example>")
    assert joins(parsing.read(mail), [THREAD]) == "ABC234"


def test_nearly_equal_text_of_the_same_author_is_the_same_mail() -> None:
    inquiry = parsing.read(letter())
    reflowed = Twin(id=7, author="asha@museum.example", text="  ".join(inquiry.text.split()) + " --")
    assert same_message(inquiry, [reflowed]) == 7


def test_another_author_or_another_text_is_another_mail() -> None:
    inquiry = parsing.read(letter())
    others = [
        Twin(id=7, author="eve@elsewhere.example", text=inquiry.text),
        Twin(id=8, author="asha@museum.example", text="Something else altogether, about coins."),
    ]
    assert same_message(inquiry, others) is None
