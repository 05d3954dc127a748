"""Small mails, and what is read and decided of them, for tests that need some."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pipeline import parsing
from pipeline.records.decisions import Criteria, Decision, Disposition, Evidence, Source, Tags
from pipeline.records.work import Reading
from pipeline.service.claims import claims

NOW = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)


def letter(
    *,
    identifier: str = "one@x.example",
    reply_to: str = "",
    subject: str = "Glass plates",
    sender: str = "Asha Rao <asha@museum.example>",
    body: bytes = b"Dear all,\r\n\r\nour museum would like to give 300 scanned glass plates to Commons.\r\n\r\nAsha\r\n",
    headers: str = "",
) -> bytes:
    """Return a small mail."""
    lines = [
        f"From: {sender}",
        "To: partnerships@wikimedia.example",
        f"Subject: {subject}",
        "Date: Sun, 22 Mar 2026 10:00:00 +0530",
        f"Message-ID: <{identifier}>",
        *([f"In-Reply-To: <{reply_to}>", f"References: <{reply_to}>"] if reply_to else []),
        *(headers.splitlines() if headers else []),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def decided(octets: bytes) -> Decision:
    """Return a decision with every field filled."""
    return Decision(
        sha256=parsing.read(octets).sha256,
        disposition=Disposition.ASSIGN,
        tags=Tags(
            kind="partnership",
            partner_type="museum",
            activities=("content_donation",),
            country="IN",
            region="south_asia",
            alignment="aligned",
            priorities=("quality",),
            criteria=Criteria(
                preconditions_met="yes",
                shared_objectives=1,
                complexity="low",
                funding="none",
                urgency=date(2026, 4, 1),
            ),
        ),
        abstained=("country",),
        confidence={"kind": 0.97, "country": 0.4},
        priority=55,
        language="en",
        summary="Our museum would like to give 300 scanned glass plates to Commons.",
        evidence=(
            Evidence(
                source=Source.RULE, name="museum", tag="partner_type=museum", score=2.0, detail="museum"
            ),
        ),
        rulebook_version="r1",
        model_version="m1",
        decided_at=NOW,
    )


def reading(octets: bytes) -> Reading:
    """Return what the ledger is given for a mail."""
    return Reading(
        inquiry=parsing.read(octets),
        decision=decided(octets),
        organisation="Plate Museum",
        origin="imap INBOX",
        archive_url="",
        claims=claims(parsing.read(octets), (), NOW),
    )
