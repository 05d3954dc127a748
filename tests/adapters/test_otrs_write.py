"""What goes over the wire to a help desk: one update, notes that no customer gets, the traps of the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pipeline.adapters.otrs.write import OtrsDesk, payload, seen, state_of
from pipeline.errors import Refused, Unreachable
from pipeline.records.tickets import Article, Ticket
from pipeline.records.writebacks import Move, Note, TicketChange
from tests.support.otrs import PASSWORD, PASSWORD_ENV, Answer, FakeHelpDesk, running_help_desk

NOTE = Note(ref="ABC234-7", subject="Triage ABC234: Partnership", body="What: Museum ✓", gist="g")
MOVE = Move(queue="Grants", owner="alice", locked=True)
WRITE = {"fields": {"type": "PartnerCategory"}, "note": True}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHelpDesk]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    with running_help_desk() as desk:
        yield desk


@pytest.fixture
def desk(fake: FakeHelpDesk) -> Iterator[OtrsDesk]:
    opened = OtrsDesk(fake.settings(write=WRITE), pause=lambda _: None)
    yield opened
    opened.close()


def updates(fake: FakeHelpDesk) -> list[dict[str, object]]:
    return [one.body for one in fake.requests if one.method == "PATCH"]


def test_queue_owner_and_lock_go_in_one_update_and_hold(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    desk.write(ticket, TicketChange(move=MOVE, priority=4, fields={"PartnerCategory": "glam"}, note=NOTE))
    (told,) = updates(fake)
    assert told["Ticket"] == {"Queue": "Grants", "Owner": "alice", "Lock": "lock", "PriorityID": 4}
    state = desk.look(ticket).state
    assert (state.queue, state.owner, state.locked, state.priority) == ("Grants", "alice", True, 4)
    assert (state.fields["PartnerCategory"], state.refs) == ("glam", frozenset({"ABC234-7"}))


def test_the_fake_has_the_trap_of_a_queue_alone(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    fake.change(ticket, Owner="alice", Lock="lock")
    desk._client.update(ticket, {"Ticket": {"Queue": "Grants"}})
    state = desk.look(ticket).state
    assert (state.owner, state.locked) == ("root@localhost", False)


def test_a_note_mails_nobody(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()  # its queue answers follow-ups by itself
    desk.write(ticket, TicketChange(note=NOTE))
    (told,) = updates(fake)
    article = told["Article"]
    assert isinstance(article, dict)
    assert article["IsVisibleForCustomer"] == 0
    assert article["CommunicationChannel"] == "Internal"
    assert not {"From", "To", "Cc", "ReplyTo", "ArticleSend", "AutoResponseType"} & set(article)
    assert fake.sent == []
    stored = fake.tickets[ticket]["Article"][-1]
    assert (stored["IsVisibleForCustomer"], stored["Body"].splitlines()[-1]) == (
        0,
        "Triage reference: ABC234-7",
    )


@pytest.mark.parametrize("more", [{"IsVisibleForCustomer": 1}, {"From": "list@lists.example"}])
def test_the_fake_has_the_trap_of_notes_that_mail(
    fake: FakeHelpDesk, desk: OtrsDesk, more: dict[str, object]
) -> None:
    ticket = fake.add_mail()
    article = payload(TicketChange(note=NOTE))["Article"]
    desk._client.update(ticket, {"Article": {**article, **more}})
    assert len(fake.sent) == 1


def test_nothing_wished_is_no_parameter() -> None:
    assert payload(TicketChange()) == {}
    assert not TicketChange()
    assert set(payload(TicketChange(fields={"A": "b"}))) == {"DynamicField"}


def test_a_bad_queue_writes_no_note_either(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    with pytest.raises(Refused, match="Queue"):
        desk.write(ticket, TicketChange(move=Move(queue="Nowhere", owner="alice", locked=False), note=NOTE))
    assert len(fake.tickets[ticket]["Article"]) == 1


def test_a_ticket_that_is_gone_and_a_forbidden_one_are_refused(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    fake.forbidden.add(ticket)
    for one in (ticket, 999):
        with pytest.raises(Refused):
            desk.look(one)
        with pytest.raises(Refused):
            desk.write(one, TicketChange(priority=4))


def test_a_session_that_ends_in_the_middle_is_begun_anew(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    desk.look(ticket)
    fake.end_sessions()
    desk.write(ticket, TicketChange(priority=4))
    assert fake.tickets[ticket]["PriorityID"] == 4


def test_an_update_of_which_no_answer_comes_is_not_repeated(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    desk.look(ticket)
    fake.answers.append(Answer(drop=True))
    with pytest.raises(Unreachable):
        desk.write(ticket, TicketChange(note=NOTE))
    assert len(updates(fake)) == 1


def test_what_changed_is_found_in_all_queues(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    old = fake.add_mail()
    fake.advance(3600)
    new = fake.add_mail(queue="Grants")
    assert desk.changed(10) == frozenset({new})
    assert desk.changed(90) == frozenset({old, new})


def test_no_change_is_none_changed(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    assert desk.changed(10) == frozenset()


def test_notes_of_the_program_are_no_answers_of_agents(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    desk.write(ticket, TicketChange(note=NOTE))
    assert desk.look(ticket).state.answers == 0
    fake.add_article(ticket, sender_type="agent", body="I take that one.\n", visible=0, channel=3)
    assert desk.look(ticket).state.answers == 1


def article(body: str, *, sender_type: str = "agent", visible: bool = False) -> Article:
    return Article(
        id=1, sender_type=sender_type, visible=visible, from_="", to="", cc="", reply_to="",
        subject="", message_id="", in_reply_to="", references="", mime_type="text/plain", body=body,
        created_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "one",
    [
        article("Triage reference: ABC234-7\n", sender_type="customer"),
        article("Triage reference: ABC234-7\n", visible=True),
        article("> Triage reference: ABC234-7\n"),
        article("Triage reference: ABC234-7\n\nThat is wrong."),
    ],
)
def test_nobody_but_the_program_writes_its_reference(fake: FakeHelpDesk, one: Article) -> None:
    assert state_of(ticket_with(one), fake.settings(write=WRITE)).refs == frozenset()


def test_a_reference_is_read_back_through_crlf(fake: FakeHelpDesk) -> None:
    found = state_of(ticket_with(article("Text\r\n\r\nTriage reference: ABC234-7\r\n")), fake.settings())
    assert (found.refs, found.answers) == (frozenset({"ABC234-7"}), 0)


def test_what_somebody_filled_in_before_is_theirs(fake: FakeHelpDesk, desk: OtrsDesk) -> None:
    ticket = fake.add_mail()
    fake.change(ticket, DynamicField_PartnerCategory="edu", DynamicField_TriageState="assign")
    assert desk.look(ticket).taken == frozenset({"field:PartnerCategory"})


def test_fields_of_others_are_not_remembered(fake: FakeHelpDesk) -> None:
    server = fake.settings(write=WRITE)
    found = seen(ticket_with(), server)
    assert set(found.state.fields) == {"PartnerCategory", "TriageState"}
    assert "secret" not in json.dumps(dict(found.state.fields))


def ticket_with(*articles: Article) -> Ticket:
    now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    return Ticket(
        id=1, number="2026112210000017", title="t", queue="Partnerships", state="new", priority_id=3,
        owner="root@localhost", locked=False, created_at=now, changed_at=now,
        dynamic_fields=(("PartnerCategory", ("glam",)), ("CustomerSecret", ("secret",))), articles=articles,
    )  # fmt: skip
