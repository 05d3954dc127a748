"""Which inquiry a message belongs to, and whether it is one that is already known."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.records.inquiries import Inquiry
from pipeline.records.work import Thread, Twin

# Lists re-encode bodies, and add footers and tags; the words stay. Share of common text, 0 to 100.
_NEARLY_EQUAL = 90.0
_COMPARED = 20_000


def joins(inquiry: Inquiry, threads: Iterable[Thread]) -> str | None:
    """Return the KEY of the thread that `inquiry` continues, or None if it starts one.

    A reference alone is a stranger's claim: the author has to take part in the thread, or the list has
    to be the same.
    """
    author = inquiry.author.address.lower()
    for thread in threads:
        if author in thread.participants or (inquiry.list_id and inquiry.list_id in thread.lists):
            return thread.key
    return None


def same_message(inquiry: Inquiry, twins: Iterable[Twin]) -> int | None:
    """Return the stored message that `inquiry` is another copy of, or None.

    Same means equal Message-ID (the `twins` have it) and equal author and nearly equal text; an equal
    Message-ID over another text is another mail.
    """
    from rapidfuzz.fuzz import ratio

    text = _plain(inquiry.text)
    for twin in twins:
        same_author = twin.author.lower() == inquiry.author.address.lower()
        if same_author and ratio(text, _plain(twin.text)) >= _NEARLY_EQUAL:
            return twin.id
    return None


def _plain(text: str) -> str:
    return " ".join(text.split())[:_COMPARED]
