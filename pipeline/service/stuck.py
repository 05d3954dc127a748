"""Try again what was set aside: through triage, or, where a source could not hand it over, from the source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import ServerError
from pipeline.records.keeping import Aside, AsideDetail
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Cursor, SetAsideMessage
from pipeline.service.marks import MailServer
from pipeline.service.rounds import Desk

# Account, mailbox, UIDVALIDITY and UID, as a place is written down.
_PLACE = re.compile(r"(?P<account>\S+) (?P<mailbox>.+) (?P<epoch>\d{1,20})/(?P<uid>\d{1,20})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one that was tried again.

    Parameters
    ----------
    number
        What it was called.
    done
        It got through.
    outcome
        Where it is now, or what still fails.
    """

    number: int
    done: bool
    outcome: str


def retry(desk: Desk, numbers: Iterable[int]) -> tuple[Tried, ...]:
    """Try messages again that were set aside; what fails is set aside once more."""
    waiting: dict[int, int] = {}
    tried: list[Tried] = []
    for number in numbers:
        found = desk.ledger.asides.find(number)
        message = desk.ledger.asides.retry(number, desk.clock()) if found else None
        if found is None:
            tried.append(Tried(number=number, done=False, outcome="there is no such number"))
        elif message is not None:
            waiting[number] = message
        else:
            tried.append(_again_from_source(desk, found))
    if waiting or any(one.done for one in tried):
        desk.work()
    tried += [_after(desk, number, message) for number, message in waiting.items()]
    return tuple(sorted(tried, key=lambda one: one.number))


def _after(desk: Desk, number: int, message: int) -> Tried:
    found = desk.ledger.asides.after(message)
    if isinstance(found, Aside):
        return Tried(number=number, done=False, outcome=f"still, now {found.number}: {found.reason}")
    if found == "new":
        return Tried(number=number, done=True, outcome="waits: another process is tagging and takes it")
    return Tried(number=number, done=True, outcome=found)


def _again_from_source(desk: Desk, detail: AsideDetail) -> Tried:
    """Ask the mailbox once more for a message that it could not hand over, or that was too large."""
    aside = detail.aside
    place = _PLACE.fullmatch(aside.place)
    source = next((one for one in desk.sources if place and one.name == f"imap:{place['account']}"), None)
    if aside.step != "fetch" or place is None or source is None:
        return Tried(number=aside.number, done=False, outcome=_advice(aside))
    where = ImapSighting(
        account=place["account"],
        mailbox=place["mailbox"],
        uidvalidity=int(place["epoch"]),
        uid=int(place["uid"]),
    )
    try:
        found = _fetched(source, where)
    except ServerError as error:
        return Tried(number=aside.number, done=False, outcome=str(error))
    finally:
        source.close()
    if isinstance(found, RawMessage):
        desk.ledger.asides.fetched(aside.number, found, desk.clock())
        return Tried(number=aside.number, done=True, outcome="fetched")
    why = found.reason if found else "the mailbox does not have it any more"
    return Tried(number=aside.number, done=False, outcome=why)


def _fetched(source: MailServer, where: ImapSighting) -> RawMessage | SetAsideMessage | None:
    before = Cursor(uidvalidity=where.uidvalidity, uid=where.uid - 1)
    for batch in source.fetch(where.mailbox, before, 1):
        both: tuple[RawMessage | SetAsideMessage, ...] = (*batch.messages, *batch.refused)
        return next((one for one in both if one.sighting == where), None)
    return None


def _advice(aside: Aside) -> str:
    if aside.step == "fetch":
        return "only its header is kept; let its source hand it over again, or import it: triage import FILE"
    return "its octets were removed; drop it"
