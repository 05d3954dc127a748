"""A small desk whose liaisons can answer by mail: inquiries, their digests' offers, and answers put straight into the ledger."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.records.answers import Offer
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Assignment, Entry, OutgoingMail, State
from pipeline.service.offers import Offers
from pipeline.service.rounds import Desk
from pipeline.service.tagging import Tagger
from pipeline.settings import Answers, Folders, LedgerSettings, Settings, Smtp
from tests.support.ledgers import fresh_url
from tests.support.mails import NOW, letter
from tests.support.plainreader import PlainReader

ADDRESS = "desk@partners.example"
SERVER = "mx.partners.example"
LIAISONS = """
fallback = "lieve"
triage = ["lieve"]

[[liaisons]]
id = "lieve"
name = "Lieve Maesveld"
address = "lieve@liaisons.example"
capacity = 20
timezone = "Europe/Brussels"

[[liaisons]]
id = "joaquin"
name = "Joaquín Altavela"
address = "joaquin@other.example"
capacity = 20
locale = "es"

[[liaisons]]
id = "danuta"
name = "Danuta Brzezawska"
address = "danuta@plain.example"
capacity = 20
locale = "de"
unsigned_answers = true

[[groups]]
id = "kenya"
kind = "chapter"
name = "Wikimedia Kenya"
address = "board@kenya.example"
members = ["joaquin"]
regions = ["sub_saharan_africa"]
"""


@dataclass(kw_only=True)
class Office:
    """The desk, and what it takes to write to it."""

    desk: Desk
    folder: Path
    now: datetime = NOW
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def receive(self, *mails: bytes) -> dict[str, int]:
        """Let mails arrive and be triaged; return the outcomes."""
        messages = tuple(
            RawMessage(
                sighting=ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=next(self.numbers)),
                octets=octets,
                received_at=self.now,
            )
            for octets in mails
        )
        cursor = Cursor(uidvalidity=1, uid=next(self.numbers))
        batch = Batch(messages=messages, refused=(), cursor=cursor, total=None)
        self.desk.ledger.messages.record("main", "INBOX", batch, self.now)
        outcomes, _ = self.desk.work()
        return dict(outcomes)

    def inquiry(
        self, name: str = "one", liaison: str = "lieve", sender: str = "Asha Rao <asha@museum.example>"
    ) -> Entry:
        """Let an inquiry come in that `liaison` gets; return it."""
        known = {entry.key for entry in self.desk.ledger.inquiries.open()}
        self.receive(
            letter(identifier=f"{name}@museum.example", subject=f"Glass plates {name}", sender=sender)
        )
        entry = next(one for one in self.desk.ledger.inquiries.open() if one.key not in known)
        self.give(entry.key, liaison)
        return self.entry(entry.key)

    def give(self, key: str, liaison: str) -> None:
        """Assign an inquiry."""
        due = self.now + timedelta(days=5)
        self.desk.ledger.inquiries.assign(
            [Assignment(inquiry=key, liaison=liaison, reason="test", due_at=due)], self.now
        )

    def entry(self, key: str) -> Entry:
        """Return an inquiry as it stands."""
        found = self.desk.ledger.inquiries.find(key)
        assert found is not None
        return found

    def state(self, key: str) -> State:
        """Return the state of an inquiry."""
        return self.entry(key).state

    def offer(self, key: str, liaison: str = "lieve") -> Offer:
        """Return what the digest offers for an inquiry now."""
        return self._offers().of(self.desk.policy.by_id[liaison], [self.entry(key)], self.now)[key]

    def reply_to(self, liaison: str = "lieve") -> str:
        """Return where a plain reply to a digest of now goes."""
        return self._offers().reply_to(self.desk.policy.by_id[liaison], self.now)

    def _offers(self) -> Offers:
        offers = self.desk.digester().offers
        assert isinstance(offers, Offers)
        return offers

    def receipts(self) -> list[OutgoingMail]:
        """Return the receipts that wait to be sent."""
        due = self.desk.ledger.outbox.due(self.now + timedelta(days=400))
        return [one.mail for one in due if one.mail.purpose == "receipt"]

    def set_aside(self) -> list[str]:
        """Return why answers were set aside."""
        status = self.desk.ledger.reports.status(self.now)
        return [one.reason for one in status.set_aside if one.step == "answer"]

    def later(self, **time: int) -> None:
        """Let time go by."""
        self.now += timedelta(**time)


def answer(
    body: str,
    *,
    to: str = ADDRESS,
    sender: str = "Lieve Maesveld <lieve@liaisons.example>",
    results: str
    | Sequence[
        str
    ] = f"{SERVER}; dkim=pass header.d=liaisons.example; dmarc=pass header.from=liaisons.example",
    subject: str = "Re: 1 new: partnership inquiries",
    identifier: str = "",
    headers: Sequence[str] = (),
    cc: str = "",
    kind: str = "plain",
) -> bytes:
    """Return a mail as the own server hands it over; `results` are Authentication-Results, the topmost first."""
    fields = [results] if isinstance(results, str) else list(results)
    lines = [f"Authentication-Results: {one}" for one in fields if one]
    identifier = identifier or f"{abs(hash((body, to, sender, subject)))}@liaisons.example"
    lines += [f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{identifier}>"]
    lines += ["Date: Mon, 23 Mar 2026 08:00:00 +0000", *([f"Cc: {cc}"] if cc else []), *headers]
    lines += [
        "MIME-Version: 1.0",
        f"Content-Type: text/{kind}; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def text_of(mail: OutgoingMail) -> str:
    """Return the text of a mail."""
    return str(parsed(mail).get_content())


def parsed(mail: OutgoingMail) -> EmailMessage:
    """Return a mail taken apart."""
    import email
    import email.policy

    message = email.message_from_bytes(mail.octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@cache
def _tagger() -> Tagger:
    """Return the packaged rules, which take seconds to load, once for all tests."""
    return wiring.tagger(Settings(folders=Folders(model="")))


@contextmanager
def office(tmp_path: Path, *, settings: Answers | None = None) -> Iterator[Office]:
    """Give a desk without mail servers, whose clock is the office's."""
    (tmp_path / "liaisons.toml").write_text(LIAISONS, encoding="utf-8")
    keyfile.make(tmp_path / "triage.key")
    answers = settings or Answers(address=ADDRESS, authserv_ids=(SERVER,), key_file=tmp_path / "triage.key")
    made = Settings(
        smtp=Smtp(host="127.0.0.1", port=9, security="none", from_address="triage@partners.example"),
        ledger=LedgerSettings(url=fresh_url(tmp_path / "triage.db")),
        folders=Folders(liaisons=tmp_path / "liaisons.toml", model=""),
        answers=answers,
    )
    opened: Office

    def clock() -> datetime:
        return opened.now

    policy = wiring.policy(made)
    desk = Desk(
        settings=made,
        ledger=wiring.ledger(made),
        sources=(),
        reader=PlainReader(),
        tagger=replace(_tagger(), policy=policy),
        policy=policy,
        sender=None,
        clock=clock,
        correspondence=wiring.correspondence(made),
    )
    opened = Office(desk=desk, folder=tmp_path)
    try:
        yield opened
    finally:
        desk.close()
