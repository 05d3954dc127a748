"""The whole pipeline on labelled mail: what users would get, each mail judged by a model that has not seen it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.classify.dataset import Example
from pipeline.classify.heldout import HeldOut, Witness
from pipeline.classify.report import Section
from pipeline.records.decisions import Decision
from pipeline.routing.decide import Verdict
from pipeline.routing.policy import Policy
from pipeline.service.handing import handing
from pipeline.service.scoring import Outcomes, Score, outcomes, score
from pipeline.service.tagging import Tagger

# Decided on this day, so that the same mail gives the same figures on every day.
DAY = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 50
KEY = "whole_pipeline"


def decided(
    tagger: Tagger, examples: Sequence[Example], progress: Callable[[int, int], None] | None = None
) -> list[Decision]:
    """Return what the `tagger` decides on each example, in order."""
    decisions: list[Decision] = []
    for start in range(0, len(examples), _BATCH):
        batch = [example.inquiry for example in examples[start : start + _BATCH]]
        decisions += tagger.decide(batch, DAY)
        if progress:
            progress(len(decisions), len(examples))
    return decisions


def rehearsed(
    tagger: Tagger,
    examples: Sequence[Example],
    held_out: HeldOut,
    progress: Callable[[int, int], None] | None = None,
) -> list[Decision]:
    """Return what the pipeline decides on each example where the model says what was said out of fold."""
    decisions: dict[int, Decision] = {}
    for blind, rows in _blind(tagger, examples, held_out):
        decisions.update(zip(rows, decided(blind, [examples[row] for row in rows]), strict=True))
        if progress:
            progress(len(decisions), len(examples))
    return [decisions[row] for row in range(len(examples))]


def swept(
    tagger: Tagger, examples: Sequence[Example], held_out: HeldOut, policies: Mapping[str, Policy]
) -> dict[str, list[Decision]]:
    """Return, for each of several liaisons' files, what the pipeline decides on each example; as `rehearsed`, heard once.

    Priority, criteria and summary are left out: what becomes of a mail does not depend on them.
    """
    decisions: dict[str, dict[int, Decision]] = {name: {} for name in policies}
    for blind, rows in _blind(tagger, examples, held_out):
        heard = blind.hear([examples[row].inquiry for row in rows])
        for name, policy in policies.items():
            judge = dataclasses.replace(blind, policy=policy)
            for row, one in zip(rows, heard, strict=True):
                decisions[name][row] = _bare(examples[row], judge.judge(one), judge)
    return {name: [some[row] for row in range(len(examples))] for name, some in decisions.items()}


def _blind(
    tagger: Tagger, examples: Sequence[Example], held_out: HeldOut
) -> Iterator[tuple[Tagger, list[int]]]:
    """Yield for each fold its rows, and a tagger that knows of them what was said out of fold."""
    row_of = {example.inquiry.sha256: row for row, example in enumerate(examples)}
    for fold in sorted(set(held_out.fold)):
        rows = [row for row, number in enumerate(held_out.fold) if number == fold]
        yield dataclasses.replace(tagger, model=Witness(held_out, fold, row_of)), rows


def _bare(example: Example, verdict: Verdict, tagger: Tagger) -> Decision:
    return Decision(
        sha256=example.inquiry.sha256,
        disposition=verdict.disposition,
        tags=verdict.tags,
        abstained=verdict.abstained,
        confidence=verdict.confidence,
        priority=0,
        language=example.inquiry.language,
        summary="",
        evidence=verdict.evidence,
        rulebook_version=tagger.rulebook.version,
        model_version=tagger.model.version if tagger.model else "",
        decided_at=DAY,
        route=verdict.route,
    )


def section(tagger: Tagger, examples: Sequence[Example], decisions: Sequence[Decision]) -> Section:
    """Return the figures of the whole pipeline, for a report."""
    labels = [example.labels for example in examples]
    scores, mail = score(decisions, labels), outcomes(decisions, labels)
    mail = dataclasses.replace(
        mail, wrong_liaison=handing(decisions, labels, tagger.policy, tagger.taxonomy, DAY)
    )
    return Section(
        key=KEY,
        title="The whole pipeline",
        text="\n".join(_lines(scores, mail)),
        data={
            "n": len(examples),
            "rules": tagger.rulebook.version,
            "decisions": [_rounded(dataclasses.asdict(one)) for one in scores],
            "honest_mail": _rounded(dataclasses.asdict(mail)),
        },
    )


def _lines(scores: Sequence[Score], mail: Outcomes) -> Iterator[str]:
    yield "Rules that must be obeyed, model, clues to the place, judge, criteria: what the user gets. In brackets: always"
    yield "the most frequent value. *Sure* is the share of messages in which the field has a value that is no mere guess."
    yield ""
    yield "| field | n | measure | score | sure | right of these |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in scores:
        right = "-" if one.right is None else f"{one.right:.3f}"
        yield (
            f"| {one.field} | {one.n} | {one.measure} | {one.value:.3f} ({one.baseline:.3f}) | {one.sure:.2f} | {right} |"
        )
    yield ""
    yield from told(mail)


def told(mail: Outcomes) -> Iterator[str]:
    """Yield what became of honest mail, in words."""
    yield (
        f"Of {mail.honest} partnership and endorsement mails {mail.assigned:.1%} were assigned without review,"
        f" {mail.review:.1%} went to review, {mail.filed:.1%} were filed (lost)."
    )
    if mail.wrong_liaison is not None:
        yield (
            f"Of those assigned without review {mail.wrong_liaison:.1%} went to a liaison to whom the labels would not"
            " have sent them."
        )


def _rounded(table: dict[str, object]) -> dict[str, object]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in table.items()}
