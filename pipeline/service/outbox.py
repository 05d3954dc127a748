"""Deliver: hand queued mail to the mail server and queued pages to the wiki, and remember what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from pipeline.errors import Deferred, Refused, ServerError, Undeliverable, Unreachable
from pipeline.faultpoints import reach
from pipeline.records.work import QueuedMail
from pipeline.service.envelopes import with_token
from pipeline.service.leases import SECONDS
from pipeline.service.ports import Clock, MailSender, Outbox, Progress, silent

# RFC 5321, section 4.5.4.1: give up after four to five days; wait longer each time.
GIVE_UP = timedelta(days=5)
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)
# After so many mails in a row that found no server, the others wait untried for the next run.
_PATIENCE = 3


class Outcome(StrEnum):
    """What became of one mail."""

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"


Carry = Callable[[QueuedMail], None]
"""Takes a mail or a page out of the house; raises a ServerError."""
Paths = Callable[[str], str]
"""Gives the reverse-path of the mail with a token."""


def reverse_path(answers: str | None, sender: str) -> Paths:
    """Return what gives a mail its reverse-path (RFC 5321, section 3.3), where delivery failures come back to.

    Parameters
    ----------
    answers
        The address that the program reads, or None.
    sender
        Where they go if there is none, and for a mail without a token.
    """
    return lambda token: with_token(answers, f"b-{token}") if answers and token else sender


def deliver(
    outbox: Outbox,
    sender: MailSender,
    envelope_from: Paths,
    clock: Clock,
    progress: Progress = silent,
) -> dict[Outcome, int]:
    """Send all mail whose time has come.

    A mail is marked as sent right after the server took it; should the program die between the two, the mail
    goes out again under the same Message-ID.
    """

    def send(queued: QueuedMail) -> None:
        sender.send(envelope_from(queued.mail.token), queued.mail.recipient, queued.mail.octets)

    return carry_out(outbox, "mail", send, clock, progress)


def carry_out(
    outbox: Outbox, channel: str, carry: Carry, clock: Clock, progress: Progress = silent
) -> dict[Outcome, int]:
    """Try all that is due on one channel; what no server is there for waits for the next run.

    Each is claimed for as long as it takes: several processes may send at the same time.
    """
    counts = dict.fromkeys(Outcome, 0)
    lost = 0
    tried: set[int] = set()
    try:
        while queued := outbox.claim(clock(), (channel,), SECONDS, tried):
            tried.add(queued.id)
            if lost >= _PATIENCE:
                counts[Outcome.DEFERRED] += len(outbox.due(clock(), (channel,)))
                break
            outcome, lasting = _try(outbox, carry, queued, clock)
            counts[outcome] += 1
            lost = lost + 1 if lasting else 0
            progress("send", len(tried), None)
    finally:
        outbox.let_go()
    return counts


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the try that followed `attempts` others: twice as long each time, up to a limit."""
    wait: timedelta = _FIRST_WAIT * 2 ** min(attempts, 10)
    return min(wait, _LONGEST_WAIT)


def _try(outbox: Outbox, carry: Carry, queued: QueuedMail, clock: Clock) -> tuple[Outcome, bool]:
    """Try one; return what became of it, and whether the next one will fare alike."""
    reach("outbox.chosen")
    try:
        carry(queued)
    except Undeliverable as error:
        refused = error.status if queued.mail.channel == "mail" else ""
        outbox.failed(queued.id, str(error), refused=refused, now=clock())
        return Outcome.FAILED, False
    except (Refused, Unreachable) as error:
        # The login, the sender or the server is at fault, and somebody may mend that within days.
        return _later(outbox, queued, error, clock()), True
    except ServerError as error:
        return _later(outbox, queued, error, clock()), False
    outbox.sent(queued.id, clock())
    reach("outbox.noted")
    return Outcome.SENT, False


def _later(outbox: Outbox, queued: QueuedMail, error: ServerError, now: datetime) -> Outcome:
    if now - queued.queued_at > GIVE_UP:
        outbox.failed(queued.id, str(error))
        return Outcome.FAILED
    told = timedelta(seconds=error.seconds) if isinstance(error, Deferred) else timedelta()
    wait = min(max(pause_after(queued.attempts), told), GIVE_UP)
    outbox.deferred(queued.id, now + wait, str(error))
    return Outcome.DEFERRED
