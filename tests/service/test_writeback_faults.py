"""Write-backs when the service dies or the help desk is away, refuses or lacks something: written once, in order."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.adapters.otrs.write import OtrsDesk
from pipeline.errors import Unreachable
from tests.support.otrs import plain
from tests.support.writing_back import FIELDS, MUSEUM, SENDER, MakeOffice


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_service_that_dies_while_writing_writes_once(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Before the update, or after it and before the ledger knows."""
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    whole = OtrsDesk.write

    def dying(self: OtrsDesk, *told: Any) -> None:
        if moment == "after":
            whole(self, *told)
        raise KeyboardInterrupt

    monkeypatch.setattr(OtrsDesk, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        office.round()
    monkeypatch.setattr(OtrsDesk, "write", whole)
    office.desk()
    office.round()
    assert (len(office.updates()), len(office.notes(ticket))) == (1, 1)
    assert (office.corrections(), office.states()) == ([], {"done": 1})
    assert office.fake.tickets[ticket]["Owner"] == "alice"


def test_an_update_of_which_no_answer_came_is_not_written_twice(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    whole = OtrsDesk.write

    def deaf(self: OtrsDesk, *told: Any) -> None:
        whole(self, *told)
        raise Unreachable("otrs.desk: the answer took too long")

    monkeypatch.setattr(OtrsDesk, "write", deaf)
    assert office.round().problems == ("otrs.desk: the answer took too long",)
    monkeypatch.setattr(OtrsDesk, "write", whole)
    office.round(10)
    assert (len(office.updates()), len(office.notes(ticket))) == (1, 1)
    assert (office.corrections(), office.states()) == ([], {"done": 1})


def test_a_server_that_is_away_is_asked_ever_more_rarely(make_office: MakeOffice) -> None:
    office = make_office()
    ticket, desk = office.decided()
    (help_desk,) = desk.help_desks
    tries = []
    for minute in range(0, 121, 5):
        office.fake.answers = [plain(503, "gone")] * 2
        _, problems = desk.write_back_to(help_desk)
        if problems:
            tries.append(minute)
        office.later(5)
    assert tries == [0, 5, 15, 35, 75]
    office.fake.answers = []
    office.later(60)
    assert desk.write_back_to(help_desk)[0] == 1
    assert len(office.notes(ticket)) == 1


def test_after_five_days_a_write_back_is_given_up(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.fake.may_update = False
    assert office.round().problems
    office.round(6 * 24 * 60)
    assert office.states() == {"failed": 1}
    assert office.round().problems == ()
    assert not office.notes(ticket)


def test_what_comes_later_to_a_ticket_waits_for_what_came_first(make_office: MakeOffice) -> None:
    office = make_office(note=True, fields=FIELDS)
    ticket, desk = office.decided()
    (help_desk,) = desk.help_desks
    office.fake.may_update = False
    desk.write_back_to(help_desk)
    office.later(1)
    office.fake.add_article(
        ticket, sender=SENDER, body="Our director decides by 3 December 2026; please answer by then.\n"
    )
    desk.poll()
    desk.work()
    office.fake.may_update = True
    assert desk.write_back_to(help_desk)[0] == 0  # the first one's time has not come
    assert office.states() == {"queued": 2}
    office.later(30)
    assert desk.write_back_to(help_desk)[0] == 2
    refs = [note["Body"].splitlines()[-1] for note in office.notes(ticket)]
    assert len(refs) == 2
    assert refs == sorted(refs)


def test_one_ticket_that_is_refused_does_not_hold_up_others(make_office: MakeOffice) -> None:
    office = make_office(note=True)
    lost = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    other = office.fake.add_mail(
        subject="Herbarium", body=MUSEUM.replace("Plate", "Plant"), sender="Luc <luc@herbarium.example>"
    )
    desk = office.desk()
    desk.poll()
    desk.work()
    office.fake.forbidden.add(lost)
    (help_desk,) = desk.help_desks
    written, problems = desk.write_back_to(help_desk)
    assert (written, len(problems), len(office.notes(other))) == (1, 1, 1)
    assert f"ticket {lost} waits" in problems[0]


def test_a_field_that_the_help_desk_lacks_is_told_and_written_once_it_is_there(
    make_office: MakeOffice,
) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    del office.fake.dynamic_fields["Kind"]
    (problem,) = office.round().problems
    assert "DynamicField" in problem
    assert not office.notes(ticket)
    office.fake.dynamic_fields["Kind"] = None
    assert office.round(10).written == 1
    assert office.fake.field_of(ticket, "Kind") == "partnership"
