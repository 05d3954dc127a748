"""An installation as the documents take it for granted: settings, people, mail servers, a ledger with a bit of everything."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from pipeline.classify.manifest import checksums, seal
from pipeline.cli.main import app
from pipeline.demo.servers import imap_server, smtp_sink
from tests.support.answering import answer, office
from tests.support.mails import NOW
from tests.support.shown import ROOT

PASSWORDS = ("TRIAGE_IMAP_PASSWORD", "TRIAGE_SMTP_PASSWORD", "TRIAGE_WIKI_PASSWORD")
_ARCHIVES = (
    "partners.mbox.gz",
    "partners@lists.example.mbox.gz",
    "2015-March.txt.gz",
    "2015-April.txt.gz",
)
_BACKUP = "backups/triage-2026-03-23T050000Z.tar"
_SETTINGS = """
[[imap]]
name = "partnerships"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "{user}"
password_env = "TRIAGE_IMAP_PASSWORD"

[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from_address = "triage@partners.example"

[answers]
address = "desk@partners.example"
authserv_ids = ["mx.partners.example"]

[folders]
liaisons = "liaisons.toml"
models = "{models}"
model = ""
"""
_WIKI = """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A folder to copy, with what the documents name otherwise.

    Parameters
    ----------
    folder
        With `triage.toml`.
    password
        Of the mailbox.
    known
        What documents write, to what it is called here: KEYs, numbers, files.
    """

    folder: Path
    password: str
    known: Mapping[str, str]

    def line(self, shown: str, place: Path) -> str:
        """Return a command of the documents as it is written in this installation, copied to `place`."""
        line = shown
        for written, here in self.known.items():
            line = re.sub(written, here, line)
        return re.sub(r"(?<= )(~|/mnt|/etc|/srv)/", rf"{place}/elsewhere/", line)

    def copy(self, place: Path, line: str) -> Path:
        """Return a copy of the folder for one command."""
        shutil.copytree(self.folder, place, symlinks=True)
        settings = place / "triage.toml"
        text = settings.read_text(encoding="utf-8")
        if line.startswith("triage wiki"):
            settings.write_text(text + _WIKI, encoding="utf-8")
        elif line.startswith("triage evaluate"):
            settings.write_text(text.replace('model = ""', 'model = "base"'), encoding="utf-8")
        elif line.startswith("triage restore") and "--force" not in line:
            (place / "triage.db").unlink()
        return place


@contextlib.contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Make an installation, and run its mail servers."""
    mails = [ROOT / "fixtures" / "messages" / f"a00{n}.eml" for n in (1, 2, 3)]
    home = folder / "desk"
    home.mkdir()
    keys = _ledger(home)
    _files(home, mails)
    _models(folder / "models")
    with (
        imap_server({"INBOX": [(mails[0].read_bytes(), NOW)]}) as (imap, user, password),
        smtp_sink() as (smtp, _),
    ):
        text = _SETTINGS.format(imap=imap, smtp=smtp, user=user, models=folder / "models")
        (home / "triage.toml").write_text(text, encoding="utf-8")
        yield Installation(folder=home, password=password, known=_known(home, *keys))


def archive(number: int) -> bytes:
    """Return an mbox of so many mails."""
    mails = [(ROOT / "fixtures" / "messages" / f"a00{n + 1}.eml").read_bytes() for n in range(number)]
    line = b"From a@b.example Mon Mar  2 10:14:07 2026\n"
    return b"".join(line + mail.replace(b"\r\n", b"\n") + b"\n" for mail in mails)


def settled(home: Path) -> None:
    """Write settings without servers and without a model, and the sample of liaisons."""
    shutil.copy(ROOT / "rules" / "liaisons.toml", home)
    (home / "triage.toml").write_text('[folders]\nliaisons = "liaisons.toml"\nmodel = ""\n', encoding="utf-8")


def _ledger(home: Path) -> tuple[str, str]:
    """Fill a ledger; return the KEYs of two inquiries of one organisation."""
    with office(home) as desk:
        first, second, _ = (desk.inquiry(name).key for name in ("one", "two", "three"))
        desk.receive(answer("done", results="evil; dmarc=pass"))
        for liaison in ("lieve", "joaquin"):
            desk.give(desk.inquiry(liaison, sender=f"Mo <mo@{liaison}.example>").key, liaison)
        desk.desk.digester().queue_daily(desk.now)
    return first, second


def _known(home: Path, first: str, second: str) -> dict[str, str]:
    """Return what documents write, as a pattern, and what it is called here."""
    orgs, others = (str(one["id"]) for one in _told(home, "orgs", "list")[:2])
    mail, other = (str(one["number"]) for one in _told(home, "outbox", "list", "--waiting")[:2])
    (aside,) = (str(one["number"]) for one in _told(home, "set-aside", "list"))
    (backup,) = (Path(one["file"]) for one in _told(home, "backup"))
    backup.rename(home / _BACKUP)
    return {
        r"anna@museum\.example": "asha@museum.example",
        r"\b(K7QX2M|K7WM2Q)\b": first,
        r"\bM4TT9P\b": second,
        r"(?<=orgs )(merge) 7 12\b": rf"\1 {orgs} {others}",
        r"(?<=orgs )(\w+) 7\b": rf"\1 {orgs}",
        r"(?<=orgs )(\w+) 12\b": rf"\1 {others}",
        r"(?<=outbox )(\w+) 12 13\b": rf"\1 {mail} {other}",
        r"(?<=outbox )(\w+) 12\b": rf"\1 {mail}",
        r"(?<=set-aside )(\w+) 3\b": rf"\1 {aside}",
        r"\S*triage-\d{4}-\S+\.tar": _BACKUP,
    }


def _told(home: Path, *words: str) -> list[Any]:
    """Return the objects that a command prints."""
    done = CliRunner().invoke(app, [*words, "--json", "--settings", str(home / "triage.toml")])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def _files(home: Path, mails: list[Path]) -> None:
    (home / "fixtures").symlink_to(ROOT / "fixtures")
    for name in ("mail.eml", "letter.eml"):
        shutil.copy(mails[0], home / name)
    for name in ("old-mail", "lists", "elsewhere/labels", "elsewhere/elsewhere"):
        (home / name).mkdir(parents=True)
    for name in ("cur", "new", "tmp"):
        (home / "elsewhere" / "Maildir" / name).mkdir(parents=True)
    shutil.copy(mails[1], home / "old-mail")
    shutil.copy(mails[2], home / "elsewhere" / "Maildir" / "new")
    for name in ("unanswered.mbox", "lists/one.mbox"):
        (home / name).write_bytes(archive(len(mails)))
    for name in _ARCHIVES:
        (home / name).write_bytes(gzip.compress(archive(len(mails))))
    shutil.copy(ROOT / "rules" / "criteria.toml", home / "criteria-2027.toml")
    people = (ROOT / "rules" / "liaisons.toml").read_text(encoding="utf-8")
    for name in ("liaisons-2027.toml", "liaisons.toml"):
        (home / name).write_text(people + _ME, encoding="utf-8")


def _models(folder: Path) -> None:
    """Copy the shipped model twice: as itself, and as the one that maintainers train next."""
    for name in ("base", "next"):
        place = Path(shutil.copytree(ROOT / "models" / "base", folder / name))
        card = json.loads((place / "card.json").read_text(encoding="utf-8"))
        files = {path.name: path.read_bytes() for path in place.iterdir() if path.name != "card.json"}
        version = card["version"].replace("base-", f"{name}-")
        card |= {"name": name, "version": version, "files": checksums(files)}
        (place / "card.json").write_text(json.dumps(card | {"seal": seal(card)}), encoding="utf-8")
