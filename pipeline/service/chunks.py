"""Chunks of work for workers: neither too many messages nor too many octets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Messages: enough to be worth the way to a worker, few enough to be done again.
CHUNK = 50
# Octets; a single message may have more.
_BYTES = 8 * 1024 * 1024


def chunked(items: Iterable[T], size: Callable[[T], int]) -> Iterator[tuple[T, ...]]:
    """Yield `items` in chunks; `size` tells the octets of one."""
    chunk: list[T] = []
    held = 0
    for one in items:
        if chunk and (len(chunk) == CHUNK or held + size(one) > _BYTES):
            yield tuple(chunk)
            chunk, held = [], 0
        chunk.append(one)
        held += size(one)
    if chunk:
        yield tuple(chunk)
