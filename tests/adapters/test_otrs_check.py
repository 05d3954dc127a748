"""What `triage otrs check` finds, and what it prints for import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pipeline.adapters.otrs.check import Finding, Level, findings
from pipeline.adapters.otrs.client import OtrsClient
from pipeline.adapters.otrs.setup import dynamic_fields, web_service
from pipeline.settings.otrs import OtrsFields
from tests.support.imap import Pauses
from tests.support.otrs import PASSWORD, PASSWORD_ENV, FakeHelpDesk, running_help_desk

WRITE = {"write": {"note": True, "fields": {"type": "TriageType"}}}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHelpDesk]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    with running_help_desk() as running:
        running.dynamic_fields["TriageType"] = None
        yield running


def found(desk: FakeHelpDesk, **more: object) -> tuple[Finding, ...]:
    settings = desk.settings(**more)
    return findings(settings, OtrsClient(settings, pause=Pauses()))


def faults(given: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.about, one.message) for one in given if one.level is Level.FAULT]


def hints(given: tuple[Finding, ...]) -> list[str]:
    return [one.about for one in given if one.level is Level.HINT]


def test_where_all_is_well_all_is_fine(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    desk.add_mail(state="open")
    given = found(desk, **WRITE)
    assert [one.level for one in given] == [Level.FINE] * len(given)
    assert [one.about for one in given] == [
        "login", "queue", "web service", "dynamic field", "right", "time zone",
    ]  # fmt: skip


def test_it_changes_nothing_and_mails_nobody(desk: FakeHelpDesk) -> None:
    ticket = desk.add_mail()
    desk.advance(60)
    before = dict(desk.tickets[ticket])
    found(desk, **WRITE)
    assert desk.tickets[ticket] == before
    assert desk.sent == []
    updates = [one for one in desk.requests if one.method == "PATCH"]
    assert [set(one.body) for one in updates] == [{"SessionID"}]


def test_where_nothing_is_to_be_written_no_right_is_tried(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    found(desk)
    assert "PATCH /Ticket/" not in desk.operations()


def test_a_wrong_password_is_the_only_finding(desk: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_ENV, "wrong")
    (one,) = found(desk)
    assert (one.level, one.about) == (Level.FAULT, "login")
    assert "user name or password is wrong" in one.message


def test_a_password_that_is_not_set_is_found(desk: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_ENV)
    (one,) = found(desk)
    assert (one.level, one.about) == (Level.FAULT, "login")
    assert PASSWORD_ENV in one.message


def test_an_unknown_web_service_is_found(desk: FakeHelpDesk) -> None:
    (one,) = found(desk, web_service="Other")
    assert (one.level, one.about) == (Level.FAULT, "web service")
    assert "triage otrs print web-service" in one.message


def test_missing_routes_are_a_hint(desk: FakeHelpDesk) -> None:
    desk.post_routes = False
    desk.add_mail(state="open")
    desk.add_mail()
    given = found(desk)
    assert faults(given) == []
    assert hints(given) == ["web service"]
    assert any("POST /TicketSearch and POST /Ticket/:TicketID" in one.message for one in given)


@pytest.mark.parametrize(
    ("ignored", "word"),
    [
        ({"Queues"}, "ignores Queues"),
        ({"States"}, "ignores States"),
        ({"TicketChangeTimeNewerDate"}, "changed time"),
    ],
)
def test_conditions_that_are_ignored_are_found(desk: FakeHelpDesk, ignored: set[str], word: str) -> None:
    desk.ignored = ignored
    desk.add_mail()
    told = faults(found(desk))
    assert [about for about, _ in told] == ["search"]
    assert word in told[0][1]


def test_queues_without_tickets_or_rights_are_told(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    desk.add_mail(queue="Grants", state="open")
    desk.readable = {"Partnerships"}
    given = found(desk, queues=["Partnerships", "Grants", "Partnershps"])
    told = [one.message.split(":")[0] for one in given if one.about == "queue" and one.level is Level.HINT]
    assert told == ["Grants", "Partnershps"]


def test_queues_that_tickets_are_moved_to_are_looked_at(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    given = found(desk, write={"queue": {"file": "Junk"}, "queue_by_liaison": {"lieve": "Grants"}})
    told = [one.message.split(":")[0] for one in given if one.about == "queue"]
    assert told == ["Partnerships", "Junk", "Grants"]


def test_each_dynamic_field_that_is_missing_is_a_fault(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    del desk.dynamic_fields["TriageState"]
    told = faults(found(desk, write={"fields": {"type": "TriageType", "region": "TriageRegion"}}))
    assert [message.split()[0] for _, message in told] == ["TriageRegion", "TriageState"]
    assert all("triage otrs print dynamic-fields" in message for _, message in told)


def test_an_agent_who_may_not_write_is_found(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    desk.may_update = False
    told = faults(found(desk, **WRITE))
    assert [about for about, _ in told] == ["right"]
    assert "rw" in told[0][1]


def test_another_time_zone_is_found(desk: FakeHelpDesk) -> None:
    desk.zone_offset = timedelta(hours=1)
    desk.add_mail()
    told = faults(found(desk))
    assert [about for about, _ in told] == ["time zone"]
    assert "1 h ahead of UTC" in told[0][1]
    assert faults(found(desk, timezone="Europe/Berlin")) == []


def test_a_ticket_that_was_brought_from_elsewhere_tells_no_time_zone(desk: FakeHelpDesk) -> None:
    ticket = desk.add_mail()
    desk.tickets[ticket]["Created"] = "2019-02-03 04:05:06"
    assert "time zone" not in [one.about for one in found(desk)]


def test_the_web_service_has_the_stock_routes_and_those_by_post() -> None:
    printed = web_service()
    for route in ("/Session", "/Ticket", "/Ticket/:TicketID", "/TicketSearch"):
        assert f"Route: {route}\n" in printed
    assert "TicketCreate" not in printed
    assert "\t" not in printed
    assert printed.startswith("---\nDebugger:\n")
    assert printed.endswith("Requester:\n  Transport:\n    Type: ''\n")


def test_the_fields_to_import_are_those_of_the_settings(desk: FakeHelpDesk) -> None:
    printed = dynamic_fields(desk.settings(write={"fields": {"type": "PartnerType"}}))
    assert [line for line in printed.splitlines() if line.startswith("    Name:")] == [
        "    Name: PartnerType",
        "    Name: TriageState",
    ]
    assert printed.count("    FieldType: Text\n") == 2
    assert dynamic_fields(desk.settings(triaged_field="")) == "---\nDynamicFields: {}\n"


def test_without_settings_all_fields_are_printed() -> None:
    printed = dynamic_fields(None)
    assert printed.count("    ObjectType: Ticket\n") == len(OtrsFields.model_fields) + 1
    assert "    Name: TriageModelVersion\n" in printed
