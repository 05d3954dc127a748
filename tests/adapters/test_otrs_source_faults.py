"""Queues of a help desk that is slow, forgetful or ill: nothing is lost, and it is left alone in time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.otrs.source import OtrsSource
from pipeline.errors import Refused
from pipeline.service.ingest import ingest
from tests.support.otrs import Answer, FakeHelpDesk, Request, plain
from tests.support.otrs_reading import LIMIT, QUEUE, batches, counts, seen, source, whole_gets


def read_once_mended(desk: FakeHelpDesk, found: OtrsSource, ledger: SqlLedger) -> None:
    desk.hooks.clear()
    ingest(found, ledger.messages, lambda: desk.now)
    found.close()


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
    read_once_mended(desk, found, ledger)
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
    read_once_mended(desk, found, ledger)
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
