"""From a ticket to a decision and back to the ticket, against a help desk with the traps of a real one."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pipeline import wiring
from pipeline.adapters.otrs_write import OtrsDesk
from pipeline.adapters.scheduler import Scheduler
from pipeline.errors import Unreachable
from pipeline.records.work import Entry, State
from pipeline.service.lanes import Lanes
from pipeline.service.rounds import Desk, RoundReport
from pipeline.service.tagging import Tagger
from pipeline.settings import Folders, LedgerSettings, Settings
from tests.support.ledgers import fresh_url, ledger_url
from tests.support.otrs import PASSWORD, PASSWORD_ENV, ROOT, FakeHelpDesk, plain, running_help_desk
from tests.support.plainreader import PlainReader

MUSEUM = (
    "Dear all,\n\nI write for the Plate Museum in Mumbai. We would like to release 300 scanned glass plates under "
    "CC BY-SA on Wikimedia Commons together with you. Could we talk about a partnership?\n\nAsha Rao\n"
    "Curator, Plate Museum, Mumbai, India\n"
)
FIELDS = {"type": "Type", "kind": "Kind", "region": "Region", "alignment": "Fit", "priority": "Score",
          "liaison": "Liaison", "model_version": "Model"}  # fmt: skip
WRITE = {
    "fields": FIELDS,
    "note": True,
    "queue": {"assign": "Grants", "review": "Grants", "file": "Junk"},
    "owner_by_liaison": dict.fromkeys(("lieve", "danuta", "joaquin", "arunima", "wanjiru"), "alice"),
    "lock": True,
    "priority_ids": {"0": 2, "1": 4},
}
SENDER = "Asha Rao <asha@plates.example>"


@dataclasses.dataclass
class Office:
    """A help desk, a ledger, and a service that may be ended and begun again."""

    fake: FakeHelpDesk
    folder: Path
    rules: Path
    now: datetime
    write: dict[str, Any]
    opened: list[Desk] = dataclasses.field(default_factory=list)

    def desk(self) -> Desk:
        """Begin the service, over the ledger that is there."""
        for one in self.opened:
            one.close()
        server = self.fake.settings(write=self.write)
        settings = Settings(
            otrs=(server,),
            ledger=LedgerSettings(url=ledger_url(self.folder / "triage.db")),
            folders=Folders(liaisons=self.rules / "liaisons.toml", model=""),
        )
        self.opened = [wiring.desk(settings, clock=lambda: self.now, pause=lambda _: None)]
        return self.opened[0]

    def round(self, minutes: float = 5.0) -> RoundReport:
        """Do everything once, some minutes later."""
        self.later(minutes)
        return (self.opened[0] if self.opened else self.desk()).round()

    def later(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        self.fake.advance(minutes * 60)

    def updates(self) -> list[dict[str, Any]]:
        return [one.body for one in self.fake.requests if one.method == "PATCH"]

    def notes(self, ticket: int) -> list[dict[str, Any]]:
        return [one for one in self.fake.tickets[ticket]["Article"] if one["SenderType"] == "agent"]

    def entry(self) -> Entry:
        (found,) = self.entries()
        return found

    def entries(self) -> tuple[Entry, ...]:
        keys = [row[0] for row in self.rows("SELECT key FROM inquiries ORDER BY id")]
        found = (self.opened[0].ledger.inquiries.find(key) for key in keys)
        return tuple(one for one in found if one)

    def rows(self, query: str) -> list[Any]:
        with self.opened[0].ledger.engine.connect() as connection:  # type: ignore[attr-defined]
            return list(connection.execute(text(query)))

    def states(self) -> Counter[str]:
        return Counter(row[0] for row in self.rows("SELECT state FROM writebacks"))

    def corrections(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in self.rows("SELECT tag, author FROM corrections ORDER BY id")]


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The real one; it takes a while to load."""
    return wiring.tagger(Settings(folders=Folders(model="")))


MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(
    tmp_path: Path, rules: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeOffice]:
    fresh_url(tmp_path / "triage.db")
    monkeypatch.setattr(wiring.world, "tagger", lambda _: tagger)
    monkeypatch.setattr(wiring.world, "mail_reader", PlainReader)
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    made: list[Office] = []
    with running_help_desk() as fake:
        fake.dynamic_fields |= dict.fromkeys(FIELDS.values())

        def make(**write: Any) -> Office:
            made.append(Office(fake, tmp_path, rules, fake.now, write or WRITE))
            return made[-1]

        yield make
        for office in made:
            for desk in office.opened:
                desk.close()


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


# ---------------------------------------------------------------- dying, servers that are away


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
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
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
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
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


# ---------------------------------------------------------------- agents


def test_an_agent_who_took_the_ticket_meanwhile_keeps_it(make_office: MakeOffice) -> None:
    office = make_office()
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
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
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
    touch(office.fake, ticket)
    desk.write_back()
    assert office.fake.tickets[ticket]["Queue"] == "Partnerships"
    assert all("Ticket" not in told for told in office.updates())


def test_a_customers_answer_is_no_agents_touch(make_office: MakeOffice) -> None:
    office = make_office(queue={"assign": "Grants", "review": "Grants"})
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
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
    ticket = office.fake.add_mail(body=MUSEUM, sender=SENDER)
    desk = office.desk()
    desk.poll()
    desk.work()
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
    whole = office.fake._apply

    def undo(one: dict[str, Any], told: dict[str, Any]) -> None:
        whole(one, told)
        one["Queue"] = "Partnerships"

    monkeypatch.setattr(office.fake, "_apply", undo)
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
    stop, said = threading.Event(), list[str]()
    scheduler = Scheduler("UTC", lambda name, error: said.append(f"{name}: {error!r}"))
    lanes = Lanes(office.desk(), scheduler, stop, lambda told: said.append(told.message))
    lanes.schedule()
    thread = threading.Thread(target=scheduler.run, args=(stop, lanes.interrupt))
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while "otrs.desk: 1 tickets told" not in said and time.monotonic() < deadline:
            threading.Event().wait(0.02)
    finally:
        stop.set()
        thread.join()
    assert "otrs.desk: 1 tickets told" in said
    assert (office.fake.tickets[ticket]["Owner"], len(office.notes(ticket))) == ("alice", 1)
    assert not [line for line in said if "Error" in line or line.startswith("triage:")]
