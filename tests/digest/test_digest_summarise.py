"""Two sentences that say what an inquiry is about."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest.summarise import LONGEST, summary
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address, ParsedMessage


def inquiry(text: str, subject: str = "", body: str | None = None) -> Inquiry:
    author = Address(name="Anja Berg", address="a.berg@x.example")
    return Inquiry(
        message=ParsedMessage(sha256="0" * 64, message_id="m@x.example", date=None, from_=author),
        thread="m@x.example",
        author=author,
        forward=None,
        recipients=(),
        base_subject=subject,
        body=text if body is None else body,
        text=text,
        quoted="",
        signature="",
        introduction="",
        language="en",
        list_id=None,
        automatic=None,
        received_at=None,
    )


LETTER = """Dear all,

I hope this message finds you well. We are a small town archive on the river.
We would like to release about 3,000 glass negatives of the old harbour under a free licence.
The weather has been fine. Could you tell us whom to talk to about the upload of the negatives?

Kind regards,
Anja Berg
"""


def test_what_is_offered_and_asked_is_kept() -> None:
    said = summary(inquiry(LETTER, "Glass negatives of the harbour"))
    assert "release about 3,000 glass negatives" in said
    assert "Dear all" not in said
    assert "finds you well" not in said
    assert "Kind regards" not in said
    assert "weather" not in said


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (
            (
                "Sehr geehrte Damen und Herren,\n\nunser Haus besteht seit 1910. "
                "Wir möchten Ihnen 400 Fotografien zur freien Nutzung überlassen.\n\nMit freundlichen Grüßen\nA. Berg"
            ),
            "Wir möchten Ihnen 400 Fotografien",
        ),
        (
            (
                "Bonjour,\n\nNotre école compte 300 élèves. "
                "Nous souhaitons organiser un atelier de rédaction avec vous en mars.\n\nCordialement,\nA. Roche"
            ),
            "Nous souhaitons organiser un atelier",
        ),
        (
            (
                "Estimados señores:\n\nSomos una biblioteca rural. "
                "Quisiéramos ofrecer nuestras fotografías antiguas bajo licencia libre.\n\nAtentamente,\nL. Aranda"
            ),
            "Quisiéramos ofrecer nuestras fotografías",
        ),
    ],
)
def test_cues_work_in_other_languages(text: str, asked: str) -> None:
    said = summary(inquiry(text), limit=1)
    assert asked in said


@given(st.text(max_size=600) | st.text(alphabet="ab .!?\n>,。", max_size=600))
def test_no_word_is_invented(text: str) -> None:
    said = summary(inquiry(text))
    assert len(said) <= LONGEST
    assert len(said.splitlines()) <= 1
    plain = _folded(text)
    words = [_folded(word) for word in said.removesuffix("…").split()]
    assert [word for word in words if word not in plain] == []


def _folded(text: str) -> str:
    """Return what is left of `text` when everything but letters and digits is gone."""
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


@given(
    st.lists(
        st.sampled_from(
            ["We offer maps of the old town. ", "It rains today in town. ", "Can you help us soon? "]
        ),
        max_size=40,
    )
)
def test_sentences_are_whole_and_in_their_order(sentences: list[str]) -> None:
    text = "".join(sentences)
    said = summary(inquiry(text))
    if len(said) < LONGEST and said:
        assert all(
            each + "." in text or each + "?" in text
            for each in said.rstrip(".?").replace("? ", ". ").split(". ")
        )
        assert said.count(".") + said.count("?") <= 2


def test_nothing_gives_nothing() -> None:
    assert summary(inquiry("")) == ""


def test_a_text_that_is_only_a_greeting_is_shown_as_it_is() -> None:
    assert summary(inquiry("Hello")) == "Hello"


@pytest.mark.parametrize(
    "text", ["a" * 500_000, "a. " * 200_000, "\n" * 500_000, "!?" * 250_000, "https://x.example/" * 30_000]
)
def test_a_monstrous_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    assert len(summary(inquiry(text))) <= LONGEST
    assert time.process_time() - began < 2


def test_the_same_text_gives_the_same_summary() -> None:
    assert summary(inquiry(LETTER)) == summary(inquiry(LETTER))


def test_an_excuse_is_not_what_a_letter_is_about() -> None:
    text = "excuse me if it is a foolish question. I keep a small archive of sailors' letters. May we publish them with you?"
    said = summary(inquiry(text, "small question about numbers"))
    assert "foolish" not in said
    assert "May we publish them with you?" in said


def test_a_sentence_that_only_announces_a_proposal_gives_way_to_it() -> None:
    text = "We beg to submit the following proposal. Our seminar would translate ninety articles a year with you. It rains."
    assert "translate ninety articles" in summary(inquiry(text), limit=1)


def test_half_an_item_of_a_list_is_not_taken_for_a_sentence() -> None:
    text = (
        "We are a museum of moths and plan three things with you.\n\n- a Pattypan-or-whatever upload, and\n"
        "- a day of data work with the collectors of the town.\n\nMay we upload the specimens under CC BY 4.0?"
    )
    assert "whatever upload" not in summary(inquiry(text, "Moth types, 1,300 specimens"))
