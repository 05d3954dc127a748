"""Mails that would have acted by accident, or not at all, one small case each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records.work import Entry, State
from tests.support.answering import Office, answer, office, parsed, text_of
from tests.support.mails import letter


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def _called(desk: Office, subject: str) -> Entry:
    """Let an inquiry with a subject of its sender's choice come to Lieve."""
    desk.receive(letter(identifier="odd@evil.example", subject=subject, sender="E <e@evil.example>"))
    [entry] = desk.desk.ledger.inquiries.open()
    desk.give(entry.key, "lieve")
    return desk.entry(entry.key)


def _digest(desk: Office) -> str:
    digester = desk.desk.digester()
    [(liaison, digest)] = digester.daily(desk.now, "lieve")
    return digester.render_daily(liaison, digest).text


@pytest.mark.parametrize(
    "subject", ["done", "spam", "decline: our invitation to the summer party of the museum"]
)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "from-the-first-entry-on"])
def test_a_subject_that_is_an_instruction_does_nothing_in_an_unmarked_copy(
    desk: Office, subject: str, whole: bool
) -> None:
    entry = _called(desk, subject)
    text = _digest(desk)
    copy = text if whole else text[text.index(f"[{entry.key}]") :]
    desk.receive(answer(f"thanks\n\n{copy}", to=desk.reply_to()))
    assert desk.state(entry.key) is State.ASSIGNED


def test_an_unmarked_copy_of_a_receipt_does_nothing(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("accept", to=desk.offer(inquiry.key).address))
    [receipt] = desk.receipts()
    to = str(parsed(receipt)["Reply-To"])
    desk.receive(answer(f"note: thanks\n\n{text_of(receipt)}", to=to))
    assert desk.state(inquiry.key) is State.ACCEPTED
    assert [note.text for note in desk.desk.ledger.notes.of(inquiry.key)] == ["thanks"]


@pytest.mark.parametrize("subject", ["Re: digest", "Fwd: digest"])
@pytest.mark.parametrize("own", ["", "accept"])
def test_an_attached_mail_is_not_read_for_instructions(desk: Office, subject: str, own: str) -> None:
    inquiry = desk.inquiry()
    plain = answer("", to=desk.offer(inquiry.key).address, subject=subject).decode()
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{own}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: x@y.example\r\nTo: z@y.example\r\nSubject: hi\r\n\r\ndone\r\npause\r\n--b--\r\n"
    )
    mail = plain.replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b") + body
    desk.receive(mail.encode())
    assert desk.state(inquiry.key) is (State.ACCEPTED if own else State.ASSIGNED)
    assert desk.desk.ledger.duties.current() == {}


def test_what_was_sent_with_an_empty_return_path_is_a_machines(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("done", to=desk.offer(inquiry.key).address, headers=["Return-Path: <>"]))
    assert desk.state(inquiry.key) is State.ASSIGNED
    assert desk.receipts() == []
    assert "Return-Path" in desk.set_aside()[0]


@pytest.mark.parametrize("to", ["joaquin@other.example", "desk@partners.example", ""])
def test_a_tracking_address_in_mail_that_stays_in_the_house_marks_nothing_as_answered(
    desk: Office, to: str
) -> None:
    inquiry = desk.inquiry()
    tracking = desk.offer(inquiry.key).tracking
    desk.receive(answer("What do you think?", to=to or tracking, cc=tracking if to else ""))
    assert (desk.state(inquiry.key), desk.entry(inquiry.key).messages) == (State.ASSIGNED, 2)


def test_of_words_behind_a_name_the_name_is_offered(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("reassign to Danuta because she knows them", to=desk.offer(inquiry.key).address))
    assert desk.entry(inquiry.key).liaison == "lieve"
    assert "did you mean Danuta Brzezawska?" in text_of(desk.receipts()[0])


def test_a_note_is_kept_beside_lines_that_exclude_each_other(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("accept\ndecline\nnote: rang them", to=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.ASSIGNED
    assert [note.text for note in desk.desk.ledger.notes.of(inquiry.key)] == ["rang them"]
