"""Text as people see it: one line end, one normal form, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

TEXT_LIMIT = 200_000  # characters of a body that are kept

# Control characters, soft hyphens, zero-width padding, and marks that turn the direction of writing.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ue000\ue001]"
)
_BREAKS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
# Joiners belong inside words (Persian, Indic scripts, emoji); elsewhere they are padding.
_LOOSE_JOINERS = re.compile(
    r"(?<!\S)[\u200c\u200d\u034f]+|[\u200c\u200d\u034f]+(?!\S)|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
_GAP = re.compile(r"\n{4,}")


def normalise(text: str) -> str:
    r"""Bring a text into one form.

    Unicode normal form C, ``\n`` line ends, plain spaces, no control characters, no direction overrides, no
    zero-width padding, no blanks at line ends, at most two empty lines in a row, at most `TEXT_LIMIT` characters.
    """
    text = text[:TEXT_LIMIT].replace("\r\n", "\n").replace("\r", "\n")
    plain = text.replace("\n", "").replace("\t", "").isprintable() and "\u034f" not in text
    if not plain:  # most texts are
        text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
        text = _LOOSE_JOINERS.sub("", _SPACES.sub(" ", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = (
        "\n".join(map(str.rstrip, text.expandtabs(4).split("\n"))) if "\t" in text or " \n" in text else text
    )
    if "\n\n\n\n" in text:
        text = _GAP.sub("\n\n\n", text)
    return text.strip("\n").rstrip()
