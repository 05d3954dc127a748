"""What people say back: actions on inquiries, and what a digest offers its reader to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What a liaison can do with an inquiry, or with their own duty, by mail."""

    ACCEPT = "accept"
    DECLINE = "decline"
    REASSIGN = "reassign"
    ANSWERED = "answered"
    WAIT = "wait"
    DONE = "done"
    NOT_OURS = "not-ours"
    SPAM = "spam"
    FETCH = "fetch"
    CORRECT = "correct"
    NOTE = "note"
    OUTCOME = "outcome"
    BACKGROUND = "background"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One line of an answer, understood.

    Parameters
    ----------
    action
        What to do.
    key
        The inquiry that it is about; empty for pause and resume.
    value
        What the action needs: the id of a liaison, a day (ISO 8601), a tag ``field=value``, free text; else empty.
    line
        What was written, shortened, to be said back.
    """

    action: Action
    key: str = ""
    value: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A suggested first answer to an inquirer, which a person may send.

    Parameters
    ----------
    title
        What it is about, for the liaison.
    subject, text
        What the inquirer would read.
    language
        ISO 639 code of `text`.
    """

    title: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one entry of a digest lets its reader do.

    Parameters
    ----------
    token
        Lets one liaison act on one inquiry as it stands now.
    address
        Where actions go.
    tracking
        The address that, in Cc of an answer to the inquirer, marks the inquiry as answered; another secret than the
        token; empty where there is none.
    actions
        Each action that the state allows, with the words that stand for it in the reader's language.
    draft
        A suggested first answer, or None.
    """

    token: str
    address: str
    tracking: str = ""
    actions: tuple[tuple[Action, str], ...] = ()
    draft: Draft | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a person wrote down about an inquiry."""

    inquiry: str
    author: str
    text: str
    at: datetime
