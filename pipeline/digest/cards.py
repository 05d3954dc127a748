"""One inquiry as the digests show it: every value a finished, harmless line in words of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.digest import clean, details
from pipeline.links import web_address
from pipeline.records.answers import Offer
from pipeline.records.decisions import Decision
from pipeline.records.work import Entry, State
from pipeline.tongue import Tongue, direction_of, language_tag, local_day, msgid, sentence_case, tongue

_QUIET = frozenset({State.RECEIVED, State.ASSIGNED})
_LIKELY = 0.5
_QUESTIONS = 3
_NAMES = 4
# What a person is asked about first; criteria follow from these and are asked last.
_ASKED = ("kind", "partner_type", "country", "region", "alignment", "activities", "priorities")
_PROBABLY = {
    "aligned": msgid("Probably aligned"),
    "unclear": msgid("Fit probably unclear"),
    "not_aligned": msgid("Probably not aligned"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An uncertain tag, asked: ``Museum?``, and what speaks for it (may be empty)."""

    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Something to click, and where it leads; `more` if words have to be added to what it writes."""

    label: str
    url: str
    more: bool = False

    @property
    def named(self) -> str:
        """The label, with dots where words have to be added."""
        return f"{self.label}\u00a0…" if self.more else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A first answer: its title, the link that opens it, and what it says."""

    title: str
    url: str
    text: str
    lang: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An inquiry in words; texts are empty where there is nothing to say.

    Parameters
    ----------
    key
        What people call it.
    subject, summary
        The inquirer's own words.
    who, somebody, place, address
        Who asks: the organisation, or else the person, or else the address; the person, where an organisation stands
        before them; from where; the address only if it is sane.
    lang, direction, language
        ISO code for markup, ``ltr``, ``rtl`` or ``auto``, and the language's name for people.
    tags
        Kind, type, activities and region, without the uncertain ones.
    alignment, alignment_level, alignment_reason
        Words, the raw value for colours, and the best evidence.
    priority, reasons, top
        0 to 100, the lines whose sum it is, and those of them that set it apart.
    questions
        What a person should confirm.
    due, late, escalated
        When an answer is due, in words, whether that is past, and that the deputy was told.
    deadline, deadline_past
        The day by which the inquirer needs an answer, and whether it is past.
    received, came, returning, attachments
        When it came; from where, through whom and how, each a phrase; how often the organisation wrote before; what is
        attached.
    state, holder, assigned
        Where it stands, if that says something, with whom, and why it went to this liaison.
    archive_url, archive_host, reply, copy
        Links; empty if they would not be safe. `copy` is the address in Cc that marks the inquiry as answered.
    draft
        A suggested answer.
    actions
        What the reader may do with it, by a prepared mail.
    """

    key: str
    subject: str
    summary: str
    who: str
    somebody: str
    place: str
    address: str
    lang: str
    direction: str
    language: str
    tags: str
    alignment: str
    alignment_level: str
    alignment_reason: str
    priority: int
    reasons: tuple[str, ...]
    top: tuple[str, ...]
    questions: tuple[Question, ...]
    due: str
    late: bool
    escalated: str
    deadline: str
    deadline_past: bool
    received: str
    came: tuple[str, ...]
    returning: str
    attachments: str
    state: str
    holder: str
    assigned: str
    archive_url: str
    archive_host: str
    reply: str
    copy: str
    draft: Suggestion | None
    actions: tuple[Link, ...]

    @property
    def why(self) -> str:
        """The sum of the priority in one line."""
        return "; ".join(self.reasons)


def card(
    entry: Entry,
    *,
    timezone: str,
    today: date,
    overdue: bool = False,
    locale: str = "en",
    offer: Offer | None = None,
) -> Card:
    """Return `entry` in words.

    Parameters
    ----------
    entry
        The inquiry.
    timezone, today
        Where the reader is, and the day for which it is written.
    overdue
        Whether it was late by then.
    locale
        The reader's language.
    offer
        What the reader may do with it by mail, or None.
    """
    reader, decision = tongue(locale), entry.decision
    return Card(
        key=clean.line(entry.key, 16),
        subject=clean.line(entry.subject, 120) or reader.text("(no subject)"),
        summary=clean.line(decision.summary, 300),
        tags=_tags(decision, reader),
        alignment=_alignment(decision, reader),
        alignment_level=decision.tags.alignment or "",
        alignment_reason=_fit_reason(decision, reader),
        priority=decision.priority,
        reasons=details.reasons(decision, reader),
        top=details.top_reasons(decision, reader),
        questions=questions(decision, reader),
        came=tuple(_came(entry, reader)),
        returning=_returning(entry, reader),
        attachments=attachments(entry.attachments, reader),
        state=_state(entry, timezone, reader),
        holder=clean.line(entry.liaison or "", 60),
        assigned=clean.line(entry.reason, 120),
        actions=tuple(_actions(entry.key, offer)),
        **_asker(entry, reader),
        **_days(entry, timezone, today, reader, overdue),
        **_links(entry, offer, reader),
    )


def _asker(entry: Entry, reader: Tongue) -> dict[str, Any]:
    """Return who asks, from where, and in which language."""
    decision = entry.decision
    person, organisation = clean.line(entry.author.name, 60), clean.line(entry.organisation, 80)
    address = clean.mail_address(entry.author.address)
    return {
        "who": organisation or person or address or reader.text("Unknown sender"),
        "somebody": person if organisation and person != organisation else "",
        "place": place(decision, reader),
        "address": address,
        "lang": language_tag(decision.language),
        "direction": direction_of(decision.language),
        "language": sentence_case(reader.language(decision.language)),
    }


def _days(entry: Entry, timezone: str, today: date, reader: Tongue, overdue: bool) -> dict[str, Any]:
    """Return when it came, and by when it wants an answer."""
    urgency = entry.decision.tags.criteria.urgency
    return {
        "received": _dated(entry.received_at, timezone, today, reader),
        "due": _due(entry, timezone, today, reader, overdue),
        "late": overdue or (entry.due_at is not None and local_day(entry.due_at, timezone) < today),
        "escalated": _escalated(entry, timezone, reader),
        "deadline": reader.day(urgency, timezone, "long") if urgency else "",
        "deadline_past": urgency is not None and urgency < today,
    }


def _links(entry: Entry, offer: Offer | None, reader: Tongue) -> dict[str, Any]:
    """Return where it can be read, and how the inquirer is answered."""
    archive, address = web_address(entry.archive_url), clean.mail_address(entry.author.address)
    tracking = offer.tracking if offer else ""
    return {
        "archive_url": archive,
        "archive_host": clean.line(urlsplit(archive).hostname or "", 60),
        "reply": clean.reply_link(address, entry.subject, cc=tracking),
        "copy": clean.mail_address(tracking),
        "draft": _draft(address, offer, reader),
    }


def place(decision: Decision, reader: Tongue) -> str:
    """Return the country in words, else the region, as far as known and sure."""
    tags = decision.tags
    if tags.country and "country" not in decision.abstained:
        return clean.line(reader.country(tags.country), 40)
    return _region(decision, reader)


def questions(decision: Decision, reader: Tongue) -> tuple[Question, ...]:
    """Return the uncertain tags as questions, the most important first."""
    asked = [field for field in _ASKED if field in decision.abstained]
    if "country" in asked and decision.tags.country:
        # The region follows from the country.
        asked = [field for field in asked if field != "region"]
    if _is_likely(decision, reader):
        asked = [field for field in asked if field != "alignment"]
    values = [(field, value) for field in asked for value in _values(decision, field)]
    return tuple(
        Question(
            text=reader.text("{tag}?", tag=reader.tag(field, value)),
            evidence=details.best_detail(decision, field, value, reader),
        )
        for field, value in values[:_QUESTIONS]
    )


def attachments(names: tuple[str, ...], reader: Tongue) -> str:
    """Return the names of attached files, the first few of many."""
    shown = [
        clean.isolated(clean.line(name, 40), reader.direction) or reader.text("(unnamed)") for name in names
    ]
    more = len(names) - _NAMES
    if more > 0:
        shown[_NAMES:] = [reader.plural("{n} more", "{n} more", more)]
        return reader.listing(shown)
    return ", ".join(shown)


def _values(decision: Decision, field: str) -> tuple[str, ...]:
    value = getattr(decision.tags, field)
    if isinstance(value, tuple):
        return value
    return (value,) if value and value != "unknown" else ()


def _region(decision: Decision, reader: Tongue) -> str:
    region = decision.tags.region
    known = region and region != "unknown" and "region" not in decision.abstained
    return reader.tag("region", region) if region and known else ""


def _fit_reason(decision: Decision, reader: Tongue) -> str:
    value = decision.tags.alignment
    said = details.best_detail(decision, "alignment", value, reader)
    met = value == "aligned" and decision.tags.criteria.preconditions_met == "yes"
    return said or (reader.text("nothing in it stands against the preconditions") if met else "")


def _tags(decision: Decision, reader: Tongue) -> str:
    sure = [field for field in ("kind", "partner_type", "activities") if field not in decision.abstained]
    named = [reader.tag(field, value) for field in sure for value in _values(decision, field)]
    region = _region(decision, reader)
    if region and region != place(decision, reader):
        named.append(region)
    # A technology partner may offer technology: one word is enough.
    return " · ".join(dict.fromkeys(named))


def _alignment(decision: Decision, reader: Tongue) -> str:
    value = decision.tags.alignment
    if not value:
        return ""
    if "alignment" not in decision.abstained:
        return reader.tag("alignment", value)
    likely = _is_likely(decision, reader) and value in _PROBABLY
    return reader.text(_PROBABLY[value]) if likely else ""


def _is_likely(decision: Decision, reader: Tongue) -> bool:
    """Tell whether the alignment is a guess that nothing in the message stands for: a question would help nobody."""
    value = decision.tags.alignment
    unsure = "alignment" in decision.abstained and decision.confidence.get("alignment", 0.0) >= _LIKELY
    return unsure and not details.best_detail(decision, "alignment", value, reader)


def _due(entry: Entry, timezone: str, today: date, reader: Tongue, overdue: bool) -> str:
    if entry.due_at is None:
        return ""
    days = (local_day(entry.due_at, timezone) - today).days
    if days == 0:
        return reader.text("Was due today") if overdue else reader.text("Due today")
    if days == 1:
        return reader.text("Due tomorrow")
    on = _dated(entry.due_at, timezone, today, reader)
    if days > 0:
        return reader.text("Due {day}", day=on)
    return reader.plural("{n} day late (due {day})", "{n} days late (due {day})", -days, day=on)


def _dated(moment: datetime, timezone: str, today: date, reader: Tongue) -> str:
    """Return the day of `moment`, with the year if it is not that of `today`."""
    same_year = local_day(moment, timezone).year == today.year
    return reader.day(moment, timezone, "MMMEd" if same_year else "yMMMEd")


def _escalated(entry: Entry, timezone: str, reader: Tongue) -> str:
    if entry.escalated_at is None:
        return ""
    return reader.text("Escalated {day}: your deputy was told", day=reader.day(entry.escalated_at, timezone))


def _state(entry: Entry, timezone: str, reader: Tongue) -> str:
    if entry.state is State.WAITING and entry.waiting_until:
        until = reader.day(entry.waiting_until, timezone)
        return reader.text("Waiting for their answer until {day}", day=until)
    return "" if entry.state in _QUIET else reader.tag("state", entry.state.value)


def _came(entry: Entry, reader: Tongue) -> Iterator[str]:
    if entry.origin:
        yield reader.text("from {origin}", origin=details.origin(entry.origin, reader))
    if entry.forwarder:
        name = clean.line(entry.forwarder.name, 60) or clean.mail_address(entry.forwarder.address)
        yield reader.text("passed on by {name}", name=clean.isolated(name, reader.direction))
    named = reader.language(entry.decision.language)
    if named:
        yield reader.text("in {language}", language=named)
    if entry.messages > 1:
        yield reader.plural("{n} message", "{n} messages", entry.messages)


def _returning(entry: Entry, reader: Tongue) -> str:
    if not entry.met_before:
        return ""
    return reader.plural(
        "returning: {n} earlier inquiry", "returning: {n} earlier inquiries", entry.met_before
    )


def _draft(address: str, offer: Offer | None, reader: Tongue) -> Suggestion | None:
    """Return the suggested answer; nothing in it lets anybody act on the inquiry."""
    if offer is None or offer.draft is None:
        return None
    draft = offer.draft
    subject = clean.line(draft.subject, 120)
    return Suggestion(
        title=clean.line(reader.word("reply", draft.title), 80),
        url=clean.mail_link(address, subject, cc=offer.tracking, text=draft.text),
        text=draft.text,
        lang=language_tag(draft.language),
        direction=direction_of(draft.language),
    )


def _actions(key: str, offer: Offer | None) -> Iterator[Link]:
    for _, words in offer.actions if offer else ():
        label = words.rstrip(" :\u00a0").replace("'", "’")
        url = clean.mail_link(offer.address if offer else "", f"{key}: {words.strip()}", text=f"{words}\n")
        if url:
            yield Link(label=sentence_case(label), url=url, more=words != words.rstrip(" :\u00a0"))
