"""Forwarded mail is opened: who wrote first, when, what, and what the forwarder added."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline import parsing
from pipeline.parsing.forwarddates import written_date
from pipeline.parsing.forwards import open_forward
from pipeline.records.messages import Address

MAX = Address(name="Max Dale", address="max@wiki.example")
NORA = Address(name="Nora Field", address="nora@museum.example")
NOTE = "This came to our box, can you answer her? Max"
INNER = "Dear all,\n\nwe keep 300 pictures of the old harbour. May we send them?\n\nNora Field"
WHEN = datetime(2025, 3, 4, 10, 12, tzinfo=UTC)

BLOCKS = {
    "gmail": (
        "---------- Forwarded message ---------\nFrom: Nora Field <nora@museum.example>\n"
        "Date: Tue, 4 Mar 2025 at 10:12\nSubject: Harbour\nTo: <max@wiki.example>\n\n"
    ),
    "apple": (
        "Begin forwarded message:\n\nFrom: Nora Field <nora@museum.example>\nSubject: Harbour\n"
        "Date: 4 March 2025 at 10:12:00 GMT\nTo: max@wiki.example\n\n"
    ),
    "thunderbird de": (
        "-------- Weitergeleitete Nachricht --------\nBetreff: Harbour\nDatum: Tue, 4 Mar 2025 11:12:00 +0100\n"
        "Von: Nora Field <nora@museum.example>\nAn: max@wiki.example\n\n"
    ),
    "outlook": (
        "From: Nora Field <nora@museum.example>\nSent: Tuesday, 4 March 2025 10:12\nTo: Max Dale\nSubject: Harbour\n\n"
    ),
    "outlook fr": (
        "De : Nora Field <nora@museum.example>\nEnvoyé : mardi 4 mars 2025 10:12\nÀ : Max Dale\nObjet : Harbour\n\n"
    ),
    "outlook mailto": (
        "-----Original Message-----\nFrom: Nora Field [mailto:nora@museum.example]\nSent: 04 March 2025 10:12\n"
        "To: Max Dale\nSubject: Harbour\n\n"
    ),
    "es": (
        "---------- Mensaje reenviado ----------\nDe: Nora Field <nora@museum.example>\nFecha: mar, 4 mar 2025, 10:12\n"
        "Asunto: Harbour\n\n"
    ),
    "pl": (
        "-------- Treść przekazanej wiadomości --------\nTemat: Harbour\nData: 4 marca 2025 10:12\n"
        "Nadawca: Nora Field <nora@museum.example>\n\n"
    ),
    "ru": (
        "-------- Пересылаемое сообщение --------\nОт кого: Nora Field <nora@museum.example>\nДата: 4 марта 2025, 10:12\n"
        "Тема: Harbour\n\n"
    ),
    "tr": (
        "---------- Yönlendirilen ileti ----------\nKimden: Nora Field <nora@museum.example>\nTarih: 4 Mar 2025 Sal 10:12\n"
        "Konu: Harbour\n\n"
    ),
    "zh": "开始转发的邮件：\n\n发件人: Nora Field <nora@museum.example>\n主题: Harbour\n日期: 2025年3月4日 10:12\n\n",
    "ja": "---------- 転送メッセージ ----------\n差出人: Nora Field <nora@museum.example>\n日付: 2025年3月4日 10:12\n件名: Harbour\n\n",
    "lotus": (
        "----- Forwarded by Max Dale/HQ/Wiki on 05/03/2025 09:00 -----\n\nFrom:    Nora Field <nora@museum.example>\n"
        "To:      Max Dale/HQ/Wiki@Wiki\nDate:    04/03/2025 10:12\nSubject: Harbour\n\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_blocks(block: str) -> None:
    opened = open_forward(f"{NOTE}\n\n{block}{INNER}", "Fwd: Harbour", MAX)
    assert opened is not None
    assert opened.forward.forwarder == MAX
    assert (opened.forward.from_, opened.forward.date, opened.forward.subject) == (NORA, WHEN, "Harbour")
    assert opened.text == INNER
    assert opened.note == NOTE


@pytest.mark.parametrize("name", ["gmail", "apple", "thunderbird de"])
def test_a_marker_needs_no_mark_in_the_subject(name: str) -> None:
    opened = open_forward(f"{NOTE}\n\n{BLOCKS[name]}{INNER}", "Harbour", MAX)
    assert opened is not None
    assert opened.forward.from_ == NORA


def test_quote_marked_forward() -> None:
    marked = "\n".join(f"> {line}" for line in (BLOCKS["outlook"] + INNER).split("\n"))
    opened = open_forward(f"{NOTE}\n\n{marked}", "FW: Harbour", MAX)
    assert opened is not None
    assert opened.forward.from_ == NORA
    assert opened.text == INNER


def test_forward_of_nobody_in_particular() -> None:
    opened = open_forward(
        f"{NOTE}\n\n> The map does not open on my telephone,\n> what must I do?", "Fwd: map", MAX
    )
    assert opened is not None
    assert opened.forward.from_ == Address()
    assert opened.text.startswith("The map")


def test_forward_of_a_forward_ends_with_the_first_author() -> None:
    middle = "Something for you? Kim\n\n" + BLOCKS["outlook fr"] + INNER
    outer = (
        "---------- Forwarded message ---------\nFrom: Kim Moe\nDate: 5 Mar 2025\nSubject: TR: Harbour\n\n"
    )
    opened = open_forward(f"{NOTE}\n\n{outer}{middle}", "Fwd: TR: Harbour", MAX)
    assert opened is not None
    assert opened.forward.from_ == NORA
    assert opened.text == INNER
    assert "Something for you?" in opened.note


def test_forwarders_signature_below_is_not_the_authors() -> None:
    opened = open_forward(
        f"{NOTE}\n\n{BLOCKS['gmail']}{INNER}\n\n--\nMax Dale\nWiki office", "Fwd: Harbour", MAX
    )
    assert opened is not None
    assert opened.text == INNER
    assert opened.note.endswith("Wiki office")


def test_help_desk_without_a_mark_in_the_subject() -> None:
    opened = open_forward(f"{NOTE}\n\n{BLOCKS['outlook mailto']}{INNER}", "[FWD] Harbour", MAX)
    assert opened is not None
    assert open_forward(f"{NOTE}\n\n{BLOCKS['outlook mailto']}{INNER}", "Harbour", MAX) is not None


def test_answers_are_no_forwards() -> None:
    body = f"Thank you, Monday suits.\n\n{BLOCKS['outlook']}{INNER}"
    assert open_forward(body, "Re: Harbour", MAX) is None
    assert open_forward(body, "Harbour", MAX, answers=True) is None
    assert open_forward("Yes.\n\nOn 4 Mar 2025 at 10:12 Nora wrote:\n> May we?", "Re: Harbour", MAX) is None
    assert open_forward("Nothing here was passed on.\nMax", "Fwd: Harbour", MAX) is None


def test_who_writes_at_length_asks_for_themselves() -> None:
    long = " ".join(["We would like to work with you on the harbour and its old photographs."] * 8)
    assert open_forward(f"{long}\n\n{BLOCKS['gmail']}As agreed. Nora", "Fwd: Harbour", MAX) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 4 Mar 2025 10:12:00 +0000", WHEN),
        ("Tuesday, March 4, 2025 10:12 AM", WHEN),
        ("3/4/2025 10:12 AM", WHEN),
        ("04.03.25 10:12", WHEN),
        ("14.03.24 11:02", datetime(2024, 3, 14, 11, 2, tzinfo=UTC)),
        ("2024. 10. 11. 18:20", datetime(2024, 10, 11, 18, 20, tzinfo=UTC)),
        ("den 4 mars 2025 10:12", WHEN),
        ("tir. 4. mars 2025 kl. 10:12", WHEN),
        ("4 марта 2025 г., 10:12", WHEN),
        ("٤ مارس ٢٠٢٥ 10:12", WHEN),
        ("2025년 3월 4일 오후 10:12", datetime(2025, 3, 4, 22, 12, tzinfo=UTC)),
        ("2 mars 2025 à 23:31:02 UTC+1", datetime(2025, 3, 2, 22, 31, tzinfo=UTC)),
        ("September 23, 2024", datetime(2024, 9, 23, tzinfo=UTC)),
        ("mar. 4 novembre 2025 10:12", datetime(2025, 11, 4, 10, 12, tzinfo=UTC)),
        ("ti 4. marraskuuta 2025 klo 10.12", datetime(2025, 11, 4, 10, 12, tzinfo=UTC)),
        ("wtorek, 4 marca 2025 10:12", WHEN),
        ("Monday", None),
        ("31 February 2025 10:00", None),
        ("", None),
    ],
)
def test_dates(text: str, expected: datetime | None) -> None:
    assert written_date(text) == expected


SUBJECTS = [
    "FW: Harbour", "Fwd: Harbour", "FW : Harbour", "VS: Harbour", "WG: Harbour", "TR: Harbour", "Tr : Harbour", "RV: Harbour", "I: Harbour",
    "ENC: Harbour", "PD: Harbour", "VB: Harbour", "Fs: Harbour", "Doorst: Harbour", "Prosl: Harbour", "İLT: Harbour", "Továbbítás: Harbour",
    "Πρθ: Harbour", "Пересл: Harbour", "Переслать: Harbour", "הועבר: Harbour", "إعادة توجيه: Harbour", "転送: Harbour", "转发: Harbour",
    "轉寄: Harbour", "전달: Harbour", "[FWD] Harbour", "[Fwd: Harbour]", "Harbour (fwd)", "[Partners] Fwd: Harbour", "Fwd：Harbour",
    "[Ticket#2025040810011482] Fwd: Harbour",
]  # fmt: skip


@pytest.mark.parametrize("subject", SUBJECTS)
def test_forward_marks_of_subjects(subject: str) -> None:
    marked = "\n".join(f"> {line}" for line in (BLOCKS["outlook"] + INNER).split("\n"))
    for body in (BLOCKS["outlook"] + INNER, marked, f"{NOTE}\n\n{BLOCKS['outlook']}{INNER}"):
        opened = open_forward(body, subject, MAX)
        assert opened is not None
        assert opened.forward.from_ == NORA
        assert opened.text == INNER


def test_a_reply_below_a_forward_is_no_forward() -> None:
    assert (
        open_forward(f"I will.\n\n{BLOCKS['outlook']}{INNER}", "Re: Fwd: Harbour", MAX, answers=True) is None
    )


def _mail(fields: str, body: str = INNER) -> bytes:
    return f"From: Nora Field <nora@museum.example>\nTo: max@wiki.example\nSubject: Harbour\n{fields}\n{body}\n".encode()


def test_mail_that_was_sent_on_as_it_was() -> None:
    inquiry = parsing.read(
        _mail("Resent-From: Max Dale <max@wiki.example>\nResent-To: partners@wiki.example\n")
    )
    assert inquiry.author == NORA
    assert inquiry.forward is not None
    assert inquiry.forward.forwarder == MAX
    assert inquiry.base_subject == "Harbour"


def test_a_list_that_sends_on_forwards_nothing() -> None:
    fields = "Resent-From: partners-request@lists.wiki.example\nList-Id: <partners.lists.wiki.example>\n"
    assert parsing.read(_mail(fields)).forward is None
    assert parsing.read(_mail("Resent-From: Nora Field <nora@museum.example>\n")).forward is None


def test_forward_of_a_forward_as_attachments() -> None:
    inner = (
        "From: Nora Field <nora@museum.example>\nSubject: Harbour\nDate: Tue, 4 Mar 2025 10:12:00 +0000\n\n"
        + INNER
    )
    middle = f"From: Kim Moe <kim@wiki.example>\nSubject: Fwd: Harbour\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n{inner}"
    outer = (
        "From: Max Dale <max@wiki.example>\nSubject: [FWD] Harbour\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n"
        f"--m\n\n{NOTE}\n--m\nContent-Type: message/rfc822\n\n{middle}\n--m--\n"
    )
    inquiry = parsing.read(outer.encode())
    assert inquiry.author == NORA
    assert inquiry.forward is not None
    assert inquiry.forward.forwarder == MAX
    assert inquiry.text.startswith("Dear all,")


@pytest.mark.parametrize("provider", ["gmail.com", "yahoo.fr", "bk.ru"])
def test_customers_of_one_mail_provider_are_no_house(provider: str) -> None:
    body = NOTE + "\n\n" + BLOCKS["gmail"].replace("museum.example", provider) + INNER
    opened = open_forward(body, "Fwd: Harbour", MAX, to=(Address(address=f"desk@{provider}"),))
    assert opened is not None
    assert opened.forward.from_.address == f"nora@{provider}"


def test_a_mail_of_1999_was_not_forwarded_from_2099() -> None:
    assert written_date("3.4.99 10:12") == datetime(1999, 4, 3, 10, 12, tzinfo=UTC)
    assert written_date("03/04/26, 10:12") == datetime(2026, 4, 3, 10, 12, tzinfo=UTC)
