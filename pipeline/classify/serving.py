"""Which model serves: the one that the settings name, else the promoted one, else the best that is installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.classify.bundle import missing_extras, read_card
from pipeline.classify.promotion import promotions
from pipeline.errors import ModelError

# What folders.model says to follow promotions.
AUTO = "auto"
# Where nothing was promoted: the better of the two that come with the program, if its libraries are there.
EMBED, BASE = "embed", "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Which model is to be loaded.

    Parameters
    ----------
    name
        Of its directory; empty for rules alone.
    pin
        Seal that it has to have; empty: any.
    why
        How it was chosen, for people.
    """

    name: str
    pin: str = ""
    why: str = ""


def serving(models: Path, named: str) -> Serving:
    """Return which model of the folder `models` serves where the settings say `named`.

    Raises
    ------
    ModelError
        If ``current.json`` cannot be understood.
    """
    if not named:
        return Serving(name="", why="folders.model is empty: rules alone")
    if named != AUTO:
        return Serving(name=named, why="named in folders.model")
    current = promotions(models).current
    if current is None:
        return _as_shipped(models)
    absent = _absent(models / current.name)
    if absent and (models / BASE).is_dir():
        return Serving(name=BASE, why=f"{current.name} was promoted, but needs {absent}, not installed")
    return Serving(name=current.name, pin=current.seal, why=f"promoted {current.at}")


def before(models: Path) -> Serving:
    """Return what a rollback would let serve.

    Raises
    ------
    ModelError
        If nothing was promoted.
    """
    stack = promotions(models).stack
    if not stack:
        raise ModelError(f"{models}: no model was promoted here; there is nothing to go back from")
    return Serving(name=stack[-2].name, pin=stack[-2].seal) if len(stack) > 1 else _as_shipped(models)


def _as_shipped(models: Path) -> Serving:
    if not (models / EMBED).is_dir():
        return Serving(name=BASE, why="nothing was promoted")
    absent = _absent(models / EMBED)
    if absent:
        return Serving(name=BASE, why=f"{EMBED} needs {absent}, not installed")
    return Serving(name=EMBED, why="nothing was promoted")


def _absent(folder: Path) -> str:
    """Return what the model in `folder` needs and is not installed; a broken model is told of when it is loaded."""
    try:
        return ", ".join(missing_extras(read_card(folder)))
    except ModelError:
        return ""
