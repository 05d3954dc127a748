"""A help desk of the OTRS family to test against: a real one where the environment names it, else the one in this process.

TRIAGE_OTRS_URL
    Up to ``nph-genericinterface.pl``.
TRIAGE_OTRS_USER, TRIAGE_OTRS_PASSWORD
    An agent who may read and write the queue.
TRIAGE_OTRS_SERVICE, TRIAGE_OTRS_CREATE_SERVICE
    Web services: the one to test, and one that can create tickets; by default GenericTicketConnectorREST for both.
TRIAGE_OTRS_QUEUE
    A queue of its own for these tests; by default Partnerships.
TRIAGE_OTRS_TIMEZONE
    Its OTRSTimeZone; by default UTC.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from pipeline.settings.otrs import OtrsServer
from tests.support.otrs import LOGIN, PASSWORD, PASSWORD_ENV, SERVICE, running_help_desk


@dataclass(frozen=True)
class Place:
    """Where tests find tickets and put some."""

    url: str
    user: str
    password: str
    service: str
    create_service: str
    queue: str
    timezone: str

    def settings(self, **more: object) -> OtrsServer:
        """Return settings; the password is in `PASSWORD_ENV`."""
        values = {
            "name": "desk", "url": self.url, "username": self.user, "password_env": PASSWORD_ENV,
            "web_service": self.service, "queues": [self.queue], "timezone": self.timezone, "per_minute": 60_000,
        }  # fmt: skip
        return OtrsServer.model_validate_json(json.dumps({**values, **more}))

    def create(self, subject: str, body: str = "We would like to work with you.\n", file: bytes = b"") -> int:
        """Return the id of a new ticket with the mail of a customer."""
        told: dict[str, Any] = {
            "UserLogin": self.user,
            "Password": self.password,
            "Ticket": {"Title": subject, "Queue": self.queue, "State": "new", "Priority": "3 normal", "CustomerUser": "pat"},
            "Article": {
                "CommunicationChannel": "Email", "SenderType": "customer", "IsVisibleForCustomer": 1,
                "From": "Pat Partner <pat@acme.example>", "To": "partnerships@help.example", "Subject": subject,
                "Body": body, "ContentType": "text/plain; charset=utf8", "NoAgentNotify": 1,
            },
        }  # fmt: skip
        if file:
            content = base64.b64encode(file).decode()
            told["Attachment"] = [{"Content": content, "ContentType": "text/csv", "Filename": "data.csv"}]
        route = f"{self.url}/Webservice/{self.create_service}/Ticket"
        answer = httpx.post(route, json=told, timeout=60, trust_env=False).json()
        return int(answer["TicketID"])


@contextmanager
def somewhere() -> Iterator[Place]:
    """Yield the real help desk of the environment, or else one in this process."""
    real = os.environ
    if url := real.get("TRIAGE_OTRS_URL"):
        yield Place(
            url=url.rstrip("/"),
            user=real.get("TRIAGE_OTRS_USER", LOGIN),
            password=real[PASSWORD_ENV],
            service=real.get("TRIAGE_OTRS_SERVICE", SERVICE),
            create_service=real.get("TRIAGE_OTRS_CREATE_SERVICE", SERVICE),
            queue=real.get("TRIAGE_OTRS_QUEUE", "Partnerships"),
            timezone=real.get("TRIAGE_OTRS_TIMEZONE", "UTC"),
        )
        return
    with running_help_desk() as desk:
        yield Place(desk.url, LOGIN, PASSWORD, SERVICE, SERVICE, "Partnerships", "UTC")


def unique(words: str) -> str:
    """Return words that no other run has used."""
    return f"{words} {secrets.token_hex(6)}"
