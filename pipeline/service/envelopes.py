"""The outside of a mail: who it says it is from, where it goes, and which tokens it bears where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.feedback import tokens, trust
from pipeline.parsing.fields import read_fields
from pipeline.records.inquiries import Inquiry
from pipeline.records.work import StoredMessage

BODY = 400_000
"""Characters of a body that are read."""

_HEADER = 1024 * 1024  # octets in which the header has to end
DELIVERED = ("Delivered-To", "X-Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
"""Fields in which mail servers write to whom they delivered a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The outside of a mail.

    Parameters
    ----------
    fields
        The header as it came.
    author
        The one author, or empty.
    to, subject, elsewhere
        What looks like a token behind the plus of an address of ours in To, in the subject, and in the text.
    addressed
        It goes to the address of answers.
    bounces
        Its envelope named no sender: so do notifications of machines alone (RFC 5321, section 4.5.5).
    """

    fields: trust.Fields
    author: str
    to: tuple[str, ...]
    subject: tuple[str, ...]
    elsewhere: tuple[str, ...]
    addressed: bool
    bounces: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens, each once."""
        return tuple(dict.fromkeys((*self.to, *self.subject, *self.elsewhere)))


def envelope(stored: StoredMessage, inquiry: Inquiry, address: str) -> Envelope:
    """Return the outside of a mail; `address` is where answers go."""
    fields = header(stored.octets)
    message = inquiry.message
    # Only To: what somebody put into Cc for others to see is no key.
    behind = tuple(tags((one.address for one in message.to), address))
    return Envelope(
        fields=fields,
        author=trust.sole_author(fields),
        to=tuple(tag for tag in behind if tag in set(tokens.in_text(tag))),
        subject=tuple(tokens.in_text(message.subject[:1000])),
        elsewhere=tuple(tokens.in_text(f"{inquiry.body[:BODY]}\n{message.text_html[:BODY]}")),
        addressed=bool(behind) or address.lower() in {one.lower() for one in inquiry.recipients},
        bounces=any(name.lower() == "return-path" and value.strip() == "<>" for name, value in fields),
    )


def tags(places: Iterable[str], address: str) -> Iterator[str]:
    """Yield what stands behind the plus in those of `places` that are our `address`."""
    local, _, domain = address.lower().rpartition("@")
    for place in places:
        name, _, host = place.strip("<> ").lower().rpartition("@")
        own, plus, tag = name.partition("+")
        if plus and tag and own == local and host == domain:
            yield tag


def with_token(address: str, token: str) -> str:
    """Return `address` with a token behind a plus (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def header(octets: bytes) -> trust.Fields:
    """Return the header fields of a message as they came, nothing decoded."""
    ends = [
        place for mark in (b"\r\n\r\n", b"\n\n", b"\r\r") if (place := octets.find(mark, 0, _HEADER)) >= 0
    ]
    block = octets[: min(ends) + 2 if ends else _HEADER]
    return tuple(read_fields(block.decode("utf-8", "surrogateescape"))[0])


def delivered(inquiry: Inquiry) -> tuple[str, ...]:
    """Return to whom mail servers say that they delivered a mail: where a copy went that To and Cc do not show."""
    found = (value for name in DELIVERED for value in inquiry.message.headers(name)[:10])
    return tuple(value[:400] for value in found)
