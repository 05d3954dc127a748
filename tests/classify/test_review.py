"""What to label next: the torn before the sure, the rare before the frequent, none of the same twice in a row."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.classify.review import Candidate, candidate, in_order, reason
from pipeline.records.decisions import Decision, Disposition, Evidence, Source, Tags


def decision(language: str = "en", **chances: dict[str, float]) -> Decision:
    evidence = tuple(
        Evidence(source=Source.MODEL, name="base", tag=f"{field}={value}", score=score)
        for field, values in chances.items()
        for value, score in values.items()
    )
    return Decision(
        sha256="0" * 64, disposition=Disposition.ASSIGN, tags=Tags(kind="partnership"), abstained=(), confidence={},
        priority=1, language=language, summary="", evidence=evidence, rulebook_version="r", model_version="m",
        decided_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


SURE = {"partnership": 0.98, "business": 0.02}
TORN = {"partnership": 0.51, "business": 0.49}


def test_the_smaller_the_margin_the_more_useful() -> None:
    sure, torn = candidate("S", decision(kind=SURE), {}), candidate("T", decision(kind=TORN), {})
    assert torn.uncertainty > 0.95 > 0.1 > sure.uncertainty
    assert torn.doubts == ("kind",)
    assert [one.key for one in in_order([sure, torn], 2)] == ["T", "S"]


def test_a_doubt_about_the_kind_outweighs_one_about_priorities() -> None:
    kind = candidate("K", decision(kind=TORN, priorities={"quality": 0.99}), {})
    priority = candidate("P", decision(kind=SURE, priorities={"quality": 0.5}), {})
    assert kind.uncertainty > priority.uncertainty


def test_a_value_that_was_seldom_labelled_is_preferred() -> None:
    labelled = {"kind=partnership": 400, "kind=endorsement": 1}
    usual = candidate("U", decision(kind=SURE), labelled)
    rare = candidate("R", decision(kind={"endorsement": 0.98, "partnership": 0.02}), labelled)
    assert rare.rarity > usual.rarity
    assert rare.rare == "kind=endorsement"
    assert [one.key for one in in_order([usual, rare], 1)] == ["R"]
    assert "rare: kind=endorsement" in reason(rare)


def test_after_one_of_a_kind_comes_another_kind_and_copies_come_last() -> None:
    torn = decision(kind=TORN, partner_type={"museum": 0.9})
    copies = [candidate(f"C{number}", torn, {}) for number in range(5)]
    other = candidate(
        "O", decision("ar", kind={"business": 0.9, "spam": 0.1}, partner_type={"library": 0.6}), {}
    )
    order = [one.key for one in in_order([*copies, other], 6)]
    assert order[:2] == ["C0", "O"]
    assert sorted(order) == ["C0", "C1", "C2", "C3", "C4", "O"]


def test_rules_alone_tell_doubt_by_their_confidence() -> None:
    import dataclasses

    unsure = dataclasses.replace(decision(), confidence={"kind": 0.5})
    certain = dataclasses.replace(decision(), confidence={"kind": 0.99})
    assert candidate("U", unsure, {}).uncertainty > candidate("C", certain, {}).uncertainty


def test_nothing_to_choose_from_and_nothing_said_is_no_fault() -> None:
    assert in_order([], 5) == ()
    silent = candidate("S", decision(), {})
    assert in_order([silent], 5) == (silent,)
    assert reason(silent) == "unlike the others"
    assert isinstance(silent, Candidate)
