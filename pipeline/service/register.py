"""The register of organisations: enter who writes, and let maintainers put right what was matched wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.assess.hosts import domain_of
from pipeline.assess.matching import choose, marks, settled
from pipeline.errors import UsageError
from pipeline.records.organisations import Match, Newcomer, OrganisationMark, Profile
from pipeline.records.work import Entry
from pipeline.service.ports import Clock, Progress, silent
from pipeline.service.ports_organisations import OrganisationStore
from pipeline.service.telling import one_line

# Inquiries that are entered in one transaction.
_BATCH = 200
_LONGEST_NAME = 120


def register(store: OrganisationStore, clock: Clock, progress: Progress = silent) -> int:
    """Enter the organisations of all inquiries that have none yet; return how many inquiries were entered.

    May be broken off and repeated at any time: an inquiry is entered once, with its organisation or with none.
    """
    entered = after = 0
    while batch := store.unregistered(after, _BATCH):
        after = batch[-1].number
        newcomers = [_known_by(newcomer) for newcomer in batch]
        entered += store.register([(one, marks(one)) for one in newcomers], choose, clock())
        progress("register", entered, None)
    return entered


def recognised(store: OrganisationStore, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return `entries` with their organisations, and how often these wrote before."""
    met = store.met([entry.key for entry in entries])
    return tuple(
        replace(entry, organisation_id=met[entry.key].organisation, met_before=met[entry.key].before)
        if entry.key in met
        else entry
        for entry in entries
    )


def merge(store: OrganisationStore, into: int, other: int, clock: Clock) -> None:
    """Say that organisation `other` is the same as `into`.

    Raises
    ------
    UsageError
        If one of them does not exist, or they are one already; all faults at once.
    """
    _all_exist(store, (into, other))
    if not store.merge(into, other, clock()):
        raise UsageError(f"{into} and {other} are one already; see: triage orgs show {into}")


def split(store: OrganisationStore, number: int, keys: Sequence[str], clock: Clock, name: str = "") -> int:
    """Take a merge back, or make the inquiries called `keys` an organisation of their own; return its number.

    Raises
    ------
    UsageError
        If there is no such organisation, an inquiry is not of it, or nothing would be left; all faults at once.
    """
    profile = _profile(store, number)
    if not keys:
        if profile.merged_into is None:
            raise UsageError(
                f"{number} was not merged into another; name the inquiries to take out with --inquiry KEY"
            )
        store.unmerge(number, clock())
        return number
    moved, rest = _parted(store, number, keys)
    theirs = _marks_of(moved)
    given = _clean(name)
    title = given or next((one.organisation for one in moved if one.organisation), "")
    title = title or next((one.domain for one in moved if one.domain), "") or profile.name
    match = Match(organisation=None, found_by="maintainer", name=title, marks=theirs)
    return store.move(moved, match, {number: theirs - _marks_of(rest)}, clock())


def move(store: OrganisationStore, number: int, keys: Sequence[str], clock: Clock) -> None:
    """Give the inquiries called `keys` to the organisation `number`, wherever they were.

    Raises
    ------
    UsageError
        If there is no such organisation or inquiry; all faults at once.
    """
    _all_exist(store, (number,))
    moved = _named(store, keys)
    match = Match(organisation=number, found_by="maintainer", marks=_marks_of(moved))
    store.move(moved, match, _lost(store, moved, number), clock())


def rename(store: OrganisationStore, number: int, name: str, clock: Clock) -> None:
    """Call an organisation `name`; later mail under that name is found to be its.

    Raises
    ------
    UsageError
        If there is no such organisation, or the name is empty.
    """
    profile = _profile(store, number)
    plain = _clean(name)
    if not plain:
        raise UsageError("the name is empty; write: triage orgs rename ID NAME")
    known = marks(_titled(plain, profile))
    store.rename(number, plain, known, clock())


def _known_by(newcomer: Newcomer) -> Newcomer:
    """Return `newcomer` with the domain of its address, where that is its organisation's own."""
    own = newcomer.domain or domain_of(newcomer.address)
    return settled(replace(newcomer, domain=own))


def _marks_of(newcomers: Iterable[Newcomer]) -> frozenset[OrganisationMark]:
    return frozenset(mark for one in newcomers for mark in marks(one))


def _parted(
    store: OrganisationStore, number: int, keys: Sequence[str]
) -> tuple[list[Newcomer], list[Newcomer]]:
    """Return the inquiries of an organisation that are called `keys`, and the others."""
    wanted = {key.upper() for key in keys}
    mine = [_known_by(one) for one in store.inquiries(number)]
    faults = [
        f"{key}: no inquiry of organisation {number}; see: triage orgs show {number}"
        for key in sorted(wanted - {one.inquiry for one in mine})
    ]
    if not faults and len(wanted) == len(mine):
        faults.append(
            f"{number}: no inquiry would be left; to call it otherwise: triage orgs rename {number} NAME"
        )
    if faults:
        raise UsageError("\n".join(faults))
    return [one for one in mine if one.inquiry in wanted], [one for one in mine if one.inquiry not in wanted]


def _lost(
    store: OrganisationStore, moved: Sequence[Newcomer], number: int
) -> dict[int, frozenset[OrganisationMark]]:
    """Return by what the organisations that lose inquiries are not known any more."""
    keys = [one.inquiry for one in moved]
    losing = {met.organisation for met in store.met(keys).values()} - {number}
    gone = _marks_of(moved)
    left = {
        former: [_known_by(one) for one in store.inquiries(former) if one.inquiry not in keys]
        for former in losing
    }
    return {former: gone - _marks_of(rest) for former, rest in left.items()}


def _named(store: OrganisationStore, keys: Sequence[str]) -> list[Newcomer]:
    wanted = {key.upper() for key in keys}
    found = [_known_by(one) for one in store.named(wanted)]
    missing = sorted(wanted - {one.inquiry for one in found})
    if missing:
        raise UsageError(
            "\n".join(f"{key}: no such inquiry; write KEYs as digests show them" for key in missing)
        )
    return found


def _profile(store: OrganisationStore, number: int) -> Profile:
    profile = store.profile(number)
    if profile is None:
        raise UsageError(f"{number}: no such organisation; see: triage orgs list")
    return profile


def _all_exist(store: OrganisationStore, numbers: Iterable[int]) -> None:
    missing = [number for number in dict.fromkeys(numbers) if store.profile(number) is None]
    if missing:
        raise UsageError(
            "\n".join(f"{number}: no such organisation; see: triage orgs list" for number in missing)
        )


def _titled(name: str, profile: Profile) -> Newcomer:
    return Newcomer(
        inquiry="",
        number=0,
        organisation=name,
        domain="",
        address="",
        kind=profile.kind,
        country=profile.country,
        region=profile.region,
        opened_at=profile.met_at,
    )


def _clean(name: str) -> str:
    return one_line(name)[:_LONGEST_NAME]
