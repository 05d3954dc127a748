"""The criteria grid of one inquiry, and its priority as a sum that is shown line by line."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.assess.conditions import Case, first, holds, length_of, quote
from pipeline.assess.folding import fold
from pipeline.assess.grid import GRID, CriteriaPolicy
from pipeline.assess.urgency import deadline, sent_on
from pipeline.odds import softmax
from pipeline.records.decisions import Criteria, Evidence, Source, Tags
from pipeline.records.inquiries import Inquiry

_LONGEST = 8000
_LINE = 2000
_RULE = "rule:"
# The sum of all rules, which counts each hint a second time.
_VOTE = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityLine:
    """A line that something else than the grid adds to the sum, such as a rule.

    Parameters
    ----------
    name
        The rule's id; the evidence calls the line ``rule:`` and this, so that it cannot be one of the grid's.
    points
        Below 0 to lower the priority.
    words
        Why, for people; of a longer text the first 200 characters.
    """

    name: str
    points: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What the grid says of an inquiry.

    Parameters
    ----------
    criteria
        The grid; empty where the guide has none for the kind.
    confidence
        Field of the grid to probability, for each that has a value.
    priority
        0 to 100.
    evidence
        The sum, line by line: name the line's id, tag such as ``priority=+20``, score the points, detail words.
    """

    criteria: Criteria
    confidence: Mapping[str, float]
    priority: int
    evidence: tuple[Evidence, ...]


def grade(
    inquiry: Inquiry,
    tags: Tags,
    evidence: Sequence[Evidence],
    policy: CriteriaPolicy,
    today: date,
    extra: Sequence[PriorityLine] = (),
    rules: Path | None = None,
) -> Grade:
    """Return the grid and the priority of `inquiry`.

    Parameters
    ----------
    inquiry
        Its words are quoted, and tell a deadline.
    tags
        As decided, the grid still empty.
    evidence
        What models (probabilities) and rules (log-odds) say of the grid's fields; other evidence is ignored.
    policy
        As from `grid.load_criteria`.
    today
        From which the days to a deadline are counted.
    extra
        Lines that rules add to the sum.
    rules
        Folder of the rules, for the words that tell a deadline; by default the packaged one.
    """
    if tags.kind in policy.fixed:
        line = _line("kind", policy.fixed[tags.kind], f"every message of the kind {tags.kind}")
        return _summed(Criteria(), {}, (line, *_extra(extra)))
    case = _case(inquiry, tags, evidence, policy, today, rules)
    said = _by_field(evidence)
    chances = {field: _chances(field, case, said[field], policy) for field in GRID}
    values = {field: max(found, key=lambda value: (found[value], value)) for field, found in chances.items()}
    confidence = {field: round(chances[field][values[field]], 4) for field in GRID}
    if case.deadline:
        confidence["urgency"] = case.deadline.confidence
    told = _further(policy, evidence, _known(case, values))
    criteria = _criteria(case, values, tuple(told))
    case = replace(case, tags=replace(tags, criteria=criteria))
    return _summed(criteria, confidence, (*_lines(case, policy), *told.values(), *_extra(extra)))


def _criteria(case: Case, values: Mapping[str, str], further: tuple[str, ...] = ()) -> Criteria:
    return Criteria(
        preconditions_met=values["preconditions_met"],
        shared_objectives=int(values["shared_objectives"]),
        complexity=values["complexity"],
        funding=values["funding"],
        urgency=case.deadline.day if case.deadline else None,
        further=further,
    )


def _known(case: Case, values: Mapping[str, str]) -> Case:
    return replace(case, tags=replace(case.tags, criteria=_criteria(case, values)))


def _summed(criteria: Criteria, confidence: Mapping[str, float], lines: tuple[Evidence, ...]) -> Grade:
    """Return the sum of `lines`; what lies outside 0 to 100 is cut off by a line of its own, so that the sum is exact."""
    total = round(sum(line.score for line in lines))
    priority = max(0, min(100, total))
    if priority != total:
        lines = (
            *lines,
            _line("bounds", priority - total, f"the sum is {total}; priorities end at {priority}"),
        )
    return Grade(criteria=criteria, confidence=confidence, priority=priority, evidence=lines)


def _extra(extra: Sequence[PriorityLine]) -> Iterator[Evidence]:
    for line in extra:
        if line.points:
            yield _line(f"{_RULE}{line.name}", line.points, " ".join(line.words.split()))


def extra_lines(evidence: Sequence[Evidence]) -> tuple[PriorityLine, ...]:
    """Return the lines that rules added to a sum, out of the `evidence` of a decision."""
    return tuple(
        PriorityLine(name=e.name.removeprefix(_RULE), points=round(e.score), words=e.detail)
        for e in evidence
        if e.source is Source.CRITERIA and e.name.startswith(_RULE)
    )


def _case(
    inquiry: Inquiry,
    tags: Tags,
    evidence: Sequence[Evidence],
    policy: CriteriaPolicy,
    today: date,
    rules: Path | None,
) -> Case:
    own = inquiry.text[:_LONGEST]
    text = unicodedata.normalize(
        "NFC", f"{inquiry.base_subject[:_LINE]}\n\n{own}\n\n{inquiry.signature[:_LINE]}"
    )
    case = Case(
        tags=tags,
        text=text,
        folded=f" {fold(text)} ",
        length=length_of(own),
        deadline=deadline(inquiry, policy.urgency, today, rules),
        today=max(today, sent_on(inquiry, today)),
        rules={e.name: _matched(e) for e in evidence if e.source is Source.RULE and e.name != _VOTE},
    )
    return replace(case, objectives=_objectives(case, policy))


def _matched(evidence: Evidence) -> str:
    """Return the words at which a rule hit: its detail is such as ``body: 'cc by'``."""
    return evidence.detail.partition(": ")[2].strip("'") or evidence.detail.strip("'")


def _objectives(case: Case, policy: CriteriaPolicy) -> tuple[str, ...]:
    """Return which of the shared objectives the tags tell."""
    return tuple(name for name in policy.objectives if first(policy.objectives[name].told, case))


def _further(policy: CriteriaPolicy, evidence: Sequence[Evidence], case: Case) -> dict[str, Evidence]:
    """Return the further elements that the message shows, each with its line of the sum."""
    said = {e.value: _matched(e) for e in evidence if _tells_further(e)}
    told: dict[str, Evidence] = {}
    for element in policy.further:
        when = first(element.told, case)
        if when is not None:
            words = _words(element.words, quote(when, case), case)
        elif element.id in said:
            words = _words(element.words, said[element.id], case)
        else:
            continue
        told[element.id] = _line(element.id, element.points, words)
    return told


def _tells_further(evidence: Evidence) -> bool:
    """Tell whether a rule speaks for a further element; the sum of all rules names every one, told or not."""
    told = evidence.source is Source.RULE and evidence.name != _VOTE and evidence.field == "further"
    return told and evidence.score > 0


def _by_field(evidence: Sequence[Evidence]) -> Mapping[str, Sequence[Evidence]]:
    found: dict[str, list[Evidence]] = {field: [] for field in GRID}
    for one in evidence:
        if (field := one.tag.partition("=")[0]) in found:
            found[field].append(one)
    return found


def _chances(
    field: str, case: Case, evidence: Sequence[Evidence], policy: CriteriaPolicy
) -> dict[str, float]:
    """Return the probability of each value of `field`: a model's if one spoke, else from expectations and rules.

    The `evidence` is all on this field.

    A model has heard the rules already: their hits are among its features.
    """
    told = {e.value: e.score for e in evidence if e.source is Source.MODEL}
    scores = {
        value: math.log(max(1e-3, told.get(value, 0.0))) if told else start
        for value, start in policy.start[field].items()
    }
    for expectation in policy.expect:
        name, _, value = expectation.tag.partition("=")
        spoken = name == field and value in scores and (expectation.always or not told)
        if spoken and holds(expectation.when, case):
            scores[value] += expectation.weight
    for hint in () if told else evidence:
        if hint.source is Source.RULE and hint.name != _VOTE and hint.value in scores:
            scores[hint.value] += hint.score
    return softmax(scores)


def _lines(case: Case, policy: CriteriaPolicy) -> Iterator[Evidence]:
    for line in policy.line:
        times = (case.tags.criteria.shared_objectives or 0) if line.each else 1
        if times and holds(line.when, case):
            words = _words(line.words, quote(line.when, case), case)
            yield _line(line.id, line.points * times, words)


def _line(name: str, points: int, words: str) -> Evidence:
    return Evidence(
        source=Source.CRITERIA,
        name=name,
        tag=f"priority={points:+d}",
        score=float(points),
        detail=words[:200],
    )


def _words(template: str, quoted: str, case: Case) -> str:
    """Fill in the words of a line; where nothing is quoted, nothing is left of the quote."""
    grid = case.tags.criteria
    filled = template.format(
        value=next((value for value in (grid.funding, grid.complexity) if value), ""),
        objectives=grid.shared_objectives or 0,
        named=", ".join(case.objectives),
        priorities=", ".join(case.tags.priorities),
        date=grid.urgency.isoformat() if grid.urgency else "",
        quote=repr(quoted) if quoted else "",
    )
    return filled if quoted else filled.rstrip(" :")
