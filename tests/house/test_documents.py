"""What the documents show works as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipeline import parsing
from pipeline.rulebook.examples import run
from pipeline.rulebook.load import load_rulebook
from pipeline.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "fixtures" / "README.md"])


def test_the_rules_of_the_document_load_and_pass_their_own_examples(
    tmp_path: Path, rules: Path, taxonomy: Taxonomy
) -> None:
    blocks = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(blocks) == 2
    shutil.copytree(rules / "terms", tmp_path / "terms")
    (tmp_path / "example.toml").write_text("\n".join(blocks), encoding="utf-8")
    book = load_rulebook(tmp_path, taxonomy)
    assert {rule.id for rule in book.rules} == {"example.letter", "example.announcements"}
    assert list(run(book, parsing.read)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [one for one in targets if "://" not in one and not (document.parent / one).exists()]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "docs/rules.md", "docs/json.md", "CONTRIBUTING.md"])
def test_commands_that_documents_name_exist(name: str) -> None:
    from pipeline.cli.main import app

    known = {str(one.callback.__name__) for one in app.registered_commands if one.callback}
    known |= {str(one.name) for one in app.registered_groups}
    named = set(re.findall(r"(?<![\w-])triage ([a-z]+)\b", (ROOT / name).read_text(encoding="utf-8")))
    assert named - {"of"} <= known
