"""Triage: read and decide whatever waits in the ledger; what breaks a step is set aside, the rest goes on."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.assess.organisation import organisation
from pipeline.records.decisions import Decision, Disposition
from pipeline.records.inquiries import Inquiry
from pipeline.records.work import Reading, StoredMessage
from pipeline.service.ports import Clock, Ledger, MailReader, Progress, silent
from pipeline.service.tagging import Tagger
from pipeline.service.threads import joins, same_message

# Messages that are read and tagged together.
_BATCH = 50
FILED_KINDS = ("spam", "automated")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A stored message and what it means."""

    stored: StoredMessage
    inquiry: Inquiry


def triage(
    ledger: Ledger, reader: MailReader, tagger: Tagger, clock: Clock, progress: Progress = silent
) -> Counter[str]:
    """Read and decide all messages that wait.

    Returns
    -------
    Counter
        How many messages ended as ``assign``, ``review``, ``spam``, ``automated``, ``file`` (for another
        reason), ``same`` (another copy of a known message) or ``set-aside``.
    """
    outcomes: Counter[str] = Counter()
    total = ledger.messages.count_waiting()
    while batch := ledger.messages.waiting(_BATCH):
        outcomes += _triage_batch(ledger, reader, tagger, clock, batch)
        progress("tag", outcomes.total(), max(total, outcomes.total()))
    return outcomes


def _triage_batch(
    ledger: Ledger, reader: MailReader, tagger: Tagger, clock: Clock, batch: Sequence[StoredMessage]
) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    read = []
    for stored in batch:
        try:
            read.append(_Read(stored=stored, inquiry=reader.read(stored.octets, stored.received_at)))
        except Exception as error:  # noqa: BLE001 - no message may stop the others
            outcomes[_set_aside(ledger, stored, "read", error, clock)] += 1
    for one, decision in zip(read, _decide(tagger, clock, read), strict=True):
        outcomes[_keep(ledger, clock, one, decision)] += 1
    return outcomes


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


def _keep(ledger: Ledger, clock: Clock, read: _Read, decision: Decision | Exception) -> str:
    if isinstance(decision, Exception):
        return _set_aside(ledger, read.stored, "decide", decision, clock)
    inquiry = read.inquiry
    twin = same_message(inquiry, ledger.messages.twins(inquiry.message.message_id))
    if twin is not None:
        ledger.messages.mark_same(read.stored.id, twin, clock())
        return "same"
    join = joins(inquiry, ledger.inquiries.threads(inquiry))
    ledger.inquiries.record(read.stored, _reading(read, decision), join, clock())
    return _outcome(decision)


def _outcome(decision: Decision) -> str:
    """Return the disposition, and for what is filed, why."""
    if decision.disposition is Disposition.FILE and decision.tags.kind in FILED_KINDS:
        return decision.tags.kind
    return decision.disposition.value


def _reading(read: _Read, decision: Decision) -> Reading:
    archived = read.inquiry.message.header("Archived-At") or ""
    return Reading(
        inquiry=read.inquiry,
        decision=decision,
        organisation=organisation(read.inquiry),
        origin=f"list {read.inquiry.list_id}" if read.inquiry.list_id else read.stored.place,
        archive_url=archived.strip(" <>"),
    )


def _set_aside(ledger: Ledger, stored: StoredMessage, step: str, error: Exception, clock: Clock) -> str:
    trace = "".join(traceback.format_exception(error))
    ledger.messages.set_aside(stored, step, f"{type(error).__name__}: {error}", trace, clock())
    return "set-aside"
