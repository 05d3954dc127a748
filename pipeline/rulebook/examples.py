"""Every rule's own examples, run as tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from pipeline.records.inquiries import Inquiry
from pipeline.rulebook.book import Rule, Rulebook
from pipeline.rulebook.checks import is_id
from pipeline.rulebook.declared import Example, InlineMail
from pipeline.rulebook.match import hits

Read = Callable[[bytes], Inquiry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An example that did not do what its rule says.

    Parameters
    ----------
    rule, file
        Which rule, and where it is.
    path
        Dotted path of the example inside the rule, such as ``hits.0``.
    message
        What happened.
    """

    rule: str
    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: rule {self.rule!r}: {self.path}: {self.message}"


def run(book: Rulebook, read: Read, fixtures: Path | None = None) -> tuple[Failure, ...]:
    """Run the examples of every rule; return those that fail.

    Parameters
    ----------
    book
        The rules.
    read
        Octets to Inquiry.
    fixtures
        Folder of labelled mail; without it, examples that are ids are left out.
    """
    fired: dict[str, frozenset[str]] = {}
    failures: list[Failure] = []
    for rule in book.rules:
        for path, examples, wanted in (("hits", rule.hits, True), ("misses", rule.misses, False)):
            for number, example in enumerate(examples):
                octets = _octets(example, fixtures)
                if octets is None:
                    continue
                if isinstance(octets, str):
                    failures.append(_failure(rule, f"{path}.{number}", octets))
                    continue
                key = repr(example)
                if key not in fired:
                    fired[key] = frozenset(hit.rule for hit in hits(book, read(octets)))
                if (rule.id in fired[key]) is not wanted:
                    failures.append(_failure(rule, f"{path}.{number}", _told(example, wanted=wanted)))
    return tuple(failures)


def compose(example: InlineMail) -> bytes:
    """Return the octets of a small mail (RFC 5322)."""
    message = EmailMessage(policy=SMTP)
    fields = {"From": example.from_, "To": "partnerships@wikimedia.example", "Subject": example.subject}
    fields |= {"Date": "Mon, 01 Jun 2026 12:00:00 +0000", "Message-ID": "<1@rules.example>", **example.header}
    for name, value in fields.items():
        message[name] = " ".join(value.split())
    signature = f"\n\n-- \n{example.signature}" if example.signature else ""
    message.set_content(f"{example.body}{signature}\n", cte="base64")
    for filename in example.attachments:
        message.add_attachment(b"-", maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes()


def _octets(example: Example, fixtures: Path | None) -> bytes | str | None:
    """Return the mail, None if it is not at hand, or what is wrong with it."""
    if isinstance(example, InlineMail):
        return compose(example)
    if not is_id(example):
        return compose(InlineMail(body=example))
    if fixtures is None:
        return None
    try:
        return (fixtures / "messages" / f"{example}.eml").read_bytes()
    except OSError as error:
        return f"{example}: cannot be read: {error.strerror}; restore it, or take another example"


def _told(example: Example, *, wanted: bool) -> str:
    shown = example if isinstance(example, str) else f"{example.subject} {example.body}".strip()
    expected = "should hit, and does not" if wanted else "should not hit, and does"
    return f"{shown[:60]!r} {expected}"


def _failure(rule: Rule, path: str, message: str) -> Failure:
    return Failure(rule=rule.id, file=rule.file, path=path, message=message)
