"""`triage rules`: what a maintainer of rules sees."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.cli.main import main
from tests.support.mails import letter

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("check", "test", "audit", "try", "fit", "init")
RULE = """
[[rule]]
id = "plates"
description = "Glass plates"
tags = ["activities=content_donation"]
route = "lieve"
priority = 5
terms = ["list:plates"]
weights = { subject = 1.0, body = 0.5 }
hits = ["a glass plate"]
misses = ["a paper print"]
"""
LIST = 'description = "Words for plates"\n[terms]\nen = ["glass plate*"]\n'


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run `triage rules` in an empty folder, as `main` does, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["triage", "rules", *arguments])
        capfd.readouterr()
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        told = capfd.readouterr()
        return Done(status, told.out, told.err)

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "terms").mkdir(parents=True)
    (folder / "own.toml").write_text(RULE, encoding="utf-8")
    (folder / "terms" / "plates.toml").write_text(LIST, encoding="utf-8")
    return folder


@pytest.fixture
def some_fixtures(tmp_path: Path, fixtures: Path, train_labels: dict[str, dict[str, str]]) -> Path:
    """Forty labelled mails of the train part."""
    folder = tmp_path / "labelled"
    (folder / "messages").mkdir(parents=True)
    rows = [row for row in train_labels.values() if not row["in_reply_to"]][::40]
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        shutil.copy(fixtures / "messages" / f"{row['id']}.eml", folder / "messages")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.main import app

    result = CliRunner().invoke(app, ["rules", command, "--help"])
    assert result.exit_code == 0
    assert f"Example: triage rules {command}" in " ".join(result.output.split())


def test_check_tells_that_all_is_well(rules: Command, own: Path, tmp_path: Path) -> None:
    done = rules("check", "--rules", "own")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1, "the sample's route, without a file of liaisons"
    assert "warning: own/own.toml: rule 'plates': route 'lieve' is unchecked" in done.stderr
    assert "all is well" in done.stdout


def test_check_reports_all_faults_with_file_rule_and_path(rules: Command, own: Path, tmp_path: Path) -> None:
    more = RULE.replace('"plates"', '"more"').replace("=content_donation", "=content_donatoin")
    (own / "own.toml").write_text(RULE + RULE + more.replace("list:plates", "list:plats"), encoding="utf-8")
    (own / "broken.toml").write_text("[[rule]\n", encoding="utf-8")
    looped = LIST.replace("[terms]", 'include = ["plates"]\n[terms]')
    (own / "terms" / "plates.toml").write_text(looped, encoding="utf-8")
    done = rules("check", "--rules", "own")
    assert done.returncode == 2
    assert done.stdout == ""
    for wanted in (
        "triage: own/broken.toml: not valid TOML",
        "triage: own/own.toml: rule.1.id: rule 'plates': the same id is used in own.toml, rule.0",
        "triage: own/own.toml: rule.2.tags.0: rule 'more': unknown value 'content_donatoin' of activities",
        "triage: own/own.toml: rule.2.terms.0: rule 'more': unknown list 'plats'; did you mean 'plates'?",
        "triage: own/terms/plates.toml: include.0: circular",
        "5 faults",
    ):
        assert wanted in done.stderr
    told = rules("check", "--rules", "own", "--json")
    found = json.loads(told.stdout)
    assert told.returncode == 2
    assert len(found["faults"]) == 5
    assert set(found["faults"][0]) == {"file", "path", "message"}


def test_check_refuses_an_empty_folder_and_a_missing_one(rules: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    empty = rules("check", "--rules", "empty")
    missing = rules("check", "--rules", "nowhere")
    assert (empty.returncode, missing.returncode) == (2, 2)
    assert "no rule files" in empty.stderr
    assert "no such folder; begin one with: triage rules init nowhere" in missing.stderr


def test_check_knows_the_liaisons_of_the_settings(rules: Command, own: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "rules" / "liaisons.toml", tmp_path / "liaisons.toml")
    text = '[folders]\nliaisons = "liaisons.toml"\nrules = "own"\n'
    (tmp_path / "triage.toml").write_text(text, encoding="utf-8")
    assert rules("check").returncode == 0
    (own / "own.toml").write_text(RULE.replace('"lieve"', '"leive"'), encoding="utf-8")
    done = rules("check")
    assert done.returncode == 2
    assert "own.toml: rule.0.route: rule 'plates': no liaison" in done.stderr
    assert "did you mean 'lieve'?" in done.stderr


def test_check_warns_of_lists_that_nobody_asks_for(rules: Command, own: Path, tmp_path: Path) -> None:
    (own / "terms" / "idle.toml").write_text(LIST, encoding="utf-8")
    done = rules("check", "--rules", "own")
    assert done.returncode == 0
    assert "warning: no rule asks for the list 'idle'" in done.stderr


def test_examples_are_run(rules: Command, own: Path, tmp_path: Path) -> None:
    held = rules("test", "--rules", "own")
    assert held.returncode == 0
    assert "all hold" in held.stdout
    (own / "own.toml").write_text(RULE.replace("a glass plate", "a tin can"), encoding="utf-8")
    failed = rules("test", "--rules", "own", "--json")
    assert failed.returncode == 1
    (failure,) = json.loads(failed.stdout)["failures"]
    assert (failure["rule"], failure["path"]) == ("plates", "hits.0")
    assert "should hit, and does not" in failure["message"]


def test_examples_of_the_test_part_are_refused(
    rules: Command, own: Path, tmp_path: Path, fixtures: Path
) -> None:
    lines = (fixtures / "splits.csv").read_text(encoding="utf-8").split()[1:]
    held_out = next(line.split(",")[0] for line in lines if line.endswith(",test"))
    (own / "own.toml").write_text(RULE.replace("a glass plate", held_out), encoding="utf-8")
    for command in ("check", "test"):
        done = rules(command, "--rules", "own")
        assert done.returncode == 2
        assert "rule.0.hits.0: rule 'plates'" in done.stderr
        assert "is in the test part" in done.stderr


def test_try_shows_hits_words_and_what_they_say_together(rules: Command, own: Path, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(letter())
    done = rules("try", "--rules", "own", "mail.eml", "missing.eml")
    assert done.returncode == 1
    assert "missing.eml: No such file" in done.stderr
    assert "route lieve, priority +5" in done.stdout
    assert "glass plates" in done.stdout
    assert "partner_type" in done.stdout.partition("Together")[2]
    told = rules("try", "--rules", "own", "--json", "mail.eml", "missing.eml")
    first, second = (json.loads(line) for line in told.stdout.splitlines())
    (hit,) = [one for one in first["hits"] if one["rule"] == "plates" and one["view"] == "body"]
    assert (hit["matched"], hit["route"], hit["priority"], hit["weight"]) == ("glass plates", "lieve", 5, 0.5)
    assert {one["tag"].partition("=")[0] for one in first["together"]} >= {"kind", "partner_type"}
    assert second["error"]


def test_audit_lists_each_rule_the_worst_first(rules: Command, tmp_path: Path, some_fixtures: Path) -> None:
    told = rules("audit", "--fixtures", "labelled", "--json")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0
    lifts = [row["lift"] for row in rows if row["lift"] is not None and not row["must"]]
    assert lifts == sorted(lifts)
    assert all(row["hits"] and 0 < row["coverage"] <= 1 for row in rows)
    written = rules("audit", "--fixtures", "labelled", "--csv")
    read: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(written.stdout)))
    assert [row["rule"] for row in read] == [row["rule"] for row in rows]


def test_audit_for_people(rules: Command, some_fixtures: Path) -> None:
    shown = rules("audit", "--fixtures", "labelled", "--views")
    assert "wrong in" in shown.stdout
    assert "never hits: " in shown.stderr
    both = rules("audit", "--json", "--csv")
    assert (both.returncode, both.stdout) == (2, "")


def test_fit_learns_and_writes_own_weights_only(
    rules: Command, own: Path, tmp_path: Path, some_fixtures: Path
) -> None:
    text = RULE.replace('terms = ["list:plates"]', 'terms = ["list:plates", "wikipedia*", "museum*"]')
    (own / "own.toml").write_text(text, encoding="utf-8")
    told = rules("fit", "--rules", "own", "--fixtures", "labelled", "--json")
    fields = [json.loads(line)["field"] for line in told.stdout.splitlines()]
    assert {"kind", "partner_type", "activities"} <= set(fields)
    assert (own / "own.toml").read_text(encoding="utf-8") == text
    packaged = (ROOT / "rules" / "business.toml").read_bytes()
    done = rules("fit", "--rules", "own", "--fixtures", "labelled", "--write")
    assert done.returncode == 0
    assert "written: own/own.toml" in done.stderr
    assert (own / "own.toml").read_text(encoding="utf-8") != text
    assert rules("check", "--rules", "own").returncode == 0
    assert (ROOT / "rules" / "business.toml").read_bytes() == packaged


def test_init_begins_a_folder_that_works(rules: Command, tmp_path: Path) -> None:
    assert rules("init", "mine").returncode == 0
    assert rules("test", "--rules", "mine").returncode == 0
    again = rules("init", "mine")
    assert again.returncode == 2
    assert "not empty" in again.stderr
    assert rules("init", "--whole", "all").returncode == 0
    (tmp_path / "all" / "business.toml").unlink()
    done = rules("check", "--rules", "all", "--json")
    assert json.loads(done.stdout)["folders"] == ["all"]
