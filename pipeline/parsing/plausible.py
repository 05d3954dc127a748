"""Which charset octets are really in, where the declared one is missing or reads them as gibberish.

A text in a script of its own, read as Latin, is long runs of accented letters, which no language writes. Candidates are
then tried in a fixed order, and one is taken only where most letters are the frequent ones of its languages.
"""

from __future__ import annotations

import re

SAMPLE = 20_000  # octets that are looked at
_HIGH_RUN = re.compile(rb"[\x80-\x9f\xa1-\xff]+")
_RUN = 4  # adjacent high octets; Latin words have two, rarely three
_RUN_SHARE = 0.5
_LEAST_HIGH = 6
_FREQUENT_SHARE = 0.5
_OWN_SHARE = 0.9
# Frequent letters of the languages written with a codec: about two thirds of their running text.
_ALPHABETS = tuple(
    (name, frozenset(letters), re.compile(block))
    for names, letters, block in (
        (("cp1251", "koi8_u", "iso8859_5"), "оеаинтсрвліОЕАИНТСРВЛ", "[\u0400-\u04ff]"),
        (("cp1253",), "αοιετσςνηυρκπμάίόέήύώΑΟΙΕΤΣΝ", "[\u0370-\u03ff]"),
        (("cp1255",), "יוהלאתרבמשנ", "[\u0590-\u05ff]"),
        (("cp1256",), "الينمتوربهةدع", "[\u0600-\u06ff]"),
        (("cp874",), "านรกอเงมยลวดท่้สตัิีะคปบพหแ", "[\u0e00-\u0e7f]"),
    )
    for name in names
)
_KANA = re.compile("[\u3041-\u30ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
# Kana in Shift_JIS begin with two octets that cp1252 has for a low quotation mark and a florin sign.
_SJIS_KANA = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")

# The letters of Central Europe that Latin-1 has other letters or signs for, and everyday words.
_CENTRAL = re.compile("[ěščřžůďťňľąćęłńśźżőűĚŠČŘŽŮĎŤŇĽĄĆĘŁŃŚŹŻŐŰđĐ]")
_SHARED = dict.fromkeys(map(ord, "ŠŽšž"))  # the same octets in cp1250 as in cp1252
_CENTRAL_TEXT = (
    "dobrý děkuji děkujeme prosím přejeme přeji hezký jsem jsme jsou který která které bych bychom chtěl chtěla "
    "chtěli může můžete není při před také už nebo ještě něco jak tak pro podle fotografie pozdravem našeho "
    "ďakujem ďakujeme deň môžete ktorý ktorá ktoré ako alebo veľmi ešte chcel chcela pekný "
    "dzień dobry dziękuję dziękujemy proszę jest się czy że który która które będzie może mogę jestem jesteśmy "
    "pozdrawiam państwa chciałbym chciałabym zdjęcia są także aby przez "
    "köszönöm köszönjük kérem szeretném szeretnénk tisztelt üdvözlettel hogy nem egy és vagy kérjük készült "
    "poštovani poštovanje hvala molim može želim želimo također više što lahko prosimo lepo pozdrav kako "
    "vas"
)
_CENTRAL_WORDS = frozenset(_CENTRAL_TEXT.split())
_WESTERN_TEXT = (
    "der die das und ist nicht ich wir mit für ein eine les des est pour dans nous vous avec une que qui sur "
    "el los las para con por una del il che di per non sono della och att det som är på ikke jeg vi til og med "
    "os com não uma het een van niet the and of with for you this den nie dit kan så jag ett jy"
)
_WESTERN_WORDS = frozenset(_WESTERN_TEXT.split())
_WORD = re.compile(r"[^\W\d_]{2,30}")
_TAGS = re.compile(r"<[^<>]{0,2000}>")


def with_escapes(octets: bytes) -> str | None:
    """Decode ISO-2022-JP or -KR (RFC 1468, RFC 1557), which are ASCII octets with escapes; None for other text."""
    if b"\x1b$" not in octets:
        return None
    try:
        text = octets.decode("iso2022_kr" if b"\x1b$)C" in octets else "iso2022_jp_ext")
    except UnicodeError:
        return None
    return text if _BEYOND_ASCII.search(text) else None


def other_codec(octets: bytes) -> str | None:
    """Return the codec that fits better than Latin-1, or None where Latin-1 is as likely.

    Parameters
    ----------
    octets
        Text with octets above 0x7F that is no UTF-8; the first `SAMPLE` octets are looked at.

    Returns
    -------
    str or None
        A codec of Python in which all of the sample is sound.
    """
    sample = octets[:SAMPLE]
    if len(_SJIS_KANA.findall(sample)) >= 2 and _japanese(sample, "cp932"):
        return "cp932"
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    high = sum(runs)
    if high < _LEAST_HIGH or sum(run for run in runs if run >= _RUN) < high * _RUN_SHARE:
        return _central(sample)
    return _east_asian(sample, [run % 2 for run in runs]) or _alphabetic(sample)


def _decoded(sample: bytes, name: str) -> str | None:
    """Decode a sample strictly, but for a character that its end may have cut."""
    for end in range(len(sample), max(len(sample) - 4, -1), -1):
        try:
            return sample[:end].decode(name)
        except UnicodeError:
            if len(sample) < SAMPLE:
                return None
    return None


def _letters(text: str) -> str:
    return "".join(letter for letter in _BEYOND_ASCII.findall(text) if letter.isalpha())


def _share(pattern: re.Pattern[str], letters: str) -> float:
    return len(pattern.findall(letters)) / len(letters) if letters else 0.0


def _japanese(sample: bytes, name: str) -> bool:
    letters = _letters(_decoded(sample, name) or "")
    kana = _share(_KANA, letters)
    return len(letters) >= 3 and kana >= 0.2 and kana + _share(_HAN, letters) >= _OWN_SHARE


def _east_asian(sample: bytes, odd: list[int]) -> str | None:
    if not sum(odd):  # both octets of a character are high ones
        if _japanese(sample, "euc_jp"):
            return "euc_jp"
        if _share(_HANGUL, _letters(_decoded(sample, "euc_kr") or "")) >= _OWN_SHARE:
            return "cp949"
    for wanted, name, last in (("gb2312", "gb18030", 0xD7), ("big5", "big5hkscs", 0xC6)):
        letters = _letters(_decoded(sample, wanted) or "")
        everyday = sum(1 for letter in letters if letter.encode(wanted)[0] <= last)
        if len(letters) >= 3 and _share(_HAN, letters) >= _OWN_SHARE <= everyday / len(letters):
            return name
    return None


def _alphabetic(sample: bytes) -> str | None:
    """Return the codec in which the most letters are frequent ones of their languages."""
    best, found = _FREQUENT_SHARE, None
    for name, frequent, block in _ALPHABETS:
        text = _decoded(sample, name)
        beyond = "".join(_BEYOND_ASCII.findall(text or "")).replace("\xa0", "")
        own = "".join(block.findall(beyond))
        if not own or len(own) < _OWN_SHARE * len(beyond):
            continue
        score = sum(1 for letter in own if letter in frequent) / len(own)
        if score > best:
            best, found = score, name
    return found


def _central(sample: bytes) -> str | None:
    """Return a codec of Central Europe where the words are of its languages."""
    best, found = 0, None
    for name in ("cp1250", "iso8859_2"):
        text = _TAGS.sub(" ", _decoded(sample, name) or "")
        if not _CENTRAL.search(text if name == "iso8859_2" else text.translate(_SHARED)):
            continue
        words = [word.lower() for word in _WORD.findall(text[:3000])]
        central = sum(1 for word in words if word in _CENTRAL_WORDS)
        marked = sum(1 for word in words if word in _CENTRAL_WORDS and _CENTRAL.search(word))
        western = sum(1 for word in words if word in _WESTERN_WORDS)
        if central + marked > best and (marked or central > 1) and central > western:
            best, found = central + marked, name
    return found
