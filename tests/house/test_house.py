"""How the house is kept: sizes, lazy imports, help texts, layers that the tools do not see."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
# Migrations are written once by a generator and never read as code.
CODE = [path for path in MODULES if "migrations" not in path.parts]
COMMANDS = (
    "demo", "init", "check", "run", "poll", "import", "status", "digest", "parse", "tag", "explain", "train", "evaluate", "label", "drift",
    "backup", "restore", "migrate", "migrate-ledger", "doctor", "retention", "forget", "systemd",
)  # fmt: skip
COSTLY = (
    "sklearn",
    "pandas",
    "matplotlib",
    "sqlalchemy",
    "jinja2",
    "pydantic",
    "imapclient",
    "py3langid",
    "rich.progress",
)


# Tests tell a story from top to bottom, with its data: their functions may be longer.
STORIES = sorted(
    path for part in ("tests", "benchmarks", "notebooks") for path in (ROOT / part).rglob("*.py")
)


def _functions(modules: list[Path]) -> list[tuple[str, int]]:
    found = []
    for module in modules:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                name = f"{module.relative_to(ROOT)}:{node.lineno} {node.name}"
                found.append((name, node.end_lineno - node.lineno + 1))
    return found


def test_functions_are_short() -> None:
    sizes = _functions(CODE)
    assert [name for name, lines in sizes if lines > 50] == []
    assert statistics.median(lines for _, lines in sizes) < 10


def test_tests_and_benchmarks_are_short_as_well() -> None:
    sizes = _functions(STORIES)
    assert [name for name, lines in sizes if lines > 70] == []
    assert statistics.median(lines for _, lines in sizes) < 10


def test_modules_are_short_and_say_their_purpose() -> None:
    texts = {
        str(module.relative_to(ROOT)): module.read_text(encoding="utf-8") for module in (*CODE, *STORIES)
    }
    assert [name for name, text in texts.items() if text.count("\n") > 400] == []
    # A notebook begins with a cell that says it.
    told = {name: text for name, text in texts.items() if not text.startswith("# ---\n# jupyter:")}
    assert [name for name, text in told.items() if not ast.get_docstring(ast.parse(text))] == []


def test_each_module_of_tests_has_a_name_of_its_own() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def _said(node: ast.expr) -> str:
    """Return the text of a message, ``{}`` for what is put in."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
        for part in parts
    )


def test_errors_speak_with_one_voice() -> None:
    """Each message is ``where: what; how to mend``: it begins small, unless with a name, and ends without a stop."""
    said = {
        f"{module.name}:{node.lineno}": _said(node.exc.args[0])
        for module in CODE
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args
    }
    names = ("XML ", "Dask ", "PostgreSQL ")
    assert len(said) > 300
    assert [where for where, text in said.items() if text.endswith((".", "!"))] == []
    assert [where for where, text in said.items() if text[:1].isupper() and not text.startswith(names)] == []
    assert [where for where, text in said.items() if ". " in text.replace("... ", "")] == []


def test_only_one_module_imports_the_mail_parser() -> None:
    users = [path.name for path in MODULES if "import mailparser" in path.read_text(encoding="utf-8")]
    assert users == ["mime.py"]


def test_only_classify_imports_the_learning_libraries() -> None:
    users = {
        path.parent.name
        for path in MODULES
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("import sklearn", "from sklearn", "import pandas", "from pandas"))
    }
    assert users == {"classify"}


def test_help_imports_nothing_costly() -> None:
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from pipeline.cli.main import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        "assert result.exit_code == 0, result.output\n"
        f"print([name for name in {COSTLY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    from typer.testing import CliRunner

    from pipeline.cli.main import app

    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: triage {command}" in " ".join(result.output.split())


def test_every_command_is_known_to_these_tests() -> None:
    from pipeline.cli.main import app

    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert {name for name, one in known.items() if not hasattr(one, "commands")} == set(COMMANDS)


def test_the_help_of_each_group_is_a_table_of_contents() -> None:
    """Each command has a line of its own there, cut nowhere."""
    from pipeline.cli.main import app

    root: Any = typer.main.get_command(app)
    told = {
        f"{name} {one}": command.short_help
        for name, group in root.commands.items()
        for one, command in getattr(group, "commands", {}).items()
    }
    assert len(told) > 30
    assert [name for name, line in told.items() if not line] == []
    assert [name for name, line in told.items() if line and (len(line) > 60 or line.endswith("."))] == []


@pytest.mark.xdist_group("together")
def test_tests_that_belong_together_are_kept_together(request: pytest.FixtureRequest) -> None:
    """What a module makes once is made once: pytest-xdist names the group behind the test, where tests are spread by groups."""
    spread = getattr(request.config.option, "loadgroup", False)
    assert request.node.nodeid.endswith("@together") == spread
