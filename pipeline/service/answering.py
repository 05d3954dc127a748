"""What the lines of one trusted answer do: commands against the inquiries as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.feedback.commands import Puzzle, Understood, undecided
from pipeline.feedback.receipts import Item, Trouble
from pipeline.feedback.tokens import Grant
from pipeline.feedback.vocabulary import fold
from pipeline.records.answers import Action, Command, Note
from pipeline.records.effects import Change, Result, Said, Settlement
from pipeline.records.outcomes import Outcome
from pipeline.records.work import Correction, Entry, State
from pipeline.routing.deadlines import due_for
from pipeline.routing.life import after
from pipeline.routing.policy import Liaison, Policy
from pipeline.service.ports import Ledger
from pipeline.service.telling import one_line
from pipeline.taxonomy import Taxonomy

_RESULTS: Mapping[Trouble, Result] = {Trouble.STALE: Result.STALE, Trouble.AMBIGUOUS: Result.AMBIGUOUS}
# Of a subject that many characters are read, and shown.
_READ, _TITLE = 400, 70
_CLOSE_NAME = 65.0
_TAGS: Mapping[Action, tuple[str, ...]] = {
    Action.SPAM: ("kind=spam", "disposition=file"),
    Action.FETCH: ("disposition=assign",),
}


@dataclass(slots=True, kw_only=True)
class Standing:
    """An inquiry while an answer is worked through: as the ledger has it, and what it is after the lines so far."""

    entry: Entry
    state: State
    holder: str | None


@dataclass(slots=True, kw_only=True)
class Work:
    """The answer of one person, line by line.

    Parameters
    ----------
    ledger, policy, taxonomy
        What is known.
    desk
        The liaison or group that the answer speaks for.
    author
        The person who writes.
    grants
        What the tokens of the mail allow `desk`.
    now
        Aware, UTC.
    items, said
        What became of each line so far: for the receipt, and for the log.
    changes, corrections, notes, settlements, duty
        What is to be written, all at once.
    standings, versions
        How the inquiries stand that were asked for, and as of which version, by key.
    """

    ledger: Ledger
    policy: Policy
    taxonomy: Taxonomy
    desk: Liaison
    author: Liaison
    grants: Sequence[Grant]
    now: datetime
    items: list[Item] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    duty: bool | None = None
    standings: dict[str, Standing] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def do(self, understood: Sequence[Understood]) -> None:
        """Work through all lines; those that exclude each other are left undone."""
        commands = [one for one in understood if isinstance(one, Command)]
        unclear = undecided(commands)
        for one in understood:
            if isinstance(one, Puzzle):
                self._note(Item(key=one.key, line=one.line, nearest=one.nearest), Result.UNCLEAR)
            elif one in unclear:
                self._refuse(one, Trouble.AMBIGUOUS)
            else:
                self._command(one)
        self._place_countries()

    def _command(self, command: Command) -> None:
        if command.action in (Action.PAUSE, Action.RESUME):
            self.duty = command.action is Action.RESUME
            self._did(command)
            return
        standing = self._standing(command)
        if isinstance(standing, Trouble):
            self._refuse(command, standing)
            return
        if command.action is Action.REASSIGN:
            self._reassign(command, standing)
        elif command.action is Action.OUTCOME:
            self._outcome(command, standing)
        else:
            self._plain(command, standing)

    def _standing(self, command: Command) -> Standing | Trouble:
        """Return the inquiry that a command is about, if this mail may act on it as it stands."""
        if not command.key:
            return Trouble.WHICH
        if command.key in self.standings:
            return self.standings[command.key]
        entry = self.ledger.inquiries.find(command.key)
        if entry is None:
            return Trouble.UNKNOWN
        trouble = self._trouble(command.key, entry)
        if trouble is not None:
            return trouble
        self.versions[entry.key] = entry.version
        found = Standing(entry=entry, state=entry.state, holder=entry.liaison)
        self.standings[command.key] = found
        return found

    def _trouble(self, key: str, entry: Entry) -> Trouble | None:
        """Return why this mail may not act on an inquiry; None if one of its tokens fits."""
        mine = [one for one in self.grants if one.key == key]
        turns = [one.turn for one in self.grants if one.turn is not None]
        shown = turns and self._was_shown(key, entry)
        if not mine and not shown:
            return Trouble.FOREIGN
        if entry.key != key:
            return Trouble.STALE
        if any(one.fits(entry.version) for one in mine):
            return None
        theirs = entry.liaison == self.desk.id or entry.state is State.FILED
        if shown and theirs and not self.ledger.answers.has_moved(key, max(turns)):
            return None
        return Trouble.STALE

    def _was_shown(self, key: str, entry: Entry) -> bool:
        """Tell whether a digest of this reader can have held an inquiry: as theirs once, or as filed."""
        return entry.state is State.FILED or any(
            row.liaison == self.desk.id for row in self.ledger.lives.of(key)
        )

    def _plain(self, command: Command, standing: Standing) -> None:
        """Do what needs no more than the state."""
        target = after(standing.state, command.action)
        if target is None:
            self._refuse(command, Trouble.SAME if _is_there(command.action, standing) else Trouble.IMPOSSIBLE)
            return
        waiting = date.fromisoformat(command.value) if command.action is Action.WAIT else None
        if command.action is Action.FETCH:
            self._hand(standing, self.desk, f"fetched back by {self.author.name}")
        elif target is not standing.state or waiting:
            self._take_over(command, standing)
            self._change(standing, Change(key=standing.entry.key, state=target, waiting_until=waiting))
        self._remark(command, standing.entry.key)
        self._did(command)

    def _take_over(self, command: Command, standing: Standing) -> None:
        """Give an inquiry that was brought before a deputy to the deputy who takes it."""
        keeps = command.action in (Action.ACCEPT, Action.ANSWERED, Action.WAIT)
        if keeps and standing.holder != self.desk.id:
            self._hand(standing, self.desk, f"taken over by {self.author.name}")

    def _remark(self, command: Command, key: str) -> None:
        tags = (command.value,) if command.action is Action.CORRECT else _TAGS.get(command.action, ())
        self.corrections += (
            Correction(inquiry=key, tag=tag, author=self.author.id, at=self.now) for tag in tags
        )
        if command.action is Action.NOTE:
            self.notes.append(Note(inquiry=key, author=self.author.id, text=command.value, at=self.now))
        elif command.action is Action.BACKGROUND:
            self.settlements.append(Settlement(key=key, background=command.value))

    def _reassign(self, command: Command, standing: Standing) -> None:
        found, nearest = called(command.value, self.policy)
        if found is None:
            self._refuse(command, Trouble.WHO, nearest=nearest)
        elif found.id == standing.holder:
            self._refuse(command, Trouble.SAME)
        elif after(standing.state, Action.REASSIGN) is None:
            self._refuse(command, Trouble.IMPOSSIBLE)
        else:
            self._hand(standing, found, f"handed on by {self.author.name}")
            self._did(command, value=found.name)

    def _outcome(self, command: Command, standing: Standing) -> None:
        name, _, whom = command.value.partition(" ")
        outcome = Outcome(name)
        target = after(standing.state, Action.OUTCOME, outcome)
        if target is None:
            self._refuse(command, Trouble.IMPOSSIBLE)
            return
        key = standing.entry.key
        self.settlements.append(Settlement(key=key, outcome=outcome))
        desk = called(whom, self.policy)[0] if whom else None
        if desk is not None and desk.id != standing.holder:
            self._hand(standing, desk, f"handed over by {self.author.name}")
        elif target is not standing.state:
            self._change(standing, Change(key=key, state=target))
        if whom and desk is None:
            self.notes.append(Note(inquiry=key, author=self.author.id, text=f"handed to {whom}", at=self.now))
        self._did(command, value=f"{outcome.value} {desk.name}" if desk else command.value)

    def _hand(self, standing: Standing, desk: Liaison, reason: str) -> None:
        entry = standing.entry
        due = due_for(entry.decision, desk, self.now, self.policy)
        change = Change(key=entry.key, state=State.ASSIGNED, liaison=desk.id, reason=reason, due_at=due)
        self._change(standing, change)
        standing.holder = desk.id

    def _change(self, standing: Standing, change: Change) -> None:
        self.changes.append(change)
        standing.state = change.state
        if change.state in (State.RECEIVED, State.DONE, State.DECLINED, State.NOT_OURS, State.FILED):
            standing.holder = None

    def _place_countries(self) -> None:
        """Let a corrected country tell its region, where none was written."""
        told = {one.inquiry for one in self.corrections if one.tag.startswith("region=")}
        for one in tuple(self.corrections):
            field_name, _, country = one.tag.partition("=")
            region = self.taxonomy.region_of(country) if field_name == "country" else None
            if region and one.inquiry not in told:
                self.corrections.append(
                    Correction(inquiry=one.inquiry, tag=f"region={region}", author=one.author, at=one.at)
                )

    def _did(self, command: Command, *, value: str = "") -> None:
        item = Item(
            key=command.key,
            title=_title(standing.entry) if (standing := self.standings.get(command.key)) else "",
            action=command.action,
            value=value or command.value,
            line=command.line,
        )
        self._note(item, Result.DONE)

    def _refuse(self, command: Command, trouble: Trouble, *, nearest: str = "") -> None:
        entry = self.ledger.inquiries.find(command.key) if command.key else None
        known = trouble not in (Trouble.UNKNOWN, Trouble.FOREIGN) and entry is not None
        holder = self.policy.by_id.get(entry.liaison or "") if entry and known else None
        item = Item(
            key=command.key,
            title=_title(entry) if entry and known else "",
            action=command.action,
            value=command.value,
            line=command.line,
            trouble=trouble,
            nearest=nearest,
            state=entry.state if entry and known else None,
            holder=holder.name if holder else "",
        )
        self._note(item, _RESULTS.get(trouble, Result.REFUSED))

    def _note(self, item: Item, result: Result) -> None:
        self.items.append(item)
        known = item.trouble not in (Trouble.UNKNOWN, Trouble.WHICH)
        self.said.append(Said(action=item.action, key=item.key if known else "", result=result))


def _title(entry: Entry) -> str:
    return one_line(entry.subject[:_READ])[:_TITLE]


def called(name: str, policy: Policy) -> tuple[Liaison | None, str]:
    """Return the liaison or group that is called `name`, by id, name, or the beginning of a name that only one has.

    Returns
    -------
    tuple
        The one that was found, or None; and if none was, the nearest name, or an empty text.
    """
    wanted = fold(name)
    found = _called(wanted, policy)
    if found is not None:
        return found, ""
    led = next(filter(None, (_called(lead, policy) for lead in _leads(wanted))), None)
    return None, led.name if led else _nearest(wanted, policy.desks)


def _called(wanted: str, policy: Policy) -> Liaison | None:
    exact = [one for one in policy.desks if wanted in (one.id, fold(one.name), one.address.casefold())]
    if len(exact) == 1:
        return exact[0]
    begins = [
        one for one in policy.desks if wanted and any(part.startswith(wanted) for part in _parts(one.name))
    ]
    return begins[0] if len(begins) == 1 else None


def _leads(wanted: str) -> Iterator[str]:
    """Yield the beginnings of what was written, word by word: "danuta, she knows them" begins with a name."""
    words = wanted[:60].replace(",", " ").split()
    return (" ".join(words[:size]) for size in range(min(len(words) - 1, 4), 0, -1))


def _parts(name: str) -> tuple[str, ...]:
    """Return the folded name from each of its words on: "anna lena ruh", "lena ruh", "ruh"."""
    words = fold(name).split()
    return tuple(" ".join(words[start:]) for start in range(len(words)))


def _nearest(wanted: str, desks: Iterable[Liaison]) -> str:
    from rapidfuzz import fuzz, process

    names = {
        (one.name, word): word for one in desks for word in (one.id, fold(one.name), *fold(one.name).split())
    }
    found = process.extractOne(wanted[:60], names, scorer=fuzz.ratio, score_cutoff=_CLOSE_NAME)
    return str(found[2][0]) if found else ""


def _is_there(action: Action, standing: Standing) -> bool:
    """Tell whether an action would lead where the inquiry is."""
    ends = {
        Action.ACCEPT: State.ACCEPTED,
        Action.DONE: State.DONE,
        Action.NOT_OURS: State.NOT_OURS,
        Action.SPAM: State.FILED,
    }
    return ends.get(action) is standing.state
