"""What becomes of a message: assigned, looked at by a person first, or filed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.records.decisions import FILED_KINDS, HONEST_KINDS, Disposition, Evidence, RuleHit
from pipeline.routing.policy import Limits
from pipeline.routing.weigh import DISPOSITION, review

# The name of the evidence that musts contradict each other; its detail names them.
MUSTS_DISAGREE = "musts-disagree"
# Kinds in one row end with the same person, as long as no policy tells them apart.
HANDLING = MappingProxyType(
    {
        "partnership": "liaison",
        "endorsement": "liaison",
        "business": "refusal",
        "misdirected": "forward",
        "spam": "nobody",
        "automated": "nobody",
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of one scalar field; `forced` by a must, `disputed` names the rules where musts disagree."""

    value: str | None
    probability: float
    forced: bool = False
    disputed: str = ""


def disposition_of(
    hits: Sequence[RuleHit],
    scalars: Mapping[str, Choice],
    unsure: bool,
    kinds: Mapping[str, float],
    limits: Limits,
) -> tuple[Disposition, tuple[Evidence, ...]]:
    """Return what becomes of the message, and why if a person has to look.

    Parameters
    ----------
    hits
        Rules that matched. One may ask for ``disposition=review``, and gets it; for ``disposition=file``, which a must
        gets at once and a hint only where an honest inquiry is out of the question; for ``disposition=assign``,
        which a must gets at once, while a hint only keeps the message from being filed: then a person looks.
    scalars
        The field's value for each field that the guide labels.
    unsure
        Whether kind is only the best guess.
    kinds
        Kind to probability.
    limits
        When a message may be filed, and what counts as plausible.
    """
    kind = scalars["kind"]
    if kind.forced:
        kinds = {str(kind.value): 1.0}
    filing, keeping = _asking(hits, Disposition.FILE), _asking(hits, Disposition.ASSIGN)
    reasons = (*_objections(hits, scalars, filing, keeping), *_doubts(kind, kinds, unsure, limits))
    if any(reason.name != "kind" for reason in reasons):
        return Disposition.REVIEW, reasons
    if any(hit.must for hit in keeping):
        return Disposition.ASSIGN, ()
    if any(hit.must for hit in filing) or (filing and not keeping and _honest(kinds) < limits.honest):
        return Disposition.FILE, ()
    if reasons:
        return Disposition.REVIEW, reasons
    if kind.value in FILED_KINDS and keeping:
        return Disposition.REVIEW, (review("rule", f"not to be filed, says {keeping[0].rule}"),)
    return (Disposition.FILE if kind.value in FILED_KINDS else Disposition.ASSIGN), ()


def _asking(hits: Sequence[RuleHit], wanted: Disposition) -> list[RuleHit]:
    return [hit for hit in hits if f"{DISPOSITION}={wanted}" in hit.tags]


def _objections(
    hits: Sequence[RuleHit],
    scalars: Mapping[str, Choice],
    filing: Sequence[RuleHit],
    keeping: Sequence[RuleHit],
) -> Iterator[Evidence]:
    """Yield why a person has to look, however sure the witnesses are."""
    kind = scalars["kind"]
    for rule in dict.fromkeys(hit.rule for hit in _asking(hits, Disposition.REVIEW)):
        yield review("rule", f"asked for by {rule}")
    files = list(dict.fromkeys(hit.rule for hit in filing if hit.must))
    keeps = list(dict.fromkeys(hit.rule for hit in keeping if hit.must))
    if files and keeps:
        sides = f"assign ({', '.join(keeps)}) against file ({', '.join(files)})"
        yield review(MUSTS_DISAGREE, f"rules disagree on what becomes of it: {sides}")
    for choice in scalars.values():
        if choice.disputed:
            yield review(MUSTS_DISAGREE, choice.disputed)
    if kind.forced and kind.value in HONEST_KINDS:
        claiming = ", ".join(
            dict.fromkeys(hit.rule for hit in hits if hit.must and f"kind={kind.value}" in hit.tags)
        )
        for rule in files:
            yield review(MUSTS_DISAGREE, f"{rule} wants it filed, {claiming} says {kind.value}")


def _doubts(kind: Choice, kinds: Mapping[str, float], unsure: bool, limits: Limits) -> Iterator[Evidence]:
    """Yield why the kind is too unsure to act on: an honest inquiry might be filed, or go astray."""
    if kind.forced:
        return
    if not kinds:
        yield review("kind", "nothing tells what it is", kind.probability)
        return
    honest = _honest(kinds)
    filed = sum(kinds.get(value, 0.0) for value in FILED_KINDS)
    if kind.value in FILED_KINDS:
        if filed < limits.file or honest >= limits.honest:
            detail = f"{kind.value}? an honest inquiry is possible at {honest:.2f}"
            yield review("kind", detail, kind.probability)
    elif unsure:
        others = _elsewhere(str(kind.value), kinds, limits)
        if others:
            yield review(
                "kind", " or ".join((f"{kind.value} {kind.probability:.2f}", *others)), kind.probability
            )


def _honest(kinds: Mapping[str, float]) -> float:
    """Return how probable an honest inquiry is at most: what the witnesses leave open may be one."""
    return sum(kinds.get(value, 0.0) for value in HONEST_KINDS) + max(0.0, 1.0 - sum(kinds.values()))


def _elsewhere(kind: str, kinds: Mapping[str, float], limits: Limits) -> tuple[str, ...]:
    """Return the kinds that would be handled in another way, where that way is plausible."""
    ways: dict[str, list[str]] = {}
    for value in kinds:
        ways.setdefault(HANDLING.get(value, value), []).append(value)
    ways.pop(HANDLING.get(kind, kind), None)
    plausible = [
        way for way in ways.values() if sum(kinds.get(value, 0.0) for value in way) >= limits.plausible
    ]
    ranked = sorted(
        (value for way in plausible for value in way if kinds.get(value, 0.0) > 0), key=lambda v: -kinds[v]
    )
    return tuple(f"{value} {kinds[value]:.2f}" for value in ranked)
