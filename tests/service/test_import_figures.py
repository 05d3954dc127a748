"""What archives brought does not look like this week's work."""

from __future__ import annotations

from dataclasses import replace

from pipeline.digest import figures
from pipeline.records.work import State
from tests.digest import samples


def test_archived_inquiries_count_as_received_and_not_as_answered_or_closed() -> None:
    summary = samples.weekly(4, 0, 0)
    old = replace(
        summary,
        received=tuple(
            replace(entry, state=State.ARCHIVED, liaison=None, due_at=None) for entry in summary.received
        ),
        open=(),
    )
    counted = figures.count(old)
    headline = {each.name: each.value for each in counted.headline}
    assert (headline["received"], headline["overdue"], counted.answered) == (len(old.received), 0, 0)
    assert {fate for _, fate, _ in counted.flow} == {"filed"}
