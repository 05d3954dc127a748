"""The lines with which clients introduce quoted mail: "On ..., X wrote:", header blocks, separators.

All tests look at one line, or at a few, and cost the same whatever the text says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.parsing.closings import fold
from pipeline.parsing.replywords import FORWARDED, LABELS, LEAD_INS, ORIGINAL, WROTE, Role

LINE_LIMIT = 400  # characters of a line that are looked at
_ATTRIBUTION_LIMIT = 300  # characters of a whole attribution
_WITH_DATE_FIRST = 4  # fields that a block must have where it begins with the date, as GMX writes it
_WRAP = 3  # an attribution is wrapped over at most so many lines

_REPLY_LINE = 160  # characters
_ABOVE = (
    "above this line", "oberhalb dieser zeile", "über dieser zeile", "au-dessus de cette ligne", "encima de esta línea",
    "acima desta linha", "sopra questa riga", "sopra questa linea", "boven deze regel", "boven deze lijn",
)  # fmt: skip

_COLONS = ":：︓՝፦፡﹕"
_COLON = re.compile(f"[{_COLONS}]")
_EDGE = "*_> \t\u00a0|\u200e\u200f"
_LABEL = re.compile(
    rf"[\s>|]{{0,8}}\*?\s?([^\W\d_][\w.'’ \u00a0\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u200c-]{{0,24}}?)\s?\*?\s?[{_COLONS}]\*?(.*)",
    re.DOTALL,
)
_CLOCK = re.compile(r"\d{1,2}\s?[:.hH時时点點시]\s?\d{2}|\d{1,2}\s?(?:am|pm|uhr)\b", re.IGNORECASE)
_DATE = re.compile(r"\d{4}|\d{1,2}\s?[./-]\s?\d{1,2}|(?<!\d)\d{1,2}\.? [^\W\d_]{3}|[^\W\d_]{3}\.? \d{1,2}\b")
_ADDRESS = re.compile(r"[^\s<>\[\]@]{1,64}@[^\s<>\[\]@]{1,190}")
_DASHED = re.compile(
    r"[\s>*]{0,6}(?:[-_=–—*]{2,80}|<{3,10})\s{0,3}(\S.{0,100}?)\s{0,3}[-_=–—*>:：]{0,80}\s{0,8}"
)
_RULE = re.compile(r"\s{0,8}[-_=–—─━＿*]{4,}\s{0,8}")
_WROTE = re.compile("|".join(sorted(map(re.escape, WROTE), key=len, reverse=True)))
_LATIN = re.compile(r"[a-zà-žа-яёђ-џα-ωά-ώ]")


def is_rule(line: str) -> bool:
    """Tell whether a line is a horizontal rule made of dashes, underscores or the like."""
    return len(line) <= LINE_LIMIT and _RULE.fullmatch(line) is not None


def may_be_field(line: str) -> bool:
    """Tell quickly whether a line could hold a label and a value."""
    return ":" in line[:40] or (not line.isascii() and _COLON.search(line, 0, 40) is not None)


def header_field(line: str) -> tuple[frozenset[Role], str] | None:
    """Read a line such as ``Von: Anna <anna@museum.example>``.

    Returns
    -------
    tuple or None
        What the label may stand for, and the value; None if the line is no such line.
    """
    found = _LABEL.match(line[:LINE_LIMIT])
    if not found:
        return None
    roles = LABELS.get(fold(" ".join(found[1].split())))
    return (roles, found[2].strip(_EDGE)) if roles else None


def header_block(lines: Sequence[str], start: int, *, least: int = 2) -> int:
    """Return how many lines the block of header fields at `start` has; 0 if there is none.

    Parameters
    ----------
    lines
        The text.
    start
        Where the block may begin: with a From field.
    least
        How many different fields it must have. Two suffice only with an address, a time or a subject.
    """
    first = header_field(lines[start])
    if first is None:
        return 0
    if least > 1 and not first[0] & {Role.FROM, Role.SUBJECT}:
        if not first[0] & {Role.DATE}:
            return 0
        least = _WITH_DATE_FIRST
    seen, end = _fields(lines, start)
    if least == 1:
        return end - start if len(seen) > 1 or Role.FROM in first[0] else 0
    from_somebody = any(Role.FROM in roles for roles, _ in seen)
    return end - start if from_somebody and len(seen) >= least and _convincing(seen) else 0


def _fields(lines: Sequence[str], start: int) -> tuple[list[tuple[frozenset[Role], str]], int]:
    seen: list[tuple[frozenset[Role], str]] = []
    end = index = start
    while index < min(len(lines), start + 16):
        field = header_field(lines[index])
        if field:
            seen.append(field)
            end = index + 1
        elif not (seen and _continues(lines, index)):
            break
        index += 1
    return seen, end


def _continues(lines: Sequence[str], index: int) -> bool:
    """Tell whether a line without a label belongs to the field above: a wrapped list of recipients, a gap."""
    line = lines[index].strip(_EDGE)
    following = lines[index + 1] if index + 1 < len(lines) else ""
    return header_field(following) is not None and (not line or bool(_ADDRESS.search(line[:LINE_LIMIT])))


def _convincing(seen: list[tuple[frozenset[Role], str]]) -> bool:
    roles = frozenset().union(*(found for found, _ in seen))
    values = " ".join(value for _, value in seen)
    marks = bool(_ADDRESS.search(values)) + bool(_CLOCK.search(values)) + (Role.SUBJECT in roles)
    return (len(seen) >= 3 and marks >= 1) or marks >= 2 or (Role.SUBJECT in roles and Role.DATE in roles)


def foreign_header_block(lines: Sequence[str], start: int) -> bool:
    """Tell whether `start` begins a header block in a language that has no entry: three labels, an address, a time."""
    head = [_LABEL.match(line[:LINE_LIMIT]) for line in lines[start : start + 3]]
    values = " ".join(found[2] for found in head if found)
    return len(head) == 3 and all(head) and bool(_ADDRESS.search(values)) and bool(_CLOCK.search(values))


def holds_address(line: str) -> bool:
    """Tell whether a mail address stands in a line."""
    return "@" in line[:LINE_LIMIT] and _ADDRESS.search(line[:LINE_LIMIT]) is not None


def separator(line: str) -> str:
    """Say what a line such as ``-----Original Message-----`` announces.

    Returns
    -------
    str
        ``forwarded``, ``original``, or nothing.
    """
    if len(line) > 160:
        return ""
    found = _DASHED.fullmatch(line)
    if found:
        words = fold(found[1]).strip(" :：")
        if any(stem in words for stem in FORWARDED):
            return "forwarded"
        return "original" if words in ORIGINAL or _told_between_dashes(found[1]) else ""
    words = fold(line.strip(_EDGE))
    announced = words[-1:] in (":", "：") and len(words) <= 60 and len(words.split()) <= 6
    return "forwarded" if announced and any(stem in words for stem in FORWARDED) else ""


def is_reply_line(line: str) -> bool:
    """Tell whether a line is ``##- Please type your reply above this line -##``, as help desks write it."""
    if len(line) > _REPLY_LINE or line.lstrip(_EDGE)[:1].isalnum():
        return False
    words = fold(line)
    return any(phrase in words for phrase in _ABOVE)


def _told_between_dashes(text: str) -> bool:
    """Tell whether a line is ``---- On Tue, 04 Mar 2025 10:12 Nora <nora@museum.example> wrote ----``."""
    return bool(_DATE.search(text)) and "@" in text and _wrote(fold(text))


def ends_attribution(line: str) -> bool:
    """Tell whether a line could be the last one of an attribution; quick."""
    tail = line[-24:].rstrip(_EDGE)
    return tail[-1:] in (":", "：") or tail.endswith(("wrote", "schrieb", "написал", "写道", "寫道", "작성"))


def attribution(lines: Sequence[str], last: int) -> tuple[int, bool] | None:
    """Find the attribution that ends in line `last`.

    Returns
    -------
    tuple or None
        Its first line, and whether it is convincing enough without quote marks below it.
    """
    text = ""
    for start in range(last, max(-1, last - _WRAP), -1):
        line = lines[start].strip(_EDGE)
        if not line or len(line) > LINE_LIMIT:
            break
        text = f"{line} {text}".strip()
        if len(text) > _ATTRIBUTION_LIMIT:
            return None
        bare = _ADDRESS.sub(" ", text) if "@" in text else text
        if _DATE.search(bare) or _CLOCK.search(bare):
            return (_lead(lines, start), _strong(text, bare)) if _plausible(text) else None
    return (last, False) if "@" in text and _ADDRESS.search(text) and _WROTE.search(fold(text)) else None


def _lead(lines: Sequence[str], start: int) -> int:
    """Take in the line above where the attribution begins there: ``On Monday, 3 March 2025,``."""
    above = lines[start - 1].strip(_EDGE) if start else ""
    words = above.casefold().split()
    leads = bool(words) and words[0] in LEAD_INS and len(words) <= 12 and above[-1] not in ".!?:"
    here = lines[start].strip(_EDGE).casefold().split()
    return start - 1 if leads and here and here[0] not in LEAD_INS and _DATE.search(above) else start


def _plausible(text: str) -> bool:
    return len(text.split()) <= 32


def _strong(text: str, bare: str) -> bool:
    wrote = _wrote(fold(text))
    timed = bool(_CLOCK.search(bare)) and bool(_DATE.search(bare))
    addressed = "@" in text and bool(_ADDRESS.search(text))
    lead = text.casefold().split()[0] in LEAD_INS
    named = lead and len(text.split()) <= 14 and _names_somebody(text)
    return (wrote and (timed or addressed or named)) or (addressed and timed)


def _names_somebody(text: str) -> bool:
    """Tell whether a name stands beside the verb: "Nora Field wrote", not "our director wrote"."""
    folded = fold(text)
    if len(folded) != len(text):
        return True
    for found in _WROTE.finditer(folded):
        before, after = text[: found.start()].split(), text[found.end() :].split()
        beside = [word for word in (*before[-1:], *after[:1]) if word.strip(_EDGE + ":：,")]
        if any(word[0] == word[0].upper() for word in beside):
            return True
    return False


def _wrote(folded: str) -> bool:
    """Tell whether a verb of writing stands in the text as a word of its own."""
    for found in _WROTE.finditer(folded):
        before = folded[found.start() - 1 : found.start()]
        after = folded[found.end() : found.end() + 1]
        if not (_LATIN.match(before) or _LATIN.match(after)):
            return True
    return False


def is_weak_attribution(line: str) -> bool:
    """Tell whether a line introduces the quote-marked lines right below it, though no word for "wrote" is known.

    ``2026-05-25 11:02, Giorgi:`` or ``2012/3/4 Anna <anna@museum.example>``.
    """
    text = line.strip(_EDGE)
    if not 4 <= len(text) <= 200 or len(text.split()) > 20:
        return False
    bare = _ADDRESS.sub(" ", text) if "@" in text else text
    dated = bool(_DATE.search(bare)) and any(c.isdigit() for c in bare)
    return dated and (text[-1] in ":：" or bool(_ADDRESS.search(text)))
