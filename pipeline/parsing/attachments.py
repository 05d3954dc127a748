"""Parts that are not the text of a message: their names, and their octets without transfer encoding."""

from __future__ import annotations

import binascii
import re
import unicodedata

from pipeline.parsing.words import lenient_base64
from pipeline.records.messages import Attachment

MAX_PAYLOAD = 20 * 1024 * 1024
"""Octets of one attachment that are kept; the size of a larger one is known, its content is not."""

_LONGEST_NAME = 200
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,300}\r?\n", re.MULTILINE)


def attachment(*, name: str, content_type: str, octets: bytes) -> Attachment:
    """Build the record of one part; `name` as declared, `octets` decoded."""
    payload = octets if len(octets) <= MAX_PAYLOAD else b""
    return Attachment(name=safe_name(name), content_type=content_type, size=len(octets), payload=payload)


def safe_name(declared: str) -> str:
    """Return a file name without directories, control characters and marks that turn the direction of writing.

    Parameters
    ----------
    declared
        Decoded file name of a part; may be a path of any system.

    Returns
    -------
    str
        At most 200 characters, the suffix kept; empty if nothing usable is left.
    """
    base = re.split(r"[/\\]", _NOT_IN_NAMES.sub("", declared))[-1].strip()
    name = unicodedata.normalize("NFC", base)
    if name.strip(". ") == "":
        return ""
    stem, dot, suffix = name.rpartition(".")
    if len(name) > _LONGEST_NAME and dot and len(suffix) < 20:
        return f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return name[:_LONGEST_NAME]


def undo_transfer(octets: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Undo a Content-Transfer-Encoding (RFC 2045, section 6).

    Parameters
    ----------
    octets
        Body of a part as it travelled.
    encoding
        Value of the field in lower case, empty if there is none.

    Returns
    -------
    octets
        The content; what cannot be decoded is left as it is.
    defect
        What was wrong, in a few words, or None.
    """
    match encoding:
        case "base64" | "b64" | "base-64":
            return _from_base64(octets)
        case "quoted-printable" | "quotedprintable" | "quoted/printable" | "qp":
            return binascii.a2b_qp(octets), None
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _from_uuencode(octets)
        case "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "none":
            return octets, None
        case _:
            return octets, "unknown transfer encoding"


_BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_SAMPLE = 4_096
_IMPLAUSIBLE = 0.1


def _from_base64(octets: bytes) -> tuple[bytes, str | None]:
    """Decode base64 as far as it goes; text that only claims to be base64 stays text."""
    sample = octets[:_SAMPLE]
    foreign = len(sample.translate(None, _BASE64_LETTERS))
    worded = sample.count(b" ") > len(sample) / 20
    if sample and (foreign > len(sample) * _IMPLAUSIBLE or worded):
        return octets, "text that claims to be base64"
    try:
        return binascii.a2b_base64(octets), None
    except binascii.Error:
        return lenient_base64(octets), "broken base64"


def _from_uuencode(octets: bytes) -> tuple[bytes, str | None]:
    begin = _UU_BEGIN.search(octets)
    if begin is None:
        return octets, "broken uuencode"
    found: list[bytes] = []
    for line in octets[begin.end() :].splitlines():
        if line.strip() in {b"end", b"`", b""}:
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count the octets of a line wrongly: take as many as its length says.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                found.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                return b"".join(found), "broken uuencode"
    return b"".join(found), None
