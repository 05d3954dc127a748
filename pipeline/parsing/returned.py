"""Which mail a report is about: the header that bounces and receipts bring back (RFC 6522, section 3)."""

from __future__ import annotations

import re

from pipeline.errors import UnreadableMessage
from pipeline.parsing.headers import identifiers
from pipeline.parsing.mime import parse_message
from pipeline.records.inquiries import Automatic, Returned
from pipeline.records.messages import ParsedMessage

_SORTS = (Automatic.BOUNCE, Automatic.REPORT, Automatic.AUTO_REPLY)
_ENCLOSED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers")
_HEADER = 65_536
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_TEXT = 20_000
_NAMED = re.compile(
    r"^[ >]{0,4}(?:message-id|in-reply-to|references) ?: ?(<[^\r\n]{3,2000})", re.IGNORECASE | re.MULTILINE
)


def returned(message: ParsedMessage, sort: Automatic | None) -> Returned | None:
    """Return what a report tells of the mail that it is about; None if it tells nothing, or is no report."""
    if sort not in _SORTS:
        return None
    for part in message.attachments:
        if part.content_type in _ENCLOSED and part.payload:
            return _told(part.payload)
    found = [one for told in _NAMED.findall(message.text_plain[:_TEXT]) for one in identifiers(told)]
    return Returned(identifiers=tuple(dict.fromkeys(found)), subject="") if found else None


def _told(octets: bytes) -> Returned | None:
    header = _END_OF_HEADER.split(octets[:_HEADER], maxsplit=1)[0]
    try:
        original = parse_message(header + b"\r\n\r\n")
    except UnreadableMessage:
        return None
    named = (*original.references, *original.in_reply_to, original.message_id)
    return Returned(identifiers=tuple(dict.fromkeys(filter(None, named))), subject=original.subject)
