"""The session of `triage label`: shows a mail with the guess and the evidence, and takes a keystroke for each answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.classify.review import Candidate, reason
from pipeline.cli.keystrokes import ENTER, Keys, asked, text
from pipeline.cli.output import console, printable, safe, table
from pipeline.records.decisions import LIST_FIELDS, Source
from pipeline.records.work import Entry
from pipeline.service.labelling import FIELDS, Values, confirming, guesses
from pipeline.service.ports_people import CorrectionStore
from pipeline.service.telling import one_line
from pipeline.service.truth import values_of
from pipeline.taxonomy import Taxonomy

# One key for each field, none of them that of an action.
FIELD_KEYS = dict(zip("kpcrlaivoxfd", FIELDS, strict=True))
_NONE = "-"
_VALUE_KEYS = "abcdefghijklmnopqrstuvwxyz"
_SHOWN_LINES, _WIDTH = 25, 110
# Pieces of evidence that are shown of each field.
_EVIDENCE = 3
# Characters of a line that are read, and of a field that are shown.
_LONGEST, _SHOWN = 4000, 200
_HELP = (
    "y or Enter: the values are right   s: skip   u: undo the last   m: whole text   e: evidence   q: stop\n"
    "to change a field: " + "  ".join(f"{key} {name}" for key, name in FIELD_KEYS.items())
)


@dataclass(slots=True)
class Session:
    """One run of `triage label`.

    Parameters
    ----------
    store
        The ledger's corrections.
    taxonomy
        Which values there are.
    author
        Who labels.
    clock, next_key
        Tell the time, and what is typed next.
    whole
        An entry to all of its mail's text, the signature too.
    stored
        What was labelled so far.
    """

    store: CorrectionStore
    taxonomy: Taxonomy
    author: str
    clock: Callable[[], datetime]
    next_key: Keys
    whole: Callable[[Entry], str]
    stored: list[tuple[int, str, datetime]] = field(default_factory=list)

    def run(self, queue: Sequence[tuple[Entry, Candidate]]) -> int:
        """Go through `queue` until its end or the key q; return how many mails were labelled."""
        at = 0
        while 0 <= at < len(queue):
            entry, why = queue[at]
            body = self.whole(entry)
            _head(entry, body, f"{at + 1} of {len(queue)}", reason(why))
            step = self._one(entry, body, at)
            if step is None:
                break
            at = step
        return len(self.stored)

    def _one(self, entry: Entry, body: str, at: int) -> int | None:
        """Ask about one mail; return the place of the next one, or None to stop."""
        values = guesses(entry.decision, self.taxonomy)
        self._table(entry, values)
        while True:
            key = self._asked("[y] right [s]kip [u]ndo [m]ore [e]vidence [q]uit, or a field's key [?]: ")
            if key in ("", "q"):
                return None
            if key in ("y", ENTER):
                self._store(entry, values, at)
                return at + 1
            if key == "s":
                return at + 1
            if key == "u" and self.stored:
                return self._undo()
            if key in FIELD_KEYS:
                self._change(FIELD_KEYS[key], values)
                self._table(entry, values)
            else:
                self._show(entry, body, key)

    def _table(self, entry: Entry, values: Values) -> None:
        labelled = {"kind", *self.taxonomy.labels(values["kind"][0])}
        shown = table("", "key", "field", "value", ">sure")
        for key, name in FIELD_KEYS.items():
            if name in values:
                value = safe(" ".join(values[name]) or _NONE)
                shown.add_row(key, name, value, _sureness(entry, name, values[name]))
            elif name in labelled:
                shown.add_row(key, name, "", "open")
        console().print(shown)

    def _asked(self, question: str) -> str:
        console().print(question, end="", markup=False)
        key = asked(self.next_key)
        console().print(safe(key.strip()), highlight=False)
        return key

    def _show(self, entry: Entry, body: str, key: str) -> None:
        if key == "m":
            console().print(_text(body, len(body)))
        elif key == "e":
            _evidence(entry)
        elif key == "u":
            console().print("Nothing to undo in this session.")
        elif key.strip():
            console().print(_HELP, markup=False)

    def _store(self, entry: Entry, values: Values, at: int) -> None:
        now = self.clock()
        if self.store.add(entry.key, confirming(values, self.taxonomy), self.author, now):
            self.stored.append((at, entry.key, now))

    def _undo(self) -> int:
        at, key, moment = self.stored.pop()
        self.store.take_back(key, self.author, moment)
        console().print(f"Taken back: what you said of {key}.")
        return at

    def _change(self, name: str, values: Values) -> None:
        labelled = {"kind", *self.taxonomy.labels(values["kind"][0])}
        if name not in labelled:
            console().print(f"The guide labels no {name} for {values['kind'][0]}.")
            return
        if name == "urgency":
            self._day(values)
        elif name == "country":
            self._country(values)
        elif name in LIST_FIELDS:
            self._list(name, values)
        else:
            self._value(name, values)

    def _value(self, name: str, values: Values) -> None:
        offered = dict(zip(_keys_of(name), self.taxonomy.values(name), strict=False))
        key = self._asked(_offer(name, offered))
        if key in offered:
            values[name] = (offered[key],)
            if name == "kind":
                _fit(values, self.taxonomy)

    def _list(self, name: str, values: Values) -> None:
        """Switch values on and off until Enter or a dot."""
        offered = dict(zip(_keys_of(name), self.taxonomy.values(name), strict=False))
        chosen = list(values.get(name, ()))
        while True:
            marked = {key: f"{value}{'*' if value in chosen else ''}" for key, value in offered.items()}
            key = self._asked(_offer(f"{name} (* is on; Enter or . when right)", marked))
            if key in offered:
                value = offered[key]
                chosen = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
            elif key == _NONE:
                chosen = []
            elif key in ("", ".", ENTER):
                break
        order = self.taxonomy.values(name)
        values[name] = tuple(sorted(chosen, key=order.index))

    def _country(self, values: Values) -> None:
        first = self._asked(f"country, two letters of ISO 3166, or {_NONE} for none: ")
        if first == _NONE:
            values["country"] = ()
            return
        code = (first + asked(self.next_key)).upper()
        region = self.taxonomy.region_of(code)
        if region is None:
            console().print(safe(f"{code} is no country of the taxonomy."))
            return
        values["country"], values["region"] = (code,), (region,)

    def _day(self, values: Values) -> None:
        console().print(f"day as YYYY-MM-DD, then Enter or ;   or {_NONE} for none: ", end="", markup=False)
        typed = text(self.next_key)
        try:
            values["urgency"] = () if typed == _NONE else (date.fromisoformat(typed).isoformat(),)
        except ValueError:
            console().print("Not a day; nothing was changed.")


def _keys_of(name: str) -> str:
    return "0123" if name == "shared_objectives" else _VALUE_KEYS


def _offer(name: str, offered: dict[str, str]) -> str:
    return f"{name}: " + "  ".join(f"{key} {value}" for key, value in offered.items()) + " : "


def _fit(values: Values, taxonomy: Taxonomy) -> None:
    """Drop what the guide does not label for the kind; what it does and nobody guessed stays open."""
    labelled = {"kind", *taxonomy.labels(values["kind"][0])}
    for name in [name for name in values if name not in labelled]:
        del values[name]


def _head(entry: Entry, body: str, place: str, why: str) -> None:
    shown = console()
    shown.rule(safe(f"{place}  {entry.key}  {entry.received_at:%Y-%m-%d}  {entry.state.value}"))
    told = [
        ("why now", why),
        ("from", f"{entry.author.name} <{entry.author.address}>"),
        ("subject", entry.subject),
    ]
    if entry.forwarder:
        told.append(("forwarded by", f"{entry.forwarder.name} <{entry.forwarder.address}>"))
    if entry.attachments:
        told.append(("attachments", ", ".join(entry.attachments[:10])))
    for name, value in told:
        shown.print(f"{name}: {safe(one_line(value[:_LONGEST])[:_SHOWN])}")
    shown.print()
    shown.print(_text(body, _SHOWN_LINES))
    shown.print()


def _text(body: str, most: int) -> str:
    """Return the mail's text; what a terminal would obey is gone, lines are wrapped."""
    import textwrap

    lines: list[str] = []
    for line in body.splitlines():
        lines += textwrap.wrap(printable(line[:_LONGEST]), _WIDTH) or [""]
    squeezed = re.sub(r"\n{3,}", "\n\n", "\n".join(lines[:most]))
    rest = f"\n... {len(lines) - most} more lines: m" if len(lines) > most else ""
    return safe(squeezed + rest)


def _sureness(entry: Entry, name: str, values: tuple[str, ...]) -> str:
    if values != values_of(entry.decision, name):
        return "changed"
    sure = entry.decision.confidence.get(name)
    return "" if sure is None else f"{sure:.0%}{' ?' if name in entry.decision.abstained else ''}"


def _evidence(entry: Entry) -> None:
    told = [
        one
        for one in entry.decision.evidence
        if one.source in (Source.MODEL, Source.RULE, Source.REGION) and one.detail
    ]
    shown = table("", "tag", "source", ">score", "detail")
    fields: dict[str, int] = {}
    for one in told:
        fields[one.field] = fields.get(one.field, 0) + 1
        if fields[one.field] <= _EVIDENCE:
            shown.add_row(
                safe(one.tag),
                f"{one.source.value} {safe(one.name)}",
                f"{one.score:.2f}",
                safe(one_line(one.detail[:_LONGEST])[:_SHOWN]),
            )
    console().print(shown)
