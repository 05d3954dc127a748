"""Attached documents to text: PDF, Word, OpenDocument, RTF and plain text, told apart by their octets.

What a sender declares (type, file name) decides only where the octets say nothing: plain text. To be called where
time and memory have hard limits (`pipeline.adapters.reading.child`): the limits here are those of an honest reader.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.parsing.charset import decode_text, scalars
from pipeline.parsing.documents_limits import (
    MAX_CHARACTERS,
    MAX_DOCUMENTS,
    MAX_MAIL_CHARACTERS,
    SLACK,
    DocumentError,
    OutOfTime,
)
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import Attachment

__all__ = ["Document", "read_document", "read_documents"]

_PDF_WITHIN = 1_024  # octets in which readers look for the mark of a PDF (ISO 32000-1, appendix H.3.4.1)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_TEXT_NAME = re.compile(r"\.(?:txt|text|md|csv|tsv|log)$", re.IGNORECASE)
_TEXT_TYPES = {"text/plain", "text/csv", "text/markdown", "text/tab-separated-values"}
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_JUNK = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
_JUNK_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read of one attachment.

    Parameters
    ----------
    place
        Which attachment of the message, from 0.
    text
        Normalised; empty if there is none, as in a scan.
    defect
        Why there is no more, in a short sentence; empty if all was read.
    """

    place: int
    text: str = ""
    defect: str = ""


def read_documents(attachments: tuple[Attachment, ...], out_of_time: OutOfTime) -> Iterator[Document]:
    """Read the documents among the attachments of a message, one by one, within the limits of a mail.

    Yields
    ------
    Document
        For each attachment that is a document, also one that cannot be read.
    """
    left = MAX_MAIL_CHARACTERS
    looked_into = 0
    for place, attachment in enumerate(attachments):
        if _kind(attachment) is None:
            continue
        looked_into += 1
        if looked_into > MAX_DOCUMENTS or left <= 0 or out_of_time():
            why = "time is up" if out_of_time() else "there are too many"
            yield Document(place=place, defect=f"documents from attachment {place + 1} on not read: {why}")
            return
        text, defect = read_document(attachment, out_of_time)
        if len(text) > left:
            text, defect = text[:left], f"text of all documents cut at {MAX_MAIL_CHARACTERS:,} characters"
        left -= len(text)
        yield Document(place=place, text=text, defect=defect and f"attachment {place + 1}: {defect}")


def read_document(attachment: Attachment, out_of_time: OutOfTime = lambda: False) -> tuple[str, str]:
    """Return the text of one document, and why there is no more of it (empty if all was read).

    Parameters
    ----------
    attachment
        With its octets; one that is no document has no text.
    out_of_time
        Asked again and again; where it says True, the rest is left out.
    """
    kind = _kind(attachment)
    if kind is None:
        return "", ""
    pieces: list[str] = []
    try:
        defect = _collect(_pieces(kind, attachment.payload, out_of_time), pieces)
    except DocumentError as error:
        defect = str(error)
    except MemoryError:
        defect = "not read: needs too much memory"
    except Exception as error:  # noqa: BLE001 - pypdf raises nearly everything on garbage
        defect = f"broken {kind}: {type(error).__name__}"
    text = normalise(scalars("".join(pieces)))
    if len(text) > MAX_CHARACTERS:
        defect = f"text cut at {MAX_CHARACTERS:,} characters"
    return text[:MAX_CHARACTERS].rstrip(), defect


def _kind(attachment: Attachment) -> str | None:
    """Name the kind of a document, or None if it is none that can be read."""
    octets = attachment.payload
    start = octets[:_PDF_WITHIN]
    if b"%PDF-" in start:
        return "PDF"
    if start.startswith(b"PK\x03\x04"):
        return "zipped document"
    if start.startswith(b"{\\rtf"):
        return "RTF"
    if start.startswith(_COMPOUND):
        return "compound file"
    declared = attachment.content_type in _TEXT_TYPES or _TEXT_NAME.search(attachment.name)
    return "text" if declared and octets else None


def _pieces(kind: str, octets: bytes, out_of_time: OutOfTime) -> Iterator[str]:
    match kind:
        case "PDF":
            from pipeline.parsing.documents_pdf import pdf_text

            return pdf_text(octets, out_of_time)
        case "zipped document":
            from pipeline.parsing.documents_zip import zipped_text

            return zipped_text(octets, out_of_time)
        case "RTF":
            from pipeline.parsing.documents_rtf import rtf_text

            return rtf_text(octets)
        case "compound file":
            return _compound(octets)
        case _:
            return _plain(octets)


def _collect(pieces: Iterator[str], kept: list[str]) -> str:
    """Keep pieces until there are enough; what was kept stays where reading breaks off."""
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > MAX_CHARACTERS * SLACK:
            return f"text cut at {MAX_CHARACTERS:,} characters"
    return ""


def _plain(octets: bytes) -> Iterator[str]:
    """Decode a text file, whatever its charset."""
    start = octets[: MAX_CHARACTERS * SLACK]
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    text, _ = decode_text(start[: len(start) // 2 * 2] if marked else start, marked)
    if len(_JUNK.findall(text)) > len(text) * _JUNK_SHARE:
        raise DocumentError("says that it is text, and is not")
    yield text


def _compound(octets: bytes) -> Iterator[str]:
    """Refuse a compound file: Office wraps encrypted documents into one ([MS-OFFCRYPTO], section 2.3.2)."""
    if _ENCRYPTED_STREAM in octets:
        raise DocumentError("encrypted document: not read")
    yield ""  # the old formats of Office: not read, and no fault of the mail
