"""Which files of a folder hold mail: Maildir, .eml, mbox; told by name, and by content where the name tells nothing."""

from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path

from pipeline.adapters.archives import mbox
from pipeline.adapters.archives.unpacked import BROKEN, GZIP, unreadable

# A folder with one of these names in it may be a Maildir (cr.yp.to/proto/maildir.html).
_MAILDIR = ("cur", "new")
_NAMES = (".eml", ".eml.gz", ".mbox", ".mbx", ".mbox.gz", ".mbx.gz")
# Archives on the web are called 2026-March.txt.gz, mailboxes of mail programs often Inbox.
_PERHAPS = ("", ".txt", ".gz")
_SNIFFED = 1_000


class Kind(Enum):
    """What a path in a folder is."""

    FILE = auto()
    """A message, or an mbox of several."""
    DELIVERED = auto()
    """A message in a Maildir."""
    SPECIAL = auto()
    """Named like mail, but a pipe, a device or a link to nothing."""


def mail_files(folder: Path) -> Iterator[tuple[Path, Kind]]:
    """Yield what in `folder` and below holds mail, in a stable order; links to folders are not followed.

    Raises
    ------
    UnreadableMessage
        If a folder cannot be listed.
    """
    for place, folders, files in os.walk(folder, onerror=_refuse):
        here = Path(place)
        of_maildir = here.name in _MAILDIR and _is_maildir(here.parent)
        if _is_maildir(here):
            folders[:] = [name for name in folders if name != "tmp"]  # what is still being delivered
        folders.sort()
        for name in sorted(files):
            kind = _kind(here / name, of_maildir=of_maildir)
            if kind is not None:
                yield here / name, kind


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in _MAILDIR)


def _kind(path: Path, *, of_maildir: bool) -> Kind | None:
    name = path.name.lower()
    named = of_maildir or name.endswith(_NAMES)
    if name.startswith(".") or not (named or path.suffix.lower() in _PERHAPS):
        return None
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        regular = False
    if not regular:
        return Kind.SPECIAL if named else None
    if of_maildir:
        return Kind.DELIVERED
    return Kind.FILE if named or _begins_as_mbox(path) else None


def _begins_as_mbox(path: Path) -> bool:
    """Tell whether `path` starts with a From_ line that bears a date."""
    try:
        with path.open("rb") as packed:
            if packed.peek(2).startswith(GZIP):
                with gzip.GzipFile(fileobj=packed) as stream:
                    head = stream.read1(_SNIFFED)
            else:
                head = packed.read(_SNIFFED)
    except BROKEN:
        return False
    return mbox.begins(head)


def _refuse(error: OSError) -> None:
    raise unreadable(Path(str(error.filename)), error)
