"""What bulk work asks of the world: helpers that share it, many writes in one transaction, decisions proposed anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from pipeline.records.retags import Difference, Former, Proposed, Retag, Stage, Witnesses

if TYPE_CHECKING:
    from pipeline.service.ports import InquiryStore, MessageStore
    from pipeline.service.ports_keeping import ForgettingStore
    from pipeline.service.ports_people import LifeStore

Chunk = TypeVar("Chunk")
Result_co = TypeVar("Result_co", covariant=True)


class Crew(Protocol[Chunk, Result_co]):
    """Does the same with many chunks, in this process or in others."""

    def map(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Result_co]]:
        """Yield each chunk with its result, in order; raise WorkersLost if those who do it are gone for good."""
        ...

    def close(self) -> None:
        """Let them go."""
        ...


class Together(Protocol):
    """The parts of the ledger that keep messages, in one transaction."""

    @property
    def messages(self) -> MessageStore: ...  # noqa: D102
    @property
    def inquiries(self) -> InquiryStore: ...  # noqa: D102
    @property
    def lives(self) -> LifeStore: ...  # noqa: D102
    @property
    def forgetting(self) -> ForgettingStore: ...  # noqa: D102


class RetagStore(Protocol):
    """The ledger's old mail that is tagged anew."""

    def current(self) -> Retag | None: ...  # noqa: D102
    def begin(self, witnesses: Witnesses, since: datetime | None, now: datetime) -> Retag: ...  # noqa: D102
    def enter(self, retag: Retag, stage: Stage, now: datetime, *, reopen: bool = False) -> None: ...  # noqa: D102
    def count(self, retag: Retag) -> int: ...  # noqa: D102
    def formers(self, retag: Retag) -> Iterator[tuple[Former, ...]]: ...  # noqa: D102
    def propose(self, retag: Retag, found: Sequence[Proposed]) -> None: ...  # noqa: D102
    def differences(self, retag: Retag) -> Iterator[Difference]: ...  # noqa: D102
    def apply(self, retag: Retag, now: datetime) -> Iterator[int]: ...  # noqa: D102
    def clear(self, retag: Retag) -> None: ...  # noqa: D102


class BulkParts(Protocol):
    """What the ledger offers for much work at once."""

    @property
    def retags(self) -> RetagStore: ...  # noqa: D102

    def together(self) -> AbstractContextManager[Together]:
        """Give parts of the ledger of which all that is done belongs to one transaction."""
        ...
