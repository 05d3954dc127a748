"""Mail that somebody passed on: inline below a header block, behind quote marks, or as an attached message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.domainlists import free_mail
from pipeline.parsing import attribution
from pipeline.parsing.closings import fold
from pipeline.parsing.forwarddates import written_date
from pipeline.parsing.introduction import says_who
from pipeline.parsing.quotes import CHECKS_LIMIT, is_marked
from pipeline.parsing.replywords import WROTE, Role
from pipeline.parsing.sentences import sentences
from pipeline.parsing.subjects import forwarded
from pipeline.records.inquiries import Forward
from pipeline.records.messages import Address

_REPLY = re.compile(r"\s{0,3}(?:\[[^\]]{0,60}\]\s?)?(?:re|aw|sv|antw|odp|rif|res|ynt)\s?:", re.IGNORECASE)
DEPTH_LIMIT = 5  # forwards inside forwards that are opened
_LINES_LIMIT = 5_000
_ADDRESS = re.compile(r"[\w.+%'’&/=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_MORE_MARKS = re.compile(r"\s{0,3}(?:(?:vs|fs|vb|rm)\s?:|\[fwd?\])", re.IGNORECASE)
_ASKS_FROM = 60  # words above an enclosed mail that make the mail its sender's own
_INTRODUCED = 20  # so many suffice where the note says who writes, and asks
_NOTE_LIMIT = 80  # words of a note above a mail that nothing but its header block shows to be forwarded
_ANNOUNCED = 3  # an attribution is wrapped over at most so many lines
_QUESTION = re.compile(r"[?？؟]")
_RULE = "-=_*–—"
_ENDS = (
    "end", "ende", "fin", "fine", "fim", "final", "einde", "slut", "slutt", "koniec", "konec", "конец",
    "кінець", "край", "kraj", "loppu",
)  # fmt: skip
_END = re.compile(
    rf"[{_RULE}]{{3,80}}\s{{0,3}}(?:{'|'.join(_ENDS)})\b.{{0,80}}?[{_RULE}]{{3,80}}\s{{0,8}}", re.IGNORECASE
)
_CLOCK_WORDS = re.compile(
    r"^(?:\W{0,3}(?:[ap]\.?m\b\.?|uhr|utc|gmt|cet|cest|msk|h)(?![^\W\d_]))?\W{0,4}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A forward, opened.

    Parameters
    ----------
    forward
        Who passed on whose mail.
    note
        What the forwarder wrote around it.
    text
        The body of the forwarded mail.
    """

    forward: Forward
    note: str
    text: str


def open_forward(
    body: str,
    subject: str,
    forwarder: Address,
    *,
    answers: bool = False,
    to: Sequence[Address] = (),
    depth: int = 0,
) -> Opened | None:
    """Open mail that was forwarded inline.

    A line such as ``---------- Forwarded message ---------`` is enough. Without one the subject must carry a
    forward mark, and a header block or a quote-marked text must follow; or the mail answers nothing, and a full
    header block with an address follows a short note. Forwards inside forwards are opened too: the innermost
    author counts. Who asks for themselves above the mail that they enclose forwards nothing; see `asks_itself`.

    Parameters
    ----------
    body
        The body, normalised.
    subject
        Subject of the mail that holds it.
    forwarder
        Who sent it.
    answers
        True if the mail answers another one, so that a header block introduces a quote.
    to
        Whom the mail was sent to.
    depth
        How many forwards have been opened already.

    Returns
    -------
    Opened or None
        None if nothing was forwarded.
    """
    lines = body.split("\n", _LINES_LIMIT)
    start = _start(lines, subject, answers=answers)
    if start is None:
        return None
    opened = _open_at(lines, start, forwarder, passed_on(subject))
    if opened is None or asks_itself(opened.note, opened.text, opened.forward, to):
        return None
    if depth >= DEPTH_LIMIT:
        return opened
    within = opened.forward.subject or subject
    deeper = open_forward(opened.text, within, forwarder, answers=True, to=to, depth=depth + 1)
    return _joined(opened, deeper) if deeper else opened


def _joined(outer: Opened, deeper: Opened) -> Opened:
    note = "\n\n".join(part for part in (outer.note, deeper.note) if part)
    return Opened(forward=_richer(deeper.forward, outer.forward), note=note, text=deeper.text)


def passed_on(subject: str) -> bool:
    """Tell whether a subject carries a forward mark, also one that in some languages means a reply."""
    return forwarded(subject) or bool(_MORE_MARKS.match(subject))


def asks_itself(note: str, text: str, forward: Forward, to: Sequence[Address]) -> bool:
    """Tell whether who encloses a mail asks for themselves.

    They do who send the mail of somebody's house back to that house with a note, who write at length and more
    than they enclose, or who say who they are and put a question.
    """
    said = len(note.split())
    if said and _of_house(forward.from_, to) and not _of_house(forward.forwarder, to):
        return True
    if said < _INTRODUCED or said < len(text.split()):
        return False
    asks = _QUESTION.search(note) is not None and any(map(says_who, sentences(note, _INTRODUCED)))
    return said >= _ASKS_FROM or asks


def _of_house(person: Address, to: Sequence[Address]) -> bool:
    """Tell whether somebody's address is in the domain of one that a mail went to, or in one above or below it."""
    if person.domain in free_mail():
        return any(person.address.lower() == other.address.lower() for other in to)
    one = f".{person.domain}"
    others = [f".{other.domain}" for other in to if other.domain]
    return len(one) > 1 and any(one.endswith(other) or other.endswith(one) for other in others)


def _richer(inner: Forward, outer: Forward) -> Forward:
    return replace(inner, subject=inner.subject or outer.subject) if inner.from_ != Address() else outer


def _start(lines: Sequence[str], subject: str, *, answers: bool) -> int | None:
    """Return the line with which the forwarded mail, or the line that announces it, begins."""
    marked_subject = passed_on(subject)
    enclosing = not answers and not _REPLY.match(subject)
    checks = 0
    for index, line in enumerate(lines):
        if not (_may_separate(line) or attribution.may_be_field(line) or is_marked(line)):
            continue
        checks += 1
        if len(line) > attribution.LINE_LIMIT:
            continue
        if checks > CHECKS_LIMIT:
            return None
        kind = attribution.separator(line) if _may_separate(line) else ""
        if kind == "forwarded" and (marked_subject or not is_marked(line)):
            return index
        if kind == "original" and marked_subject:
            return index
        if marked_subject and (_heads_block(lines, index) or _heads_quote(lines, index)):
            return index
        if not marked_subject and _is_reply(lines, index):
            return index if enclosing and _encloses(lines, index) else None
    return None


def _encloses(lines: Sequence[str], index: int) -> bool:
    """Tell whether a full header block below a short note shows mail that was passed on."""
    if is_marked(lines[index]) or sum(len(line.split()) for line in lines[:index]) > _NOTE_LIMIT:
        return False
    start = index + 1 if attribution.separator(lines[index]) else index
    size = attribution.header_block(lines, start) if index > 0 and start < len(lines) else 0
    return any(map(attribution.holds_address, lines[start : start + size]))


def _may_separate(line: str) -> bool:
    return line.lstrip(" *>")[:2] in ("--", "__", "==", "––", "——", "<<") or line.rstrip(" *")[-1:] in (
        ":",
        "：",
    )


def _heads_block(lines: Sequence[str], index: int) -> bool:
    """Tell whether a header block begins here; below a forward mark in the subject a From field is enough."""
    if not attribution.may_be_field(lines[index]):
        return False
    return attribution.header_block(lines, index, least=1) > 0


def _heads_quote(lines: Sequence[str], index: int) -> bool:
    """Tell whether quote-marked lines begin here that no attribution introduces."""
    if not is_marked(lines[index]):
        return False
    above = next((line for line in reversed(lines[:index]) if line.strip()), "")
    return not attribution.ends_attribution(above) or not attribution.is_weak_attribution(above)


def _is_reply(lines: Sequence[str], index: int) -> bool:
    """Tell whether the quote of an answered mail begins here; what is forwarded below it was forwarded by others."""
    if is_marked(lines[index]) or (_may_separate(lines[index]) and attribution.separator(lines[index])):
        return True
    if attribution.ends_attribution(lines[index]):
        found = attribution.attribution(lines, index)
        if found and found[1]:
            return True
    return attribution.may_be_field(lines[index]) and attribution.header_block(lines, index, least=3) > 0


def _open_at(lines: Sequence[str], start: int, forwarder: Address, marked_subject: bool) -> Opened | None:
    before = "\n".join(lines[:start]).strip()
    inner, after = _unmarked(lines[start:])
    announced = bool(inner) and _may_separate(inner[0]) and bool(attribution.separator(inner[0]))
    behind = ""
    if announced:
        inner, behind = _until_end(inner[1:])
        if any(map(is_marked, inner[:4])):
            inner, after = _unmarked(inner)
    inner = inner[_blank(inner) :]
    size = attribution.header_block(inner, 0, least=1) if inner else 0
    forward = _read_block(inner[:size], forwarder) if size else _bare(forwarder)
    if announced and not size:
        size, forward = _attributed(inner, forwarder)
    text = "\n".join(_all_unmarked(inner[size:])).strip("\n")
    if not text.strip() or not (size or marked_subject):
        return None
    text, farewell = _without_forwarder(text, forwarder)
    note = "\n\n".join(part for part in (before, after, farewell, behind) if part)
    return Opened(forward=forward, note=note, text=text)


def _until_end(lines: Sequence[str]) -> tuple[list[str], str]:
    """Part the lines at the last one that says ``----- End of forwarded message -----``, as some clients write."""
    for index in range(len(lines) - 1, 0, -1):
        if len(lines[index]) <= attribution.LINE_LIMIT and _is_end(lines[index].strip()):
            return list(lines[:index]), "\n".join(lines[index + 1 :]).strip()
    return list(lines), ""


def _is_end(line: str) -> bool:
    # Rules without such a word would cost the pattern many tries.
    said = line.lstrip(_RULE).lstrip().casefold()
    return said.startswith(_ENDS) and _END.fullmatch(line) is not None


def _all_unmarked(lines: Sequence[str]) -> Sequence[str]:
    """Take the quote marks off where every line below the header block bears one, as Proton writes it."""
    said = [line for line in lines if line.strip()]
    return _unmarked(lines)[0] if said and all(map(is_marked, said)) else lines


def _attributed(lines: Sequence[str], forwarder: Address) -> tuple[int, Forward]:
    """Read what stands for a header block in some clients: ``01.03.2026, 09:00, "Anna" <anna@museum.example>:``."""
    for last, line in enumerate(lines[:_ANNOUNCED]):
        found = attribution.attribution(lines, last) if attribution.ends_attribution(line) else None
        if found and found[1]:
            told = " ".join(part.strip() for part in lines[: last + 1])
            address = _ADDRESS.search(told)
            head = told[: address.start()] if address else told
            dated = max((place for place, sign in enumerate(head) if sign.isdigit()), default=-1) + 1
            behind = _CLOCK_WORDS.sub("", head[dated:]).split()
            name = " ".join(word for word in behind if fold(word.strip(":,")) not in WROTE)
            who = _person(f"{name}{told[len(head) :]}" if address else name)
            return last + 1, replace(_bare(forwarder), from_=who, date=written_date(head[:dated]))
    return 0, _bare(forwarder)


def _bare(forwarder: Address) -> Forward:
    return Forward(forwarder=forwarder, from_=Address(), date=None, subject="")


def _blank(lines: Sequence[str]) -> int:
    return next((index for index, line in enumerate(lines) if line.strip()), len(lines))


def _unmarked(lines: Sequence[str]) -> tuple[list[str], str]:
    """Take one level of quote marks off, if there is one, and set aside what stands without marks below."""
    first = _blank(lines)
    if first >= len(lines) or not is_marked(lines[first]):
        return list(lines), ""
    inside: list[str] = []
    outside: list[str] = []
    for line in lines:
        if is_marked(line):
            inside.append(line.lstrip(" ")[1:].removeprefix(" "))
        else:
            (outside if line.strip() else inside).append(line)
    return inside, "\n".join(outside).strip()


def _read_block(block: Sequence[str], forwarder: Address) -> Forward:
    """Read a header block."""
    values: dict[Role, str] = {}
    for line in block:
        field = attribution.header_field(line)
        for role in Role if field else ():
            if field and role in field[0] and role not in values:
                values[role] = field[1]
    return Forward(
        forwarder=forwarder,
        from_=_person(values.get(Role.FROM, "")),
        date=written_date(values.get(Role.DATE, "")),
        subject=values.get(Role.SUBJECT, "")[:500],
    )


def _person(value: str) -> Address:
    """Read ``Anna Berg <anna@museum.example>``, ``Anna Berg [mailto:...]``, an address alone, or a name alone."""
    found = _ADDRESS.search(value[:300])
    if not found:
        return Address(name=value.strip(" \t\"'<>*,;:")[:200])
    local, _, domain = found[0].rpartition("@")
    name = value[: found.start()].replace("mailto:", "").strip(" \t\"'<>[]()*,;:")
    return Address(name=name[:200], address=f"{local}@{domain.lower()}")


def _without_forwarder(text: str, forwarder: Address) -> tuple[str, str]:
    """Cut off the forwarder's own signature below the forwarded mail."""
    above, delimiter, below = text.rpartition("\n--\n")
    words = [word.casefold() for word in forwarder.name.split() if len(word) > 2]
    if delimiter and len(below) < 1_000 and any(word in below.casefold() for word in words):
        return above.rstrip(), below.strip()
    return text, ""
