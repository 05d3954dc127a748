"""The organisation's name as its own domain spells it: ``vakcollegedeeik.nl`` and "Vakcollege De Eik" in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.assess.hosts import label
from pipeline.assess.names import name_of, spell
from pipeline.assess.naming import RUN, Words, has_word

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SHORTEST = 4
_SHORTEST_INITIALS = 3
_MOST_WORDS = 9
_MOST_TOKENS = 400
# So many letters of the last word a shortened domain has at least.
_CUT = 4
# Between two words of a name: a space, a hyphen, a quotation mark; no end of a sentence or line.
_BETWEEN = re.compile(r"[ \t\u00a0'’\"«»“”„&-]{0,3}")
_BEHIND = re.compile(r"\.\w|@")
Token = tuple[int, int, str]
# Words behind a name that belong to it: legal forms.
_LEGAL = re.compile(
    r"[,]? (?:Inc|Ltd|LLC|GmbH|gGmbH|Kft|AG|Oy|AB|AS|SA|SRL|SL|Pvt|Pty|e\. ?V|S\.R\.L|S\.A|S\.L|A\.Ş|d\.o\.o|Sp\. z o\.o|a\.s|s\.r\.o|B\.V)\b\.?"
)


def spelled(text: str, domain: str, table: Words, *, person: frozenset[str] = frozenset()) -> str:
    """Return the words of `text` whose letters make the name of `domain`, with what belongs to them; or an empty text.

    Parameters
    ----------
    text
        Where to look, such as a signature or an introduction; only its first 400 words are.
    domain
        The organisation's own.
    person
        Spelled words of the author's own name: a domain called after a person is no organisation.
    """
    own = label(domain)
    tokens = list(_tokens(text))
    pieces = own.split("-")
    for wanted in ({own.replace("-", "")}, set(pieces) if len(pieces) > 1 else set[str]()):
        found = _found(text, tokens, frozenset(map(spell, wanted)), person)
        if found is not None:
            name = _widened(text, *found, table)
            if _says_enough(name, whole=len(wanted) == 1):
                return name
    return _by_initials(text, own, table)


def _found(
    text: str, tokens: list[Token], wanted: frozenset[str], person: frozenset[str]
) -> tuple[int, int] | None:
    """Return where the first words stand that spell something wanted and are written as a name, or None."""
    wanted = frozenset(one for one in wanted if len(one) >= _SHORTEST)
    heads = {one[:2] for one in wanted} | {one[:1] for one in wanted}
    for start, (_, _, token) in enumerate(tokens if wanted else ()):
        end = _spelling(tokens, start, wanted, text) if spell(token)[:2] in heads else None
        if end is None or all(spell(word) in person for _, _, word in tokens[start:end]):
            continue
        first, last = tokens[start][0], tokens[end - 1][1]
        if _is_title(text, first, last):
            return first, last
    return None


def _says_enough(name: str, *, whole: bool) -> bool:
    """Tell whether `name` has a word of its own; a mere piece of the domain has to be several words or an acronym."""
    if not name_of(name).own:
        return False
    return whole or " " in name or any(map(str.isupper, name[1:]))


def _tokens(text: str) -> Iterator[Token]:
    for number, match in enumerate(_TOKEN.finditer(text)):
        if number == _MOST_TOKENS:
            return
        yield match.start(), match.end(), match[0]


def _spelling(tokens: list[Token], start: int, wanted: frozenset[str], text: str) -> int | None:
    """Return the end of the words from `start` on that spell something wanted, or None.

    The last of several words may be longer than the domain has it: ``cinaryayin`` for "Çınar Yayınları".
    """
    word = ""
    for end in range(start, min(start + _MOST_WORDS, len(tokens))):
        if end > start and not _BETWEEN.fullmatch(text[tokens[end - 1][1] : tokens[end][0]]):
            return None
        before, word = word, word + tokens[end][2]
        letters = spell(word)
        cut = before and any(
            letters.startswith(one) and len(one) >= len(spell(before)) + _CUT and len(one) >= 2 * _SHORTEST
            for one in wanted
        )
        if (letters in wanted or cut) and not _BEHIND.match(text, tokens[end][1]):
            return end + 1
        if not any(one.startswith(letters) for one in wanted):
            return None
    return None


def _is_title(text: str, first: int, last: int) -> bool:
    """Tell whether the words are written as a name: capitals, quotation marks, or a script without capitals."""
    before = text[first - 1 : first]
    return not text[first].islower() or before in ("«", "“", "„", '"', "「") or text[first:last].isupper()


def _widened(text: str, first: int, last: int, table: Words) -> str:
    """Return the words from `first` to `last`, with the rest of the capitalised run if that makes a whole name."""
    for match in RUN.finditer(text, max(0, text.rfind("\n", 0, first)), len(text)):
        if match.start() > first:
            break
        if match.end() >= last and has_word(match[0], table):
            rest = match[0] if first - match.start() < 40 else text[first : match.end()]
            return _with_form(text, rest, match.end())
    return _with_form(text, text[first:last], last)


def _with_form(text: str, name: str, end: int) -> str:
    form = _LEGAL.match(text, end)
    return name + form[0] if form else name


def _by_initials(text: str, own: str, table: Words) -> str:
    """Return a capitalised run with an organisation's word whose initials are the domain's letters, or an empty text."""
    if not _SHORTEST_INITIALS <= len(own) <= _MOST_WORDS:
        return ""
    for match in RUN.finditer(text):
        capitals = "".join(spell(word[0])[:1] for word in match[0].split() if not word[0].islower())
        if capitals == spell(own) and has_word(match[0], table):
            return match[0]
    return ""
