"""The half of triage that asks nothing of the ledger: octets to what is to be kept; the same in any process."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.assess.organisation import writer
from pipeline.errors import ReaderUnavailable
from pipeline.records.decisions import Decision
from pipeline.records.inquiries import Inquiry
from pipeline.records.work import Reading, StoredMessage
from pipeline.service.claims import claims
from pipeline.service.machine import blame
from pipeline.service.passage import hooks, origin, passage
from pipeline.service.ports import Clock, MailReader
from pipeline.service.tagging import Tagger
from pipeline.settings import Threads
from pipeline.settings.otrs import OtrsServer

_THREADS = Threads()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a message could not be read or decided: the error in words, and its trace."""

    reason: str
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a message means and what was decided, as far as that went.

    Parameters
    ----------
    inquiry
        The message as read, or why it cannot be.
    reading
        What is to be kept, or why it cannot be decided; None where it was not read.
    """

    inquiry: Inquiry | Fault
    reading: Reading | Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Reads and decides, by the same witnesses wherever it runs.

    Parameters
    ----------
    reader, tagger, clock
        What reads, what decides, and when.
    threads, servers
        What tells which thread and which ticket a message is of.
    """

    reader: MailReader
    tagger: Tagger
    clock: Clock
    threads: Threads = _THREADS
    servers: Sequence[OtrsServer] = ()

    def judge(self, batch: Sequence[StoredMessage]) -> tuple[Judged, ...]:
        """Read and decide each message by itself, in order."""
        read = [self.read(stored) for stored in batch]
        known = [one for one in read if isinstance(one, Inquiry)]
        decisions = iter(self.decide(known))
        return tuple(
            Judged(inquiry=one, reading=self.kept(stored, one, next(decisions)))
            if isinstance(one, Inquiry)
            else Judged(inquiry=one)
            for stored, one in zip(batch, read, strict=True)
        )

    def read(self, stored: StoredMessage) -> Inquiry | Fault:
        """Return what a message means, or why it cannot be told.

        Raises
        ------
        ReaderUnavailable, MachineFault
            If nothing can be read: that is no fault of the message.
        """
        try:
            return self.reader.read(stored.octets, stored.received_at)
        except ReaderUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is of this message alone
            return fault(error)

    def decide(self, inquiries: Sequence[Inquiry]) -> Sequence[Decision | Exception]:
        """Decide together, and one by one if that fails, to find the message at fault.

        Raises
        ------
        MachineFault
            If none of them is: the machine lacks something.
        """
        try:
            return self.tagger.decide(inquiries, self.clock())
        except Exception:  # noqa: BLE001 - the culprit is found below
            return [self._decide_alone(one) for one in inquiries]

    def _reading(self, stored: StoredMessage, inquiry: Inquiry, decision: Decision) -> Reading:
        through = passage(inquiry, stored, self.threads, self.servers)
        archived = inquiry.message.header("Archived-At") or ""
        who = writer(inquiry)
        liaisons = tuple(liaison.address for liaison in self.tagger.policy.desks)
        words = hooks(self.threads, self.servers)
        said = claims(inquiry, liaisons, self.clock(), words, through.ticket)
        home = (stored.desk, stored.ticket) if stored.desk else None
        return Reading(
            inquiry=inquiry,
            decision=decision,
            organisation=who.name,
            organisation_domain=who.domain,
            origin=origin(inquiry, stored, through),
            archive_url=archived.strip(" <>") or through.url,
            claims=replace(said, desk_ticket=home),
        )

    def kept(
        self, stored: StoredMessage, inquiry: Inquiry, decision: Decision | Exception
    ) -> Reading | Fault:
        """Return what the ledger is to keep of a message, or why it cannot be decided."""
        if isinstance(decision, Exception):
            return fault(decision)
        try:
            return self._reading(stored, inquiry, decision)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is of this message alone
            return fault(error)

    def _decide_alone(self, inquiry: Inquiry) -> Decision | Exception:
        try:
            return self.tagger.decide([inquiry], self.clock())[0]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is of this message alone
            blame(error)
            return error


def fault(error: Exception) -> Fault:
    """Return an error as it is kept.

    Raises
    ------
    MachineFault
        If it is no fault of the message.
    """
    blame(error)
    return Fault(reason=f"{type(error).__name__}: {error}", trace="".join(traceback.format_exception(error)))
