"""docs/security.md: each promise names a test, and each of these tests exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.support.warm import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# What the page has to speak of.
THREATS = (
    "hostile mail", "forged answers", "stolen token", "tampered model", "tampered rules", "malicious attachment", "header injection",
    "HTML injection", "wikitext injection", "CSV injection", "log injection", "path names", "decompression bombs", "ReDoS", "SSRF",
    "secrets in logs", "secrets in backups", "world-readable files", "mail to strangers",
)  # fmt: skip


def promises() -> list[list[str]]:
    table = PAGE.partition("## Promises")[2].partition("\n## ")[0]
    rows = [line.strip("|\n ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip(" |") for cell in row] for row in rows[2:]]


@cache
def names_in(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_each_promise_names_a_test_that_exists() -> None:
    named = re.findall(r"\| `(tests/[^`:]+)::([^`]+)` \|", PAGE)
    assert len(named) == len(promises()) > 40
    assert [f"{path}::{name}" for path, name in named if name not in names_in(ROOT / path)] == []


def test_each_threat_is_spoken_of() -> None:
    against = ", ".join(row[0] for row in promises())
    assert [threat for threat in THREATS if threat not in against] == []
