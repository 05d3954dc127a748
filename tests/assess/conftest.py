"""Inquiries made by hand, without the parser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.records.inquiries import Forward, Inquiry
from pipeline.records.messages import Address, ParsedMessage

Make = Callable[..., Inquiry]


def _inquiry(
    text: str = "",
    *,
    name: str = "",
    address: str = "",
    signature: str = "",
    introduction: str = "",
    subject: str = "",
    quoted: str = "",
    language: str = "en",
    date: str = "",
    sent: datetime | None = datetime(2025, 3, 3, 9, 0, tzinfo=UTC),
    forward: Forward | None = None,
) -> Inquiry:
    author = Address(name=name, address=address)
    fields = (("Date", date),) if date else ()
    message = ParsedMessage(
        sha256="0" * 64, message_id="m@x.example", date=sent, from_=author, header_fields=fields
    )
    return Inquiry(
        message=message,
        thread="m@x.example",
        author=author,
        forward=forward,
        recipients=(),
        base_subject=subject,
        body=f"{text}\n\n{signature}",
        text=text,
        quoted=quoted,
        signature=signature,
        introduction=introduction,
        language=language,
        list_id=None,
        automatic=None,
        received_at=sent,
    )


@pytest.fixture(scope="session")
def make() -> Make:
    return _inquiry
