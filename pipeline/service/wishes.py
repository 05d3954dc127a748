"""What a ticket should look like, what of that is still to be done, and what an agent said by changing it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pipeline.records.decisions import FILED_KINDS, Decision, Disposition
from pipeline.records.work import Entry
from pipeline.records.writebacks import Move, Note, TicketChange, TicketState, Wish
from pipeline.settings.otrs import OtrsServer, OtrsWrite
from pipeline.taxonomy import Taxonomy

# What a dynamic field can take, and which field of the labelling guide an agent corrects by changing it.
_TAGS = {
    "type": "partner_type",
    "kind": "kind",
    "region": "region",
    "country": "country",
    "alignment": "alignment",
    "priority": "priority",
    "liaison": "liaison",
}
# An agent who did one of these deals with the ticket: it stays where it is, with whom it is.
_DEALT_WITH = frozenset({"queue", "owner", "locked", "state", "answers"})


def wish_for(entry: Entry, server: OtrsServer, note: Note | None) -> Wish:
    """Return how the ticket of an inquiry should look; values that are only the best guess are left out."""
    write, decision, liaison = server.write, entry.decision, entry.liaison or ""
    queue = write.queue_by_liaison.get(liaison) or write.queue.get(decision.disposition.value)
    owner = write.owner_by_liaison.get(liaison)
    fields = {name: value for name, value in _values(entry, write) if value}
    if server.triaged_field:
        fields[server.triaged_field] = decision.disposition.value
    return Wish(
        fields=fields,
        note=note if write.note else None,
        queue=queue,
        owner=owner,
        lock=write.lock and owner is not None,
        priority=_priority_id(write, decision),
    )


def is_known(wish: Wish, last: Wish | None) -> bool:
    """Tell whether the help desk was told all of `wish` by the `last` one."""
    return last is not None and wish == replace(last, note=None)


def without_old_note(wish: Wish, last: Note | None) -> Wish:
    """Return `wish` without its note if the `last` one was on the same decision or says the same."""
    note = wish.note
    if note is None or last is None or (note.ref != last.ref and note.gist != last.gist):
        return wish
    return replace(wish, note=None)


def change_for(wish: Wish, now: TicketState, touched: frozenset[str]) -> TicketChange:
    """Return what is to be changed on a ticket that looks like `now`; what agents `touched` is theirs."""
    note = wish.note if wish.note and wish.note.ref not in now.refs else None
    fields = {
        name: value
        for name, value in wish.fields.items()
        if f"field:{name}" not in touched and now.fields.get(name, "") != value
    }
    wanted = wish.priority is not None and not touched & {"priority", "state"}
    return TicketChange(
        fields=fields,
        note=note,
        move=None if touched & _DEALT_WITH else _move(wish, now),
        priority=wish.priority if wanted and wish.priority != now.priority else None,
    )


def changes_between(
    base: TicketState, now: TicketState, wish: Wish, states: tuple[str, ...]
) -> frozenset[str]:
    """Return what agents changed: what is neither as it was nor as the program wished it.

    Parameters
    ----------
    base
        As the program last read or wrote it.
    wish
        What the program may have written since.
    states
        In which a ticket is open: a customer's answer moves it between them, so that this tells nothing of agents.
    """
    return frozenset(_changes(base, now, wish, states))


def said_by(
    change: str, now: TicketState, server: OtrsServer, taxonomy: Taxonomy, liaisons: Collection[str]
) -> tuple[str, ...]:
    """Return what an agent's `change` means, as tags ``field=value``; nothing where it means nothing here.

    Parameters
    ----------
    liaisons
        Ids of all there are.
    """
    if change == "queue":
        return tuple(_said_by_queue(now.queue, server.write))
    kind, _, name = change.partition(":")
    what = next((what for what, known in _named(server.write) if known == name), "")
    if kind != "field" or what not in _TAGS:
        return ()
    field = _TAGS[what]
    value = _as_word(field, now.fields.get(name, ""))
    known = liaisons if field == "liaison" else taxonomy.values(field)
    return (f"{field}={value}",) if _is_word(field, value, known) else ()


def disposition_of(tags: tuple[str, ...]) -> Disposition | None:
    """Return what becomes of an inquiry by what an agent said of it, or None."""
    said = dict(tag.split("=", 1) for tag in tags)
    if "disposition" in said:
        return Disposition(said["disposition"])
    if "kind" in said:
        return Disposition.FILE if said["kind"] in FILED_KINDS else Disposition.ASSIGN
    return None


def _move(wish: Wish, now: TicketState) -> Move | None:
    """Return where a ticket has to go; what it keeps is said, too: a queue alone would take its owner off."""
    if wish.queue is None and wish.owner is None:
        return None
    move = Move(queue=wish.queue or now.queue, owner=wish.owner or now.owner, locked=wish.lock or now.locked)
    return None if move == Move(queue=now.queue, owner=now.owner, locked=now.locked) else move


def _changes(base: TicketState, now: TicketState, wish: Wish, states: tuple[str, ...]) -> Iterator[str]:
    for name, wished in (("queue", wish.queue), ("owner", wish.owner), ("priority", wish.priority)):
        if getattr(now, name) not in (getattr(base, name), wished):
            yield name
    if now.locked and not base.locked and not wish.lock:  # help desks unlock by themselves, after a while
        yield "locked"
    if now.state != base.state and now.state not in states:
        yield "state"
    if now.answers > base.answers:
        yield "answers"
    for name, before in base.fields.items():
        if now.fields.get(name, before) not in (before, wish.fields.get(name)):
            yield f"field:{name}"


def _named(write: OtrsWrite) -> Iterator[tuple[str, str]]:
    for what, name in write.fields:
        if name:
            yield what, name


def _values(entry: Entry, write: OtrsWrite) -> Iterator[tuple[str, str]]:
    decision = entry.decision
    told: Mapping[str, str] = {
        "priority": str(decision.priority),
        "liaison": entry.liaison or "",
        "model_version": decision.model_version or "rules",
    }
    for what, name in _named(write):
        yield name, told[what] if what in told else _tag(decision, _TAGS[what])


def _tag(decision: Decision, field: str) -> str:
    return "" if field in decision.abstained else getattr(decision.tags, field) or ""


def _priority_id(write: OtrsWrite, decision: Decision) -> int | None:
    """Return the help desk's priority for the highest of our limits that is reached."""
    reached = [int(limit) for limit in write.priority_ids if int(limit) <= decision.priority]
    return write.priority_ids[str(max(reached))] if reached else None


def _said_by_queue(queue: str, write: OtrsWrite) -> Iterator[str]:
    liaisons = [one for one, name in write.queue_by_liaison.items() if name == queue]
    dispositions = [one for one, name in write.queue.items() if name == queue]
    yield f"queue={queue}"
    if len(liaisons) == 1:
        yield f"liaison={liaisons[0]}"
    if liaisons or len(dispositions) == 1:
        yield f"disposition={'assign' if liaisons else dispositions[0]}"


def _as_word(field: str, written: str) -> str:
    """Return what somebody typed as the guide writes it: ``Public media`` is ``public_media``."""
    value = "_".join(written[:100].split())
    return value.upper() if field == "country" else value.casefold()


def _is_word(field: str, value: str, known: Collection[str]) -> bool:
    """Tell whether a field can have this value; an emptied field says that the value was wrong."""
    if field == "priority":
        return value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= 100
    return value in known or (not value and field not in ("kind", "liaison"))
