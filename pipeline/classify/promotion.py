"""Which model was promoted, and the way back: ``current.json`` in the folder of models, replaced at once.

It keeps the seal of the promoted model, so that another one put in its place later is noticed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.classify.manifest import read_file
from pipeline.errors import ModelError, OutputError

CURRENT = "current.json"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SEAL = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """A model that was put in service.

    Parameters
    ----------
    name, version, seal
        Which.
    at
        When, ISO 8601, UTC.
    action
        ``promote`` or ``rollback``.
    reason
        Why it was forced; empty where the comparison allowed it.
    """

    name: str
    version: str
    seal: str
    at: str
    action: str = "promote"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotions:
    """What serves, what served before it, and everything that happened.

    Parameters
    ----------
    stack
        The last one serves; a rollback takes it off.
    log
        All promotions and rollbacks, in order.
    """

    stack: tuple[Promoted, ...] = ()
    log: tuple[Promoted, ...] = ()

    @property
    def current(self) -> Promoted | None:
        """What serves; None if nothing was promoted."""
        return self.stack[-1] if self.stack else None

    def keeps(self, name: str) -> bool:
        """Tell whether a model of this name serves or may be gone back to."""
        return any(each.name == name for each in self.stack)


def promotions(models: Path) -> Promotions:
    """Return what is promoted in the folder `models`.

    Raises
    ------
    ModelError
        If ``current.json`` is there and cannot be understood.
    """
    path = models / CURRENT
    if not path.is_symlink() and not path.exists():
        return Promotions()
    try:
        told = json.loads(read_file(path))
        return Promotions(
            stack=tuple(_promoted(one) for one in told["stack"]),
            log=tuple(_promoted(one) for one in told["log"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ModelError(
            f"{path}: not what `triage models promote` writes; name a model in folders.model, or delete the file"
            " and promote again"
        ) from None


def promote(models: Path, card: Mapping[str, Any], at: datetime, reason: str = "") -> Promotions:
    """Let the model with this `card` serve from now on."""
    known = promotions(models)
    made = Promoted(
        name=card["name"], version=card["version"], seal=card["seal"], at=_written(at), reason=reason
    )
    # The same model again, say after a repair, is no step to go back over.
    below = known.stack[:-1] if known.current and known.current.seal == made.seal else known.stack
    return _write(models, Promotions(stack=(*below, made), log=(*known.log, made)))


def rollback(models: Path, at: datetime) -> Promotions:
    """Let serve what served before.

    Raises
    ------
    ModelError
        If nothing was promoted.
    """
    known = promotions(models)
    if known.current is None:
        raise ModelError(f"{models}: no model was promoted here; there is nothing to go back from")
    stack = known.stack[:-1]
    last = stack[-1] if stack else None
    step = Promoted(
        name=last.name if last else "",
        version=last.version if last else "",
        seal=last.seal if last else "",
        at=_written(at),
        action="rollback",
    )
    return _write(models, Promotions(stack=stack, log=(*known.log, step)))


def _promoted(told: Mapping[str, Any]) -> Promoted:
    made = Promoted(**{name: str(told[name]) for name in Promoted.__slots__})
    empty = made.action == "rollback" and not made.name and not made.seal
    if not empty and not (_NAME.fullmatch(made.name) and _SEAL.fullmatch(made.seal)):
        raise ValueError("no name and seal")
    return made


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _write(models: Path, known: Promotions) -> Promotions:
    path, beside = models / CURRENT, models / f".{CURRENT}"
    told = {name: [asdict(each) for each in getattr(known, name)] for name in ("stack", "log")}
    try:
        beside.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        raise OutputError.at(path, error) from None
    return known
