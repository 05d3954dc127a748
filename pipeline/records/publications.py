"""Pages on a wiki: as they were read, and as the program remembers that it wrote them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiPage:
    """A page as it was read.

    Parameters
    ----------
    title
        With its namespace.
    text
        Its wikitext.
    revision
        Number of its newest revision.
    """

    title: str
    text: str = field(repr=False)
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A page that was published.

    Parameters
    ----------
    page
        Its title.
    revision
        That it had then.
    sha256
        Of the section that is the program's, in hexadecimal.
    at
        When (aware, UTC).
    """

    page: str
    revision: int
    sha256: str
    at: datetime


class PageState(StrEnum):
    """What became of a page that was to be published."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What became of one page.

    Parameters
    ----------
    page
        Its title.
    state
        What became of it; ``later``: another try will be made.
    revision
        Its newest revision; None if it was not reached.
    detail
        Why it was not published, or empty.
    """

    page: str
    state: PageState
    revision: int | None = None
    detail: str = ""
