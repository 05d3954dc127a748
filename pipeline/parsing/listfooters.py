"""The footers that mailing lists append below a mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MAILMAN = 40  # so many underscores only list programs draw
_REACH = 24  # a footer stands within so many lines of the end
_LONGEST = 14  # lines of a footer that say something
_RULE = re.compile(r"\s{0,4}(?:[_＿]{3,}|[-=~*]{3,}|#{20,}|--|_[_.,]{4,20})\s{0,4}")
_INLINE = re.compile(r"\s{0,4}_{3,}\s{1,3}\S.{0,120}")
_DRAWN = frozenset("_＿-=~*#")  # with what rules are drawn
_TELLING = re.compile(
    r"mailing list|list archive|listinfo|unsubscrib|@lists?\.|@googlegroups\.|google groups|groups\.google|-leave@|"
    r"mailman|hyperkitty|pipermail|subscribed to|yahoo!? groups|yahoogroups|groups\.io|mailinglist|mailingliste|postings?liste|"
    r"liste de diffusion|se désabonner|désinscri|lista de correo|desuscri|lista de discuss|lista de difus|"
    r"lista de distrib|cancelar a inscri|disiscriv|lista di discussione|verteiler|abbestell|abmelden|afmelden|"
    r"list(?:a|ų)? dyskusyjna|wypisać|odhlásit|leiratkoz|levelezőlista|dezabon|отписа|рассылк|розсилк|список рассылки|"
    r"listeden ayr|e-posta listesi|postituslista|postilista|atrakst|vēstuļkop|listserv|phplist|diskusija|"
    r"邮件列表|郵件論壇|メーリングリスト|메일링 리스트|القائمة البريدية|רשימת תפוצה|\blist(?:a|e|s)?\b.{0,40}(?:archiv|public)|"
    r"you (?:get|receive|are receiving|received) this (?:e?-?mail |message )?because|"
    r"-l\b|^[\w-]{3,40}-(?:l|announce|discuss|talk|users)$",
    re.IGNORECASE,
)

_LIST = re.compile(
    r"\blist[ae]?\b|\blijst\b|списък|список|рассылк|リスト|列表|\blistas?\b|قائمة|सूची|жагсаалт|\bdiscuss(?:ion|ão|ió)?\b",
    re.IGNORECASE,
)


def footer_start(lines: Sequence[str]) -> int:
    """Return the index of the line with which the list's footer begins, or ``len(lines)``.

    Parameters
    ----------
    lines
        The body. Only its last lines are looked at.
    """
    count = len(lines)
    start = count
    for index in range(count - 1, max(-1, count - 1 - _REACH), -1):
        line = lines[index]
        if len(line) > 400:
            break
        if line.lstrip()[:1] not in _DRAWN:
            continue
        if _ruled(line, lines[index + 1 : start]) or _inline(line, index, start):
            start = index
    return start


def _ruled(line: str, block: Sequence[str]) -> bool:
    """Tell whether a rule stands above lines that speak of a list; below underscores the bare word will do."""
    if not _RULE.fullmatch(line):
        return False
    said = [text for text in block if text.strip()]
    if not 0 < len(said) <= _LONGEST:
        return False
    if any(_TELLING.search(text[:300]) for text in said) or line.strip().startswith("_" * _MAILMAN):
        return True
    return line.strip()[0] in "_＿" and len(said) <= 3 and any(_LIST.search(text[:300]) for text in said)


def _inline(line: str, index: int, start: int) -> bool:
    """Tell whether a last line is ``____ Name of the list``."""
    return index == start - 1 and _INLINE.fullmatch(line) is not None
