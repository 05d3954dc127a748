"""A file of mail as a stream of octets, unpacked on the way; what breaks it ends it, and is remembered."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from pipeline.adapters.archives import mbox
from pipeline.errors import UnreadableMessage

# First octets by which the kind of a file is told, and by which it is known again.
HEAD = 64 * 1024
GZIP = b"\x1f\x8b"
# What reading a packed file that is damaged raises.
BROKEN = (OSError, EOFError, zlib.error)
_OTHER_PACKERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip", b"7z\xbc\xaf": "7z"}
# Mail packs to a tenth, large attachments of one octet to a thousandth; beyond both it is a trap.
_MOST_EXPANSION = 500
_EXPANSION_FREE = 256 * 1024 * 1024
# Names under which one message lies, whatever stands in it.
_SINGLE = (".eml", ".eml.gz")


class Unpacked:
    """An open file of mail.

    Parameters
    ----------
    path
        Where it lies; if it starts as gzip does, it is unpacked.

    Raises
    ------
    UnreadableMessage
        If it is missing, no regular file, not readable, or packed in another way.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.error: Exception | None = None
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise UnreadableMessage(f"{path}: neither a file nor a folder; it is left alone")
            self._packed = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from None
        try:
            self._stream = self._unpacked()
            self.head = self._sniff()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_archive(self) -> bool:
        """Whether it is an mbox: it starts with a From_ line, or holds one below octets that are no mail."""
        start = self.head.removeprefix(mbox.MARK).lstrip(b"\r\n")
        if start.startswith(b"From "):
            return True
        return not self.path.name.lower().endswith(_SINGLE) and mbox.is_separated(self.head)

    @property
    def through(self) -> int:
        """How many octets on the disk were read."""
        return self._packed.tell()

    @property
    def changed_at(self) -> datetime | None:
        """When the file was changed last, in UTC; None where that is no time that there can be."""
        return time_at(os.fstat(self._packed.fileno()).st_mtime)

    def read1(self, size: int) -> bytes:
        """Return the next octets, at most `size`; nothing at the end, and from what breaks on."""
        if self.error is not None:
            return b""
        try:
            octets = cast("bytes", self._stream.read1(size))  # type: ignore[attr-defined]
        except BROKEN as error:
            self.error = error
            return b""
        self.count += len(octets)
        if self.count > _EXPANSION_FREE and self.count > _MOST_EXPANSION * self.through:
            self.error = UnreadableMessage(f"unpacks to over {_MOST_EXPANSION} times its size")
        return octets

    def whole(self, most: int) -> bytes:
        """Return everything, or the first `most` octets and one more.

        Raises
        ------
        UnreadableMessage
            If it breaks off.
        """
        octets = self._next(most + 1)
        if self.error is not None:
            raise unreadable(self.path, self.error)
        return octets

    def goto(self, offset: int) -> bool:
        """Go to `offset`, counted in unpacked octets; return whether a From_ line or the end is there."""
        try:
            if self._stream is self._packed and os.fstat(self._packed.fileno()).st_size < offset:
                return False
            self.count = self._stream.seek(offset)
            following = self._stream.read(2 * len(b"\r\nFrom "))
            self._stream.seek(offset)
        except BROKEN:
            return False
        return self.count == offset and (not following or following.lstrip(b"\r\n").startswith(b"From "))

    def rewind(self) -> None:
        """Go back to the start."""
        self.error = None
        self.count = self._stream.seek(0)

    def close(self) -> None:
        """Close the file."""
        self._packed.close()

    def _unpacked(self) -> BinaryIO:
        try:
            start = self._packed.peek(8)
        except OSError as error:
            raise unreadable(self.path, error) from None
        for mark, packer in _OTHER_PACKERS.items():
            if start.startswith(mark):
                raise UnreadableMessage(f"{self.path}: packed with {packer}; unpack it first")
        if start.startswith(GZIP):
            return cast("BinaryIO", gzip.GzipFile(fileobj=self._packed))
        return self._packed

    def _sniff(self) -> bytes:
        octets = self._next(HEAD)
        if self.error is not None and not octets:
            raise unreadable(self.path, self.error)
        self.rewind()
        return octets

    def _next(self, size: int) -> bytes:
        """Return the next octets: `size` of them, or fewer at the end and before what breaks."""
        pieces = []
        while size > 0 and (piece := self.read1(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def time_at(seconds: float) -> datetime | None:
    """Return the time that is `seconds` after 1970, in UTC; None where that is none that there can be."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OSError, OverflowError, ValueError):
        return None


def unreadable(path: Path, error: BaseException) -> UnreadableMessage:
    """Return the error that says of `path` what `error` means."""
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UnreadableMessage(f"{path}: cannot be read: {words}")
