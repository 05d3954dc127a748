"""Three liaisons and decided mails of one inquirer each, for tests of what nobody has to ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from pipeline.adapters.ledger import SqlLedger
from pipeline.records.decisions import Criteria
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Entry
from pipeline.routing.policy import Absence, Liaison, Policy
from pipeline.service.assignment import assign_all
from pipeline.settings import Settings, Smtp
from tests.support.mails import letter, reading

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
DAYS = timedelta(days=1)
NUMBERS = iter(range(1, 10_000))


def liaison(identifier: str, **given: object) -> Liaison:
    address = f"{identifier}@liaisons.example"
    return Liaison.model_validate({"id": identifier, "name": identifier.title(), "address": address, **given})


def office(**given: object) -> Policy:
    """Return two who take India's museums, with a deputy each, and a fallback."""
    away = given.pop("away", ())
    people = (
        liaison("ana", regions=("south_asia",), deputy=("ben", "cem"), absences=away),
        liaison("ben", regions=("sub_saharan_africa",), deputy=("ana",)),
        liaison("cem", regions=("north_america",)),
    )
    return Policy.model_validate({"fallback": "cem", "liaisons": people, **given})


AWAY = (Absence(first=date(2026, 11, 20), last=date(2026, 12, 4)),)


def comes(
    ledger: SqlLedger,
    *,
    priority: int = 40,
    wanted: date | None = None,
    now: datetime = NOON,
    **decided: object,
) -> str:
    number = next(NUMBERS)
    octets = letter(identifier=f"q{number}@x.example", sender=f"A <a{number}@gmail.example>")
    sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=7, uid=number)
    raw = RawMessage(sighting=sighting, octets=octets, received_at=now)
    batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=7, uid=number), total=None)
    ledger.messages.record("imap:a", "INBOX", batch, now)
    (waiting,) = ledger.messages.waiting(10)
    read = reading(octets)
    tags = replace(read.decision.tags, criteria=Criteria(urgency=wanted))
    decision = replace(read.decision, priority=priority, tags=tags, decided_at=now, **decided)  # type: ignore[arg-type]
    return ledger.inquiries.record(waiting, replace(read, decision=decision), None, now)


def found(ledger: SqlLedger, key: str) -> Entry:
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry


def round_(ledger: SqlLedger, policy: Policy, now: datetime) -> dict[str, int]:
    return dict(assign_all(ledger, policy, lambda: now)[1])


SETTINGS = Settings(
    smtp=Smtp.model_validate(
        {
            "host": "mail.example",
            "username": "u",
            "password_env": "P",
            "from_address": "triage@desk.example",
        }
    )
)
