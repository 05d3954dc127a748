"""Agents beside the program: what they did is never overridden, and what they say by it is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.adapters.otrs.write import OtrsDesk
from pipeline.records.work import State
from tests.support.otrs import FakeHelpDesk
from tests.support.writing_back import MUSEUM, SENDER, MakeOffice


def test_an_agent_who_took_the_ticket_meanwhile_keeps_it(make_office: MakeOffice) -> None:
    office = make_office()
    ticket, desk = office.decided()
    office.fake.change(ticket, Owner="bob", Lock="lock", Queue="Raw", PriorityID=5)
    desk.write_back()
    one = office.fake.tickets[ticket]
    assert (one["Owner"], one["Lock"], one["Queue"], one["PriorityID"]) == ("bob", "lock", "Raw", 5)
    assert "Ticket" not in office.updates()[0]
    assert len(office.notes(ticket)) == 1  # the note overrides nothing
    assert office.corrections() == [("queue=Raw", "otrs:desk agent")]


@pytest.mark.parametrize(
    "touch",
    [
        lambda fake, ticket: fake.change(ticket, State="closed successful"),
        lambda fake, ticket: fake.change(ticket, Lock="lock"),
        lambda fake, ticket: fake.add_article(
            ticket,
            sender_type="agent",
            sender="alice <alice@help.example>",
            body="Thank you, we will call.\n",
        ),
    ],
    ids=["closed", "locked", "answered"],
)
def test_a_ticket_that_an_agent_deals_with_stays_where_it_is(
    make_office: MakeOffice, touch: Callable[[FakeHelpDesk, int], object]
) -> None:
    office = make_office(queue={"assign": "Grants", "review": "Grants"})
    ticket, desk = office.decided()
    touch(office.fake, ticket)
    desk.write_back()
    assert office.fake.tickets[ticket]["Queue"] == "Partnerships"
    assert all("Ticket" not in told for told in office.updates())


def test_a_customers_answer_is_no_agents_touch(make_office: MakeOffice) -> None:
    office = make_office(queue={"assign": "Grants", "review": "Grants"})
    ticket, desk = office.decided()
    office.fake.add_article(ticket, sender=SENDER)
    office.fake.change(ticket, State="open")
    desk.write_back()
    assert office.fake.tickets[ticket]["Queue"] == "Grants"


def test_a_field_that_an_agent_changed_is_a_correction_and_stays(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    office.fake.change(ticket, DynamicField_Type="archive", Queue="Raw")
    office.round()
    assert office.corrections() == [
        ("partner_type=archive", "otrs:desk agent"),
        ("queue=Raw", "otrs:desk agent"),
    ]
    assert office.entry().decision.tags.partner_type == "archive"
    for _ in range(2):
        office.round()
    assert (office.fake.field_of(ticket, "Type"), office.fake.tickets[ticket]["Queue"]) == ("archive", "Raw")
    assert (len(office.corrections()), len(office.notes(ticket))) == (2, 1)
    office.fake.change(ticket, DynamicField_Type="library")  # changed their mind
    office.round()
    assert office.entry().decision.tags.partner_type == "library"


def test_a_field_changed_before_the_write_back_is_a_correction(make_office: MakeOffice) -> None:
    office = make_office()
    ticket, desk = office.decided()
    office.fake.change(ticket, DynamicField_Type="archive")
    desk.write_back()
    assert office.corrections() == [("partner_type=archive", "otrs:desk agent")]
    assert office.fake.field_of(ticket, "Type") == "archive"


def test_an_agent_who_is_at_it_in_the_same_moment_is_heard(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the program's look at the ticket and its update."""
    office = make_office(note=True, fields={"kind": "Kind"}, queue={"file": "Junk"})
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    whole = OtrsDesk.write

    def late(self: OtrsDesk, *told: Any) -> None:
        office.fake.change(ticket, Queue="Raw", Owner="bob")
        whole(self, *told)

    monkeypatch.setattr(OtrsDesk, "write", late)
    office.round()
    assert office.corrections() == [("queue=Raw", "otrs:desk agent")]
    assert (office.fake.tickets[ticket]["Owner"], len(office.notes(ticket))) == ("bob", 1)


def test_what_stood_in_a_field_before_stays_and_says_nothing(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.fake.change(ticket, DynamicField_Type="library")
    office.round()
    assert office.fake.field_of(ticket, "Type") == "library"
    assert office.corrections() == []


def test_an_agent_who_moves_a_ticket_to_a_liaisons_queue_gives_it_to_them(make_office: MakeOffice) -> None:
    office = make_office(queue_by_liaison={"danuta": "Raw"}, queue={"file": "Junk"})
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    assert office.entry().liaison != "danuta"
    office.fake.change(ticket, Queue="Raw")
    office.round()
    entry = office.entry()
    assert (entry.liaison, entry.state) == ("danuta", State.ASSIGNED)
    assert entry.due_at is not None


def test_an_agent_who_moves_a_ticket_to_junk_files_it_and_back_opens_it(make_office: MakeOffice) -> None:
    office = make_office(queue_by_liaison={"danuta": "Raw"}, queue={"file": "Junk"})
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    office.fake.change(ticket, Queue="Junk")
    office.round()
    entry = office.entry()
    assert (entry.state, entry.liaison, entry.decision.disposition.value) == (State.FILED, None, "file")
    office.fake.change(ticket, Queue="Raw")
    office.round()
    entry = office.entry()
    assert (entry.state, entry.liaison, entry.decision.disposition.value) == (
        State.ASSIGNED,
        "danuta",
        "assign",
    )


def test_what_agents_do_elsewhere_is_nobodys_business(make_office: MakeOffice) -> None:
    """Tickets that were never read are not looked at, however many change."""
    office = make_office()
    office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    stranger = office.fake.add_mail(queue="Grants", body="Else.\n")
    before = len(office.fake.requests)
    office.round()
    asked = [one.path for one in office.fake.requests[before:]]
    assert not [path for path in asked if path.endswith(f"/{stranger}")]


def test_a_ticket_that_is_gone_is_looked_at_without_a_fuss(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    office.fake.touch(ticket)
    office.fake.forbidden.add(ticket)
    assert office.round().problems == ()
