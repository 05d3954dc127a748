"""Readings of labelled mail kept between runs (joblib.Memory), so that only new mail is read again.

What is kept is found by the octets of the message, the rules, the program's own sources and the versions of the
libraries that read: whatever changes, the reading is made anew. joblib keeps pickles, and loading a pickle runs what
it says: the folder has to be the user's own, and nobody else may write in it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from pipeline.classify.dataset import Sample

Read = Callable[[bytes], Sample]

# Octets that readings may take in all, and days after which an unused one goes.
_MOST = 512 * 1024 * 1024
_DAYS = 60
_FOLDER = "readings"


@contextmanager
def kept_readings(read: Read, rules: str, folder: Path, say: Callable[[str], None]) -> Iterator[Read]:
    """Give a `read` that remembers; where the folder cannot be trusted or written, the plain one, and tell so.

    Parameters
    ----------
    read
        Octets to inquiry and rule hits.
    rules
        Version of the rules whose hits it returns.
    folder
        The user's folder for caches.
    say
        Takes a line for people.
    """
    place = folder / _FOLDER
    distrust = _distrust(place)
    if distrust:
        say(f"{place}: {distrust}; mail is read without a cache")
        yield read
        return
    from joblib import Memory
    from joblib.memory import JobLibCollisionWarning

    memory = Memory(place, verbose=0)
    # What is remembered is a plain function of these three; the reader itself is no part of the key.
    remembered = memory.cache(_reading, ignore=["read"])
    code = code_version()

    def remembering(octets: bytes) -> Sample:
        sample: Sample = remembered(octets, rules, code, read)
        return sample

    with warnings.catch_warnings():
        # A damaged entry is read anew; joblib warns of it, and two processes may write the same one.
        warnings.simplefilter("ignore", JobLibCollisionWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"joblib")
        yield remembering
        _bound(memory)


def _reading(octets: bytes, rules: str, code: str, read: Read) -> Sample:
    del rules, code
    return read(octets)


def _bound(memory: object) -> None:
    from datetime import timedelta

    # Another process may clean up at the same time.
    try:
        memory.reduce_size(bytes_limit=_MOST, age_limit=timedelta(days=_DAYS))  # type: ignore[attr-defined]
    except OSError:
        return


def _distrust(folder: Path) -> str:
    """Return why nothing in `folder` may be loaded, or nothing can be kept there; empty if all is well."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in (folder, folder.parent):
            found = each.lstat()
            if not stat.S_ISDIR(found.st_mode):
                return f"{each} is no directory of its own"
            if found.st_uid != os.geteuid():
                return f"{each} belongs to somebody else"
            if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return f"others may write in {each}"
    except OSError as error:
        return f"cannot be used: {error.strerror}"
    return "" if os.access(folder, os.W_OK) else "cannot be written"


@cache
def code_version() -> str:
    """Return a hash of the program's sources and of the versions of all that is installed beside it."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    installed = sorted({f"{one.metadata['Name']} {one.version}" for one in distributions()})
    digest.update("\n".join(installed).encode())
    return digest.hexdigest()
