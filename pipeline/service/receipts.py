"""The mail that tells a liaison what was made of an answer: to the configured address alone, and not too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pipeline.digest.render import Rendered
from pipeline.feedback import tokens
from pipeline.feedback.receipts import Receipt, render
from pipeline.feedback.vocabulary import Lexicon
from pipeline.records.inquiries import Inquiry
from pipeline.records.keys import Keyring
from pipeline.records.messages import Address
from pipeline.records.work import OutgoingMail
from pipeline.routing.policy import Liaison
from pipeline.service.answering import Work
from pipeline.service.envelopes import with_token
from pipeline.service.outgoing import message_id, outgoing
from pipeline.service.ports import Ledger
from pipeline.settings import Settings

RECEIPTS_A_DAY = 20
"""Receipts that one person gets in 24 hours; what comes after is done without one."""

_SUBJECT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Makes receipts.

    Parameters
    ----------
    ledger, settings, ring
        How many there were today, where answers go, and the secrets of tokens.
    """

    ledger: Ledger
    settings: Settings
    ring: Keyring

    def mail(
        self, inquiry: Inquiry, work: Work, person: Liaison, lexicon: Lexicon, fingerprint: str
    ) -> OutgoingMail | None:
        """Return the receipt; None where none can be sent, or its reader got many today."""
        smtp = self.settings.smtp
        since = work.now - timedelta(days=1)
        if smtp is None or self.ledger.answers.receipts(person.address, since) >= RECEIPTS_A_DAY:
            return None
        subject, text = render(
            Receipt(items=tuple(work.items), subject=inquiry.message.subject[:_SUBJECT]), lexicon
        )
        return outgoing(
            Rendered(subject=subject, text=text, html=""),
            smtp,
            Address(name=person.name, address=person.address),
            purpose="receipt",
            period=fingerprint[:32],
            message_id=message_id(smtp, "receipt", fingerprint[:32]),
            now=work.now,
            headers={"Reply-To": self._reply_to(work)} | _references(inquiry),
            answers=True,
        )

    def _reply_to(self, work: Work) -> str:
        """Return an address that lets the reader act on what the answer was about as it is after it."""
        days, address = self.settings.answers.days, self.settings.answers.address or ""
        keys = {one.key for one in work.items if one.key}
        entry = self.ledger.inquiries.find(next(iter(keys))) if len(keys) == 1 else None
        if entry is not None and self._is_theirs(work, entry.key, entry.liaison):
            version = entry.version + sum(one.key == entry.key for one in work.changes)
            token = tokens.entry_token(self.ring, work.desk.id, entry.key, version, work.now, days)
        else:
            turn = self.ledger.answers.turn() + len(work.changes)
            token = tokens.digest_token(self.ring, work.desk.id, turn, work.now, days)
        return with_token(address, token)

    def _is_theirs(self, work: Work, key: str, holder: str | None) -> bool:
        """Tell whether the inquiry is with the reader after the answer, or was when they closed it."""
        standing = work.standings.get(key)
        before = standing.entry.liaison if standing else holder
        after = standing.holder if standing else holder
        return before == work.desk.id and after in (work.desk.id, None)


def _references(inquiry: Inquiry) -> dict[str, str]:
    """Return the fields that put a receipt below the mail that it answers (RFC 5322, section 3.6.4)."""
    identifier = inquiry.message.message_id
    fit = identifier and len(identifier) <= 200 and identifier.isascii() and identifier.isprintable()
    return (
        {"In-Reply-To": f"<{identifier}>", "References": f"<{identifier}>"}
        if fit and "<" not in identifier
        else {}
    )
