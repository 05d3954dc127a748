"""Which mail a model has learnt from, in fingerprints, so that it is never measured on that mail or its kin."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.classify.dataset import Example, member
from pipeline.classify.grouping import keys, telling
from pipeline.classify.manifest import LEARNT, read_file
from pipeline.errors import ModelError

_HEAD = "# fingerprints of the mail that the model has learnt from: m a message, k its thread, organisation or person"
# Shorter texts are equal by chance: "Thank you, see attachment."
_LEAST_LETTERS = 60
# Octets of a fingerprint: enough that two of some thousand hardly ever meet, too few to be a person's name.
_SIZE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Fingerprints of messages (their octets, ids and texts), and of threads, organisations and persons."""

    messages: frozenset[str]
    kin: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """The examples on which a model may be measured, and how many were left out.

    Parameters
    ----------
    examples
        Those that the model has neither learnt nor knows the kin of.
    learnt
        Messages that it has learnt from.
    kin
        Others of their threads, organisations and persons.
    """

    examples: tuple[Example, ...]
    learnt: int
    kin: int


def fingerprints(examples: Sequence[Example]) -> Learnt:
    """Return the fingerprints of messages that a model learns from."""
    messages = {_print(key) for example in examples for key in _own(example)}
    shared = Counter(key for example in examples for key in _kin(example))
    # One more message with such an ending, and it would still name somebody.
    kin = {key for key, count in shared.items() if not key.startswith("ending:") or telling(count + 1)}
    threads = {f"id:{name}" for example in examples for name in _thread(example)}
    return Learnt(messages=frozenset(messages), kin=frozenset(map(_print, kin | threads)))


def unseen(examples: Sequence[Example], learnt: Learnt) -> Unseen:
    """Leave out what a model has learnt, and whole groups of which it has learnt or knows a part."""
    seen = {example.id for example in examples if _any(_own(example), learnt.messages)}
    phrases = {
        key
        for key, count in Counter(key for example in examples for key in _kin(example)).items()
        if key.startswith("ending:") and not telling(count)
    }
    tainted = {
        example.group
        for example in examples
        if example.id in seen or _any(_ties(example, phrases), learnt.kin | learnt.messages)
    }
    kept = tuple(example for example in examples if example.group not in tainted)
    return Unseen(examples=kept, learnt=len(seen), kin=len(examples) - len(kept) - len(seen))


def learnt_by(folder: Path) -> Learnt:
    """Return what the model in `folder` has learnt from.

    Raises
    ------
    ModelError
        If it does not tell.
    """
    path = folder / LEARNT
    return read(read_file(path).decode("ascii", "replace"), str(path))


def write(learnt: Learnt) -> str:
    """Return the fingerprints as text, a line each."""
    lines = [f"m {one}" for one in sorted(learnt.messages)] + [f"k {one}" for one in sorted(learnt.kin)]
    return "\n".join([_HEAD, *lines]) + "\n"


def read(text: str, where: str) -> Learnt:
    """Read what `write` wrote; `where` is named in errors.

    Raises
    ------
    ModelError
        If it is something else.
    """
    head, *lines = text.splitlines() or [""]
    if head != _HEAD or any(line[:2] not in ("m ", "k ") for line in lines):
        raise ModelError(f"{where}: not the fingerprints of a model's mail; train the model again")
    return Learnt(
        messages=frozenset(line[2:] for line in lines if line[0] == "m"),
        kin=frozenset(line[2:] for line in lines if line[0] == "k"),
    )


def _own(example: Example) -> Iterator[str]:
    """Yield what tells that two are the same message: octets, Message-ID, or the author's words."""
    message = example.inquiry.message
    yield f"octets:{message.sha256}"
    if message.message_id:
        yield f"id:{message.message_id}"
    words = " ".join(example.inquiry.text.casefold().split())
    if len(words) >= _LEAST_LETTERS:
        yield f"text:{words}"


def _kin(example: Example) -> Iterator[str]:
    yield from keys(member(example.id, "", example.inquiry))


def _thread(example: Example) -> Iterator[str]:
    yield from (*example.inquiry.message.references, *example.inquiry.message.in_reply_to)


def _ties(example: Example, phrases: set[str]) -> Iterator[str]:
    """Yield what ties a message to others: its person and organisation, what it answers, and its own id."""
    yield from (key for key in _kin(example) if key not in phrases)
    yield from (f"id:{name}" for name in (*_thread(example), example.inquiry.message.message_id) if name)


def _any(names: Iterable[str], known: frozenset[str]) -> bool:
    return any(_print(name) in known for name in names)


def _print(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()
