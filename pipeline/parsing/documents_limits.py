"""How much of an attached document is read, and how a reader of documents says that it gives up."""

from __future__ import annotations

from collections.abc import Callable

MAX_CHARACTERS = 20_000
"""Characters of one document that are kept."""

MAX_MAIL_CHARACTERS = 50_000
"""Characters of all documents of one mail that are kept."""

MAX_DOCUMENTS = 20
"""Attachments of one mail that are looked into."""

MAX_PAGES = 10
"""Pages of a PDF that are read."""

MAX_EXPANDED = 10 * 1024 * 1024
"""Octets that one compressed part of a document may unfold into."""

MAX_MEMBERS = 2_000
"""Files in one zipped document."""

OutOfTime = Callable[[], bool]
"""Tells whether the time for reading is used up."""

# Characters looked at for each one kept: spaces, and what normalising drops.
SLACK = 4


class DocumentError(Exception):
    """A document, or the rest of it, cannot be read; the message says why in a few words."""
