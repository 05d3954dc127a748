"""Files of a model directory, read once and checked: what was checked is what is loaded."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError

CARD = "card.json"
ESTIMATOR = "estimator.joblib"
REPORT = "report.md"
ANSWERS = "answers.csv"
LEARNT = "learnt.txt"
NEEDED = frozenset({ESTIMATOR, REPORT, ANSWERS, LEARNT})
_LARGEST_FILE = 64 * 1024 * 1024
_PICTURE = re.compile(r"[a-z][a-z-]{0,40}\.png")
# Not sealed: what people noted of a model after it was made.
_NOTES = ("seal", "promotions")


def checksums(octets: Mapping[str, bytes]) -> dict[str, str]:
    """Return file name to SHA-256, in hexadecimal."""
    return {name: hashlib.sha256(octets[name]).hexdigest() for name in sorted(octets)}


def seal(card: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a card says, with the checksums of its files, but for later notes.

    It names a model: two with the same seal are the same in every octet that matters.
    """
    told = {key: value for key, value in card.items() if key not in _NOTES}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check_seal(folder: Path, card: Mapping[str, Any]) -> None:
    """Refuse a card that was altered.

    Raises
    ------
    ModelError
        If it says something else than when it was written.
    """
    if card.get("seal") != seal(card):
        raise ModelError(
            f"{folder / CARD}: its checksum is not the one that it was written with: altered by hand or damaged;"
            " copy the directory again or train the model again"
        )


def read_files(folder: Path, card: Mapping[str, Any]) -> dict[str, bytes]:
    """Read every file that the `card` lists, and refuse all others.

    Raises
    ------
    ModelError
        If a file is missing, no plain file, altered, or not in the card.
    """
    files = card["files"]
    pictures = set(files) - NEEDED
    if not set(files) >= NEEDED or any(not _PICTURE.fullmatch(name) for name in pictures):
        raise ModelError(
            f"{folder / CARD}: lists other files than {', '.join(sorted(NEEDED))} and pictures; train the model again"
        )
    strays = sorted(_names(folder) - set(files) - {CARD})
    if strays:
        raise ModelError(
            f"{folder / strays[0]}: not a file of this model ({len(strays)} that its card does not list);"
            " take it away or copy the directory again"
        )
    found = {name: read_file(folder / name) for name in sorted(files)}
    for name, digest in checksums(found).items():
        if digest != files[name]:
            raise ModelError(
                f"{folder / name}: its checksum is not the one in {CARD}: altered, cut short or of another model;"
                " copy the directory again or train the model again"
            )
    return found


def read_file(path: Path) -> bytes:
    """Return the octets of a plain file; links are not followed, and nothing that blocks is waited for.

    Raises
    ------
    ModelError
        If there is none, it is no plain file, or too large for a model's.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ModelError(_told(path, error)) from None
    # fdopen itself refuses a directory, with an error of its own.
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise ModelError(f"{path}: not a plain file; copy the directory again")
    with os.fdopen(handle, "rb") as stream:
        if found.st_size > _LARGEST_FILE:
            raise ModelError(f"{path}: larger than {_LARGEST_FILE} bytes; no model of this program")
        return stream.read()


def _told(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"{path}: no such file; train a model, or name another in folders.model"
    if error.errno == errno.ELOOP:
        return f"{path}: a symbolic link; a model's files have to lie in its own directory, so copy it there"
    return f"{path}: cannot be read: {error.strerror}; check its permissions"


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder)}
    except OSError as error:
        raise ModelError(_told(folder, error)) from None
