"""Octets to a tree of parts (RFC 2046, section 5.1), each with its header and its octets as they travelled.

The tree is made of the standard library's `Message` (policy compat32), but its parser is not used: that goes line by line
and compares each line with each open boundary (a nested message of some megabytes stalls it for minutes), takes attached
messages apart whose octets are wanted whole, reads parameters in quadratic time, and holds everything several times in
memory. Here bodies are slices, found by searching for boundaries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    MessageDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from email.policy import Policy, compat32

from pipeline.parsing.fields import parameters, read_fields
from pipeline.parsing.words import MAX_FIELD

MAX_PARTS = 1_000
"""Parts of one message that are looked at."""

MAX_DEPTH = 50
"""Multiparts within multiparts that are looked at."""

MAX_FIELDS = 1_000
"""Header fields of one part that are kept."""

_MAX_HEADER = 4 * 1024 * 1024
_MAX_STRUCTURE_FIELD = 8_192  # Content-Type and the like
_MAX_ADDRESS_FIELD = 262_144
_ADDRESS_FIELDS = {"to", "cc", "bcc", "from", "reply-to", "resent-to", "resent-cc"}
# Each way begins with one octet, so that the search skips all others.
_EMPTY_LINE = re.compile(rb"\n\r?\n|\r(?:\n\r?\n|\r(?!\n))")
# A line that can only be a boundary, whatever the header says: fields of a part follow it.
_LIKELY_BOUNDARY = re.compile(
    rb"[\r\n](--[^\r\n]{1,200}?)[ \t]*(?:\r\n|\n|\r)(?=content-[a-z-]{1,40}:)", re.IGNORECASE
)
_MAX_PREAMBLE = 65_536
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")
_AFTER_BOUNDARY = re.compile(rb"(--)?[ \t]*(?:\r?\n|\r|\Z)")


class TooManyPartsDefect(MessageDefect):
    """More parts than are looked at."""


class TooDeeplyNestedDefect(MessageDefect):
    """Multiparts nested deeper than is looked at."""


class FieldTooLongDefect(MessageDefect):
    """A header field is longer than is looked at."""


class TooManyFieldsDefect(MessageDefect):
    """More header fields than are kept."""


class Part(Message):
    """A part with its raw header fields, within limits; `octets` is its body."""

    def __init__(self, policy: Policy = compat32) -> None:
        super().__init__(policy)
        self.octets = b""
        self.first: dict[str, str] = {}
        self._parameters: dict[str, str] | None = None

    def take(self, fields: list[tuple[str, str]]) -> None:
        """Take raw header fields, within the limits."""
        for name, value in fields[:MAX_FIELDS]:
            lower = name.lower()
            kept = value if len(value) <= _MAX_STRUCTURE_FIELD else self._cut(lower, value)
            self.set_raw(name, kept)
            self.first.setdefault(lower, kept)
        if len(fields) > MAX_FIELDS:
            self.defects.append(TooManyFieldsDefect())

    def _cut(self, lower: str, value: str) -> str:
        """Cut a field that is too long for what it is."""
        limit = _MAX_ADDRESS_FIELD if lower in _ADDRESS_FIELDS else MAX_FIELD
        kept = value[: _MAX_STRUCTURE_FIELD if lower.startswith("content-") else limit]
        if len(kept) < len(value):
            self.defects.append(FieldTooLongDefect())
        return kept

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters of Content-Type; under the empty name type and subtype in lower case."""
        if self._parameters is None:
            declared = self.first.get("content-type")
            found = parameters(declared) if declared is not None else {"": self.get_default_type()}
            usable = _KIND.match(found[""])
            found[""] = usable[0] if usable else "text/plain"  # RFC 2045, section 5.2
            self._parameters = found
        return self._parameters

    @property
    def kind(self) -> str:
        """Type and subtype in lower case."""
        return self.parameters[""]

    def parameters_of(self, name: str) -> dict[str, str]:
        """Return the parameters of the first field called `name` (in lower case), its own value under the empty name."""
        value = self.first.get(name)
        return parameters(value) if value else {}


@dataclass(slots=True)
class _Budget:
    """What may still be spent on one message."""

    parts: int = MAX_PARTS
    near_boundaries: int = 200_000


def read_tree(octets: bytes) -> Part:
    """Read a message as a tree of parts.

    Parameters
    ----------
    octets
        The message, without white space before its first field.

    Returns
    -------
    Part
        The root; what is wrong is noted in the `defects` of each part, as the standard library does.
    """
    return _read(octets, 0, len(octets), 0, _Budget())


def _read(
    octets: bytes, start: int, end: int, depth: int, budget: _Budget, default: str = "text/plain"
) -> Part:
    """Read the part between two offsets."""
    budget.parts -= 1
    part, body = _header(octets, start, end)
    part.set_default_type(default)
    if part.kind.startswith("multipart/"):
        _read_children(part, octets, body, end, depth, budget)
    if not part.is_multipart():
        part.octets = octets[body:end]
    return part


def _header(octets: bytes, start: int, end: int) -> tuple[Part, int]:
    """Parse the header of a part; return it and where its body begins."""
    if octets[start : start + 1] in {b"\n", b"\r"}:  # no field at all
        return Part(), start + (2 if octets[start : start + 2] == b"\r\n" else 1)
    gap = _EMPTY_LINE.search(octets, start, min(end, start + _MAX_HEADER))
    stop, body = (
        (gap.start(), gap.end()) if gap else (min(end, start + _MAX_HEADER), min(end, start + _MAX_HEADER))
    )
    part = Part()
    fields, length, defects = read_fields(octets[start:stop].decode("ascii", "surrogateescape"))
    part.take(fields)
    part.defects.extend(defects)
    return part, body if length == stop - start else start + length


def _read_children(part: Part, octets: bytes, start: int, end: int, depth: int, budget: _Budget) -> None:
    """Read the parts of a multipart; leave it childless if it has none that can be found."""
    boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
    spans, closed = _spans(octets, start, end, b"--" + boundary, budget) if boundary else ([], False)
    if not spans:
        part.defects.append(StartBoundaryNotFoundDefect() if boundary else NoBoundaryInMultipartDefect())
        seen = _LIKELY_BOUNDARY.search(octets, start - 1, min(end, start + _MAX_PREAMBLE))
        spans, closed = _spans(octets, start, end, seen[1], budget) if seen else ([], False)
    if not spans:
        return
    if not closed:
        part.defects.append(CloseBoundaryNotFoundDefect())
    if depth >= MAX_DEPTH:
        part.defects.append(TooDeeplyNestedDefect())
        spans = []
    default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
    part.set_payload([])
    for from_, to in spans:
        if budget.parts <= 0:
            part.defects.append(TooManyPartsDefect())
            break
        part.attach(_read(octets, from_, to, depth + 1, budget, default))


def _spans(
    octets: bytes, start: int, end: int, mark: bytes, budget: _Budget
) -> tuple[list[tuple[int, int]], bool]:
    """Return where the parts between boundary lines lie, and whether the last line closes the multipart.

    Parts after a closing line count too: some programs close too early, or use one boundary at two levels.
    """
    spans: list[tuple[int, int]] = []
    opened = -1
    closed = False
    place = octets.find(mark, start, end)
    while place >= 0 and len(spans) <= budget.parts and budget.near_boundaries:
        after = _AFTER_BOUNDARY.match(octets, place + len(mark), end)
        if after is None or not (place == start or octets[place - 1] in b"\r\n"):
            budget.near_boundaries -= 1
            place = octets.find(mark, place + len(mark), end)
            continue
        if opened >= 0:
            spans.append((opened, max(opened, _before_line_end(octets, place))))
        closed = bool(after[1])
        opened = -1 if closed else after.end()
        place = octets.find(mark, after.end(), end)
    if opened >= 0 and len(spans) <= budget.parts:
        spans.append((opened, end))
    return spans, closed


def _before_line_end(octets: bytes, place: int) -> int:
    """Step back over the line end before a boundary: it belongs to the boundary (RFC 2046, section 5.1.1)."""
    if octets[place - 2 : place] == b"\r\n":
        return place - 2
    return place - 1
