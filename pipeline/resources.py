"""Where the files live that travel with the program: rules, models, fixtures.

An installed wheel holds them in ``pipeline/_data``; a checkout holds them beside the package.
Settings may name other folders, and then those are used.
"""

from __future__ import annotations

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
