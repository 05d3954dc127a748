"""What the use cases ask of the register of organisations, and of what it tells the public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.records.organisations import (
    Choose,
    LandscapeRow,
    Listing,
    Match,
    Met,
    Newcomer,
    OrganisationMark,
    Profile,
)
from pipeline.records.outcomes import Outcome


class OrganisationStore(Protocol):
    """The ledger's register of organisations."""

    def unregistered(self, after: int, limit: int) -> tuple[Newcomer, ...]: ...  # noqa: D102
    def register(  # noqa: D102
        self, batch: Sequence[tuple[Newcomer, frozenset[OrganisationMark]]], choose: Choose, now: datetime
    ) -> int: ...
    def met(self, keys: Iterable[str]) -> Mapping[str, Met]: ...  # noqa: D102
    def former(self, keys: Iterable[str]) -> Mapping[str, str]: ...  # noqa: D102
    def find(self, query: str, limit: int) -> tuple[Profile, ...]: ...  # noqa: D102
    def profile(self, number: int) -> Profile | None: ...  # noqa: D102
    def inquiries(self, number: int) -> tuple[Newcomer, ...]: ...  # noqa: D102
    def named(self, keys: Iterable[str]) -> tuple[Newcomer, ...]: ...  # noqa: D102
    def merge(self, into: int, other: int, now: datetime) -> bool: ...  # noqa: D102
    def unmerge(self, number: int, now: datetime) -> None: ...  # noqa: D102
    def rename(  # noqa: D102
        self, number: int, name: str, marks: Iterable[OrganisationMark], now: datetime
    ) -> None: ...
    def move(  # noqa: D102
        self,
        moved: Sequence[Newcomer],
        match: Match,
        lost: Mapping[int, frozenset[OrganisationMark]],
        now: datetime,
    ) -> int: ...


class LandscapeStore(Protocol):
    """What the ledger's register tells the public."""

    def listings(  # noqa: D102
        self, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Listing, ...]: ...
    def listing(self, key: str) -> Listing | None: ...  # noqa: D102
    def settle(  # noqa: D102
        self,
        key: str,
        now: datetime,
        *,
        outcome: Outcome | None = None,
        nature: str | None = None,
        background: str | None = None,
    ) -> bool: ...
    def approve(self, row: LandscapeRow, by: str, now: datetime) -> None: ...  # noqa: D102
    def withdraw(self, key: str, now: datetime) -> bool: ...  # noqa: D102
