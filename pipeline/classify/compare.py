"""Two models on the same folds: by how much each tag became better or worse, and whether that can be chance.

Differences are paired: each draw of groups is the same for both models. The intervals hold for all tags together
(max-t bootstrap: Westfall and Young 1993, chapter 2): of some sixty tags, two would otherwise seem worse by chance alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.classify.answers import Row
from pipeline.classify.intervals import Tally, draws, tally
from pipeline.errors import ModelError
from pipeline.records.decisions import LIST_FIELDS

_RESAMPLES = 2000
_SURE = 0.95
# A tag with fewer labelled messages on the common folds cannot be judged.
_FEWEST = 5
# So many messages may have changed folds (groups that grew together) and are left out.
_MOVED = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How one tag, or one field as a whole, fares with either model.

    Parameters
    ----------
    tag
        ``field=value`` (F1), or ``field`` (accuracy, micro-F1 of lists).
    n
        Labelled messages.
    before, after
        The figure of either model, 0 to 1.
    low, high
        95 % interval of the difference, for all tags together.
    judged
        Whether there is enough mail to judge.
    """

    tag: str
    n: int
    before: float
    after: float
    low: float
    high: float
    judged: bool

    @property
    def worse(self) -> bool:
        """Whether the new model is worse beyond the interval."""
        return self.judged and self.high < 0

    @property
    def better(self) -> bool:
        """Whether the new model is better beyond the interval."""
        return self.judged and self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the messages that both were trained on, each answered out of the same fold.

    Parameters
    ----------
    before, after
        Versions of the models.
    messages
        How many are compared.
    left_out
        Messages that one of the two does not know, whose text changed, or that are in another fold now.
    differences
        Fields first, then their values.
    """

    before: str
    after: str
    messages: int
    left_out: int
    differences: tuple[Difference, ...]

    @property
    def worse(self) -> tuple[Difference, ...]:
        """What forbids a promotion."""
        return tuple(each for each in self.differences if each.worse)

    def as_json(self) -> dict[str, Any]:
        """Return plain tables, numbers rounded to four digits."""
        found = asdict(self)
        found["differences"] = [
            {
                **{key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(one).items()},
                "worse": one.worse,
                "better": one.better,
            }
            for one in self.differences
        ]
        return found


def compare(
    before: tuple[str, Sequence[Row]],
    after: tuple[str, Sequence[Row]],
    fields: Mapping[str, tuple[str, ...]],
) -> Comparison:
    """Compare two models by their answers out of fold; the labels are those of the later training.

    Parameters
    ----------
    before, after
        Version, and what ``answers.csv`` holds.
    fields
        Field to its values.

    Raises
    ------
    ModelError
        If they were not made on the same folds.
    """
    pairs = _common(before[1], after[1])
    same = [(old, new) for old, new in pairs if old.fold == new.fold]
    if not same or len(pairs) - len(same) > _MOVED * len(pairs):
        raise ModelError(
            f"{before[0]} and {after[0]} were not trained on the same folds ({len(same)} of {len(pairs)} common messages"
            f" in the same one); train the second with: triage train --folds-of {before[0].rpartition('-')[0]}"
        )
    known = {row.id for row in before[1]} | {row.id for row in after[1]}
    return Comparison(
        before=before[0],
        after=after[0],
        messages=len(same),
        left_out=len(known) - len(same),
        differences=_differences(same, fields),
    )


def _common(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[Row, Row]]:
    old = {row.id: row for row in before}
    return [(old[row.id], row) for row in after if row.id in old and old[row.id].message == row.message]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One figure of both models, and what it comes to in each draw."""

    tag: str
    n: int
    before: float
    after: float
    drawn: Any


def _differences(
    pairs: Sequence[tuple[Row, Row]], fields: Mapping[str, tuple[str, ...]]
) -> tuple[Difference, ...]:
    import numpy as np

    columns = [column for name, values in fields.items() for column in _columns(name, values, pairs)]
    if not columns:
        return ()
    observed = np.array([each.after - each.before for each in columns])
    spread = np.stack([each.drawn for each in columns], axis=1) - observed
    judged = np.array([each.n >= _FEWEST for each in columns])
    error = np.maximum(spread.std(axis=0), 1e-9)
    # Those that cannot be judged do not widen the others' intervals.
    worst = np.abs(spread / error)[:, judged].max(axis=1, initial=0.0)
    reach = float(np.quantile(worst, _SURE)) * error
    made = [
        Difference(
            tag=each.tag,
            n=each.n,
            before=each.before,
            after=each.after,
            low=float(observed[at] - reach[at]),
            high=float(observed[at] + reach[at]),
            judged=bool(judged[at]),
        )
        for at, each in enumerate(columns)
    ]
    return tuple(sorted(made, key=lambda one: "=" in one.tag))


def _columns(name: str, values: tuple[str, ...], pairs: Sequence[tuple[Row, Row]]) -> Iterator[_Column]:
    import numpy as np

    some = [(old, new) for old, new in pairs if name in new.labels and name in old.answers]
    if not some:
        return
    groups = np.array([new.group for _, new in some])
    truth = _table(values, [new.labels[name] for _, new in some])
    old, new = (
        tally(_table(values, [row.answers[name] for row in rows]), truth, groups)
        for rows in zip(*some, strict=True)
    )
    drawn = draws(len(old.messages), _RESAMPLES)
    old_drawn, new_drawn = old.resampled(drawn), new.resampled(drawn)
    whole = Tally.micro_f1 if name in LIST_FIELDS else Tally.accuracy
    yield _Column(
        tag=name,
        n=len(some),
        before=float(whole(old.total())),
        after=float(whole(new.total())),
        drawn=whole(new_drawn) - whole(old_drawn),
    )
    figures = [each.f1() for each in (old.total(), new.total(), old_drawn, new_drawn)]
    for at, value in enumerate(values):
        yield _Column(
            tag=f"{name}={value}",
            n=int(truth[:, at].sum()),
            before=float(figures[0][at]),
            after=float(figures[1][at]),
            drawn=figures[3][:, at] - figures[2][:, at],
        )


def _table(values: tuple[str, ...], held: Sequence[tuple[str, ...]]) -> Any:
    import numpy as np

    rows = [[value in one for value in values] for one in held]
    return np.array(rows, dtype=bool).reshape(len(held), len(values))
