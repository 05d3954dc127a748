"""The criteria grid of one inquiry, and its priority as a sum that is shown line by line."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from pipeline.assess.folding import fold, fold_name
from pipeline.assess.grid import CriteriaPolicy, Line, When, load_criteria
from pipeline.assess.urgency import Deadline, deadline, sent_on
from pipeline.records.decisions import Criteria, Evidence, Source, Tags
from pipeline.records.inquiries import Inquiry

_LONGEST = 8000
_OBJECTIVES = frozenset({"participation", "quality", "readership"})
# The sum of all rules, which counts each hint a second time.
_VOTE = "rules"
_GRID = ("preconditions_met", "complexity", "funding")
# An amount of money: a sign or code beside digits.
_MONEY = re.compile(
    r"(?:[$€£¥₹₦₽₴₺₩₪฿₫₱₸₾]|\b(?:USD|EUR|GBP|CHF|Rs|KES|NGN|INR)) ?\d[\d.,' ]{0,14}\d?(?: ?(?:k|million|Mio|lakh))?"
    r"|\d[\d.,' ]{0,14}(?:k )? ?(?:[€£$¥₹₽₴₺₩]|(?:USD|EUR|euros?|Euro|dollars?|Franken|kr|zł|Kč|Ft|pesos|reais|francs|rupees|円|元|руб|грн|лв|lei|kronor|kroner)\b)"
)

__all__ = ["CriteriaPolicy", "Grade", "grade", "load_criteria"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What conditions are tested on."""

    tags: Tags
    text: str
    folded: str
    deadline: Deadline | None
    today: date


def grade(
    inquiry: Inquiry, tags: Tags, evidence: Sequence[Evidence], policy: CriteriaPolicy, today: date
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
        As from :func:`load_criteria`.
    today
        From which the days to a deadline are counted.
    """
    if tags.kind in policy.fixed:
        priority = policy.fixed[tags.kind]
        words = f"every message of the kind {tags.kind}"
        return Grade(
            criteria=Criteria(), confidence={}, priority=priority, evidence=(_line("kind", priority, words),)
        )
    case = _case(inquiry, tags, policy, today)
    chances = {field: _chances(field, case, evidence, policy) for field in _GRID}
    objectives, sure = _objectives(tags, evidence)
    values = {field: max(found, key=lambda value: (found[value], value)) for field, found in chances.items()}
    criteria = Criteria(
        preconditions_met=values["preconditions_met"],
        shared_objectives=objectives,
        complexity=values["complexity"],
        funding=values["funding"],
        urgency=case.deadline.day if case.deadline else None,
    )
    confidence = {field: round(chances[field][values[field]], 4) for field in _GRID} | {
        "shared_objectives": sure
    }
    if case.deadline:
        confidence["urgency"] = case.deadline.confidence
    lines = tuple(_lines(replace(case, tags=replace(tags, criteria=criteria)), policy))
    priority = max(0, min(100, round(sum(line.score for line in lines))))
    return Grade(criteria=criteria, confidence=confidence, priority=priority, evidence=lines)


def _case(inquiry: Inquiry, tags: Tags, policy: CriteriaPolicy, today: date) -> _Case:
    text = unicodedata.normalize(
        "NFC", f"{inquiry.base_subject}\n{inquiry.text}\n{inquiry.signature}"[:_LONGEST]
    )
    due = deadline(inquiry, policy.urgency, today)
    return _Case(
        tags=tags,
        text=text,
        folded=f" {fold(text)} ",
        deadline=due,
        today=max(today, sent_on(inquiry, today)),
    )


def _chances(
    field: str, case: _Case, evidence: Sequence[Evidence], policy: CriteriaPolicy
) -> dict[str, float]:
    """Return the probability of each value of `field`: a model's if one spoke, else from expectations and rules.

    A model has heard the rules already: their hits are among its features.
    """
    told = {e.value: e.score for e in evidence if e.source is Source.MODEL and e.field == field}
    scores = {
        value: math.log(max(1e-3, told.get(value, 0.0))) if told else start
        for value, start in policy.start[field].items()
    }
    for expectation in policy.expect:
        name, _, value = expectation.tag.partition("=")
        if (
            name == field
            and value in scores
            and (expectation.always or not told)
            and _holds(expectation.when, case)
        ):
            scores[value] += expectation.weight
    for spoken in () if told else evidence:
        hint = spoken.source is Source.RULE and spoken.name != _VOTE
        if hint and spoken.field == field and spoken.value in scores:
            scores[spoken.value] += spoken.score
    return _softmax(scores)


def _softmax(scores: Mapping[str, float]) -> dict[str, float]:
    highest = max(scores.values())
    powers = {value: math.exp(score - highest) for value, score in scores.items()}
    total = sum(powers.values())
    return {value: power / total for value, power in powers.items()}


def _objectives(tags: Tags, evidence: Sequence[Evidence]) -> tuple[int, float]:
    """Return how many of the three objectives it would raise, and how likely that is right."""
    told: dict[int, float] = defaultdict(float)
    for spoken in evidence:
        if (
            spoken.source is Source.MODEL
            and spoken.field == "shared_objectives"
            and spoken.value in ("0", "1", "2", "3")
        ):
            told[int(spoken.value)] = spoken.score
    if told:
        best = max(told, key=lambda number: (told[number], -number))
        return best, round(min(1.0, told[best]), 4)
    return len(_OBJECTIVES & set(tags.priorities)), 0.75


def _lines(case: _Case, policy: CriteriaPolicy) -> Iterator[Evidence]:
    for line in policy.line:
        times = (case.tags.criteria.shared_objectives or 0) if line.each else 1
        if times and _holds(line.when, case):
            yield _line(line.id, line.points * times, _words(line, case))


def _line(name: str, points: int, words: str) -> Evidence:
    return Evidence(
        source=Source.CRITERIA,
        name=name,
        tag=f"priority={points:+d}",
        score=float(points),
        detail=words[:200],
    )


def _holds(when: When, case: _Case) -> bool:
    tags, grid = case.tags, case.tags.criteria
    single = (
        (when.kind, tags.kind),
        (when.alignment, tags.alignment),
        (when.partner_type, tags.partner_type),
        (when.preconditions_met, grid.preconditions_met),
        (when.complexity, grid.complexity),
        (when.funding, grid.funding),
    )
    several = ((when.activities, tags.activities), (when.priorities, tags.priorities))
    return (
        all(not wanted or value in wanted for wanted, value in single)
        and all(not wanted or set(wanted) & set(values) for wanted, values in several)
        and (when.days is None or _due(when, case))
        and (not when.text or _found(when.text, case.folded) is not None)
    )


def _due(when: When, case: _Case) -> bool:
    if case.deadline is None or when.days is None:
        return False
    return max(when.beyond, -1) < (case.deadline.day - case.today).days <= when.days


def _found(listed: str, folded: str) -> re.Match[str] | None:
    return _pattern(listed).search(folded)


@cache
def _pattern(listed: str) -> re.Pattern[str]:
    words = [fold_name(word) for word in listed.split(",") if fold_name(word)]
    return re.compile("|".join(f"{'' if word[0] >= chr(0x2E80) else ' '}{re.escape(word)}" for word in words))


def _words(line: Line, case: _Case) -> str:
    grid = case.tags.criteria
    return line.words.format(
        value=next((value for value in (grid.funding, grid.complexity) if value), ""),
        objectives=grid.shared_objectives or 0,
        date=grid.urgency.isoformat() if grid.urgency else "",
        quote=repr(_quote(line, case)),
    )


def _quote(line: Line, case: _Case) -> str:
    """Return the words of the message that the line is about, on one line, at most 90 characters."""
    if line.when.days is not None:
        quote = case.deadline.words if case.deadline else ""
    elif line.when.text:
        match = _found(line.when.text, case.folded)
        quote = _near(case.text, match.start(), match.end()) if match else ""
    else:
        money = _MONEY.search(case.text)
        quote = _near(case.text, *money.span()) if money else ""
    quote = " ".join("".join(char if char.isprintable() else " " for char in quote).split())
    return quote if len(quote) <= 90 else quote[:89] + "…"


def _near(text: str, start: int, end: int) -> str:
    """Return `start` to `end` of `text` with whole words around it."""
    left = text.rfind(" ", 0, max(0, start - 24)) + 1
    right = text.find(" ", end + 24)
    return text[left : right if right > 0 else len(text)][:120]
