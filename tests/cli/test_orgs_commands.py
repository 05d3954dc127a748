"""`triage orgs` and `triage landscape` as a maintainer meets them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.adapters.ledger import open_ledger
from pipeline.cli.main import app
from pipeline.errors import TriageError
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from tests.support.ledgers import ledger_table, ledger_url
from tests.support.mails import NOW, letter, reading

ROWS = (
    ("ana@beads.example", "Museum of Beads"),
    ("ivo@beads.example", ""),
    ("luc@lyre.example", "{{delete}} Archive |- of =cmd() Lyre"),
    ("x@gmail.com", ""),
)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder with settings, and the KEYs of the inquiries in its ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "triage.toml").write_text(ledger_table(tmp_path / "ledger.db"), encoding="utf-8")
    ledger = open_ledger(ledger_url(Path("ledger.db")))
    found = []
    for number, (address, name) in enumerate(ROWS, 1):
        octets = letter(identifier=f"m{number}@x.example", sender=f"Ana Secret <{address}>")
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW + timedelta(days=number))
        cursor = Cursor(uidvalidity=7, uid=number)
        batch = Batch(messages=(raw,), refused=(), cursor=cursor, total=None)
        ledger.messages.record("imap:a", "INBOX", batch, NOW)
        (waiting,) = ledger.messages.waiting(10)
        read = dataclasses.replace(reading(octets), organisation=name)
        found.append(ledger.inquiries.record(waiting, read, Placement(), NOW))
    ledger.close()
    return found


def triage(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def objects(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def fault(*arguments: str) -> str:
    done = triage(*arguments)
    assert isinstance(done.exception, TriageError), done.output
    return str(done.exception)


def test_list_and_show(keys: list[str]) -> None:
    listed = objects(triage("orgs", "list", "--json"))
    assert [(one["id"], one["inquiries"]) for one in listed] == [(2, 1), (1, 2)]
    (one,) = objects(triage("orgs", "list", "BEADS", "--json"))
    assert (one["name"], one["domains"]) == ("Museum of Beads", ["beads.example"])
    (whole,) = objects(triage("orgs", "show", "1", "--json"))
    assert [one["inquiry"] for one in whole["contacts"]] == keys[:2]
    assert [one["found_by"] for one in whole["contacts"]] == ["new", "domain"]
    table = triage("orgs", "show", "1").stdout
    assert "Museum of Beads" in table
    assert keys[1] in table
    assert "There are more than 1" in triage("orgs", "list", "--limit", "1").stderr
    assert "No organisation found" in triage("orgs", "list", "100%").stderr


def test_merge_split_move_rename(keys: list[str]) -> None:
    (merged,) = objects(triage("orgs", "merge", "1", "2", "--json"))
    assert (merged["inquiries"], [one["id"] for one in merged["merged"]]) == (3, [2])
    assert objects(triage("orgs", "split", "2", "--json"))[0]["merged_into"] is None
    (made,) = objects(triage("orgs", "split", "1", "-i", keys[1], "--name", "House of Kente", "--json"))
    assert (made["name"], made["inquiries"]) == ("House of Kente", 1)
    (moved,) = objects(triage("orgs", "move", "1", keys[1], keys[3], "--json"))
    assert moved["inquiries"] == 3
    (renamed,) = objects(triage("orgs", "rename", "1", "Beads and Glass", "--json"))
    assert renamed["name"] == "Beads and Glass"


def test_faults_name_the_way_out(keys: list[str]) -> None:
    assert fault("orgs", "show", "99") == "99: no such organisation; see: triage orgs list"
    assert fault("orgs", "merge", "98", "99").count("no such organisation") == 2
    assert "--inquiry KEY" in fault("orgs", "split", "1")
    told = fault("landscape", "--csv", "--since", "soon", "--until", "later")
    assert "--since soon: no such day" in told
    assert "--until later: no such day" in told
    assert "is after" in fault("landscape", "--since", "2026-02-01", "--until", "2026-01-01")
    assert "--wiki and --json exclude each other" in fault("landscape", "--csv", "--wiki")
    assert "nothing to approve" in fault("landscape", "approve", keys[3])


def test_nothing_is_public_without_approval(keys: list[str]) -> None:
    for option in ("--csv", "--wiki", "--json"):
        done = triage("landscape", option)
        assert "Beads" not in done.stdout
        assert "No row is public; 3 wait" in done.stderr
    assert triage("landscape").stdout.count("Museum of Beads") == 2
    assert len(objects(triage("landscape", "--json", "--all"))) == 3


def test_what_is_approved_is_public_as_it_was(keys: list[str]) -> None:
    noted = ["--outcome", "partnership", "--nature", "Scans of beads", "--background", "https://x.example/b"]
    assert triage("landscape", "set", keys[0], *noted).exit_code == 0
    assert triage("landscape", "approve", keys[0], keys[2], "--by", "Ana Approver").exit_code == 0
    wiki = triage("landscape", "--wiki").stdout
    assert (
        "| Museum of Beads (Museum, South Asia)\n| Scans of beads\n| [https://x.example/b x.example]" in wiki
    )
    assert "{{delete}}" not in wiki
    assert wiki.count("|-\n") == 2
    sheet = list(csv.DictReader(io.StringIO(triage("landscape", "--csv").stdout, newline="")))
    assert [one["outcome"] for one in sheet] == ["Partnership", ""]
    assert triage("landscape", "set", keys[0], "--nature", "Other").exit_code == 0
    assert "Scans of beads" in triage("landscape", "--wiki").stdout
    assert '"as before"' in triage("landscape").stderr
    assert triage("landscape", "withdraw", keys[0]).exit_code == 0
    assert "Scans of beads" not in triage("landscape", "--wiki").stdout


def test_no_person_address_or_text_is_published(keys: list[str]) -> None:
    triage("landscape", "approve", *keys[:3], "--by", "Ana Approver")
    for option in ("--csv", "--wiki", "--json"):
        written = triage("landscape", option, "--all").stdout
        assert not [word for word in ("Secret", "Approver", "@", "glass plates") if word in written]


@pytest.mark.parametrize("width", ["60", "72", "140"])
def test_the_listing_fits_the_terminal(keys: list[str], width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for command in (("landscape",), ("orgs", "list"), ("orgs", "show", "1")):
        lines = triage(*command).stdout.splitlines()
        assert max(map(len, lines)) <= int(width)


@pytest.mark.parametrize(
    "command",
    ["orgs list", "orgs show", "orgs merge", "orgs split", "orgs move", "orgs rename", "landscape", "landscape set", "landscape approve", "landscape withdraw"],
)  # fmt: skip
def test_each_explains_itself_with_an_example(command: str) -> None:
    done = triage(*command.split(), "--help")
    assert done.exit_code == 0
    assert f"Example: triage {command}" in " ".join(done.output.split())
