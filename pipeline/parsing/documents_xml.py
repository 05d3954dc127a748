"""Elements of office documents to lines of text, as expat reports them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

_MOST_SPACES = 100


class Text(Protocol):
    """Collects the text of a document."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element; `name` is its namespace, a space and its own name."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def characters(self, text: str) -> None:
        """Take text."""

    def taken(self) -> str:
        """Return what was collected since the last call."""


class _Collected(ABC):
    """Text, how deep inside elements that do not count, and how deep inside those in which text stands."""

    # Elements whose content is no text of the document, and those that end a line.
    skipped: frozenset[str]
    lines: frozenset[str]

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._skipping = 0
        self._in_text = 0

    def taken(self) -> str:
        """Return what was collected since the last call."""
        text = "".join(self._kept)
        self._kept.clear()
        return text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Enter an element."""
        own = name.rpartition(" ")[2]
        if own in self.skipped:
            self._skipping += 1
        elif not self._skipping:
            self._enter(own, attributes)

    def end(self, name: str) -> None:
        """Leave an element."""
        own = name.rpartition(" ")[2]
        if own in self.skipped:
            self._skipping -= 1
        elif not self._skipping:
            self._leave(own)
            if own in self.lines:
                self._kept.append("\n")

    def characters(self, text: str) -> None:
        """Keep what stands where text does."""
        if self._in_text and not self._skipping:
            self._kept.append(text)

    @abstractmethod
    def _enter(self, own: str, attributes: dict[str, str]) -> None:
        """Take the start of an element that is not skipped."""

    @abstractmethod
    def _leave(self, own: str) -> None:
        """Take its end."""


class OfficeText(_Collected):
    """WordprocessingML (ECMA-376-1, section 17): text stands in ``t``; deleted and moved text does not count."""

    # Fallback repeats what Choice says.
    skipped = frozenset(("del", "moveFrom", "Fallback", "instrText"))
    lines = frozenset(("p", "br", "cr"))

    def _enter(self, own: str, attributes: dict[str, str]) -> None:
        if own == "t":
            self._in_text += 1
        elif own in {"tab", "ptab"} and not attributes.keys() & {_TAB_STOP, _TAB_STOP_STRICT}:
            self._kept.append("\t")

    def _leave(self, own: str) -> None:
        if own == "t":
            self._in_text -= 1


# A tab in the text has no value; a tab stop of a paragraph's style does.
_TAB_STOP = "http://schemas.openxmlformats.org/wordprocessingml/2006/main val"
_TAB_STOP_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main val"


class OpenDocumentText(_Collected):
    """OpenDocument text (ISO/IEC 26300-1, section 5): text stands in paragraphs and headings."""

    skipped = frozenset(("tracked-changes", "annotation", "script", "object-ole", "binary-data"))
    lines = frozenset(("p", "h", "line-break"))

    def _enter(self, own: str, attributes: dict[str, str]) -> None:
        if own in {"p", "h"}:
            self._in_text += 1
        elif own == "tab":
            self._kept.append("\t")
        elif own == "s":
            self._kept.append(" " * _count(attributes))

    def _leave(self, own: str) -> None:
        if own in {"p", "h"}:
            self._in_text -= 1


def _count(attributes: dict[str, str]) -> int:
    """Return how many spaces ``text:s`` stands for."""
    declared = next((value for name, value in attributes.items() if name.endswith(" c")), "1")
    return min(int(declared), _MOST_SPACES) if declared.isdecimal() and len(declared) < 6 else 1
