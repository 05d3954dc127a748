"""Mails of one thread in a ledger, for tests of inquiries that have several messages."""

from __future__ import annotations

import email.utils
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from pipeline.adapters.ledger import SqlLedger
from pipeline.adapters.ledger.schema import inquiries
from pipeline.records.work import Assignment, State
from tests.support.mails import NOW, letter
from tests.threads.desk import rows
from tests.threads.letters import Letter

ANA = Assignment(inquiry="", liaison="ana", reason="French", due_at=NOW + timedelta(days=5))


def mail(identifier: str = "one@x.example", hours: float = 0, **more: Any) -> Letter:
    date = email.utils.format_datetime(NOW + timedelta(hours=int(hours))).encode()
    octets = letter(identifier=identifier, **more)
    octets = octets.replace(b"Sun, 22 Mar 2026 10:00:00 +0530", date)
    return Letter(thread="t", id=identifier, octets=octets, received_at=NOW + timedelta(hours=hours))


def again(identifier: str = "two@x.example", hours: float = 1, **more: Any) -> Letter:
    told: dict[str, Any] = {
        "reply_to": "one@x.example",
        "subject": "Re: Glass plates",
        "body": b"Any news?\r\n",
        **more,
    }
    return mail(identifier, hours, **told)


def keys(ledger: SqlLedger) -> list[str]:
    return [row.key for row in rows(ledger, "SELECT key FROM inquiries WHERE state <> 'merged' ORDER BY id")]


def put(ledger: SqlLedger, key: str, state: State) -> None:
    with ledger.engine.begin() as connection:
        connection.execute(
            update(inquiries).where(inquiries.c.key == key).values(state=state.value, closed_at=NOW)
        )


def state(ledger: SqlLedger, key: str) -> State:
    entry = ledger.inquiries.find(key)
    assert entry is not None
    return entry.state
