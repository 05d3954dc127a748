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


def said(detail: str, *, score: float = 1.0) -> str:
    """Return what is shown of the evidence with this note."""
    seen = shown(
        0.4, Evidence(source=Source.RULE, name="one", tag="alignment=aligned", score=score, detail=detail)
    )
    return seen.questions[0].evidence


def test_notes_of_a_clock_and_what_speaks_against_a_tag_are_not_told_as_its_reason() -> None:
    assert said("fits: '+0000'") == ""
    assert said("forwarder misfits: '+0200'") == ""
    assert said("body: 'for sale'", score=-1.0) == ""


def test_a_long_quotation_is_cut_within_its_marks() -> None:
    assert said(f"body: '{'free licence ' * 20}'").endswith("…” in the text")
    assert said(f"body: '{'رخصة حرة ' * 30}'").endswith("…\u2069” in the text")


def test_a_quoted_reason_of_the_priority_is_closed_and_a_loss_has_a_minus_sign() -> None:
    plain = entry(0)
    lines = tuple(
        Evidence(source=Source.CRITERIA, name=name, tag="priority", score=score, detail=detail)
        for name, score, detail in (
            ("funding", 12.0, f"funding offered: 'عرض {'تمويل ' * 40}'"),
            ("precondition", -20.0, "breaks a precondition"),
        )
    )
    seen = card(
        replace(plain, decision=replace(plain.decision, evidence=lines)),
        timezone="UTC",
        today=date(2026, 11, 22),
    )
    assert seen.top[0] == "\u221220 breaks a precondition"
    assert seen.top[1].endswith("…\u2069”")
