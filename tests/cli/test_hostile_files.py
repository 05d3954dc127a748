"""`triage parse` on documents and on mail that harms: read as the service reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema

from tests.support import warm
from tests.support.documents import docx, pdf_of_pages
from tests.support.hostile import EITHER, LETTER, attached, mixed

ROOT = Path(__file__).resolve().parents[2]
OFFER = "Our museum would like to give 300 glass plates."


def parse(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return warm.run("parse", *arguments, cwd=cwd, strict=True, environment={"COLUMNS": "160"})


def test_documents_are_shown_as_text(tmp_path: Path) -> None:
    body = b"Content-Type: text/plain\r\n\r\n" + LETTER
    octets = mixed(body, attached(pdf_of_pages([OFFER]), b"a.pdf"), attached(docx([OFFER]), b"b.docx"))
    (tmp_path / "offer.eml").write_bytes(octets)
    (tmp_path / "zeros.eml").write_bytes(EITHER["zeros"]())
    done = parse("--json", "zeros.eml", "offer.eml", cwd=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 1
    refused, read = map(json.loads, done.stdout.splitlines())
    assert refused == {"file": "zeros.eml", "error": "empty message: there is nothing to read"}
    schema = json.loads((ROOT / "docs" / "schemas" / "parse.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(read, schema)
    assert [one["text"] for one in read["attachments"]] == [OFFER, OFFER]


def test_people_are_told_how_much_text_there_is(tmp_path: Path) -> None:
    (tmp_path / "offer.eml").write_bytes(mixed(LETTER, attached(pdf_of_pages([OFFER]), b"offer.pdf")))
    done = parse("offer.eml", cwd=tmp_path)
    assert done.returncode == 0
    assert f"text {len(OFFER)} characters" in " ".join(done.stdout.split())
    assert OFFER not in done.stdout
