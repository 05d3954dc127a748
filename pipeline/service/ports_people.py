"""What the use cases ask of the ledger about what people did: lives of inquiries, duties, corrections, answers, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from pipeline.records.answers import Note
from pipeline.records.effects import Answer
from pipeline.records.labels import Labelled, Observed
from pipeline.records.lives import Career, Standing, Turn
from pipeline.records.work import (
    Entry,
    State,
    StoredMessage,
)


class CorrectionStore(Protocol):
    """The ledger's memory of what people said about tags."""

    def add(self, key: str, tags: Iterable[str], author: str, now: datetime) -> bool: ...  # noqa: D102
    def take_back(self, key: str, author: str, at: datetime) -> int: ...  # noqa: D102
    def forget(  # noqa: D102
        self, now: datetime, *, author: str | None = None, inquiry: str | None = None
    ) -> int: ...
    def labelled(self) -> tuple[str, ...]: ...  # noqa: D102
    def unlabelled(self, limit: int, author: str = "") -> tuple[Entry, ...]: ...  # noqa: D102
    def read(self, keys: Sequence[str]) -> tuple[Labelled, ...]: ...  # noqa: D102
    def counts(self) -> Mapping[str, int]: ...  # noqa: D102
    def observed(self, since: datetime, until: datetime, limit: int) -> tuple[Observed, ...]: ...  # noqa: D102


class LifeStore(Protocol):
    """The ledger's lives of inquiries."""

    def change(  # noqa: D102
        self,
        key: str,
        expected_version: int | None,
        state: State,
        by: str,
        now: datetime,
        *,
        liaison: str | None = None,
        reason: str = "",
        due_at: datetime | None = None,
        waiting_until: date | None = None,
    ) -> bool: ...
    def escalate(self, keys: Iterable[str], now: datetime) -> None: ...  # noqa: D102
    def standing(self) -> tuple[Standing, ...]: ...  # noqa: D102
    def entries(self, keys: Iterable[str]) -> tuple[Entry, ...]: ...  # noqa: D102
    def of(self, key: str) -> tuple[Turn, ...]: ...  # noqa: D102
    def declined(self, keys: Iterable[str]) -> Mapping[str, frozenset[str]]: ...  # noqa: D102
    def careers(self, since: datetime | None) -> Iterator[Career]: ...  # noqa: D102


class DutyStore(Protocol):
    """The ledger's memory of who of the liaisons takes nothing for now."""

    def pause(self, liaison: str, kind: str, by: str, now: datetime) -> bool: ...  # noqa: D102
    def end(self, liaison: str, kind: str, by: str, now: datetime) -> bool: ...  # noqa: D102
    def current(self) -> Mapping[str, frozenset[str]]: ...  # noqa: D102


class AnswerStore(Protocol):
    """The ledger's answers by mail."""

    def apply(self, message: StoredMessage, answer: Answer, now: datetime) -> bool: ...  # noqa: D102
    def knows(self, fingerprint: str) -> bool: ...  # noqa: D102
    def turn(self) -> int: ...  # noqa: D102
    def has_moved(self, key: str, turn: int) -> bool: ...  # noqa: D102
    def is_ours(self, identifiers: Iterable[str]) -> bool: ...  # noqa: D102
    def receipts(self, recipient: str, since: datetime) -> int: ...  # noqa: D102


class NoteStore(Protocol):
    """The ledger's notes."""

    def add(self, written: Note) -> bool: ...  # noqa: D102
    def of(self, key: str) -> tuple[Note, ...]: ...  # noqa: D102
