"""A message as its file holds it: alone, delivered into a Maildir, or in an mbox; and where it lies."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.archives import mbox
from pipeline.adapters.archives.arrival import arrived
from pipeline.adapters.archives.unpacked import Unpacked, unreadable
from pipeline.errors import UnreadableMessage
from pipeline.records.messages import FileSighting, RawMessage
from pipeline.records.sources import SetAsideMessage

LARGEST = 50 * 1024 * 1024

Found = RawMessage | SetAsideMessage

_HEADER_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:")
# The name of a file in a Maildir begins with the second of its delivery.
_DELIVERED = re.compile(r"(\d{9,10})\.")
# Info flags of Maildir (cr.yp.to/proto/maildir.html) as IMAP's.
_MAILDIR_FLAGS = {
    "D": "\\Draft",
    "F": "\\Flagged",
    "P": "$Forwarded",
    "R": "\\Answered",
    "S": "\\Seen",
    "T": "\\Deleted",
}


def single(stream: Unpacked, largest: int) -> RawMessage:
    """Return the one message of a file.

    Raises
    ------
    UnreadableMessage
        If it is empty, over `largest` octets, breaks off, or is no mail.
    """
    message = _checked(stream.path, stream.whole(largest), largest)
    if not stream.path.name.lower().endswith(".eml") and not _HEADER_FIELD.match(message.octets.lstrip()):
        raise UnreadableMessage(
            f"{stream.path}: no mail: it starts with neither a header field nor a From_ line"
        )
    return message


def delivered(path: Path, largest: int) -> RawMessage:
    """Return a message of a Maildir: its time is that of the delivery, its name holds the flags.

    Raises
    ------
    UnreadableMessage
        If it is empty, over `largest` octets, or cannot be read.
    """
    with Unpacked(path) as stream:
        octets = _checked(path, stream.whole(largest), largest).octets
        moment = stream.changed_at
    info = path.name.partition(":2,")[2]
    # The time of the file is that of a copy where the mailbox was copied carelessly.
    if named := _DELIVERED.match(path.name):
        told = datetime.fromtimestamp(int(named[1]), UTC)
        moment = min(moment, told) if moment else told
    return RawMessage(
        sighting=sighting(path),
        octets=octets,
        received_at=moment,
        flags=tuple(_MAILDIR_FLAGS[letter] for letter in info if letter in _MAILDIR_FLAGS),
    )


def of_archive(stream: Unpacked, part: mbox.Part, largest: int) -> Found:
    """Return one message of an mbox, or why it is not whole."""
    place = sighting(stream.path, part.offset)
    reason = _fault(stream, part, largest)
    if reason:
        return SetAsideMessage(sighting=place, reason=reason, octets=part.octets)
    return RawMessage(sighting=place, octets=part.octets, received_at=arrived(part.octets, part.received_at))


def _fault(stream: Unpacked, part: mbox.Part, largest: int) -> str:
    if part.last and stream.error is not None:
        words = str(unreadable(stream.path, stream.error)).partition(": ")[2]
        return f"not whole: the archive breaks off {stream.count} octets in (unpacked) and {words}"
    if part.size > largest:
        return f"{part.size} octets, over the limit of {largest}"
    if part.headless and not _HEADER_FIELD.match(part.octets.lstrip(b"\0\r\n\t ")):
        return f"{part.size} octets before the first From_ line, which are no mail"
    return "" if part.octets.strip(b"\r\n") else "empty: nothing follows its From_ line"


def sighting(path: Path, offset: int = 0) -> FileSighting:
    """Return where a message lies; a name that is not UTF-8 could not be stored."""
    return FileSighting(path=stored_path(path), offset=offset)


def stored_path(path: Path) -> str:
    """Return `path` as text that can be stored."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _checked(path: Path, octets: bytes, largest: int) -> RawMessage:
    if len(octets) > largest:
        raise UnreadableMessage(f"{path}: over the limit of {largest} octets")
    if not octets.strip():
        raise UnreadableMessage(f"{path}: empty")
    return RawMessage(sighting=sighting(path), octets=octets)
