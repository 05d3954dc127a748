"""One inquiry as the digests show it: every value a finished, harmless line in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from pipeline.digest import clean, words
from pipeline.records.decisions import Decision, Evidence, Source
from pipeline.records.work import Entry, State

_QUIET = frozenset({State.RECEIVED, State.ASSIGNED})
_REASON = 70
_LIKELY = 0.5
_QUESTIONS = 3
_NAMES = 4
# Evidence that only adds up other evidence.
_SUMS = frozenset({"rules", "place"})
_VIEWS = {
    "sender": "in the sender",
    "subject": "in the subject",
    "introduction": "in the introduction",
    "body": "in the text",
    "signature": "in the signature",
    "quoted": "in quoted mail",
    "attachments": "in an attachment's name",
}
# What a person is asked about first; criteria follow from these and are asked last.
_ASKED = ("kind", "partner_type", "country", "region", "alignment", "activities", "priorities")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An uncertain tag, asked: ``Museum?``, and what speaks for it (may be empty)."""

    text: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An inquiry in words; texts are empty where there is nothing to say.

    Parameters
    ----------
    key
        What people call it.
    subject, summary
        The inquirer's own words.
    organisation, person, address, place
        Who asks, and from where; the address only if it is sane.
    lang, language
        ISO code for markup, name for people.
    tags
        Kind, type and activities, without the uncertain ones.
    alignment, alignment_level, alignment_reason
        Words, the raw value for colours, and the best evidence.
    priority, reasons
        0 to 100, and the lines whose sum it is.
    questions
        What a person should confirm.
    due, late
        When an answer is due, in words, and whether that is past.
    deadline
        The day by which the inquirer needs an answer.
    received, origin, forwarder, attachments, messages
        How it came.
    returning
        How often the organisation wrote before; empty for the first time.
    state, assigned
        Where it stands, if that says something, and why it went to this liaison.
    archive_url, archive_host, reply
        Links; empty if they would not be safe.
    """

    key: str
    subject: str
    summary: str
    organisation: str
    person: str
    address: str
    place: str
    lang: str
    language: str
    tags: str
    alignment: str
    alignment_level: str
    alignment_reason: str
    priority: int
    reasons: tuple[str, ...]
    questions: tuple[Question, ...]
    due: str
    late: bool
    deadline: str
    received: str
    origin: str
    forwarder: str
    attachments: str
    messages: int
    returning: str
    state: str
    assigned: str
    archive_url: str
    archive_host: str
    reply: str

    @property
    def who(self) -> str:
        """The organisation, or else the person, or else the address."""
        return self.organisation or self.person or self.address or "Unknown sender"

    @property
    def somebody(self) -> str:
        """The person, where an organisation stands before them."""
        return self.person if self.organisation and self.person != self.organisation else ""

    @property
    def why(self) -> str:
        """The sum of the priority in one line."""
        return "; ".join(self.reasons)


def card(entry: Entry, *, timezone: str, today: date, overdue: bool = False) -> Card:
    """Return `entry` in words for a reader in `timezone`, on the day `today`; `overdue` if it was late by then."""
    decision = entry.decision
    days = _days_left(entry, timezone, today)
    archive = clean.web_address(entry.archive_url)
    return Card(
        key=clean.line(entry.key, 16),
        subject=clean.line(entry.subject, 120) or "(no subject)",
        summary=clean.line(decision.summary, 300),
        organisation=clean.line(entry.organisation, 80),
        person=clean.line(entry.author.name, 60),
        address=clean.mail_address(entry.author.address),
        place=place(decision),
        lang=words.language_tag(decision.language),
        language=words.language(decision.language),
        tags=_tags(decision),
        alignment=_alignment(decision),
        alignment_level=decision.tags.alignment or "",
        alignment_reason=_fit_reason(decision),
        priority=decision.priority,
        reasons=reasons(decision),
        questions=questions(decision),
        due="Was due today" if overdue and days == 0 else _due(entry, timezone, days),
        late=overdue or (days is not None and days < 0),
        deadline=_deadline(decision, timezone),
        received=words.day(entry.received_at, timezone),
        origin=clean.line(entry.origin, 60),
        forwarder=_name(entry.forwarder.name, entry.forwarder.address) if entry.forwarder else "",
        attachments=_attachments(entry.attachments),
        messages=entry.messages,
        returning=f"returning: {words.count(entry.met_before, 'earlier inquiry', 'earlier inquiries')}"
        if entry.met_before
        else "",
        state="" if entry.state in _QUIET else words.tag("state", entry.state.value),
        assigned=clean.line(entry.reason, 120),
        archive_url=archive,
        archive_host=clean.line(urlsplit(archive).hostname or "", 60),
        reply=clean.reply_link(entry.author.address, entry.subject),
    )


def place(decision: Decision) -> str:
    """Return country and region in words, as far as known and sure."""
    tags = decision.tags
    if tags.country and "country" not in decision.abstained:
        return clean.line(words.country(tags.country), 40)
    if tags.region and tags.region != "unknown" and "region" not in decision.abstained:
        return words.tag("region", tags.region)
    return ""


def best_detail(decision: Decision, field: str, value: str | None) -> str:
    """Return the strongest single thing that was said for ``field=value``, or an empty text.

    The model is not asked: which of its words weighed most says little to people, and `triage explain` shows it.
    """
    said = (
        each
        for each in decision.evidence
        if each.tag == f"{field}={value}" and each.source is not Source.MODEL and each.name not in _SUMS
    )
    return next((text for text in map(_detail, said) if text), "")


def reasons(decision: Decision) -> tuple[str, ...]:
    """Return the lines whose sum the priority is, the largest first: ``+20 meets the preconditions``."""
    lines = [each for each in decision.evidence if each.source is Source.CRITERIA and each.score]
    ordered = sorted(lines, key=lambda each: -abs(each.score))
    return tuple(f"{each.score:+.0f} {clean.line(each.detail, _REASON)}".rstrip() for each in ordered)


def questions(decision: Decision) -> tuple[Question, ...]:
    """Return the uncertain tags as questions, the most important first."""
    asked = [field for field in _ASKED if field in decision.abstained]
    if "country" in asked and decision.tags.country:
        # The region follows from the country.
        asked = [field for field in asked if field != "region"]
    if _is_likely(decision):
        asked = [field for field in asked if field != "alignment"]
    values = [(field, value) for field in asked for value in _values(decision, field)]
    return tuple(
        Question(text=f"{words.tag(field, value)}?", evidence=best_detail(decision, field, value))
        for field, value in values[:_QUESTIONS]
    )


def _values(decision: Decision, field: str) -> tuple[str, ...]:
    value = getattr(decision.tags, field)
    if isinstance(value, tuple):
        return value
    return (value,) if value and value != "unknown" else ()


def _detail(evidence: Evidence) -> str:
    return _readable(clean.line(evidence.detail, 110).removesuffix(": ''"))


def _readable(detail: str) -> str:
    """Turn the note of a rule, ``body: 'cc by'``, into words: ``“cc by” in the text``."""
    view, colon, words_ = detail.partition(": ")
    if colon and view in _VIEWS and len(words_) > 2 and words_[0] == words_[-1] == "'":
        return f"“{words_[1:-1].strip('<>')}” {_VIEWS[view]}"
    return detail


def _fit_reason(decision: Decision) -> str:
    value = decision.tags.alignment
    said = best_detail(decision, "alignment", value)
    met = value == "aligned" and decision.tags.criteria.preconditions_met == "yes"
    return said or ("nothing in it stands against the preconditions" if met else "")


def _tags(decision: Decision) -> str:
    sure = [field for field in ("kind", "partner_type", "activities") if field not in decision.abstained]
    named = (words.tag(field, value) for field in sure for value in _values(decision, field))
    # A technology partner may offer technology: one word is enough.
    return " · ".join(dict.fromkeys(named))


def _alignment(decision: Decision) -> str:
    value = decision.tags.alignment
    if not value:
        return ""
    named = words.tag("alignment", value)
    if "alignment" not in decision.abstained:
        return named
    return f"Probably {named[:1].lower()}{named[1:]}" if _is_likely(decision) else ""


def _is_likely(decision: Decision) -> bool:
    """Tell whether the alignment is a guess that nothing in the message stands for: a question would help nobody."""
    value = decision.tags.alignment
    unsure = "alignment" in decision.abstained and decision.confidence.get("alignment", 0.0) >= _LIKELY
    return unsure and not best_detail(decision, "alignment", value)


def _days_left(entry: Entry, timezone: str, today: date) -> int | None:
    return None if entry.due_at is None else (words.local_day(entry.due_at, timezone) - today).days


def _due(entry: Entry, timezone: str, days: int | None) -> str:
    if entry.due_at is None or days is None:
        return ""
    if days in (0, 1):
        return "Due today" if days == 0 else "Due tomorrow"
    on = words.day(entry.due_at, timezone)
    return f"Due {on}" if days > 0 else f"{words.count(-days, 'day')} late (due {on})"


def _deadline(decision: Decision, timezone: str) -> str:
    urgency = decision.tags.criteria.urgency
    return words.day(urgency, timezone, "d MMMM yyyy") if urgency else ""


def _name(name: str, address: str) -> str:
    return clean.line(name, 60) or clean.mail_address(address)


def _attachments(names: tuple[str, ...]) -> str:
    shown = [clean.line(name, 40) or "(unnamed)" for name in names[:_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
