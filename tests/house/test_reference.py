"""The reference of commands and settings is what the code says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.declarative import Declared
from pipeline.rulebook import declared
from tests.support.reference import FOLDER, pages
from tests.support.shown import ROOT, root

PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_made_from_the_code(name: str) -> None:
    kept = (FOLDER / name).read_text(encoding="utf-8")
    assert kept == PAGES[name], "python -m tests.support.reference writes it anew"


def test_nothing_lies_there_that_is_not_made() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == set(PAGES)


def test_every_key_of_rules_and_word_lists_is_described() -> None:
    prose = re.sub(
        r"^```.*?^```",
        "",
        (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"),
        flags=re.DOTALL | re.MULTILINE,
    )
    told = {word for code in re.findall(r"`([^`]+)`", prose) for word in re.split(r"[^a-z_]+", code)}
    models = [one for one in vars(declared).values() if isinstance(one, type) and issubclass(one, Declared)]
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert "anyof" in keys
    assert keys - told == set()


def test_every_json_output_is_described() -> None:
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    told = {
        " ".join((*words, last))
        for code in re.findall(r"`(?:triage )?([a-z][^`]*)`", text)
        for *words, ends in [re.split(r" (?=[A-Z-])", code)[0].split()]
        for last in ends.split("|")
    }
    assert [name for name in _writing(root()) if name not in told] == []


def _writing(command: Any, *words: str) -> Iterator[str]:
    """Yield the names of all commands that write JSON."""
    if any("--json" in one.opts for one in command.params):
        yield " ".join(words)
    for name, below in getattr(command, "commands", {}).items():
        yield from _writing(below, *words, name)


@pytest.mark.parametrize("page", ["settings.md", "liaisons.md"])
def test_every_setting_has_a_meaning(page: str) -> None:
    lacking = [
        line for line in PAGES[page].splitlines() if line.startswith("| `") and line.rstrip().endswith("|  |")
    ]
    assert lacking == []
