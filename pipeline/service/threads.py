"""Which inquiry a message belongs to: by what it refers to, by the help desk's ticket, by subject and people.

A claim alone joins nothing: whoever writes has to take part. Claims that only are claims become links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum

from pipeline.records.messages import Address
from pipeline.records.threads import Claims, Known, Placement, Related, Thread, Tie, Twin, Voice
from pipeline.service.claims import address_key
from pipeline.service.generic import is_generic
from pipeline.service.sameness import words

# Inquiries that one message may bring together.
_MERGED = 5
_LINKED = 20
# Senders that write for many people: their subject tells nothing.
_ROBOT = re.compile(
    r"(?:no-?_?reply|do-?_?not-?_?reply|mailer|wordpress|www-data|apache|nobody|web-?form|forms?|form-?mail|notifications?|"
    r"contact-?form|system|automailer|robot|postmaster|mailer-daemon)(?:[+._-].{0,60})?",
    re.IGNORECASE,
)


class _Bond(IntEnum):
    """How surely a message belongs to a thread.

    Not at all; it has the same ticket; its author was named by who forwarded a mail; it claims to answer; the ticket
    of somebody who wrote to its author; it does.
    """

    NONE = 0
    MENTION = 1
    NAMED = 2
    CLAIM = 3
    WEAK = 4
    STRONG = 5


def place(claims: Claims, related: Related, others: Iterable[Twin] = ()) -> Placement:
    """Return where a message belongs.

    Parameters
    ----------
    claims
        What the message says.
    related
        What the ledger knows that it may belong to.
    others
        Other mails with the same Message-ID.
    """
    same_id = tuple(dict.fromkeys(twin.key for twin in others))
    bonds = {thread.key: _bond(claims, thread, related.known) for thread in related.threads}
    strong = [thread for thread in related.threads if bonds[thread.key] is _Bond.STRONG]
    weak = [
        thread
        for bond in (_Bond.WEAK, _Bond.NAMED)
        for thread in related.threads
        if bonds[thread.key] is bond
    ]
    chosen = sorted(strong or weak[:1], key=_first, reverse=True)
    found = _with_claimants(claims, chosen)
    merged = tuple(thread for thread in found[1:] if _may_merge(found[0], thread))[:_MERGED]
    home = {thread.key for thread in (*found[:1], *merged)}
    loose = (_Bond.NONE, _Bond.NAMED)
    apart = [key for key in bonds if bonds[key] not in loose and key not in home and key not in same_id]
    mentions = tuple(key for key in apart if bonds[key] in (_Bond.MENTION, _Bond.WEAK))[:_LINKED]
    linked = [key for key in apart if key not in mentions][:_LINKED]
    answering = {known.key for known in related.known if Tie.ANSWERS in known.ties}
    return Placement(
        join=found[0].key if found else None,
        merge=tuple(thread.key for thread in merged),
        claims=tuple(key for key in linked if key not in answering),
        claimed_by=tuple(key for key in linked if key in answering),
        mentions=mentions,
        same_id=same_id,
        contested=bool(same_id),
    )


def _first(thread: Thread) -> tuple[bool, bool, bool, int]:
    """Order inquiries by what stays when they turn out to be one: people's work, an owner, open, the older KEY."""
    return thread.worked, thread.liaison is not None, thread.open, -thread.number


def _may_merge(home: Thread, other: Thread) -> bool:
    """Tell whether two inquiries may become one: not over the heads of two people who are at work on them."""
    return not (home.worked and other.worked and home.liaison != other.liaison)


def _with_claimants(claims: Claims, chosen: Sequence[Thread]) -> list[Thread]:
    """Add the inquiries that only claimed to belong, and whose authors this message has made take part."""
    found = list(chosen)
    waiting = {one.key: one for thread in chosen for one in thread.claimants}
    people = _people(claims) if found else set()
    for thread in found:  # grows while it is read
        people |= _keys(thread.authors | thread.others)
        for key, one in list(waiting.items()):
            if _senders(one) & people:
                found += [one] if all(one.key != known.key for known in found) else []
                del waiting[key]
    return found


def _bond(claims: Claims, thread: Thread, known: Sequence[Known]) -> _Bond:
    mine = [one for one in known if one.key == thread.key]
    return max((_tied(claims, thread, one, tie) for one in mine for tie in one.ties), default=_Bond.NONE)


def _tied(claims: Claims, thread: Thread, known: Known, tie: Tie) -> _Bond:
    match tie:
        case Tie.ANSWERED:
            return _Bond.STRONG if _may_answer(claims, thread) else _Bond.CLAIM
        case Tie.ANSWERS:
            back = _writer(known) in _people(claims) or _same_list(claims, known.list_id)
            return _Bond.STRONG if back or _is_trusted(known) else _Bond.CLAIM
        case Tie.SHARED:
            near = _Bond.STRONG if _same_list(claims, known.list_id) else _takes_part(claims, thread, known)
            return near if near in (_Bond.STRONG, _Bond.NAMED) else _Bond.NONE
        case Tie.TICKET:
            return _takes_part(claims, thread, known) or _Bond.MENTION
        case Tie.DESK:
            return _Bond.STRONG
        case Tie.SUBJECT:
            return _by_subject(claims, thread, known)


def _may_answer(claims: Claims, thread: Thread) -> bool:
    """Tell whether the author takes part, or the list is the same.

    What machines send back comes from nobody; a liaison may answer whatever comes in.
    """
    if _is_trusted(claims) or (claims.list_id and claims.list_id in thread.lists):
        return True
    return _writer(claims) in _keys(thread.authors | thread.others)


def _takes_part(claims: Claims, thread: Thread, known: Known) -> _Bond:
    """Return how the one who wrote later takes part in what was there: wrote, exchanged mail, or was written to.

    Later is by arrival, which no sender decides.
    """
    author, writer = _writer(claims), _writer(known)
    named = _Bond.NAMED if author in _keys(thread.authors) else _Bond.NONE
    if (author and author == writer) or _is_desk(claims):
        return _Bond.STRONG
    if claims.arrived_at < known.arrived_at:
        if writer not in _people(claims):
            return named
        return _Bond.STRONG if author in _keys(known.others) else _Bond.WEAK
    if author in _senders(thread):
        return _Bond.STRONG
    if author not in _keys(thread.others):
        return named
    return _Bond.STRONG if _senders(thread) & _people(claims) else _Bond.WEAK


def _by_subject(claims: Claims, thread: Thread, known: Known) -> _Bond:
    """Return whether base subject and people join two messages that no reference does; the ledger looked at the time."""
    if claims.voice is Voice.MACHINE and known.voice is Voice.MACHINE:
        return _Bond.NONE
    author, writer = address_key(claims.author.address), address_key(known.author.address)
    one_sender = _writer(claims) == _writer(known) != ""
    earlier, later = (known, claims) if claims.arrived_at >= known.arrived_at else (claims, known)
    if is_generic(claims.subject) and not (later.bare_reply and author == writer):
        return _Bond.NONE
    if author == writer and (one_sender or claims.sender is None):
        addressed = not later.others or later.bare_reply or _keys(later.others[:1]) & _keys(earlier.others)
        sure = _Bond.STRONG if one_sender else _Bond.NAMED
        return sure if addressed and _is_person(claims.author, known.author) else _Bond.NONE
    there = _is_desk(claims) or _writer(claims) in _keys((*known.others, *thread.others)) | _senders(thread)
    mutual = there and writer in _people(claims)
    return _Bond.STRONG if mutual else _Bond.NONE


def _is_person(one: Address, other: Address) -> bool:
    """Tell whether one address stands for one person: no robot, no two names that share no word."""
    if not one.address or _ROBOT.fullmatch(one.local_part):
        return False
    names = set(words(one.name)), set(words(other.name))
    return not all(names) or bool(names[0] & names[1])


def _writer(said: Claims | Known) -> str:
    """Return whose taking part counts: the author, unless another one's mail names them.

    The address that a list made up stays as it is then: anybody can make one up.
    """
    return address_key(said.author.address) if said.sender is None else said.sender


def _is_desk(said: Claims | Known) -> bool:
    return said.voice is Voice.DESK and said.sender is None


def _is_trusted(said: Claims | Known) -> bool:
    return said.voice is Voice.MACHINE or _is_desk(said)


def _senders(thread: Thread) -> set[str]:
    return _keys(thread.authors) if thread.senders is None else {one.lower() for one in thread.senders}


def _people(claims: Claims) -> set[str]:
    return _keys((claims.author.address, *claims.others))


def _keys(addresses: Iterable[str]) -> set[str]:
    return {address_key(address) for address in addresses if address}


def _same_list(claims: Claims, list_id: str | None) -> bool:
    return claims.list_id is not None and claims.list_id == list_id
