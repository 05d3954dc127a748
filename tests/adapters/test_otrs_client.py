"""The Generic Interface: recorded answers, and each way in which a help desk fails."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.network.failures import Dropped
from pipeline.adapters.otrs.client import Denied, OperationError, OtrsClient
from pipeline.adapters.otrs.http import RouteMissing, TooLarge, Wire
from pipeline.errors import Refused, Unreachable
from tests.support.certificates import Certificates
from tests.support.imap import Pauses
from tests.support.otrs import PASSWORD, PASSWORD_ENV, Answer, FakeHelpDesk, plain, running_help_desk

RECORDED = Path(__file__).with_name("data") / "otrs"


def recorded(name: str) -> Answer:
    """Return an answer of the real server; those with status 500 are plain text."""
    (path,) = RECORDED.glob(f"{name}_*.json")
    octets = path.read_bytes()
    return Answer(body=octets) if octets.startswith(b"{") else plain(500, octets.decode())


@pytest.fixture
def client(desk: FakeHelpDesk) -> Iterator[OtrsClient]:
    made = OtrsClient(desk.settings(), pause=Pauses())
    yield made
    made.close()


# ---- recorded answers ---------------------------------------------------------------------------------------


def test_recorded_session_search_and_ticket_are_read(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("06"), recorded("17")]
    assert client.search({"Queues": ["Partnerships"], "States": ["new"]}) == (2, 3)
    ticket = client.ticket(3)
    assert (ticket.number, ticket.queue, ticket.state) == ("2026112210000022", "Partnerships", "new")
    assert (ticket.owner, ticket.locked, ticket.priority_id) == ("root@localhost", False, 3)
    assert ticket.changed_at == datetime(2026, 11, 22, 10, 44, 41, tzinfo=UTC)
    assert ticket.dynamic_field("TriageTags") == ()
    assert ticket.dynamic_field("NoSuchField") is None
    (article,) = ticket.articles
    assert article.from_ == "Pat Partner <pat@acme.test>"
    assert article.message_id == "<prop1@acme.test>"
    assert article.created_at == datetime.fromtimestamp(1795344281, UTC)
    assert [(one.name, one.alternative) for one in article.files] == [
        ("data.csv", False),
        ("file-2", True),
        ("proposal_Entwurf_ü.pdf", False),
    ]
    assert article.files[0].content == b"a,b\n1,2\n"


def test_recorded_values_of_dynamic_fields_and_notes_are_read(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("41")]
    ticket = client.ticket(3)
    assert ticket.dynamic_field("PartnerCategory") == ("glam",)
    assert ticket.dynamic_field("TriageTags") == ("a", "c")
    assert ticket.dynamic_field("TriageDone") == ("1",)
    told = [(one.id, one.sender_type, one.visible) for one in ticket.articles]
    assert told == [(4, "customer", True), (5, "agent", False), (6, "agent", False)]


def test_recorded_list_of_tickets_is_read(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("20")]
    assert [(one.id, one.queue) for one in client.headers((1, 3))] == [(1, "Raw"), (3, "Partnerships")]
    assert desk.requests[-1].path == "/Ticket/1,3"


def test_nothing_found_is_an_empty_object(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("09")]
    assert client.search({"Title": "nonexistent-xyz"}) == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("30", "TicketUpdate.InvalidParameter"),
        ("31", "TicketUpdate.InvalidParameter"),
        ("32", "TicketUpdate.InvalidParameter"),
    ],
)
def test_an_error_in_an_answer_that_http_calls_a_success_is_raised(
    desk: FakeHelpDesk, client: OtrsClient, name: str, code: str
) -> None:
    desk.answers = [recorded("01"), recorded(name)]
    with pytest.raises(OperationError, match="parameter is invalid") as caught:
        client.update(3, {"Ticket": {"Queue": "Nope"}})
    assert caught.value.code == code


def test_missing_and_forbidden_are_denied_alike(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("21")]
    with pytest.raises(Denied, match=r"not there, or the agent may not"):
        client.ticket(99999)
    hidden = desk.add_mail()
    desk.forbidden.add(hidden)
    client.close()
    with pytest.raises(Denied, match=r"not there, or the agent may not"):
        client.ticket(hidden)


@pytest.mark.parametrize("name", ["36", "37", "46"])
def test_a_route_that_is_not_there_answers_in_plain_text(
    desk: FakeHelpDesk, client: OtrsClient, name: str
) -> None:
    desk.answers = [recorded("01"), recorded(name)]
    with pytest.raises(RouteMissing, match="triage otrs check"):
        client.update(3, {})


def test_an_update_by_put_fails_there_so_it_goes_by_patch(desk: FakeHelpDesk, client: OtrsClient) -> None:
    ticket = desk.add_mail()
    client.update(ticket, {"Ticket": {"Title": "Another"}})
    assert desk.operations()[-1] == "PATCH /Ticket/"
    wire = Wire(desk.settings(), pause=Pauses())
    with pytest.raises(RouteMissing):
        wire.send("PUT", f"/Ticket/{ticket}", payload={}, limit=1000)
    wire.close()


# ---- sessions -----------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_and_told_nowhere(
    desk: FakeHelpDesk, client: OtrsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_ENV, "hunter2-hunter2")
    with pytest.raises(Refused, match="user name or password is wrong") as caught:
        client.search({})
    assert "hunter2" not in str(caught.value)
    assert desk.operations() == ["POST /Session"]


def test_a_session_that_ends_in_the_middle_is_begun_anew(desk: FakeHelpDesk, client: OtrsClient) -> None:
    tickets = [desk.add_mail() for _ in range(5)]
    desk.session_requests = 2
    assert [client.ticket(one).id for one in tickets] == tickets
    assert desk.operations().count("POST /Session") == 3


def test_a_session_that_is_never_accepted_ends_after_one_new_login(
    desk: FakeHelpDesk, client: OtrsClient
) -> None:
    desk.add_mail()
    client.search({})
    desk.session_requests = 0
    with pytest.raises(Refused, match="the session is not accepted"):
        client.search({})
    assert desk.operations().count("POST /Session") == 2


def test_a_new_session_that_is_not_accepted_is_not_tried_twice(
    desk: FakeHelpDesk, client: OtrsClient
) -> None:
    desk.session_requests = 0
    with pytest.raises(Refused, match="the session is not accepted"):
        client.search({})
    assert desk.operations().count("POST /Session") == 1


def test_a_recorded_bad_session_leads_to_a_new_login(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.answers = [recorded("01"), recorded("06"), recorded("23"), recorded("61"), recorded("17")]
    client.search({})
    assert client.ticket(3).id == 3


def test_an_update_is_not_done_twice_when_the_session_had_ended(
    desk: FakeHelpDesk, client: OtrsClient
) -> None:
    ticket = desk.add_mail()
    client.search({})
    desk.end_sessions()
    note = {
        "Subject": "Triage",
        "Body": "x",
        "ContentType": "text/plain; charset=utf-8",
        "IsVisibleForCustomer": 0,
    }
    client.update(ticket, {"Article": note})
    assert len(desk.tickets[ticket]["Article"]) == 2
    assert desk.sent == []


def test_the_session_stays_out_of_addresses_where_post_is_taken(
    desk: FakeHelpDesk, client: OtrsClient
) -> None:
    ticket = desk.add_mail()
    client.search({"Queues": ["Partnerships"]})
    client.ticket(ticket)
    client.headers((ticket,))
    assert all(one.query == {} for one in desk.requests)
    assert client.searches_by_post()
    assert client.gets_by_post()


def test_words_of_the_server_are_shown_without_the_session(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.add_mail()
    client.search({})
    session = desk.requests[-1].body["SessionID"]
    desk.answers = [plain(500, f"Cannot process SessionID={session};\r\n\x1b[31mTicket")]
    with pytest.raises(Refused, match="Cannot process") as caught:
        client.ticket(1)
    assert session not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_neither_session_nor_password_is_logged(
    desk: FakeHelpDesk, client: OtrsClient, caplog: pytest.LogCaptureFixture
) -> None:
    desk.post_routes = False
    desk.add_mail()
    with caplog.at_level(logging.DEBUG):
        client.ticket(1)
    session = desk.requests[-1].query["SessionID"]
    assert session not in caplog.text
    assert PASSWORD not in caplog.text


# ---- the stock web service ----------------------------------------------------------------------------------


def test_the_stock_web_service_is_asked_by_get(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.post_routes = False
    mine = desk.add_mail()
    desk.add_mail(queue="Junk")
    assert client.search({"Queues": ["Partnerships"], "States": ["new", "open"]}) == (mine,)
    assert client.ticket(mine).articles[0].subject == "Partnership proposal"
    client.ticket(mine)
    # It is tried once.
    assert desk.operations().count("POST /TicketSearch") == 1
    assert desk.operations().count("POST /Ticket/") == 1
    assert not client.searches_by_post()
    # GET bodies are ignored there: everything is in the query.
    assert all(one.body == {} for one in desk.requests if one.method == "GET")


def test_by_get_a_dynamic_field_is_not_asked_for(desk: FakeHelpDesk, client: OtrsClient) -> None:
    desk.post_routes = False
    client.search({"DynamicField_TriageState": {"Empty": 1}, "Queues": ["Partnerships"]})
    assert set(desk.requests[-1].query) == {"SessionID", "Queues"}


def test_a_post_route_of_another_operation_is_noticed(desk: FakeHelpDesk, client: OtrsClient) -> None:
    ticket = desk.add_mail()
    # An administrator mapped TicketUpdate to POST: an update without content answers with ids alone.
    desk.answers = [None, Answer(body=b'{"TicketID":"1","TicketNumber":"2026112210000011"}')]
    assert client.ticket(ticket).id == ticket
    assert desk.operations()[-1] == "GET /Ticket/"


# ---- servers that are not well ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (plain(503, "busy"), Dropped, "overloaded"),
        (plain(429, "slow down"), Dropped, "overloaded"),
        (plain(500, ""), Refused, "knows no web service"),
        (plain(500, "Error while decoding request content"), Refused, "Error while decoding"),
        (plain(404, "Not Found"), Refused, "nothing there"),
        (plain(401, "no"), Refused, "does not let us in"),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:1/evil"}), Refused, "elsewhere"),
        (Answer(body=b"<html>login</html>"), Refused, "not the Generic Interface"),
        (Answer(body=b"[1, 2]"), Refused, "not the Generic Interface"),
        (Answer(body=b'{"Ticket":' + b"[" * 100_000), Refused, "not the Generic Interface"),
        (Answer(body=b'{"Error": "odd"}'), OperationError, "unknown"),
        (Answer(body=b'{"Ticket":[{"TicketID":1}]}'), Refused, "without TicketID, Queue"),
        (Answer(body=b'{"Ticket":[]}'), Refused, "got another or none"),
        (Answer(drop=True), Dropped, "connection was lost"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_is_told_in_one_line(
    desk: FakeHelpDesk, client: OtrsClient, answer: Answer, error: type[Exception], words: str
) -> None:
    desk.answers = [None, answer]
    with pytest.raises(error, match=re.escape(words)) as caught:
        client.ticket(1)
    assert "otrs.desk" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_silence_ends_after_the_time_out(desk: FakeHelpDesk) -> None:
    hushed = OtrsClient(desk.settings(timeout_seconds=0.2), pause=Pauses())
    desk.answers = [None, Answer(after=lambda: desk.hang.wait(30))]
    with pytest.raises(Dropped, match=r"no answer within 0.2 s"):
        hushed.search({})
    hushed.close()


def test_an_answer_without_end_is_cut_off(desk: FakeHelpDesk, client: OtrsClient) -> None:
    ticket = desk.add_mail(body="x" * 50_000)
    with pytest.raises(TooLarge, match="larger than 20000 octets"):
        client.ticket(ticket, largest=20_000)
    assert client.ticket(ticket).id == ticket


def test_nobody_there_and_no_such_host_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, desk: FakeHelpDesk
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = OtrsClient(
        desk.settings(url=f"http://127.0.0.1:{port}/otrs/nph-genericinterface.pl"), pause=Pauses()
    )
    with pytest.raises(Dropped, match="nothing listens there"):
        gone.search({})


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    desk: FakeHelpDesk, certificates: Certificates, other_authority: Path
) -> None:
    with running_help_desk(certificates) as secure:
        secure.add_mail()
        settings = secure.settings(url=secure.url.replace("http://127.0.0.1", "https://localhost"))
        trusting = OtrsClient(settings.model_copy(update={"ca_file": certificates.authority}), pause=Pauses())
        assert trusting.search({}) == (1,)
        trusting.close()
        careful = OtrsClient(settings.model_copy(update={"ca_file": other_authority}), pause=Pauses())
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            careful.search({})
        careful.close()
        assert secure.operations() == ["POST /Session", "POST /TicketSearch"]


def test_another_thread_can_end_the_waiting(desk: FakeHelpDesk) -> None:
    waiting = OtrsClient(desk.settings(timeout_seconds=30.0), pause=Pauses())
    arrived = threading.Event()

    def hold() -> None:
        arrived.set()
        desk.hang.wait(30)

    desk.answers = [None, Answer(after=hold)]

    def end() -> None:
        arrived.wait(30)
        waiting.interrupt()

    ender = threading.Thread(target=end)
    ender.start()
    with pytest.raises(Dropped, match="told to stop"):
        waiting.search({})
    ender.join()
    with pytest.raises(Dropped, match="told to stop"):
        waiting.search({})
    waiting.close()


def test_requests_keep_to_the_rate(desk: FakeHelpDesk) -> None:
    pauses = Pauses()
    polite = OtrsClient(desk.settings(per_minute=120), pause=pauses, tick=desk.tick)
    for _ in range(4):
        polite.search({})
    # Half a second between two of five requests; the desk's clock stands still.
    assert pauses.seconds == pytest.approx([0.5, 1.0, 1.5, 2.0])
    polite.close()


def test_headers_of_tickets_leave_out_what_is_forbidden(desk: FakeHelpDesk, client: OtrsClient) -> None:
    tickets = [desk.add_mail() for _ in range(7)]
    desk.forbidden = {tickets[2], tickets[6]}
    assert [one.id for one in client.headers(tickets)] == [1, 2, 4, 5, 6]
    assert client.headers(()) == ()
