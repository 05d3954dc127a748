"""What `triage --help` shows, and what shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli.main import app

TRIAGE = Path(sys.executable).with_name("triage")


def lines_of_help() -> list[str]:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert shown.exit_code == 0
    return shown.output.splitlines()


def test_help_reads_like_a_table_of_contents() -> None:
    lines = lines_of_help()
    headings = [line.removesuffix(":") for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Options", "Try it", "Set up", "Run", "Look", "Rules and people", "Learn", "Keep"]
    assert lines[lines.index("Try it:") + 1].split()[0] == "demo"


def test_every_command_stands_there_once_in_a_line_of_its_own() -> None:
    lines = lines_of_help()
    shown = [
        line.split()[0]
        for line in lines[lines.index("Try it:") :]
        if line.startswith("  ") and line.split()[0] != "triage"
    ]
    assert sorted(shown) == sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert max(map(len, lines)) <= 80


def test_all_columns_begin_at_the_same_place() -> None:
    lines = lines_of_help()
    rows = [
        line for line in lines[lines.index("Try it:") :] if line.startswith("  ") and "  " in line.strip()
    ]
    assert len({line.index(line.split(None, 1)[1]) for line in rows}) == 1


def test_a_misspelt_command_is_put_right() -> None:
    assert "Did you mean 'status'?" in CliRunner().invoke(app, ["staus"]).output


@pytest.mark.skipif(not TRIAGE.exists(), reason="the command is not installed")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_each_shell(shell: str) -> None:
    asked = {**os.environ, "_TRIAGE_COMPLETE": f"source_{shell}"}
    shown = subprocess.run([TRIAGE], capture_output=True, text=True, timeout=60, check=True, env=asked)
    assert "_TRIAGE_COMPLETE=complete_" + shell in shown.stdout


@pytest.mark.skipif(not TRIAGE.exists() or not shutil.which("bash"), reason="bash or the command is missing")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [("triage set", "set-aside"), ("triage set-aside re", "retry"), ("triage run --on", "--once")],
)
def test_bash_completes_commands_and_options(typed: str, completed: str) -> None:
    script = f"""
        eval "$({TRIAGE} --show-completion bash)"
        COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _triage_completion {TRIAGE}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True, env=os.environ.copy()
    )
    assert completed in done.stdout.split()
