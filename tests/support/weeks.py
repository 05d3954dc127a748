"""A week counted from all its entries, one by one: what the ledger's counts are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pipeline.adapters.ledger.inquiries.loads import OPEN_STATES
from pipeline.records.decisions import Disposition
from pipeline.records.weeks import (
    CLOSED,
    Acquaintances,
    Counts,
    Delay,
    Requests,
    Shortlist,
    Week,
    WeekCount,
)
from pipeline.records.work import UNANSWERED, Entry, State, Window

CAP = 25


def week_of(
    received: Sequence[Entry],
    open_: Sequence[Entry],
    window: Window,
    trend: tuple[WeekCount, ...],
    **more: Any,
) -> Week:
    """Count the inquiries that began in a week, and those that are open at its end."""
    asked = [one for one in received if way(one) is not Disposition.FILE]
    waiting = [one for one in open_ if one.state in UNANSWERED and way(one) is not Disposition.FILE]
    endorsements = {one.key: one for one in (*asked, *open_) if one.decision.tags.kind == "endorsement"}
    put_away = [one for one in received if way(one) is Disposition.FILE]
    first = (asked or list(received) or list(open_))[:1]
    values: dict[str, Any] = {
        "flow": tuple(
            (*pair, n) for pair, n in Counter((way(one).value, fate(one)) for one in received).items()
        ),
        "worthy": sum(map(worthy, received)),
        "types": tuple((*pair, n) for pair, n in Counter(_types(asked)).items()),
        "alignment": _counts(one.decision.tags.alignment for one in asked),
        "activities": _counts(value for one in asked for value in set(one.decision.tags.activities)),
        "languages": _counts(one.decision.language for one in asked),
        "channels": _counts("mailbox" for _ in asked),
        "unsure": _counts(name for one in asked for name in set(one.decision.abstained)),
        "kinds_filed": _counts(one.decision.tags.kind for one in put_away),
        "corrected": (),
        "overdue": _short((one for one in waiting if one.is_overdue(window.end)), lambda one: one.due_at),
        "homeless": _short((one for one in waiting if one.liaison is None), lambda one: one.received_at),
        "escalated": _short((one for one in waiting if one.escalated_at), lambda one: one.due_at),
        "undecided": _short(filter(worthy, waiting), lambda one: (-one.decision.priority, one.received_at)),
        "endorsements": _short(endorsements.values(), lambda one: one.received_at),
        "filed": _short(put_away, lambda one: (one.decision.confidence.get("kind", 1.0), one.received_at)),
        "waited": Delay(),
        "waited_before": Delay(),
        "by_type": (),
        "by_region": (),
        "requests": Requests(
            received=sum(one.decision.tags.kind == "endorsement" for one in asked),
            open=sum(one.state.value in OPEN_STATES for one in endorsements.values()),
        ),
        "loads": (),
        "acquaintances": Acquaintances(),
        "changes": (),
        "set_aside": 0,
        "rulebook_version": first[0].decision.rulebook_version if first else "",
        "model_version": first[0].decision.model_version if first else "",
        "trend": trend,
    }
    return Week(**(values | more))


def worthy(entry: Entry) -> bool:
    """Tell whether an inquiry is of kind partnership and not plainly misaligned."""
    tags = entry.decision.tags
    return (
        tags.kind == "partnership" and tags.alignment != "not_aligned" and way(entry) is not Disposition.FILE
    )


def way(entry: Entry) -> Disposition:
    """Return what became of an inquiry."""
    decided = entry.decision.disposition
    if decided is Disposition.FILE and entry.state not in (State.FILED, State.RECEIVED):
        return Disposition.ASSIGN
    return Disposition.FILE if entry.state is State.FILED else decided


def fate(entry: Entry) -> str:
    """Return how far an inquiry got."""
    if way(entry) is Disposition.FILE or entry.state is State.ARCHIVED:
        return "filed"
    if entry.state in UNANSWERED:
        return "open"
    return "closed" if entry.state in CLOSED else "answered"


def _types(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    tags = (one.decision.tags for one in entries)
    return [(one.partner_type, one.region or "unknown") for one in tags if one.partner_type]


def _counts(values: Iterable[str | None]) -> Counts:
    found = Counter(value for value in values if value)
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _short(entries: Iterable[Entry], order: Callable[[Entry], Any]) -> Shortlist:
    ordered = sorted(entries, key=lambda one: (order(one), one.key))
    return Shortlist(entries=tuple(ordered[:CAP]), total=len(ordered))
