"""What a subject says without the marks that programs add to it (RFC 5256, section 2.1, and beyond)."""

from __future__ import annotations

import re

_LONGEST = 2_000
_MOST_MARKS = 60

# Reply and forward marks as mail programs write them before a colon.
_REPLY_MARKS = (
    "re", "reply",  # English, and most programs in any language
    "aw", "antw", "antwort",  # German, Dutch
    "sv", "vs", "svar",  # Danish, Norwegian, Swedish, Finnish, Estonian, Icelandic
    "réf", "ref", "rép", "rep",  # French
    "r", "rif", "ris",  # Italian
    "res", "resp",  # Portuguese, Spanish
    "odp", "odpověď",  # Polish, Czech, Slovak
    "odg", "одг",  # Slovene, Croatian, Bosnian, Serbian
    "vá", "válasz",  # Hungarian
    "ynt", "yanıt",  # Turkish
    "răspuns",  # Romanian
    "atb", "ats",  # Latvian, Welsh; Lithuanian
    "απ", "απάντηση", "σχετ",  # Greek
    "на", "ha", "ответ", "отв", "відп", "отг", "отн",  # Russian (ha: with Latin letters), Ukrainian, Bulgarian
    "השב", "תשובה",  # Hebrew
    "رد", "پاسخ",  # Arabic, Persian
    "回复", "回覆", "答复", "答覆", "回信", "返信", "답장", "회신",  # Chinese, Japanese, Korean
    "bls", "balas", "balasan", "trả lời", "ตอบกลับ", "ตอบ",  # Indonesian, Malay, Vietnamese, Thai
)  # fmt: skip
_FORWARD_MARKS = (
    "fw", "fwd", "forward", "forwarded",  # English
    "wg", "weitergeleitet",  # German
    "doorst", "doorgestuurd",  # Dutch
    "vb", "vl", "vid", "fs",  # Swedish, Finnish, Danish and Norwegian, Icelandic
    "tr", "transféré",  # French
    "i", "inoltro", "inoltrato",  # Italian
    "rv", "reenv", "reenviado",  # Spanish
    "enc", "encaminhado",  # Portuguese
    "pd", "přeposláno", "prosl", "proslij", "прослеђено",  # Polish, Czech, Croatian, Serbian
    "továbbítás", "továbbítva", "továbbküldés",  # Hungarian
    "ilt", "i̇lt", "ılt",  # Turkish: İLT, in whatever case folding
    "pārs", "yml",  # Latvian, Welsh
    "πρθ", "προώθ", "προώθηση",  # Greek
    "пересл", "переслать", "пересланное", "пересылка", "препр", "пд",  # Russian, Bulgarian
    "הועבר",  # Hebrew
    "إعادة توجيه", "هدایت",  # Arabic, Persian
    "转发", "轉寄", "轉發", "转寄", "転送", "전달",  # Chinese, Japanese, Korean
    "trs", "teruskan", "chuyển tiếp", "ส่งต่อ",  # Indonesian, Malay, Vietnamese, Thai
)  # fmt: skip


def _alternation(marks: tuple[str, ...]) -> str:
    return "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))


_COUNTER = r"(?: ?[\[(^*]? ?\d{1,3}[\])]?)?"
_MARK = re.compile(rf"(?:{_alternation(_REPLY_MARKS + _FORWARD_MARKS)})\.?{_COUNTER} ?[:：]", re.IGNORECASE)
_FORWARD = re.compile(
    rf"(?:\[[^\[\]]{{0,100}}\] ?){{0,4}}(?:{_alternation(_FORWARD_MARKS)})\.?{_COUNTER} ?[:：]", re.IGNORECASE
)
_BLOB = re.compile(r"\[[^\[\]]{0,100}\]")
_WRAPPED = re.compile(r"\[(?:fwd|fw|wg|tr|rv) ?: ?(.*)\]", re.IGNORECASE)
_TRAILER = re.compile(r" ?\((?:fwd|fw)\)$", re.IGNORECASE)
_TICKET = re.compile(
    r"\[?\b(?:ticket|case|otrs|znuny) ?(?:id)? ?# ?:? ?(\d{4,20})\b\]?",
    re.IGNORECASE,
)


def base_subject(subject: str) -> str:
    """Return `subject` without reply and forward marks, list tags and ticket numbers.

    Parameters
    ----------
    subject
        Decoded and unfolded.

    Returns
    -------
    str
        The base subject (RFC 5256, section 2.1), with the marks of some thirty languages removed; a subject that
        consists of a tag alone keeps it.
    """
    text = " ".join(subject[:_LONGEST].split())
    for _ in range(_MOST_MARKS):
        shorter = _once(text)
        if shorter == text:
            break
        text = shorter
    return text


def _once(text: str) -> str:
    """Take one layer of marks off."""
    text = _TRAILER.sub("", text).strip()
    if wrapped := _WRAPPED.fullmatch(text):
        return wrapped[1].strip()
    if mark := _MARK.match(text):
        return text[mark.end() :].strip()
    for pattern in (_BLOB, _TICKET):
        blob = pattern.match(text)
        if blob and text[blob.end() :].strip(" :-"):
            return text[blob.end() :].strip()
    if (ticket := _TICKET.search(text)) and ticket[0].startswith("["):
        return " ".join((text[: ticket.start()] + " " + text[ticket.end() :]).split())
    return text


def forwarded(subject: str) -> bool:
    """Tell whether `subject` begins with a forward mark, or ends with one."""
    text = " ".join(subject[:_LONGEST].split())
    return bool(_FORWARD.match(text) or _WRAPPED.match(text) or _TRAILER.search(text))


def answered(subject: str) -> bool:
    """Tell whether `subject` begins with a reply or forward mark, behind list tags."""
    text = " ".join(subject[:_LONGEST].split())
    for _ in range(4):
        if _MARK.match(text):
            return True
        blob = _BLOB.match(text)
        if blob is None:
            break
        text = text[blob.end() :].lstrip()
    return forwarded(text)
