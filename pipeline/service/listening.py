"""Listen: one connection for each mailbox tells at once that mail came; polling goes on beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pipeline.errors import TriageError

# After this the mailbox is looked at even if the server said nothing.
_SECONDS = 1500.0
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
# Whoever is not gone by then holds nothing that would be lost.
_LEAVE_SECONDS = 5.0


class Ear(Protocol):
    """A connection of its own to one account."""

    def offers_idle(self) -> bool:
        """Return whether the server can tell of new mail by itself."""
        ...

    def idle(self, mailbox: str, seconds: float) -> bool:
        """Wait until there may be new mail, at most `seconds`; return whether there may."""
        ...

    def interrupt(self) -> None:
        """End what another thread waits for."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where somebody listens: the `source` as the ledger's cursors call it, and a mailbox."""

    source: str
    mailbox: str
    ear: Ear


@contextmanager
def listening(
    posts: Sequence[Post],
    heard: Callable[[str], None],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[None]:
    """Listen at all `posts`, a thread for each, until the end of the block, where `stop` has to be set.

    Parameters
    ----------
    heard
        Called with the source where mail may have come.
    tell
        Takes a line for people when nobody can listen somewhere; the mailbox is polled meanwhile.
    """
    threads = [
        threading.Thread(
            target=listen, args=(post, heard, stop, tell), name=f"listen {post.source}", daemon=True
        )
        for post in posts
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for post in posts:
            post.ear.interrupt()
        for thread in threads:
            thread.join(_LEAVE_SECONDS)


def listen(
    post: Post, heard: Callable[[str], None], stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Listen at one post until `stop` is set; a lost connection is made anew, again and again, ever more slowly.

    Where the server does not offer IDLE there is nothing to listen to: the mailbox is polled.
    """
    failures = 0
    try:
        while not stop.is_set():
            try:
                if not post.ear.offers_idle():
                    return
                if post.ear.idle(post.mailbox, _SECONDS):
                    heard(post.source)
                failures = 0
            except TriageError as error:
                failures += 1
                if failures == 1 and not stop.is_set():
                    tell(f"{error}; {post.mailbox!r} is polled until somebody can listen there again")
                stop.wait(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 1)))
    finally:
        post.ear.close()
