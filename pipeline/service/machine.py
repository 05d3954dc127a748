"""Faults of the machine that look like faults of a mail: no disk, memory or file handles left; mails wait until there are."""

from __future__ import annotations

import errno

from pipeline.errors import MachineFault

_MEND = {
    errno.ENOSPC: "the disk is full: make room",
    errno.EDQUOT: "the disk quota is used up: raise it, or make room",
    errno.EMFILE: "too many open files: raise the limit (LimitNOFILE=, ulimit -n)",
    errno.ENFILE: "the whole system has too many open files: raise fs.file-max",
    errno.ENOMEM: "there is no memory left: add some, or use fewer workers",
    errno.EIO: "reading or writing the disk fails: see the system's log",
}
_MOST_CAUSES = 20


def blame(error: BaseException) -> None:
    """Raise if the machine is at fault for `error`, or for what it came from; else it is the mail's.

    Raises
    ------
    MachineFault
        On MemoryError, and on OSError of the kinds that say that the machine lacks something.
    """
    why = lacking(error)
    if why:
        raise MachineFault(f"{why}; messages wait and are tagged in a later round") from error


def lacking(error: BaseException) -> str:
    """Return what the machine lacks, and how to mend it; empty if `error` came of something else."""
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen and len(seen) < _MOST_CAUSES:
        if isinstance(one, MemoryError):
            return _MEND[errno.ENOMEM]
        if isinstance(one, OSError) and one.errno in _MEND:
            return _MEND[one.errno]
        seen.append(one)
        one = one.__cause__ or one.__context__
    return ""
