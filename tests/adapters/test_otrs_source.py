"""Queues of a help desk as a source: nothing twice, nothing lost, nothing of others, whatever the server does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.otrs_source import OtrsSource
from pipeline.adapters.tls import Dropped
from pipeline.errors import Refused
from pipeline.records.messages import ImapSighting, OtrsSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.ingest import ingest
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from tests.support.imap import Pauses
from tests.support.otrs import PASSWORD_ENV, Answer, FakeHelpDesk, Request, plain
from tests.support.plainreader import PlainReader
from tests.threads.desk import Judge

LIMIT = 10_000_000
QUEUE = "Partnerships"


def source(desk: FakeHelpDesk, **more: object) -> OtrsSource:
    return OtrsSource(desk.settings(**more), pause=Pauses(), tick=desk.tick)


def batches(found: OtrsSource, cursor: Cursor | None = None, queue: str = QUEUE) -> list[Batch]:
    """Return all that is new, and end the connection."""
    try:
        return list(found.fetch(queue, cursor, LIMIT))
    finally:
        found.close()


def seen(given: Iterable[Batch]) -> list[tuple[int, int]]:
    """Return ticket and article of each message."""
    places = [one.sighting for batch in given for one in batch.messages]
    return [(one.ticket, one.article) for one in places if isinstance(one, OtrsSighting)]


def counts(ledger: SqlLedger) -> tuple[int, int, int]:
    """Return how many messages, sightings and inquiries there are."""
    with ledger.engine.connect() as connection:
        tables = ("messages", "sightings", "inquiries")
        first, second, third = (
            int(connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one())  # noqa: S608
            for one in tables
        )
    return first, second, third


def work(ledger: SqlLedger, now: datetime) -> None:
    triage(ledger, PlainReader(), cast("Tagger", Judge()), lambda: now)


def whole_gets(desk: FakeHelpDesk) -> list[int]:
    """Return the tickets that were read with their articles."""
    asked = [one for one in desk.requests if "AllArticles" in one.told]
    return [int(one.path.rsplit("/", 1)[1]) for one in asked if one.path.startswith("/Ticket/")]


# ---- what is read -------------------------------------------------------------------------------------------


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
    raw = RawMessage(
        sighting=ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=1),
        octets=stranger,
        received_at=desk.now,
    )
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=1), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, desk.now)
    work(ledger, desk.now)
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
    raw = RawMessage(
        sighting=ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=1),
        octets=original,
        received_at=desk.now,
    )
    mail = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=1), total=None)
    ledger.messages.record("imap:a", "INBOX", mail, desk.now)
    work(ledger, desk.now)
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


# ---- the server ignores what it does not know ---------------------------------------------------------------


@pytest.mark.parametrize(
    "ignored",
    [
        {"Queues"},
        {"States"},
        {"DynamicField_TriageState"},
        {"Queues", "States", "DynamicField_TriageState", "TicketChangeTimeNewerDate", "SortBy", "OrderBy"},
    ],
    ids=lambda value: "+".join(sorted(value)),
)
def test_what_an_ignored_condition_lets_in_is_not_read(desk: FakeHelpDesk, ignored: set[str]) -> None:
    desk.ignored = ignored
    mine = desk.add_mail()
    secret = desk.add_mail(queue="Grants", subject="Salaries")
    closed = desk.add_mail(state="closed successful")
    triaged = desk.add_mail()
    desk.change(triaged, DynamicField_TriageState="K7QX2M")
    found = source(desk)
    given = batches(found)
    assert {ticket for ticket, _ in seen(given)} == {mine}
    assert not {secret, closed, triaged} & set(whole_gets(desk))


def test_an_ignored_time_does_not_bring_old_tickets_back(desk: FakeHelpDesk) -> None:
    desk.ignored = {"TicketChangeTimeNewerDate"}
    desk.add_mail()
    desk.advance(3600)
    found = source(desk)
    given = batches(found)
    new = desk.add_mail()
    desk.advance(3600)
    assert seen(batches(source(desk), given[-1].cursor)) == [(1, 1), (new, 2)]
    newest = batches(
        source(desk), Cursor(uidvalidity=given[-1].cursor.uidvalidity, uid=int(desk.now.timestamp()) - 3600)
    )
    assert seen(newest) == [(new, 2)]


def test_a_field_that_the_server_does_not_have_hides_nothing(desk: FakeHelpDesk) -> None:
    del desk.dynamic_fields["TriageState"]
    ticket = desk.add_mail()
    assert seen(batches(source(desk))) == [(ticket, 1)]


def test_a_search_that_finds_no_end_is_given_up(desk: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.otrs_source._MOST", 4)
    for _ in range(10):
        desk.add_mail()
    desk.advance(60)
    found = source(desk, page=2)
    with pytest.raises(Refused, match="does not search by changed time"):
        list(found.fetch(QUEUE, None, LIMIT))
    found.close()


# ---- pages, cursors, and going on ---------------------------------------------------------------------------


@pytest.mark.parametrize("includes", [True, False])
@pytest.mark.parametrize("page", [1, 3, 7, 25, 500])
def test_all_pages_together_are_all_tickets(desk: FakeHelpDesk, page: int, includes: bool) -> None:
    desk.newer_includes = includes
    tickets = []
    for number in range(25):
        tickets.append(desk.add_mail())
        desk.advance(0 if number % 5 else 30)
    desk.advance(60)
    assert [ticket for ticket, _ in seen(batches(source(desk, page=page)))] == tickets


def test_more_tickets_changed_in_one_second_than_a_page_holds(desk: FakeHelpDesk) -> None:
    tickets = [desk.add_mail() for _ in range(40)]
    desk.advance(1)
    tickets.append(desk.add_mail())
    desk.advance(60)
    given = batches(source(desk, page=5))
    assert sorted(ticket for ticket, _ in seen(given)) == tickets


def test_a_reading_that_was_interrupted_goes_on_where_it_was(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    tickets = []
    for _ in range(60):
        tickets.append(desk.add_mail())
        desk.advance(200)
    found = source(desk)
    first = next(found.fetch(QUEUE, None, LIMIT))
    found.close()
    assert len(first.messages) == 25
    rest = batches(source(desk), first.cursor)
    # The last one comes again: the overlap.
    assert [ticket for ticket, _ in seen(rest)] == tickets[24:]


def test_a_ticket_that_changes_while_pages_are_read_is_not_lost(desk: FakeHelpDesk) -> None:
    tickets = []
    for _ in range(30):
        tickets.append(desk.add_mail())
        desk.advance(200)
    changed: list[int] = []

    def agent(request: Request) -> None:
        """Touch the last ticket of the first page right after it was found."""
        if request.told.get("DynamicFields") and "AllArticles" not in request.told and not changed:
            changed.append(tickets[9])
            desk.advance(500)
            desk.touch(tickets[9])

    desk.hooks.append(agent)
    found = source(desk, page=10)
    stored: list[Batch] = []
    for batch in found.fetch(QUEUE, None, LIMIT):
        stored.append(batch)
        if len(stored) == 1:
            break  # the program dies after the first batch
    found.close()
    desk.hooks.clear()
    stored += batches(source(desk, page=10), stored[-1].cursor)
    assert changed
    assert {ticket for ticket, _ in seen(stored)} == set(tickets)


def test_where_nothing_changed_no_ticket_is_read_again(desk: FakeHelpDesk) -> None:
    for _ in range(3):
        desk.add_mail()
    desk.advance(60)
    found = source(desk)
    cursor = batches(found)[-1].cursor
    desk.requests.clear()
    assert batches(found, cursor) == []
    assert whole_gets(desk) == []


def test_an_article_in_the_very_second_of_the_reading_is_not_lost(desk: FakeHelpDesk) -> None:
    ticket = desk.add_mail()
    found = source(desk)
    cursor = batches(found)[-1].cursor
    late = desk.add_article(ticket)
    desk.advance(60)
    assert (ticket, late) in seen(batches(found, cursor))


def test_a_batch_without_mails_moves_the_cursor_too(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    desk.add_mail(sender_type="agent")
    found = source(desk)
    recorded = ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    assert (recorded.stored, recorded.known) == (0, 0)
    cursor = ledger.messages.cursor("otrs:desk", QUEUE)
    assert cursor is not None
    assert cursor.uid >= int(datetime(2026, 11, 22, 9, 59, tzinfo=UTC).timestamp())


def test_other_states_start_over(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    desk.advance(7200)
    cursor = batches(source(desk))[-1].cursor
    pending = desk.add_mail(state="pending reminder")
    desk.tickets[pending]["Changed"] = "2026-11-22 08:00:00"
    assert pending not in {ticket for ticket, _ in seen(batches(source(desk), cursor))}
    again = batches(source(desk, states=["new", "pending reminder"]), cursor)
    assert {ticket for ticket, _ in seen(again)} == {1, pending}


def test_each_queue_has_its_own_cursor(desk: FakeHelpDesk, ledger: SqlLedger) -> None:
    desk.add_mail()
    desk.add_mail(queue="Grants")
    for queues in ([QUEUE], [QUEUE, "Grants"]):
        found = source(desk, queues=queues)
        ingest(found, ledger.messages, lambda: desk.now)
        found.close()
        desk.advance(7200)
    assert counts(ledger)[0] == 2


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_times_are_told_in_the_zone_of_the_server(desk: FakeHelpDesk, zone: str) -> None:
    desk.zone_offset = {
        "UTC": timedelta(),
        "Europe/Berlin": timedelta(hours=1),
        "America/St_Johns": -timedelta(hours=3.5),
    }[zone]
    desk.add_mail()
    desk.advance(600)
    given = batches(source(desk, timezone=zone))
    desk.advance(600)
    second = desk.add_mail()
    desk.advance(600)
    assert given[-1].cursor.uid == int(datetime(2026, 11, 22, 10, tzinfo=UTC).timestamp())
    assert [ticket for ticket, _ in seen(batches(source(desk, timezone=zone), given[-1].cursor))][
        -1
    ] == second


def test_nothing_is_lost_when_the_clock_of_the_server_is_put_back(desk: FakeHelpDesk) -> None:
    desk.now = datetime(2026, 10, 25, 0, 55, tzinfo=UTC)
    desk.zone_offset = timedelta(hours=2)
    desk.add_mail()
    desk.advance(60)
    cursor = batches(source(desk, timezone="Europe/Berlin"))[-1].cursor
    # 02:56 became 02:10, an hour and a quarter later.
    desk.now, desk.zone_offset = datetime(2026, 10, 25, 1, 10, tzinfo=UTC), timedelta(hours=1)
    second = desk.add_mail()
    desk.advance(60)
    again = batches(source(desk, timezone="Europe/Berlin"), cursor)
    assert second in {ticket for ticket, _ in seen(again)}


# ---- servers that are slow, forgetful or ill ----------------------------------------------------------------


def test_a_slow_server_is_stored_from_every_second_or_two(desk: FakeHelpDesk) -> None:
    for _ in range(100):
        desk.add_mail()
        desk.advance(1)
    desk.advance(60)
    desk.get_seconds = 1 / 17  # as observed
    found = source(desk)
    times = []
    for batch in found.fetch(QUEUE, None, LIMIT):
        assert len(batch.messages) <= 25
        times.append(desk.tick())
    found.close()
    assert len(times) == 4
    # 100 whole tickets, and two lists.
    assert times[-1] == pytest.approx(102 / 17)
    assert max(later - earlier for earlier, later in pairwise(times)) < 2.0


def test_a_session_that_ends_again_and_again_loses_nothing(desk: FakeHelpDesk) -> None:
    tickets = [desk.add_mail() for _ in range(20)]
    desk.session_requests = 3
    assert [ticket for ticket, _ in seen(batches(source(desk)))] == tickets
    assert desk.operations().count("POST /Session") >= 7


def test_lost_connections_are_made_anew(desk: FakeHelpDesk) -> None:
    tickets = [desk.add_mail() for _ in range(10)]
    lost = iter([3, 6, 9, 12])
    desk.hooks.append(lambda _: Answer(drop=True) if len(desk.requests) in lost else None)
    assert [ticket for ticket, _ in seen(batches(source(desk)))] == tickets


def test_a_server_that_dies_ends_the_reading_and_the_next_one_goes_on(
    desk: FakeHelpDesk, ledger: SqlLedger
) -> None:
    for _ in range(40):
        desk.add_mail()
        desk.advance(200)
    found = source(desk)
    desk.hooks.append(lambda _: plain(503, "down") if len(whole_gets(desk)) > 30 else None)
    with pytest.raises(Dropped, match="overloaded or down"):
        ingest(found, ledger.messages, lambda: desk.now)
    assert counts(ledger)[0] == 25
    desk.hooks.clear()
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    assert counts(ledger)[0] == 40


def test_a_ticket_that_went_away_meanwhile_is_passed_over(desk: FakeHelpDesk) -> None:
    tickets = [desk.add_mail() for _ in range(4)]
    gone: list[int] = []

    def forbid(request: Request) -> None:
        if "AllArticles" in request.told and not gone:
            gone.append(tickets[1])
            desk.forbidden.add(tickets[1])
            desk.change(tickets[2], Queue="Junk")

    desk.hooks.append(forbid)
    assert [ticket for ticket, _ in seen(batches(source(desk)))] == [tickets[0], tickets[3]]


def test_one_ticket_that_fails_does_not_keep_the_others_and_is_tried_again(
    desk: FakeHelpDesk, ledger: SqlLedger
) -> None:
    for _ in range(6):
        desk.add_mail()
        desk.advance(300)
    desk.hooks.append(lambda one: plain(500, "Can't decode body") if one.path == "/Ticket/3" else None)
    desk.add_mail(queue="Grants")
    found = source(desk, queues=[QUEUE, "Grants"])
    for _ in range(2):
        with pytest.raises(Refused, match="decode body"):
            ingest(found, ledger.messages, lambda: desk.now)
        assert counts(ledger)[0] == 6
    desk.hooks.clear()
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()
    assert counts(ledger)[0] == 7


def test_a_server_where_every_ticket_fails_is_left_alone_soon(desk: FakeHelpDesk) -> None:
    for _ in range(50):
        desk.add_mail()
    desk.hooks.append(lambda one: plain(500, "Broken") if "AllArticles" in one.told else None)
    found = source(desk)
    with pytest.raises(Refused, match="Broken"):
        list(found.fetch(QUEUE, None, LIMIT))
    found.close()
    assert len(whole_gets(desk)) == 5


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
