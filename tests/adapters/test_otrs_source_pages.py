"""Queues of a help desk, page by page: searches that ignore what they are asked, cursors, and going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.errors import Refused
from pipeline.records.sources import Batch, Cursor
from pipeline.service.ingest import ingest
from tests.support.otrs import FakeHelpDesk, Request
from tests.support.otrs_reading import LIMIT, QUEUE, batches, counts, seen, source, whole_gets

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
    monkeypatch.setattr("pipeline.adapters.otrs.source._MOST", 4)
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
