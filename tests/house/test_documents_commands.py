"""Every command that documents show does what they say: here, or in a test that the table below names."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.main import app
from tests.support.installation import PASSWORDS, Installation, installed
from tests.support.shown import COMMANDS, ROOT, WRITTEN, called, found, name, root

# Commands that need a server of their own, a person at a terminal, or minutes: which tests call them, and with which word beside their name.
ELSEWHERE = {
    r"triage run": ("tests/cli/test_run.py", ""),
    r"triage otrs check": ("tests/cli/test_otrs_commands.py", ""),
    r"triage wiki publish( --week \S+)?": ("tests/delivery/test_wiki.py", ""),
    r"triage (import|retag) --dask .*": ("tests/cli/test_shown_commands.py", "--dask"),
    r"triage migrate-ledger .*": ("tests/cli/test_shown_commands.py", ""),
    r"triage retag --model .*": ("tests/cli/test_shown_commands.py", "--model"),
    r"triage (import|retag) .*--workers .*": ("tests/cli/test_shown_commands.py", "--workers"),
    r"triage train .*": ("tests/cli/test_models_commands.py", "--fixtures"),
    r"triage evaluate --on .*": ("tests/cli/test_models_commands.py", "--on"),
    r"triage forget \S+@\S+( --also \S+)?": ("tests/cli/test_keeping_commands.py", "--also"),
    r"triage models (compare|promote|rollback).*": ("tests/cli/test_models_commands.py", ""),
    r"triage fit .*": ("tests/cli/test_shown_commands.py", "--write"),
    r"triage labels audit.*": ("tests/classify/test_audit.py", ""),
    r"triage rules (test|audit)": ("tests/cli/test_rules.py", ""),
    r"triage rules fit --write": ("tests/cli/test_rules.py", "--write"),
}
# What comes before a command, for what it speaks of to be there.
BEFORE = {
    r"triage landscape withdraw .*": "triage landscape approve K7QX2M --by Ana",
    r"triage orgs split 12": "triage orgs merge 7 12",
    r"triage retag (apply|drop|show)": "triage retag",
    r"triage systemd .*": "triage init /etc/triage",
}
# What a person types.
TYPED = {"triage label ": "y s q", "triage labels export ": "y n q"}
# Commands whose exit status says that something still waits for people, as they are to.
WAITING = ("triage status", "triage set-aside retry")


def _alike(line: str) -> str:
    """Return a command as others that differ from it in nothing that matters: one mail, week or folder is as good as another."""
    for pattern, one in (
        (r" --week \S+", ""),
        (r"--preview \S+", "--preview build"),
        (r"(?<!--raw )\b\S+\.eml(?!\S)", "mail.eml"),
    ):
        line = re.sub(pattern, one, line)
    return line


def _elsewhere(line: str) -> bool:
    return any(re.fullmatch(one, line) for one in ELSEWHERE)


HERE = sorted({_alike(line) for _, line in COMMANDS if not _elsewhere(line)})


@pytest.mark.parametrize(("document", "line"), COMMANDS)
def test_commands_that_documents_show_can_be_called_so(document: str, line: str) -> None:
    command, rest = found(called(line))
    # A wrong option, value or number of arguments ends this with its reason.
    command.make_context(line, list(rest))


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_sentences_name_exist(document: Path) -> None:
    for line in re.findall(r"`triage ([a-z][^`]*)`", document.read_text(encoding="utf-8").replace("\n", " ")):
        first, *_ = line.split()
        assert set(first.split("|")) <= set(root().commands), line
        if "|" not in line:
            command, rest = found(line.split())
            wanting = rest[:1] and re.fullmatch(r"[a-z][a-z-]*", rest[0]) and getattr(command, "commands", {})
            assert not wanting, line


# ------------------------------------------------------------------------------------------------ here


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation as the documents take it for granted."""
    with installed(tmp_path_factory.mktemp("installed")) as made:
        yield made


@pytest.mark.sqlite
@pytest.mark.xdist_group("documents")
@pytest.mark.parametrize("line", HERE)
def test_commands_that_documents_show_do_what_they_say(
    line: str, desk: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TRIAGE_SETTINGS", raising=False)
    for one in PASSWORDS:
        monkeypatch.setenv(one, desk.password)
    folder = desk.copy(tmp_path / "desk", line)
    monkeypatch.chdir(folder)
    if line == "triage init":
        (folder / "new").mkdir()
        monkeypatch.chdir(folder / "new")
    for first in (before for pattern, before in BEFORE.items() if re.fullmatch(pattern, line)):
        assert _ran(desk.line(first, folder), "").exit_code == 0
    typed = next((keys for one, keys in TYPED.items() if line.startswith(one)), "")
    done = _ran(desk.line(line, folder), typed)
    fine = (0, 1) if line.startswith(WAITING) and done.stdout else (0,)
    assert done.exit_code in fine, f"{done.output} {done.exception!r}"


def _ran(line: str, typed: str) -> Result:
    return CliRunner().invoke(app, called(line), input=typed or None)


# ------------------------------------------------------------------------------------------------ elsewhere


@pytest.mark.parametrize("pattern", ELSEWHERE)
def test_what_is_not_tried_here_is_tried_where_the_table_says(pattern: str) -> None:
    module, word = ELSEWHERE[pattern]
    shown = {name(line) for _, line in COMMANDS if re.fullmatch(pattern, line)}
    assert shown, "no document shows it any more"
    calls = _calls(ROOT / module)
    lacking = [
        one
        for one in sorted(shown)
        if not any(_says(call, one) and (not word or word in call) for call in calls)
    ]
    assert lacking == [], f"{module} does not call them"


@functools.cache
def _calls(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the words of each call in a module of tests: the name of what is called, and the texts it is given.

    What only the nightly tests call does not count.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and _is_tried(one)]
    return tuple(
        tuple(_words(call)) for test in tests for call in ast.walk(test) if isinstance(call, ast.Call)
    )


def _is_tried(one: ast.FunctionDef) -> bool:
    return not one.name.startswith("_") and not any(
        "nightly" in ast.unparse(each) for each in one.decorator_list
    )


def _words(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Name):
        yield call.func.id
    for given in call.args:
        for one in ast.walk(given):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def _says(call: tuple[str, ...], words: tuple[str, ...]) -> bool:
    size = len(words)
    return any(call[start : start + size] == words for start in range(len(call) - size + 1))
