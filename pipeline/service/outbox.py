"""Deliver: hand queued mail to the mail server, and remember what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.errors import Deferred, Refused, Unreachable
from pipeline.records.work import QueuedMail
from pipeline.service.ports import Clock, MailSender, Outbox, Progress, silent

# RFC 5321, section 4.5.4.1: give up after four to five days; wait longer each time.
GIVE_UP = timedelta(days=5)
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)


class Outcome(StrEnum):
    """What became of one mail."""

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"


def deliver(
    outbox: Outbox, sender: MailSender, envelope_from: str, clock: Clock, progress: Progress = silent
) -> dict[Outcome, int]:
    """Send all mail whose time has come.

    A mail is marked as sent right after the server took it; should the program die between the two, the mail
    goes out again under the same Message-ID.
    """
    counts = dict.fromkeys(Outcome, 0)
    waiting = outbox.due(clock())
    for done, queued in enumerate(waiting, 1):
        counts[_deliver(outbox, sender, envelope_from, queued, clock)] += 1
        progress("send", done, len(waiting))
    return counts


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the try that followed `attempts` others: twice as long each time, up to a limit."""
    wait: timedelta = _FIRST_WAIT * 2 ** min(attempts, 10)
    return min(wait, _LONGEST_WAIT)


def _deliver(
    outbox: Outbox, sender: MailSender, envelope_from: str, queued: QueuedMail, clock: Clock
) -> Outcome:
    try:
        sender.send(envelope_from, queued.mail.recipient, queued.mail.octets)
    except Refused as error:
        outbox.failed(queued.id, str(error))
        return Outcome.FAILED
    except (Deferred, Unreachable) as error:
        return _later(outbox, queued, str(error), clock())
    outbox.sent(queued.id, clock())
    return Outcome.SENT


def _later(outbox: Outbox, queued: QueuedMail, error: str, now: datetime) -> Outcome:
    if now - queued.queued_at > GIVE_UP:
        outbox.failed(queued.id, error)
        return Outcome.FAILED
    outbox.deferred(queued.id, now + pause_after(queued.attempts), error)
    return Outcome.DEFERRED
