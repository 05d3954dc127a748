"""Triage: read and decide whatever waits in the ledger; what breaks a step is set aside, the rest goes on."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.errors import LedgerError
from pipeline.faultpoints import reach
from pipeline.records.decisions import FILED_KINDS, Decision, Disposition
from pipeline.records.inquiries import Inquiry
from pipeline.records.threads import Placement
from pipeline.records.work import Reading, State, StoredMessage
from pipeline.service.answers import Answers, Taken
from pipeline.service.forgetting import is_forgotten
from pipeline.service.judging import Fault, Judge, fault
from pipeline.service.leases import Claims, claiming
from pipeline.service.ports import Clock, Ledger, MailReader, Progress, silent
from pipeline.service.ports_bulk import Together
from pipeline.service.returns import take_return
from pipeline.service.sameness import compare
from pipeline.service.tagging import Tagger
from pipeline.service.threads import place
from pipeline.settings import Threads
from pipeline.settings.otrs import OtrsServer

# Messages that are read and tagged together.
_BATCH = 50
_THREADS = Threads()


def triage(
    ledger: Ledger,
    reader: MailReader,
    tagger: Tagger,
    clock: Clock,
    progress: Progress = silent,
    threads: Threads = _THREADS,
    servers: Sequence[OtrsServer] = (),
    answers: Answers | None = None,
    most: int | None = None,
) -> Counter[str]:
    """Read and decide all messages that wait, and put each into the inquiry that it belongs to.

    Parameters
    ----------
    most
        About how many at most; None: all.

    Returns
    -------
    Counter
        How many messages ended as ``assign``, ``review``, ``spam``, ``automated``, ``file`` (for another
        reason), ``same`` (another copy of a known message), ``returned`` (tells what became of a mail of ours),
        ``answer`` (of a liaison, carried out) or ``set-aside``.
    """
    outcomes: Counter[str] = Counter()
    total = ledger.messages.count_waiting()
    judge = Judge(reader=reader, tagger=tagger, clock=clock, threads=threads, servers=servers)
    with claiming(ledger.messages, clock) as claims:
        while (most is None or outcomes.total() < most) and (batch := claims.take(_BATCH)):
            reach("triage.taken")
            outcomes += _triage_batch(ledger, judge, batch, claims, answers)
            progress("tag", outcomes.total(), max(total, outcomes.total()))
    return outcomes


def _triage_batch(
    ledger: Ledger, judge: Judge, batch: Sequence[StoredMessage], claims: Claims, answers: Answers | None
) -> Counter[str]:
    clock = judge.clock
    outcomes: Counter[str] = Counter()
    read = []
    for stored in batch:
        claims.hold()
        inquiry = judge.read(stored)
        if isinstance(inquiry, Fault):
            outcomes[set_aside(ledger, stored, "read", inquiry, clock)] += 1
            continue
        reach("triage.read")
        taken = take(ledger, answers, stored, inquiry, clock)
        if taken.outcome:
            outcomes[taken.outcome] += 1
        else:
            read.append((stored, inquiry, taken))
    decisions = judge.decide([inquiry for _, inquiry, _ in read])
    reach("triage.decided")
    for (stored, inquiry, taken), decision in zip(read, decisions, strict=True):
        reading = judge.kept(stored, inquiry, decision)
        if isinstance(reading, Fault):
            outcomes[set_aside(ledger, stored, "decide", reading, clock)] += 1
        else:
            claims.hold()
            # What it belongs to is looked up and written in one: another process may be keeping the mail before it.
            with ledger.together() as shared:
                outcome = keep(shared, stored, reading, taken, judge.threads, clock)
            outcomes[outcome] += 1
            reach("triage.kept")
    return outcomes


def take(
    ledger: Ledger, answers: Answers | None, stored: StoredMessage, inquiry: Inquiry, clock: Clock
) -> Taken:
    """Deal with a message that is no inquiry: it tells what became of a mail of ours, or is an answer by mail."""
    if take_return(ledger.returns, stored, inquiry, clock):
        reach("triage.returned")
        return Taken(outcome="returned")
    taken = _answer(ledger, answers, stored, inquiry, clock)
    if taken.outcome:
        reach("triage.answered")
    return taken


def _answer(
    ledger: Ledger, answers: Answers | None, stored: StoredMessage, inquiry: Inquiry, clock: Clock
) -> Taken:
    """Deal with a message if it is an answer by mail; where that fails it is set aside, as is what cannot be read."""
    if answers is None:
        return Taken()
    try:
        return answers.take(stored, inquiry)
    except LedgerError:
        raise  # nothing is wrong with the message: it waits
    except Exception as error:  # noqa: BLE001 - whatever it is, it is of this message alone
        return Taken(outcome=set_aside(ledger, stored, "answer", fault(error), clock))


def unpack(ledger: Together, stored: StoredMessage, inquiry: Inquiry, clock: Clock) -> None:
    """Let the mails of a list's digest wait as messages of their own, before the digest itself is done with."""
    mails = [b64decode(mail) for mail in inquiry.enclosed]
    if mails:
        ledger.messages.unpack(stored, mails, clock())
        reach("triage.unpacked")


def keep(
    ledger: Together, stored: StoredMessage, reading: Reading, taken: Taken, threads: Threads, clock: Clock
) -> str:
    """Keep a message as another copy of a known one, in the inquiry that it continues, or in a new one."""
    said = reading.claims
    if is_forgotten(ledger.forgetting, said):
        ledger.forgetting.refuse(stored.id, clock())
        return "forgotten"
    unpack(ledger, stored, reading.inquiry, clock)
    filed = reading.decision.disposition is Disposition.FILE
    found = compare(reading.inquiry, said, filed, ledger.inquiries.twins(said))
    if found.same is not None:
        # The other copy may have come by a way that tells less of its author.
        if taken.join and taken.answered_by:
            ledger.lives.change(taken.join, None, State.ANSWERED, taken.answered_by, clock())
        ledger.inquiries.copy(stored, reading, found.same.id, better=found.better, now=clock())
        return "same"
    # What refers to a Message-ID that another mail had before means that one.
    known = replace(said, header_id="") if found.others else said
    placement = place(said, ledger.inquiries.related(known, threads.subject_days), found.others)
    if taken.join:  # its tracking address says more than whom it refers to
        placement = Placement(join=taken.join, contested=placement.contested, answered_by=taken.answered_by)
    ledger.inquiries.record(stored, reading, placement, clock())
    return _outcome(reading.decision)


def _outcome(decision: Decision) -> str:
    """Return the disposition, and for what is filed, why."""
    if decision.disposition is Disposition.FILE and decision.tags.kind in FILED_KINDS:
        return decision.tags.kind
    return decision.disposition.value


def set_aside(ledger: Ledger, stored: StoredMessage, step: str, why: Fault, clock: Clock) -> str:
    """Keep a message that a `step` failed on, with the reason."""
    ledger.messages.set_aside(stored, step, why.reason, why.trace, clock())
    reach("triage.set-aside")
    return "set-aside"
