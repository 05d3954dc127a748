"""Have the mail or the tags changed: two periods held against each other, field by field.

Shares of values are compared by a chi-square test and the population stability index, numbers by the two-sample
Kolmogorov-Smirnov test. A change is told only if it is unlikely to be chance after Holm's correction for the number of
tests (Holm 1979) AND large enough to matter: with thousands of mails everything is significant.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.records.labels import Observed
from pipeline.tongue import Tongue, msgid, tongue

SHARES = (
    "kind",
    "partner_type",
    "region",
    "alignment",
    "language",
    "disposition",
    "activities",
    "priorities",
)
# Chance must be this improbable, over all tests together.
LEVEL = 0.01
# From here on a change matters. Population stability index: 0.1 moderate, 0.25 large, by the custom of credit scoring
# (Siddiqi 2006); Kolmogorov-Smirnov: the largest distance of the two distributions, 0 to 1.
LEAST_PSI = 0.2
LEAST_DISTANCE = 0.15
# Fewer mails in a period tell nothing.
FEWEST = 40
# Values that are expected less often than this are pooled (Cochran 1954).
_EXPECTED = 5.0
_OTHERS = "all others"
_MOVED = 3
_CONFIDENCE = "confidence of "
_NUMBERS = {
    "length of text": msgid("length of text"),
    "fields left open": msgid("fields left open"),
    "unknown word pieces": msgid("unknown word pieces"),
}
_WAYS = {"assign": msgid("to a liaison"), "review": msgid("to review"), "file": msgid("filed away")}
_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A value and its share of the mail before and now, 0 to 1; of numbers the median."""

    value: str
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One comparison.

    Parameters
    ----------
    name
        The field, or what was measured of the mail.
    test
        ``chi-square`` or ``kolmogorov-smirnov``.
    before, now
        How many mails it rests on.
    statistic, p
        Of the test; `p` after Holm's correction.
    effect, least
        Population stability index, or the largest distance; and from where on it matters.
    changed
        Whether it is both no chance and large enough.
    moves
        What moved most, at most three.
    """

    name: str
    test: str
    before: int
    now: int
    statistic: float
    p: float
    effect: float
    least: float
    changed: bool
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Two periods held against each other.

    Parameters
    ----------
    since, until
        The present period (aware, UTC).
    reference
        When the one before it began.
    before, now
        How many mails are in each.
    models
        Versions of the models that spoke, the newest last; confidences are compared only where it is one.
    measures
        All comparisons; none where a period has too few mails.
    """

    since: datetime
    until: datetime
    reference: datetime
    before: int
    now: int
    models: tuple[str, ...]
    measures: tuple[Measure, ...]

    @property
    def changed(self) -> tuple[Measure, ...]:
        """What has changed, the largest effect first, by how much it is over what matters."""
        found = (one for one in self.measures if one.changed)
        return tuple(sorted(found, key=lambda one: (-one.effect / one.least, one.name)))

    @property
    def enough(self) -> bool:
        """Whether both periods have enough mail to tell anything."""
        return min(self.before, self.now) >= FEWEST


def compare(
    before: Sequence[Observed],
    now: Sequence[Observed],
    span: tuple[datetime, datetime, datetime],
    unknown: Callable[[str], float] | None = None,
) -> Drift:
    """Hold two periods against each other.

    Parameters
    ----------
    before, now
        The mail of each.
    span
        When the first began, when the second did, and when that ended (aware, UTC).
    unknown
        Text to the share of its word pieces that the model does not know, 0 to 1; None where there is no model.
    """
    models = tuple(dict.fromkeys(one.model_version for one in sorted([*before, *now], key=_age)))
    drift = Drift(
        since=span[1], until=span[2], reference=span[0],
        before=len(before), now=len(now), models=models, measures=(),
    )  # fmt: skip
    if not drift.enough:
        return drift
    raw = [one for field in SHARES for one in _shares(field, before, now)]
    for name, figure in _figures(unknown, one_model=len(models) == 1).items():
        raw += _numbers(name, [figure(one) for one in before], [figure(one) for one in now])
    return replace(drift, measures=tuple(_holm(raw)))


def line(drift: Drift, locale: str = "en") -> str:
    """Return one or two sentences on what has changed, in the language of `locale`; empty if nothing has."""
    reader = tongue(locale)
    told = [f"{_words(one, reader)} ({move})" for one in drift.changed[:3] if (move := _told(one, reader))]
    if not told:
        return ""
    return reader.text(
        "Since {day} the mail differs from before: {changes}. Label some of it, and train again: triage label.",
        day=reader.day(drift.since, "UTC", "long"),
        changes="; ".join(told),
    )


def vocabulary(estimator: Any) -> frozenset[str] | None:
    """Return the word pieces that a fitted estimator knows of whole messages; None if it keeps none."""
    try:
        return frozenset(estimator[0].texts_["message"].vocabulary_)
    except (AttributeError, KeyError, TypeError, IndexError):
        return None


def unknown_share(text: str, known: frozenset[str]) -> float:
    """Return which share of the word pieces of `text` is not `known`, 0 to 1; not a number for an empty text."""
    from pipeline.classify.wordpieces import pieces, words

    found = [piece for word in words(text[:_LONGEST_TEXT]) for piece in pieces(word, (3, 5))]
    return sum(piece not in known for piece in found) / len(found) if found else math.nan


def _age(one: Observed) -> datetime:
    return one.at


def _figures(
    unknown: Callable[[str], float] | None, *, one_model: bool
) -> Mapping[str, Callable[[Observed], float]]:
    figures: dict[str, Callable[[Observed], float]] = {"length of text": lambda one: float(len(one.text))}
    if one_model:
        # Another model is sure of other things; that is no change of the mail.
        for field in ("kind", "partner_type"):
            figures[f"{_CONFIDENCE}{field}"] = lambda one, field=field: one.confidence.get(field, math.nan)  # type: ignore[misc]
        figures["fields left open"] = lambda one: float(len(one.abstained))
    if unknown is not None:
        figures["unknown word pieces"] = lambda one: unknown(one.text)
    return figures


def _values(field: str, mails: Iterable[Observed]) -> list[str]:
    """Return the values of a field; of a list each by itself; mails that have none are left out."""
    return [value for one in mails for value in one.tags.get(field, "").split()]


def _shares(field: str, before: Sequence[Observed], now: Sequence[Observed]) -> list[Measure]:
    from scipy.stats import chi2_contingency

    first, second = Counter(_values(field, before)), Counter(_values(field, now))
    names = _pooled(first, second)
    if min(first.total(), second.total()) < FEWEST or len(names) < 2:
        return []
    one, other = (_counted(counts, names) for counts in (first, second))
    result = chi2_contingency([one, other], correction=False)
    moves = sorted(
        (
            Move(value=name, before=a / first.total(), now=b / second.total())
            for name, a, b in zip(names, one, other, strict=True)
        ),
        key=lambda move: (-abs(move.now - move.before), move.value),
    )
    return [
        Measure(
            name=field, test="chi-square", before=first.total(), now=second.total(),
            statistic=float(result.statistic), p=float(result.pvalue), effect=_stability(one, other),
            least=LEAST_PSI, changed=False, moves=tuple(moves[:_MOVED]),
        )
    ]  # fmt: skip


def _pooled(first: Counter[str], second: Counter[str]) -> list[str]:
    """Return the values that are frequent enough in both to be tested, and a name for all others."""
    both = first + second
    smaller = min(first.total(), second.total()) / max(both.total(), 1)
    kept = sorted(value for value, count in both.items() if count * smaller >= _EXPECTED)
    rest = both.total() - sum(both[value] for value in kept)
    if rest * smaller < _EXPECTED and kept:
        # Too few to stand by themselves: left out rather than tested on nothing.
        return kept
    return [*kept, _OTHERS] if rest else kept


def _counted(counts: Counter[str], names: Sequence[str]) -> list[int]:
    named = [counts[name] for name in names if name != _OTHERS]
    return [*named, counts.total() - sum(named)] if _OTHERS in names else named


def _stability(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the population stability index, with half a mail added to each value so that none is zero."""
    first, second = sum(one) + len(one) / 2, sum(other) + len(other) / 2
    shares = [((a + 0.5) / first, (b + 0.5) / second) for a, b in zip(one, other, strict=True)]
    return sum((b - a) * math.log(b / a) for a, b in shares)


def _numbers(name: str, before: Sequence[float], now: Sequence[float]) -> list[Measure]:
    import numpy as np
    from scipy.stats import ks_2samp

    first, second = (np.array([one for one in each if math.isfinite(one)]) for each in (before, now))
    if min(len(first), len(second)) < FEWEST:
        return []
    result = ks_2samp(first, second, method="asymp")
    return [
        Measure(
            name=name, test="kolmogorov-smirnov", before=len(first), now=len(second),
            statistic=float(result.statistic), p=float(result.pvalue), effect=float(result.statistic),
            least=LEAST_DISTANCE, changed=False,
            moves=(Move(value="median", before=float(np.median(first)), now=float(np.median(second))),),
        )
    ]  # fmt: skip


def _holm(raw: Sequence[Measure]) -> list[Measure]:
    """Return the measures with corrected probabilities, and whether each is a change."""
    order = sorted(range(len(raw)), key=lambda at: raw[at].p)
    corrected = [1.0] * len(raw)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, raw[at].p * (len(raw) - rank)))
        corrected[at] = highest
    return [
        replace(one, p=p, changed=p < LEVEL and one.effect >= one.least)
        for one, p in zip(raw, corrected, strict=True)
    ]


def _words(one: Measure, reader: Tongue) -> str:
    """Return in words what was measured."""
    _, confidence, field = one.name.partition(_CONFIDENCE)
    if confidence:
        return reader.text("confidence in {field}", field=reader.within(reader.field(field)))
    return reader.text(_NUMBERS[one.name]) if one.name in _NUMBERS else reader.field(one.name)


def _told(one: Measure, reader: Tongue) -> str:
    if one.test == "chi-square":
        shares = [
            (move.value, reader.percent(move.before), reader.percent(move.now)) for move in one.moves[:2]
        ]
        return ", ".join(
            reader.text(
                "{value} {before} → {now}", value=_value(one.name, value, reader), before=before, now=now
            )
            for value, before, now in shares
            if before != now
        )
    digits = 0 if one.name in ("length of text", "fields left open") else 2
    return ", ".join(
        reader.text(
            "median {before} → {now}",
            before=reader.number(round(move.before, digits)),
            now=reader.number(round(move.now, digits)),
        )
        for move in one.moves
    )


def _value(field: str, value: str, reader: Tongue) -> str:
    if value == _OTHERS:
        return reader.text("all others")
    if field == "disposition":
        return reader.text(_WAYS.get(value, value))
    return reader.tag(field, value) or value
