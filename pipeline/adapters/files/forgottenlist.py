"""The list of who was forgotten, as salted hashes, in a file beside the ledger: JSON lines, for its owner only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.files import privatefile
from pipeline.errors import UsageError
from pipeline.records.keeping import Forgotten


def read(path: Path) -> tuple[Forgotten, ...]:
    """Return what the list holds; nothing if there is no file.

    Raises
    ------
    UsageError
        If it is no such list.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return tuple(_one(json.loads(line)) for line in lines if line.strip())
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: no list of who was forgotten; name another, or move it away") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; give yourself the right") from None


def write(path: Path, known: Iterable[Forgotten]) -> None:
    """Write the list whole or not at all; what the file held and `known` does not stays in it."""
    held = {(one.kind, one.digest): one for one in read(path)}
    for one in known:
        before = held.get((one.kind, one.digest))
        if before is None or before.at < one.at:
            held[one.kind, one.digest] = one
    lines = "".join(json.dumps(_plain(one)) + "\n" for one in held.values())
    privatefile.replace(path, lines.encode())


def _plain(one: Forgotten) -> dict[str, str]:
    return {"kind": one.kind, "salt": one.salt, "digest": one.digest, "at": one.at.isoformat()}


def _one(plain: dict[str, str]) -> Forgotten:
    bytes.fromhex(plain["salt"])
    return Forgotten(
        kind=plain["kind"],
        salt=plain["salt"],
        digest=plain["digest"],
        at=datetime.fromisoformat(plain["at"]).astimezone(UTC),
    )
