"""Delivery failures: mail that came back is matched to what was sent; who cannot be reached is relieved.

A failure counts only if it comes to the reverse-path of a mail that was sent, whose token nobody can guess.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.digest.notices import suspension, unreachable
from pipeline.digest.render import Rendered
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address
from pipeline.records.work import HardReturn, StoredMessage
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.roster import stand_in
from pipeline.service.envelopes import DELIVERED
from pipeline.service.outgoing import message_id, outgoing
from pipeline.service.ports import Clock, Ledger, ReturnStore
from pipeline.settings import Settings

SUSPENDED = "suspended"
PROGRAM = "program"
# So many mails that failed for good, made within this time, suspend a liaison.
ENOUGH = 3
WITHIN = timedelta(days=60)
_TOKEN = re.compile(r"\+b-([a-z2-7]{16})@")
_FIELDS = 20
_FIELD = 2_000


def take_return(store: ReturnStore, stored: StoredMessage, inquiry: Inquiry, clock: Clock) -> bool:
    """Take a message that a machine sent to a mail's reverse-path out of triage, and note the failure that it tells.

    Returns
    -------
    bool
        False for all other mail, which goes on.
    """
    if inquiry.automatic is None:
        return False
    told = inquiry.failure
    status = told.status if told else inquiry.automatic.value
    hard = told is not None and told.permanent
    return any(store.take(stored, token, status, clock(), hard=hard) for token in tokens(inquiry))


def tokens(inquiry: Inquiry) -> tuple[str, ...]:
    """Return the tokens of reverse-paths that a message was sent to."""
    delivered = [value for name in DELIVERED for value in inquiry.message.headers(name)]
    places = (*delivered[:_FIELDS], *inquiry.recipients[:_FIELDS])
    found = (_TOKEN.search(place[:_FIELD].lower()) for place in places)
    return tuple(dict.fromkeys(match[1] for match in found if match))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """Relieves liaisons whom mail does not reach.

    Parameters
    ----------
    ledger, policy, settings
        What came back, who the liaisons are, and who is told.
    """

    ledger: Ledger
    policy: Policy
    settings: Settings

    def run(self, now: datetime) -> tuple[str, ...]:
        """Suspend whom three mails did not reach; what they have open moves as with everybody who takes nothing.

        Each step is done once, whenever the program was ended before: the notice has a key of its own in the outbox,
        and only then is the liaison suspended.

        Returns
        -------
        tuple of str
            Ids of those who are newly suspended.
        """
        away = self.ledger.duties.current()
        resumed = self.ledger.returns.resumed()
        failed = self.ledger.returns.hard(now - WITHIN)
        new = []
        for liaison in self.policy.desks:
            mine = _to(failed, liaison.address, resumed.get(liaison.id))
            if len(mine) >= ENOUGH and SUSPENDED not in away.get(liaison.id, ()):
                new.append(liaison.id)
                self._suspend(liaison, mine[ENOUGH - 1], {*away, *new}, now)
        self._tell_of_others(failed, now)
        for identifier in new:
            self.ledger.duties.pause(identifier, SUSPENDED, PROGRAM, now)
        return tuple(new)

    def _suspend(self, liaison: Liaison, last: HardReturn, away: Collection[str], now: datetime) -> None:
        deputy = self._deputy(liaison, away, now)
        rendered = suspension(
            name=liaison.name,
            address=liaison.address,
            identifier=liaison.id,
            status=last.status,
            deputy=deputy.name if deputy else "",
            locale=self.settings.committee.locale,
        )
        self._tell(rendered, SUSPENDED, f"{liaison.id[:20]}.{last.mail}", now)

    def _tell_of_others(self, failed: Sequence[HardReturn], now: datetime) -> None:
        """Tell of addresses of the committee that mail does not reach, once a month."""
        for address in self.settings.committee.addresses:
            mine = _to(failed, address, None)
            if len(mine) >= ENOUGH:
                locale = self.settings.committee.locale
                rendered = unreachable(address=address, status=mine[ENOUGH - 1].status, locale=locale)
                mark = hashlib.sha256(address.casefold().encode()).hexdigest()[:16]
                self._tell(rendered, "unreachable", f"{mark}.{now:%Y-%m}", now, but=address)

    def _tell(self, rendered: Rendered, purpose: str, period: str, now: datetime, but: str = "") -> None:
        """Queue a notice for the maintainer, or for the committee if there is none."""
        queue_notice(self.ledger, self.settings, rendered, purpose, period, now, but)

    def _deputy(self, liaison: Liaison, away: Collection[str], now: datetime) -> Liaison | None:
        """Return the first along the deputies who is there, else the fallback, else nobody."""
        found = stand_in(liaison, self.policy, now, refused=away)
        if found is None and self.policy.fallback not in away:
            return self.policy.by_id.get(self.policy.fallback)
        return found


def queue_notice(
    ledger: Ledger,
    settings: Settings,
    rendered: Rendered,
    purpose: str,
    period: str,
    now: datetime,
    but: str = "",
) -> None:
    """Queue a notice for the maintainer, or for the committee (`but` one address) if there is none; each only once."""
    smtp = settings.smtp
    if smtp is None:
        return
    maintainer = settings.answers.maintainer
    for address in (maintainer,) if maintainer else settings.committee.addresses:
        if address == but or ledger.outbox.holds(address, purpose, period):
            continue
        mail = outgoing(
            rendered,
            smtp,
            Address(address=address),
            purpose=purpose,
            period=period,
            message_id=message_id(smtp, purpose, period),
            now=now,
        )
        ledger.outbox.queue(mail, now)


def _to(failed: Iterable[HardReturn], address: str, since: datetime | None) -> tuple[HardReturn, ...]:
    """Return the failures of mails to `address` that were made after `since`."""
    return tuple(
        one
        for one in failed
        if one.recipient.casefold() == address.casefold() and (since is None or one.queued_at > since)
    )
