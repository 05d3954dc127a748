"""Why an inquiry went to a liaison, in a few English words: "Spanish, Chile, archive; 2 of 6 open"."""

from __future__ import annotations

from pipeline.records.decisions import Decision
from pipeline.records.work import Entry
from pipeline.routing import scope
from pipeline.routing.disposition import MUSTS_DISAGREE
from pipeline.routing.policy import Forward, Liaison
from pipeline.routing.roster import Roster
from pipeline.routing.routes import ROUTE
from pipeline.routing.words import language_name, place_name, tag_words

SHARED = ""
FALLBACK = "nobody else takes this"
REVIEW = "to be looked at first"
FORMER = "deals with them already"
ENDORSEMENT = "endorsement"
MISDIRECTED = "not for us"
LOW_PRIORITY = "low priority"
# Activities of the liaison that are named at most.
_ACTIVITIES = 2


def for_review(decision: Decision) -> str:
    """Return that a person has to look, and where rules contradict each other, which."""
    said = (one.detail for one in decision.evidence if one.name == MUSTS_DISAGREE)
    return "; ".join((REVIEW, *said))


def misdirected(forward: Forward | None) -> str:
    """Return that mail is not for us, and where it belongs, if that is known."""
    if forward is None:
        return MISDIRECTED
    return f"{MISDIRECTED}: {tag_words(forward.topic)}, pass on to {forward.name} ({forward.address or forward.url})"


def by_rule(decision: Decision) -> str:
    """Return which rule names the liaison."""
    tag = f"{ROUTE}={decision.route}"
    return next((f"by rule {one.name}" for one in decision.evidence if one.tag == tag), "by a rule")


def sentence(entry: Entry, liaison: Liaison, why: str, roster: Roster) -> str:
    """Return why `entry` goes to `liaison`, before it is counted there."""
    load = f"{roster.open[liaison.id]} of {liaison.capacity} open"
    told = ", ".join(_facts(entry, liaison))
    absent = "" if why != SHARED else _stood_in_for(entry, liaison, roster)
    return "; ".join(part for part in (why, told, absent, _given_back_by(entry, roster), load) if part)


def _given_back_by(entry: Entry, roster: Roster) -> str:
    names = [
        roster.policy.by_id[one].name
        for one in sorted(roster.refused.get(entry.key, ()))
        if one in roster.policy.by_id
    ]
    return f"given back by {', '.join(names)}" if names else ""


def _facts(entry: Entry, liaison: Liaison) -> list[str]:
    tags, language = entry.decision.tags, entry.decision.language
    facts = []
    if language not in ("", "und"):
        known = language_name(language)
        facts.append(known if scope.reads(liaison, language) else f"{known} (not one of their languages)")
    if tags.country or tags.region:
        facts.append(place_name(tags.country, tags.region))
    if tags.partner_type:
        facts.append(tag_words(tags.partner_type))
    facts += [tag_words(one) for one in tags.activities if one in liaison.activities][:_ACTIVITIES]
    return facts


def _stood_in_for(entry: Entry, liaison: Liaison, roster: Roster) -> str:
    """Name the absent colleague for whom `liaison` gets this, if it is not their own field."""
    tags = entry.decision.tags
    where = (tags.partner_type, tags.country, tags.region)
    if scope.covers(liaison, *where):
        return ""
    absent = (one for one, holder in roster.seats if holder.id == liaison.id and scope.covers(one, *where))
    return next((standing_in(one) for one in absent), "")


def standing_in(absent: Liaison) -> str:
    """Return for whom somebody stands in."""
    return f"for {absent.name}, {'who takes nothing now' if absent.paused else 'who is away'}"
