"""What the documents show works as it stands there: links, rules, and every command."""

from __future__ import annotations

import functools
import gzip
import os
import re
import shlex
import shutil
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline import parsing
from pipeline.adapters import keyfile
from pipeline.cli.main import app
from pipeline.declarative import validate
from pipeline.routing.policy import Policy
from pipeline.rulebook.examples import run
from pipeline.rulebook.load import load_rulebook
from pipeline.settings import Settings
from pipeline.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures" / "README.md"])
# Written from the code, and held against it by test_reference.py.
WRITTEN = [path for path in DOCUMENTS if path.parent.name != "reference" and path.name != "CHANGELOG.md"]

# Commands that documents show and that are tried by their own tests alone; by why they cannot be tried here.
SKIPPED = {
    "needs servers that the settings name": (
        r"triage (poll|check|run|run --once)( --settings \S+)?",
        r"triage digest daily",
        r"triage otrs check",
        r"triage wiki publish( --week \S+)?",
        r"triage .*--dask .*",
        r"triage migrate-ledger .*",
    ),
    "takes minutes": (
        r"triage (train|fit|evaluate --on|labels audit) ?.*",
        r"triage rules (audit|fit).*",
    ),
    "takes seconds, and is tried by tests of its own": (
        r"triage rules (test|try .*)",
        r"triage explain \S+\.eml",
        r"triage criteria preview .*",
    ),
    "asks people": (r"triage label .*", r"triage labels export .*"),
    "speaks of a model, an inquiry, an organisation, a backup or a number of the reader's": (
        r"triage models (promote|compare|show) (base )?next",
        r"triage models rollback",
        r"triage evaluate( --model next.*)?",
        r"triage retag .*",
        r"triage orgs (show|merge|split|move|rename) .*",
        r"triage landscape (set|approve|withdraw) .*",
        r"triage (set-aside|outbox) (show|drop|retry) \d.*",
        r"triage restore .*",
        r"triage forget .*",
        r"triage import .*Maildir.*",
    ),
    "writes outside of the folder": (r"triage (init|backup) /.*", r"triage systemd .* > /etc/.*"),
}


def _commands() -> Iterator[tuple[str, str]]:
    """Yield document and command of each line of a block of shell commands that calls the program."""
    for path in WRITTEN:
        blocks = re.findall(
            r"^ *```sh\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        for line in "".join(blocks).splitlines():
            words = line.strip().removeprefix(".venv/bin/")
            if words.startswith("triage "):
                yield str(path.relative_to(ROOT)), re.sub(r"\s+# .*", "", words)


COMMANDS = sorted(set(_commands()))
TRIED = sorted(
    {
        # One mail, one week and one folder are as good as another.
        re.sub(
            r" --week \S+",
            "",
            re.sub(r"--preview \S+", "--preview build", re.sub(r"\S+\.eml", "mail.eml", line)),
        )
        for _, line in COMMANDS
        if not any(re.fullmatch(one, line) for patterns in SKIPPED.values() for one in patterns)
    }
)


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


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    named = {(ROOT / "docs" / one).resolve() for one in re.findall(r"\]\(([^)#\s]+)", index)}
    assert [
        str(path) for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md" and path not in named
    ] == []


# ------------------------------------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ("rules.md", {"example.letter", "example.announcements"}),
        ("how-to/rule.md", {"own.glassworks"}),
        ("how-to/mailman.md", {"own.announcements"}),
    ],
)
def test_the_rules_of_documents_load_and_pass_their_own_examples(
    document: str, names: set[str], tmp_path: Path, rules: Path, taxonomy: Taxonomy
) -> None:
    blocks = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs" / document).read_text(encoding="utf-8"), re.DOTALL
    )
    shutil.copytree(rules / "terms", tmp_path / "terms")
    shown = "\n".join(one for one in blocks if "[[rule]]" in one)
    (tmp_path / "example.toml").write_text(re.sub(r"(?m)^ +", "", shown), encoding="utf-8")
    book = load_rulebook(tmp_path, taxonomy)
    assert {rule.id for rule in book.rules} == names
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


# ------------------------------------------------------------------------------------------------ commands


@pytest.mark.parametrize(("document", "line"), COMMANDS)
def test_commands_that_documents_show_can_be_called_so(document: str, line: str) -> None:
    command, rest = _found(shlex.split(line)[1:])
    words = rest[: rest.index(">")] if ">" in rest else rest
    command.make_context(
        line, list(words)
    )  # a wrong option, value or number of arguments ends this with its reason


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_sentences_name_exist(document: Path) -> None:
    for line in re.findall(r"`triage ([a-z][^`]*)`", document.read_text(encoding="utf-8").replace("\n", " ")):
        first, *_ = line.split()
        assert set(first.split("|")) <= set(_root().commands), line
        if "|" not in line:
            command, rest = _found(line.split())
            assert not (rest[:1] and re.fullmatch(r"[a-z][a-z-]*", rest[0]) and _wants_a_command(command)), (
                line
            )


@functools.cache
def _root() -> Any:
    return typer.main.get_command(app)


def _found(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that `words` begin with, and the rest of them."""
    command, rest = _root(), list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    return command, rest


def _wants_a_command(command: Any) -> bool:
    return bool(getattr(command, "commands", {}))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as the documents take it for granted: settings, people, a ledger with mail in it, files."""
    folder = tmp_path_factory.mktemp("desk")
    mails = [ROOT / "fixtures" / "messages" / f"a00{n}.eml" for n in (1, 2, 3)]
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    shutil.copy(mails[0], folder / "mail.eml")
    (folder / "old-mail").mkdir()
    shutil.copy(mails[1], folder / "old-mail")
    (folder / "lists").mkdir()
    archive = b"".join(
        b"From a@b.example Mon Mar  2 10:14:07 2026\n" + mail.read_bytes().replace(b"\r\n", b"\n") + b"\n"
        for mail in mails
    )
    for name in ("unanswered.mbox", "lists/one.mbox"):
        (folder / name).write_bytes(archive)
    for name in (
        "partners.mbox.gz",
        "partners@lists.example.mbox.gz",
        "2015-March.txt.gz",
        "2015-April.txt.gz",
    ):
        (folder / name).write_bytes(gzip.compress(archive))
    shutil.copy(ROOT / "rules" / "criteria.toml", folder / "criteria-2027.toml")
    shutil.copy(ROOT / "rules" / "liaisons.toml", folder / "liaisons-2027.toml")
    people = (ROOT / "rules" / "liaisons.toml").read_text(encoding="utf-8")
    (folder / "liaisons.toml").write_text(people + _ME, encoding="utf-8")
    (folder / "triage.toml").write_text(_SETTINGS, encoding="utf-8")
    keyfile.make(folder / "triage.key")
    assert _called("triage import unanswered.mbox", folder) == ""
    return folder


_SETTINGS = """
[folders]
liaisons = "liaisons.toml"
model = ""

[wiki]
url = "https://wiki.example/w/api.php"
username = "Desk@triage"
password_env = "TRIAGE_WIKI_PASSWORD"
prefix = "Partnerships/Inquiries"
"""
# Whom the tutorial makes.
_ME = """
[[liaisons]]
id = "me"
name = "Your Name"
address = "liaison@example.org"
"""


def _called(line: str, folder: Path) -> str:
    """Call the program in `folder`; return what is wrong."""
    words = shlex.split(line)[1:]
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner().invoke(app, words[: words.index(">")] if ">" in words else words)
    finally:
        os.chdir(before)
    # Mail without a liaison is trouble, and status says so by its exit status.
    fine = (0, 1) if line.startswith("triage status") and done.stdout else (0,)
    return "" if done.exit_code in fine else f"{line}: {done.exit_code}: {done.output} {done.exception!r}"


@pytest.mark.sqlite
@pytest.mark.xdist_group("documents")
@pytest.mark.parametrize("line", TRIED)
def test_commands_that_documents_show_do_what_they_say(
    line: str, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(desk / "cache"))
    monkeypatch.delenv("TRIAGE_SETTINGS", raising=False)
    shutil.rmtree(desk / "my-rules", ignore_errors=True)
    folder = desk
    if line == "triage init":
        folder = desk / "new"
        folder.mkdir()
    assert _called(line, folder) == ""


def test_what_is_not_tried_here_is_still_shown_somewhere() -> None:
    shown = [line for _, line in COMMANDS]
    idle = [
        one
        for patterns in SKIPPED.values()
        for one in patterns
        if not any(re.fullmatch(one, line) for line in shown)
    ]
    assert idle == []
