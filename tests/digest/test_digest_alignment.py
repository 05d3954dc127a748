"""How a digest words an alignment that is only a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.digest.cards import Card, card
from pipeline.records.decisions import Evidence, Source
from tests.digest.samples import entry


def shown(sure: float, *evidence: Evidence) -> Card:
    plain = entry(0)
    kept = tuple(one for one in plain.decision.evidence if one.field != "alignment")
    decision = replace(
        plain.decision,
        tags=replace(plain.decision.tags, alignment="aligned"),
        abstained=("alignment",),
        confidence={"alignment": sure},
        evidence=(*kept, *evidence),
    )
    return card(replace(plain, decision=decision), timezone="UTC", today=date(2026, 11, 22))


def test_a_likely_guess_that_nothing_stands_for_is_no_question() -> None:
    seen = shown(0.8)
    assert seen.alignment == "Probably aligned"
    assert seen.questions == ()


def test_a_guess_with_evidence_is_asked_with_it() -> None:
    quote = Evidence(
        source=Source.RULE, name="licence", tag="alignment=aligned", score=1.0, detail="body: 'cc by'"
    )
    seen = shown(0.8, quote)
    assert seen.alignment == ""
    assert [(one.text, one.evidence) for one in seen.questions] == [("Aligned?", "“cc by” in the text")]


def test_an_unlikely_guess_is_asked() -> None:
    assert [one.text for one in shown(0.4).questions] == ["Aligned?"]
