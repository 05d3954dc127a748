"""The same facts of a help desk in this process and of a real one, if TRIAGE_OTRS_URL names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.adapters.otrs.check import Level, findings
from pipeline.adapters.otrs.client import Denied, OperationError, OtrsClient
from pipeline.adapters.otrs.http import RouteMissing, Wire
from pipeline.adapters.otrs.source import OtrsSource
from pipeline.errors import Refused
from pipeline.records.messages import OtrsSighting
from tests.support.imap import Pauses
from tests.support.otrs import PASSWORD_ENV
from tests.support.otrs_real import Place, somewhere, unique

LIMIT = 10_000_000
NOTE = {
    "CommunicationChannel": "Internal", "SenderType": "agent", "IsVisibleForCustomer": 0, "NoAgentNotify": 1,
    "Subject": "Triage", "Body": "Only for agents.", "ContentType": "text/plain; charset=utf-8",
}  # fmt: skip


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with somewhere() as found:
        monkeypatch.setenv(PASSWORD_ENV, found.password)
        yield found


@pytest.fixture
def client(place: Place) -> Iterator[OtrsClient]:
    made = OtrsClient(place.settings(), pause=Pauses())
    yield made
    made.close()


def read(place: Place) -> dict[int, bytes]:
    """Return ticket to the octets of its first mail, of all that the source reads."""
    source = OtrsSource(place.settings(), pause=Pauses())
    try:
        given = [one for batch in source.fetch(place.queue, None, LIMIT) for one in batch.messages]
    finally:
        source.close()
    found: dict[int, bytes] = {}
    for one in given:
        assert isinstance(one.sighting, OtrsSighting)
        found.setdefault(one.sighting.ticket, one.octets)
    return found


def test_a_ticket_is_found_and_read_with_its_file(place: Place, client: OtrsClient) -> None:
    subject = unique("Grüße")
    number = place.create(subject, "Zażółć.\n", file=b"a,b\n1,2\n")
    assert number in client.search({"Queues": [place.queue], "States": ["new"]})
    ticket = client.ticket(number)
    assert (ticket.queue, ticket.state, ticket.title) == (place.queue, "new", subject)
    (article,) = ticket.articles
    assert (article.subject, article.sender_type, article.visible) == (subject, "customer", True)
    assert [one.content for one in article.files if not one.alternative] == [b"a,b\n1,2\n"]
    assert number in read(place)


def test_an_unknown_parameter_finds_everything(place: Place, client: OtrsClient) -> None:
    number = place.create(unique("Trap"))
    assert number in client.search({"Queue": "There is no such queue"})
    assert client.search({"Queues": ["There is no such queue"]}) == ()


def test_missing_is_denied_and_a_wrong_password_refused(
    place: Place, client: OtrsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Denied):
        client.ticket(999_999_999)
    monkeypatch.setenv(PASSWORD_ENV, "surely-wrong")
    stranger = OtrsClient(place.settings(), pause=Pauses())
    with pytest.raises(Refused, match="user name or password"):
        stranger.search({})
    stranger.close()


def test_a_session_that_is_unknown_there_is_begun_anew(place: Place, client: OtrsClient) -> None:
    number = place.create(unique("Session"))
    client.session()
    client._session = "A" * 32
    assert client.ticket(number).id == number


def test_an_unknown_route_and_an_unknown_service_are_told_apart(place: Place, client: OtrsClient) -> None:
    wire = Wire(place.settings(), pause=Pauses())
    with pytest.raises(RouteMissing):
        wire.send("GET", "/NoSuchRoute", query={}, limit=10_000)
    with pytest.raises(RouteMissing):
        wire.send("PUT", "/Ticket/1", payload={}, limit=10_000)
    wire.close()
    lost = OtrsClient(place.settings(web_service="NoSuchService"), pause=Pauses())
    with pytest.raises(Refused, match="knows no web service"):
        lost.session()
    lost.close()


def test_an_update_is_all_or_nothing(place: Place, client: OtrsClient) -> None:
    number = place.create(unique("Update"))
    with pytest.raises(OperationError) as caught:
        client.update(number, {"Ticket": {"Queue": "There is no such queue"}, "Article": NOTE})
    assert caught.value.code == "TicketUpdate.InvalidParameter"
    assert len(client.ticket(number).articles) == 1


def test_a_note_is_internal_and_is_not_read_as_mail(place: Place, client: OtrsClient) -> None:
    number = place.create(unique("Note"))
    client.update(number, {"Article": NOTE})
    first, note = client.ticket(number).articles
    assert (note.sender_type, note.visible) == ("agent", False)
    assert b"Only for agents" not in read(place)[number]
    assert first.visible


def test_an_update_without_content_changes_nothing(place: Place, client: OtrsClient) -> None:
    number = place.create(unique("Empty"))
    before = client.ticket(number)
    client.update(number, {})
    assert client.ticket(number) == before


def test_the_check_finds_no_fault_in_what_is_there(place: Place) -> None:
    place.create(unique("Check"))
    told = findings(place.settings(triaged_field=""), OtrsClient(place.settings(), pause=Pauses()))
    assert [one for one in told if one.level is Level.FAULT] == []
