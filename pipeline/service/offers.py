"""What each entry of a digest lets its reader do: a token, the words, and a suggested first answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.feedback import replies as suggested
from pipeline.feedback import tokens
from pipeline.feedback.replies import Reply
from pipeline.feedback.vocabulary import Lexicon, Vocabulary
from pipeline.records.answers import Action, Draft, Offer
from pipeline.records.decisions import Decision, Tags
from pipeline.records.keys import Keyring
from pipeline.records.work import DailyDigest, Entry, State
from pipeline.routing.groups import chapters_near
from pipeline.routing.life import allowed
from pipeline.routing.policy import Liaison, Policy
from pipeline.routing.routes import forward_of
from pipeline.service.envelopes import with_token
from pipeline.service.ports import Ledger
from pipeline.settings import Settings

# A first answer is suggested while there was none.
_UNANSWERED = frozenset({State.RECEIVED, State.ASSIGNED, State.ACCEPTED})
_MOST_CHAPTERS = 3
# Behind these words something is to be written.
_OPEN = {
    Action.REASSIGN: "{word} ",
    Action.WAIT: "{word} ",
    Action.NOTE: "{word}: ",
    Action.OUTCOME: "{word}: ",
    Action.BACKGROUND: "{word}: ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What answers by mail need beside ledger and liaisons: the secrets, the words, and the suggested answers."""

    ring: Keyring
    vocabulary: Vocabulary
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """Makes offers.

    Parameters
    ----------
    ledger, policy, settings
        Where inquiries stand, who there is, and where answers go.
    correspondence
        Secrets, words and suggested answers.
    """

    ledger: Ledger
    policy: Policy
    settings: Settings
    correspondence: Correspondence

    def attach(self, digest: DailyDigest, desk: Liaison, now: datetime) -> DailyDigest:
        """Return `digest` with what its reader may do with each of its entries, and where a plain reply goes."""
        shown = (*digest.overdue, *digest.new, *digest.waiting, *digest.escalated, *digest.filed)
        return replace(digest, offers=self.of(desk, shown, now), reply_to=self.reply_to(desk, now))

    def of(self, liaison: Liaison, entries: Iterable[Entry], now: datetime) -> Mapping[str, Offer]:
        """Return KEY to what `liaison` may do with each of `entries`, as they stand now."""
        lexicon = self.correspondence.vocabulary.lexicon(liaison.locale)
        return {entry.key: self._offer(liaison, entry, lexicon, now) for entry in entries}

    def reply_to(self, liaison: Liaison, now: datetime) -> str:
        """Return the address to which a plain reply to a digest that is made now goes."""
        ring, days = self.correspondence.ring, self.settings.answers.days
        return self._with(tokens.digest_token(ring, liaison.id, self.ledger.answers.turn(), now, days))

    def _offer(self, liaison: Liaison, entry: Entry, lexicon: Lexicon, now: datetime) -> Offer:
        ring, days = self.correspondence.ring, self.settings.answers.days
        token = tokens.entry_token(ring, liaison.id, entry.key, entry.version, now, days)
        return Offer(
            token=token,
            address=self._with(token),
            tracking=self._with(tokens.tracking_token(ring, entry.key)),
            actions=tuple((action, _words(action, lexicon)) for action in allowed(entry.state)),
            draft=self._draft(liaison, entry) if entry.state in _UNANSWERED else None,
        )

    def _with(self, token: str) -> str:
        return with_token(self.settings.answers.address or "", token)

    def _draft(self, liaison: Liaison, entry: Entry) -> Draft | None:
        """Return a first answer in the inquirer's language where there is one, else in English; none for a doubtful kind."""
        if "kind" in entry.decision.abstained:
            return None
        tags = _without_refusal(entry.decision)
        forward = forward_of(entry, self.policy)
        near = chapters_near(self.policy, tags.country, tags.region)[:_MOST_CHAPTERS]
        values = {
            "name": entry.author.name,
            "organisation": entry.organisation,
            "subject": entry.subject,
            "liaison": liaison.name,
        }
        # These two are the settings' own words: their addresses are meant to be there.
        office = f"{forward.name}: {forward.address or forward.url}" if forward else ""
        chapters = ", ".join(f"{one.name} ({one.address})" for one in near)
        given = {name: text for name, text in (("office", office), ("chapters", chapters)) if text}
        reply = suggested.choose(self.correspondence.replies, tags, entry.decision.language, frozenset(given))
        return suggested.fill(reply, values, given) if reply else None


def _without_refusal(decision: Decision) -> Tags:
    """Return the tags to answer by: nobody is refused because of a guess."""
    tags = decision.tags
    guessed = "alignment" in decision.abstained and tags.alignment == "not_aligned"
    return replace(tags, alignment="unclear") if guessed else tags


def _words(action: Action, lexicon: Lexicon) -> str:
    """Return what stands in the mail of a link; where something is to be added, it ends with a space."""
    if action is Action.CORRECT:
        return f"{lexicon.offered_field('partner_type')}: "
    return _OPEN.get(action, "{word}").format(word=lexicon.offered(action))
