"""Mail that a help desk of the OTRS family sent or passed on, as it comes over IMAP."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import parsing
from pipeline.records.inquiries import Automatic
from tests.support.mails import letter

# Sent by a real server (OTOBO 11), with invented people; the HTML parts are cut.
RECORDED = sorted((Path(__file__).parent / "data" / "helpdesk").glob("*.eml"))
LETTER = (
    "Dear all,\r\n\r\nour museum would like to give 300 scanned glass plates to Commons.\r\n\r\nAsha Rao\r\n"
)


def test_there_are_recorded_mails() -> None:
    assert len(RECORDED) == 8


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_a_help_desk_sends_by_itself_is_automatic(path: Path) -> None:
    found = parsing.read(path.read_bytes()).automatic
    assert found is (Automatic.AUTO_REPLY if path.stem.startswith("answer") else Automatic.OTHER)


@pytest.mark.parametrize("program", ["OTRS Mail Service (6.0.30)", "Znuny Mail Service (7.1.1)", "((OTRS))"])
@pytest.mark.parametrize(
    "marks", ["Auto-Submitted: auto-generated\r\nPrecedence: bulk", "X-Loop: yes\r\nPrecedence: bulk"]
)
def test_a_notice_that_cites_a_letter_whole_is_still_a_notice(program: str, marks: str) -> None:
    """Templates of one's own quote the customer without marks: a form, questions and all."""
    body = (
        "A customer wrote:\r\n\r\nName: Asha Rao\r\nE-mail: asha@museum.example\r\nMessage: Would you like "
        "our plates? When? And how?\r\n" + LETTER * 20
    )
    octets = letter(
        subject="[Ticket#2026112210000022] New ticket: Glass plates",
        sender="Help desk <desk@help.example>",
        headers=f"X-Mailer: {program}\r\n{marks}",
        body=body.encode(),
    )
    assert parsing.read(octets).automatic is Automatic.OTHER


@pytest.mark.parametrize(
    "headers",
    [
        "X-Mailer: OTRS Mail Service (6.0.30)\r\nX-Powered-By: OTRS (https://otrs.com/)",  # an agent's answer
        "X-Loop: yes",  # a list's
        "X-Mailer: Otrsky 3.0\r\nX-Loop: yes",
    ],
)
def test_what_people_write_through_a_help_desk_is_not(headers: str) -> None:
    octets = letter(
        subject="Re: [Ticket#2026112210000022] Glass plates", headers=headers, body=LETTER.encode()
    )
    assert parsing.read(octets).automatic is None


BLOCKS = {
    "en": ("Forwarded message from", "From", "To", "Subject", "Created", "End forwarded message"),
    "de": ("Weitergeleitete Nachricht von", "Von", "An", "Betreff", "Erstellt", "Ende der weitergeleiteten Nachricht"),
}  # fmt: skip


@pytest.mark.parametrize("language", BLOCKS)
def test_a_letter_that_an_agent_forwards_is_its_authors(language: str) -> None:
    begin, from_, to, subject, created, end = BLOCKS[language]
    body = (
        f'Please have a look.\r\n\r\nAlice Agent\r\n\r\n---- {begin} "Asha Rao" <asha@museum.example> ---\r\n\r\n'
        f'{from_}: "Asha Rao" <asha@museum.example>\r\n{to}: Partnerships <desk@help.example>\r\n'
        f"{subject}: Glass plates\r\n{created}: 22.11.2026 09:44\r\n\r\n{LETTER}\r\n---- {end} ---\r\n"
    )
    octets = letter(
        subject="[Ticket#2026112210000022] FW: Glass plates",
        sender="Partnerships <desk@help.example>",
        headers="X-Mailer: OTRS Mail Service (6.0.30)",
        body=body.encode(),
    )
    inquiry = parsing.read(octets)
    assert inquiry.automatic is None
    assert inquiry.author.address == "asha@museum.example"
    assert inquiry.forward is not None
    assert inquiry.forward.forwarder.address == "desk@help.example"
    assert inquiry.text.startswith("Dear all")
    assert "2026" not in inquiry.text
