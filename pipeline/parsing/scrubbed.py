"""What Mailman's scrubber left of a mail in its archive: parts that were not plain text became notes in the text.

A note stands below a rule and ends with an address (Mailman 2.1, Handlers/Scrubber.py); its words are in the language of
the list, its shape is the same in all of them::

    -------------- next part --------------
    A non-text attachment was scrubbed...
    Name: letter.pdf
    Type: application/pdf
    Size: 48211 bytes
    Desc: not available
    URL: <https://lists.example.org/pipermail/partners/attachments/20150302/1f0c/letter.pdf>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.records.messages import Attachment

_RULE = re.compile(r"-{12,20} \S.{0,60} -{12,20}\s{0,2}")
_NEXT_PART = re.compile(r"-{12,20} next part -{12,20}\s{0,2}")
_PAIR = re.compile(r"[^:<>]{1,30}:\s{0,4}(.{0,1000})")
_ADDRESS = re.compile(r"<?https?://\S{3,}")
_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}")
_SIZE = re.compile(r"(\d{1,12})(?!\S)")
# Lines of one note, notes of one mail.
_LINES = 12
_NOTES = 100
_NAME = 255


def cut_scrubbed(text: str) -> tuple[str, str, tuple[Attachment, ...]]:
    """Return the text without the scrubber's notes, the notes, and the attachments that they tell of, without content.

    A part in HTML that was another form of the text is no attachment.
    """
    if "-" * 12 + " " not in text:
        return text, "", ()
    lines = text.split("\n")
    kept: list[str] = []
    notes: list[str] = []
    found: list[Attachment] = []
    index = 0
    while index < len(lines):
        values = _note(lines[index : index + _LINES]) if len(notes) < _NOTES else []
        if values:
            notes.append("\n".join(lines[index : index + len(values) + 1]))
            index += len(values) + 1
            found.extend(_attachment(values))
        else:
            if not _NEXT_PART.fullmatch(lines[index]):
                kept.append(lines[index])
            index += 1
    if len(kept) == len(lines):
        return text, "", ()
    return "\n".join(kept).rstrip(), "\n".join(notes), tuple(found)


def _note(lines: Sequence[str]) -> list[str]:
    """Return what a note tells, a value for each of its lines below the rule; nothing if it is none."""
    if len(lines) < 3 or not _RULE.fullmatch(lines[0]) or not lines[1].rstrip().endswith("..."):
        return []
    values = [""]
    for line in lines[2:]:
        pair = _PAIR.match(line.rstrip())
        value = pair[1].strip() if pair else line.strip() if line[:1] in ("\t", " ", "<") else ""
        values.append(value)
        if _ADDRESS.match(value):
            return values
        if not pair and not value:
            return []
    return []


def _attachment(values: Sequence[str]) -> list[Attachment]:
    """Return the attachment; of a mail or a text inside there is no type, of the text's HTML nothing but the address."""
    told = [value for value in values if value and not _ADDRESS.match(value)]
    if not told:
        return []
    place = next((index for index, value in enumerate(told) if _TYPE.fullmatch(value)), None)
    sizes = [int(size[1]) for value in told[(place or 0) + 1 :] if (size := _SIZE.match(value))]
    enclosed = "message/rfc822" if len(told) > 2 else "text/plain"
    name = told[0] if place or (place is None and enclosed == "text/plain") else ""
    return [
        Attachment(
            name=name.replace("\\", "/").rpartition("/")[2][:_NAME],
            content_type=told[place].lower() if place is not None else enclosed,
            size=sizes[0] if sizes else 0,
        )
    ]
