"""`triage label`, `labels export`, `drift` as a maintainer meets them, with keystrokes from a stream."""

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

from pipeline.adapters.files.fixturefolder import FixtureFolder
from pipeline.adapters.ledger import open_ledger
from pipeline.cli import keystrokes
from pipeline.cli.label_session import FIELD_KEYS
from pipeline.cli.main import app
from pipeline.errors import UsageError
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.threads import Placement
from tests.support.ledgers import ledger_table, ledger_url
from tests.support.mails import NOW, letter, reading

HOSTILE = "Ana \x1b]0;owned\x07 \u202eKos [red]x[/red]"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A folder with settings, and the KEYs of the inquiries in its ledger."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    (tmp_path / "triage.toml").write_text(ledger_table(tmp_path / "ledger.db"), encoding="utf-8")
    ledger = open_ledger(ledger_url(Path("ledger.db")))
    found = []
    for number in range(1, 4):
        body = f"Dear Mr Fairweather,\r\n\r\nour museum gives {number}00 plates.\r\n\x1b[31mred\r\n\r\nBest regards\r\nAna Kos\r\n"
        octets = letter(
            identifier=f"m{number}@x.example", sender="Ana Kos <ana.kos@beads-house.com>", body=body.encode()
        )
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW + timedelta(days=number))
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=number), total=None)
        ledger.messages.record("imap:a", "INBOX", batch, NOW)
        (waiting,) = ledger.messages.waiting(10)
        read = reading(octets)
        inquiry = dataclasses.replace(
            read.inquiry, author=dataclasses.replace(read.inquiry.author, name=HOSTILE)
        )
        found.append(
            ledger.inquiries.record(waiting, dataclasses.replace(read, inquiry=inquiry), Placement(), NOW)
        )
    ledger.close()
    return found


def triage(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def said(key: str) -> list[str]:
    ledger = open_ledger(ledger_url(Path("ledger.db")))
    try:
        (one,) = ledger.corrections.read([key])
        return [f"{each.author} {each.tag}" for each in one.said]
    finally:
        ledger.close()


def labelled() -> tuple[str, ...]:
    ledger = open_ledger(ledger_url(Path("ledger.db")))
    try:
        return ledger.corrections.labelled()
    finally:
        ledger.close()


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_no_key_of_a_field_is_that_of_an_action() -> None:
    assert not set(FIELD_KEYS) & set("ysumeq?")
    assert len(FIELD_KEYS) == 12


def test_accepting_confirms_every_value_of_the_guess(keys: list[str]) -> None:
    done = triage("label", "--limit", "1", "--by", "dana", typed="y")
    assert done.exit_code == 0, done.output
    assert "1 labelled by dana; more wait" in done.output
    (key,) = labelled()
    assert said(key) == [
        "dana kind=partnership", "dana partner_type=museum", "dana country=IN", "dana region=south_asia",
        "dana alignment=aligned", "dana activities=content_donation", "dana priorities=quality",
        "dana preconditions_met=yes", "dana shared_objectives=1", "dana complexity=low", "dana funding=none",
        "dana urgency=2026-04-01",
    ]  # fmt: skip


def test_fields_are_changed_by_keys_and_what_the_kind_does_not_have_is_dropped(keys: list[str]) -> None:
    # Third type; a place; lists on and off, then emptied; a number; a day; then right.
    typed = "p c  c de  a bd.  i - .  o 3  d 2026-05-02;  y  k e y q"
    done = triage("label", "--limit", "2", "--by", "dana", typed=typed)
    assert done.exit_code == 0, done.output
    tags = [said(key) for key in labelled()]
    whole, spam = sorted(tags, key=len, reverse=True)
    for tag in ("partner_type=library", "country=DE", "region=northern_western_europe", "activities=content_donation",
                "activities=data_linking", "activities=training_event", "priorities=", "shared_objectives=3",
                "urgency=2026-05-02"):  # fmt: skip
        assert f"dana {tag}" in whole, tag
    assert spam == ["dana kind=spam"]


def test_skip_undo_and_the_end_of_input_leave_a_sound_ledger_and_the_next_run_goes_on(
    keys: list[str],
) -> None:
    triage("label", "--by", "dana", typed="y s u")
    assert labelled() == ()
    done = triage("label", "--by", "dana", typed="y u y s")
    assert "Taken back: what you said of" in done.output
    assert len(labelled()) == 1
    triage("label", "--by", "dana", typed="yyyyy")
    assert sorted(labelled()) == sorted(keys)
    assert "nothing is left to label" in triage("label", "--by", "dana", typed="y").output


def test_nothing_in_a_mail_reaches_the_terminal_as_an_instruction(keys: list[str]) -> None:
    done = triage("label", "--limit", "1", "--by", "dana", typed="m e ? u q")
    assert "\x1b" not in done.output
    assert "\x07" not in done.output
    assert "\u202e" not in done.output
    assert "[red]x[/red]" in done.output
    assert "Nothing to undo" in done.output
    assert "museum" in done.output


def test_a_wrong_country_or_day_changes_nothing(keys: list[str]) -> None:
    done = triage("label", "--limit", "1", "--by", "dana", typed="c zq d 31.12.;y")
    assert "ZQ is no country" in done.output
    assert "Not a day" in done.output
    (key,) = labelled()
    assert "dana country=IN" in said(key)
    assert "dana urgency=2026-04-01" in said(key)


def test_export_writes_what_is_confirmed_and_only_once(keys: list[str], tmp_path: Path) -> None:
    triage("label", "--by", "dana", typed="yyy")
    folder = tmp_path / "own"
    shown = triage("labels", "export", "--to", str(folder), "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert not folder.exists()
    done = triage("labels", "export", "--to", str(folder), typed="y n q")
    assert "1 written, 1 left out" in done.output
    (row,) = rows(folder)
    assert row["partner_type"] == "museum"
    assert row["unlabelled"] == ""
    octets = (folder / "messages" / f"{row['id']}.eml").read_bytes()
    for real in (b"Ana", b"Kos", b"beads-house", b"Fairweather"):
        assert real not in octets, real
    assert b"museum gives" in octets
    again = triage("labels", "export", "--to", str(folder), typed="y y")
    assert "2 written, 0 left out, 1 were there before" in again.output
    assert len({row["id"] for row in rows(folder)}) == 3
    assert "0 written" in triage("labels", "export", "--to", str(folder)).output
    assert (folder.stat().st_mode & 0o777, (folder / ".pseudonyms.key").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


def test_of_a_mail_with_one_correction_the_rest_stays_blank_until_the_maintainer_confirms_it(
    keys: list[str], tmp_path: Path
) -> None:
    ledger = open_ledger(ledger_url(Path("ledger.db")))
    ledger.corrections.add(keys[0], ["partner_type=library"], "liaison", NOW)
    ledger.corrections.add(keys[1], ["partner_type=library"], "liaison", NOW)
    ledger.close()
    triage("labels", "export", "--to", str(tmp_path / "own"), typed="y c")
    first, second = rows(tmp_path / "own")
    assert (first["kind"], first["partner_type"], first["activities"]) == ("partnership", "library", "")
    assert "activities" in first["unlabelled"].split()
    assert "alignment" in second["unlabelled"].split()  # the decision was not sure of it


def test_the_maintainer_can_replace_more_before_it_is_written(keys: list[str], tmp_path: Path) -> None:
    triage("label", "--by", "dana", "--limit", "1", typed="y")
    triage("labels", "export", "--to", str(tmp_path / "own"), typed="e museum => gallery;;y")
    (path,) = (tmp_path / "own" / "messages").glob("*.eml")
    assert b"our gallery gives" in path.read_bytes()


def test_real_mail_is_never_written_into_the_program(keys: list[str]) -> None:
    import pipeline

    inside = Path(pipeline.__file__).parent / "own"
    done = triage("labels", "export", "--to", str(inside))
    assert isinstance(done.exception, UsageError)
    assert "real mail stays outside the program" in str(done.exception)
    assert not inside.exists()


def test_a_folder_whose_key_was_cut_short_is_refused(tmp_path: Path) -> None:
    folder = FixtureFolder(tmp_path / "own", ())
    folder.prepare()
    (folder.path / ".pseudonyms.key").write_bytes(b"short")
    with pytest.raises(UsageError, match="not a key of 32 octets"):
        folder.key()


def test_a_stream_of_keys_ends_and_has_no_lines() -> None:
    following = keystrokes.keys(io.StringIO("a\nb c;"))
    assert [following(), following(), keystrokes.asked(following), following(), following()] == [
        "a",
        "b",
        "c",
        ";",
        "",
    ]
    assert keystrokes.text(keystrokes.keys(io.StringIO("2026-01-02;x"))) == "2026-01-02"


def test_drift_on_a_young_ledger_says_that_there_is_too_little(keys: list[str]) -> None:
    done = triage("drift", "--since", "2026-03-01", "--json")
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["now"], told["before"], told["enough"], told["measures"]) == (3, 0, False, [])
    assert "there is something to tell" in triage("drift").output


def test_drift_refuses_what_is_no_day_and_no_picture(keys: list[str]) -> None:
    for arguments in (("--since", "yesterday"), ("--plot", "x.bmp")):
        done = triage("drift", *arguments)
        assert done.exit_code != 0
        assert isinstance(done.exception, UsageError)
