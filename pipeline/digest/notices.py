"""Short notes to whoever looks after the program: mail that comes back, pages that could not be published."""

from __future__ import annotations

from pipeline.digest import clean
from pipeline.digest.render import Rendered
from pipeline.tongue import Tongue, tongue

_NAME = 80
_ERROR = 300


def suspension(
    *, name: str, address: str, identifier: str, status: str, deputy: str, locale: str
) -> Rendered:
    """Say that a liaison is suspended because mail does not reach them.

    Parameters
    ----------
    name, address, identifier
        Of the liaison.
    status
        What the mail server said last (RFC 3463).
    deputy
        Who is the first to get what is open, or empty if no deputy is there.
    locale
        Of the reader.
    """
    said = tongue(locale)
    who = clean.line(name, _NAME)
    moved = (
        said.text(
            "Open inquiries are moved to {deputy}, or to whoever suits.", deputy=clean.line(deputy, _NAME)
        )
        if deputy
        else said.text("No deputy is there: open inquiries are moved to whoever suits.")
    )
    return _note(
        said.text("Mail to {name} comes back; suspended", name=who),
        said.text(
            "Three mails to {name}, {address}, could not be delivered. The mail server says: {status}.",
            name=who,
            address=clean.mail_address(address),
            status=_status(said, status),
        ),
        said.text("{name} gets no new inquiries and no digests until you end this.", name=who) + " " + moved,
        said.text("Correct the address in liaisons.toml, then run:")
        + f"\n\n    triage routes resume {identifier}",
    )


def unreachable(*, address: str, status: str, locale: str) -> Rendered:
    """Say that mail does not reach an address of the committee."""
    said = tongue(locale)
    shown = clean.mail_address(address)
    return _note(
        said.text("Mail to {name} comes back", name=shown),
        said.text(
            "Three weekly summaries to {address} could not be delivered. The mail server says: {status}.",
            address=shown,
            status=_status(said, status),
        ),
        said.text("Correct the address under [committee] in the settings."),
    )


def unpublished(*, page: str, error: str, locale: str) -> Rendered:
    """Say that a page could not be published."""
    said = tongue(locale)
    return _note(
        said.text("Not published: {page}", page=clean.line(page, _NAME)),
        said.text("The wiki page {page} could not be published:", page=clean.line(page, _NAME)),
        clean.line(error, _ERROR),
        said.text("When that is mended, run:") + "\n\n    triage wiki publish",
    )


def _status(said: Tongue, status: str) -> str:
    """Return a status code (RFC 3463) in words."""
    words = {
        "5.1": said.text("no such address"),
        "5.2": said.text("the mailbox takes no mail"),
        "5.4": said.text("no way to the mail server"),
        "5.7": said.text("refused by its rules"),
    }.get(status[:3], said.text("refused for good"))
    return f"{words} ({clean.line(status, 16)})"


def _note(subject: str, *paragraphs: str) -> Rendered:
    text = "\n\n".join(part if "\n" in part else clean.wrap(part, 72) for part in paragraphs)
    return Rendered(subject=subject, text=f"{text}\n", html="")
