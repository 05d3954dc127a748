"""A desk for threads: the real ledger and triage, and a judge who knows machines from people and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from sqlalchemy import text

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.decisions import Decision, Disposition, Tags
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from pipeline.settings import Threads
from tests.support.plainreader import PlainReader
from tests.threads.letters import Letter


@dataclass(frozen=True, slots=True)
class _Liaison:
    address: str


@dataclass(frozen=True, slots=True)
class _Policy:
    desks: tuple[_Liaison, ...] = (_Liaison("wanjiru@liaisons.example"),)


class Reader(PlainReader):
    """Reads each mail once, however often a test lets it come."""

    _known: ClassVar[dict[tuple[bytes, datetime | None], Inquiry]] = {}

    def read(self, octets: bytes, received_at: datetime | None = None) -> Inquiry:
        if (octets, received_at) not in self._known:
            self._known[octets, received_at] = super().read(octets, received_at)
        return self._known[octets, received_at]


class Judge:
    """Files what machines write, and assigns the rest; ``spam`` in the subject is spam."""

    policy = _Policy()

    def decide(self, inquiries: Sequence[Inquiry], now: datetime) -> tuple[Decision, ...]:
        return tuple(self._decide(one, now) for one in inquiries)

    def _decide(self, inquiry: Inquiry, now: datetime) -> Decision:
        kind = "partnership" if inquiry.automatic is None else "automated"
        kind = "spam" if "spam" in inquiry.base_subject else kind
        return Decision(
            sha256=inquiry.sha256,
            disposition=Disposition.ASSIGN if kind == "partnership" else Disposition.FILE,
            tags=Tags(kind=kind),
            abstained=(),
            confidence={"kind": 0.9},
            priority=50,
            language=inquiry.language,
            summary=inquiry.text[:60],
            evidence=(),
            rulebook_version="r",
            model_version="",
            decided_at=now,
        )


def receive(ledger: SqlLedger, letters: Sequence[Letter], now: datetime, first: int = 1) -> dict[int, Letter]:
    """Let letters arrive one after another and triage each; return the ledger's number of each."""
    threads = Threads(ticket_hooks=("Aktenzeichen",))
    numbers = {}
    for uid, letter in enumerate(letters, first):
        store(ledger, letter, uid, now)
        numbers[letter_number(ledger, letter)] = letter
        triage(ledger, Reader(), cast("Tagger", Judge()), lambda: now, threads=threads)
    return numbers


def store(ledger: SqlLedger, letter: Letter, uid: int, now: datetime, mailbox: str = "INBOX") -> None:
    """Put a letter into the ledger, unread."""
    sighting = ImapSighting(account="a", mailbox=mailbox, uidvalidity=1, uid=uid)
    raw = RawMessage(sighting=sighting, octets=letter.octets, received_at=letter.received_at)
    one = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=uid), total=None)
    ledger.messages.record("imap:a", mailbox, one, now)


def letter_number(ledger: SqlLedger, letter: Letter) -> int:
    """Return the ledger's number of a letter."""
    import hashlib

    digest = hashlib.sha256(letter.octets).hexdigest()
    return int(rows(ledger, "SELECT id FROM messages WHERE sha256 = :one", one=digest)[0][0])


def rows(ledger: SqlLedger, query: str, **values: Any) -> list[Any]:
    """Ask the database itself."""
    with ledger.engine.connect() as connection:
        return list(connection.execute(text(query), values))
