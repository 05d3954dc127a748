"""Look for somebody in files as they lie on the disk, whatever they are."""

from __future__ import annotations

import contextlib
import mmap
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# The fixtures of a folder of labels, its readme and the like: whatever is there. Of what follows links nothing is read.
_MOST_FILES = 200_000


def search(
    places: Iterable[Path], patterns: Mapping[str, re.Pattern[bytes]]
) -> Iterator[tuple[Path, str, int]]:
    """Yield file, name of the pattern and number of hits, for each file in or below `places` that has some."""
    for path in files(places):
        for name, count in _count(path, patterns).items():
            if count:
                yield path, name, count


def files(places: Iterable[Path]) -> Iterator[Path]:
    """Yield the plain files in and below some places, each once."""
    seen: set[Path] = set()
    for place in places:
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in found[:_MOST_FILES]:
            if path.is_file() and not path.is_symlink() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def empty(folder: Path) -> bool:
    """Delete a folder of what can be made again; return whether there was one."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _count(path: Path, patterns: Mapping[str, re.Pattern[bytes]]) -> dict[str, int]:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        if path.stat().st_size == 0:
            return {}
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            return {name: sum(1 for _ in one.finditer(octets)) for name, one in patterns.items()}
    return {}
