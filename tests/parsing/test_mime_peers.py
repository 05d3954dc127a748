"""What other projects expect of their own test mails; skipped where those are not at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UnreadableMessage
from pipeline.parsing.mime import parse_message
from pipeline.records.messages import ParsedMessage

PEERS = Path(__file__).parents[3] / "shared" / "peers"
pytestmark = pytest.mark.skipif(
    not (PEERS / "mime").is_dir(), reason="test mails of other projects are not at hand"
)

SHARE = 0.97


def expected() -> list[tuple[dict[str, Any], ParsedMessage]]:
    lines = (PEERS / "mime" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row, parse_message((PEERS / row["file"]).read_bytes())) for row in rows]


def bare(text: str) -> str:
    return "".join(text.split())


def test_subject_sender_and_date() -> None:
    for row, message in expected():
        assert message.subject == row["subject"], row["file"]
        assert message.from_.address == row["from"], row["file"]
        if row.get("date_utc"):
            assert message.date is not None, row["file"]
            assert message.date.isoformat().startswith(row["date_utc"].removesuffix("Z")[:19]), row["file"]


def test_text_and_attachments() -> None:
    checks: list[bool] = []
    for row, message in expected():
        text = bare(message.text_plain + message.text_html)
        checks.extend(bare(words) in text for words in row["text_contains"])
        checks.append(len(message.attachments) == row["n_attachments"])
    assert len(checks) > 20
    assert sum(checks) >= SHARE * len(checks)


def test_every_mail_is_read() -> None:
    unreadable = []
    paths = sorted((PEERS / "mime").rglob("*.eml"))
    for path in paths:
        try:
            message = parse_message(path.read_bytes())
        except UnreadableMessage:
            unreadable.append(path.name)
            continue
        assert message.header_fields or message.text_plain, path.name
    assert len(paths) > 100
    assert len(unreadable) < len(paths) / 50
