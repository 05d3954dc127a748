"""Answers by mail: which mail is one, whether its author may be believed, and what becomes of it.

A mail counts as an answer if it bears a valid token, goes to an address with something behind a plus, or refers to mail of
the program's own; and if it comes to the plain address from a liaison and holds a command. Whatever is an answer, but is
not certainly from the liaison whom its token names, is set aside: it changes nothing and gets no reply.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pipeline.feedback import tokens, trust
from pipeline.feedback.commands import Understanding
from pipeline.feedback.lines import Line, head_key, unquoted
from pipeline.feedback.values import Values
from pipeline.feedback.vocabulary import Lexicon, Vocabulary, fold
from pipeline.parsing.quotes import marked_lines
from pipeline.records.answers import Action, Command
from pipeline.records.effects import Answer, Result, Said
from pipeline.records.inquiries import Inquiry
from pipeline.records.keys import Keyring
from pipeline.records.work import StoredMessage
from pipeline.routing.policy import Liaison, Policy
from pipeline.service.answering import Work
from pipeline.service.envelopes import BODY, Envelope, delivered, envelope, tags
from pipeline.service.ports import Clock, Ledger
from pipeline.service.receipts import Receipts
from pipeline.settings import Settings
from pipeline.taxonomy import Taxonomy
from pipeline.tongue import tongue

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message.

    Parameters
    ----------
    outcome
        ``answer`` or ``set-aside`` if it is dealt with; empty if it is to be triaged.
    join
        KEY of the inquiry that a message to be triaged certainly belongs to, by its tracking address; or None.
    answered_by
        Id of the liaison whose answer to the inquirer it is, or None.
    """

    outcome: str = ""
    join: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Deals with answers.

    Parameters
    ----------
    ledger, policy, taxonomy, vocabulary, settings
        What is known, who the liaisons are, which words they use.
    ring
        The secrets of tokens.
    clock
        Tells the time.
    """

    ledger: Ledger
    policy: Policy
    taxonomy: Taxonomy
    vocabulary: Vocabulary
    settings: Settings
    ring: Keyring
    clock: Clock

    @property
    def address(self) -> str:
        """Where answers go."""
        return self.settings.answers.address or ""

    def take(self, stored: StoredMessage, inquiry: Inquiry) -> Taken:
        """Deal with a message if it is an answer; machines never act."""
        now = self.clock()
        tracked = self._tracked(inquiry, now)
        if inquiry.automatic is not None:
            return Taken(join=tracked)
        outside = envelope(stored, inquiry, self.address)
        if tracked is not None:
            return Taken(join=tracked, answered_by=self._owner(tracked, outside, inquiry))
        if not self._is_answer(outside, inquiry, now):
            return Taken()
        doubt = self._doubt(outside, inquiry)
        grants = () if doubt else self._grants(outside, now)
        if not doubt and not grants:
            doubt = self._unfit(outside, now)
        if doubt:
            self.ledger.messages.set_aside(stored, "answer", doubt, "", now)
            return Taken(outcome="set-aside")
        self._act(stored, inquiry, outside, grants, now)
        return Taken(outcome="answer")

    # ---------------------------------------------------------------- what it is

    def _tracked(self, inquiry: Inquiry, now: datetime) -> str | None:
        """Return the KEY of the inquiry whose tracking address the mail went to."""
        places = [*inquiry.recipients, *delivered(inquiry)]
        found = (tokens.tracked(self.ring, one, now) for one in tags(places, self.address))
        key = next(filter(None, found), None)
        return key if key and self.ledger.inquiries.find(key) else None

    def _is_answer(self, envelope: Envelope, inquiry: Inquiry, now: datetime) -> bool:
        ours = self._claims_to_be_ours(envelope, inquiry)
        if envelope.to or any(self._was_made_here(one, now) for one in envelope.subject):
            return True
        if not ours:
            bears = any(self._was_made_here(one, now) for one in envelope.elsewhere)
            return bears and self._commands(inquiry, self.vocabulary.lexicon("en"))
        if inquiry.forward is None and any(self._was_made_here(one, now) for one in envelope.elsewhere):
            return True
        message = inquiry.message
        if self.ledger.answers.is_ours((*message.in_reply_to, *message.references[-20:])):
            return True
        locales = {one.locale for one in ours}
        return (
            envelope.addressed
            and inquiry.forward is None
            and any(self._commands(inquiry, self.vocabulary.lexicon(one)) for one in locales)
        )

    def _claims_to_be_ours(self, envelope: Envelope, inquiry: Inquiry) -> tuple[Liaison, ...]:
        """Return the liaisons and groups whose address stands in From, truly or not."""
        froms = " ".join(value for name, value in envelope.fields if name.strip().lower() == "from").lower()
        sender = inquiry.message.from_.address.lower()
        return tuple(
            one
            for one in self.policy.desks
            if one.address.lower() == sender or _stands_in(froms, one.address.lower())
        )

    def _was_made_here(self, token: str, now: datetime) -> bool:
        """Tell whether somebody was given this token, be it expired."""
        return any(self._fate(token, one.id, now) in ("", "expired") for one in self.policy.desks)

    def _fate(self, token: str, desk: str, now: datetime) -> str:
        """Return why a token does not serve; empty if it does."""
        try:
            tokens.grant(self.ring, token, desk, now)
        except tokens.Unfit as unfit:
            return str(unfit)
        return ""

    def _commands(self, inquiry: Inquiry, lexicon: Lexicon) -> bool:
        """Tell whether the unquoted text holds a command."""
        reading = self._reading(lexicon, "UTC")
        return any(isinstance(one, Command) for one in reading.read(self._lines(inquiry, reading)))

    # ---------------------------------------------------------------- whom to believe

    def _doubt(self, envelope: Envelope, inquiry: Inquiry) -> str:
        """Return why it is not certain that a mail is from one of the liaisons; empty if it is."""
        if inquiry.list_id is not None or inquiry.message.list_id is not None:
            return "came over a mailing list; answers have to come straight from the liaison"
        if envelope.bounces:
            return "its Return-Path is empty: a machine sent it"
        if not envelope.author:
            return "From does not name exactly one author"
        person = self._person(envelope.author)
        if person is None:
            return "From is none of the addresses in liaisons.toml"
        if person.unsigned_answers:
            return ""
        return trust.doubt(envelope.fields, envelope.author, self.settings.answers.authserv_ids)

    def _person(self, address: str) -> Liaison | None:
        return next((one for one in self.policy.desks if one.address.lower() == address), None)

    def _desks(self, address: str) -> tuple[Liaison, ...]:
        """Return for whom the owner of an address may speak."""
        return tuple(
            one
            for one in self.policy.desks
            if address in {voice.lower() for voice in self.policy.voices(one.id)}
        )

    def _grants(self, envelope: Envelope, now: datetime) -> tuple[tuple[Liaison, str, tokens.Grant], ...]:
        """Return which token allows which liaison or group what, those of address and subject first."""
        found = []
        for token in envelope.tokens:
            for desk in self._desks(envelope.author):
                try:
                    found.append((desk, token, tokens.grant(self.ring, token, desk.id, now)))
                except tokens.Unfit:
                    continue
        return tuple(found)

    def _unfit(self, envelope: Envelope, now: datetime) -> str:
        fates = {
            self._fate(token, desk.id, now)
            for token in envelope.tokens
            for desk in self._desks(envelope.author)
        }
        if "expired" in fates:
            return "the token has expired; answer a newer digest"
        if any(self._was_made_here(token, now) for token in envelope.tokens):
            return "the token is another liaison's"
        return "the token is not valid" if envelope.tokens else "bears no token; answer a digest"

    def _owner(self, key: str, envelope: Envelope, inquiry: Inquiry) -> str | None:
        """Return who has the inquiry, if the mail is certainly theirs."""
        entry = self.ledger.inquiries.find(key)
        if entry is None or entry.liaison is None or self._doubt(envelope, inquiry):
            return None
        if not self._goes_out(inquiry):
            return None
        return entry.liaison if envelope.author in map(str.lower, self.policy.voices(entry.liaison)) else None

    def _goes_out(self, inquiry: Inquiry) -> bool:
        """Tell whether a mail goes to anybody but the program, the liaisons and groups."""
        house = {one.address.lower() for one in self.policy.desks} | {self.address.lower()}
        others = (one.lower() for one in inquiry.recipients)
        return any(one not in house and not list(tags([one], self.address)) for one in others)

    # ---------------------------------------------------------------- what it does

    def _act(
        self,
        stored: StoredMessage,
        inquiry: Inquiry,
        envelope: Envelope,
        grants: tuple[tuple[Liaison, str, tokens.Grant], ...],
        now: datetime,
    ) -> None:
        """Carry out an answer; where an inquiry changes meanwhile, it is looked at anew."""
        person = self._person(envelope.author) or grants[0][0]
        fingerprint = _fingerprint(inquiry, envelope.author)
        if self.ledger.answers.knows(fingerprint):
            again = Answer(
                liaison=person.id,
                fingerprint=fingerprint,
                said=(Said(action=None, key="", result=Result.REPLAYED),),
            )
            self.ledger.answers.apply(stored, again, now)
            return
        for _ in range(_TRIES):
            answer = self._answer(inquiry, envelope, grants, person, fingerprint, now)
            if self.ledger.answers.apply(stored, answer, now):
                return
        self.ledger.messages.set_aside(
            stored, "answer", "the inquiry kept changing; triage it again", "", now
        )

    def _answer(
        self,
        inquiry: Inquiry,
        envelope: Envelope,
        grants: tuple[tuple[Liaison, str, tokens.Grant], ...],
        person: Liaison,
        fingerprint: str,
        now: datetime,
    ) -> Answer:
        desk = grants[0][0]
        mine = tuple(grant for one, _, grant in grants if one.id == desk.id)
        lexicon = self.vocabulary.lexicon(person.locale)
        reading = replace(self._reading(lexicon, person.timezone, now), name=person.name)
        understood = reading.read(self._lines(inquiry, reading), _only_key(envelope, grants))
        if not understood and not inquiry.body.strip():
            understood = _unsubscribed(inquiry.message.subject)
        work = Work(
            ledger=self.ledger, policy=self.policy, taxonomy=self.taxonomy,
            desk=desk, author=person, grants=mine, now=now,
        )  # fmt: skip
        work.do(understood)
        said = tuple(work.said) or (Said(action=None, key="", result=Result.UNCLEAR),)
        return Answer(
            liaison=person.id,
            fingerprint=fingerprint,
            said=said,
            versions=dict(work.versions),
            changes=tuple(work.changes),
            corrections=tuple(work.corrections),
            notes=tuple(work.notes),
            settlements=tuple(work.settlements),
            duty=work.duty,
            receipt=Receipts(ledger=self.ledger, settings=self.settings, ring=self.ring).mail(
                inquiry, work, person, lexicon, fingerprint
            ),
        )

    def _reading(self, lexicon: Lexicon, timezone: str, now: datetime | None = None) -> Understanding:
        today = (now or self.clock()).astimezone(ZoneInfo(timezone)).date()
        return Understanding(Values(self.taxonomy, lexicon), today)

    def _lines(self, inquiry: Inquiry, reading: Understanding) -> tuple[Line, ...]:
        marked = marked_lines(_own_body(inquiry)[:BODY])
        local, _, domain = self.address.rpartition("@")
        title = tongue(reading.lexicon.locale).text("Partnership triage")
        own = (f"{local}+", f"@{domain}", f"{title}\n", "Partnership triage\n")

        def is_command(text: str) -> bool:
            return reading.is_command(text) and not self._is_heading(text)

        return unquoted(marked, is_command, own)

    def _is_heading(self, text: str) -> bool:
        """Tell whether behind a KEY there is but the subject of the inquiry: subjects may be called "done"."""
        key, rest = head_key(text)
        entry = self.ledger.inquiries.find(key) if key else None
        said, subject = fold(rest).strip(" ….,;!"), fold(entry.subject) if entry else ""
        return bool(said) and (
            said == subject.strip(" ….,;!") or (len(said) > 30 and subject.startswith(said))
        )


def _stands_in(text: str, address: str) -> bool:
    """Tell whether an address stands in a text, and not only as a piece of a longer one."""
    return re.search(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", text) is not None


def _only_key(envelope: Envelope, grants: tuple[tuple[Liaison, str, tokens.Grant], ...]) -> str:
    """Return the KEY of the one inquiry that a mail can be about; empty if it can be about several."""
    first = {*envelope.to, *envelope.subject}
    named = {grant.key for _, token, grant in grants if token in first and grant.key}
    if len(named) == 1:
        return next(iter(named))
    keys = {grant.key for _, _, grant in grants}
    return next(iter(keys)) if len(keys) == 1 and not named else ""


def _own_body(inquiry: Inquiry) -> str:
    """Return the body without that of a mail attached to it: what others wrote is not read for instructions."""
    message = inquiry.message
    encloses = any(part.content_type.startswith("message/") for part in message.attachments)
    if encloses or (inquiry.forward is not None and message.attachments):
        return message.text_plain.replace("\r\n", "\n")
    return inquiry.body


def _unsubscribed(subject: str) -> tuple[Command, ...]:
    """Return the pause that the link of List-Unsubscribe asks for: some clients send its subject alone (RFC 2369)."""
    return (Command(action=Action.PAUSE, line="pause"),) if subject.strip().casefold() == "pause" else ()


def _fingerprint(inquiry: Inquiry, author: str) -> str:
    message = inquiry.message
    name = message.message_id or f"{message.header('Date')}\n{message.subject}\n{inquiry.body[:BODY]}"
    return hashlib.sha256(f"{author}\n{name}".encode("utf-8", "replace")).hexdigest()
