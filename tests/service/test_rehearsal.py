"""The whole pipeline on labelled mail: who would have got it, and what users would have seen."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline import parsing
from pipeline.classify.dataset import Example
from pipeline.classify.heldout import HeldOut, Rulings
from pipeline.records.decisions import Decision, Disposition
from pipeline.routing.policy import Absence, Policy, load_policy
from pipeline.service.handing import handing
from pipeline.service.rehearsal import decided as decisions_of
from pipeline.service.rehearsal import rehearsed, section, swept
from pipeline.service.tagging import Tagger
from pipeline.service.truth import decision_of, entry_of, tags_of
from pipeline.taxonomy import Taxonomy
from tests.support.mails import decided, letter

NOW = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
LABELS = {
    "kind": ("partnership",),
    "partner_type": ("museum",),
    "country": ("IN",),
    "region": ("south_asia",),
    "alignment": ("aligned",),
}
RIGHT = decided(letter())


@pytest.fixture
def policy(rules: Path, taxonomy: Taxonomy) -> Policy:
    return load_policy(rules, taxonomy)


def _share(policy: Policy, taxonomy: Taxonomy, decision: Decision, **labels: tuple[str, ...]) -> float | None:
    return handing([decision], [{**LABELS, **labels}], policy, taxonomy, NOW)


def _elsewhere(decision: Decision) -> Decision:
    return dataclasses.replace(
        decision, tags=dataclasses.replace(decision.tags, country="BR", region="latin_america_caribbean")
    )


def test_the_liaison_of_the_labels_is_right_and_another_is_wrong(policy: Policy, taxonomy: Taxonomy) -> None:
    assert _share(policy, taxonomy, RIGHT) == 0
    assert _share(policy, taxonomy, _elsewhere(RIGHT)) == 1


def test_only_honest_mail_that_nobody_reviewed_counts(policy: Policy, taxonomy: Taxonomy) -> None:
    wrong = _elsewhere(RIGHT)
    assert _share(policy, taxonomy, dataclasses.replace(wrong, disposition=Disposition.REVIEW)) is None
    assert _share(policy, taxonomy, wrong, kind=("spam",)) is None


def test_a_letter_of_support_goes_to_who_gets_all_of_them(policy: Policy, taxonomy: Taxonomy) -> None:
    assert policy.routes.endorsement
    assert _share(policy, taxonomy, RIGHT, kind=("endorsement",)) == 1
    support = dataclasses.replace(RIGHT, tags=dataclasses.replace(RIGHT.tags, kind="endorsement"))
    assert _share(policy, taxonomy, support, kind=("endorsement",)) == 0


def test_what_a_rule_hands_out_is_right(policy: Policy, taxonomy: Taxonomy) -> None:
    ruled = dataclasses.replace(_elsewhere(RIGHT), route=policy.liaisons[0].id)
    assert _share(policy, taxonomy, ruled) == 0


def test_absences_make_nobody_wrong(policy: Policy, taxonomy: Taxonomy) -> None:
    away = Absence(first=date(2026, 1, 1), last=date(2026, 12, 31))
    absent = policy.model_copy(
        update={"liaisons": tuple(one.model_copy(update={"absences": (away,)}) for one in policy.liaisons)}
    )
    assert _share(absent, taxonomy, RIGHT) == 0


def _example(octets: bytes, name: str) -> Example:
    return Example(id=name, inquiry=parsing.read(octets), hits=(), labels=LABELS, group=0, part="train")


def test_what_was_said_out_of_fold_takes_the_place_of_the_model(tagger: Tagger) -> None:
    import numpy as np

    examples = (
        _example(letter(identifier="a@x.example"), "a"),
        _example(letter(identifier="b@x.example"), "b"),
    )
    held_out = HeldOut(
        fields={"partner_type": ("museum", "archive")},
        judged={"partner_type": np.array([[0.02, 0.98], [0.9, 0.1]])},
        rulings=Rulings(thresholds={"partner_type": np.array([0.5, 0.95])}, choose={}),
        fold=(1, 0),
    )
    first, second = rehearsed(tagger, examples, held_out)
    assert (first.sha256, second.sha256) == tuple(example.inquiry.sha256 for example in examples)
    assert first.tags.partner_type == "archive"
    assert "partner_type" not in first.abstained
    assert second.tags.partner_type == "museum"
    assert "partner_type" in second.abstained, "its fold has another threshold"


def _of_two_minds(tagger: Tagger) -> tuple[tuple[Example, ...], HeldOut]:
    """Return two examples, one probably spam and one perhaps business."""
    import numpy as np

    kinds = tagger.taxonomy.values("kind")
    chances = [{"spam": 0.93, "partnership": 0.07}, {"partnership": 0.6, "business": 0.4}]
    examples = tuple(
        _example(letter(subject="Hello", body=b"Hello there\r\n", identifier=f"{at}@x.example"), str(at))
        for at in range(2)
    )
    judged = np.array([[chance.get(kind, 0.0) for kind in kinds] for chance in chances])
    rulings = Rulings(thresholds={"kind": np.array([0.9, 0.9])}, choose={})
    return examples, HeldOut(fields={"kind": kinds}, judged={"kind": judged}, rulings=rulings, fold=(0, 1))


def test_other_limits_are_tried_on_what_was_heard_once(tagger: Tagger) -> None:
    examples, held_out = _of_two_minds(tagger)
    limits = tagger.policy.decisions

    def policy(**changed: float) -> Policy:
        return tagger.policy.model_copy(update={"decisions": limits.model_copy(update=changed)})

    tried = {"as it is": tagger.policy, "lax": policy(plausible=0.5), "bold": policy(honest=0.1)}
    found = swept(tagger, examples, held_out, tried)
    ways = {name: [one.disposition for one in some] for name, some in found.items()}
    assert ways == {
        "as it is": [Disposition.REVIEW, Disposition.REVIEW],
        "lax": [Disposition.REVIEW, Disposition.ASSIGN],
        "bold": [Disposition.FILE, Disposition.REVIEW],
    }


def test_trying_the_limits_in_force_decides_as_the_pipeline_does(tagger: Tagger) -> None:
    examples, held_out = _of_two_minds(tagger)
    (tried,) = swept(tagger, examples, held_out, {"": tagger.policy}).values()
    for one, whole in zip(tried, rehearsed(tagger, examples, held_out), strict=True):
        assert (one.sha256, one.disposition, one.abstained) == (
            whole.sha256,
            whole.disposition,
            tuple(field for field in whole.abstained if field in one.confidence),
        )
        assert dataclasses.replace(whole.tags, criteria=one.tags.criteria) == one.tags


def test_labels_become_what_would_be_right() -> None:
    decision = decision_of("m1", LABELS, "en", NOW)
    assert decision.disposition is Disposition.ASSIGN
    assert (decision.tags.kind, decision.tags.country, decision.tags.activities) == ("partnership", "IN", ())
    assert decision_of("m2", {"kind": ("spam",)}, "en", NOW).disposition is Disposition.FILE
    assert tags_of({"kind": ("misdirected",), "country": ()}).country is None
    entry = entry_of(decision, NOW)
    assert (entry.key, entry.received_at, entry.text) == ("m1", NOW, "")


def test_the_section_tells_every_figure_and_is_the_same_on_every_day(tagger: Tagger) -> None:
    examples = tuple(_example(letter(identifier=f"{at}@x.example"), str(at)) for at in range(3))
    seen: list[tuple[int, int]] = []
    found = section(
        tagger, examples, decisions_of(tagger, examples, lambda done, of: seen.append((done, of)))
    )
    assert seen == [(3, 3)]
    assert found.data["n"] == 3
    assert {one["field"] for one in found.data["decisions"]} == set(LABELS)
    assert all(0 <= one["baseline"] <= 1 for one in found.data["decisions"])
    assert found.data["honest_mail"]["honest"] == 3
    assert "partnership and endorsement mails" in found.text
    assert section(tagger, examples, decisions_of(tagger, examples)) == found
