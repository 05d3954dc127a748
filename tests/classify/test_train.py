"""Training is deterministic and honest; the model's evidence is what the judge needs."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict

import numpy as np
import pytest
from sklearn.utils.validation import check_is_fitted

from pipeline.classify.dataset import Example
from pipeline.classify.estimator import FIELDS, estimator
from pipeline.classify.evaluate import evaluate
from pipeline.classify.features import TOLD
from pipeline.classify.marks import Mark, units
from pipeline.classify.report_text import sections
from pipeline.classify.train import Trained, data_hash, taxonomy_hash, train
from pipeline.records.decisions import LIST_FIELDS, Source
from pipeline.records.inquiries import View
from pipeline.taxonomy import Taxonomy

# On one worker: the small model is trained once.
pytestmark = pytest.mark.xdist_group("small_model")


@pytest.mark.nightly
def test_same_data_and_seed_give_the_same_model(some: tuple[Example, ...], taxonomy: Taxonomy) -> None:
    seen: list[tuple[int, int]] = []
    few = tuple(map(marked, some[:40]))
    one = train(few, taxonomy, name="tiny", seed=7, progress=lambda done, of: seen.append((done, of)))
    other = train(few, taxonomy, name="tiny", seed=7)
    batch = [example.sample for example in some]
    assert other.model.evidence(batch) == one.model.evidence(batch)
    assert other.model.thresholds == one.model.thresholds
    assert other.report.as_json() == one.report.as_json()
    assert seen == [(done, 6) for done in range(7)]
    assert TOLD in one.model.estimator[0].transform(batch)


def marked(example: Example) -> Example:
    """Mark the first sentence of a message with an alignment as what its label would have it say."""
    signs = {"aligned": "fits", "unclear": "open", "not_aligned": "broken"}
    sign = next((signs[value] for value in example.labels.get("alignment", ())), "")
    mark = Mark(quote=units(example.inquiry)[1], sign=sign, ground="other")
    return dataclasses.replace(example, marks=(mark,)) if sign else example


def test_the_data_hash_follows_labels_and_hits_not_order(some: tuple[Example, ...]) -> None:
    assert data_hash(some[::-1]) == data_hash(some)
    relabelled = dataclasses.replace(some[0], labels={"kind": ("spam",)})
    without_hits = [dataclasses.replace(example, hits=()) for example in some]
    assert len({data_hash(some), data_hash((relabelled, *some[1:])), data_hash(without_hits)}) == 3


def test_the_taxonomy_hash_ignores_wording(taxonomy: Taxonomy) -> None:
    reworded = taxonomy.model_dump()
    reworded["funding"]["none"] = "no money at all"
    assert taxonomy_hash(Taxonomy.model_validate(reworded, strict=False)) == taxonomy_hash(taxonomy)
    reworded["funding"]["some"] = "a little"
    assert taxonomy_hash(Taxonomy.model_validate(reworded, strict=False)) != taxonomy_hash(taxonomy)


def test_the_estimator_comes_unfitted(taxonomy: Taxonomy) -> None:
    made = estimator(taxonomy)
    assert [name for name, _ in made.steps] == ["views", "heads"]
    with pytest.raises(Exception, match="not fitted yet"):
        check_is_fitted(made[0])


def test_evidence_has_probabilities_for_every_field(trained: Trained, some: tuple[Example, ...]) -> None:
    for said in trained.model.evidence([example.sample for example in some[:30]]):
        by_field = defaultdict(list)
        for each in said:
            assert each.source is Source.MODEL
            assert each.name == "small"
            assert each.detail == ""
            by_field[each.field].append(each.score)
        assert set(FIELDS) - set(LIST_FIELDS) <= set(by_field)
        for field, scores in by_field.items():
            assert scores == sorted(scores, reverse=True)
            least = 0.05 if field in LIST_FIELDS else 0.02
            assert scores[0] <= 1
            assert len(scores) == 6 if field == "kind" else all(score >= least for score in scores[1:])
            if field not in LIST_FIELDS:
                assert sum(scores) <= 1.001


def test_a_message_gets_the_same_evidence_alone_and_in_company(
    trained: Trained, some: tuple[Example, ...]
) -> None:
    together = trained.model.evidence([example.sample for example in some[:5]])
    alone = [trained.model.evidence([example.sample])[0] for example in some[:5]]
    for many, one in zip(together, alone, strict=True):
        assert [each.tag for each in many] == [each.tag for each in one]
        assert [each.score for each in many] == pytest.approx([each.score for each in one], abs=1e-3)


def test_nothing_in_nothing_out(trained: Trained) -> None:
    assert trained.model.evidence([]) == []
    assert trained.model.probabilities([]) == {}


def test_explanations_name_words_of_the_message_or_rules_or_facts(
    trained: Trained, some: tuple[Example, ...]
) -> None:
    said = trained.model.evidence([example.sample for example in some[:20]], explain=True)
    details = [each.detail for one in said for each in one if each.detail]
    assert details
    for example, one in zip(some, said, strict=False):
        text = f"{example.inquiry.author} {example.inquiry.base_subject} {example.inquiry.body}"
        text = f"{text} {example.inquiry.view(View.ATTACHMENTS)}".casefold()
        for each in one:
            for reason in each.detail.split("; ") if each.detail else ():
                _, quoted, word = reason.removeprefix("against: ").partition(": '")
                assert not quoted or word.rstrip("'") in text or "0" in word
    assert any("rules that hit" in detail for detail in details)
    assert any("against: " in detail for detail in details)


def test_the_model_learns_more_than_the_majority(trained: Trained) -> None:
    kind = trained.report.fields["kind"]
    partner = trained.report.fields["partner_type"]
    assert kind.n == 150
    assert partner.score.value > partner.score.baseline
    assert partner.macro_f1.low > partner.macro_f1.baseline
    assert kind.score.low <= kind.score.value <= kind.score.high
    assert 0 <= kind.ece <= 0.3


def test_evaluation_has_every_field_and_slice(trained: Trained, some: tuple[Example, ...]) -> None:
    report = evaluate(trained.model, some)
    assert set(report.fields) == set(FIELDS)
    kind = report.fields["kind"]
    assert kind.score.value > trained.report.fields["kind"].score.value
    assert sum(one.n for one in kind.slices if one.by == "channel") == kind.n
    assert sum(one.n for one in kind.slices if one.by == "language") == kind.n
    assert sum(value.support for value in kind.values) == kind.n
    assert json.loads(json.dumps(report.as_json()))["fields"]["activities"]["headline"] == "micro-F1"
    assert "| partner_type |" in report.as_text()
    assert "## activities" in "\n".join(sections(report))


def test_evaluating_nothing_is_an_empty_report(trained: Trained) -> None:
    assert evaluate(trained.model, ()).fields == {}


def test_a_model_for_a_mailbox_with_other_proportions(trained: Trained, some: tuple[Example, ...]) -> None:
    model, batch = trained.model, [example.sample for example in some[:30]]
    assert model.at({}) is model
    spam = model.fields["kind"].index("spam")
    before, after = (each.probabilities(batch)["kind"] for each in (model, model.at({"spam": 0.7})))
    assert (after[:, spam] > before[:, spam]).all()
    assert after.sum(axis=1) == pytest.approx(np.ones(30))
    assert np.isfinite(model.at({"spam": 1.0}).probabilities(batch)["kind"]).all()
