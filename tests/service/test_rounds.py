"""Whole rounds against a real IMAP server: everything once, whatever fails on the way."""

from __future__ import annotations

import dataclasses
import email
import email.policy
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.demo.servers import ReceivedMail, smtp_sink
from pipeline.records.work import State
from pipeline.service.rounds import Desk
from pipeline.settings import Committee, Folders, ImapAccount, LedgerSettings, Settings, Smtp
from tests.support.dovecot import PASSWORD, Dovecot, free_port
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter

pytestmark = pytest.mark.usefixtures("each_engine")

MakeDesk = Callable[..., Desk]
FORM_LETTER = b"Dear all,\r\n\r\nI am the archivist of a city archive in Lyon and would like to talk.\r\n"


@pytest.fixture
def sink() -> Iterator[tuple[int, list[ReceivedMail]]]:
    with smtp_sink() as server:
        yield server


@pytest.fixture
def make_desk(
    dovecot: Dovecot, tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeDesk]:
    monkeypatch.setenv("TEST_IMAP_PASSWORD", PASSWORD)
    opened: list[Desk] = []

    def make(
        user: str,
        smtp: int,
        *,
        imap: int | None = None,
        now: datetime = NOW,
        mailboxes: tuple[str, ...] = ("INBOX",),
        charts: bool = False,
    ) -> Desk:
        account = ImapAccount(
            name="main", host="127.0.0.1", port=imap or dovecot.port, security="none", username=user,
            password_env="TEST_IMAP_PASSWORD", mailboxes=mailboxes, timeout_seconds=10.0,
        )  # fmt: skip
        settings = Settings(
            imap=(account,),
            smtp=Smtp(host="127.0.0.1", port=smtp, security="none", from_address="triage@wikimedia.example"),
            committee=Committee(addresses=("committee@wikimedia.example",)),
            ledger=LedgerSettings(url=ledger_url(tmp_path / "triage.db")),
            folders=Folders(liaisons=rules / "liaisons.toml", model=""),
        )
        made = wiring.desk(settings, clock=lambda: now, pause=lambda _: None)
        opened.append(made if charts else dataclasses.replace(made, draw=lambda *_: ()))
        return opened[-1]

    yield make
    for desk in opened:
        desk.close()


def test_a_second_round_does_nothing_twice(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(
        user,
        [letter(), letter(identifier="two@y.example", sender="Luc <luc@archive.example>", body=FORM_LETTER)],
    )
    first = make_desk(user, sink[0], charts=True).round()
    assert any(b"image/png" in mail.octets for mail in sink[1])
    assert (first.recorded.stored, sum(first.assigned.values())) == (2, 2)
    sent = len(sink[1])
    assert sent == first.queued >= 2
    second = make_desk(user, sink[0]).round()
    assert (second.recorded.stored, second.outcomes.total(), second.queued) == (0, 0, 0)
    assert len(sink[1]) == sent


def test_a_round_beside_a_process_that_leads_queues_no_digest(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    leader, other = make_desk(user, sink[0]), make_desk(user, sink[0])
    assert leader.leads()
    assert other.round().queued == 0
    leader.ledger.leases.resign()
    assert other.round().queued >= 2
    assert leader.leads(), "a round leads no longer than it takes"


def test_digests_go_to_configured_people_only(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    desk = make_desk(user, sink[0])
    desk.round()
    known = {liaison.address for liaison in desk.policy.liaisons} | {"committee@wikimedia.example"}
    assert {recipient for mail in sink[1] for recipient in mail.recipients} <= known
    for mail in sink[1]:
        message = email.message_from_bytes(mail.octets, policy=email.policy.default)
        assert message["Auto-Submitted"] == "auto-generated"
        assert mail.envelope_from == "triage@wikimedia.example"


def test_one_mail_in_two_mailboxes_is_one_inquiry(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    dovecot.fill(user, [letter()], mailbox="Lists")
    desk = make_desk(user, sink[0], mailboxes=("INBOX", "Lists"))
    report = desk.round()
    assert (report.recorded.stored, report.recorded.known) == (1, 1)
    status = desk.ledger.reports.status(NOW)
    assert (sum(status.inquiries.values()), status.sightings) == (1, 2)


def test_a_list_copy_with_a_footer_is_the_same_mail(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    footer = b"_______________________________________________\r\nPartners mailing list -- partners@lists.example\r\n"
    copy = letter(
        subject="[Partners] Glass plates",
        headers="List-Id: Partners <partners.lists.example>",
        body=letter().partition(b"\r\n\r\n")[2] + footer,
    )
    dovecot.fill(user, [letter(), copy])
    report = make_desk(user, sink[0]).round()
    assert (report.recorded.stored, report.outcomes["same"]) == (2, 1)


def test_another_mail_under_a_stolen_message_id_is_kept(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter(), letter(sender="Eve <eve@elsewhere.example>", body=FORM_LETTER)])
    desk = make_desk(user, sink[0])
    assert desk.round().outcomes["same"] == 0
    assert sum(desk.ledger.reports.status(NOW).inquiries.values()) == 2


def test_a_new_uidvalidity_doubles_nothing(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter(), letter(identifier="two@y.example", body=FORM_LETTER)])
    make_desk(user, sink[0]).round()
    dovecot.new_uidvalidity(user, "INBOX", 777777)
    desk = make_desk(user, sink[0])
    report = desk.round()
    assert (report.recorded.stored, report.recorded.known, report.queued) == (0, 2, 0)
    assert desk.ledger.messages.cursor("imap:main", "INBOX").uidvalidity == 777777  # type: ignore[union-attr]


def test_a_follow_up_joins_and_keeps_its_owner(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    desk = make_desk(user, sink[0])
    desk.round()
    (before,) = desk.ledger.inquiries.open()
    dovecot.fill(
        user, [letter(identifier="two@x.example", reply_to="one@x.example", subject="Re: Glass plates")]
    )
    stranger = letter(
        identifier="three@x.example", reply_to="one@x.example", sender="Eve <eve@elsewhere.example>"
    )
    dovecot.fill(user, [stranger])
    later = make_desk(user, sink[0], now=NOW + timedelta(hours=1))
    later.round()
    entries = {entry.author.address: entry for entry in later.ledger.inquiries.open()}
    assert entries["asha@museum.example"].key == before.key
    assert entries["asha@museum.example"].messages == 2
    assert entries["asha@museum.example"].liaison == before.liaison
    assert entries["eve@elsewhere.example"].messages == 1


def test_a_message_that_breaks_a_step_is_set_aside_and_the_others_go_on(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [b"\r\n\r\n", letter()])
    desk = make_desk(user, sink[0])
    report = desk.round()
    assert (report.outcomes["set-aside"], sum(report.assigned.values())) == (1, 1)
    (aside,) = desk.ledger.reports.status(NOW).set_aside
    assert aside.step == "read"
    assert "UnreadableMessage" in aside.reason
    assert desk.round().outcomes.total() == 0


def test_digests_wait_while_the_mail_server_is_down(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    desk = make_desk(user, free_port())
    report = desk.round()
    assert report.queued == report.delivery["deferred"] > 0  # type: ignore[index]
    identifiers = {mail.mail.message_id for mail in desk.ledger.outbox.due(NOW + timedelta(hours=1))}
    later = make_desk(user, sink[0], now=NOW + timedelta(hours=1))
    again = later.round()
    assert (again.queued, again.delivery["sent"]) == (0, report.queued)  # type: ignore[index]
    messages = [email.message_from_bytes(mail.octets, policy=email.policy.default) for mail in sink[1]]
    assert {str(message["Message-ID"]) for message in messages} == identifiers


def test_the_round_goes_on_while_the_mailbox_is_out_of_reach(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    desk = make_desk(user, sink[0])
    desk.poll()
    report = make_desk(user, sink[0], imap=free_port()).round()
    assert len(report.problems) == 1
    assert "127.0.0.1" in report.problems[0]
    assert sum(report.assigned.values()) == 1


def test_what_was_missed_is_caught_up_as_one_digest(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    make_desk(user, sink[0]).round()
    before = len(sink[1])
    report = make_desk(user, sink[0], now=NOW + timedelta(days=10)).round()
    assert report.queued == 2
    assert len(sink[1]) == before + 2


def test_an_automatic_answer_is_filed_and_reaches_nobody(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    away = letter(
        subject="Out of office", headers="Auto-Submitted: auto-replied", body=b"I am away until Monday.\r\n"
    )
    dovecot.fill(user, [away])
    desk = make_desk(user, sink[0])
    report = desk.round()
    assert report.outcomes["automated"] == 1
    assert not report.assigned
    assert desk.ledger.reports.status(NOW).inquiries == {State.FILED.value: 1}


def test_a_desk_that_never_got_anything_sends_nothing(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    report = make_desk(dovecot.new_user(), sink[0]).round()
    assert (report.queued, sink[1]) == (0, [])


def test_without_a_mail_server_inquiries_are_assigned_and_no_digest_is_made(
    dovecot: Dovecot, make_desk: MakeDesk, sink: tuple[int, list[ReceivedMail]]
) -> None:
    user = dovecot.new_user()
    dovecot.fill(user, [letter()])
    desk = make_desk(user, sink[0])
    mute = dataclasses.replace(desk, settings=desk.settings.model_copy(update={"smtp": None}), sender=None)
    report = mute.round()
    assert (sum(report.assigned.values()), report.queued, report.delivery) == (1, 0, {})
    assert desk.ledger.outbox.due(NOW + timedelta(days=1)) == ()
