"""``final.jsonl``: each opening of the test part, once for a model, with what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError, OutputError

FINAL = "final.jsonl"


def opened(models: Path, seal: str) -> dict[str, Any] | None:
    """Return what was logged when the test part was opened for the model with this `seal`; None if it was not.

    Raises
    ------
    ModelError
        If the log is damaged: then nobody knows what was opened.
    """
    path = models / FINAL
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; restore it") from None
    try:
        entries = [json.loads(line) for line in lines if line.strip()]
        found = [entry for entry in entries if entry["seal"] == seal]
    except (ValueError, KeyError, TypeError):
        raise ModelError(
            f"{path}: damaged, so that nobody knows for which models the test part was opened; restore it"
        ) from None
    return found[-1] if found else None


def log(models: Path, at: datetime, figures: Mapping[str, Any]) -> None:
    """Write down that the test part was opened; `figures` hold the model's ``seal``.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    path = models / FINAL
    line = json.dumps({"at": at.isoformat(timespec="seconds"), **figures}, ensure_ascii=False)
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
    except OSError as error:
        raise OutputError(
            f"{path}: the opening of the test part cannot be logged: {error.strerror}; the test part stays closed"
        ) from None


def check_writable(models: Path) -> None:
    """Refuse to open the test part where that could not be logged.

    Raises
    ------
    OutputError
        If the log cannot be written.
    """
    path = models / FINAL
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        raise OutputError(
            f"{path}: the opening of the test part could not be logged: {error.strerror}; it stays closed"
        ) from None
