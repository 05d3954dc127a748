"""From a ticket to a decision and back to the ticket, against a help desk with the traps of a real one."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pipeline.adapters.scheduler import Scheduler
from pipeline.records.logs import LogEntry
from pipeline.records.work import State
from pipeline.service.lanes import Lanes
from tests.support.otrs_tickets import ROOT
from tests.support.writing_back import FIELDS, MUSEUM, SENDER, WRITE, MakeOffice


def test_a_decision_comes_back_to_its_ticket_in_one_update(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    report = office.round()
    assert (report.recorded.stored, report.written, report.problems) == (1, 1, ())
    (told,) = office.updates()
    assert told["Ticket"] == {"Queue": "Grants", "Owner": "alice", "Lock": "lock", "PriorityID": 4}
    entry, one = office.entry(), office.fake.tickets[ticket]
    assert (one["Queue"], one["Owner"], one["Lock"]) == ("Grants", "alice", "lock")
    assert one["Fields"]["Kind"] == "partnership" == entry.decision.tags.kind
    assert one["Fields"]["Liaison"] == entry.liaison
    assert one["Fields"]["Score"] == str(entry.decision.priority)
    assert one["Fields"]["TriageState"] == entry.decision.disposition.value
    (note,) = office.notes(ticket)
    assert (note["IsVisibleForCustomer"], office.fake.sent) == (0, [])
    assert "From" not in told["Article"]
    assert entry.key in note["Subject"]
    assert "Criteria" in note["Body"]


def test_rounds_that_follow_write_nothing(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    for _ in range(3):
        assert office.round().written == 0
    office.desk()  # a new process
    assert office.round().written == 0
    assert (len(office.updates()), len(office.notes(ticket))) == (1, 1)
    assert (office.corrections(), office.states()) == ([], {"done": 1})


def test_nothing_is_written_where_nothing_is_named(make_office: MakeOffice) -> None:
    office = make_office(note=False)
    office.fake.add_mail(body=MUSEUM, sender=SENDER)
    assert office.round().written == 0
    assert (office.updates(), office.opened[0].help_desks) == ([], ())


def test_spam_goes_to_its_queue_and_to_nobody(make_office: MakeOffice) -> None:
    office = make_office(**WRITE | {"note": False})
    spam = "Dear friend, I am Barrister John. You have won USD 4,500,000 in the lottery. Send your bank details now.\n"
    ticket = office.fake.add_mail(
        subject="CLAIM YOUR LOTTERY WINNING", body=spam, sender="J <j@winmail.example>"
    )
    office.round()
    one, entry = office.fake.tickets[ticket], office.entry()
    assert entry.state is State.FILED
    assert (one["Queue"], one["Owner"], one["Lock"]) == ("Junk", ROOT, "unlock")
    assert one["Fields"]["TriageState"] == "file"


# ---------------------------------------------------------------- follow-ups, several tickets


def test_a_follow_up_that_changes_nothing_brings_no_second_note(make_office: MakeOffice) -> None:
    office = make_office(note=True, fields=FIELDS)
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    office.fake.add_article(ticket, sender=SENDER, body="Any news?\n")
    report = office.round()
    assert (report.recorded.stored, len(office.entries())) == (1, 1)
    assert len(office.notes(ticket)) == 1


def test_old_tickets_are_not_stirred_up_when_writing_is_switched_on(make_office: MakeOffice) -> None:
    office = make_office(note=False)
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.round()
    office.later(30 * 24 * 60)
    office.write = WRITE
    office.desk()
    assert office.round().written == 0
    assert not office.notes(ticket)


def test_a_queue_that_the_help_desk_moves_on_is_told(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own automation may undo what was written."""
    office = make_office(queue={"assign": "Grants", "review": "Grants"})
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    whole = office.fake.apply

    def undo(one: dict[str, Any], told: dict[str, Any]) -> None:
        whole(one, told)
        one["Queue"] = "Partnerships"

    monkeypatch.setattr(office.fake, "apply", undo)
    (problem,) = office.round().problems
    assert "not kept by the help desk: queue" in problem
    assert office.round().problems == ()
    assert (office.fake.tickets[ticket]["Queue"], office.states()["queued"]) == ("Partnerships", 0)


def test_the_status_tells_what_waits(make_office: MakeOffice) -> None:
    office = make_office()
    office.fake.add_mail(body=MUSEUM, sender=SENDER)
    office.fake.may_update = False
    office.round()
    status = office.opened[0].ledger.reports.status(office.now)
    assert status.writebacks == {"queued": 1}


def test_the_running_service_writes_back_in_a_lane_of_its_own(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    stop, written, said = threading.Event(), threading.Event(), list[str]()
    scheduler = Scheduler("UTC", lambda name, error: said.append(f"{name}: {error!r}"))

    def tell(entry: LogEntry) -> None:
        said.append(entry.message)
        if entry.event == "written":
            written.set()

    lanes = Lanes(office.desk(), scheduler, stop, tell)
    lanes.schedule()
    thread = threading.Thread(target=scheduler.run, args=(stop, lanes.interrupt))
    thread.start()
    try:
        assert written.wait(30)
    finally:
        stop.set()
        thread.join()
    assert "otrs.desk: 1 tickets told" in said
    assert (office.fake.tickets[ticket]["Owner"], len(office.notes(ticket))) == ("alice", 1)
    assert not [line for line in said if "Error" in line or line.startswith("triage:")]
