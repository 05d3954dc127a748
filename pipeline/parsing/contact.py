"""A signature block to name, role, organisation, address, telephone, mail and web.

What a line is shows first in what it holds (a number, a word such as "museum" or "director"), then in its place: below the
closing phrase comes the name, then the role, then the organisation, then where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.parsing import closings
from pipeline.parsing.contactmarks import disclaims
from pipeline.parsing.contactwords import FAX_LABEL, ORGANISATION, ROLE, STREET, kinds
from pipeline.records.inquiries import Signature

_LINES = 24
_LINE_LIMIT = 300
_MOST = 5  # numbers, pages or addresses of one signature
_EDGE = " \t*_|·•,;:–—-~/<>"
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_WEB = re.compile(
    r"https?://[^\s<>|,;]{3,200}|www\.[^\s<>|,;]{3,150}|"
    r"\b[\w-]{2,60}(?:\.[\w-]{2,60}){0,3}\.(?:org|com|net|edu|gov|info|eu|example|museum)\b(?:/[^\s<>|,;]{0,100})?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w./-])(?:\(?(?:\+|00)?\s?\(?\+?\d[\dxX\s()./\u2010-\u2013-]{4,24}[\dxX])(?!\w)")
_LABEL = re.compile(
    r"(?:\b(?:office|direct|did|home|work|poste|ramal|büro|tel|tél|teléf?|telefon\w{0,3}|telephone|telefone|téléphone|telefono|teléfono|phone|ph|mobile?|mob|cell?|cel|cellulare|móvil|handy|gsm|"
    r"whatsapp|wasap|wa|viber|signal|skype|telegram|e-?mail|mail|correo|courriel|web|website|site|internet|fax|telefax|tlf|puh|fon|"
    r"τηλ|κιν|тел|моб|факс|эл\.? ?почта|почта|сайт|hp|ext|t|m|f|e|w|p)\b\.?(?:\s?\([^()]{0,20}\))?\s{0,2}[.:：]{0,2}|"
    r"(?:電話|电话|手机|手機|邮箱|電郵|信箱|网址|網址|전화|휴대폰|이메일|電子メール|携帯|هاتف|تليفون|جوال|موبايل|تلفن|همراه|טל|טלפון|נייד|"
    r"फ़ोन|फोन|मोबाइल|মোবাইল|ফোন|โทร|điện thoại|đt)\.?\s?[.:：]{0,2})\s{0,3}(?=$|[+(\d]|\s)",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"(?<![\d+.])\d{4,6}(?:-\d{3,4})?\s[^\W\d_]{2}|[A-ZÀ-ÞА-Я][^\W\d_]{2,},?\s\d{4,6}(?![\d.])|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{3} \d{2} [^\W\d_]{3}|"
    r"\b[A-Z]{1,2}-\d{4,5}\b|\b[A-Z]{2} \d{5}\b|\b\d{2}-\d{3} [^\W\d_]|[A-ZÀ-ÞА-Я][^\W\d_]{3,} \d{1,3}[a-z]?(?:,|$)"
)
_DASH = re.compile(r"\s[–—-]\s")
_HALVES = 2
_DIVIDE = re.compile(r"\u3000|\s{1,3}[|•·/]\s{1,3}|\s{2,}|\t|\s[–—-]\s|;\s|[|•·]")
_COMMA = re.compile(r",\s?|، ?|、|，")
_AT = re.compile(
    r"\s(?:at|@|bei|beim|chez|hos|of the|of|de la|de l'|del|do|da|della|dell'|van het|van de|von der|vom|für)\s|\bde l['’]",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s? \w{3,20}$")  # "County Administrator's Office"
_TITLES = re.compile(
    r"^(?:f\.to |i\. ?a\. |p\. ?p\. )?(?:(?:prof|dr|mr|mrs|ms|miss|mx|ing|lic|arq|dipl|mag|mgr|bc|phdr|rndr|mudr|judr|rev|sr|sra|d|dña|doc|hab|inż|dott|dott\.ssa|ds|mwl|pr|"
    r"assoc|drs|ir|sir|assist|proff)\.?[ -]{1,2}|(?:msc|ph\.?d|д-р|проф|к\.?и\.?н|δρ|ד\"ר|د|أ|डॉ|ডঃ|ড)\.?\s)",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r",?\s(?:ph\.?\s?d|md|mph|mba|ma|m\.a|msc|m\.sc|bsc|csc|b\.?ed|dsc|llm|mlis|esq)\.?(?=$|[\s,])",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s?\([^()]{0,80}\)?")
_BRACKETED = re.compile(r"([^()]{2,80}?)\s{0,2}\(([^()]{2,80})\)")
_GREETINGS = 3  # lines at the beginning that may be greetings of no known form
_LONGEST_NAME = 7  # words
_USUAL_NAME = 5  # words of a name that nothing else makes certain
_LONGEST_PLACE = 3  # words
_LONGEST_LINE = 14  # words of a line without numbers
_NOTICE = 6  # words of a notice at least
_SHORT_LINE = 4  # words of a line that may end in a full stop
_ABBREVIATION = 4  # letters, with its full stop
_REMARK = 9  # words beside a number that are rather a sentence
_FEW_DIGITS = 3  # more of them are a number of some register
_DEGREE = re.compile(r"(?:[A-Z][a-z]{0,3}\. ?){1,3}(?:[A-Z][A-Za-z]{0,3}\.?)?")
_SENTENCE = re.compile(r"[.!?。！？।]$")
_PRONOUNS = re.compile(
    r"\s?\((?:(?:she|he|they|her|him|them|his|hers|sie|ihr|er|elle|il|ella|él)[/ ,]?){1,4}\)", re.IGNORECASE
)


@dataclass(slots=True)
class _Found:
    """What has been found so far."""

    name: str = ""
    role: str = ""
    organisation: str = ""
    within: str = ""
    last: str = ""
    address: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    web: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)

    def add(self, kind: list[str], value: str) -> None:
        """Keep a value once, within limits."""
        if value and value not in kind and len(kind) < _MOST:
            kind.append(value)


def read_signature(block: str, author: str = "") -> Signature:
    """Take a signature block apart.

    Parameters
    ----------
    block
        The signature with its closing phrase.
    author
        Display name of who signs, which makes the line with the name certain.

    Returns
    -------
    Signature
        What could be told; nothing is made up.
    """
    if not block.strip():
        return Signature()
    found = _Found()
    names = frozenset(word for word in closings.fold(author).split() if len(word) > 2)
    for line in _lines(block, names):
        _read_line(line, found, names)
    _settle(found)
    return Signature(
        name=found.name,
        role=found.role,
        organisation=found.organisation,
        address=", ".join(found.address),
        phones=tuple(found.phones),
        web=tuple(found.web),
        emails=tuple(found.emails),
    )


def _lines(block: str, names: frozenset[str]) -> Iterator[str]:
    """Yield the lines that say who signs: no closing phrase, no rule, no line of a telephone, no disclaimer."""
    for number, line in enumerate(block.split("\n")[:_LINES]):
        text = line[:_LINE_LIMIT].strip(_EDGE)
        bare = closings.fold(" ".join(text.strip(" .,!;:*_").split()))
        if not bare or closings.after_phrase(bare, closings.DEVICE_STARTS) != closings.NOT_FOUND:
            continue
        rest = _after_closing(line.strip(), bare, names)
        if rest is not None:
            text = rest
        elif _is_greeting(line.rstrip(), bare, names, number) or _is_sentence(text) or _is_notice(text, bare):
            continue
        if text:
            yield text


def _is_greeting(line: str, bare: str, names: frozenset[str], number: int) -> bool:
    """Tell whether one of the first lines ends like a greeting, and is not the name with a comma; or whether a line is a motto."""
    if line[0] in '"“„«' and line[-1] in '"”“»':
        return True
    ends = number < _GREETINGS and line.endswith((",", "،", "，", "!", "！"))
    return ends and names.isdisjoint(bare.split())


def _after_closing(text: str, bare: str, names: frozenset[str]) -> str | None:
    """Return what stands behind a closing phrase in its line: ``Cheers, Nora``; None if the line has none."""
    for phrases in (closings.STRONG, closings.WEAK):
        rest = closings.after_phrase(bare, phrases)
        if rest == closings.NOT_FOUND:
            continue
        words = rest.strip(" ,.!-–").split()
        behind = text.strip(" .,!;:*_")
        behind = behind[len(behind) - len(rest) :].strip(_EDGE + ".!")
        named = 0 < len(words) <= 5 and (names.intersection(words) or behind[:1].isupper())
        return behind if named and not text.endswith((",", "،", "，")) else ""
    return None


def _is_notice(text: str, bare: str) -> bool:
    """Tell whether a line warns of what is confidential, in words of a sentence rather than in those of a role."""
    words = text.split()
    return (
        len(words) >= _NOTICE
        and sum(word[0].islower() for word in words) * 2 > len(words)
        and disclaims(bare)
    )


def _is_sentence(text: str) -> bool:
    """Tell a sentence, or a question, from a line of a signature."""
    words = text.split()
    if text.endswith(("?", "？", "؟")):
        return True
    contact = "@" in text or any(map(str.isdigit, text))
    stops = _SENTENCE.search(text) and len(words[-1]) > _ABBREVIATION and "." not in words[-1][:-1]
    return not contact and (len(words) > _LONGEST_LINE or (len(words) > _SHORT_LINE and bool(stops)))


def _read_line(line: str, found: _Found, names: frozenset[str]) -> None:
    rest = _without_contacts(line, found)
    if not any(map(str.isalpha, rest)):
        return
    took = rest is not line
    rest = _PRONOUNS.sub("", rest)
    if took and len(rest.split()) > _REMARK:
        return
    for piece in filter(None, (piece.strip(_EDGE) for piece in _DIVIDE.split(_named(rest, found)))):
        if not (took and _is_remark(piece)):
            _place(piece, found, names)


def _named(line: str, found: _Found) -> str:
    """Take the organisation from a line such as ``Nordland – radio for all``, where no word tells it."""
    halves = _DASH.split(line)
    if len(halves) != _HALVES or not found.name or found.organisation or kinds(closings.fold(halves[0])):
        return line
    if any(map(str.isdigit, halves[0])) or not _capital(halves[0]) or ROLE in kinds(closings.fold(halves[1])):
        return line
    found.organisation = halves[0].strip(_EDGE)
    return halves[1] if STREET in kinds(closings.fold(halves[1])) else ""


def _is_remark(piece: str) -> bool:
    """Tell a remark beside a number, such as ``(afternoons)`` or ``ext. 114``."""
    if _LABEL.fullmatch(f"{piece} "):
        return True
    return (
        piece[0] in "(（" or (any(map(str.isdigit, piece)) and not _POSTCODE.search(piece)) or len(piece) < 3
    )


def _without_contacts(line: str, found: _Found) -> str:
    """Take mail addresses, pages and telephone numbers out of a line; return what is left of it."""
    rest = line
    if "@" in rest:
        for address in _EMAIL.findall(rest):
            local, _, domain = address.rpartition("@")
            found.add(found.emails, f"{local}@{domain.lower()}")
        rest = re.sub(r"[<(\[]?(?:mailto:)?" + _EMAIL.pattern + r"[>)\]]?", " ", rest)
    if "." in rest:
        for page in _WEB.findall(rest):
            found.add(found.web, re.sub(r"^https?://", "", page, flags=re.IGNORECASE).rstrip("/.,)"))
        rest = _WEB.sub(" ", rest)
    if any(map(str.isdigit, rest)):
        rest = _without_numbers(rest, found)
    return _LABEL.sub(" ", rest).strip(_EDGE) if rest != line else rest


def _without_numbers(text: str, found: _Found) -> str:
    left: list[str] = []
    place = 0
    for number in _PHONE.finditer(text):
        if not _is_phone(number[0], text[: number.start()]):
            continue
        before = text[place : number.start()]
        if FAX_LABEL not in kinds(closings.fold(before[-14:])):
            value = number[0].strip(" ./-–")
            found.add(found.phones, value + ")" * (value.count("(") - value.count(")")))
        left.append(before)
        place = number.end()
    return " ".join((*left, text[place:]))


def _is_phone(number: str, before: str) -> bool:
    """Tell a telephone number from a postal code, a year or a house number."""
    digits = sum(character.isdigit() or character in "xX" for character in number)
    labelled = bool(_LABEL.search(before[-24:] + " ")) if before.strip() else False
    if not 5 <= digits <= 15 or (digits < 7 and not labelled):
        return False
    grouped = any(mark in number for mark in " -/.()+")
    return labelled or number.lstrip("( ").startswith(("+", "00", "0", "(")) or (grouped and digits >= 8)


def _place(piece: str, found: _Found, names: frozenset[str]) -> None:
    """Put one piece of a line where it belongs."""
    parts = [part.strip(_EDGE) for part in _COMMA.split(_DEGREES.sub("", piece))]
    if (bracketed := _BRACKETED.fullmatch(parts[0])) and ROLE in kinds(closings.fold(bracketed[2])):
        parts[:1] = [bracketed[1], bracketed[2]]
    parts = [part for part in parts if part]
    if parts and _is_name(parts[0], names):
        fuller = found.name and set(found.name.split()) <= set(parts[0].split())
        if not found.name or fuller:
            found.name = _BRACKETS.sub("", parts.pop(0).strip("() ")).strip(" ()")
    where = bool(found.organisation or found.within) or any(
        _is_postal(part, kinds(closings.fold(part))) for part in parts
    )
    for part in parts:
        _sort(part, found, place=len(parts) > 1 and where)


def _is_postal(part: str, here: dict[str, int]) -> bool:
    return (STREET in here and ORGANISATION not in here) or bool(_POSTCODE.search(part))


def _sort(part: str, found: _Found, *, place: bool) -> None:
    """Put a part where its words say that it belongs, or aside; what is no more than a `place` may be one."""
    found.last = part
    here = kinds(closings.fold(part))
    postal = _is_postal(part, here)
    if (sum(map(str.isdigit, part)) > _FEW_DIGITS and not postal) or part[:5].lower() == "user:":
        return
    if ROLE in here and _is_role(part, here) and not (postal and here.get(STREET, 0) < here[ROLE]):
        joint = _role(part, found)
        if found.role.count(",") < 1:
            found.role = f"{found.role}, {joint}" if found.role else joint
    elif postal:
        found.add(found.address, part)
    elif ORGANISATION in here:
        if found.organisation.count(",") < 1:
            found.organisation = f"{found.organisation}, {part}" if found.organisation else part
    elif place and _is_place(part):
        found.add(found.address, part)
    elif part[0] not in "(（" and not part.endswith(")") and not _DEGREE.fullmatch(part):
        found.loose.append(part)


def _is_role(part: str, here: dict[str, int]) -> bool:
    """Tell a role from an organisation whose name holds a word for one: what comes first counts, or the last word."""
    if ORGANISATION not in here or here[ROLE] <= here[ORGANISATION]:
        return ORGANISATION not in here or not _POSSESSIVE.search(part)
    return here[ROLE] >= len(part.rpartition(" ")[0])


def _role(part: str, found: _Found) -> str:
    """Return the role; what stands behind "at", "of the" and the like is kept as the organisation, if no other is named."""
    joint = _AT.search(part)
    if joint:
        behind = part[joint.end() :].strip(_EDGE)
        if ORGANISATION in kinds(closings.fold(behind)):
            found.within = found.within or behind
            if joint[0].strip().casefold() in {"at", "@", "bei", "chez", "hos"}:
                return part[: joint.start()].strip(_EDGE)
    return part


def _is_name(part: str, names: frozenset[str]) -> bool:
    """Tell whether a part of a line is a person's name."""
    bare = _TITLES.sub("", part)
    words = bare.strip("()").split()
    if not words or len(words) > _LONGEST_NAME or any(map(str.isdigit, bare)):
        return False
    here = kinds(closings.fold(bare))
    known = names.intersection(word.strip(".,()") for word in closings.fold(bare).split())
    if ORGANISATION in here or ROLE in here:
        return bool(known) and len(known) == len([word for word in words if len(word) > 2])
    if known:
        return True
    cased = [word for word in words if word[0].lower() != word[0].upper()]
    lower = sum(word[0].islower() for word in cased)
    capitals = not cased or (lower <= len(cased) // 2 and cased[-1][0].isupper())
    return part[0] not in "(（" and len(words) <= _USUAL_NAME and capitals


def _settle(found: _Found) -> None:
    """Give what no word told apart its meaning by its place."""
    loose = found.loose
    if loose and found.last == loose[-1] and _is_town(loose[-1]):
        found.add(found.address, loose.pop())
    if loose and found.name and not found.role:
        found.role = loose.pop(0)
    if loose and found.name and not found.organisation and _capital(loose[0]):
        found.organisation = loose.pop(0)
    if loose and _is_place(loose[-1]):
        found.add(found.address, loose[-1])
    found.organisation = found.organisation or found.within


def _is_town(part: str) -> bool:
    """Tell whether a part is one word with one capital: a town rather than a role, which mostly is of a known sort."""
    return len(part) > _SHORT_LINE and part.isalpha() and part == part.capitalize() != part.lower()


def _is_place(part: str) -> bool:
    """Tell whether a part could be a town or a country: few words with capitals."""
    words = part.split()
    return len(words) <= _LONGEST_PLACE and _capital(part) and _capital(words[-1])


def _capital(part: str) -> bool:
    first = part[:1]
    return first.isupper() or first.lower() == first.upper()
