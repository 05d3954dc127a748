"""Sieve's tests as values: each looks at a scanned inquiry and returns what it found, or None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.domainlists import free_mail
from pipeline.records.inquiries import Automatic, Inquiry, View
from pipeline.records.messages import Address
from pipeline.rulebook.fold import fold, whole_words
from pipeline.rulebook.scan import Scan

_LONGEST_MATCH = 80


@dataclass(frozen=True, slots=True)
class Found:
    """Where a test found something, and the words."""

    view: View | None
    matched: str


_NOTHING_SAID = Found(None, "")


class Predicate(Protocol):
    """A compiled test."""

    def __call__(self, scan: Scan) -> Found | None:
        """Return what was found in `scan`, or None."""


def shorten(text: str) -> str:
    """Return `text` cut to what a hit may quote."""
    return text if len(text) <= _LONGEST_MATCH else text[: _LONGEST_MATCH - 1] + "…"


@dataclass(frozen=True, slots=True)
class Words:
    """Any term of a word set in a view."""

    view: View
    number: int

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first term that occurs."""
        spans = scan.spans(self.view).get(self.number)
        return Found(self.view, shorten(whole_words(scan.text(self.view), *spans[0]))) if spans else None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern for google-re2 in a view."""

    view: View
    pattern: Any

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first match."""
        found = self.pattern.search(scan.octets(self.view))
        return Found(self.view, shorten(found.group(0).decode("utf-8", "replace"))) if found else None


@dataclass(frozen=True, slots=True)
class Contains:
    """Any of these strings in a view."""

    view: View
    parts: tuple[str, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first string that occurs."""
        text = scan.text(self.view)
        part = next((part for part in self.parts if part in text), None)
        return None if part is None else Found(self.view, shorten(part))


@dataclass(frozen=True, slots=True)
class Compare:
    """How a short string (a header, part of an address, a file name) is compared; all entries folded."""

    is_: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    pattern: Any = None

    def __call__(self, text: str) -> bool:
        """Tell whether the folded `text` passes."""
        return (
            text in self.is_
            or text.endswith(self.ends)
            or any(part in text for part in self.contains)
            or (self.pattern is not None and self.pattern.search(text.encode("utf-8", "replace")) is not None)
        )


@dataclass(frozen=True, slots=True)
class ViewCompare:
    """A whole view, compared as a string."""

    view: View
    compare: Compare

    def __call__(self, scan: Scan) -> Found | None:
        """Return the start of the view if it passes."""
        text = scan.text(self.view)
        return Found(self.view, shorten(text)) if self.compare(text) else None


@dataclass(frozen=True, slots=True)
class Header:
    """Any header field of a name (RFC 5228, section 5.7)."""

    field: str
    compare: Compare

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first field that passes."""
        values = map(fold, scan.inquiry.message.headers(self.field))
        passed = next(filter(self.compare, values), None)
        return None if passed is None else Found(None, shorten(f"{self.field}: {passed}"))


@dataclass(frozen=True, slots=True)
class Exists:
    """All of these header fields exist (RFC 5228, section 5.5)."""

    fields: tuple[str, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return their names."""
        message = scan.inquiry.message
        there = all(message.header(field) is not None for field in self.fields)
        return Found(None, shorten(", ".join(self.fields))) if there else None


@dataclass(frozen=True, slots=True)
class AddressPart:
    """Part of any of the addresses in some fields (RFC 5228, section 5.1)."""

    of: tuple[str, ...]
    part: str
    compare: Compare

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first address whose part passes."""
        for field in self.of:
            for address in _addresses(scan.inquiry, field):
                part = _part(address, self.part)
                if part and self.compare(part):
                    return Found(View.SENDER if field in {"author", "from"} else None, shorten(part))
        return None


@dataclass(frozen=True, slots=True)
class AttachmentPart:
    """Name and content type of one attachment."""

    name: Compare | None
    type_: Compare | None

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first attachment that passes both."""
        for attachment in scan.inquiry.message.attachments:
            name, type_ = fold(attachment.name), fold(attachment.content_type)
            if (self.name is None or self.name(name)) and (self.type_ is None or self.type_(type_)):
                return Found(View.ATTACHMENTS, shorten(name or type_))
        return None


@dataclass(frozen=True, slots=True)
class ListId:
    """The mailing list (RFC 2919)."""

    compare: Compare

    def __call__(self, scan: Scan) -> Found | None:
        """Return its identifier if it passes."""
        text = fold(scan.inquiry.list_id or "")
        return Found(None, shorten(text)) if text and self.compare(text) else None


@dataclass(frozen=True, slots=True)
class Language:
    """The language of what the author wrote."""

    codes: tuple[str, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return the code if it is one of them."""
        code = scan.inquiry.language
        return Found(None, code) if code in self.codes else None


@dataclass(frozen=True, slots=True)
class IsAutomatic:
    """Produced by a machine: at all (True, False), or for one of these reasons."""

    wanted: bool | tuple[Automatic, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return the reason."""
        reason = scan.inquiry.automatic
        if isinstance(self.wanted, bool):
            passed = (reason is not None) is self.wanted
        else:
            passed = reason in self.wanted
        return Found(None, reason.value if reason else "written by hand") if passed else None


@dataclass(frozen=True, slots=True)
class Freemail:
    """The author writes from a provider of mailboxes for everybody, or does not."""

    wanted: bool

    def __call__(self, scan: Scan) -> Found | None:
        """Return the domain."""
        domain = scan.inquiry.author.domain.lower()
        if not domain or (domain in free_mail()) is not self.wanted:
            return None
        return Found(View.SENDER, shorten(domain))


@dataclass(frozen=True, slots=True)
class Size:
    """Characters of what the author wrote."""

    over: int | None
    under: int | None

    def __call__(self, scan: Scan) -> Found | None:
        """Return the number."""
        size = len(scan.inquiry.text)
        passed = (self.over is None or size > self.over) and (self.under is None or size < self.under)
        return Found(None, f"{size} characters") if passed else None


@dataclass(frozen=True, slots=True)
class Always:
    """Sieve's true and false (RFC 5228, sections 5.10 and 5.6)."""

    wanted: bool

    def __call__(self, scan: Scan) -> Found | None:  # noqa: ARG002 - a predicate's shape
        """Return an empty finding, or None."""
        return _NOTHING_SAID if self.wanted else None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every test passes."""

    tests: tuple[Predicate, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return the most telling finding: the first one with words in a view."""
        best: Found | None = None
        for test in self.tests:
            found = test(scan)
            if found is None:
                return None
            if best is None or (best.view is None and found.view is not None):
                best = found
        return best


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some test passes."""

    tests: tuple[Predicate, ...]

    def __call__(self, scan: Scan) -> Found | None:
        """Return the first finding."""
        return next((found for test in self.tests if (found := test(scan)) is not None), None)


@dataclass(frozen=True, slots=True)
class Not:
    """The test does not pass."""

    test: Predicate
    said: str

    def __call__(self, scan: Scan) -> Found | None:
        """Return that the test found nothing, such as ``no list_id``."""
        return Found(None, self.said) if self.test(scan) is None else None


def _addresses(inquiry: Inquiry, field: str) -> tuple[Address, ...]:
    message = inquiry.message
    match field:
        case "author":
            return (inquiry.author,)
        case "from":
            return (message.from_,)
        case "sender":
            return (message.sender,) if message.sender else ()
        case "reply-to":
            return message.reply_to
        case "to":
            return message.to
        case _:
            return message.cc


def _part(address: Address, part: str) -> str:
    match part:
        case "domain":
            return fold(address.domain)
        case "local":
            return fold(address.local_part)
        case _:
            return fold(address.address)
