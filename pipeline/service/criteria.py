"""Try other criteria on past inquiries: what priority each would have got, and by which lines it differs; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.assess.criteria import Grade, extra_lines, grade
from pipeline.assess.grid import CriteriaPolicy
from pipeline.errors import UnreadableMessage
from pipeline.records.decisions import Tags
from pipeline.records.inquiries import Inquiry
from pipeline.records.work import Entry, Past
from pipeline.service.ports import MailReader, Progress, silent

_BAND = 10
BANDS = tuple((low, 100 if low == 90 else low + _BAND - 1) for low in range(0, 100, _BAND))
"""Ranges of priorities, first and last of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line of the sum that differs.

    Parameters
    ----------
    name
        Its id.
    before, after
        Points; 0 where the sum has no such line.
    words
        As the digest would say it, of the changed sum where it has the line.
    """

    name: str
    before: int
    after: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An inquiry whose priority changes.

    Parameters
    ----------
    entry
        The inquiry.
    before, after
        Priority by the criteria in force and by the changed ones.
    lines
        What makes the difference, the largest first.
    """

    entry: Entry
    before: int
    after: int
    lines: tuple[LineChange, ...]

    @property
    def by(self) -> int:
        """How far it moves; below 0 if down."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What changed criteria would make of past inquiries.

    Parameters
    ----------
    graded
        How many inquiries were graded by both.
    moved
        Those whose priority changes, the farthest first.
    before, after
        How many have a priority in each of the :data:`BANDS`.
    stale
        KEYs of those whose priority in the ledger is not what the criteria in force give today.
    lost
        KEYs of those that cannot be graded: the message is no longer kept, or cannot be read.
    """

    graded: int
    moved: tuple[Moved, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    stale: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def up(self) -> int:
        """How many rise."""
        return sum(each.by > 0 for each in self.moved)

    @property
    def down(self) -> int:
        """How many fall."""
        return sum(each.by < 0 for each in self.moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graded:
    entry: Entry
    before: Grade
    after: Grade


def preview(
    past: Iterable[Past],
    reader: MailReader,
    current: CriteriaPolicy,
    changed: CriteriaPolicy,
    progress: Progress = silent,
) -> Preview:
    """Grade past inquiries by two sets of criteria, from the message itself, with the tags and the evidence in the ledger.

    Parameters
    ----------
    past
        As the ledger has them.
    reader
        Reads their messages again, so that texts and deadlines are the whole ones.
    current, changed
        The criteria in force, and those to try.
    """
    graded: list[_Graded] = []
    lost: list[str] = []
    for number, each in enumerate(past, 1):
        inquiry = _read(each, reader)
        if inquiry is None:
            lost.append(each.entry.key)
        else:
            graded.append(
                _Graded(
                    entry=each.entry,
                    before=_grade(inquiry, each.entry, current),
                    after=_grade(inquiry, each.entry, changed),
                )
            )
        progress("grade", number, None)
    return _preview(graded, tuple(lost))


def _read(past: Past, reader: MailReader) -> Inquiry | None:
    if past.octets is None:
        return None
    try:
        return reader.read(past.octets, past.received_at)
    except UnreadableMessage:
        return None


def _grade(inquiry: Inquiry, entry: Entry, policy: CriteriaPolicy) -> Grade:
    """Grade as when it was decided: by the tags, the evidence and the rules' lines of that time."""
    decision = entry.decision
    tags = Tags(
        kind=decision.tags.kind,
        partner_type=decision.tags.partner_type,
        activities=decision.tags.activities,
        country=decision.tags.country,
        region=decision.tags.region,
        alignment=decision.tags.alignment,
        priorities=decision.tags.priorities,
    )
    today = (inquiry.received_at or decision.decided_at).date()
    return grade(inquiry, tags, decision.evidence, policy, today, extra_lines(decision.evidence))


def _preview(graded: list[_Graded], lost: tuple[str, ...]) -> Preview:
    moved = [
        Moved(
            entry=each.entry,
            before=each.before.priority,
            after=each.after.priority,
            lines=tuple(_changes(each.before, each.after)),
        )
        for each in graded
        if each.before.priority != each.after.priority
    ]
    return Preview(
        graded=len(graded),
        moved=tuple(sorted(moved, key=lambda each: (-abs(each.by), -each.after, each.entry.key))),
        before=_counted(each.before.priority for each in graded),
        after=_counted(each.after.priority for each in graded),
        stale=tuple(
            each.entry.key for each in graded if each.before.priority != each.entry.decision.priority
        ),
        lost=lost,
    )


def _counted(priorities: Iterable[int]) -> tuple[int, ...]:
    counts = [0] * len(BANDS)
    for priority in priorities:
        counts[min(priority // _BAND, len(BANDS) - 1)] += 1
    return tuple(counts)


def _changes(before: Grade, after: Grade) -> Iterator[LineChange]:
    """Yield the lines that differ, the largest difference first."""
    old, new = _points(before), _points(after)
    names = sorted({*old, *new}, key=lambda name: (-abs(new.get(name, 0) - old.get(name, 0)), name))
    words = {line.name: line.detail for line in (*before.evidence, *after.evidence)}
    for name in names:
        if old.get(name, 0) != new.get(name, 0):
            yield LineChange(
                name=name, before=old.get(name, 0), after=new.get(name, 0), words=words.get(name, "")
            )


def _points(grade: Grade) -> Mapping[str, int]:
    points: dict[str, int] = {}
    for line in grade.evidence:
        points[line.name] = points.get(line.name, 0) + round(line.score)
    return points
