"""Messages from files: .eml, folders of them, mbox (also gzipped), Maildir; one message in memory at a time."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import cast

from pipeline.adapters import mbox
from pipeline.errors import UnreadableMessage
from pipeline.records.messages import FileSighting, RawMessage
from pipeline.records.sources import SetAsideMessage

LARGEST = 50 * 1024 * 1024

Found = RawMessage | SetAsideMessage

_GZIP = b"\x1f\x8b"
_HEAD = 64
_NAMES = (".eml", ".mbox", ".mbx", ".mbox.gz", ".mbx.gz")
_BROKEN = (OSError, EOFError, zlib.error)
# Mail packs to a tenth, large attachments of one octet to a thousandth; beyond both it is a trap.
_MOST_EXPANSION = 500
_EXPANSION_FREE = 256 * 1024 * 1024
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
    octets = _whole(path, largest)
    if not octets.startswith(b"From "):
        return RawMessage(sighting=_sighting(path), octets=octets)
    first, *others = islice(mbox.parts(io.BytesIO(octets), largest), 2)
    if others:
        raise UnreadableMessage(
            f"{path}: holds several messages; give it as an archive, or one message alone"
        )
    return RawMessage(sighting=_sighting(path), octets=first.octets, received_at=first.received_at)


def messages(path: Path, largest: int = LARGEST) -> Iterator[Found]:
    """Yield every message in `path`, in a stable order.

    A folder with ``cur`` or ``new`` is a Maildir, any other is searched for .eml and .mbox files, also below;
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
        kind = path.stat().st_mode
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(kind):
        yield from _folder(path, largest)
    else:
        yield from _file(path, largest)


def _folder(folder: Path, largest: int) -> Iterator[Found]:
    for path, of_maildir in _walk(folder):
        try:
            yield from (_delivered(path, largest) if of_maildir else _file(path, largest))
        except UnreadableMessage as error:
            yield SetAsideMessage(sighting=_sighting(path), reason=str(error))


def _walk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield each file that holds mail, and whether it lies in a Maildir; links to folders are not followed."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        here = Path(place)
        of_maildir = here.name in {"cur", "new"} and _is_maildir(here.parent)
        if _is_maildir(here):
            folders[:] = [name for name in folders if name != "tmp"]  # what is still being delivered
        folders.sort()
        for name in sorted(files):
            wanted = not name.startswith(".") and (of_maildir or name.lower().endswith(_NAMES))
            if wanted and (here / name).is_file():
                yield here / name, of_maildir


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in ("cur", "new"))


def _refuse(error: OSError) -> None:
    raise _unreadable(Path(str(error.filename)), error)


def _delivered(path: Path, largest: int) -> Iterator[Found]:
    """Yield one file of a Maildir; its time is that of the delivery, its name holds the flags."""
    octets = _whole(path, largest)
    info = path.name.partition(":2,")[2]
    yield RawMessage(
        sighting=_sighting(path),
        octets=octets,
        received_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        flags=tuple(_MAILDIR_FLAGS[letter] for letter in info if letter in _MAILDIR_FLAGS),
    )


def _file(path: Path, largest: int) -> Iterator[Found]:
    try:
        with path.open("rb") as packed:
            is_packed = packed.peek(len(_GZIP)).startswith(_GZIP)
            stream = cast("io.BufferedReader", gzip.GzipFile(fileobj=packed)) if is_packed else packed
            if stream.peek(_HEAD).lstrip(b"\r\n").startswith(b"From "):
                yield from _archive(path, _Measured(stream, packed, path), largest)
            else:
                yield _single(path, stream.read(largest + 1), largest)
    except _BROKEN as error:
        raise _unreadable(path, error) from None


def _archive(path: Path, stream: _Measured, largest: int) -> Iterator[Found]:
    offset = 0
    try:
        for part in mbox.parts(stream, largest):
            offset = part.offset
            yield _of_archive(path, part, largest)
    except (*_BROKEN, UnreadableMessage) as error:
        reason = (
            f"cannot be read on after octet {offset}, where its last whole message starts: {_words(error)}"
        )
        yield SetAsideMessage(sighting=_sighting(path, stream.count), reason=reason)


def _of_archive(path: Path, part: mbox.Part, largest: int) -> Found:
    sighting = _sighting(path, part.offset)
    if part.size > largest:
        return SetAsideMessage(sighting=sighting, reason=f"{part.size} octets, over the limit of {largest}")
    if not part.octets:
        return SetAsideMessage(sighting=sighting, reason="empty: nothing follows its From_ line")
    return RawMessage(sighting=sighting, octets=part.octets, received_at=part.received_at)


def _single(path: Path, octets: bytes, largest: int) -> RawMessage:
    if len(octets) > largest:
        raise UnreadableMessage(f"{path}: over the limit of {largest} octets")
    if not octets.strip():
        raise UnreadableMessage(f"{path}: empty")
    return RawMessage(sighting=_sighting(path), octets=octets)


def _whole(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return _single(path, stream.read(largest + 1), largest).octets
    except OSError as error:
        raise _unreadable(path, error) from None


class _Measured:
    """Reads lines, and refuses an archive that unpacks to far more than mail does."""

    def __init__(self, stream: io.BufferedReader, packed: io.BufferedReader, path: Path) -> None:
        self.count = 0
        self._stream = stream
        self._packed = packed
        self._path = path

    def readline(self, size: int) -> bytes:
        """Return a line, or at most `size` octets of it."""
        line = self._stream.readline(size)
        self.count += len(line)
        if self.count > _EXPANSION_FREE and self.count > _MOST_EXPANSION * self._packed.tell():
            raise UnreadableMessage(f"{self._path}: unpacks to over {_MOST_EXPANSION} times its size")
        return line


def _sighting(path: Path, offset: int = 0) -> FileSighting:
    # A name that is not UTF-8 could not be stored.
    name = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return FileSighting(path=name, offset=offset)


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _unreadable(path: Path, error: BaseException) -> UnreadableMessage:
    return UnreadableMessage(f"{path}: cannot be read: {_words(error)}")
