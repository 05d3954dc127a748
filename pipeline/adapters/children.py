"""What processes of our own are given of the environment: what an interpreter needs, and no secrets."""

from __future__ import annotations

import os
import sys

# By which an interpreter may find its libraries and the time zones.
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZDIR")


def environment(*further: str) -> dict[str, str]:
    """Return the environment for a child that runs our own interpreter.

    Parameters
    ----------
    *further
        Names of variables that it needs beside the usual ones.
    """
    return {
        **{name: os.environ[name] for name in (*_KEPT, *further) if name in os.environ},
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(entry or os.getcwd() for entry in sys.path),  # noqa: PTH109 - as text
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
