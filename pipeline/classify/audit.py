"""Labels that may be wrong: against the model out of fold, against copies of the same text, against rules that decide.

Suspects are found by confident learning (Northcutt, Jiang and Chuang 2021, doi:10.1613/jair.1.12125) as cleanlab does
it: from how sure the model is on average of each value it estimates how many labels are wrong, and takes the least credible
of each value and those furthest from their label; what both ways name is suspect ("both", the cautious way).
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.records.decisions import LIST_FIELDS

if TYPE_CHECKING:
    from pipeline.classify.dataset import Example

# Texts with this share of runs of words in common count as copies (Broder 1997).
_COPIES = 0.7
_RUN = 4
_RUN_UNSPACED = 8
_BUCKETS = 2**24
_LONGEST = 20_000
# Runs that more messages have are footers.
_MOST_SHARERS = 30
_FEWEST_RUNS = 5
# A value with fewer labels can hardly be learnt or measured.
RARE = 10
_SCALAR = (
    "kind", "partner_type", "alignment", "preconditions_met", "complexity", "funding", "shared_objectives", "country", "region",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A label that may be wrong: what it is, what it might be rather, and how credible it is, 0 to 1."""

    id: str
    field: str
    label: str
    rather: str
    quality: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Two messages with nearly the same text and different labels: the share of runs in common, field to both labels."""

    ids: tuple[str, str]
    similarity: float
    differing: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A rule that decides says something else than the label."""

    id: str
    rule: str
    field: str
    label: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found.

    Parameters
    ----------
    messages
        How many were looked at.
    suspects
        The least credible first; None if cleanlab is not installed.
    duplicates, contradictions
        As they were found.
    values
        Field to value to number of labels.
    languages
        Language to kind to number of messages, the most frequent language first.
    rare
        Tags with fewer than ten labels.
    """

    messages: int
    suspects: tuple[Suspect, ...] | None
    duplicates: tuple[Copies, ...]
    contradictions: tuple[Contradiction, ...]
    values: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, Mapping[str, int]]
    rare: tuple[str, ...]


def audit(
    examples: Sequence[Example], fields: Mapping[str, tuple[str, ...]], judged: Mapping[str, Any]
) -> Audit:
    """Look at the labels of `examples`.

    Parameters
    ----------
    fields
        Field to its values, the columns of `judged`.
    judged
        Field to probabilities out of fold, a row for each example.
    """
    values = _values(examples, fields)
    return Audit(
        messages=len(examples),
        suspects=_suspects(examples, fields, judged),
        duplicates=tuple(_duplicates(examples)),
        contradictions=tuple(_contradictions(examples)),
        values=values,
        languages=_languages(examples),
        rare=tuple(f"{field}={value}" for field in values for value, n in values[field].items() if n < RARE),
    )


def _suspects(
    examples: Sequence[Example], fields: Mapping[str, tuple[str, ...]], judged: Mapping[str, Any]
) -> tuple[Suspect, ...] | None:
    try:
        import cleanlab.filter  # noqa: F401
    except ImportError:
        return None
    found: list[Suspect] = []
    for field, values in fields.items():
        finder = _of_list if field in LIST_FIELDS else _of_one
        found.extend(finder(field, values, examples, judged[field]))
    return tuple(sorted(found, key=lambda one: (one.quality, one.id, one.field)))


def _of_one(
    field: str, values: tuple[str, ...], examples: Sequence[Example], judged: Any
) -> Iterator[Suspect]:
    import numpy as np

    rows = [row for row, one in enumerate(examples) if one.labels.get(field)]
    labels = np.array([values.index(examples[row].labels[field][0]) for row in rows], dtype=int)
    # The method learns how sure the model is of each value, so values that nobody used are left out.
    used = np.unique(labels)
    if len(used) < 2:
        return
    chances = judged[rows][:, used]
    chances = chances / np.maximum(chances.sum(axis=1, keepdims=True), 1e-12)
    given = np.searchsorted(used, labels)
    for at in _issues(given, chances):
        row, rather = rows[at], int(chances[at].argmax())
        yield Suspect(
            id=examples[row].id, field=field, label=values[labels[at]], rather=values[used[rather]],
            quality=float(chances[at, given[at]]),
        )  # fmt: skip


def _of_list(
    field: str, values: tuple[str, ...], examples: Sequence[Example], judged: Any
) -> Iterator[Suspect]:
    """Look at each value of a list by itself: is it rightly there, rightly not there."""
    import numpy as np

    rows = [row for row, one in enumerate(examples) if field in one.labels]
    for column, value in enumerate(values):
        given = np.array([value in examples[row].labels[field] for row in rows], dtype=int)
        if len(np.unique(given)) < 2:
            continue
        chance = np.clip(judged[rows][:, column], 1e-6, 1 - 1e-6)
        for at in _issues(given, np.column_stack([1 - chance, chance])):
            absent = f"no {value}"
            label, rather = (value, absent) if given[at] else (absent, value)
            quality = float(chance[at] if given[at] else 1 - chance[at])
            yield Suspect(id=examples[rows[at]].id, field=field, label=label, rather=rather, quality=quality)


def _issues(labels: Any, chances: Any) -> list[int]:
    from cleanlab.filter import find_label_issues

    found = find_label_issues(
        labels, chances, filter_by="both", return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return [int(at) for at in found]


def _duplicates(examples: Sequence[Example]) -> Iterator[Copies]:
    """Yield pairs of nearly the same text whose labels differ."""
    from scipy.sparse import csr_matrix

    runs = [_runs(one.inquiry.text) for one in examples]
    sharers = Counter(run for each in runs for run in each)
    kept = [sorted(run for run in each if 1 < sharers[run] <= _MOST_SHARERS) for each in runs]
    starts = [0]
    for each in kept:
        starts.append(starts[-1] + len(each))
    columns = [run for each in kept for run in each]
    table = csr_matrix(([1] * len(columns), columns, starts), shape=(len(examples), _BUCKETS))
    common = (table @ table.T).tocoo()
    pairs = sorted(zip(common.row.tolist(), common.col.tolist(), common.data.tolist(), strict=True))
    for one, other, shared in pairs:
        similarity = shared / max(len(runs[one] | runs[other]), 1)
        if one < other and similarity >= _COPIES and min(len(runs[one]), len(runs[other])) >= _FEWEST_RUNS:
            differing = _differing(examples[one], examples[other])
            if differing:
                ids = (examples[one].id, examples[other].id)
                yield Copies(ids=ids, similarity=similarity, differing=differing)


def _runs(text: str) -> set[int]:
    """Return numbers for the runs of four words; of eight characters where words are not apart."""
    words = re.findall(r"\w+", text[:_LONGEST].casefold())
    whole = "".join(words)
    if len(whole) > 12 * max(len(words), 1):
        found = (whole[at : at + _RUN_UNSPACED] for at in range(max(len(whole) - _RUN_UNSPACED + 1, 0)))
    else:
        found = (" ".join(words[at : at + _RUN]) for at in range(max(len(words) - _RUN + 1, 0)))
    return {zlib.crc32(run.encode()) % _BUCKETS for run in found}


def _differing(one: Example, other: Example) -> dict[str, tuple[str, str]]:
    both = [field for field in one.labels if field in other.labels]
    return {
        field: (" ".join(sorted(one.labels[field])) or "-", " ".join(sorted(other.labels[field])) or "-")
        for field in both
        if set(one.labels[field]) != set(other.labels[field])
    }


def _contradictions(examples: Sequence[Example]) -> Iterator[Contradiction]:
    for one in examples:
        for hit in one.hits:
            for tag in hit.tags if hit.must else ():
                field, _, value = tag.partition("=")
                labels = one.labels.get(field)
                if labels and value not in labels:
                    yield Contradiction(
                        id=one.id, rule=hit.rule, field=field, label=" ".join(labels), says=value
                    )


def _values(examples: Sequence[Example], fields: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, int]]:
    names = [field for field in (*_SCALAR, *LIST_FIELDS) if any(field in one.labels for one in examples)]
    counts = {
        field: Counter(value for one in examples for value in one.labels.get(field, ())) for field in names
    }
    # What the guide knows and nobody used is told, too.
    return {
        field: {
            value: counts[field][value]
            for value in (*fields.get(field, ()), *sorted(set(counts[field]) - set(fields.get(field, ()))))
        }
        for field in names
    }


def _languages(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for one in examples:
        found.setdefault(one.language, Counter())[one.labels["kind"][0]] += 1
    order = sorted(found, key=lambda language: (-found[language].total(), language))
    return {language: dict(found[language]) for language in order}
