"""The reference of commands and settings is what the code says."""

from __future__ import annotations

import pytest

from tests.support.reference import FOLDER, pages

PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_made_from_the_code(name: str) -> None:
    kept = (FOLDER / name).read_text(encoding="utf-8")
    assert kept == PAGES[name], "python -m tests.support.reference writes it anew"


def test_nothing_lies_there_that_is_not_made() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == set(PAGES)


@pytest.mark.parametrize("page", ["settings.md", "liaisons.md"])
def test_every_setting_has_a_meaning(page: str) -> None:
    lacking = [
        line for line in PAGES[page].splitlines() if line.startswith("| `") and line.rstrip().endswith("|  |")
    ]
    assert lacking == []
