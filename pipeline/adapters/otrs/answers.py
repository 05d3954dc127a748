"""Answers of the Generic Interface as values: numbers that are strings, lists that are single, times without a zone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.records.tickets import Article, Ticket, TicketFile

_FORMAT = "%Y-%m-%d %H:%M:%S"
_ARTICLES = 10_000
_FILES = 1_000
_FIELDS = 2_000
_LATEST_EPOCH = 4_102_444_800  # the year 2100


class Malformed(ValueError):
    """An answer that lacks what every ticket has."""


def numbers(answer: Mapping[str, Any], key: str) -> tuple[int, ...]:
    """Return the numbers under `key`; none where it is missing, as in the answer ``{}``."""
    found = (number(one) for one in _list(answer.get(key)))
    return tuple(dict.fromkeys(one for one in found if one > 0))


def tickets(answer: Mapping[str, Any], zone: ZoneInfo) -> tuple[Ticket, ...]:
    """Return the tickets of an answer.

    Parameters
    ----------
    zone
        The server's, in which it tells times.

    Raises
    ------
    Malformed
        If one lacks its number, its queue or its times.
    """
    return tuple(_ticket(one, zone) for one in _list(answer.get("Ticket")) if isinstance(one, dict))


def moment(text: object, zone: ZoneInfo) -> datetime | None:
    """Return a time such as ``2026-11-22 10:44:41`` in UTC, or None; one that comes twice a year is the earlier."""
    try:
        return datetime.strptime(str(text), _FORMAT).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """Return a time as the server writes it."""
    return at.astimezone(zone).strftime(_FORMAT)


def number(value: object) -> int:
    """Return a number, also one written as a string; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _ticket(one: Mapping[str, Any], zone: ZoneInfo) -> Ticket:
    created, changed = moment(one.get("Created"), zone), moment(one.get("Changed"), zone)
    ident = number(one.get("TicketID"))
    if not ident or created is None or changed is None or not one.get("Queue"):
        raise Malformed("a ticket without TicketID, Queue, Created or Changed")
    articles = [
        _article(each, zone) for each in _list(one.get("Article"))[:_ARTICLES] if isinstance(each, dict)
    ]
    return Ticket(
        id=ident,
        number=_text(one, "TicketNumber"),
        title=_text(one, "Title"),
        queue=_text(one, "Queue"),
        state=_text(one, "State"),
        priority_id=number(one.get("PriorityID")),
        owner=_text(one, "Owner"),
        locked=_text(one, "Lock") not in {"", "unlock"},
        created_at=created,
        changed_at=changed,
        dynamic_fields=tuple(_fields(one.get("DynamicField"))),
        articles=tuple(sorted(articles, key=lambda each: each.id)),
    )


def _article(one: Mapping[str, Any], zone: ZoneInfo) -> Article:
    return Article(
        id=number(one.get("ArticleID")),
        sender_type=_text(one, "SenderType"),
        visible=number(one.get("IsVisibleForCustomer")) == 1,
        from_=_text(one, "From"),
        to=_text(one, "To"),
        cc=_text(one, "Cc"),
        reply_to=_text(one, "ReplyTo"),
        subject=_text(one, "Subject"),
        message_id=_text(one, "MessageID"),
        in_reply_to=_text(one, "InReplyTo"),
        references=_text(one, "References"),
        mime_type=_text(one, "MimeType").lower(),
        body=_text(one, "Body"),
        created_at=_arrival(one, zone),
        files=tuple(_files(one.get("Attachment"))),
    )


def _arrival(one: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    epoch = number(one.get("IncomingTime"))
    if 0 < epoch < _LATEST_EPOCH:
        return datetime.fromtimestamp(epoch, UTC)
    return moment(one.get("CreateTime"), zone)


def _files(value: object) -> Iterator[TicketFile]:
    """Yield the files in the order of their numbers, which the server keeps."""
    found = [one for one in _list(value)[:_FILES] if isinstance(one, dict)]
    for one in sorted(found, key=lambda each: number(each.get("FileID"))):
        content = _content(one.get("Content"))
        yield TicketFile(
            name=_text(one, "Filename"),
            content_type=_text(one, "ContentType"),
            disposition=_text(one, "Disposition").lower(),
            content_id=_text(one, "ContentID"),
            alternative=number(one.get("ContentAlternative")) == 1,
            size=number(one.get("FilesizeRaw")) or len(content),
            content=content,
        )


def _content(value: object) -> bytes:
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _fields(value: object) -> Iterable[tuple[str, tuple[str, ...]]]:
    for one in _list(value)[:_FIELDS]:
        if isinstance(one, dict) and one.get("Name"):
            yield str(one["Name"]), _values(one.get("Value"))


def _values(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(value) if isinstance(one, str | int | float) and str(one))


def _text(one: Mapping[str, Any], key: str) -> str:
    value = one.get(key)
    return str(value) if isinstance(value, str | int) else ""


def _list(value: object) -> list[Any]:
    """Return a list also of a single thing, as some versions answer."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
