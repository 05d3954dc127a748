"""Cases of other projects, where they lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.parsing.html import to_text
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.signature import split_signature
from pipeline.parsing.textclean import normalise

CASES = Path(__file__).parents[2].parent / "shared" / "peers" / "replies" / "cases.jsonl"


def _reply(case: dict[str, Any]) -> str:
    html = case.get("content_type") == "text/html"
    return split_signature(split_quotes(normalise(to_text(case["input"]) if html else case["input"]))[0])[0]


def _folded(text: str) -> str:
    return " ".join(text.split())


def _right(case: dict[str, Any]) -> bool:
    reply = _folded(_reply(case))
    if case.get("expected_reply") is not None and reply != _folded(case["expected_reply"]):
        return False
    wanted = all(_folded(part) in reply for part in case.get("must_contain", []))
    return wanted and not any(_folded(part) in reply for part in case.get("must_not_contain", []))


@pytest.mark.skipif(not CASES.is_file(), reason="the cases of other projects are not here")
def test_nine_in_ten_cases_of_other_projects() -> None:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    wrong = [f"{case['source']} {case['name']}" for case in cases if not _right(case)]
    assert len(cases) >= 40
    assert len(wrong) <= len(cases) // 10, wrong
