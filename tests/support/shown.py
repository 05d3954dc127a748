"""The commands that documents show in blocks of shell, and what they name."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from pipeline.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures" / "README.md"])
# Written from the code, and held against it by test_reference.py.
WRITTEN = [path for path in DOCUMENTS if path.parent.name != "reference" and path.name != "CHANGELOG.md"]


def _shown() -> Iterator[tuple[str, str]]:
    """Yield document and command of each line of a block of shell commands that calls the program."""
    for path in WRITTEN:
        blocks = re.findall(
            r"^ *```sh\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        for line in "".join(blocks).splitlines():
            words = line.strip().removeprefix(".venv/bin/")
            if words.startswith("triage "):
                yield str(path.relative_to(ROOT)), re.sub(r"\s+# .*", "", words)


COMMANDS = sorted(set(_shown()))
"""Document and command, without its comment."""


@functools.cache
def root() -> Any:
    """Return the command `triage`."""
    return typer.main.get_command(app)


def found(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that `words` begin with, and the rest of them."""
    command, rest = root(), list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def called(line: str) -> list[str]:
    """Return the words of a command behind `triage`, without where its output goes."""
    words = shlex.split(line)[1:]
    return words[: words.index(">")] if ">" in words else words


def name(line: str) -> tuple[str, ...]:
    """Return the words that a command is called by, such as ``("models", "show")``."""
    words = called(line)
    return tuple(words[: len(words) - len(found(words)[1])])
