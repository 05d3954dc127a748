"""The number that a help desk puts into the subject, so that answers find their ticket."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# What help desks write before the number: OTRS, OTOBO, Znuny and Zammad ("Ticket#"), RT, osTicket, Freshdesk and others.
HOOKS = (
    "ticket", "ticketnumber", "ticket number", "ticket id", "ticket no", "ticket-id", "case", "case id", "case number",
    "request", "request id", "issue", "incident", "otrs", "otobo", "znuny", "zammad", "vorgang", "fall", "anfrage",
    "ticketnummer", "caso", "solicitud", "demande", "dossier", "chamado", "richiesta", "sprawa", "zgłoszenie",
    "заявка", "обращение", "工单", "工單", "案件",
)  # fmt: skip
_LONGEST = 2_000
_NUMBER = r"([0-9]{1,20}(?:-[0-9]{1,12}){0,2})"
# Request Tracker: [site #123]; the site is one word. A bare [#123] needs three digits to be a ticket.
_TRACKER = re.compile(rf"\[ ?([\w.-]{{1,60}}) ?# ?{_NUMBER} ?\]")
_BARE = re.compile(r"\[ ?# ?([0-9]{3,20}) ?\]")


def ticket_of(subject: str, hooks: tuple[str, ...] = ()) -> str | None:
    """Return the ticket in a subject, as in ``[Ticket#2026112210000022]`` or ``[#4711]``.

    Parameters
    ----------
    subject
        Decoded and unfolded.
    hooks
        Words before the number beside `HOOKS`, with or without ``#`` or ``:``.

    Returns
    -------
    str or None
        Hook and number, alike for all ways to write them: ``ticket#2026112210000022``; 64 characters at most.
    """
    text = " ".join(unicodedata.normalize("NFKC", subject[:_LONGEST]).split())
    if found := _hooked(hooks).search(text):
        return _named(found[1] or found[3], found[2] or found[4])
    if found := _TRACKER.search(text):
        return _named(found[1], found[2])
    bare = _BARE.search(text)
    return _named("", bare[1]) if bare else None


def without_ticket(subject: str, hooks: tuple[str, ...] = ()) -> str:
    """Return a subject without the help desk's tags."""
    text = " ".join(subject[:_LONGEST].split())
    for pattern in (_hooked(hooks), _TRACKER, _BARE):
        text = pattern.sub(" ", text)
    return text


def _named(hook: str, number: str) -> str:
    word = re.sub(r"(?:\W|_)+|(?:id|no|number|nummer)$", "", hook.casefold().strip(" -"))
    return f"{word[:30]}#{number}"


@lru_cache(maxsize=16)
def _hooked(hooks: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of hook, mark and number; outside brackets the mark has to be there and the number long."""
    own = tuple(unicodedata.normalize("NFKC", hook).strip(" #:[]") for hook in hooks)
    words = "|".join(re.escape(word) for word in sorted({*HOOKS, *filter(None, own)}, key=len, reverse=True))
    mark = r" ?(?:#|::?|№)"
    return re.compile(
        rf"\[ ?({words})(?:{mark}{{1,3}})? ?#? ?{_NUMBER} ?\]|(?<!\w)({words}){mark}{{1,3}} ?([0-9]{{6,20}})(?!\w)",
        re.IGNORECASE,
    )
