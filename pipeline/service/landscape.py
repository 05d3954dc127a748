"""What of the register becomes public: outcomes that maintainers note, rows that they approve or withdraw."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.errors import UsageError
from pipeline.links import web_address
from pipeline.records.organisations import LandscapeRow, Listing
from pipeline.records.outcomes import Outcome
from pipeline.service.ports import Clock
from pipeline.service.ports_organisations import LandscapeStore

_LONGEST = 300


def settle(
    store: LandscapeStore,
    key: str,
    clock: Clock,
    *,
    outcome: Outcome | None = None,
    nature: str | None = None,
    background: str | None = None,
) -> None:
    """Note how the inquiry `key` ended, the nature of what came of it, and where to read of it.

    What is public already stays as it was approved until it is approved anew.

    Raises
    ------
    UsageError
        If nothing is given, there is no such inquiry, or `background` is no web address; all faults at once.
    """
    faults = []
    if outcome is None and nature is None and background is None:
        faults.append("nothing to note; give --outcome, --nature or --background")
    if background and not web_address(background):
        faults.append(
            f"--background {background!r}: no web address; write one such as https://wiki.example/page"
        )
    if nature is not None and len(nature) > _LONGEST:
        faults.append(f"--nature: {len(nature)} characters; write at most {_LONGEST}")
    if faults:
        raise UsageError("\n".join(faults))
    if not store.settle(key, clock(), outcome=outcome, nature=nature, background=background):
        raise UsageError(f"{key}: no such inquiry; see: triage landscape")


def approve(store: LandscapeStore, keys: Iterable[str], by: str, clock: Clock) -> tuple[LandscapeRow, ...]:
    """Make the rows of the inquiries called `keys` public as they are now; return them.

    Raises
    ------
    UsageError
        If one of them has no row; all are named, and none is approved.
    """
    found = {key.upper(): store.listing(key) for key in keys}
    missing = [
        f"{key}: nothing to approve: no such inquiry, no organisation known, or ended without a result; "
        "see: triage landscape --all"
        for key, one in found.items()
        if one is None
    ]
    if missing:
        raise UsageError("\n".join(missing))
    rows = tuple(one.row for one in found.values() if one is not None)
    for row in rows:
        store.approve(row, by, clock())
    return rows


def withdraw(store: LandscapeStore, keys: Iterable[str], clock: Clock) -> None:
    """Make rows private again.

    Raises
    ------
    UsageError
        If some of them were not public; the others are withdrawn.
    """
    left = [key for key in dict.fromkeys(map(str.upper, keys)) if not store.withdraw(key, clock())]
    if left:
        raise UsageError("\n".join(f"{key}: was not public; see: triage landscape" for key in left))


def public(listings: Iterable[Listing]) -> tuple[LandscapeRow, ...]:
    """Return the rows that the public may read, as they were approved."""
    return tuple(one.approved for one in listings if one.approved is not None)


def everything(listings: Iterable[Listing]) -> tuple[LandscapeRow, ...]:
    """Return all rows as they are now."""
    return tuple(one.row for one in listings)
