"""Receipts: what was understood of an answer, what was done, and what was not, in the words of who wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipeline.feedback.vocabulary import Lexicon
from pipeline.records.answers import Action
from pipeline.records.work import State
from pipeline.tongue import Tongue, msgid, tongue

_MOST_PUZZLES = 5
_WIDTH = 60


class Trouble(StrEnum):
    """Why a command was not carried out."""

    STALE = "stale"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    WHICH = "which"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"
    WHO = "who"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a receipt.

    Parameters
    ----------
    key, title
        The inquiry and its subject; empty for what is about none.
    action
        What was understood; None if nothing was.
    value
        Of the action, as in `Command`; of a handing over the name of who got it.
    line
        What was written, shortened.
    trouble
        Why it was not done; None if it was.
    nearest
        The nearest valid word, or empty.
    state, holder
        Where the inquiry stands, and the name of who has it.
    """

    key: str = ""
    title: str = ""
    action: Action | None = None
    value: str = ""
    line: str = ""
    trouble: Trouble | None = None
    nearest: str = ""
    state: State | None = None
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt tells; `replies` if it can be answered, `subject` of the mail that it answers."""

    items: tuple[Item, ...]
    subject: str
    replies: bool = True


_STATES: Mapping[State, str] = {
    State.RECEIVED: msgid("waiting for somebody"),
    State.ASSIGNED: msgid("assigned"),
    State.ACCEPTED: msgid("accepted"),
    State.ANSWERED: msgid("answered"),
    State.WAITING: msgid("waiting for the inquirer"),
    State.DONE: msgid("done"),
    State.DECLINED: msgid("declined"),
    State.NOT_OURS: msgid("put away as not ours"),
    State.MERGED: msgid("part of another inquiry"),
    State.FILED: msgid("filed"),
    State.ARCHIVED: msgid("archived"),
}


def render(receipt: Receipt, lexicon: Lexicon) -> tuple[str, str]:
    """Return subject and text of a receipt, in the language of `lexicon`."""
    said = tongue(lexicon.locale)
    done = [one for one in receipt.items if one.trouble is None and one.action is not None]
    undone = [one for one in receipt.items if one.trouble is not None]
    puzzles = [one for one in receipt.items if one.trouble is None and one.action is None]
    blocks: list[list[str]] = []
    if done:
        blocks.append([said.text("Done:"), *_grouped(done, lambda one: _deed(one, said, lexicon))])
    if undone:
        blocks.append([said.text("Not done:"), *_grouped(undone, lambda one: _refusal(one, said))])
    if puzzles:
        blocks.append([said.text("Not understood:"), *_puzzling(puzzles, said)])
        blocks.append(_help(said, lexicon))
    if not receipt.items:
        blocks.append([said.text("No instruction was found in your mail.")])
        blocks.append(_help(said, lexicon))
    blocks += ([one] for one in _remarks(done, receipt, said, lexicon))
    subject = receipt.subject if receipt.subject[:3].casefold() == "re:" else f"Re: {receipt.subject}"
    return subject.strip(), "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _grouped(items: list[Item], say: Callable[[Item], str]) -> Iterator[str]:
    """Yield lines, those about one inquiry below its KEY and subject."""
    for key in dict.fromkeys(one.key for one in items):
        mine = [one for one in items if one.key == key]
        if key:
            title = next((one.title for one in mine if one.title), "")
            yield f"  [{key}] {title}".rstrip()
        for text in dict.fromkeys(say(one) for one in mine):
            yield f"    {text}" if key else f"  {text}"


def _deed(item: Item, said: Tongue, lexicon: Lexicon) -> str:
    value = item.value
    match item.action:
        case Action.ACCEPT:
            return said.text("accepted: it is with you")
        case Action.DECLINE:
            return said.text("given back: somebody else gets it")
        case Action.REASSIGN:
            return said.text("handed to {name}", name=value)
        case Action.ANSWERED:
            return said.text("noted as answered")
        case Action.WAIT:
            return said.text("waits until {day}", day=said.day(date.fromisoformat(value), "UTC", "full"))
        case Action.DONE:
            return said.text("closed as done")
        case Action.NOT_OURS:
            return said.text("closed as not ours")
        case Action.SPAM:
            return said.text("filed as spam")
        case Action.FETCH:
            return said.text("fetched back: it is with you")
        case Action.CORRECT:
            return _correction(value, said)
        case _:
            return _remark_deed(item, said, lexicon)


def _remark_deed(item: Item, said: Tongue, lexicon: Lexicon) -> str:
    match item.action:
        case Action.NOTE:
            return said.text("note kept: {text}", text=_short(item.value))
        case Action.OUTCOME:
            return said.text("outcome: {text}", text=lexicon.offered_outcome(item.value))
        case Action.BACKGROUND:
            return said.text("background: {text}", text=item.value)
        case Action.PAUSE:
            return said.text(
                "You get no inquiries from now on, until you write: {word}",
                word=lexicon.offered(Action.RESUME),
            )
        case _:
            return said.text("You get inquiries again.")


def _correction(tag: str, said: Tongue) -> str:
    field, _, value = tag.partition("=")
    if field == "urgency" and value:
        value = said.day(date.fromisoformat(value), "UTC", "long")
    elif field != "priority" and value:
        value = said.tag(field, value)
    return f"{said.field(field)}: {value or said.text('none')}"


def _refusal(item: Item, said: Tongue) -> str:
    state = said.text(_STATES[item.state]) if item.state else ""
    match item.trouble:
        case Trouble.STALE if item.holder:
            return said.text(
                "“{line}”: it has moved on since; now it is: {state}, with {name}",
                line=item.line, state=state, name=item.holder,
            )  # fmt: skip
        case Trouble.STALE:
            return said.text(
                "“{line}”: it has moved on since; now it is: {state}", line=item.line, state=state
            )
        case Trouble.UNKNOWN:
            return said.text("“{line}”: there is no such inquiry", line=item.line)
        case Trouble.FOREIGN:
            return said.text("“{line}”: your mail gives no right to this inquiry", line=item.line)
        case Trouble.WHICH:
            return said.text("“{line}”: for which inquiry? Write its KEY in front", line=item.line)
        case Trouble.AMBIGUOUS:
            return said.text("“{line}”: your lines exclude each other; write one of them", line=item.line)
        case Trouble.IMPOSSIBLE:
            return said.text("“{line}”: cannot be done while it is: {state}", line=item.line, state=state)
        case Trouble.SAME:
            return said.text("“{line}”: it is there already", line=item.line)
        case _:
            return _nobody(item, said)


def _nobody(item: Item, said: Tongue) -> str:
    if item.nearest:
        return said.text(
            "“{line}”: nobody is called so; did you mean {name}?", line=item.line, name=item.nearest
        )
    return said.text("“{line}”: nobody is called so", line=item.line)


def _puzzling(puzzles: list[Item], said: Tongue) -> Iterator[str]:
    for one in puzzles[:_MOST_PUZZLES]:
        if one.nearest:
            yield "  " + said.text("“{line}”: did you mean “{word}”?", line=one.line, word=one.nearest)
        else:
            yield "  " + said.text("“{line}”", line=one.line)
    more = len(puzzles) - _MOST_PUZZLES
    if more > 0:
        yield "  " + said.plural("and {n} more line", "and {n} more lines", more)


def _help(said: Tongue, lexicon: Lexicon) -> list[str]:
    plain = (Action.ACCEPT, Action.DECLINE, Action.ANSWERED, Action.DONE, Action.NOT_OURS, Action.SPAM)
    words = [lexicon.offered(action) for action in plain]
    words += [
        f"{lexicon.offered(Action.REASSIGN)} {said.text('NAME')}",
        f"{lexicon.offered(Action.WAIT)} {said.text('DAY')}",
        f"{lexicon.offered(Action.NOTE)}: …",
        f"{lexicon.offered_field('partner_type')}: …",
    ]
    return [
        said.text("One instruction a line, with the KEY in front if there are several inquiries:"),
        f"  {', '.join(words)}",
    ]


def _remarks(done: list[Item], receipt: Receipt, said: Tongue, lexicon: Lexicon) -> Iterator[str]:
    routed = ("kind", "partner_type", "country", "region", "activities")
    corrected = [
        one for one in done if one.action is Action.CORRECT and one.value.partition("=")[0] in routed
    ]
    moved = any(one.action in (Action.REASSIGN, Action.DECLINE) for one in done)
    if corrected and not moved:
        word = f"{lexicon.offered(Action.REASSIGN)} {said.text('NAME')}"
        yield said.text("Corrections do not move an inquiry; to hand it on, write: {word}", word=word)
    if receipt.replies:
        yield said.text("You can reply to this mail; it acts on the inquiry as it stands now.")


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1].rstrip() + "…"
