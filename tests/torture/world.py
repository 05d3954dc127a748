"""The world that is tortured: a Monday at a desk with a mailbox, a help desk, a mail server and a wiki, and what must be true of it.

The Friday before (`Friday`) was quiet: three inquiries, digests with tokens. On Monday there wait in the mailbox new
inquiries, a follow-up, copies, an answer of a liaison, mail that came back, a list's digest, mail that cannot be read; and
two tickets in the help desk. The daily digests, the weekly summary and the page on the wiki are due.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.adapters.files import keyfile
from pipeline.demo.servers import ReceivedMail
from tests.support.answering import ADDRESS, LIAISONS, SERVER, answer
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.invariants import check_ledger
from tests.support.mails import letter
from tests.support.otrs import PASSWORD as DESK_PASSWORD
from tests.support.otrs import PASSWORD_ENV, FakeHelpDesk, running_help_desk
from tests.support.scriptedsmtp import ScriptedSmtp, running
from tests.torture.children import Child, Ended, start
from tests.torture.wikipages import Pages, running_wiki

FRIDAY = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
# Clocks in Brussels went forward the night before.
MONDAY = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
SECRETS = {"TEST_IMAP_PASSWORD": PASSWORD, PASSWORD_ENV: DESK_PASSWORD, "TEST_WIKI_SECRET": "of-the-wiki"}
LISTS = Path(__file__).parents[1] / "lists" / "data"
TRUSTED = f"{SERVER}; dkim=pass header.d=liaisons.example; dmarc=pass header.from=liaisons.example"


def inquiry(number: int, *, reply_to: str = "") -> bytes:
    """Return a mail of which no two have the same author, subject or text."""
    return letter(
        identifier=f"{number}{'b' if reply_to else ''}@museum{number}.example",
        reply_to=reply_to,
        subject=f"{'Re: ' if reply_to else ''}Collection {number}",
        sender=f"Person {number} <p{number}@museum{number}.example>",
        body=(
            f"Dear all,\r\n\r\nour museum number {number} has {number}00 maps and would like to give them to Wikimedia "
            f"Commons as a partner.\r\n\r\nPerson {number}\r\n"
        ).encode(),
    )


def rows(connection: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def bounce(token: str) -> bytes:
    """Return a delivery failure that comes back to the reverse-path with `token`."""
    from tests.parsing.test_failures import recipient, report

    failed = report(recipient("failed", "5.1.1"))
    local, _, domain = ADDRESS.partition("@")
    return re.sub(rb"(?m)^To: [^\r\n]*", f"To: <{local}+b-{token}@{domain}>".encode(), failed, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Friday:
    """What is left of the Friday: a folder with the ledger, the pages of the wiki, and the mails that come on Monday."""

    folder: Path
    pages: dict[str, list[str]]
    monday: tuple[bytes, ...]


@dataclass(kw_only=True)
class World:
    """One desk, and its servers."""

    folder: Path
    dovecot: Dovecot
    user: str
    smtp: ScriptedSmtp
    desk: FakeHelpDesk
    wiki: Pages
    plain: bool = True
    # Ports of the lines to the servers, where a test puts a bad one between.
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def ledger(self) -> Path:
        """The database."""
        return self.folder / "triage.db"

    def settle(self) -> None:
        """Write settings."""
        ports = {
            "imap": self.dovecot.port,
            "smtp": self.smtp.port,
            "otrs": self.desk.port,
            "wiki": self.wiki.port,
        }
        ports |= self.ports
        otrs = self.desk.url.replace(str(self.desk.port), str(ports["otrs"]))
        text = f"""
[folders]
liaisons = "liaisons.toml"
model = ""
[[imap]]
name = "main"
host = "127.0.0.1"
port = {ports["imap"]}
security = "none"
username = "{self.user}"
password_env = "TEST_IMAP_PASSWORD"
batch = 5
after = "move"
timeout_seconds = 3
[[otrs]]
name = "desk"
url = "{otrs}"
username = "triage"
password_env = "{PASSWORD_ENV}"
queues = ["Partnerships"]
per_minute = 60000
timeout_seconds = 3
[otrs.write]
note = true
queue = {{ assign = "Grants", review = "Grants", file = "Junk" }}
[smtp]
host = "127.0.0.1"
port = {ports["smtp"]}
security = "none"
from_address = "triage@partners.example"
timeout_seconds = 3
[wiki]
url = "http://127.0.0.1:{ports["wiki"]}/w/api.php"
username = "Bot@triage"
password_env = "TEST_WIKI_SECRET"
prefix = "Weeks"
timeout_seconds = 3
[committee]
addresses = ["committee@partners.example"]
[answers]
address = "{ADDRESS}"
authserv_ids = ["{SERVER}"]
key_file = "triage.key"
maintainer = "root@partners.example"
[schedule]
timezone = "Europe/Brussels"
[retention]
raw_days = 60
personal_days = 60
"""
        (self.folder / "triage.toml").write_text(text, encoding="utf-8")

    def start(
        self,
        *arguments: str,
        now: datetime = MONDAY,
        fault: str = "",
        **more: Any,
    ) -> Child:
        """Start the command; without arguments, one round."""
        environment = SECRETS | ({"TRIAGE_FAULT_POINT": fault} if fault else {})
        return start(
            self.folder,
            now,
            *(arguments or ("run", "--once")),
            **{"plain": self.plain, **environment, **more},
        )

    def round(self, *, now: datetime = MONDAY, fault: str = "", **more: Any) -> Ended:
        """Let it do one round, up to its end."""
        return self.start(now=now, fault=fault, **more).finished()

    # ---------------------------------------------------------------- what must be true

    def recover(self, now: datetime = MONDAY, *, hurt: bool = False) -> None:
        """Start it again as cron would, and check that all is done; what a server put off is due some minutes later.

        Parameters
        ----------
        hurt
            Whether the servers were part of the fault, so that the first round may still have something to put off.
        """
        ended = self.round(now=now)
        assert hurt or ended.status == 0, f"the restart fails: {ended.err or ended.out}"
        if hurt or self._unfinished():
            ended = self.round(now=now + timedelta(hours=1))
            assert ended.status == 0, f"the restart fails: {ended.err or ended.out}"
        assert not self._unfinished(), f"stuck: {self._unfinished()}"
        told = self.start("doctor", now=now + timedelta(hours=1)).finished()
        assert told.status == 0, f"triage doctor: {told.out}{told.err}"

    def _unfinished(self) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        with closing(sqlite3.connect(self.ledger)) as connection:
            for what in (
                "SELECT 'message', sha256 FROM messages WHERE state = 'new'",
                "SELECT 'outbox', purpose, error FROM outbox WHERE state NOT IN ('sent', 'nothing', 'replaced')",
                "SELECT 'write-back', ticket, error FROM writebacks WHERE state = 'queued'",
                (
                    "SELECT 'mark', place, number FROM sightings JOIN decisions USING (message_id) "
                    "WHERE sightings.kind = 'imap' AND marked_at IS NULL AND place = 'INBOX' "
                    "AND epoch = (SELECT uidvalidity FROM cursors WHERE mailbox = 'INBOX')"
                ),
                "SELECT 'unassigned', key FROM inquiries WHERE state = 'received'",
            ):
                found += rows(connection, what)
        return found

    def check_standing(self) -> None:
        """Check what is true at every moment, also right after a kill."""
        if self.ledger.exists() and _has_tables(self.ledger):
            check_ledger(self.ledger, _names(self.ledger), moving=True)

    def state(self) -> dict[str, Any]:
        """Return all that must be the same at the end whatever happened on the way."""
        with closing(sqlite3.connect(self.ledger)) as connection:
            found: dict[str, Counter[Any]] = {
                name: Counter(rows(connection, query)) for name, query in _STATE.items()
            }
            found["together"] = Counter(_together(connection))
        found["mailboxes"] = Counter(self._mailboxes())
        found["tickets"] = Counter(self._tickets())
        found["pages"] = Counter((title, len(texts)) for title, texts in self.wiki.revisions.items())
        found["mails"] = Counter(_purpose(identifier) for identifier in set(self.smtp.identifiers()))
        return found

    def repeats(self) -> int:
        """Return how many mails the mail server took more than once, and check that those are the same mail."""
        by_id: dict[str, list[ReceivedMail]] = {}
        for mail in self.smtp.received:
            name = str(email.message_from_bytes(mail.octets, policy=email.policy.default)["Message-ID"])
            by_id.setdefault(name, []).append(mail)
        for several in by_id.values():
            assert len({(mail.octets, mail.recipients, mail.envelope_from) for mail in several}) == 1
        return sum(len(several) - 1 for several in by_id.values())

    def _mailboxes(self) -> Iterator[tuple[str, str]]:
        with self.dovecot.client(self.user) as client:
            for _, _, name in client.list_folders():
                client.select_folder(name, readonly=True)
                numbers = client.search("ALL")
                told = client.fetch(numbers, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]) if numbers else {}
                for one in told.values():
                    fields = next(value for key, value in one.items() if key.startswith(b"BODY["))
                    yield name, fields.decode("latin-1").strip()

    def _tickets(self) -> Iterator[tuple[int, str, int]]:
        for number, ticket in self.desk.tickets.items():
            notes = [article for article in ticket["Article"] if article["SenderType"] == "agent"]
            yield number, ticket["Queue"], len(notes)


_WHO = "coalesce((SELECT 'ticket ' || epoch || ' ' || number FROM sightings s WHERE s.message_id = m.id AND kind = 'otrs'), m.sha256)"
_INQUIRIES = (
    f"SELECT {_WHO}, i.state, (SELECT count(*) FROM assignments a WHERE a.inquiry_id = i.id AND ended_at IS NULL) "  # noqa: S608
    "FROM messages m JOIN inquiry_messages j ON j.message_id = m.id JOIN inquiries i ON i.id = j.inquiry_id"
)
_STATE = {
    "messages": f"SELECT {_WHO}, m.state, m.archived FROM messages m",  # noqa: S608
    "decisions": f"SELECT {_WHO}, d.disposition, d.kind FROM messages m JOIN decisions d ON d.message_id = m.id",  # noqa: S608
    "inquiries": _INQUIRIES,
    "events": "SELECT name, count(*) FROM events GROUP BY name",
    "answers": "SELECT state, count(*) FROM inquiry_states GROUP BY state",
    "outbox": "SELECT recipient, purpose, state, count(*) FROM outbox GROUP BY recipient, purpose, state",
    "writebacks": "SELECT ticket, state, count(*) FROM writebacks GROUP BY ticket, state",
    "set aside": "SELECT step, reason FROM set_aside",
    "receipts": "SELECT count(*) FROM outbox WHERE purpose = 'receipt'",
    "returns": "SELECT status, count(*) FROM returns GROUP BY status",
    "publications": "SELECT page FROM publications",
    "organisations": "SELECT count(*) FROM organisations",
}


def _together(connection: sqlite3.Connection) -> Iterator[tuple[str, ...]]:
    """Yield which messages are one inquiry."""
    query = f"SELECT j.inquiry_id, {_WHO} FROM messages m JOIN inquiry_messages j ON j.message_id = m.id"  # noqa: S608
    groups: dict[int, list[str]] = {}
    for number, who in connection.execute(query):
        groups.setdefault(number, []).append(who)
    yield from (tuple(sorted(group)) for group in groups.values())


def _names(ledger: Path) -> set[str]:
    with closing(sqlite3.connect(ledger)) as connection:
        return {str(sha256) for (sha256,) in connection.execute("SELECT sha256 FROM messages")}


def _has_tables(ledger: Path) -> bool:
    with closing(sqlite3.connect(ledger)) as connection:
        return bool(rows(connection, "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"))


def _purpose(identifier: str) -> str:
    return identifier.strip("<").partition(".")[0]


@contextlib.contextmanager
def opened(
    folder: Path,
    dovecot: Dovecot,
    mails: tuple[bytes, ...],
    tickets: int = 2,
    *,
    plain: bool = True,
) -> Iterator[World]:
    """Give a world with these mails in its mailbox; `folder` holds what it had before."""
    user = dovecot.new_user()
    dovecot.fill(user, mails)
    dovecot.fill(user, [], "Triaged")
    with running(ScriptedSmtp()) as smtp, running_help_desk() as desk, running_wiki() as wiki:
        desk.now = MONDAY
        for number in range(1, tickets + 1):
            body = f"Dear all,\n\nour archive number {number} would like to give its letters to Commons.\n\nAda {number}\n"
            sender = f"Ada {number} <ada@archive{number}.example>"
            desk.add_mail(subject=f"Letters of archive {number}", body=body, sender=sender)
        world = World(
            folder=folder,
            dovecot=dovecot,
            user=user,
            smtp=smtp,
            desk=desk,
            wiki=wiki,
            plain=plain,
        )
        world.settle()
        yield world


def make_friday(folder: Path, dovecot: Dovecot) -> Friday:
    """Let the Friday go by."""
    folder.mkdir()
    (folder / "liaisons.toml").write_text(LIAISONS, encoding="utf-8")
    keyfile.make(folder / "triage.key")
    with opened(folder, dovecot, tuple(map(inquiry, (1, 2, 3))), 0) as world:
        ended = world.round(now=FRIDAY)
        assert ended.status == 0, ended.err
        return Friday(folder=folder, pages=world.wiki.revisions, monday=_mails_of_monday(world))


def _mails_of_monday(world: World) -> tuple[bytes, ...]:
    digest = next(mail for mail in world.smtp.received if mail.recipients == ("lieve@liaisons.example",))
    parsed = email.message_from_bytes(digest.octets, policy=email.policy.default)
    text = parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    key = re.findall(r"(?m)^\[([2-9A-Z]{6})\]", text)[0]
    reply = answer(
        f"{key} accept\n", to=str(parsed["Reply-To"]), results=TRUSTED, identifier="answer@liaisons.example"
    )
    token = re.search(r"\+b-([a-z2-7]{16})@", digest.envelope_from)
    assert token
    copy = inquiry(5).replace(b"Subject: Collection 5", b"Subject: Collection  5")
    return (
        inquiry(4),
        inquiry(5),
        copy,
        reply,
        inquiry(1, reply_to="1@museum1.example"),
        bounce(token[1]),
        b"\x00\x01\x02\x03" * 50,
        (LISTS / "mailman3-digest-mime.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        inquiry(6),
        inquiry(7),
    )


@contextlib.contextmanager
def monday(friday: Friday, folder: Path, dovecot: Dovecot, *, plain: bool = True) -> Iterator[World]:
    """Give the Monday, before anything has happened."""
    shutil.copytree(friday.folder, folder)
    with opened(folder, dovecot, friday.monday, plain=plain) as world:
        world.wiki.revisions |= {title: list(texts) for title, texts in friday.pages.items()}
        yield world
