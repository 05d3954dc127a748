"""Lines of an answer to commands: what is understood, on which inquiry, and of the rest the nearest valid word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipeline.feedback.days import read_day
from pipeline.feedback.lines import KEY, Line, head_key, head_keys, tail_key
from pipeline.feedback.values import Unclear, Values, read_url
from pipeline.feedback.vocabulary import Lexicon, fold
from pipeline.records.answers import Action, Command
from pipeline.records.decisions import LIST_FIELDS
from pipeline.records.outcomes import Outcome

MOST_COMMANDS = 100
"""Commands of one mail that are carried out."""
LONGEST_NOTE = 2_000
"""Characters of a note."""

_SHOWN = 60
_LONGEST_WAIT = timedelta(days=366)
_NEAR = 72.0
_VALUED = frozenset(
    {Action.REASSIGN, Action.WAIT, Action.CORRECT, Action.NOTE, Action.OUTCOME, Action.BACKGROUND}
)
_OF_ONESELF = frozenset({Action.PAUSE, Action.RESUME})
# What takes an inquiry out of the hands of its liaison; and what else changes its state.
_AWAY = frozenset({Action.DECLINE, Action.REASSIGN, Action.NOT_OURS, Action.SPAM})
_WAYS = _AWAY | {Action.ACCEPT, Action.ANSWERED, Action.WAIT, Action.DONE, Action.OUTCOME, Action.FETCH}
_EDGES = " \t.,;!*_•·–—-¡¿\"'“”„«»‹›‘’"
_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+(?=\D)")
_SMILE = re.compile(r"\s[:;]-?[()DPp]$")
_WRAPPED = 68  # characters; some programs break lines no later than here
_ENDS = (".", "!", "?", ":", ";")


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """A line that was not understood.

    Parameters
    ----------
    line
        What was written, shortened.
    key
        The inquiry that it is about, as far as told.
    nearest
        What it could be instead, or empty.
    """

    line: str
    key: str = ""
    nearest: str = ""


Understood = Command | Puzzle


@dataclass(frozen=True)
class Understanding:
    """Reads the lines of one person.

    Parameters
    ----------
    values
        Reads what stands behind a colon, in the person's words.
    today
        In their time zone.
    name
        Theirs: a line that holds no more is their signature.
    """

    values: Values
    today: date
    name: str = ""

    @property
    def lexicon(self) -> Lexicon:
        """The person's words."""
        return self.values.lexicon

    def read(self, lines: Sequence[Line], default: str = "") -> tuple[Understood, ...]:
        """Return what `lines` say, in order.

        Parameters
        ----------
        lines
            Unquoted lines, each with the KEY of the quoted entry that it stands under.
        default
            KEY of the only inquiry that the mail can be about; empty if there are several.
        """
        found: list[Understood] = []
        current, under, closing = "", "", False
        for number, line in enumerate(lines):
            if line.key != under:  # under another quoted entry; what stood before is over
                current, under, closing = line.key, line.key, False
            heading = self.heading(line.text)
            if heading:
                current, closing = heading, False
                continue
            if not line.text.strip():
                continue
            said = self._line(line.text, current or default)
            if not isinstance(said, Puzzle) and self._is_prose(lines, number):
                said = Puzzle(line=_short(line.text), key=said[0].key)
                said = replace(said, nearest=f"{said.key} {said.line}" if said.key else "")
            if isinstance(said, Puzzle) and (closing or self._says_nothing(line.text)):
                closing = closing or self._closes(line.text)
                continue
            if isinstance(said, Puzzle) and line.continues and _extend(found, line.text, said):
                continue
            keys, _ = head_keys(line.text)
            current = keys[-1] if keys else current
            found += (said,) if isinstance(said, Puzzle) else said
            if len(found) >= MOST_COMMANDS:
                break
        return tuple(map(_without_words, found))

    def heading(self, text: str) -> str:
        """Return the KEY if a line is nothing but a KEY, with or without brackets and a colon."""
        bare = text.strip(_EDGES + "[]#:>")
        return bare.upper() if KEY.fullmatch(bare) and bare.upper() == bare else ""

    def is_command(self, text: str) -> bool:
        """Return whether a line would be understood."""
        return not isinstance(self._line(text, "AAAAAA"), Puzzle)

    def _line(self, text: str, key: str) -> tuple[Command, ...] | Puzzle:
        """Read one line; a KEY in front or behind says which inquiry is meant."""
        keys, rest = head_keys(_NUMBER.sub("", text, count=1))
        if not keys:
            named, rest = tail_key(rest)
            keys = (named or key,)
        said = self._said(rest, keys[0])
        if isinstance(said, Puzzle):
            return replace(said, line=_short(text))
        return tuple(
            replace(one, line=_short(text), key=named if one.key else "") for named in keys for one in said
        )

    def _is_prose(self, lines: Sequence[Line], number: int) -> bool:
        """Tell whether a bare command is but a line of a sentence: "We will / accept / their offer"."""
        line = lines[number]
        if ":" in line.text or head_key(line.text)[0] or tail_key(line.text)[0]:
            return False
        before = lines[number - 1].text.rstrip() if number and line.continues else ""
        if before and not before.endswith(_ENDS):
            if len(before) + len(line.text) > _WRAPPED:  # its last word, on a line of its own
                return True
            if self._is_words(before) and not _is_below_value(lines, number):
                return not (before.endswith(",") and len(before.split()) <= 2)  # "Asha,"
        after = lines[number + 1] if number + 1 < len(lines) else None
        if after is None or not after.continues or line.text.rstrip().endswith(_ENDS):
            return False
        return after.text.lstrip()[:1].islower() and self._is_words(after.text)

    def _is_words(self, text: str) -> bool:
        """Tell a line that is neither a command, nor nearly one, nor a greeting."""
        if not text.strip() or ":" in text or "=" in text or self._says_nothing(text) or self._closes(text):
            return False
        said = self._line(text, "AAAAAA")
        return isinstance(said, Puzzle) and not said.nearest

    def _said(self, text: str, key: str) -> tuple[Command, ...] | Puzzle:
        raw = " ".join(_bare(text, end=False).split())
        plain = self._without_politeness(_bare(raw))
        if plain.endswith("?") and ":" not in plain:
            return Puzzle(line=_short(text), key=key, nearest=self._nearest(plain))
        action = self.lexicon.actions.get(fold(plain))
        if action is not None and action not in _VALUED:
            return (Command(action=action, key="" if action in _OF_ONESELF else key),)
        literal = self._with_value(raw, key, free=True) or self._tagged(raw, key)  # "yes" can be a value
        if literal is not None and not isinstance(literal, Puzzle):
            return literal
        valued = self._with_value(plain, key) or self._tagged(plain, key)
        if valued is not None:
            return valued
        return Puzzle(line=_short(text), key=key, nearest=self._nearest(plain))

    def _without_politeness(self, text: str) -> str:
        """Drop a word of politeness before and behind: "please accept", "done, thanks"."""
        folded = fold(text)
        if folded in self.lexicon.actions:
            return text
        words = text.split()
        for polite in sorted(self.lexicon.small("polite"), key=len, reverse=True):
            size = len(polite.split())
            if len(words) > size and fold(" ".join(words[:size])).strip(_EDGES) == polite:
                words = words[size:]
            if len(words) > size and fold(" ".join(words[-size:])).strip(_EDGES) == polite:
                words = words[:-size]
        return " ".join(words).strip(_EDGES)

    def _with_value(self, text: str, key: str, *, free: bool = False) -> tuple[Command, ...] | Puzzle | None:
        """Read an action that something follows: a name, a day, or text (`free`); None if it is no such line."""
        parts = text.split(maxsplit=12)
        for phrase, action in self.lexicon.phrases:
            words = len(phrase.split())
            head = fold(" ".join(parts[:words])).rstrip(":,")
            if head != phrase or free != (action is Action.NOTE):
                continue
            colon = parts[words - 1].endswith(":") or parts[words : words + 1] == [":"]
            rest = " ".join(parts[words:]).lstrip(": ").strip()
            if action not in _VALUED:
                if colon and rest and action not in _OF_ONESELF:  # "decline: too many already"
                    done = Command(action=action, key=key)
                    return done, Command(action=Action.NOTE, key=key, value=rest[:LONGEST_NOTE])
                continue
            reader = _READERS[action]
            said = reader(self, rest, key, colon)
            if said is not None:
                return said
        return None

    def _tagged(self, text: str, key: str) -> tuple[Command, ...] | Puzzle | None:
        """Read a correction, ``type: archive``; None if it is none."""
        name, colon, said = text.partition(":") if ":" in text[:40] else text.partition("=")
        field = self.lexicon.fields.get(fold(name)) if colon else None
        if field is None:
            return None
        try:
            tags = self.values.tags(field, said, self.today)
        except Unclear as unclear:
            near = f"{name.strip()}: {unclear.nearest}" if unclear.nearest else ""
            return Puzzle(line=_short(text), key=key, nearest=near)
        return tuple(Command(action=Action.CORRECT, key=key, value=tag) for tag in tags)

    def _reassign(self, rest: str, key: str, _colon: bool) -> tuple[Command, ...] | None:
        lead = next((one for one in self.lexicon.small("to") if fold(rest).startswith(f"{one} ")), "")
        name, _, reason = rest[len(lead) :].strip(_EDGES).partition(": ")
        return _with_reason(Action.REASSIGN, key, name[:100], reason) if name else None

    def _wait(self, rest: str, key: str, _colon: bool) -> tuple[Command, ...] | Puzzle | None:
        said, _, reason = rest.partition(": ")
        day = read_day(said, self.today, self.lexicon)
        if day is not None and self.today < day <= self.today + _LONGEST_WAIT:
            return _with_reason(Action.WAIT, key, day.isoformat(), reason)
        if len(rest.split()) > 4:
            return None
        example = (self.today + timedelta(days=14)).isoformat()
        return Puzzle(line="", key=key, nearest=f"{self.lexicon.offered(Action.WAIT)} {example}")

    def _note(self, rest: str, key: str, colon: bool) -> tuple[Command, ...] | None:
        if not colon:
            return None
        return (Command(action=Action.NOTE, key=key, value=rest[:LONGEST_NOTE]),)

    def _outcome(self, rest: str, key: str, colon: bool) -> tuple[Command, ...] | Puzzle | None:
        if not colon:
            return None
        try:
            outcome, name = self.values.outcome(rest)
        except Unclear as unclear:
            near = f"{self.lexicon.offered(Action.OUTCOME)}: {unclear.nearest}" if unclear.nearest else ""
            return Puzzle(line="", key=key, nearest=near)
        value = f"{outcome.value} {name}" if outcome is Outcome.HANDED_OVER else outcome.value
        return (Command(action=Action.OUTCOME, key=key, value=value),)

    def _background(self, rest: str, key: str, colon: bool) -> tuple[Command, ...] | Puzzle | None:
        if not colon:
            return None
        url = read_url(rest)
        if url:
            return (Command(action=Action.BACKGROUND, key=key, value=url),)
        example = f"{self.lexicon.offered(Action.BACKGROUND)}: https://example.org/page"
        return Puzzle(line="", key=key, nearest=example)

    def _correct(self, rest: str, key: str, _colon: bool) -> tuple[Command, ...] | Puzzle | None:
        return self._tagged(rest, key)

    def _nearest(self, text: str) -> str:
        """Return the nearest phrase, where there is one near enough."""
        from rapidfuzz import fuzz, process

        name, colon, rest = text[:200].partition(":")
        if not colon and len(text.split()) > 5:
            return ""
        known = [*self.lexicon.fields, *self.lexicon.actions] if colon else list(self.lexicon.actions)
        found = process.extractOne(fold(name[:_SHOWN]), known, scorer=fuzz.ratio, score_cutoff=_NEAR)
        word = self.lexicon.spelled[found[0]] if found else ""
        said = re.search(r"\w", rest) is not None
        return f"{word}{colon}{rest[:_SHOWN]}" if word and said else word

    def _says_nothing(self, text: str) -> bool:
        """Tell a greeting, a closing, or the like."""
        folded = fold(text).strip(_EDGES + ":")
        if folded and set(folded.split()) <= set(fold(self.name).split()):
            return True
        starts = self.lexicon.small("ignored")
        return not re.search(r"\w", folded) or (
            len(folded.split()) <= 6
            and any(folded == one or folded.startswith((f"{one} ", f"{one},")) for one in starts)
        )

    def _closes(self, text: str) -> bool:
        return fold(text).strip(_EDGES + ":") in self.lexicon.small("closings")


_Reader = Callable[[Understanding, str, str, bool], "tuple[Command, ...] | Puzzle | None"]
_READERS: dict[Action, _Reader] = {
    Action.REASSIGN: Understanding._reassign,
    Action.WAIT: Understanding._wait,
    Action.NOTE: Understanding._note,
    Action.OUTCOME: Understanding._outcome,
    Action.BACKGROUND: Understanding._background,
    Action.CORRECT: Understanding._correct,
}


def _extend(found: list[Understood], text: str, said: Puzzle) -> bool:
    """Let a note go on over the next line; tell whether there is one."""
    last = found[-1] if found else None
    if not isinstance(last, Command) or last.action is not Action.NOTE or (said.nearest and last.value):
        return False
    found[-1] = replace(last, value=f"{last.value} {' '.join(text.split())}".strip()[:LONGEST_NOTE])
    return True


def _is_below_value(lines: Sequence[Line], number: int) -> bool:
    """Tell whether a line belongs to a paragraph with a value in it, such as a note, which a command may end."""
    while number and lines[number].continues:
        number -= 1
        if ":" in lines[number].text:
            return True
    return False


def _without_words(said: Understood) -> Understood:
    """Return what was said; a note without a word is none."""
    if isinstance(said, Command) and said.action is Action.NOTE and not said.value:
        return Puzzle(line=said.line, key=said.key, nearest=f"{said.line} …")
    return said


def _with_reason(action: Action, key: str, value: str, reason: str) -> tuple[Command, ...]:
    """Return a command, and the reason behind it as a note."""
    done = Command(action=action, key=key, value=value)
    note = Command(action=Action.NOTE, key=key, value=reason.strip()[:LONGEST_NOTE])
    return (done, note) if note.value else (done,)


def _bare(text: str, *, end: bool = True) -> str:
    """Return a line without bullets, quotation marks, smiles and pictures around it."""
    first, last = 0, len(text)
    while first < last and _is_edge(text[first]):
        first += 1
    while end and last > first and _is_edge(text[last - 1]):
        last -= 1
    bare = text[first:last]
    return _bare(_SMILE.sub("", bare)) if end and _SMILE.search(bare) else bare


def _is_edge(sign: str) -> bool:
    return sign in _EDGES or sign == "\ufe0f" or unicodedata.category(sign) in ("So", "Sk", "Cf")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1].rstrip() + "…"


def undecided(commands: Sequence[Command]) -> tuple[Command, ...]:
    """Return the commands that exclude each other, and corrections that give one field two values."""
    unclear = frozenset(contradictions(commands))
    ways = [one for one in commands if one.action in _WAYS | _OF_ONESELF and one.key in unclear]
    told: dict[tuple[str, str], set[str]] = {}
    corrections = [one for one in commands if one.action is Action.CORRECT]
    for one in corrections:
        field, _, value = one.value.partition("=")
        if field not in LIST_FIELDS:
            told.setdefault((one.key, field), set()).add(value)
    twice = [one for one in corrections if len(told.get((one.key, one.value.partition("=")[0]), ())) > 1]
    return (*ways, *twice)


def contradictions(commands: Sequence[Command]) -> Iterator[str]:
    """Yield each KEY to which two things are done that exclude each other: nobody can tell which is meant.

    An empty KEY stands for the writer's own duty: pause and resume.
    """
    for key in dict.fromkeys(one.key for one in commands):
        ways = {(one.action, one.value) for one in commands if one.key == key and one.action in _WAYS}
        actions = {action for action, _ in ways}
        twice = len(ways) > len(actions)  # two days, two names, two outcomes
        parted = bool(actions & _AWAY) and len(actions) > 1
        over = Action.WAIT in actions and bool(actions & {Action.DONE, Action.OUTCOME})
        if twice or parted or over:
            yield key
    if len({one.action for one in commands if one.action in _OF_ONESELF}) > 1:
        yield ""
