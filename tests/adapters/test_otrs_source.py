"""Queues of a help desk as a source: what is a mail of a customer is read, once, and nothing of others."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.messages import ImapSighting, OtrsSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.ingest import ingest
from tests.support.otrs import PASSWORD_ENV, FakeHelpDesk
from tests.support.otrs_reading import QUEUE, batches, counts, seen, source, whole_gets, work


def work_on_mail(ledger: SqlLedger, octets: bytes, now: datetime) -> None:
    """Let a mail come in over IMAP, and decide it."""
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=1)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=now)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=1), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, now)
    work(ledger, now)


def test_tickets_of_the_queue_and_the_states_are_read_once(desk: FakeHelpDesk) -> None:
    mine = desk.add_mail()
    opened = desk.add_mail(state="open")
    desk.add_mail(state="closed successful")
    desk.add_mail(queue="Junk")
    desk.add_mail(queue="Partnerships::Spam")
    desk.advance(60)
    given = batches(source(desk))
    assert seen(given) == [(mine, 1), (opened, 2)]
    (message, _) = given[0].messages
    assert message.received_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert message.sighting == OtrsSighting(server="desk", ticket=mine, article=1)
    assert b"Message-ID: <a1@acme.example>" in message.octets


def test_tickets_that_somebody_triaged_before_are_left_out_the_first_time(desk: FakeHelpDesk) -> None:
    old, new = desk.add_mail(), desk.add_mail()
    desk.change(old, DynamicField_TriageState="K7QX2M")
    assert seen(batches(source(desk))) == [(new, 2)]
    assert desk.requests[1].body["DynamicField_TriageState"] == {"Empty": 1}


def test_notes_and_what_agents_and_the_server_wrote_are_no_mails(desk: FakeHelpDesk) -> None:
    ticket = desk.add_mail()
    desk.add_article(ticket, sender_type="agent", visible=0, channel=3, subject="Note")
    desk.add_article(ticket, sender_type="agent", visible=1, subject="Re: Partnership proposal")
    desk.add_article(ticket, sender_type="system", visible=1, subject="Your mail arrived")
    desk.add_article(ticket, sender_type="customer", visible=0, channel=3, subject="Internal forward")
    answer = desk.add_article(ticket, sender_type="customer", subject="Re: Partnership proposal")
    outbound = desk.add_mail(subject="We write first", sender_type="agent")
    assert seen(batches(source(desk))) == [(ticket, 1), (ticket, answer)]
    assert outbound in whole_gets(desk)


def test_a_follow_up_is_read_although_the_ticket_was_triaged(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    ticket = desk.add_mail()
    found = source(desk)
    assert ingest(found, ledger.messages, lambda: desk.now).stored == 1
    desk.advance(3600)
    desk.change(ticket, DynamicField_TriageState="K7QX2M", State="open")
    desk.advance(3600)
    desk.add_article(ticket)
    desk.advance(60)
    recorded = ingest(found, ledger.messages, lambda: desk.now)
    assert (recorded.stored, recorded.known) == (1, 1)
    found.close()
    work(ledger, desk.now)
    assert counts(ledger) == (2, 2, 1)


def test_a_follow_up_without_references_joins_its_ticket(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    ticket = desk.add_mail(subject="Scanning our archive", body="We have 4,000 plates to scan with you.\n")
    desk.advance(600)
    desk.add_article(ticket, subject="The list that I forgot", body="Here it is.\n")
    desk.add_mail(subject="Another thing", body="Quite another thing.\n", sender="kim@x.example")
    found = source(desk)
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    work(ledger, desk.now)
    assert counts(ledger) == (3, 3, 2)


def test_all_that_customers_wrote_in_a_ticket_is_one_inquiry(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    ticket = desk.add_mail(subject="Scanning our archive", body="We have 4,000 plates to scan with you.\n")
    desk.add_article(
        ticket, sender="Kim Lee <kim@other.example>", subject="Approved", body="I approve of it.\n"
    )
    desk.add_mail(
        subject="Scanning", body="Another museum asks, too.\n", sender="Kim Lee <kim@other.example>"
    )
    found = source(desk)
    ingest(found, ledger.messages, lambda: desk.now)
    work(ledger, desk.now)
    assert counts(ledger) == (3, 3, 2)
    # Later, and by somebody else again.
    desk.advance(90 * 86_400)
    desk.add_article(
        ticket, sender="Lou <lou@third.example>", subject="And so do I", body="It is a good idea.\n"
    )
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    work(ledger, desk.now)
    assert counts(ledger) == (4, 4, 2)


def test_a_mail_that_only_claims_a_ticket_does_not_get_in(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    ticket = desk.add_mail(subject="Scanning our archive", body="We have 4,000 plates to scan with you.\n")
    found = source(desk)
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    number = desk.tickets[ticket]["TicketNumber"]
    stranger = (
        f"From: mallory@evil.example\r\nSubject: [Ticket#{number}] Offer\r\nMessage-ID: <e@evil.example>\r\n"
        f"X-OTRS-TicketNumber: {number}\r\n\r\nPay here.\r\n"
    ).encode()
    work_on_mail(ledger, stranger, desk.now)
    assert counts(ledger) == (2, 2, 2)


def test_the_same_mail_over_imap_is_the_same_inquiry(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    body = "We would like to work with you on the scans of our collection of old maps.\n"
    desk.add_mail(
        subject="Maps – Grüße", body=body, message_id="<m1@museum.example>", sender="Ada <ada@museum.example>"
    )
    original = (
        "Received: from mx.museum.example\r\nFrom: Ada <ada@museum.example>\r\nTo: partnerships@help.example\r\n"
        "Date: Sun, 22 Nov 2026 09:58:00 +0000\r\nSubject: =?utf-8?q?Maps_=E2=80=93_Gr=C3=BC=C3=9Fe?=\r\n"
        f"Message-ID: <m1@museum.example>\r\n\r\n{body}"
    ).encode()
    work_on_mail(ledger, original, desk.now)
    found = source(desk)
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    work(ledger, desk.now)
    assert counts(ledger) == (2, 2, 1)


def test_one_reading_twice_gives_the_same_octets(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    desk.add_mail(files=(("plan ü.pdf", "application/pdf", b"%PDF"),), html="<p>Hello</p>")
    for _ in range(3):
        found = source(desk)
        ingest(found, ledger.messages, lambda: desk.now)
        found.close()
        desk.advance(5)
    assert counts(ledger)[:2] == (1, 1)


# ---- sizes --------------------------------------------------------------------------------------------------


def test_a_larger_article_is_set_aside_with_its_text(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    desk.add_mail(files=(("film.mp4", "video/mp4", b"x" * 30_000),), body="See the film.\n")
    small = desk.add_mail()
    found = source(desk, largest_message=20_000)
    (batch,) = batches(found)
    assert seen([batch]) == [(small, 2)]
    (refused,) = batch.refused
    assert refused.sighting == OtrsSighting(server="desk", ticket=1, article=1)
    assert "more than largest_message = 20000 allows" in refused.reason
    assert b"Subject: Partnership proposal" in refused.octets
    assert len(refused.octets) < 20_000


def test_of_a_ticket_over_all_limits_the_mails_come_without_files(desk: FakeHelpDesk) -> None:
    ticket = desk.add_mail()
    for number in range(40):
        desk.add_article(ticket, files=((f"{number}.bin", "application/octet-stream", b"x" * 700_000),))
    found = source(desk, largest_message=1_000_000)
    given = batches(found)
    assert len(seen(given)) == 41
    assert sum(len(one.octets) for batch in given for one in batch.messages) < 100_000


# ---- as a mail server ---------------------------------------------------------------------------------------


def test_it_is_checked_like_other_servers(desk: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source(desk).check() == ()
    desk.web_services.clear()
    (problem,) = source(desk).check()
    assert problem.startswith("otrs.desk: ")
    assert "knows no web service GenericTicketConnectorREST" in problem
    monkeypatch.delenv(PASSWORD_ENV)
    (problem,) = source(desk).check()
    assert "the environment variable" in problem


def test_it_has_nothing_to_mark(desk: FakeHelpDesk) -> None:
    found = source(desk)
    assert found.to_mark() == frozenset()
    assert found.mark(QUEUE, ()) == ()
    assert found.account == "desk"
    assert found.name == "otrs:desk"
    assert found.mailboxes() == (QUEUE,)
