"""What tells machines from people in a message, read once: its sender, subject, fields, and the sentences in it."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.automata import automaton
from pipeline.parsing import automatic_phrases as phrases
from pipeline.parsing import body, closings
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.subjects import forwarded
from pipeline.records.messages import ParsedMessage

TEXT_LIMIT = 4_000
"""Characters of text that are looked at."""

EARLY = 400
"""Characters within which something counts as said at the beginning."""

_HTML_LIMIT = 60_000
_TAG = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"<(style|script|head|title)\b", re.IGNORECASE)
_LIST_TAG = re.compile(r"\[[^\[\]]{1,60}\] ?")
_REPLY_MARK = re.compile(r"(?:re|aw|sv|vs|antw|odp|rif|res|回复|答复)(?:\[\d+\])? ?[:：]")
_LATER_REPLY_MARK = re.compile(r".{3,80}?[ :](?:re|aw|sv|antw|odp) ?:")
_DAEMON = re.compile(r"mailer-?daemon|mail[. _-]?delivery[. _-]?(?:sub)?system|^(?:mdaemon|mmdf) ")
_POSTMASTER = re.compile(r"^po+st[._-]?master|^system administrator|content-filter")
_ROBOT = re.compile(
    r"no[._-]?repl[yi]|do[._-]?not[._-]?reply|not?[._-]?respon[ds]|nao[._-]?responda|ne[._-]?pas[._-]?repondre|"
    r"nicht[._-]?antworten|keine[._-]?antwort|auto[._-]?(?:reply|respond|confirm|antwort)|autoreply|"
    r"(?:^|[._-])(?:bot|robot|notify|notifications?|alerts?|monitor(?:ing)?|nagios|cron|root)(?=[\s._+-]|$)|-daemon\b"
)
_LIST_ROBOT = re.compile(
    r"^(?:mailman|listserv|majordomo|sympa|ezmlm|listmaster)\b|[+-](?:owner|bounces?|request|admin|confirm|help)(?=[\s+]|$)"
)
_SMTP_STATUS = re.compile(
    r"\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3})?|\b[45]\.[0-7]\.\d{1,3}\b|user unknown|mailbox (?:is )?full"
)
_REPORT_TYPE = re.compile(r"report-type\s?=\s?\"?([a-z-]+)")
_QUOTE_MARKS = frozenset("'\"“„«‚‘「『”")
_NEXT_WORDS = 30  # characters
_NULL_PATHS = {"<>", "", "<null>", "<mailer-daemon>"}


@dataclass(frozen=True, slots=True)
class Signs:
    """What is looked at, case-folded but for `words`.

    Parameters
    ----------
    subject
        Without list tags.
    words
        Beginning of the text without quoted mail, as written.
    text
        The same in one line, case-folded.
    sender
        Local part and display name.
    fields
        The first field of each name.
    types
        Content types of the attachments.
    said, early
        Sorts of machine sentences in the text, and in its beginning.
    replied, forwarded
        The subject begins with a reply mark, or bears a forward mark.
    """

    subject: str
    words: str
    text: str
    sender: str
    fields: Mapping[str, str]
    types: frozenset[str]
    said: frozenset[str]
    early: frozenset[str]
    replied: bool
    forwarded: bool

    @property
    def null_sender(self) -> bool:
        """An empty reverse path, which only machines use (RFC 5321, section 4.5.5), or an empty From."""
        path = self.fields.get("return-path")
        nobody = self.fields.get("from", "x").strip() in {"", "<>"}
        return nobody or (path is not None and path.strip() in _NULL_PATHS)

    @property
    def marked(self) -> str:
        """Auto-Submitted (RFC 3834) as written; empty if absent or ``no``."""
        value = self.fields.get("auto-submitted", "")
        return "" if value.startswith("no") else value

    @property
    def precedence(self) -> str:
        """The field of that name."""
        return self.fields.get("precedence", "").strip()

    @property
    def daemon(self) -> bool:
        """The sender is a mail server's delivery program."""
        return bool(_DAEMON.search(self.sender))

    @property
    def postmaster(self) -> bool:
        """The sender is a role that programs and people share."""
        return bool(_POSTMASTER.search(self.sender))

    @property
    def robot(self) -> bool:
        """The sender's name says that nobody reads the answers."""
        return self.postmaster or bool(_ROBOT.search(self.sender))

    @property
    def list_robot(self) -> bool:
        """The sender is the program behind a mailing list."""
        return bool(_LIST_ROBOT.search(self.sender))

    @property
    def smtp_status(self) -> bool:
        """The text quotes the refusal of a mail server (RFC 5321, RFC 3463)."""
        return bool(_SMTP_STATUS.search(self.text))

    @property
    def report_type(self) -> str:
        """Sort of a multipart/report (RFC 6522), or empty."""
        declared = self.fields.get("content-type", "")
        found = _REPORT_TYPE.search(declared) if "multipart/report" in declared else None
        return found[1] if found else ""

    @property
    def answers(self) -> bool:
        """The message claims to answer another one."""
        threaded = "in-reply-to" in self.fields or self.replied
        return threaded or bool(_LATER_REPLY_MARK.match(self.subject))

    @property
    def passed_on(self) -> bool:
        """A person answers or forwards something."""
        return self.replied or self.forwarded

    def begins(self, starts: tuple[str, ...]) -> bool:
        """Tell whether the subject begins with one of `starts` as a whole word."""
        subject = self.subject
        return subject.startswith(starts) and any(
            subject.startswith(start) and not subject[len(start) : len(start) + 1].isalpha()
            for start in starts
        )


def fold(text: str) -> str:
    """Fold cases as everywhere in mail, and apostrophes."""
    return closings.fold(text).replace("’", "'")


def read_signs(message: ParsedMessage) -> Signs:
    """Read what is looked at."""
    fields: dict[str, str] = {}
    for name, value in message.header_fields:
        fields.setdefault(name.lower(), value[:500].lower())
    subject = " ".join(fold(message.subject[:500]).split())
    sender = f"{message.from_.local_part or message.from_.address} {message.from_.name}"
    subject = _without_list_tags(subject)
    replied = _REPLY_MARK.match(subject) is not None
    words = _own_words(message, answers=replied or bool(message.in_reply_to))
    text = fold(" ".join(words.split())[:TEXT_LIMIT])
    places = sentences(text)
    return Signs(
        subject=subject,
        words=words,
        text=text,
        sender=sender.casefold(),
        fields=fields,
        types=frozenset(attached.content_type for attached in message.attachments),
        said=frozenset(places),
        early=frozenset(sort for sort, place in places.items() if place < EARLY),
        replied=replied,
        forwarded=forwarded(subject),
    )


def _own_words(message: ParsedMessage, *, answers: bool) -> str:
    """Return the beginning of the text without quoted mail."""
    text = message.text_plain[: 4 * TEXT_LIMIT]
    if answers:  # what a machine wrote may stand below the answer
        text = split_quotes(body.choose(message)[: 4 * TEXT_LIMIT])[0]
    elif not text.strip():
        text = html.unescape(_TAG.sub(" ", _shown(message.text_html[:_HTML_LIMIT])))
    lines = [line for line in text.splitlines() if not line.lstrip().startswith(">")]
    return "\n".join(lines)


def _shown(markup: str) -> str:
    """Leave style sheets, scripts and the head out of HTML, in one pass."""
    pieces: list[str] = []
    lower = markup.lower()
    place = 0
    while hidden := _HIDDEN.search(markup, place):
        pieces.append(markup[place : hidden.start()])
        place = lower.find(f"</{hidden[1].lower()}", hidden.end())
        if place < 0:
            return " ".join(pieces)
    return " ".join((*pieces, markup[place:]))


def _without_list_tags(subject: str) -> str:
    """Take list tags off the front, but not the tag that auto-responders write."""
    for _ in range(4):
        tag = _LIST_TAG.match(subject)
        if tag is None or tag[0].startswith("[auto]"):
            break
        subject = subject[tag.end() :]
    return subject


@functools.cache
def _machine_sentences() -> Any:
    """Return all sentences of all languages as one automaton, so that a text is read once."""
    sorts: dict[str, set[str]] = {}
    for sort, sentences_ in phrases.SENTENCES.items():
        for sentence in sentences_:
            sorts.setdefault(sentence.casefold(), set()).add(sort)
    return automaton({sentence: (len(sentence), tuple(several)) for sentence, several in sorts.items()})


def sentences(text: str) -> dict[str, int]:
    """Return the sorts of machine sentences in a case-folded `text`, and where each begins for the first time.

    Only whole words count, and nothing that is cited.
    """
    found: dict[str, int] = {}
    for start, _, sorts in hits(text):
        for sort in sorts:
            found.setdefault(sort, start)
    return found


def hits(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where each machine sentence in a case-folded `text` begins and ends, and of which sorts it is."""
    for last, (length, sorts) in _machine_sentences().iter(text):
        start = last - length + 1
        before = text[start - 1 : start]
        if (before.isalnum() and text[start].isascii()) or before in _QUOTE_MARKS:
            continue
        if any(word in text[last : last + _NEXT_WORDS] for word in phrases.TRANSLATED):
            continue
        yield start, last + 1, sorts
