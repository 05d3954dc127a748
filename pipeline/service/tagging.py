"""Tag: from an inquiry over all witnesses to a decision; `explain`, `tag` and the running service do the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pipeline.assess.criteria import Grade, PriorityLine, grade
from pipeline.assess.grid import CriteriaPolicy
from pipeline.assess.region import Place, clues, place
from pipeline.digest.summarise import summary
from pipeline.records.decisions import Decision, Evidence, RuleHit
from pipeline.records.inquiries import Inquiry
from pipeline.routing.contest import settle
from pipeline.routing.decide import Verdict, judge
from pipeline.routing.policy import Policy
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.match import hits
from pipeline.rulebook.vote import evidence as hit_evidence
from pipeline.rulebook.vote import vote
from pipeline.service.ports import ModelWitness
from pipeline.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What all witnesses said of one inquiry, before anything is judged.

    Parameters
    ----------
    hits
        Rules that matched.
    said
        What model, rules and clues to the place said.
    where
        What the clues to the place come to.
    """

    hits: tuple[RuleHit, ...]
    said: tuple[Evidence, ...]
    where: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """All witnesses and the judge.

    Parameters
    ----------
    taxonomy, rulebook, criteria, policy
        As declared; the liaisons matter where two of them might be right.
    model
        The learnt witness; None where rules have to do.
    places
        Folder with places of its own; None: the packaged ones.
    """

    taxonomy: Taxonomy
    rulebook: Rulebook
    criteria: CriteriaPolicy
    policy: Policy
    model: ModelWitness | None
    places: Path | None = None

    def decide(
        self, inquiries: Sequence[Inquiry], now: datetime, *, explain: bool = True
    ) -> tuple[Decision, ...]:
        """Decide on each inquiry by itself, in order.

        Parameters
        ----------
        explain
            Whether the model's evidence tells what weighed most; without, the decisions are the same and come sooner.
        """
        heard = self.hear(inquiries, explain=explain)
        return tuple(self._decide(inquiry, one, now) for inquiry, one in zip(inquiries, heard, strict=True))

    def hear(self, inquiries: Sequence[Inquiry], *, explain: bool = True) -> tuple[Hearing, ...]:
        """Return what the witnesses say of each inquiry, in order; `explain` as in `decide`."""
        found = [hits(self.rulebook, inquiry) for inquiry in inquiries]
        opinions: Sequence[tuple[Evidence, ...]] = [()] * len(inquiries)
        if self.model and inquiries:
            opinions = self.model.evidence(list(zip(inquiries, found, strict=True)), explain=explain)
        return tuple(
            self._heard(inquiry, hit, opinion)
            for inquiry, hit, opinion in zip(inquiries, found, opinions, strict=True)
        )

    def _heard(self, inquiry: Inquiry, found: tuple[RuleHit, ...], opinion: tuple[Evidence, ...]) -> Hearing:
        told = clues(inquiry, self.places)
        where = place(told, self.taxonomy, self.places)
        said = (*opinion, *vote(found, self.taxonomy), *hit_evidence(found), *where.evidence(), *told)
        return Hearing(hits=found, said=said, where=where)

    def _decide(self, inquiry: Inquiry, heard: Hearing, now: datetime) -> Decision:
        verdict = self.judge(heard)
        today = (inquiry.received_at or now).date()
        lines = tuple(_priority_lines(heard.hits))
        grid = grade(inquiry, verdict.tags, heard.said, self.criteria, today, lines, self.places)
        grid = replace(grid, confidence=_no_surer(grid.confidence, verdict.confidence))
        return self._decision(inquiry, verdict, grid, now)

    def judge(self, heard: Hearing) -> Verdict:
        """Return what the judge makes of what was said, with the thresholds of the model and the limits of the liaisons' file."""
        model = self.model
        verdict = judge(
            tuple(filter(_decides, heard.hits)),
            heard.said,
            heard.where,
            model.thresholds if model else {},
            model.choose if model else {},
            self.taxonomy,
            self.policy.decisions,
        )
        return settle(verdict, self.policy, self.taxonomy)

    def _decision(self, inquiry: Inquiry, verdict: Verdict, grid: Grade, now: datetime) -> Decision:
        return Decision(
            sha256=inquiry.sha256,
            disposition=verdict.disposition,
            tags=replace(verdict.tags, criteria=grid.criteria),
            abstained=(*verdict.abstained, *self._unsure(grid)),
            confidence={**verdict.confidence, **grid.confidence},
            priority=grid.priority,
            language=inquiry.language,
            summary=summary(inquiry),
            evidence=(*verdict.evidence, *grid.evidence),
            rulebook_version=self.rulebook.version,
            model_version=self.model.version if self.model else "",
            decided_at=now,
            route=verdict.route,
        )

    def _unsure(self, grid: Grade) -> tuple[str, ...]:
        """Return the fields of the criteria whose value is only the best guess."""
        thresholds = self.model.thresholds if self.model else {}
        return tuple(
            field
            for field, sure in grid.confidence.items()
            if sure < thresholds.get(field, self.policy.decisions.threshold)
        )


def _decides(hit: RuleHit) -> bool:
    """Tell whether a rule rules, rather than hints: hints have spoken through model and vote."""
    return hit.must or hit.route is not None or _disposes(hit.tags)


@lru_cache(maxsize=1_024)
def _disposes(tags: tuple[str, ...]) -> bool:
    return any(tag.startswith("disposition=") for tag in tags)


def _priority_lines(found: Sequence[RuleHit]) -> Iterator[PriorityLine]:
    """Yield what rules add to the priority; a rule that hits in several views counts once."""
    for hit in {hit.rule: hit for hit in reversed(found) if hit.priority}.values():
        quoted = f": '{hit.matched}'" if hit.matched else ""
        yield PriorityLine(name=hit.rule, points=hit.priority, words=f"rule {hit.rule}{quoted}")


def _no_surer(grid: Mapping[str, float], tags: Mapping[str, float]) -> Mapping[str, float]:
    """Let the preconditions, which follow from the alignment, be no surer than it."""
    if "preconditions_met" not in grid or "alignment" not in tags:
        return grid
    return {**grid, "preconditions_met": min(grid["preconditions_met"], tags["alignment"])}
