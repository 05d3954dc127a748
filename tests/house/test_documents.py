"""What the documents show holds: links, rules, settings; the commands are in test_documents_commands.py."""

from __future__ import annotations

import re
import shutil
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline import parsing
from pipeline.cli.main import app
from pipeline.declarative import validate
from pipeline.routing.policy import Policy
from pipeline.rulebook.examples import run
from pipeline.rulebook.load import load_rulebook
from pipeline.settings import Settings
from pipeline.taxonomy import Taxonomy, load_taxonomy
from tests.support.shown import DOCUMENTS, ROOT, WRITTEN


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [one for one in targets if "://" not in one and not (document.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_lead_to_headings(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text(encoding="utf-8"))
    missing = [
        f"{name}#{place}"
        for name, place in links
        if place not in _headings(document.parent / name if name else document)
    ]
    assert missing == []


def _headings(document: Path) -> set[str]:
    """Return the headings of a document as they are written in links."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_that_documents_name_are_there(document: Path) -> None:
    named = re.findall(r"`([a-z_]+/[\w./-]*(?:\.py|/))`", document.read_text(encoding="utf-8"))
    code = [
        one for one in named if one.endswith(".py") or one.startswith(("pipeline/", "adapters/", "tests/"))
    ]
    assert [one for one in code if not any((root / one).exists() for root in (ROOT, ROOT / "pipeline"))] == []


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    named = {(ROOT / "docs" / one).resolve() for one in re.findall(r"\]\(([^)#\s]+)", index)}
    assert [
        str(path) for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md" and path not in named
    ] == []


# ------------------------------------------------------------------------------------------------ rules


RULES = {
    "docs/rules.md": {"example.letter", "example.announcements"},
    "docs/how-to/rule.md": {"own.glassworks"},
    "docs/how-to/mailman.md": {"own.announcements"},
}


def test_the_rules_of_documents_load_and_pass_their_own_examples(
    tmp_path: Path, rules: Path, taxonomy: Taxonomy
) -> None:
    shutil.copytree(rules / "terms", tmp_path / "terms")
    for number, document in enumerate(RULES):
        shown = [text for place, text in _tables() if place == document and "[[rule]]" in text]
        (tmp_path / f"example{number}.toml").write_text("\n".join(shown), encoding="utf-8")
    book = load_rulebook(tmp_path, taxonomy)
    assert {rule.id for rule in book.rules} == set().union(*RULES.values())
    assert list(run(book, parsing.read)) == []


def test_words_that_documents_show_add_to_the_packaged_ones(tmp_path: Path) -> None:
    (tmp_path / "terms").mkdir()
    for document, name in (("docs/rules.md", "archive"), ("docs/how-to/language.md", "museum")):
        (block,) = [text for place, text in _tables() if place == document and "[terms]" in text]
        (tmp_path / "terms" / f"{name}.toml").write_text(block, encoding="utf-8")
    done = CliRunner().invoke(app, ["rules", "check", "--rules", str(tmp_path)])
    assert (done.exit_code, "all is well" in done.output) == (0, True), done.exception


def test_the_steps_to_a_partner_type_make_one(tmp_path: Path, rules: Path) -> None:
    steps = [text for document, text in _tables() if document == "docs/how-to/partner-type.md"]
    definition, words, rule = steps
    shutil.copytree(rules / "terms", tmp_path / "terms")
    text = (rules / "taxonomy.toml").read_text(encoding="utf-8")
    text = text.replace("[partner_type]\n", f"[partner_type]\n{definition}")
    (tmp_path / "taxonomy.toml").write_text(text, encoding="utf-8")
    (tmp_path / "terms" / "choir.toml").write_text(words, encoding="utf-8")
    (tmp_path / "organisations.toml").write_text(rule, encoding="utf-8")
    book = load_rulebook(tmp_path, load_taxonomy(tmp_path))
    assert [one.id for one in book.rules] == ["choir.words"]
    assert list(run(book, parsing.read)) == []


# ------------------------------------------------------------------------------------------------ settings


def _tables() -> Iterator[tuple[str, str]]:
    """Yield document and text of each block of TOML."""
    for path in WRITTEN:
        for block in re.findall(
            r"^ *```toml\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        ):
            yield str(path.relative_to(ROOT)), textwrap.dedent(block)


def _accounts(read: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one
        for kind in ("imap", "otrs")
        for one in (read.get(kind, []) if isinstance(read.get(kind), list) else [])
    ]


@pytest.mark.parametrize(("document", "block"), list(_tables()))
def test_the_settings_that_documents_show_are_valid(document: str, block: str) -> None:
    read = tomllib.loads(block)
    if "fallback" in read:
        validate(read, Policy, document)
    # What is shown in part, such as one table of a liaison, has no names of tables of its own, or lacks what it needs.
    elif set(read) <= set(Settings.model_fields) and all(one.get("name") for one in _accounts(read)):
        whole = {name: table for name, table in read.items() if name != "otrs" or isinstance(table, list)}
        validate(whole, Settings, document)
