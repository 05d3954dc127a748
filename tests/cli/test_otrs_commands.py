"""The commands for help desks, as an administrator meets them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.declarative import validate
from pipeline.errors import DeclarationError, UsageError
from pipeline.resources import packaged
from pipeline.settings import Settings
from tests.support.otrs import PASSWORD, PASSWORD_ENV, FakeHelpDesk, running_help_desk

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "otrs.md"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHelpDesk]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    monkeypatch.chdir(tmp_path)
    with running_help_desk() as running:
        yield running


def settings(desk: FakeHelpDesk, more: str = "") -> None:
    Path("liaisons.toml").write_text(
        (packaged("rules") / "liaisons.toml").read_text("utf-8"), encoding="utf-8"
    )
    Path("triage.toml").write_text(
        f'[[otrs]]\nname = "desk"\nurl = "{desk.url}"\nusername = "triage"\npassword_env = "{PASSWORD_ENV}"\n'
        f'queues = ["Partnerships"]\n{more}\n[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n',
        encoding="utf-8",
    )


def triage(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_check_says_what_is_right_and_what_is_not(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    settings(desk)
    status, output = triage("otrs", "check")
    assert status == 0
    assert "triage is let in" in output
    del desk.dynamic_fields["TriageState"]
    status, output = triage("otrs", "check")
    assert status == 1
    assert "TriageState is missing" in output


def test_check_writes_an_object_for_each_finding(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    settings(desk)
    status, output = triage("otrs", "check", "--json")
    found = [json.loads(line) for line in output.splitlines()]
    assert status == 0
    assert all(set(one) == {"server", "level", "about", "message"} for one in found)
    assert {one["about"] for one in found} >= {"login", "queue", "state", "web service", "dynamic field"}


def test_print_needs_no_settings_for_the_web_service(desk: FakeHelpDesk) -> None:
    status, output = triage("otrs", "print", "web-service")
    assert status == 0
    assert "Route: /TicketSearch\n" in output
    status, output = triage("otrs", "print", "dynamic-fields")
    assert "Name: TriageState\n" in output


def test_print_lists_the_fields_of_the_settings(desk: FakeHelpDesk) -> None:
    settings(desk, '[otrs.write]\nfields = { type = "OurType" }')
    _, output = triage("otrs", "print", "dynamic-fields", "--server", "desk")
    assert "Name: OurType\n" in output
    with pytest.raises(UsageError, match="did you mean 'desk'"):
        triage("otrs", "print", "dynamic-fields", "--server", "dsk")


def test_without_a_help_desk_there_is_nothing_to_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("triage.toml").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no \[\[otrs\]\] table"):
        triage("otrs", "check")


def test_the_general_check_covers_help_desks(desk: FakeHelpDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(desk)
    assert triage("check")[0] == 0
    desk.agents["triage"] = "changed"
    status, output = triage("check")
    assert status == 1
    assert "user name or password is wrong" in output
    monkeypatch.delenv(PASSWORD_ENV)
    status, output = triage("check")
    assert status == 2
    assert PASSWORD_ENV in output


def test_poll_reads_tickets(desk: FakeHelpDesk) -> None:
    desk.add_mail()
    settings(desk)
    assert triage("poll") == (0, "1 new, 0 known, 0 set aside\n")
    assert triage("poll") == (0, "0 new, 1 known, 0 set aside\n")


def test_the_settings_of_the_document_are_valid() -> None:
    block = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    read = validate(tomllib.loads(block), Settings, "docs/otrs.md")
    assert read.otrs[0].write.queue == {"file": "Junk"}


def test_the_settings_of_the_template_are_valid() -> None:
    template = Path(str(packaged("rules").parent)) / "pipeline" / "cli" / "triage.toml"
    lines = template.read_text(encoding="utf-8").splitlines()
    begin = lines.index("# [[otrs]]")
    block = "\n".join(line.removeprefix("# ") for line in lines[begin : lines.index("", begin)])
    assert validate(tomllib.loads(block), Settings, "triage.toml").otrs[0].write.note


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://help.example.org/otrs/nph-genericinterface.pl"}, "write https"),
        ({"url": "ftp://help.example.org/"}, "not a web address"),
        ({"url": "https://me:secret@help.example.org/x.pl"}, "leave out user"),
        ({"queues": []}, "queues"),
        ({"username": ""}, "username is missing"),
        ({"password_env": ""}, "needs password_env or password_file"),
        ({"timezone": "Mars/Olympus"}, "no such time zone"),
        ({"queue": ["x"]}, "did you mean 'queues'"),
        ({"triaged_field": "Triage-State"}, "pattern"),
    ],
)
def test_settings_that_cannot_work_are_refused(change: dict[str, object], words: str) -> None:
    table = {
        "name": "desk", "url": "https://help.example.org/otrs/nph-genericinterface.pl", "username": "triage",
        "password_env": "X", "queues": ["Partnerships"],
    }  # fmt: skip
    with pytest.raises(DeclarationError) as caught:
        validate({"otrs": [{**table, **change}]}, Settings, "triage.toml")
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


def test_two_help_desks_have_two_names() -> None:
    table = {
        "name": "desk", "url": "http://[::1]:8080/x.pl", "username": "triage", "password_env": "X", "queues": ["A"],
    }  # fmt: skip
    with pytest.raises(DeclarationError, match="otrs servers need names of their own; used twice: desk"):
        validate({"otrs": [table, table]}, Settings, "triage.toml")
