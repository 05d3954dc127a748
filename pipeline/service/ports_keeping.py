"""What keeping a ledger for years asks of it: what did not get through, what is to go, who is to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from pipeline.records.keeping import Aside, AsideDetail, Forgotten, Gone, Seeker, Spot, Unsent
from pipeline.records.messages import RawMessage


class KeepingParts(Protocol):
    """What the ledger offers for running for years."""

    @property
    def asides(self) -> AsideStore: ...  # noqa: D102
    @property
    def unsent(self) -> UnsentStore: ...  # noqa: D102
    @property
    def untold(self) -> UnsentStore: ...  # noqa: D102
    @property
    def retention(self) -> RetentionStore: ...  # noqa: D102
    @property
    def forgetting(self) -> ForgettingStore: ...  # noqa: D102


class AsideStore(Protocol):
    """The ledger's list of what was set aside."""

    def all(self, step: str = "") -> tuple[Aside, ...]: ...  # noqa: D102
    def find(self, number: int) -> AsideDetail | None: ...  # noqa: D102
    def retry(self, number: int, now: datetime) -> int | None: ...  # noqa: D102
    def after(self, message: int) -> Aside | str: ...  # noqa: D102
    def fetched(self, number: int, message: RawMessage, now: datetime) -> bool: ...  # noqa: D102
    def drop(self, number: int, now: datetime) -> bool: ...  # noqa: D102


class UnsentStore(Protocol):
    """The ledger's list of what did not leave, by mail or to a help desk."""

    def all(self, states: Sequence[str] = ("failed",)) -> tuple[Unsent, ...]: ...  # noqa: D102
    def retry(self, number: int, now: datetime) -> str: ...  # noqa: D102
    def drop(self, number: int, now: datetime) -> str: ...  # noqa: D102


class RetentionStore(Protocol):
    """What lets go of old things, some in each call; see `pipeline.adapters.ledger.privacy.retention`."""

    def raw(self, before: datetime) -> int: ...  # noqa: D102
    def mails(self, before: datetime) -> int: ...  # noqa: D102
    def personal(self, before: datetime, now: datetime) -> int: ...  # noqa: D102
    def remarks(self, before: datetime) -> int: ...  # noqa: D102
    def evidence(self, before: datetime) -> int: ...  # noqa: D102
    def set_aside(self, before: datetime) -> int: ...  # noqa: D102
    def count(self, what: str, before: datetime) -> int: ...  # noqa: D102
    def done(self, removed: dict[str, int], now: datetime) -> None: ...  # noqa: D102


class ForgettingStore(Protocol):
    """What forgets people; see `pipeline.adapters.ledger.privacy.forgetting`."""

    def people(self, key: str) -> tuple[str, ...]: ...  # noqa: D102
    def find(self, person: Seeker) -> Gone: ...  # noqa: D102
    def spots(self, person: Seeker) -> tuple[Spot, ...]: ...  # noqa: D102
    def forget(self, person: Seeker, marks: Iterable[str], now: datetime) -> Gone: ...  # noqa: D102
    def remembered(self) -> tuple[Forgotten, ...]: ...  # noqa: D102
    def remember(self, hashes: Iterable[Forgotten]) -> None: ...  # noqa: D102
    def knows(self, digests: Iterable[str]) -> bool: ...  # noqa: D102
    def salts(self) -> tuple[str, ...]: ...  # noqa: D102
    def mails(self, person: Seeker) -> tuple[tuple[str, str], ...]: ...  # noqa: D102
    def refuse(self, message: int, now: datetime) -> None: ...  # noqa: D102
    def words(self) -> Iterator[str]: ...  # noqa: D102
