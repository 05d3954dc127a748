"""What the tests of the IMAP source share: mails, settings, and what comes out of batches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.adapters.imap.source import ImapSource
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.settings import ImapAccount
from tests.support.dovecot import Dovecot

LIMIT = 10_000_000


def mail(number: int, size: int = 200) -> bytes:
    """Return one of many mails, with octets over 127 in it."""
    header = f"From: Ada <ada@museum.example>\r\nMessage-ID: <{number}@museum.example>\r\nSubject: Offer {number}\r\n"
    return header.encode() + b"\r\n" + b"Caf\xc3\xa9 \xff.\r\n" * (size // 9)


def account(port: int, user: str, **more: object) -> ImapAccount:
    """Return settings; the password is in IMAP_PASSWORD."""
    values = {
        "name": "main",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": user,
        "password_env": "IMAP_PASSWORD",
        "timeout_seconds": 10.0,
    }
    return ImapAccount.model_validate_json(json.dumps({**values, **more}))


@dataclass
class Pauses:
    """Notes what it was asked to wait, and does not wait."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def source(server: Dovecot, user: str, **more: object) -> ImapSource:
    """Return the mailboxes of `user`; waiting between tries takes no time."""
    return ImapSource(account(server.port, user, **more), pause=Pauses())


def everything(found: ImapSource, mailbox: str = "INBOX", cursor: Cursor | None = None) -> list[Batch]:
    """Return all that is new, and end the connection."""
    try:
        return list(found.fetch(mailbox, cursor, LIMIT))
    finally:
        found.close()


def octets(batches: Iterable[Batch]) -> list[bytes]:
    """Return the messages that came."""
    return [message.octets for batch in batches for message in batch.messages]


def uids(batches: Iterable[Batch]) -> list[int]:
    """Return the UIDs of the messages that came."""
    return [sighting(message).uid for batch in batches for message in batch.messages]


def sighting(message: RawMessage) -> ImapSighting:
    """Return where a message was seen."""
    assert isinstance(message.sighting, ImapSighting)
    return message.sighting
