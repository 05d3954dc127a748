"""What a name of an organisation looks like: its words, its separators, what does not belong to it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipeline.assess.caching import gazetteer_file, read_once
from pipeline.assess.folding import fold, fold_name
from pipeline.declarative import Declared, load
from pipeline.scripts import count_unspaced

LONGEST_NAME = 120
# What separates the parts of a line: bars, dots, dashes with spaces, commas, slashes with spaces, long brackets.
_SEPARATOR = re.compile(
    r"\s*\((?=.{12})|\s*[|·•;؛]\s*|\s+[–—/-]+\s+|[,،、]\s+|\s{3,}|\t+|\s*，\s*|(?<=\w)/(?=\w{4})"
)
# Eastern legal forms, which belong to the name behind them.
_FORM = re.compile(r"(法人|会社|公司)\s+")
# Words that stand small between the capitalised ones of a name.
_JOIN = (
    r"(?:of|the|de|del|della|dello|dei|di|da|do|dos|das|du|des|la|las|los|le|les|der|die|das|den|dem|des|für|fur|und|and|y|e|et|i|for|van|voor|"
    r"och|og|na|v|z|u|för|for|per|ja|a|w|s|для|и|та|і|на|по|в|у|&)"
)
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽȘȚΑ-ΩА-ЯЁІЇЄҐЂЈЉЊЋЏԱ-Ֆ][\w’'&-]{1,30}"
# A name in running text: capitalised words, at most two small joining words between them, legal forms with dots behind.
RUN = re.compile(
    rf"{_CAPITAL}(?:\s(?:{_JOIN}\s){{0,1}}(?:(?:the|la|las|los|le|les|der|den|des)\s){{0,1}}(?:[dlDL]['’])?{_CAPITAL}){{1,8}}"
)
_LEAD = re.compile(
    r"^(?:(?:for )?(?:and )?on behalf of (?:the )?|(?:in|on|at|from|since|last|this) [\w ]{1,20} the |(?:vice[- ])?(?:head|director|principal|chair|president|secretary|member|rector|dean|curator|editor|manager|coordinator|"
    r"librarian|director[ae]?|directeur|directrice|presidente?|diretor[a]?|direttore|direttrice|leiter(?:in)?|директор|голова) (?:of|at|for|de|del|de la|du|da|do|di|des|der) (?:the )?|"
    r"(?:der|die|das) (?:stiftungsrat|vorstand|präsidium|redaktion|team|kuratorium) (?:der|des|vom|von) |"
    r"(?:this|este|esta|questo|questa|dieses|diese|cette|ce) |(?:ug|grupo de usuarios) (?=wikimed)|"
    r"(?:en|in|im|at|from|for|bei|beim|vom|von der|dans|chez|nella|nel|na|no|pela|pelo|au|aux|à|da|dalla|på|hos) (?:(?:the|la|el|los|las|der|dem|den|le|les) |l['’])?|(?:der|dem|des) |the )",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:who|what|how|when|if|liebe[sr]?|hi|hello|hey|dear|greetings|good|coucou|bonjour|hola|hallo|ciao|salut|i['’]\w+|we|morning|sehr|estimad[oa]s?|prezad[oa]s?|gentile|szanown\w+|vážen\w+|tisztelt|ref|re|fwd?|subject)\b",
    re.IGNORECASE,
)
# The end of a sentence within: a word of some length, a full stop, and something behind.
_SENTENCE = re.compile(r"\w{5}[.!?] \w|[。！？]|[가-힣]{2}[.!?]")
_PERSONAL = re.compile(
    r"\b(?:my|our|your|their|his|her|mein|unser|ihr|mon|notre|votre|mi|nuestr[oa]|meu|noss[oa]|mio|nostr[oa])\b",
    re.IGNORECASE,
)
# The wikis themselves, which are written to: in many scripts they begin alike.
_WIKIS = (
    "wikipedia", "wikipédia", "wikidata", "vikipedi", "vikipēdi", "vikidata", "википед", "вікіпед", "викидан", "вікідан", "βικιπαιδ",
    "ויקיפד", "ويكيبيد", "ویکی", "維基", "维基", "ウィキペ", "위키백과", "wiktionary", "wikivoyage", "wikisource",
)  # fmt: skip
_OWN_WIKIS = (" wikimedia commons ", " wikimedia foundation ", " wikimedia project", " wikimedia movement ")
_USERS = (
    "group",
    "gruppe",
    "grupo",
    "groupe",
    "gruppo",
    "user",
    "association",
    "society",
    "club",
    "education",
)
# Who works there, as the first word of a line: director, head, librarian, curator, teacher, student, chair, secretary.
_ROLES = frozenset(
    """
    director directora directeur directrice direktor direktorin direktorka direttore direttrice diretor diretora dyrektor dyrektorka
    head chief leiter leiterin chef cheffe vedouci veduci vodja kierownik kierowniczka jefe jefa igazgato vezeto mudur baskan ravnatelj
    librarian bibliothekar bibliothekarin bibliotekar bibliotekarie bibliothecaire bibliotecario bibliotecaria bibliothecaris
    bibliotekarz bibliotekarka knihovnik knihovnice knihovnica knjiznicar knjiznicarka konyvtaros kirjastonhoitaja
    curator kurator kuratorin kustos kustosz curador curadora conservateur conservatrice archivist archivar archivarin archiviste archivista
    teacher lehrer lehrerin docente docent dozent dozentin professor profesor profesora professore professeur lecturer ogretmen ucitel
    student studentka etudiant etudiante estudiante estudante president presidente presidenta prezes predseda predsednik
    chair chairman chairwoman chairperson vorsitzender vorsitzende secretary secretaire secretario sekretar
    member mitglied manager managerin coordinator coordinador coordinadora coordinatrice koordinator koordinatorin author autor autorka
    editor redakteur redakteurin redaktor encargado encargada responsable assistant assistentin asistente
    директор директорка директора заведующий заведующая завідувач завідувачка завідуюча начальник начальница руководитель керівник
    керівниця голова главный главная головний головна библиотекарь бібліотекар учитель учительница вчитель вчителька викладач викладачка
    студент студентка председатель председател секретарь секретар член автор редактор архивариус архіваріус
    տնօրեն διευθυντης διευθυντρια
    """.split()  # noqa: SIM905 - a list of 150 literals would hide the words
)
# The same at the end of one: "County Archivist".
_WORKERS = frozenset(
    [
        "archivist",
        "librarian",
        "director",
        "officer",
        "manager",
        "coordinator",
        "curator",
        "teacher",
        "secretary",
        "intern",
        "trainee",
        "volunteer",
        "praktikant",
        "bibliotekar",
    ]
)
_PLANS = (
    "plan",
    "project",
    "projekt",
    "proyecto",
    "projeto",
    "programme",
    "program",
    "programa",
    "act",
    "day",
    "week",
    "award",
    "prize",
)
_LONGEST_LINE_NAME = 9
_SHORT = 3
# What stands behind a legal form that ends a name, mostly a town, and the label of a telephone number whose digits were cut off.
_BEHIND_FORM = re.compile(
    r"(\s(?:g?GmbH|e\.\s?V\.|Kft\.?|Zrt\.?|Ltd\.?|LLC|Inc\.|s\.\s?r\.\s?o\.|d\.\s?o\.\s?o\.|B\.V\.))\s+(?!&|und\b|and\b|i\.|in\b|Co\b|KG\b)[^&]{2,40}$"
)
_LABEL = re.compile(
    r"\s(?:tlf|tel|tél|telefon|telefono|teléfono|phone|fax|mob|mobil|mobile|тел|факс|e-?mail)\.?:?(?:\s?\+?\d[\d ()/-]{2,30})?$",
    re.IGNORECASE,
)
_EDGES = " ,;:-–—|(*_<>[]\"'"


class OrganisationWords(Declared):
    """``gazetteer/organisation-words.toml``: words that make a name the name of an organisation."""

    whole: str
    east: str
    parts: str


@dataclass(frozen=True, slots=True)
class Words:
    """The same, folded: beginnings of words, their endings, eastern endings of names, names of parts."""

    beginnings: frozenset[str]
    endings: tuple[str, ...]
    east: tuple[str, ...]
    parts: tuple[str, ...]


@read_once
def words(rules: Path | None) -> Words:
    """Return the words in the folder `rules` if it has some, else the packaged ones; read once."""
    declared = load(gazetteer_file("organisation-words.toml", rules), OrganisationWords)
    whole = declared.whole.split()
    return Words(
        beginnings=frozenset(
            fold_name(word) for word in whole if word[0] != "*" and " " not in fold_name(word)
        ),
        endings=tuple(fold_name(word) for word in whole if word[0] == "*"),
        east=tuple(fold_name(word) for word in declared.east.split()),
        parts=tuple(fold_name(word) for word in declared.parts.split(" ")),
    )


def parts(line: str) -> list[str]:
    """Return the parts of one line of a signature or a sender's name, without marks around them."""
    pieces = _SEPARATOR.split(line)
    if count_unspaced(line):
        pieces = [part for piece in pieces for part in _FORM.sub(r"\1", piece).split()]
    return [part for part in (piece.strip(_EDGES + ".") for piece in pieces) if part]


def has_word(part: str, table: Words) -> bool:
    """Tell whether `part` has an organisation's word, and another beside it."""
    folded = fold(part)
    tokens = folded.split()
    if tokens and tokens[-1] in _WORKERS:
        return False
    if any(term in folded for term in table.east):
        return 3 <= len(part.strip()) <= 60
    if not 2 <= len(tokens) <= 14:
        return len(tokens) == 1 and len(tokens[0]) > 9 and tokens[0].endswith(table.endings)
    return any(
        token in table.beginnings or (len(token) > 8 and token.endswith(table.endings)) for token in tokens
    )


def is_part(name: str, table: Words) -> bool:
    """Tell whether `name` is that of a department or office: a part of an organisation."""
    folded = fold_name(name)
    return folded.startswith(table.parts) or folded.endswith(
        (" division", " department", " unit", " abteilung")
    )


def is_name(part: str, table: Words) -> bool:
    """Tell whether `part` is written as the name of an organisation: capitals, or a script without them; no sentence."""
    if not is_title(part) or not has_word(part, table):
        return False
    tokens = [token for token in re.split(r"[\s'’-]+", part) if len(token) > (3 if _has_case(token) else 1)]
    capitals = [token for token in tokens if not token[0].islower()]
    own = [token for token in capitals if fold_name(token) not in table.beginnings]
    return 2 * len(capitals) >= len(tokens) and bool(own)


def _has_case(token: str) -> bool:
    """Tell whether `token` is of a script with capitals, where the small words of a name are short."""
    return token.upper() != token.lower()


def is_line(line: str, table: Words) -> bool:
    """Tell whether a line of a signature that is not written in capitals is a name: "Городской музей истории"."""
    tokens = fold_name(line).split()
    return (
        is_title(line)
        and 2 <= len(tokens) <= _LONGEST_LINE_NAME
        and has_word(line, table)
        and tokens[0] not in _ROLES
        and not any(char in line for char in ".:;@/")
        and any(token not in table.beginnings and len(token) > _SHORT for token in tokens)
    )


def is_title(part: str) -> bool:
    """Tell whether `part` may be a name at all: no sentence, greeting or wiki, nobody's "our school"."""
    return (
        bool(part)
        and not part[0].islower()
        and part[-1] not in "!?…:"
        and not _PERSONAL.search(part)
        and not _GREETING.match(part)
        and not _SENTENCE.search(part)
        and not is_wiki(part)
    )


def is_told(name: str, table: Words) -> bool:
    """Tell whether a `name` from running text is one: there, projects and the wikis' own bodies are named as well."""
    tokens = fold_name(name).split()
    return (
        is_name(name, table)
        and tokens[0] not in _PLANS
        and not (len(tokens) < 4 and re.match(r"\w+['’]s ", name))
        and (
            not any(token.startswith("wikimedia") for token in tokens) or any(map(name.lower().count, _USERS))
        )
    )


def is_wiki(name: str) -> bool:
    """Tell whether `name` is of the wikis themselves, or of a team there that is written to."""
    folded = f" {fold_name(name)} "
    if any(own in folded for own in _OWN_WIKIS) or " team " in folded:
        return True
    return any(f" {wiki}" in folded for wiki in _WIKIS) and not any(word in folded for word in _USERS)


def clean(name: str) -> str:
    """Return `name` on one line, without what stands before it, at most 120 characters."""
    printable = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", name))
    name = " ".join(printable.split()).strip(_EDGES)
    name = name.replace('"', "")
    name = _LEAD.sub("", name, count=1).strip(_EDGES)
    name = _LABEL.sub("", _BEHIND_FORM.sub(r"\1", name)).strip(_EDGES)
    for opening, closing in ("()", "«»", "„“" if "„" in name else "“”"):
        if name.count(closing) > name.count(opening):
            name = name.rstrip(closing)
        if name.count(opening) > name.count(closing):
            name = name.rpartition("(")[0] if opening == "(" else name + closing
    return name[:LONGEST_NAME].strip()
