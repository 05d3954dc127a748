"""A folder of labelled mail of one's own: messages/ID.eml and labels.csv, written so that an interruption harms nothing."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters.files import privatefile
from pipeline.errors import OutputError, UsageError

_KEY = ".pseudonyms.key"
_KEY_OCTETS = 32
_LABELS = "labels.csv"


class FixtureFolder:
    """Labelled mail under `path`, which has to lie outside the program and its checkout.

    Parameters
    ----------
    path
        The folder; made if missing, readable by its owner alone.
    program
        Folders in which nothing may be written, such as the program's own.

    Raises
    ------
    UsageError
        If `path` lies in one of them.
    """

    def __init__(self, path: Path, program: Sequence[Path]) -> None:
        self.path = path.expanduser().resolve()
        for one in program:
            if self.path.is_relative_to(one.resolve()):
                raise UsageError(
                    f"{path}: lies within {one}; real mail stays outside the program, name another folder"
                )

    def prepare(self) -> None:
        """Make the folder and what keeps its secret out of the way."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.path / "messages").mkdir(exist_ok=True, mode=0o700)
            ignore = self.path / ".gitignore"
            if not ignore.exists():
                ignore.write_text(f"{_KEY}\n", encoding="utf-8")
        except OSError as error:
            raise OutputError.at(self.path, error) from None

    def key(self) -> bytes:
        """Return the secret from which invented names follow; made at the first call."""
        path = self.path / _KEY
        try:
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "wb") as stream:
                stream.write(secrets.token_bytes(_KEY_OCTETS))
        except FileExistsError:
            pass
        except OSError as error:
            raise OutputError.at(path, error) from None
        try:
            octets = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be read: {error.strerror}; give yourself the right, or restore it"
            ) from None
        if len(octets) != _KEY_OCTETS:
            raise UsageError(
                f"{path}: not a key of {_KEY_OCTETS} octets; restore it, or start in another folder"
            )
        return octets

    def ids(self) -> frozenset[str]:
        """Return the ids of the messages that are there."""
        return frozenset(row["id"] for row in self._rows())

    def add(self, identifier: str, octets: bytes, row: Mapping[str, str]) -> None:
        """Add one message and its row; first the message, so that no row is without one."""
        columns = list(row)
        rows = self._rows()
        for name in rows[0] if rows else ():
            if name not in columns:
                columns.append(name)
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, dict(row)])
        privatefile.replace(self.path / "messages" / f"{identifier}.eml", octets)
        privatefile.replace(self.path / _LABELS, out.getvalue().encode())

    def _rows(self) -> list[dict[str, str]]:
        path = self.path / _LABELS
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(
                f"{path}: cannot be read as CSV in UTF-8: {error}; save it so, or restore it"
            ) from None
        if rows and "id" not in rows[0]:
            raise UsageError(f"{path}: has no column id; its first line has to name the columns")
        # What a row has beyond the columns is filed by the reader under no name.
        longer = next((row["id"] for row in rows if None in row), None)
        if longer is not None:
            raise UsageError(
                f"{path}: row {longer} has more values than columns; put values with a comma in quotes"
            )
        return rows
