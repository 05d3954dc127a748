"""What a reader of mail and its child process say to each other: frames of JSON, and nothing that can be executed.

The child works on hostile octets. What comes back from it is therefore data that is checked, never a pickle.

Each frame is its length (4 octets, big-endian) and that many octets of JSON, an object. The parent asks with
``{"size", "received_at"}`` and `size` octets of mail behind it; the child answers with ``{"inquiry"}`` or ``{"unreadable"}``
or ``{"failed", "trace"}``, then one ``{"document"}`` for each document among the attachments, then ``{"end", "last"}``;
after the last one it ends.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from pipeline.records.inquiries import Inquiry

if TYPE_CHECKING:
    from pydantic import TypeAdapter

LENGTH = 4
MAX_FRAME = 64 * 1024 * 1024
"""Octets of one answer that are taken; a mail at all the parser's limits needs half of it."""
MAX_FRAMES = 100
"""Answers about one mail that are taken."""

Frame = dict[str, Any]


def frame(content: Frame) -> bytes:
    """Return a frame; lone surrogates, which are no text, become question marks."""
    octets = json.dumps(content, default=_plain, ensure_ascii=False).encode("utf-8", "replace")
    return len(octets).to_bytes(LENGTH, "big") + octets


def _plain(value: object) -> object:
    """Return a record as an object of JSON, without the octets of attachments."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.name != "payload"}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not travel")


def content(octets: bytes) -> Frame:
    """Return what a frame holds.

    Raises
    ------
    ValueError
        If it is no object of JSON.
    """
    try:
        found = json.loads(octets)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - one kind of error for all that is wrong with a frame
    return found


@cache
def _inquiries() -> TypeAdapter[Inquiry]:
    from pydantic import TypeAdapter

    return TypeAdapter(Inquiry)


def inquiry(told: object) -> Inquiry:
    """Return the inquiry that a child describes.

    Raises
    ------
    ValueError
        If it is none.
    """
    return _inquiries().validate_python(told)


def with_documents(read: Inquiry, told: Sequence[Frame]) -> Inquiry:
    """Return an inquiry with the texts of its documents, and what was wrong with them.

    Raises
    ------
    ValueError
        If something else was told.
    """
    attachments = list(read.message.attachments)
    defects = list(read.message.defects)
    for answer in told:
        match answer:
            case {"document": {"place": int(place), "text": str(text), "defect": str(defect)}} if (
                0 <= place < len(attachments)
            ):
                attachments[place] = replace(attachments[place], text=text)
                defects.extend([defect] if defect else [])
            case {"defect": str(defect)}:
                defects.append(defect)
            case _:
                raise ValueError("neither a document nor a defect")
    message = replace(read.message, attachments=tuple(attachments), defects=tuple(defects))
    return replace(read, message=message)
