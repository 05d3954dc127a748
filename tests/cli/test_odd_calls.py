"""Odd calls: each ended in a traceback, did what nobody wanted, or said nothing, before it was told in words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.main import app
from pipeline.cli.rows import Rows
from pipeline.cli.tables import round_table
from pipeline.errors import UsageError
from pipeline.resources import packaged
from pipeline.service.rounds import RoundReport
from tests.support.mails import letter

MAIN = [sys.executable, "-c", "from pipeline.cli.main import main; main()"]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "triage.toml").write_text(
        f'[folders]\nmodel = ""\nliaisons = "{packaged("rules") / "liaisons.toml"}"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)


def called(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("explain", "A" * 300), "neither a file nor the KEY", id="a name too long for a file"),
        pytest.param(("status", "--settings", "s" * 300), "no such file", id="settings too long for a file"),
        pytest.param(("explain", "."), "is a folder; name a mail", id="a folder for a mail"),
        pytest.param(("landscape", "--until", "9999-12-31"), "no such day", id="the last day there is"),
        pytest.param(("drift", "--since", "0001-01-02"), "no such day", id="the second day there was"),
        pytest.param(
            ("drift", "--since", "2025-01-01", "--reference", "2026-01-01"),
            "has to begin before the present",
            id="before is after",
        ),
        pytest.param(("drift", "--plot", "drift.doc"), "unknown kind of picture", id="a picture for Word"),
        pytest.param(
            ("digest", "weekly", "--preview", "shown", "--week", "0001-W10"),
            "no such week",
            id="a week of the first year",
        ),
        pytest.param(("digest", "daily"), r"no \[smtp\] table", id="no way out for digests"),
        pytest.param(("forget", "--again", "--dry-run"), "leave them out", id="forgetting to try it"),
        pytest.param(("forget", "@", "--yes"), "no whole address", id="forgetting everybody"),
        pytest.param(("forget", "@museum.example", "--yes"), "no whole address", id="forgetting a house"),
        pytest.param(("forget", "a b@museum.example", "--yes"), "no whole address", id="forgetting two words"),
        pytest.param(("evaluate", "--report", "shown"), "goes with --on", id="a report of nothing new"),
        pytest.param(("fit", "places", "--write", "."), "Is a directory; name a copy", id="weights into a folder"),
    ],
)  # fmt: skip
def test_an_odd_call_is_refused_in_words(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        raise called(*words).exception or AssertionError("it was not refused")


@pytest.mark.parametrize(
    "words", [("rules", "fit", "--seed", "-1"), ("set-aside", "list", "--step", "fetsch")]
)
def test_a_value_that_cannot_be_is_refused_before_the_work(words: tuple[str, ...]) -> None:
    done = called(*words)
    assert done.exit_code == 2
    assert f"'{words[-2]}'" in done.output


def test_rules_begun_in_a_file_are_refused() -> None:
    done = called("rules", "init", "triage.toml")
    assert "triage.toml: cannot be written: Not a directory" in str(done.exception)


def test_an_organisation_merged_with_itself_is_missing_once() -> None:
    assert str(called("orgs", "merge", "7", "7").exception).count("no such organisation") == 1


def test_nothing_is_done_with_all_of_nothing_and_nobody_is_asked() -> None:
    for words in (("outbox", "retry", "--all"), ("outbox", "drop", "--all"), ("set-aside", "drop", "--all")):
        done = called(*words)
        assert (done.exit_code, done.stdout) == (0, "")
        assert "nothing to do" in done.stderr


def test_a_file_named_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "[bold]x[").write_bytes(letter())
    assert "[bold]x[" in called("parse", "[bold]x[").stdout


def test_a_title_in_wide_letters_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    Rows("field", "value", "sure").show("合作咨询" * 10, [("kind", "spam", "")])
    assert "合作咨询" * 10 in capsys.readouterr().out


def test_answers_by_mail_are_told_of_in_a_round() -> None:
    from rich.console import Console

    screen = Console(width=100)
    with screen.capture() as shown:
        screen.print(round_table(RoundReport(outcomes=Counter(answer=2))))
    assert "answers by mail, carried out" in shown.get()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")  # noqa: PTH110
def test_a_full_disk_below_the_output_is_told_without_a_traceback() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [*MAIN, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "triage: the disk is full: make room\n")


def test_a_reader_who_has_seen_enough_gets_no_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*MAIN, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
