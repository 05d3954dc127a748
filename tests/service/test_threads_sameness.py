"""Copies of one mail, and other mails that only look like it."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parsing
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.records.threads import Twin
from pipeline.service.claims import claims
from pipeline.service.sameness import Verdict, alike, compare, same_author
from tests.support.mails import NOW, letter

ASHA = Address(name="Asha Rao", address="asha@museum.example")
LONG = " ".join(f"word{number}" for number in range(1000))
FOOTER = "\n_____\nPartners mailing list -- partners@lists.example\nTo unsubscribe send a mail to partners-leave@lists.example"
LETTER = "Sehr geehrte Damen und Herren, unser Museum möchte dreihundert Glasplatten für Commons freigeben."


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (LETTER, LETTER.replace(" ", "\n"), "equal"),
        (LETTER, LETTER + FOOTER, "near"),
        (LETTER, "[External] Be careful with links.\n" + LETTER, "near"),
        (LETTER, LETTER.replace("ö", "o").replace("ü", "u"), "equal"),
        (LETTER, LETTER.encode().decode("latin-1"), "scarred"),
        (LETTER, LETTER.encode("ascii", "replace").decode().replace("?", "??"), "scarred"),
        ("Yes, gladly.", "Yes, gladly." + FOOTER, "near"),
        ("Yes, gladly.", "No, thank you.", "apart"),
        ("Yes, gladly.", "Yes, but not gladly.", "apart"),
        (LETTER, "Unser Chor möchte seine Aufnahmen aus zehn Jahren freigeben und sucht Rat.", "apart"),
        (LONG, LONG[:5000], "near"),
        (LONG, LONG[-2000:], "apart"),
        ("我们图书馆希望上传三百册古籍的扫描件", "我们图书馆希望上传三百册古籍的扫描件。" + FOOTER, "near"),
        ("我们图书馆希望上传三百册古籍的扫描件", "我们博物馆希望举办一次编辑活动和讲座", "apart"),
        ("", LETTER, "empty"),
        ("...", "!!!", "empty"),
    ],
)
def test_likeness(one: str, other: str, expected: str) -> None:
    assert alike(one, other) == expected
    assert alike(other, one) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_has_no_direction(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert alike(one, one) in ("equal", "empty")


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=60))
def test_a_footer_never_makes_another_mail(words: list[str]) -> None:
    assert alike(" ".join(words), " ".join(words) + FOOTER) == "near"


def test_who_wrote_is_known_behind_a_list() -> None:
    assert same_author(ASHA, Address(address="Asha@MUSEUM.example"))
    assert same_author(ASHA, Address(address="asha=museum.example@lists.example"))
    assert same_author(ASHA, Address(name="asha rao"))
    assert not same_author(ASHA, Address(name="Asha Rao", address="other@museum.example"))
    assert not same_author(Address(), Address())


def read(**told: str) -> Inquiry:
    return parsing.read(letter(**told))  # type: ignore[arg-type]


def twin(of: Inquiry, **more: object) -> Twin:
    said = claims(of, (), NOW)
    told: dict[str, object] = {
        "id": 7, "key": "ABC234", "header_id": said.header_id, "author": of.author, "subject": said.subject,
        "text": of.text, "list_id": of.list_id, "attachments": 0, "written_at": said.written_at, "filed": False,
    }  # fmt: skip
    return Twin(**{**told, **more})  # type: ignore[arg-type]


def judged(inquiry: Inquiry, *twins: Twin, filed: bool = False) -> Verdict:
    return compare(inquiry, claims(inquiry, (), NOW), filed, twins)


def test_equal_id_author_and_text_is_the_same_mail() -> None:
    one = read()
    assert judged(one, twin(one)).same == twin(one)


def test_equal_id_over_another_author_or_text_is_another_mail() -> None:
    one = read()
    others = (
        twin(one, author=Address(address="eve@elsewhere.example")),
        twin(one, text="Something else altogether, about coins and their history in our country."),
    )
    assert judged(one, *others) == Verdict(others=others)


def test_equal_id_and_nearly_equal_text_of_another_week_is_another_mail() -> None:
    one = read()
    later = twin(
        one, text=one.text + " Reminder.", written_at=claims(one, (), NOW).written_at + timedelta(days=8)
    )
    assert judged(one, later).same is None


def _moment(inquiry: Inquiry) -> datetime:
    return claims(inquiry, (), NOW).written_at


def test_without_an_id_author_date_subject_and_text_have_to_agree() -> None:
    one = dataclasses.replace(read(), message=dataclasses.replace(read().message, message_id=""))
    other = twin(one, header_id="")
    assert judged(one, other).same == other
    assert judged(one, twin(one, header_id="made@lists.example")).same is not None
    for change in (
        {"written_at": _moment(one) + timedelta(seconds=1)},
        {"subject": "other"},
        {"author": Address(address="eve@x.example")},
        {"text": "Something else altogether, about coins and their history in our country."},
    ):
        assert judged(one, twin(one, **change)) == Verdict()


def test_the_copy_that_tells_more_is_kept() -> None:
    direct = read()
    listed = dataclasses.replace(direct, list_id="partners.lists.example")
    nameless = dataclasses.replace(direct, author=Address(name="Asha Rao"))
    whole = dataclasses.replace(direct, text=LONG)
    assert judged(direct, twin(listed)).better
    assert not judged(listed, twin(direct)).better
    assert judged(direct, twin(nameless)).better
    assert not judged(nameless, twin(direct)).better
    assert judged(whole, twin(listed, text=LONG[:5000])).better
    assert not judged(direct, twin(direct)).better
    assert judged(direct, twin(direct, filed=True)).better
    assert not judged(direct, twin(listed), filed=True).better


def test_comparing_is_bounded() -> None:
    assert alike("a " * 3_000_000, "b " * 3_000_000) == "apart"
    assert alike("\u0301" * 1_000_000, "?" * 1_000_000) == "empty"
