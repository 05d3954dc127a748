"""Triage: read and decide whatever waits in the ledger; what breaks a step is set aside, the rest goes on."""

from __future__ import annotations

import traceback
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.assess.organisation import writer
from pipeline.errors import LedgerError, ReaderUnavailable
from pipeline.records.decisions import Decision, Disposition
from pipeline.records.inquiries import Inquiry
from pipeline.records.threads import Placement
from pipeline.records.work import Reading, State, StoredMessage
from pipeline.service.answers import Answers, Taken
from pipeline.service.claims import claims
from pipeline.service.passage import Passage, hooks, origin, passage
from pipeline.service.ports import Clock, Ledger, MailReader, Progress, silent
from pipeline.service.returns import take_return
from pipeline.service.sameness import compare
from pipeline.service.tagging import Tagger
from pipeline.service.threads import place
from pipeline.settings import Threads
from pipeline.settings.otrs import OtrsServer

# Messages that are read and tagged together.
_BATCH = 50
FILED_KINDS = ("spam", "automated")
_THREADS = Threads()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A stored message and what it means."""

    stored: StoredMessage
    inquiry: Inquiry
    taken: Taken = field(default_factory=Taken)


def triage(
    ledger: Ledger,
    reader: MailReader,
    tagger: Tagger,
    clock: Clock,
    progress: Progress = silent,
    threads: Threads = _THREADS,
    servers: Sequence[OtrsServer] = (),
    answers: Answers | None = None,
) -> Counter[str]:
    """Read and decide all messages that wait, and put each into the inquiry that it belongs to.

    Returns
    -------
    Counter
        How many messages ended as ``assign``, ``review``, ``spam``, ``automated``, ``file`` (for another
        reason), ``same`` (another copy of a known message), ``returned`` (tells what became of a mail of ours),
        ``answer`` (of a liaison, carried out) or ``set-aside``.
    """
    outcomes: Counter[str] = Counter()
    total = ledger.messages.count_waiting()
    while batch := ledger.messages.waiting(_BATCH):
        outcomes += _triage_batch(ledger, reader, tagger, clock, batch, threads, servers, answers)
        progress("tag", outcomes.total(), max(total, outcomes.total()))
    return outcomes


def _triage_batch(
    ledger: Ledger,
    reader: MailReader,
    tagger: Tagger,
    clock: Clock,
    batch: Sequence[StoredMessage],
    threads: Threads,
    servers: Sequence[OtrsServer],
    answers: Answers | None,
) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    read = []
    for stored in batch:
        try:
            inquiry = reader.read(stored.octets, stored.received_at)
        except ReaderUnavailable:
            raise  # nothing is wrong with the message: it waits
        except Exception as error:  # noqa: BLE001 - no message may stop the others
            outcomes[_set_aside(ledger, stored, "read", error, clock)] += 1
            continue
        if take_return(ledger.returns, stored, inquiry, clock):
            outcomes["returned"] += 1
            continue
        taken = _answer(ledger, answers, stored, inquiry, clock)
        if taken.outcome:
            outcomes[taken.outcome] += 1
        else:
            read.append(_Read(stored=stored, inquiry=inquiry, taken=taken))
    liaisons = tuple(liaison.address for liaison in tagger.policy.desks)
    for one, decision in zip(read, _decide(tagger, clock, read), strict=True):
        if isinstance(decision, Exception):
            outcomes[_set_aside(ledger, one.stored, "decide", decision, clock)] += 1
        else:
            through = passage(one.inquiry, one.stored, threads, servers)
            words = hooks(threads, servers)
            reading = _reading(one, decision, through, liaisons, words, clock)
            _unpack(ledger, one, clock)
            outcomes[_keep(ledger, one, reading, threads, clock)] += 1
    return outcomes


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
    except Exception as error:  # noqa: BLE001 - no message may stop the others
        return Taken(outcome=_set_aside(ledger, stored, "answer", error, clock))


def _unpack(ledger: Ledger, read: _Read, clock: Clock) -> None:
    """Let the mails of a list's digest wait as messages of their own, before the digest itself is done with."""
    mails = [b64decode(mail) for mail in read.inquiry.enclosed]
    if mails:
        ledger.messages.unpack(read.stored, mails, clock())


def _decide(tagger: Tagger, clock: Clock, read: Sequence[_Read]) -> Sequence[Decision | Exception]:
    """Decide together, and one by one if that fails, to find the message at fault."""
    try:
        return tagger.decide([one.inquiry for one in read], clock())
    except Exception:  # noqa: BLE001 - the culprit is found below
        return [_decide_alone(tagger, clock, one) for one in read]


def _decide_alone(tagger: Tagger, clock: Clock, read: _Read) -> Decision | Exception:
    try:
        return tagger.decide([read.inquiry], clock())[0]
    except Exception as error:  # noqa: BLE001 - no message may stop the others
        return error


def _keep(ledger: Ledger, read: _Read, reading: Reading, threads: Threads, clock: Clock) -> str:
    """Keep a message as another copy of a known one, in the inquiry that it continues, or in a new one."""
    stored, said, taken = read.stored, reading.claims, read.taken
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


def _reading(
    read: _Read,
    decision: Decision,
    through: Passage,
    liaisons: Sequence[str],
    words: tuple[str, ...],
    clock: Clock,
) -> Reading:
    archived = read.inquiry.message.header("Archived-At") or ""
    who = writer(read.inquiry)
    said = claims(read.inquiry, liaisons, clock(), words, through.ticket)
    home = (read.stored.desk, read.stored.ticket) if read.stored.desk else None
    return Reading(
        inquiry=read.inquiry,
        decision=decision,
        organisation=who.name,
        organisation_domain=who.domain,
        origin=origin(read.inquiry, read.stored, through),
        archive_url=archived.strip(" <>") or through.url,
        claims=replace(said, desk_ticket=home),
    )


def _set_aside(ledger: Ledger, stored: StoredMessage, step: str, error: Exception, clock: Clock) -> str:
    trace = "".join(traceback.format_exception(error))
    ledger.messages.set_aside(stored, step, f"{type(error).__name__}: {error}", trace, clock())
    return "set-aside"
