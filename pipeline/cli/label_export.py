"""The dialogue of `triage labels export`: before, after and labels of each mail, confirmed or left out by the maintainer."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.adapters.files.fixturefolder import FixtureFolder
from pipeline.cli.keystrokes import Keys, asked, text
from pipeline.cli.output import console, safe, say
from pipeline.errors import UnreadableMessage
from pipeline.records.inquiries import Inquiry
from pipeline.records.labels import Labelled
from pipeline.service.labelling import FIELDS, Proposal, proposal, row
from pipeline.service.ports import MailReader
from pipeline.service.redaction import Redacted, redact
from pipeline.taxonomy import Taxonomy

_LINES = 60
# Stands for the secret where nothing is written.
_TRIAL_KEY = bytes(32)
_QUESTION = "[y] write with what people said [c] confirm the sure guesses, too [e]dit [n]o [q]uit: "
_EDIT = "what to replace => by what, then Enter or ; (nothing more: Enter or ;): "


@dataclass(slots=True)
class Export:
    """One run of `triage labels export`.

    Parameters
    ----------
    folder
        Where labelled mail goes.
    reader
        Reads the mail.
    taxonomy
        Which fields the guide labels.
    next_key
        Gives the next keystroke; None: show all, write nothing.
    written, refused
        How many mails were written so far, and how many were not: unlabelled, or the maintainer said no.
    further
        What the maintainer replaced by hand in the mail that is shown: the text, and what stands for it.
    """

    folder: FixtureFolder
    reader: MailReader
    taxonomy: Taxonomy
    next_key: Keys | None
    written: int = 0
    refused: int = 0
    further: list[tuple[str, str]] = field(default_factory=list)

    def offer(self, labelled: Labelled, identifier: str) -> bool:
        """Show one mail and write it if the maintainer says so; return False where they want to stop."""
        inquiry = self._read(labelled)
        told = proposal(labelled, self.taxonomy)
        if inquiry is None or not told.kind:
            why = (
                "its message is no longer there or cannot be read"
                if inquiry is None
                else "nobody said its kind"
            )
            say(f"{labelled.entry.key}: left out: {why}")
            self.refused += 1
            return True
        self.further = []
        return self._ask(inquiry, told, identifier)

    def _ask(self, inquiry: Inquiry, told: Proposal, identifier: str) -> bool:
        while True:
            redacted = redact(inquiry, self._key(), self.further)
            _show(redacted, told, identifier)
            if self.next_key is None:
                return True
            console().print(_QUESTION, end="", markup=False)
            key = asked(self.next_key)
            console().print(safe(key.strip()))
            if key in ("", "q"):
                return False
            if key == "e":
                self._edit()
            elif key in ("y", "c") and not redacted.leaks:
                self._write(inquiry, redacted, told, identifier, guesses=key == "c")
                return True
            elif key == "n":
                self.refused += 1
                return True

    def _key(self) -> bytes:
        return self.folder.key() if self.next_key else _TRIAL_KEY

    def _edit(self) -> None:
        while self.next_key:
            console().print(_EDIT, end="", markup=False)
            old, _, new = text(self.next_key).partition("=>")
            if not old.strip():
                return
            self.further.append((old.strip(), new.strip()))

    def _write(
        self, inquiry: Inquiry, redacted: Redacted, told: Proposal, identifier: str, *, guesses: bool
    ) -> None:
        values = {"kind": (told.kind,), **(told.guessed if guesses else {}), **told.said}
        self.folder.add(identifier, redacted.octets, row(identifier, inquiry, values, self.taxonomy))
        self.written += 1

    def _read(self, labelled: Labelled) -> Inquiry | None:
        if labelled.octets is None:
            return None
        try:
            return self.reader.read(labelled.octets, labelled.received_at)
        except UnreadableMessage:
            return None


def _show(redacted: Redacted, told: Proposal, identifier: str) -> None:
    shown = console()
    shown.rule(identifier)
    for title, content in (("Before", redacted.before), ("After", redacted.after)):
        lines = content.splitlines()
        shown.print(f"--- {title}")
        shown.print(safe("\n".join(line[:500] for line in lines[:_LINES])))
        if len(lines) > _LINES:
            shown.print(f"... {len(lines) - _LINES} more lines")
    for name in FIELDS:
        for origin, values in (("said", told.said), ("sure guess", told.guessed)):
            if name in values:
                shown.print(f"{name}: {safe(' '.join(values[name]) or '-')}  ({origin})")
    if redacted.suspects:
        shown.print(f"May be names, look: {safe('; '.join(redacted.suspects))}")
    if redacted.leaks:
        shown.print(f"Not replaced, edit before it can be written: {safe('; '.join(redacted.leaks))}")
