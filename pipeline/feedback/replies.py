"""``rules/replies/*.md``: suggested first answers to inquirers, and which of them fits. Nothing is ever sent by the program.

A file is TOML between two lines ``+++``, and the text. Fields in braces are filled; a line whose field has no value is left
out, but for {name}, without which a greeting is still one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from pipeline.declarative import Declared, parse, read_octets, suggestion, validate
from pipeline.errors import DeclarationError, Fault
from pipeline.records.answers import Draft
from pipeline.records.decisions import Tags
from pipeline.taxonomy import Taxonomy

FIELDS: Mapping[str, int] = {
    "name": 40, "organisation": 60, "subject": 80, "liaison": 40, "chapters": 240, "office": 160,
}  # fmt: skip
"""What may stand in braces, and how many characters of it are taken."""

LONGEST = 1_800
"""Characters of subject and text as they stand in a mailto: link; some programs cut links at 2,000."""

_LONGEST_TEMPLATE = 1_550
_FENCE = "+++"
_FIELD = re.compile(r"\{([^{}\n]{0,40})\}")
_LINK = re.compile(r"\S*(?:://|www\.)\S*", re.IGNORECASE)


class Head(Declared):
    """What a suggested answer is for.

    Parameters
    ----------
    title
        For the liaison: what it says.
    subject
        Of the answer; may hold fields.
    language
        ISO 639 code.
    kinds, alignments, activities
        It fits inquiries of one of these; empty: of all.
    """

    title: Annotated[str, Field(min_length=1, max_length=80)]
    subject: Annotated[str, Field(min_length=1, max_length=120)] = "Re: {subject}"
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    alignments: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One suggested answer: `name` of its file, its head, and its text."""

    name: str
    head: Head
    text: str

    @property
    def fields(self) -> frozenset[str]:
        """The fields in it."""
        return frozenset(_FIELD.findall(self.text + self.head.subject))


def load_replies(rules: Path, taxonomy: Taxonomy) -> tuple[Reply, ...]:
    """Read the suggested answers in the folder ``replies`` of `rules`; none if there is no such folder.

    Raises
    ------
    DeclarationError
        With every fault of every file.
    """
    found: list[Reply] = []
    faults: list[Fault] = []
    for path in sorted((rules / "replies").glob("*.md")):
        try:
            reply = _read(path)
        except DeclarationError as error:
            faults += error.faults
            continue
        found.append(reply)
        faults += [
            Fault(file=str(path), path=where, message=said) for where, said in _faults(reply, taxonomy)
        ]
    if faults:
        raise DeclarationError(tuple(faults))
    return tuple(found)


def choose(
    replies: tuple[Reply, ...], tags: Tags, language: str, having: frozenset[str] = frozenset()
) -> Reply | None:
    """Return the answer that fits best: the narrowest one, in the inquirer's `language`, else in English; or None.

    Parameters
    ----------
    tags
        Of the inquiry.
    having
        Which of the fields ``chapters`` and ``office`` there is something to say for; an answer with another is left out.
    """
    lacking = frozenset({"chapters", "office"}) - having
    fitting = [one for one in replies if _fits(one.head, tags) and not one.fields & lacking]
    if not fitting:
        return None
    best = max(_narrowness(one.head) for one in fitting)
    narrowest = sorted(
        (one for one in fitting if _narrowness(one.head) == best), key=lambda one: _place(one.head, tags)
    )
    for wanted in (language, "en"):
        found = next((one for one in narrowest if one.head.language == wanted), None)
        if found:
            return found
    return None


def fill(reply: Reply, values: Mapping[str, str], own: Mapping[str, str] | None = None) -> Draft | None:
    """Return `reply` with its fields filled; None if it would not go into a mailto: link.

    Parameters
    ----------
    values
        Field to what strangers say: shown as plain text in one line, links in it left out.
    own
        Field to what the settings say: taken as it is.
    """
    for share in (1.0, 0.5, 0.25):
        clean = {name: _clean(values.get(name, ""), int(limit * share)) for name, limit in FIELDS.items()}
        clean |= {name: text[: FIELDS[name]] for name, text in (own or {}).items()}
        subject = _filled(reply.head.subject, clean).strip()
        lines = (_filled(line, clean) for line in reply.text.split("\n") if not _lacks(line, clean))
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
        if in_link(subject, text) <= LONGEST:
            return Draft(title=reply.head.title, subject=subject, text=text, language=reply.head.language)
    return None


def in_link(subject: str, text: str) -> int:
    """Return how many characters subject and text take in a mailto: link (RFC 6068)."""
    return len(quote(subject, safe="")) + len(quote(text.replace("\n", "\r\n"), safe=""))


def _read(path: Path) -> Reply:
    octets = read_octets(path)
    lines = octets.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in (line.strip() for line in lines[1:]):
        message = f"no head; begin with a line {_FENCE}, title, language and kinds as TOML, and another line {_FENCE}"
        raise DeclarationError((Fault(file=str(path), path="", message=message),))
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE)
    head = validate(parse("\n".join(lines[1:end]).encode(), path), Head, str(path))
    return Reply(name=path.stem, head=head, text="\n".join(lines[end + 1 :]).strip() + "\n")


def _faults(reply: Reply, taxonomy: Taxonomy) -> Iterator[tuple[str, str]]:
    head = reply.head
    for name, field in (("kinds", "kind"), ("alignments", "alignment"), ("activities", "activities")):
        known = taxonomy.values(field)
        for value in getattr(head, name):
            if value not in known:
                yield name, f"no such value: {value!r}{suggestion(value, known)}"
    for field in sorted(reply.fields - FIELDS.keys()):
        yield "text", f"no such field: {{{field}}}{suggestion(field, FIELDS)}"
    if not reply.text.strip():
        yield "text", "empty; write the answer below the head"
    size = in_link(head.subject, reply.text)
    if size > _LONGEST_TEMPLATE:
        yield "text", f"takes {size} characters in a link, {_LONGEST_TEMPLATE} are possible; shorten it"


def _fits(head: Head, tags: Tags) -> bool:
    return (
        tags.kind in head.kinds
        and (not head.alignments or tags.alignment in head.alignments)
        and (not head.activities or bool(set(head.activities) & set(tags.activities)))
    )


def _narrowness(head: Head) -> tuple[bool, bool]:
    return bool(head.alignments), bool(head.activities)


def _place(head: Head, tags: Tags) -> int:
    """Return how early among the activities of an inquiry the first one is that an answer is for."""
    return next((place for place, one in enumerate(tags.activities) if one in head.activities), 0)


def _lacks(line: str, values: Mapping[str, str]) -> bool:
    return any(name != "name" and not values[name] for name in _FIELD.findall(line) if name in values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    filled = _FIELD.sub(lambda found: values.get(found[1], ""), text)
    return re.sub(r" +(?=,)", "", filled)


def _clean(text: str, limit: int) -> str:
    """Return `text` as one line of plain words."""
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text[:2_000])
    words = " ".join(_LINK.sub(" ", plain.replace("<", " ").replace(">", " ")).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"
