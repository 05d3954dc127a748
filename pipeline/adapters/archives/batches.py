"""Archives for `triage import`: files and folders of mail, in batches that can be stored one by one and gone on from."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.adapters.archives import mbox
from pipeline.adapters.archives.mailfile import (
    LARGEST,
    Found,
    delivered,
    of_archive,
    sighting,
    single,
    stored_path,
)
from pipeline.adapters.archives.mailfolder import Kind, mail_files
from pipeline.adapters.archives.unpacked import HEAD, Unpacked, unreadable
from pipeline.errors import UnreadableMessage
from pipeline.records.messages import RawMessage
from pipeline.records.sources import ArchiveBatch, ArchiveMark, SetAsideMessage

# Messages of one batch: so many, and no more octets than asked for.
_BATCH = 200

Marks = Callable[[str], ArchiveMark | None]


class MailArchives:
    """Files and folders of mail.

    Parameters
    ----------
    largest
        Most octets of a message; larger ones are set aside with their header.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest

    def name(self, path: str) -> str:
        """Return the absolute path under which the ledger knows `path`."""
        return stored_path(_absolute(path))

    def size(self, path: str) -> int:
        """Return how many octets lie at `path`; 0 if it cannot be read, which `batches` explains."""
        try:
            place = _absolute(path)
            if not place.is_dir():
                return place.stat().st_size
            return sum(_size(file) for file, _ in mail_files(place))
        except (OSError, UnreadableMessage):
            return 0

    def batches(self, path: str, marks: Marks, limit_bytes: int) -> Iterator[ArchiveBatch]:
        """Yield everything in `path`, at most about `limit_bytes` octets a batch.

        Parameters
        ----------
        path
            A file or folder.
        marks
            Tells how far an mbox was imported before. One whose head is still the same goes on there, any other
            starts again.
        """
        pending = _Pending()
        count = 0
        try:
            for file, kind in _files(_absolute(path)):
                count += 1
                yield from self._file(file, kind, marks, limit_bytes, pending)
        except UnreadableMessage as error:
            pending.problems.append(str(error))
        else:
            if count == 0:
                pending.problems.append(
                    f"{path}: no mail in there: neither a Maildir, nor .eml or mbox files"
                )
        if pending:
            yield pending.take()

    def _file(
        self, file: Path, kind: Kind, marks: Marks, limit: int, pending: _Pending
    ) -> Iterator[ArchiveBatch]:
        if kind is Kind.SPECIAL:
            words = "a link that leads nowhere" if file.is_symlink() else "neither a file nor a folder"
            pending.problems.append(f"{file}: {words}; it is left alone")
            return
        try:
            if kind is Kind.DELIVERED:
                pending.add(delivered(file, self._largest))
            else:
                with Unpacked(file) as stream:
                    if stream.is_archive:
                        if pending:
                            yield pending.take()
                        yield from self._archive(stream, marks(stored_path(file)), limit)
                        return
                    pending.add(single(stream, self._largest))
        except UnreadableMessage as error:
            pending.add(SetAsideMessage(sighting=sighting(file), reason=str(error)))
        pending.octets += _size(file)
        if pending.is_full(limit):
            yield pending.take()

    def _archive(self, stream: Unpacked, mark: ArchiveMark | None, limit: int) -> Iterator[ArchiveBatch]:
        """Yield the messages of one mbox; each batch is handed over when it is known where the next starts."""
        begins = _resume(stream, mark)
        pending = _Pending(begins=begins)
        through = 0
        offset = begins
        for part in mbox.parts(stream, self._largest, begins):
            if pending.is_full(limit):
                pending.octets, through = stream.through - through, stream.through
                yield pending.take(_mark(stream, part.offset))
            offset = part.offset
            if part.last and stream.error is not None:
                yield pending.take(_mark(stream, offset))
            pending.add(of_archive(stream, part, self._largest))
        pending.octets = _size(stream.path) - through
        if stream.error is None:
            yield pending.take(_mark(stream, stream.count, finished=True))
        else:
            yield pending.take()  # without a mark: the next run tries it again


class _Pending:
    """A batch while it grows."""

    def __init__(self, begins: int | None = None) -> None:
        self.problems: list[str] = []
        self.octets = 0
        self._begins = begins
        self._messages: list[RawMessage] = []
        self._refused: list[SetAsideMessage] = []
        self._held = 0

    def __bool__(self) -> bool:
        return bool(self._messages or self._refused or self.problems)

    def add(self, found: Found) -> None:
        """Take a message."""
        if isinstance(found, RawMessage):
            self._messages.append(found)
        else:
            self._refused.append(found)
        self._held += len(found.octets)

    def is_full(self, limit: int) -> bool:
        """Return whether it is time to store it."""
        return self._held >= limit or len(self._messages) + len(self._refused) >= _BATCH

    def take(self, mark: ArchiveMark | None = None) -> ArchiveBatch:
        """Return the batch, and begin the next."""
        batch = ArchiveBatch(
            messages=tuple(self._messages),
            refused=tuple(self._refused),
            octets=self.octets,
            mark=mark,
            begins=self._begins,
            problems=tuple(self.problems),
        )
        self._messages, self._refused, self.problems = [], [], []
        self._begins, self._held, self.octets = None, 0, 0
        return batch


def _files(place: Path) -> Iterator[tuple[Path, Kind]]:
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise unreadable(place, error) from None
    if stat.S_ISDIR(mode):
        yield from mail_files(place)
    else:
        yield place, Kind.FILE if stat.S_ISREG(mode) else Kind.SPECIAL


def _resume(stream: Unpacked, mark: ArchiveMark | None) -> int:
    """Go to where the mbox was left, if it is still the same, and return the place; else 0."""
    if mark and mark.offset and _mark(stream, mark.offset).head == mark.head and stream.goto(mark.offset):
        return mark.offset
    stream.rewind()
    return 0


def _mark(stream: Unpacked, offset: int, *, finished: bool = False) -> ArchiveMark:
    head = hashlib.sha256(stream.head[: min(offset, HEAD)]).hexdigest()
    return ArchiveMark(path=stored_path(stream.path), head=head, offset=offset, finished=finished)


def _absolute(path: str) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
