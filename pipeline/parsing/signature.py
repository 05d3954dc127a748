"""The signature block at the end of what somebody wrote (RFC 3676, section 4.3, and letter-writers' habits)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.parsing import closings
from pipeline.parsing.contactmarks import disclaims, has_contact, has_stop
from pipeline.scripts import UNSPACED, count_unspaced, is_unspaced

LINES_LIMIT = 20  # a signature has at most so many lines that are not blank
_LINE_LIMIT = 400
_TAIL_LINES = 100  # lines that are looked at one by one
_LAST_WORD = 4  # lines of a remark below the signature at most
_LONGEST = 180  # characters of a line that may be a closing phrase or a name
_END = 30  # characters at the end of a line in which it shows whether a sentence ends there
_SHORTEST = 8  # a text of so few words has no signature but a plain one

_EDGE = " \t\u00a0*_.,;:!·•~-–—،؛。、！，：՝።፣।/|\u200e\u200f🙏\ufe0f"
_DELIMITER = re.compile(r"\s{0,2}(?:--|—|––|−−)\s{0,2}")
_RULE = re.compile(r"\s{0,8}[-_=–—─━＿*~#・+.]{4,}\s{0,8}|\s{0,4}---\s{0,4}")
_POSTSCRIPT = re.compile(
    r"\W{0,3}(?:p\.?\s?p?\.?\s?s|n\.?\s?b|ps\d?|постскриптум|з\.\s?і|п\.?\s?с|追伸|附言|又及|추신|תוספת|нз|یادآوری)\b\.?\s?[:.)\-–,]?\s?\S",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।።॥։]['\"”’»)\]]{0,2}\s{0,4}$")
_INNER_SENTENCE = re.compile(r"(?:[^\W\d_]{5,}\.|[^\W\d_]{3,}[!?])\s+[^\W\d_a-zà-öø-ÿа-я]|[。！？।]\s{0,2}\S")
_SEARCHED = 10_000  # characters: the search for a sentence takes the square of that
_BULLET = re.compile(
    r"\s{0,6}(?:[-*•·–—]\s|\(?[a-zа-я]\)|\(?\d{1,2}[.)]\s|[（(]?[一二三四五六七八九十\d]{1,2}[）)、.])"
)
_ABBREVIATED = re.compile(
    r"(?:\b[A-ZА-ЯÀ-Ý]\w{0,3}\.|\.[a-zA-Z]\.|\)\.?|\b(?i:dept|inc|ltd|co|corp|lda|srl|ext)\.|[\u0900-\u0dff]{1,3}\.)$"
)
_INITIALED = re.compile(r"(?:[^\W\d_a-z]\.[ -]?){1,3}[^\W\d_a-z][\w'’-]{1,30}(?:,.{0,80})?")
_WITH_ROLE = re.compile(r"[^\W\d_a-z][\w'’.-]{1,30}(?: [^\W\d_a-z][\w'’.-]{0,30}){0,3}, \S.{0,80}")
_WORDS = re.compile(
    r"[^\W\d_](?:[\w\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u200c\u200d'’]){0,60}"
)
_PLAIN_WORDS = re.compile(r"[a-z][\w']{0,60}")
_GEORGIAN = re.compile(r"[\u10a0-\u10ff]")  # has capitals in Unicode, but nobody writes names with them
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_SIGNED = re.compile(r".{1,20}\s?(?:敬上|谨上|謹上|敬启|敬啟|拜上|敬呈|上|드림|올림|배상|拝)\W{0,2}")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line near the end, with its place in the text."""

    index: int
    text: str
    bare: str
    after_blank: bool


def split_signature(text: str, name: str = "") -> tuple[str, str]:
    r"""Divide what somebody wrote into the message and the signature.

    The signature begins with the closing phrase, else with the name, else with the block of name, role,
    organisation and contact data at the end. A postscript below it stays in the message.

    Parameters
    ----------
    text
        Text without quoted mail, with ``\n`` line ends.
    name
        Display name of the author; makes the name line certain.

    Returns
    -------
    tuple
        Message and signature; the message is never emptied.
    """
    lines = text.rsplit("\n", _TAIL_LINES)  # the first one may hold many
    start, end = _range(lines, _names(name))
    if start >= len(lines) or not any(line.strip() for line in lines[:start]):
        return text.strip("\n"), ""
    block, postscript = _postscript(lines[start:end])
    parts = (lines[:start], postscript, lines[end:])
    message = "\n\n".join(part for part in map(_joined, parts) if part.strip())
    return message, _joined(block)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _range(lines: Sequence[str], names: frozenset[str]) -> tuple[int, int]:
    """Return the first line of the signature and the line after it; a last word may stand below."""
    count = len(lines)
    start = _start(lines, names)
    if start < count:
        return start, count
    last = _last_paragraph(lines)
    if 0 < count - last <= _LAST_WORD and sum(map(_words, lines[last:])) <= 60:
        start = _start(lines[:last], names, certain=True)
        if start < last and len(lines[start:last]) > 1:
            return start, last
    return count, count


def _last_paragraph(lines: Sequence[str]) -> int:
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - _LAST_WORD), -1):
        if not lines[index - 1].strip():
            return index
    return 0


def _start(lines: Sequence[str], names: frozenset[str], *, certain: bool = False) -> int:
    """Return the index of the first line of the signature, or the number of lines.

    To be certain it needs a delimiter, a closing phrase or a name.
    """
    end = len(lines)
    delimiter = _delimiter(lines)
    tail = _Tail(lines, delimiter if delimiter is not None else end)
    start = _closing_or_name(tail, names)
    if start is None and delimiter is None and not certain and sum(map(_words, lines[:60])) > _SHORTEST:
        start = _block(tail)
    if start is None:
        return delimiter if delimiter is not None else end
    return start


def _delimiter(lines: Sequence[str]) -> int | None:
    """Find ``-- ``, or a rule above contact data, with a short block below it."""
    found, said = None, 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line.strip():
            continue
        if (
            len(line) < 80
            and said
            and not line.lstrip()[0].isalnum()
            and (_DELIMITER.fullmatch(line) or _ruled(lines, index, said))
        ):
            found = index
        else:
            said += 1
        if said > LINES_LIMIT or len(lines) - index > 60:
            break
    return found


def _ruled(lines: Sequence[str], index: int, said: int) -> bool:
    if said > 12 or _RULE.fullmatch(lines[index]) is None:
        return False
    below = [line for line in lines[index + 1 :] if line.strip()]
    return all(_is_short(line) or has_contact(line) for line in below)


class _Tail:
    """The lines near the end that may belong to a signature, the last one first; read as far as they are asked for."""

    def __init__(self, lines: Sequence[str], end: int) -> None:
        self._read: list[_Line] = []
        self._rest = _lines_upward(lines, end)

    def __iter__(self) -> Iterator[_Line]:
        yield from self._read
        for line in self._rest:
            self._read.append(line)
            yield line


def _lines_upward(lines: Sequence[str], end: int) -> Iterator[_Line]:
    count = 0
    for index in range(end - 1, max(-1, end - 60), -1):
        text = lines[index].strip()
        if not text:
            continue
        if len(text) > _LINE_LIMIT and not (count < 3 and disclaims(closings.fold(text[:_LINE_LIMIT]))):
            break
        after_blank = index == 0 or not lines[index - 1].strip()
        yield _Line(
            index, text, closings.fold(" ".join(text[:_LINE_LIMIT].strip(_EDGE).split())), after_blank
        )
        count += 1
        if count > LINES_LIMIT:
            break


def _closing_or_name(tail: Iterable[_Line], names: frozenset[str]) -> int | None:
    """Walk up from the end as long as lines look like a signature; the topmost closing or name begins it."""
    closing = name = device = None
    previous: _Line | None = None
    for line in tail:
        if len(line.text) > _LONGEST:
            if not _belongs(line, previous):
                break
        elif _is_closing(line):
            closing = line.index
        elif _is_device(line.bare):
            device = line.index if device is None or closing is None else device
        elif _is_name(line, names):
            name = line.index
        elif not _belongs(line, previous):
            break
        previous = line
    found = [index for index in (closing, name, device) if index is not None]
    return _with_greeting(tail, min(found)) if found else None


def _belongs(line: _Line, below: _Line | None) -> bool:
    """Tell whether a line may stand inside a signature."""
    text = line.text
    phone = text[0] == "(" and has_contact(text)
    if (_BULLET.match(text) and not phone) or text[-1] in "?:：":
        return False
    apart = below is None or line.after_blank
    if _is_short(text):
        return True
    if apart and (_POSTSCRIPT.match(text) or disclaims(line.bare[:_LINE_LIMIT])):
        return True
    return len(text) <= 200 and _words(text) <= 16 and has_contact(text) and not _has_sentence(text)


def _has_sentence(text: str) -> bool:
    """Tell whether a sentence ends within a line."""
    return has_stop(text) and _INNER_SENTENCE.search(text[:_SEARCHED]) is not None


def _is_short(text: str) -> bool:
    """Tell whether a line is short, and no sentence."""
    if len(text) > 100 or (words := _words(text)) > 12:
        return False
    if _has_sentence(text) and not has_contact(text):
        return words <= 5
    ends = words > 4 and _SENTENCE_END.search(text[-_END:]) and not _ABBREVIATED.search(text[-_END:])
    return not (ends and not has_contact(text))


def _words(text: str) -> int:
    """Count words; in scripts without spaces, about three characters to a word."""
    text = text[:_LINE_LIMIT]
    words, dense = len(text.split()), count_unspaced(text)
    return words + (dense // (3 if _CJK.search(text) else 5) if dense else 0)


def _is_closing(line: _Line) -> bool:
    if line.text.endswith("?"):
        return False
    rest = closings.after_phrase(line.bare, closings.STRONG)
    if rest != closings.NOT_FOUND:
        return _closes(line, rest)
    rest = closings.after_phrase(line.bare, closings.WEAK)
    if rest != closings.NOT_FOUND:
        return _words(rest) <= 3 and not _has_sentence(line.text)
    if line.text.isascii():
        return False
    dense = UNSPACED.search(line.text) or line.text[-1:] in "림드상"
    return bool(dense) and _SIGNED.fullmatch(line.text) is not None


def _closes(line: _Line, rest: str) -> bool:
    """Tell whether the words after a closing phrase leave it one."""
    phrase = line.bare[: len(line.bare) - len(rest)].strip()
    words = _words(rest.lstrip(_EDGE))
    if " " not in phrase and len(phrase) <= 6 and words > 4 and rest[:1].isalnum():
        return False
    formal = len(phrase.split()) >= 2 and words <= 18 and not _has_sentence(line.text)
    return words <= 6 or formal or has_contact(rest)


def _is_device(bare: str) -> bool:
    if len(bare) > 100 or "," in bare:
        return False
    rest = closings.after_phrase(bare, closings.DEVICE_STARTS)
    if rest != closings.NOT_FOUND:
        return len(rest.split()) <= 6
    return len(bare) <= 70 and bare.endswith(closings.DEVICE_ENDS) and len(bare.split()) <= 8


def _names(name: str) -> frozenset[str]:
    """Return the words of a display name that are worth looking for, and its initials."""
    words = [word.strip("'\"()[],.").casefold() for word in name.split()[:8]]
    initials = "".join(word[:1] for word in words if word)
    found = {word for word in words if len(word) > 2 or (len(word) > 1 and is_unspaced(word))}
    return frozenset(found | ({initials} if len(initials) > 1 else set()))


def _is_name(line: _Line, names: frozenset[str]) -> bool:
    """Tell whether a line is the author's name, perhaps with a role, or ``-Name``, ``/Name``, ``X.``."""
    text = line.text
    if len(text) > 100 or _words(text) > 12 or _BULLET.match(text) or text.endswith("?"):
        return False
    words = (_PLAIN_WORDS if line.bare.isascii() else _WORDS).findall(line.bare)
    if len(words) == 1 and len(words[0]) == 1 and any(name.startswith(words[0]) for name in names):
        return True
    if _INITIALED.fullmatch(text) or (len(words) <= 3 and _nickname(words, names)):
        return True
    if len(text) <= 8 and re.fullmatch(r"(?:[^\W\d_]\W{0,3}){1,3}", text) and text == text.upper() != "OK":
        return True
    if text[0] in "-/–—" and len(words) <= 4 and text[1:2].isalpha() and text[1:2].isupper():
        return True
    known = bool(names.intersection(words[:6])) or any(
        is_unspaced(name) and name[-2:] in line.bare for name in names if len(name) > 1
    )
    return known and (_is_short(text) or has_contact(text))


def _nickname(words: Sequence[str], names: frozenset[str]) -> bool:
    """Tell whether a line begins with a short form of the author's name: ``Walt``, ``Mili``."""
    return bool(words) and len(words[0]) >= 3 and any(name.startswith(words[0]) for name in names)


def _with_greeting(tail: Iterable[_Line], start: int) -> int:
    """Take in a short line above the name that ends in a comma: ``Un tinto los espera,``."""
    above = next((line for line in tail if line.index < start), None)
    if above is None or above.index < start - 2 or above.index == 0:
        return start
    friendly = above.text.endswith((",", "،", "、", "，")) and _words(above.text) <= 8 and above.after_blank
    return above.index if friendly and not _BULLET.match(above.text) else start


def _block(tail: Iterable[_Line]) -> int | None:
    """Find a last paragraph that looks like name, role, organisation and contact, where no phrase or name is known."""
    block = _last_block(tail)
    if not block or block[-1].index == 0:
        return None
    first = block[-1]
    if any(_says_something(line.text) for line in block):
        return None
    contact = any(has_contact(line.text) for line in block)
    ends = _SENTENCE_END.search(first.text) and not _ABBREVIATED.search(first.text)
    if ends and not contact and len(first.text) > 3:
        return None
    if first.text.endswith((",", "،", "，")) and len(block) > 1 and _words(first.text) <= 6:
        return first.index
    if not first.after_blank and not _WITH_ROLE.fullmatch(first.text):
        return None
    return first.index if _name_like(first.text) or (contact and _words(first.text) <= 8) else None


def _last_block(tail: Iterable[_Line]) -> list[_Line]:
    """Return the last paragraph, or its last lines from a name with role and contact on; the last line first."""
    block: list[_Line] = []
    certain = 0
    for line in tail:
        if not _belongs(line, block[-1] if block else None):
            return block[:certain]
        block.append(line)
        if line.after_blank:
            return block
        if _WITH_ROLE.fullmatch(line.text) and has_contact(line.text):
            certain = len(block)
    return block[:certain]


def _says_something(text: str) -> bool:
    """Tell whether a line without a name or a closing near it is rather the end of the message."""
    if _has_sentence(text) or re.search(r"[?؟]\s", text):
        return True
    return bool(_SENTENCE_END.search(text)) and _words(text) > 2 and not _ABBREVIATED.search(text)


def _name_like(text: str) -> bool:
    """Tell whether a line could be a name: few words, each with a capital where the script has capitals."""
    if _WITH_ROLE.fullmatch(text) and _words(text) <= 9:
        return True
    words = [word for word in re.split(r"[\s,/|–—-]+", text) if word]
    cased = [word for word in words if word[0].lower() != word[0].upper() and not _GEORGIAN.match(word)]
    capital = sum(word[0].isupper() for word in cased)
    return (
        1 <= len(words) <= 7
        and _words(text) <= 8
        and capital * 2 >= len(cased)
        and capital >= min(1, len(cased))
    )


def _postscript(block: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Separate a postscript from the signature above it."""
    for index, line in enumerate(block):
        if index and _POSTSCRIPT.match(line[:80]):
            return block[:index], block[index:]
    return block, ()
