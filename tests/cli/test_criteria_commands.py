"""`triage criteria` as a committee meets it: what is in force, and what a changed file would do to past inquiries."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.errors import TriageError
from tests.support.ledgers import ledger_table
from tests.support.mails import letter

_OFFER = (
    b"Dear all,\r\n\r\nour museum would like to give 300 scanned glass plates to Commons under CC BY-SA.\r\n"
    b"We have a budget: we will pay $11,400 for the scans.\r\n\r\nAsha\r\n"
)
_SELLING = b"Hello,\r\n\r\nour agency sells SEO and backlinks. See our price list, rank higher on Google!\r\n\r\nJo\r\n"


@dataclass(frozen=True)
class Done:
    status: int
    stdout: str
    stderr: str

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]


def triage(*arguments: str, cwd: Path) -> Done:
    """Run a command inside this process: a new one for each would take most of the time."""
    with contextlib.chdir(cwd):
        result = CliRunner(env={"COLUMNS": "140"}).invoke(app, list(arguments))
    if isinstance(result.exception, TriageError):
        return Done(result.exception.exit_status, result.stdout, str(result.exception))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Path:
    """Settings without a model, a ledger with three inquiries, and changed criteria."""
    made = tmp_path_factory.mktemp("criteria")
    settings = ledger_table(made / "triage.db") + '[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n'
    (made / "triage.toml").write_text(settings, encoding="utf-8")
    (made / "liaisons.toml").write_bytes((rules / "liaisons.toml").read_bytes())
    (made / "offer.eml").write_bytes(letter(body=_OFFER, identifier="offer@x.example"))
    (made / "plain.eml").write_bytes(letter(identifier="plain@x.example", sender="Bo <bo@arkiv.example>"))
    (made / "seo.eml").write_bytes(
        letter(identifier="seo@x.example", sender="Jo <jo@seo.example>", body=_SELLING, subject="SEO offer")
    )
    done = triage("import", "--open", "offer.eml", "plain.eml", "seo.eml", cwd=made)
    assert done.status == 0, done.stderr
    text = (rules / "criteria.toml").read_text(encoding="utf-8")
    (made / "same.toml").write_text(text, encoding="utf-8")
    higher = text.replace('quote}"\npoints = 12\nwhen = { funding', 'quote}"\npoints = 20\nwhen = { funding')
    assert higher != text
    (made / "higher.toml").write_text(higher, encoding="utf-8")
    (made / "bad.toml").write_text(
        text.replace('alignment = ["aligned"]', 'alignment = ["alined"]', 1).replace(
            'id = "soon"', 'id = "urgent"'
        ),
        encoding="utf-8",
    )
    return made


def test_the_same_criteria_move_nothing_and_agree_with_the_ledger(folder: Path) -> None:
    done = triage("criteria", "preview", "same.toml", "--json", cwd=folder)
    assert (done.status, done.stderr) == (0, "")
    (told,) = done.objects()
    assert told["graded"] == told["same"] == 3
    assert (told["up"], told["down"], told["moved"], told["stale"], told["lost"]) == (0, 0, [], [], [])
    assert [band["before"] for band in told["distribution"]] == [
        band["after"] for band in told["distribution"]
    ]
    assert sum(band["before"] for band in told["distribution"]) == 3


@pytest.mark.sqlite
def test_who_moves_and_by_which_line(folder: Path) -> None:
    before = hashlib.sha256((folder / "triage.db").read_bytes()).hexdigest()
    done = triage("criteria", "preview", "higher.toml", "--json", cwd=folder)
    assert done.status == 0, done.stderr
    (told,) = done.objects()
    assert (told["up"], told["down"], told["same"]) == (1, 0, 2)
    (moved,) = told["moved"]
    assert moved["after"] - moved["before"] == 8
    (line,) = moved["lines"]
    assert (line["line"], line["before"], line["after"]) == ("funding_offered", 12, 20)
    assert "$11,400" in line["words"]
    shown = triage("criteria", "preview", "higher.toml", "--since", "2026-03-01", cwd=folder)
    assert "higher.toml on 3 inquiries since 2026-03-01: 1 up, 0 down, 2 as before" in shown.stdout
    assert "funding_offered +12 → +20" in shown.stdout
    assert moved["key"] in shown.stdout
    assert hashlib.sha256((folder / "triage.db").read_bytes()).hexdigest() == before


def test_bad_files_and_days_are_refused_with_all_faults(folder: Path) -> None:
    done = triage("criteria", "preview", "bad.toml", cwd=folder)
    assert (done.status, done.stdout) == (2, "")
    assert "bad.toml: expect.0.when.alignment: unknown value 'alined'; did you mean 'aligned'?" in done.stderr
    assert "'urgent' is used twice" in done.stderr
    missing = triage("criteria", "preview", "missing.toml", cwd=folder)
    assert missing.status == 2
    assert "missing.toml: no such file" in missing.stderr
    day = triage("criteria", "preview", "same.toml", "--since", "yesterday", cwd=folder)
    assert day.status == 2
    assert "write one such as 2026-01-31" in day.stderr


def test_show_prints_every_line(folder: Path) -> None:
    rows = triage("criteria", "show", "--json", cwd=folder).objects()
    names = [row["line"] for row in rows]
    for name in ("base", "funding_offered", "lessons_reusable", "co_funding"):
        assert names.count(name) == 1
    other = triage("criteria", "show", "higher.toml", "--json", cwd=folder).objects()
    assert [row["points"] for row in other if row["line"] == "funding_offered"] == [20]


def test_own_criteria_beside_the_packaged_rules_hold(folder: Path, rules: Path) -> None:
    own = folder / "own"
    own.mkdir()
    rule = '[[rule]]\nid = "own.word"\ndescription = "A word that nobody writes"\ntags = ["kind=partnership"]\nweight = 1.0\n'
    more = 'test = { body = { contains = ["zyx"] } }\nhits = ["zyx"]\nmisses = ["abc"]\n'
    (own / "own.toml").write_text(rule + more, encoding="utf-8")
    (own / "criteria.toml").write_bytes((folder / "higher.toml").read_bytes())
    settings = (folder / "triage.toml").read_text(encoding="utf-8") + 'rules = "own"\n'
    (folder / "own.toml").write_text(settings, encoding="utf-8")
    done = triage("criteria", "show", "--json", "--settings", "own.toml", cwd=folder)
    assert done.status == 0, done.stderr
    rows = done.objects()
    assert [row["points"] for row in rows if row["line"] == "funding_offered"] == [20]
