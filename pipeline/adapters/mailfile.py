"""Messages from files: .eml, folders of them, mbox (also gzipped), Maildir; one message in memory at a time."""

from __future__ import annotations

import io
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pipeline.adapters import mbox
from pipeline.adapters.arrival import arrived
from pipeline.adapters.mailfolder import Kind, mail_files
from pipeline.adapters.unpacked import Unpacked, unreadable
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


def read(path: Path, largest: int = LARGEST) -> RawMessage:
    """Read the file `path` as one message.

    Raises
    ------
    UnreadableMessage
        If it is missing, unreadable, empty, a folder, over `largest` octets, or an mbox of several messages.
    """
    try:
        with path.open("rb") as stream:
            message = _checked(path, stream.read(largest + 1), largest)
    except OSError as error:
        raise unreadable(path, error) from None
    if not message.octets.startswith(b"From "):
        return message
    first, *others = islice(mbox.parts(io.BytesIO(message.octets), largest), 2)
    if others:
        raise UnreadableMessage(
            f"{path}: holds several messages; give it as an archive, or one message alone"
        )
    return RawMessage(sighting=sighting(path), octets=first.octets, received_at=first.received_at)


def messages(path: Path, largest: int = LARGEST) -> Iterator[Found]:
    """Yield every message in `path`, in a stable order.

    A folder with ``cur`` and ``new`` is a Maildir, any other is searched for .eml and mbox files, also below;
    a file that starts with a From_ line is an mbox. What cannot be read is handed over as set aside.

    Parameters
    ----------
    path
        A file or folder.
    largest
        Most octets of a message.

    Raises
    ------
    UnreadableMessage
        If `path` itself is missing or cannot be opened.
    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise unreadable(path, error) from None
    if not is_folder:
        yield from _file(path, largest)
        return
    for file, kind in mail_files(path):
        try:
            if kind is Kind.DELIVERED:
                yield delivered(file, largest)
            elif kind is Kind.FILE:
                yield from _file(file, largest)
        except UnreadableMessage as error:
            yield SetAsideMessage(sighting=sighting(file), reason=str(error))


def _file(path: Path, largest: int) -> Iterator[Found]:
    with Unpacked(path) as stream:
        if not stream.is_archive:
            yield single(stream, largest)
            return
        for part in mbox.parts(stream, largest):
            yield of_archive(stream, part, largest)


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
    info = path.name.partition(":2,")[2]
    # The time of the file is that of a copy where the mailbox was copied carelessly.
    moment = path.stat().st_mtime
    if named := _DELIVERED.match(path.name):
        moment = min(moment, float(named[1]))
    return RawMessage(
        sighting=sighting(path),
        octets=octets,
        received_at=datetime.fromtimestamp(moment, UTC),
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


def _checked(path: Path, octets: bytes, largest: int) -> RawMessage:
    if len(octets) > largest:
        raise UnreadableMessage(f"{path}: over the limit of {largest} octets")
    if not octets.strip():
        raise UnreadableMessage(f"{path}: empty")
    return RawMessage(sighting=sighting(path), octets=octets)


def sighting(path: Path, offset: int = 0) -> FileSighting:
    """Return where a message lies; a name that is not UTF-8 could not be stored."""
    return FileSighting(path=stored_path(path), offset=offset)


def stored_path(path: Path) -> str:
    """Return `path` as text that can be stored."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
