"""Mail of many list managers, as it comes: who wrote it, through which list, and in which words."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline import parsing
from pipeline.parsing.listdigests import digest_parts
from pipeline.records.inquiries import Inquiry

DATA = Path(__file__).parent / "data"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((DATA / "expected.toml").read_text(encoding="utf-8"))
MAILS = {name: says for name, says in EXPECTED.items() if "automatic" not in says}
DIGESTS = {name: says for name, says in EXPECTED.items() if "automatic" in says}


def read(name: str) -> Inquiry:
    return parsing.read((DATA / f"{name}.eml").read_bytes())


def test_each_mail_is_expected_somehow() -> None:
    assert {path.stem for path in DATA.glob("*.eml")} == EXPECTED.keys()
    assert len(MAILS) >= 30


@pytest.mark.parametrize("name", MAILS)
def test_the_author_is_the_person(name: str) -> None:
    inquiry, says = read(name), MAILS[name]
    assert (inquiry.author.name, inquiry.author.address) == (says["author"], says["address"])
    assert inquiry.automatic is None
    forwarder = inquiry.forward.forwarder.name if inquiry.forward else None
    assert forwarder == says.get("forwarder")


@pytest.mark.parametrize("name", MAILS)
def test_list_subject_and_words(name: str) -> None:
    inquiry, says = read(name), MAILS[name]
    assert (inquiry.list_id or "") == says["list_id"]
    assert inquiry.base_subject == says["subject"]
    assert inquiry.text == says["text"]
    if "recipients" in says:
        assert list(inquiry.recipients) == says["recipients"]
    assert [
        part.name for part in inquiry.message.attachments if part.content_type != "message/rfc822"
    ] == says.get("attachments", [])


@pytest.mark.parametrize("name", MAILS)
def test_the_footer_is_kept_with_the_quotes(name: str) -> None:
    inquiry = read(name)
    for words in ("nsubscribe", "mailing list", "désabonner", "退会"):
        assert words not in inquiry.text + inquiry.signature


@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_is_no_inquiry_and_gives_its_mails(name: str) -> None:
    inquiry = read(name)
    assert inquiry.automatic is not None
    assert inquiry.automatic.value == DIGESTS[name]["automatic"]
    parts = [parsing.read(part) for part in digest_parts(inquiry.message)]
    said = [f"{part.author.name} <{part.author.address}> {part.base_subject}" for part in parts]
    assert said == DIGESTS[name]["parts"]
    assert parts[0].text == EXPECTED["mailman2-reply-to"]["text"]
