"""Octets to ParsedMessage: the only importer of mail-parser.

mail-parser's own `parse` spends most of its time on what nobody here asks for (Received hops, addresses of all kinds,
every part copied twice), fails on some broken multiparts, gives nameless attachments random names, glues bodies
together and drops repeated fields. `Mail` therefore keeps what is good about its object (the guarded message, its list of
defects, its strict reading of the Date field) and leaves the parts to `pipeline.parsing.parts`.
"""

from __future__ import annotations

import hashlib
import re

import mailparser
from mailparser.dates import parse_mail_date

from pipeline.errors import UnreadableMessage
from pipeline.parsing import headers
from pipeline.parsing.addresses import MAX_ADDRESSES, addresses
from pipeline.parsing.parts import Content, content
from pipeline.parsing.tree import MAX_DEPTH, MAX_FIELDS, MAX_PARTS, Part, read_tree
from pipeline.parsing.words import MAX_FIELD, decode_field
from pipeline.records.messages import Address, ParsedMessage

MAX_OCTETS = 100 * 1024 * 1024
"""Size of a message that is read at all."""

_DOUBLED_WITHIN = 4_096  # octets in which carriage returns that some gateway doubled show
_JUNK = re.compile(r"[^\w\s.,;:!?@()'\"<>/=+&%#*-]")

_DEFECTS = {
    "NoBoundaryInMultipartDefect": "multipart without a boundary",
    "StartBoundaryNotFoundDefect": "multipart whose boundary never appears",
    "CloseBoundaryNotFoundDefect": "multipart that is not closed",
    "FirstHeaderLineIsContinuationDefect": "a line in the header that is no field",
    "MissingHeaderBodySeparatorDefect": "no empty line between header and body",
    "TooManyPartsDefect": f"more than {MAX_PARTS:,} parts: the rest is left out",
    "TooDeeplyNestedDefect": f"parts nested deeper than {MAX_DEPTH}: left out",
    "FieldTooLongDefect": f"a header field longer than {MAX_FIELD:,} characters: cut",
    "TooManyFieldsDefect": f"more than {MAX_FIELDS:,} header fields: the rest is left out",
}


class Mail(mailparser.MailParser):  # type: ignore[misc]  # mail-parser ships no types
    """The object of mail-parser, filled once and only with what is used."""

    def __init__(self, message: Part) -> None:
        # Not mail-parser's own, which lists all fields for its log.
        self._message = message
        self._header_index: dict[str, list[str]] = {}
        self.parse()

    def parse(self) -> None:
        """Collect the defects of all parts, and read the Date field."""
        self._defects: list[dict[str, list[str]]] = []
        self._defects_categories: set[str] = set()
        self._has_defects = False
        for part in self.message.walk():
            if part.defects:
                self._append_defects(part, part.get_content_type())
        raw = self.message.first.get("date")
        date = headers.exact_date(raw) if raw else None
        if raw and date is None:
            date = parse_mail_date(raw[:200]).value
        self._date = date if date and date.year in headers.SANE_YEARS else None


def parse_message(octets: bytes) -> ParsedMessage:
    """Decode one message.

    Parameters
    ----------
    octets
        The message (RFC 5322), with any line ends; an mbox line before it is ignored.

    Returns
    -------
    ParsedMessage
        However broken the message is, as much of it as can be read; `defects` says what is wrong.

    Raises
    ------
    UnreadableMessage
        If the octets are empty, too many, or hold neither a header field nor text.
    """
    check_size(octets)
    body = octets.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if b"\r\r\n" in body[:_DOUBLED_WITHIN]:
        body = body.replace(b"\r\r\n", b"\r\n")
    if not body:
        raise UnreadableMessage("empty message: there is nothing to read")
    mail = Mail(read_tree(body))
    found = content(mail.message)
    if not len(mail.message) and not _is_text("".join(found.plain)):
        raise UnreadableMessage("neither a header field nor text: these octets are not a mail")
    _note_defects(mail, found)
    return _message(hashlib.sha256(octets).hexdigest(), mail, found)


def check_size(octets: bytes) -> None:
    """Refuse a message that is too large.

    Raises
    ------
    UnreadableMessage
        If it has more than `MAX_OCTETS`.
    """
    if len(octets) > MAX_OCTETS:
        raise UnreadableMessage(f"message of {len(octets):,} octets: more than {MAX_OCTETS:,} are not read")


def _is_text(text: str) -> bool:
    """Tell text from binary garbage."""
    sample = text[:4_000]
    return bool(sample.strip()) and len(_JUNK.findall(sample)) + sample.count("\ufffd") < len(sample) * 0.2


def _note_defects(mail: Mail, found: Content) -> None:
    for category in sorted(mail.defects_categories):
        found.note(_DEFECTS.get(category, category))


def _message(sha256: str, mail: Mail, found: Content) -> ParsedMessage:
    """Read the header and put everything together."""
    fields = list(mail.message.raw_items())
    raw = mail.message.first
    if [name.lower() for name, _ in fields if len(name) == 4].count("from") > 1:
        found.note("several From fields")
    people = {key: _addresses(raw, key, found) for key in ("from", "sender", "reply-to", "to", "cc")}
    date = mail.date or headers.date_utc(raw.get("date", ""))
    if date is None:
        found.note("impossible date" if raw.get("date") else "no date")
    message_ids = headers.identifiers(raw.get("message-id", ""))
    auto_submitted = decode_field(raw.get("auto-submitted", "")).partition(";")[0].partition("(")[0]
    return ParsedMessage(
        sha256=sha256,
        message_id=message_ids[0] if message_ids else decode_field(raw.get("message-id", "")).strip("<> "),
        date=date,
        from_=next(iter(people["from"]), Address()),
        sender=next(iter(people["sender"]), None),
        reply_to=people["reply-to"],
        to=people["to"],
        cc=people["cc"],
        subject=decode_field(raw.get("subject", "")),
        in_reply_to=headers.identifiers(raw.get("in-reply-to", "")),
        references=headers.identifiers(raw.get("references", "")),
        list_id=headers.list_id(raw.get("list-id", "")) if "list-id" in raw else None,
        auto_submitted=auto_submitted.strip().lower() or None,
        header_fields=tuple((name, decode_field(value)) for name, value in fields),
        text_plain=_joined(found.plain),
        text_html="\n".join(found.html),
        attachments=tuple(found.attachments),
        defects=tuple(found.defects),
    )


def _addresses(raw: dict[str, str], key: str, found: Content) -> tuple[Address, ...]:
    value = raw.get(key)
    if not value:
        return ()
    read = addresses(value)
    if len(read) >= MAX_ADDRESSES:
        found.note(f"more than {MAX_ADDRESSES:,} addresses in {key.capitalize()}: the rest is left out")
    return read


def _joined(texts: list[str]) -> str:
    return "\n".join(text.rstrip("\n") for text in texts) + "\n" if len(texts) > 1 else "".join(texts)
