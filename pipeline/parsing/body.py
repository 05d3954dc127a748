"""Which part of a message is its body."""

from __future__ import annotations

import re

from pipeline.parsing.html import to_text
from pipeline.parsing.listfooters import footer_start
from pipeline.parsing.textclean import normalise
from pipeline.records.messages import ParsedMessage

_PLACEHOLDER_LIMIT = 600  # a plain part longer than this is a text of its own
_PLACEHOLDER = re.compile(r"html|browser|navigat|webversion|online version|multipart|mime", re.IGNORECASE)


def choose(message: ParsedMessage) -> str:
    """Return the body of a message as people see it, normalised.

    The plain text, if it says something; else the HTML as text. A plain part that only says that the program
    shows no HTML, or that only holds the footer of a mailing list, gives way to the HTML.
    """
    plain = normalise(message.text_plain)
    if not message.text_html or (plain and len(plain) > _PLACEHOLDER_LIMIT):
        return plain
    if plain and not _says_nothing(plain):
        return plain
    shown = normalise(to_text(message.text_html))
    return shown if len(shown.split()) >= min(2, len(plain.split())) and shown else plain


def _says_nothing(plain: str) -> bool:
    """Tell whether a short plain part stands in for HTML."""
    lines = plain.split("\n")
    said = "\n".join(lines[: footer_start(lines)]).strip()
    if not said:
        return True
    words = said.split()
    only_links = all("://" in word or len(word) < 3 for word in words)
    return only_links or (len(words) <= 40 and _PLACEHOLDER.search(said) is not None)
