"""Text of zipped XML documents: Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300).

Archives are opened only if their directory is of a sane size; parts are unfolded piece by piece into an XML parser that
knows no entities and loads nothing, and no more of them than is needed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from pipeline.parsing.documents_limits import (
    MAX_EXPANDED,
    MAX_MEMBERS,
    DocumentError,
    OutOfTime,
)
from pipeline.parsing.documents_xml import OfficeText, OpenDocumentText, Text

_END = b"PK\x05\x06"  # end of central directory (APPNOTE.TXT, section 4.3.16)
_ZIP64_LOCATOR = b"PK\x06\x07"
_LARGEST_ENTRY = 512  # octets of one line of the directory in honest documents
_PIECE = 32_768
_WORD = "word/document.xml"
_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"


def zipped_text(octets: bytes, out_of_time: OutOfTime) -> Iterator[str]:
    """Yield the text of a word processor's document; nothing of other archives.

    Raises
    ------
    DocumentError
        If it is encrypted, built to exhaust a reader, or time is up; any other exception for broken files.
    """
    _check_directory(octets)
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        names = set(archive.namelist())
        main = _main_part(names)
        if main is not None:
            yield from _part_text(archive, main, OfficeText(), out_of_time)
        elif _CONTENT in names:
            _refuse_encrypted(archive, names, out_of_time)
            yield from _part_text(archive, _CONTENT, OpenDocumentText(), out_of_time)


def _check_directory(octets: bytes) -> None:
    """Refuse an archive by the size of its directory, before anything is built of it."""
    end = octets.rfind(_END, max(0, len(octets) - 66_000))
    if end < 0:
        raise DocumentError("broken zipped document: cut off")
    entries = int.from_bytes(octets[end + 10 : end + 12], "little")
    size = int.from_bytes(octets[end + 12 : end + 16], "little")
    if (
        entries > MAX_MEMBERS
        or size > MAX_MEMBERS * _LARGEST_ENTRY
        or octets[end - 20 :].startswith(_ZIP64_LOCATOR)
    ):
        raise DocumentError("zipped document with too many files: not read")


def _main_part(names: set[str]) -> str | None:
    """Return the body of a Word document; some programs number it."""
    if _WORD in names:
        return _WORD
    numbered = (name for name in sorted(names) if name.startswith("word/document") and name.endswith(".xml"))
    return next(numbered, None)


def _refuse_encrypted(archive: zipfile.ZipFile, names: set[str], out_of_time: OutOfTime) -> None:
    if _MANIFEST not in names:
        return
    if b"encryption-data" in b"".join(_unfolded(archive, _MANIFEST, out_of_time)):
        raise DocumentError("encrypted document: not read")


def _part_text(archive: zipfile.ZipFile, name: str, text: Text, out_of_time: OutOfTime) -> Iterator[str]:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = text.start
    parser.EndElementHandler = text.end
    parser.CharacterDataHandler = text.characters
    for piece in _unfolded(archive, name, out_of_time):
        parser.Parse(piece, False)
        yield text.taken()
    parser.Parse(b"", True)
    yield text.taken()


def _refuse_doctype(*_: object) -> None:
    raise DocumentError("XML with a document type: not read")


def _unfolded(archive: zipfile.ZipFile, name: str, out_of_time: OutOfTime) -> Iterator[bytes]:
    """Yield the octets of a member, within the limits."""
    member = archive.getinfo(name)
    if member.flag_bits & 1:
        raise DocumentError("encrypted document: not read")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DocumentError("zipped in an unusual way: not read")
    unfolded = 0
    with archive.open(member) as stream:
        for piece in _pieces(stream):
            unfolded += len(piece)
            if unfolded > MAX_EXPANDED:
                raise DocumentError(f"unfolds into more than {MAX_EXPANDED:,} octets: cut")
            if out_of_time():
                raise DocumentError("only partly read: time is up")
            yield piece


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
