"""The document on privacy names every table of the ledger, and every column that can hold personal data."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, Text

from pipeline.adapters.ledger import open_ledger  # noqa: F401 - it fills the schema
from pipeline.adapters.ledger.privacy.personal import HELD, unknown
from pipeline.adapters.ledger.schema import metadata

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
# Texts and lists in which there is nothing of people: made by the program, of a closed set of words.
_HARMLESS = {"decisions.tags", "proposals.tags", "tickets.touched", "retags.counts"}


def test_every_table_and_column_is_known() -> None:
    assert unknown() == []


def test_every_column_that_can_hold_personal_data_is_in_the_document() -> None:
    named = set(re.findall(r"`([a-z_]+\.[a-z_0-9]+)`", PAGE))
    held = {f"{table}.{column}" for table, columns in HELD.items() for column in columns}
    assert held - named == set()
    assert {one for one in named if one.partition(".")[0] in metadata.tables} - held == set()


def test_every_table_is_in_the_document() -> None:
    tables = {table for table in metadata.tables if f"`{table}`" in PAGE or f"`{table}." in PAGE}
    assert set(metadata.tables) - tables == set()


def test_free_text_is_never_taken_for_harmless() -> None:
    free = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Text | JSON | LargeBinary)
    }
    held = {f"{table}.{column}" for table, columns in HELD.items() for column in columns}
    assert free - held - _HARMLESS == set()
