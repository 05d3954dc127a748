"""From a parsed message to an inquiry: author, thread, text, forward."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from pipeline.parsing.authors import author
from pipeline.parsing.inquiry import read_inquiry
from pipeline.parsing.introduction import introduce
from pipeline.parsing.sentences import sentences
from pipeline.records.messages import Address, Attachment, ParsedMessage

NORA = Address(name="Nora Field", address="nora@museum.example")
LIST = Address(name="Nora Field via Partners", address="partners@lists.wiki.example")
TEXT = "Dear all,\n\nI am the keeper of photographs at the Harbour Museum. May we give you 300 pictures?\n\nRegards,\nNora"


def _message(**changes: Any) -> ParsedMessage:
    values: dict[str, Any] = {
        "sha256": "f" * 64,
        "message_id": "1@museum.example",
        "date": datetime(2025, 3, 4, 10, 12, tzinfo=UTC),
        "from_": NORA,
        "to": (Address(address="partners@wiki.example"),),
        "subject": "[Partners] Re: Harbour",
        "text_plain": TEXT,
    }
    return ParsedMessage(**(values | changes))


def test_plain_inquiry() -> None:
    inquiry = read_inquiry(_message())
    assert inquiry.author == NORA
    assert inquiry.forward is None
    assert inquiry.base_subject == "Harbour"
    assert inquiry.text.endswith("300 pictures?")
    assert inquiry.signature == "Regards,\nNora"
    assert inquiry.body == TEXT
    assert inquiry.language == "en"
    assert inquiry.automatic is None
    assert inquiry.recipients == ("partners@wiki.example",)
    assert inquiry.received_at == datetime(2025, 3, 4, 10, 12, tzinfo=UTC)


def test_the_source_knows_better_when_it_came() -> None:
    at = datetime(2025, 3, 5, tzinfo=UTC)
    assert read_inquiry(_message(), at).received_at == at


@pytest.mark.parametrize(
    ("changes", "root"),
    [
        ({"references": ("a@x.example", "b@x.example"), "in_reply_to": ("b@x.example",)}, "a@x.example"),
        ({"in_reply_to": ("b@x.example",)}, "b@x.example"),
        ({}, "1@museum.example"),
        ({"message_id": ""}, "f" * 64),
    ],
)
def test_thread_root(changes: dict[str, Any], root: str) -> None:
    assert read_inquiry(_message(**changes)).thread == root


@pytest.mark.parametrize(
    "changes",
    [
        {"reply_to": (NORA,)},
        {"reply_to": (Address(address="partners@lists.wiki.example"), NORA)},
        {"cc": (NORA,)},
        {"header_fields": (("X-Original-From", "Nora Field <nora@museum.example>"),)},
    ],
)
def test_the_author_behind_a_list(changes: dict[str, Any]) -> None:
    assert author(_message(from_=LIST, list_id="partners.lists.wiki.example", **changes)) == NORA


def test_the_list_is_never_the_author() -> None:
    found = author(
        _message(from_=LIST, list_id="partners.lists.wiki.example", reply_to=(Address(address=LIST.address),))
    )
    assert found == Address(name="Nora Field")
    listed = author(_message(from_=NORA, list_id="partners.lists.wiki.example"))
    assert listed == NORA


def test_people_may_have_via_in_their_name() -> None:
    person = Address(name="Ada via Facebook", address="ada@post.example")
    assert author(_message(from_=person)) == person


def test_inline_forward() -> None:
    body = f"For you. Max\n\n---------- Forwarded message ---------\nFrom: Nora Field <nora@museum.example>\nSubject: Harbour\n\n{TEXT}"
    inquiry = read_inquiry(
        _message(
            from_=Address(name="Max Dale", address="max@wiki.example"),
            subject="Fwd: Harbour",
            text_plain=body,
        )
    )
    assert inquiry.author == NORA
    assert inquiry.forward is not None
    assert inquiry.forward.forwarder.name == "Max Dale"
    assert inquiry.text.startswith("Dear all,")
    assert inquiry.signature == "Regards,\nNora"
    assert inquiry.quoted == "For you. Max"
    assert inquiry.base_subject == "Harbour"


def _enclosed(text: str) -> Attachment:
    mail = EmailMessage()
    mail["From"] = "Nora Field <nora@museum.example>"
    mail["Subject"] = "Harbour pictures"
    mail["Date"] = "Tue, 04 Mar 2025 10:12:00 +0000"
    mail["Message-ID"] = "<9@museum.example>"
    mail.set_content(text)
    payload = mail.as_bytes()
    return Attachment(name="", content_type="message/rfc822", size=len(payload), payload=payload)


def test_forward_as_attachment() -> None:
    sender = Address(name="Max Dale", address="max@wiki.example")
    inquiry = read_inquiry(
        _message(
            from_=sender, subject="Fwd: Harbour", text_plain="See enclosed.", attachments=(_enclosed(TEXT),)
        )
    )
    assert inquiry.author == NORA
    assert inquiry.forward is not None
    assert inquiry.forward.subject == "Harbour pictures"
    assert inquiry.forward.date == datetime(2025, 3, 4, 10, 12, tzinfo=UTC)
    assert inquiry.text.startswith("Dear all,")
    assert inquiry.quoted == "See enclosed."
    assert inquiry.body.startswith("See enclosed.")


def test_a_mail_enclosed_with_a_long_letter_is_an_enclosure() -> None:
    letter = "We have asked you before and send our first letter again, as proof. " * 40
    inquiry = read_inquiry(_message(subject="Our letter", text_plain=letter, attachments=(_enclosed(TEXT),)))
    assert inquiry.forward is None
    assert inquiry.author == NORA


def test_a_body_never_leaves_an_empty_text() -> None:
    for body in (
        "> all quoted",
        "-- \nNora",
        "Nora",
        "Regards,\nNora",
        "Fwd",
        "_____\nPartners mailing list",
    ):
        assert read_inquiry(_message(text_plain=body)).text


def test_introduction() -> None:
    text = (
        "Dear all,\n\nThe harbour is old. It has 300 boats. Some are red. None is blue. I am the keeper of boats at the museum. "
        "Paint is dear. We are a small house in the north."
    )
    said = introduce(text)
    assert said.startswith("The harbour is old.")
    assert "I am the keeper" in said
    assert "We are a small house" in said
    assert "Paint is dear" not in said


@pytest.mark.parametrize(
    "telling",
    [
        "Ich bin die Leiterin des Archivs.", "Nous sommes un petit musée.", "Soy la directora del archivo.", "Wij zijn een stichting.",
        "Jestem kustoszem muzeum.", "Я работаю в музее.", "Ben bir öğretmenim.", "Mimi ni mkutubi.", "Chúng tôi là thư viện tỉnh.",
        "मेरा नाम नोरा है।", "我们是一家博物馆。", "私は学芸員です。", "저는 사서입니다.", "نحن متحف صغير.",
    ],
)  # fmt: skip
def test_self_introductions(telling: str) -> None:
    padding = "Aaa bbb ccc. " * 6
    assert telling in introduce(f"{padding}{telling} Ddd eee fff.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ("One.", "Two!", "Three?", "Four")),
        ("Dr. Field met Prof. Dale. They spoke.", ("Dr. Field met Prof. Dale.", "They spoke.")),
        ("It costs 3.50 euro. Fine.", ("It costs 3.50 euro.", "Fine.")),
        (
            "See e.g. the list of J. Field, no. 4 above. Yes.",
            ("See e.g. the list of J. Field, no. 4 above.", "Yes."),
        ),
        ("今日は。元気ですか？はい。", ("今日は。", "元気ですか？", "はい。")),
        ("नमस्ते। हम यहाँ हैं।", ("नमस्ते।", "हम यहाँ हैं।")),
        ("ሰላም። እንዴት ነህ?", ("ሰላም።", "እንዴት ነህ?")),
        ("سلام؟ بله۔ خوب", ("سلام؟", "بله۔", "خوب")),
        ("Dear all\n\nwe ask", ("Dear all", "we ask")),
        ("", ()),
    ],
)
def test_sentences(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected
