"""Automatic mail of other projects' collections; skipped where those are not at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.parsing.automatic import automatic
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Automatic

FOLDER = Path(__file__).parents[3] / "shared" / "peers" / "automatic"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="test mails of other projects are not at hand")

SHARE = 0.98
FITTING: dict[str, set[Automatic | None]] = {
    "bounce": {Automatic.BOUNCE, Automatic.REPORT},
    "autoreply": {Automatic.AUTO_REPLY, Automatic.CALENDAR},
    "list": {None},
    "human": {None},
}


def test_labelled_mail() -> None:
    with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wrong = []
    for row in rows:
        found = automatic(parse_message((FOLDER / row["file"]).read_bytes()))
        if found not in FITTING[row["kind"]]:
            wrong.append((row["file"], found))
            assert row["kind"] not in {"human", "list"}, row["file"]
    assert len(rows) > 100
    assert len(wrong) <= (1 - SHARE) * len(rows), wrong
