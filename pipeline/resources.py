"""Where the files live that travel with the program: rules, models, fixtures.

An installed wheel holds them in ``pipeline/_data``; a checkout holds them beside the package.
Settings may name other folders, and then those are used.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def packaged(name: str) -> Path:
    """Return the folder called `name` that came with the program.

    Parameters
    ----------
    name
        ``rules``, ``models`` or ``fixtures``.
    """
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def user_cache() -> Path:
    """Return the user's folder for what can be made again (XDG Base Directory Specification); it need not be there."""
    told = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(told) if told.startswith("/") else Path.home() / ".cache"
    return base / "partnership-triage"


def commit() -> str:
    """Return the commit of the checkout that the program runs from, in hexadecimal; empty if there is none."""
    git = _PACKAGE.parent / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        loose = git / name
        if loose.exists():
            return loose.read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
