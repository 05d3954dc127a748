"""A month at a desk: a real IMAP server, an SMTP server, the wired program, and a clock that the test turns.

What happens in it is in `month_people` (liaisons), `month_forgeries` and `month_days`; what has to hold in `month_checks`.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import assignments, inquiries, inquiry_states, outbox
from pipeline.demo.servers import ReceivedMail
from pipeline.service.rounds import Desk, RoundReport
from pipeline.settings import Answers, Committee, Folders, ImapAccount, LedgerSettings, Settings, Smtp
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.ledgers import ledger_url
from tests.support.smtpd import Smtpd, running_smtpd

ADDRESS = "desk@partners.example"
SERVER = "mx.partners.example"
MAINTAINER = "root@partners.example"
COMMITTEE = "board@partners.example"
START = datetime(2026, 3, 8, tzinfo=UTC)  # a Sunday
TOKEN_DAYS = 4
BOUNCING = "noor"
PAUSING = "kaito"
LIAISONS = """
fallback = "lieve"
triage = ["danuta", "joaquin", "noor"]
low_priority = "arunima"

[routes]
endorsement = "letters"
misdirected = "lieve"

[[liaisons]]
id = "lieve"
name = "Lieve Maesveld"
address = "lieve@liaisons.example"
languages = ["en", "nl", "fr", "de", "it"]
regions = ["northern_western_europe"]
capacity = 12
timezone = "Europe/Brussels"
country = "BE"
deputy = ["danuta"]
digest_at = "07:30"

[[liaisons]]
id = "danuta"
name = "Danuta Brzezawska"
address = "danuta@plain.example"
capacity = 10
timezone = "Europe/Warsaw"
country = "PL"
locale = "de"
deputy = ["lieve"]
unsigned_answers = true

[[liaisons]]
id = "joaquin"
name = "Joaquín Altavela"
address = "joaquin@other.example"
languages = ["en", "es", "pt"]
capacity = 10
timezone = "America/Lima"
locale = "es"

[[liaisons]]
id = "wanjiru"
name = "Wanjiru Mbatia"
address = "wanjiru@liaisons.example"
regions = ["sub_saharan_africa", "middle_east_north_africa"]
capacity = 2
timezone = "Africa/Nairobi"
country = "KE"
deputy = ["joaquin"]

[[liaisons]]
id = "arunima"
name = "Arunima Chatterjee"
address = "arunima@india.example"
regions = ["south_asia", "east_asia_pacific", "northern_western_europe"]
capacity = 8
timezone = "Asia/Kolkata"
country = "IN"
deputy = ["kaito"]
absences = [{ first = 2026-03-09, last = 2026-03-12 }, { first = 2026-03-23, last = 2026-03-30 }]

[[liaisons]]
id = "kaito"
name = "Kaito Shirayama"
address = "kaito@nippon.example"
languages = ["en", "ja", "fr"]
regions = ["east_asia_pacific", "northern_western_europe", "north_america"]
capacity = 8
timezone = "Asia/Tokyo"
locale = "fr"
deputy = ["arunima", "lieve"]
digest_at = ["08:00", "16:00"]

[[liaisons]]
id = "noor"
name = "Noor Haddad"
address = "noor@gone.example"
languages = ["en", "ar", "fr"]
capacity = 10
timezone = "Africa/Cairo"
deputy = ["danuta"]

[[groups]]
id = "letters"
kind = "team"
name = "Letters of support"
address = "letters@partners.example"
members = ["lieve", "wanjiru"]

[[groups]]
id = "kenya"
kind = "chapter"
name = "Wikimedia Kenya"
address = "board@kenya.example"
members = ["joaquin"]
regions = ["sub_saharan_africa"]
"""


@dataclass(kw_only=True)
class Post(Smtpd):
    """An SMTP server that lets a recipient wait once in a while, and remembers whom it was asked to write to."""

    chance: random.Random
    greylists: bool = True
    asked: set[str] = field(default_factory=set)
    waited: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Put one recipient in twelve off."""
        self.asked.add(address)
        if self.greylists and self.chance.random() < 1 / 12:
            self.waited += 1
            return "451 4.7.1 greylisted, try again later"
        return await super().handle_RCPT(server, session, envelope, address, options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail that was put into the mailbox, and as what."""

    sha256: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an inquiry stands."""

    state: str
    version: int
    liaison: str | None


@dataclass(kw_only=True)
class World:
    """The desk and everything around it.

    Parameters
    ----------
    arrived
        What the SMTP server took, with the moment.
    posted
        What was put into the mailbox.
    shown
        Message-ID of a mail of ours to how the inquiries stood when it was made; and in `made`, to when that was.
    """

    desk: Desk
    dovecot: Dovecot
    user: str
    post: Post
    chance: random.Random
    database: Path
    now: datetime = START
    arrived: list[tuple[datetime, ReceivedMail]] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    reports: list[RoundReport] = field(default_factory=list)
    shown: dict[str, dict[str, Standing]] = field(default_factory=dict)
    made: dict[str, datetime] = field(default_factory=dict)
    numbers: int = 0

    def put(self, octets: bytes, what: str) -> str:
        """Let a mail lie in the mailbox at the next round; return its SHA-256."""
        self.waiting.append(octets)
        found = hashlib.sha256(octets).hexdigest()
        self.posted.append(Posted(sha256=found, what=what))
        return found

    def round(self) -> list[ReceivedMail]:
        """Hand over what was put, work once, and return what was sent."""
        if self.waiting:
            self.dovecot.fill(self.user, self.waiting, when=self.now)
            self.waiting.clear()
        before = len(self.post.received)
        report = self.desk.round()
        assert report.problems == ()
        self.reports.append(report)
        standing = self.states()
        for identifier in self._mails():
            self.shown.setdefault(identifier, standing)
            self.made.setdefault(identifier, self.now)
        new = self.post.received[before:]
        self.arrived += ((self.now, one) for one in new)
        return new

    def identifier(self) -> str:
        """Return a local part for a Message-ID that no other mail has."""
        self.numbers += 1
        return f"m{self.numbers}"

    def at(self, day: int, clock: str) -> None:
        """Turn the clock to a time, UTC, on a day of the month, counted from 0; never back."""
        hours, minutes = map(int, clock.split(":"))
        then = START + timedelta(days=day, hours=hours, minutes=minutes)
        assert then >= self.now
        self.now = then

    @property
    def ledger(self) -> SqlLedger:
        """The ledger, to look things up in its tables."""
        assert isinstance(self.desk.ledger, SqlLedger)
        return self.desk.ledger

    def states(self) -> dict[str, Standing]:
        """Return KEY to how each inquiry stands."""
        held = (assignments.c.inquiry_id == inquiries.c.id) & assignments.c.ended_at.is_(None)
        query = select(
            inquiries.c.key, inquiries.c.state, inquiries.c.version, assignments.c.liaison
        ).select_from(inquiries.outerjoin(assignments, held))
        with self.ledger.engine.connect() as connection:
            rows = connection.execute(query).all()
        return {row.key: Standing(state=row.state, version=row.version, liaison=row.liaison) for row in rows}

    def _mails(self) -> list[str]:
        with self.ledger.engine.connect() as connection:
            return list(connection.execute(select(outbox.c.header_id)).scalars())

    def turns(self) -> list[tuple[int, str, str, str, str | None]]:
        """Return number, KEY, state, author and liaison of each change of state, in order."""
        query = (
            select(inquiry_states, inquiries.c.key)
            .join(inquiries, inquiries.c.id == inquiry_states.c.inquiry_id)
            .order_by(inquiry_states.c.id)
        )
        with self.ledger.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [(row.id, row.key, row.state, row.by, row.liaison) for row in rows]


def letters(fixtures: Path, number: int, seed: int) -> list[bytes]:
    """Return so many mails of the train part, in an order of their own."""
    with (fixtures / "splits.csv").open(encoding="utf-8", newline="") as stream:
        train = sorted(row["id"] for row in csv.DictReader(stream) if row["split"] == "train")
    chosen = random.Random(seed).sample(train, number)
    paths = (fixtures / "messages" / f"{one}.eml" for one in chosen)
    return [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in paths]


@contextmanager
def world(
    dovecot: Dovecot,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    seed: int,
    token_days: int = TOKEN_DAYS,
) -> Iterator[World]:
    """Give a desk on its first day."""
    monkeypatch.setenv("TEST_IMAP_PASSWORD", PASSWORD)
    (folder / "liaisons.toml").write_text(LIAISONS, encoding="utf-8")
    keyfile.make(folder / "triage.key")
    made: World
    with running_smtpd(Post(chance=random.Random(seed + 1))) as post:
        assert isinstance(post, Post)
        user = dovecot.new_user()
        dovecot.fill(user, [])
        desk = wiring.desk(
            _settings(dovecot, user, post.port, folder, token_days),
            clock=lambda: made.now,
            pause=lambda _: None,
        )
        made = World(
            desk=desk, dovecot=dovecot, user=user, post=post, chance=random.Random(seed),
            database=folder / "triage.db",
        )  # fmt: skip
        try:
            yield made
        finally:
            desk.close()


def _settings(dovecot: Dovecot, user: str, port: int, folder: Path, token_days: int) -> Settings:
    account = ImapAccount(
        name="main", host="127.0.0.1", port=dovecot.port, security="none", username=user,
        password_env="TEST_IMAP_PASSWORD", idle=False, timeout_seconds=20.0,
    )  # fmt: skip
    return Settings(
        imap=(account,),
        smtp=Smtp(host="127.0.0.1", port=port, security="none", from_address="triage@partners.example"),
        committee=Committee(addresses=(COMMITTEE,)),
        ledger=LedgerSettings(url=ledger_url(folder / "triage.db")),
        folders=Folders(liaisons=folder / "liaisons.toml", model="base"),
        answers=Answers(
            address=ADDRESS, authserv_ids=(SERVER,), key_file=folder / "triage.key",
            days=token_days, maintainer=MAINTAINER,
        ),
    )  # fmt: skip
