"""Mark: tell mailboxes of decisions, once they are committed; the ledger knows what is still to be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.errors import Refused, ServerError
from pipeline.faultpoints import reach
from pipeline.records.decisions import Disposition
from pipeline.records.marks import Mark
from pipeline.service.ports import Clock, MarkStore, MessageSource, Progress, silent

# Messages that a server is told of at once.
_BATCH = 200


class MailServer(MessageSource, Protocol):
    """A source that can be told what became of its messages."""

    @property
    def account(self) -> str:
        """What sightings call it."""
        ...

    def to_mark(self) -> frozenset[Disposition]:
        """Return of which decisions it is to be told."""
        ...

    def mark(self, mailbox: str, marks: Sequence[Mark]) -> tuple[Mark, ...]:
        """Tell it; return those that are done with."""
        ...

    def interrupt(self) -> None:
        """End what another thread waits for, and connect no more."""
        ...


def mark_decided(
    source: MailServer, store: MarkStore, clock: Clock, progress: Progress = silent
) -> tuple[int, tuple[str, ...]]:
    """Tell `source` of all decisions that it does not know yet.

    A mark is noted after the server agreed. Should the program die between the two, the server is told again.

    Returns
    -------
    tuple[int, tuple[str, ...]]
        How many sightings are done with, and what went wrong, a line for each mailbox at most.
    """
    total = 0
    problems = []
    wanted = source.to_mark()
    for mailbox in source.mailboxes() if wanted else ():
        try:
            for page in _pages(source, store, mailbox, wanted):
                settled = source.mark(mailbox, page)
                reach("marks.told")
                store.settle(settled, clock())
                reach("marks.settled")
                total += len(settled)
                progress("mark", total, None)
        except Refused as error:
            problems.append(str(error))
        except ServerError as error:
            problems.append(str(error))
            break  # without a connection the other mailboxes would say the same
    return total, tuple(problems)


def _pages(
    source: MailServer, store: MarkStore, mailbox: str, wanted: frozenset[Disposition]
) -> Iterator[tuple[Mark, ...]]:
    last = 0
    while page := store.waiting(source.account, mailbox, wanted, last, _BATCH):
        yield page
        last = page[-1].id
