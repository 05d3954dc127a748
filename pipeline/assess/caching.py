"""What is read from the folder of rules: which file of the gazetteer counts, read once, forgotten when the folder has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pipeline.resources import packaged

Read = TypeVar("Read", bound=Callable[..., Any])
_caches: list[Any] = []
_stamps: dict[Path, int] = {}


def gazetteer_file(name: str, rules: Path | None) -> Path:
    """Return the file called `name` of the gazetteer: that in the folder `rules` if it has one, else the packaged one."""
    own = rules / "gazetteer" / name if rules else None
    return own if own and own.is_file() else packaged("rules") / "gazetteer" / name


def read_once(function: Read) -> Read:
    """Keep what `function` returns until :func:`forget` is called."""
    kept = cache(function)
    _caches.append(kept)
    return kept  # type: ignore[return-value]  # the same call, answered from memory


def forget() -> None:
    """Forget everything that was read; the next call reads it again."""
    for kept in _caches:
        kept.cache_clear()


def changed(rules: Path) -> bool:
    """Tell whether the files of places in the folder `rules` are others than at the last call for it."""
    files = sorted(
        path for path in (*rules.glob("*.toml"), *(rules / "gazetteer").glob("*")) if path.is_file()
    )
    stamp = hash(tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))
    before = _stamps.get(rules)
    _stamps[rules] = stamp
    return before is not None and before != stamp
