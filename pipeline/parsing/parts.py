"""The parts of a message: which are its text and which are attachments (RFC 2045, 2046, 2183)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.parsing.attachments import attachment, undo_transfer
from pipeline.parsing.charset import decode_text
from pipeline.parsing.flowed import unflow
from pipeline.parsing.tree import Part
from pipeline.parsing.words import decode_field
from pipeline.records.messages import Attachment

MAX_TEXT = 2_000_000
"""Characters of all text parts of a message that are kept."""

_CUT = f"text longer than {MAX_TEXT:,} characters: cut"
_LINE_END = re.compile(r"\r\n?|\x0b|\x0c")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HTML_START = re.compile(r"\s{0,200}<(?:!doctype html|html)[\s>]", re.IGNORECASE)


@dataclass(slots=True)
class Content:
    """What the walk through the parts has found so far."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    named: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    room: int = MAX_TEXT

    def note(self, defect: str | None) -> None:
        """Keep a defect, once."""
        if defect and defect not in self.defects:
            self.defects.append(defect)


def content(root: Part) -> Content:
    """Sort the parts of a message into text and attachments."""
    found = Content()
    for part, alternative in _leaves(root):
        _sort(part, found, alternative=alternative)
    if not found.plain and not found.html:
        # A text with a file name that stands for the whole body.
        for kind, text in found.named:
            (found.html if kind == "text/html" else found.plain).append(text)
    return found


def _leaves(part: Part, *, alternative: bool = False) -> Iterator[tuple[Part, bool]]:
    """Yield the parts that hold something, in order, and whether each is one of several forms of the same."""
    if not part.is_multipart():
        yield part, alternative
        return
    inside = alternative or part.kind == "multipart/alternative"
    for child in part.get_payload():
        if isinstance(child, Part):
            yield from _leaves(child, alternative=inside)


def _sort(part: Part, found: Content, *, alternative: bool) -> None:
    """Put one part where it belongs."""
    # A multipart among the leaves has no boundary to be found: the body is all there is.
    kind = "text/plain" if part.kind.startswith("multipart/") else part.kind
    disposition = part.parameters_of("content-disposition")
    name = disposition.get("filename") or part.parameters.get("name") or disposition.get("name") or ""
    octets, defect = undo_transfer(part.octets, _transfer_encoding(part))
    found.note(defect)
    is_text = kind in {"text/plain", "text/html"} and disposition.get("") != "attachment"
    if not is_text or name:
        found.attachments.append(attachment(name=name, content_type=kind, octets=octets))
    if is_text:
        _add_text(_text(octets, kind, part, found), kind, found, named=bool(name), alternative=alternative)


def _transfer_encoding(part: Part) -> str:
    declared = part.first.get("content-transfer-encoding", "")
    return decode_field(declared).partition(";")[0].partition("(")[0].strip().lower()


def _text(octets: bytes, kind: str, part: Part, found: Content) -> str:
    """Decode a text part; format=flowed is undone in plain text."""
    if not found.room and octets:
        found.note(_CUT)
        return ""
    text, defect = decode_text(octets, part.parameters.get("charset") or None)
    found.note(defect)
    if len(text) > found.room:
        found.note(_CUT)
        text = text[: found.room]
    found.room -= len(text)
    text = _LINE_END.sub("\n", text)
    if _CONTROL.search(text):
        found.note("control characters in the text")
        text = _CONTROL.sub("", text)
    if kind == "text/plain" and part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _add_text(text: str, kind: str, found: Content, *, named: bool, alternative: bool) -> None:
    if kind == "text/plain" and _HTML_START.match(text):
        found.note("HTML that claims to be plain text")
        kind = "text/html"
    if named:
        found.named.append((kind, text))
    elif kind == "text/html":
        found.html.append(text)
    elif found.html and not found.plain and not alternative and text.strip():
        # Plain text after an HTML body, such as a list's footer, must not pass for the whole text.
        found.html.append(f"<pre>{html.escape(text)}</pre>")
    elif text.strip():
        found.plain.append(text)
