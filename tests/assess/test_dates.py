"""Days named in a text, and those by which an answer is needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assess.dates import day_of_month, named_days
from pipeline.assess.grid import load_criteria
from pipeline.assess.urgency import UrgencyPolicy, deadline
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]
SENT = date(2025, 3, 3)


@pytest.fixture(scope="module")
def policy(rules: Path) -> UrgencyPolicy:
    return load_criteria(rules).urgency


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("by 26 September", "en", "2025-09-26"),
        ("by September 26th, 2026", "en", "2026-09-26"),
        ("bis zum 15. März 2026", "de", "2026-03-15"),
        ("avant le 3 mai", "fr", "2025-05-03"),
        ("до 1 ноября", "ru", "2025-11-01"),
        ("antes del 29 de julio", "es", "2025-07-29"),
        ("entro il 12 aprile", "it", "2025-04-12"),
        ("do 5 kwietnia", "pl", "2025-04-05"),
        ("25. lokakuuta mennessä", "fi", "2025-10-25"),
        ("2025年9月10日までに", "ja", "2025-09-10"),
        ("三月十五日前", "zh", "2025-03-15"),
        ("4월 15일까지", "ko", "2025-04-15"),
        ("قبل 20 سبتمبر", "ar", "2025-09-20"),
        ("15 Aralık'a kadar", "tr", "2025-12-15"),
        ("due 2025-06-30", "en", "2025-06-30"),
        ("senast 23.4.", "sv", "2025-04-23"),
        ("10 janvier", "fr", "2026-01-10"),
        ("by the end of June", "en", "2025-06-30"),
        ("bis Ende April", "de", "2025-04-30"),
        ("kabla ya 15 Machi", "sw", "2025-03-15"),
        ("२० मार्च तक", "hi", "2025-03-20"),
    ],
)
def test_reads_days(text: str, language: str, day: str) -> None:
    assert day in {named.day.isoformat() for named in named_days(text, language, SENT)}


def test_months_that_mean_different_months() -> None:
    assert named_days("do 5 listopada", "pl", SENT)[0].day == date(2025, 11, 5)
    assert named_days("do 5. listopada", "hr", SENT)[0].day == date(2025, 10, 5)


def test_month_first_only_where_it_is_written_so() -> None:
    assert named_days("by 8/9", "en", SENT, american=True)[0].day == date(2025, 8, 9)
    assert named_days("by 8/9", "en", SENT)[0].day == date(2025, 9, 8)
    assert named_days("by 8/15", "en", SENT)[0].day == date(2025, 8, 15)


@pytest.mark.parametrize(
    "text", ["31 February", "version 4.6 of it", "1.9 million", "no day here", "on 2 January 2024"]
)
def test_no_days(text: str) -> None:
    assert named_days(text, "en", SENT) == ()


def test_day_of_month() -> None:
    assert day_of_month(date(2025, 12, 20), 4) == date(2026, 1, 4)
    assert day_of_month(date(2025, 1, 31), 30) is None


@settings(max_examples=150)
@given(
    st.text(alphabet=st.sampled_from("0123456789./- bymaiдо月日年thé,٣৫"), max_size=120),
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
)
def test_days_are_never_past(text: str, sent: date) -> None:
    for named in named_days(text, "en", sent):
        assert named.day >= sent
        assert text[named.start : named.end].strip() == named.words


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("We make a book.\n\nPlease let us know by 26 September.", "en", date(2025, 9, 26)),
        ("Wir planen ein Buch.\n\nBitte antworten Sie bis zum 15. April.", "de", date(2025, 4, 15)),
        ("Nous préparons un livre.\n\nMerci de répondre avant le 3 mai.", "fr", date(2025, 5, 3)),
        ("Готовим книгу.\n\nНужен ответ до 1 апреля.", "ru", date(2025, 4, 1)),
        ("Our fair opens on 20 June.\n\nThe deadline for letters is 2 May 2025.", "en", date(2025, 5, 2)),
    ],
)
def test_deadlines(make: Make, policy: UrgencyPolicy, text: str, language: str, day: date) -> None:
    found = deadline(make(text, language=language), policy, SENT)
    assert found is not None
    assert found.day == day
    assert 0.4 < found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Our museum opened in 1957 and has 200 coins.",
        "We met on 3 March 2024.",
        "The fair is from 3 to 7 November, come by!\n\nAnn",
    ],
)
def test_other_days_are_no_deadlines(make: Make, policy: UrgencyPolicy, text: str) -> None:
    assert deadline(make(text), policy, SENT) is None


def test_a_hostile_mail_is_quick(make: Make, policy: UrgencyPolicy) -> None:
    for text in (
        "1 " * 40_000,
        "by 5 May " * 9000,
        "a" * 90_000,
        "5." * 40_000,
        "\n" * 90_000,
        "1月1日" * 20_000,
    ):
        started = time.process_time()
        deadline(make(text, signature=text, quoted=text), policy, SENT)
        assert time.process_time() - started < 3
