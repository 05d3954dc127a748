"""What the author wrote, and what is quoted from earlier mail (RFC 3676, section 4.5, and clients' habits)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.parsing import attribution
from pipeline.parsing.listfooters import footer_start

CHECKS_LIMIT = 400  # lines that are looked at closely; real mail has some dozens
LINES_LIMIT = 5_000  # lines that are looked at one by one; what follows goes the way of the last of them

_EDGE = "*_> \t|"
_CITED_WIDTH = 28
_CITED = re.compile(r"\s{0,8}([^\W\d_][\w.-]{0,15})>{1,4}(?:\s|$)")
_RULE_STARTS = frozenset(("--", "__", "==", "––", "——", "<<", "##"))


def split_quotes(body: str, *, answers: bool = True, writer: str = "") -> tuple[str, str]:
    r"""Divide a body into what its author wrote and what is quoted.

    Own lines between quoted ones are kept. If everything were quoted, the text below the introduction is taken
    as written, so that no mail is left without words.

    Parameters
    ----------
    body
        Text with ``\n`` line ends.
    answers
        False if nothing shows that the mail answers another one: then a letter may say "On 3 May our director
        wrote:" or list where a loan goes from and to, and only quote marks, an address or the name of the writer make a quote of it.
    writer
        Display name of who wrote it.

    Returns
    -------
    tuple
        Written text and quoted text; footers of mailing lists go with the quoted.
    """
    lines = body.split("\n", LINES_LIMIT)
    end = footer_start(lines)
    quoted = _scan(lines[:end], None if answers else frozenset(writer.casefold().split()))
    written = "\n".join(line for line, away in zip(lines, quoted, strict=False) if not away).strip("\n")
    if not written.strip():
        return _all_quoted(lines, end)
    away = [line for line, is_quoted in zip(lines, quoted, strict=False) if is_quoted]
    return _without_last_rule(written), "\n".join(away + lines[end:]).strip("\n")


def marked_lines(body: str) -> tuple[tuple[str, bool], ...]:
    """Return the first lines of a body that answers another mail, and whether each is quoted or below the text.

    Other than `split_quotes` it leaves no words as written only because there would be none else.
    """
    lines = body.split("\n", LINES_LIMIT)[:LINES_LIMIT]
    end = footer_start(lines)
    quoted = _scan(lines[:end], None)
    return tuple((line, number >= end or quoted[number]) for number, line in enumerate(lines))


def _scan(lines: Sequence[str], names: frozenset[str] | None) -> list[bool]:
    """Say of each line whether it is quoted; `names` are those of who writes a mail that answers nothing."""
    flags = [is_marked(line) if line[:4].find(">") >= 0 or "＞" in line[:4] else False for line in lines]
    for index in _cited(lines):
        flags[index] = True
    marked = True in flags
    beyond = checks = 0
    for index, line in enumerate(lines):
        if index < beyond or flags[index] or not line:
            continue
        if not (_may_introduce(line) or (marked and _next_is_marked(lines, flags, index))):
            continue
        checks += 1
        if checks > CHECKS_LIMIT:
            break
        introduction = _introduction(lines, flags, index)
        if introduction is not None and (
            names is None or _is_certain(lines, flags, index, introduction[0], names)
        ):
            first, beyond = introduction
            flags[first:beyond] = [True] * (beyond - first)
    return flags


def _cited(lines: Sequence[str]) -> list[int]:
    """Return the lines that bear the name of who is quoted: ``Nora> text``, as Supercite writes them, two at least."""
    found: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if line.find(">", 1, _CITED_WIDTH) > 0 and (cited := _CITED.match(line)):
            found.setdefault(cited[1], []).append(index)
    return [index for places in found.values() if len(places) > 1 for index in places]


def _may_introduce(line: str) -> bool:
    """Tell quickly whether a line is worth a closer look."""
    if line.isascii():
        ends = line[-24:].rstrip(_EDGE).endswith((":", "wrote", "schrieb"))
        return ends or ":" in line[:40] or line.lstrip(" *")[:2] in _RULE_STARTS
    return (
        attribution.may_be_field(line)
        or attribution.ends_attribution(line)
        or line.lstrip(" *")[:2] in _RULE_STARTS
    )


def is_marked(line: str) -> bool:
    """Tell whether a line carries a quote mark."""
    head = line[:4].lstrip(" ")
    return head[:1] in (">", "＞") and not (head[:2] == ">>" and line.rstrip().endswith("<<"))


def _introduction(lines: Sequence[str], flags: Sequence[bool], index: int) -> tuple[int, int] | None:
    """Return the first line of the quote introduced in line `index`, and the line after its quoted part.

    With quote marks below the introduction they say what is quoted; without, all that follows is.
    """
    line = lines[index]
    if len(line) > attribution.LINE_LIMIT:
        return None
    marked_below = _next_is_marked(lines, flags, index)
    end = index + 1 if marked_below else len(lines)
    if attribution.ends_attribution(line):
        found = attribution.attribution(lines, index)
        if found and (found[1] or marked_below):
            return found[0], end
    if marked_below and attribution.is_weak_attribution(line):
        return index, end
    if _is_separator(lines, index):
        return index, end
    return _block(lines, flags, index)


def _is_certain(
    lines: Sequence[str], flags: Sequence[bool], index: int, first: int, names: frozenset[str]
) -> bool:
    """Tell whether an introduction is more than prose: marks below it, an address or the writer in it, a separator."""
    if _next_is_marked(lines, flags, index) or _is_separator(lines, index):
        return True
    size = attribution.header_block(lines, index) if attribution.may_be_field(lines[index]) else 0
    block = lines[first : index + max(1, size)]
    if any(map(attribution.holds_address, block)):
        return True
    return bool(size) and len(names) > 1 and names <= set(" ".join(block).casefold().split())


def _is_separator(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    if line.lstrip(" *")[:2] not in _RULE_STARTS and line.rstrip()[-1:] not in (":", "："):
        return False
    if attribution.separator(line) or attribution.is_reply_line(line):
        return True
    return attribution.is_rule(line) and attribution.foreign_header_block(lines, _below(lines, index))


def _block(lines: Sequence[str], flags: Sequence[bool], index: int) -> tuple[int, int] | None:
    size = attribution.header_block(lines, index) if attribution.may_be_field(lines[index]) else 0
    if not size:
        return None
    end = index + size
    return index, end if _next_is_marked(lines, flags, end - 1) else len(lines)


def _below(lines: Sequence[str], index: int) -> int:
    """Return the index of the next line that is not blank, at most three lines further."""
    for following in range(index + 1, min(index + 4, len(lines))):
        if lines[following].strip():
            return following
    return index


def _next_is_marked(lines: Sequence[str], flags: Sequence[bool], index: int) -> bool:
    following = _below(lines, index)
    return following > index and flags[following]


def _all_quoted(lines: list[str], end: int) -> tuple[str, str]:
    """Keep something of a body that would be quoted as a whole: what stands below the topmost introduction."""
    start = next((index for index, line in enumerate(lines[:end]) if line.strip()), end)
    size = attribution.header_block(lines, start) if start < end else 0
    if not size and start < end and not is_marked(lines[start]):
        size = 1
    written = "\n".join(lines[start + size : end]).strip("\n")
    if not written.strip():
        return "\n".join(lines).strip("\n"), ""
    return written, "\n".join(lines[: start + size] + lines[end:]).strip("\n")


def _without_last_rule(written: str) -> str:
    """Drop the rule that some clients draw above the quote."""
    head, _, last = written.rstrip().rpartition("\n")
    return head.rstrip() if head.strip() and attribution.is_rule(last) else written
