"""What a bounce says of the delivery: its status code, and whether it failed for good (RFC 3464, RFC 3463).

Bounces in words alone, such as qmail's and Exim's, are read by the first code in what the mail server itself says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.records.inquiries import Automatic, Failure
from pipeline.records.messages import ParsedMessage

_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_HEADER = 65_536
_RECIPIENTS = 50
_TEXT = 20_000
_DIAGNOSTIC = 2_000
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
# Where a copy of the mail begins, and nothing that a mail server says follows.
_COPY = re.compile(
    r"^(?:[- =]*(?:below this line is a copy|this is a copy of|original message|the original message|"
    r"included is a copy|returned message|undelivered message).*|return-path: ?<.*|received: from .*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ENHANCED = re.compile(r"(?<![\d.])([45])\.[0-7]\.\d{1,3}(?!\.?\d)")
_REPLY = re.compile(r"(?<![\d.:-])([45])[0-5]\d(?=[ -])(?! (?:days?|hours?|minutes?|seconds?|bytes|octets))")
_DELAY = re.compile(
    r"delayed|warning:|will be (?:re)?tried|(?:still|keep) trying|not yet (?:been )?deliver|no action is required|"
    r"temporar(?:y|ily)|try again later|verzögert|verzögerung|retard(?:é|ado)|retras(?:o|ado)",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"permanent|giv(?:en|ing) (?:it )?up|could not be delivered|undeliverable|retry timeout", re.IGNORECASE
)


def failure(message: ParsedMessage, sort: Automatic | None) -> Failure | None:
    """Return what a bounce says of the delivery; None if the message is no bounce.

    Of a report on several recipients, into whom an alias was resolved, it failed for good if it did for all of them.
    """
    if sort is not Automatic.BOUNCE:
        return None
    for part in message.attachments:
        if part.content_type in _REPORTS and part.payload:
            told = list(_told(part.payload[:_HEADER].decode("utf-8", "replace")))
            if told:
                return next((one for one in told if not one.permanent), told[0])
    return _in_words(message)


def _told(report: str) -> Iterator[Failure]:
    """Yield what a delivery report says of each recipient (RFC 3464, section 2.3)."""
    blocks = re.split(r"\r?\n[ \t]*\r?\n", report)
    for block in blocks[:_RECIPIENTS]:
        fields = _fields(block)
        if "final-recipient" in fields or "original-recipient" in fields:
            yield _failure(
                fields.get("action", ""), fields.get("status", ""), fields.get("diagnostic-code", "")
            )


def _fields(block: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block)
    pairs = (line.partition(":") for line in unfolded.splitlines())
    return {name.strip().lower(): value.strip().lower() for name, colon, value in pairs if colon}


def _failure(action: str, status: str, diagnostic: str) -> Failure:
    """Judge by the action first: a warning of a delay may carry a code of either class.

    Where the status says no more than its class, the server's own answer does: some report a greylisting as 5.0.0.
    """
    found = _STATUS.match(status)
    code = found[1] if found else ""
    exact = _ENHANCED.search(diagnostic[:_DIAGNOSTIC])
    if exact and (not code or code.endswith(".0.0")):
        code = exact[0]
    if action.startswith(("delivered", "relayed", "expanded")):
        return Failure(status=code or "2.0.0", permanent=False)
    if action.startswith("delayed"):
        return Failure(status=code or "4.0.0", permanent=False)
    return Failure(status=code or "5.0.0", permanent=not code or code.startswith("5"))


def _in_words(message: ParsedMessage) -> Failure:
    """Read what a mail server says in words; nothing of the copy below it."""
    text = message.text_plain[:_TEXT]
    copy = _COPY.search(text)
    said = text[: copy.start()] if copy else text
    enhanced = _ENHANCED.search(said)
    if enhanced:
        return Failure(status=enhanced[0], permanent=enhanced[1] == "5")
    reply = _REPLY.search(said)
    if reply:
        return Failure(status=f"{reply[1]}.0.0", permanent=reply[1] == "5")
    delayed = _DELAY.search(f"{message.subject}\n{said}") and not _GIVEN_UP.search(said)
    return Failure(status="4.0.0" if delayed else "5.0.0", permanent=not delayed)
