"""What holds for every inquiry, whatever the mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.parsing.addresses import MAX_ADDRESSES
from pipeline.parsing.documents_limits import MAX_CHARACTERS, MAX_MAIL_CHARACTERS
from pipeline.parsing.headers import MAX_IDENTIFIERS
from pipeline.parsing.parts import MAX_TEXT
from pipeline.parsing.textclean import TEXT_LIMIT
from pipeline.parsing.tree import MAX_FIELDS, MAX_PARTS
from pipeline.parsing.words import MAX_FIELD
from pipeline.records.inquiries import Inquiry
from pipeline.records.messages import Address, Attachment, ParsedMessage

# Nothing that moves a cursor, ends a line or turns the direction of writing.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_FORBIDDEN_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Text is chosen from one body of at most TEXT_LIMIT characters, in a forward from two or three of them.
_BODIES = 5


def check(inquiry: Inquiry) -> None:
    """Fail where an inquiry holds what no inquiry may hold."""
    _check_message(inquiry.message)
    _check_line(inquiry.base_subject, inquiry.thread, inquiry.language, inquiry.list_id or "")
    _check_addresses(inquiry.author)
    if inquiry.forward:
        _check_addresses(inquiry.forward.from_, inquiry.forward.forwarder)
        _check_line(inquiry.forward.subject)
        _check_moment(inquiry.forward.date)
    _check_line(*inquiry.recipients)
    assert len(inquiry.recipients) <= 2 * MAX_ADDRESSES
    _check_moment(inquiry.received_at)
    for text in (inquiry.body, inquiry.text, inquiry.quoted, inquiry.signature, inquiry.introduction):
        assert len(text) <= _BODIES * TEXT_LIMIT
        found = _FORBIDDEN_IN_TEXT.search(text)
        assert not found, repr(text[max(0, found.start() - 40) : found.end() + 40])
        text.encode()


def _check_message(message: ParsedMessage) -> None:
    _check_line(message.subject, message.message_id, *message.references, *message.in_reply_to)
    people = (*message.reply_to, *message.to, *message.cc, *((message.sender,) if message.sender else ()))
    _check_addresses(message.from_, *people)
    assert max(map(len, (message.to, message.cc, message.reply_to, ()))) <= MAX_ADDRESSES
    assert len(message.references) <= MAX_IDENTIFIERS
    assert len(message.header_fields) <= MAX_FIELDS
    for name, value in message.header_fields:
        _check_line(name, value)
        assert len(value) <= 4 * MAX_FIELD
    _check_moment(message.date)
    assert len(message.text_plain) + len(message.text_html) <= MAX_TEXT * 7  # escaped, at worst
    _check_attachments(message.attachments)
    assert all(defect and defect.isprintable() and len(defect) < 200 for defect in message.defects)
    (message.text_plain + message.text_html).encode()


def _check_attachments(attachments: tuple[Attachment, ...]) -> None:
    assert len(attachments) <= MAX_PARTS
    assert sum(len(one.text) for one in attachments) <= MAX_MAIL_CHARACTERS
    for one in attachments:
        _check_line(one.name, one.content_type)
        assert not set("/\\") & set(one.name)
        assert len(one.name) <= 200
        assert len(one.text) <= MAX_CHARACTERS


def _check_addresses(*addresses: Address) -> None:
    for one in addresses:
        _check_line(one.name, one.address)


def _check_line(*values: str) -> None:
    for value in values:
        assert not _FORBIDDEN.search(value), repr(value[:200])
        value.encode()


def _check_moment(moment: datetime | None) -> None:
    if moment is not None:
        assert moment.utcoffset() == timedelta(0)
        assert 1970 <= moment.astimezone(UTC).year < 2201
