"""Octets to text, whatever charset they claim: the declared one if it fits, else the likeliest."""

from __future__ import annotations

import functools
import re
from encodings.aliases import aliases

from pipeline.parsing.plausible import other_codec, with_escapes

# Names that mail uses, mapped to the superset that the octets really are in (WHATWG Encoding Standard,
# section 4.2, and what mail programs write).
_SUPERSETS = {
    "us_ascii": "ascii", "ansi_x3.4_1968": "ascii", "iso_8859_1": "cp1252",
    "latin1": "cp1252", "latin_1": "cp1252", "iso8859_1": "cp1252", "iso_8859_9": "cp1254",
    "iso8859_9": "cp1254", "latin5": "cp1254", "iso_8859_11": "cp874", "iso8859_11": "cp874",
    "tis_620": "cp874", "tis620": "cp874", "windows_874": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312_80": "gb18030", "x_gbk": "gb18030", "cn_gb": "gb18030", "euc_cn": "gb18030", "cp936": "gb18030",
    "hz_gb_2312": "hz", "ks_c_5601_1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949",
    "euc_kr": "cp949", "korean": "cp949", "shift_jis": "cp932", "x_sjis": "cp932", "sjis": "cp932",
    "windows_31j": "cp932", "ms_kanji": "cp932", "x_euc_jp": "euc_jp", "iso_2022_jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext", "big5": "big5hkscs", "x_x_big5": "big5hkscs",
    "cn_big5": "big5hkscs", "iso_8859_8_i": "cp1255", "iso_8859_8_e": "cp1255", "iso_8859_8": "cp1255",
    "iso8859_8": "cp1255", "logical": "cp1255", "iso_8859_6_i": "iso8859_6", "iso_8859_6_e": "iso8859_6",
    "unicode_1_1_utf_7": "utf_7", "x_unicode_2_0_utf_7": "utf_7", "utf8mb4": "utf_8", "unicode_1_1_utf_8": "utf_8",
    "utf_8_sig": "utf_8", "x_mac_roman": "mac_roman", "macintosh": "mac_roman", "x_mac_cyrillic": "mac_cyrillic",
    "x_mac_ce": "mac_latin2", "koi8_ru": "koi8_u", "koi": "koi8_r", "koi8": "koi8_r", "x_cp1251": "cp1251",
    "x_cp1252": "cp1252", "x_cp1250": "cp1250", "win_1251": "cp1251", "win1251": "cp1251",
}  # fmt: skip
# Codecs of Python that are no charsets, or that take quadratic time on hostile octets.
_NO_CHARSETS = {
    "base64_codec", "bz2_codec", "hex_codec", "idna", "mbcs", "oem", "palmos", "punycode", "quopri_codec",
    "raw_unicode_escape", "rot_13", "undefined", "unicode_escape", "uu_codec", "zlib_codec",
}  # fmt: skip
_KNOWN = (set(aliases.values()) | {"utf_8", "koi8_u", "koi8_t", "cp874", "cp1006"}) - _NO_CHARSETS
_LATIN = {"cp1252", "cp1254", "cp1250", "iso8859_15", "iso8859_2", "mac_roman"}
_WESTERN = {"cp1252", "iso8859_15", "mac_roman"}  # what programs declare that know no other charset
_WIDE = {"utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "utf_7"}
_ASCII_GONE = dict.fromkeys(range(0x80))
_UTF8_LEAST = 6  # characters beyond ASCII from which UTF-8 is no chance in any charset
_MULTIBYTE_ODDITIES = 0.05
_DETECTION_SAMPLE = 20_000


@functools.lru_cache(maxsize=512)
def codec(name: str) -> str | None:
    """Return Python's codec for the charset `name` as mail declares it, or None if there is none."""
    plain = re.sub(r"[-\s:]+", "_", name.strip(" \t\r\n\"'").lower()[:60])
    plain = re.sub(r"^charset=|^x_unknown$", "", plain)
    plain = re.sub(r"^(?:windows|win|cp)_?(?=\d)", "cp", plain)
    known = _SUPERSETS.get(plain) or aliases.get(plain.replace(".", "_")) or plain
    known = _SUPERSETS.get(known, known)
    return known if known in _KNOWN else None


def decode_text(octets: bytes, declared: str | None) -> tuple[str, str | None]:
    """Decode `octets` as text.

    Parameters
    ----------
    octets
        Text in any charset, without transfer encoding.
    declared
        The charset that the message names, or None.

    Returns
    -------
    text
        Unicode without surrogates and byte order mark; line ends as they were.
    defect
        What was wrong with the declaration, in a few words, or None.
    """
    if octets.isascii() and (declared is None or codec(declared) not in _OWN_ESCAPES):
        escaped = with_escapes(octets)
        return (octets.decode("ascii"), None) if escaped is None else (scalars(escaped), _wrong(declared))
    wanted = codec(declared) if declared else "utf_8"
    if wanted is None:
        return _guess(octets), f"unknown charset {_shown(declared)}"
    text = _strictly(octets, wanted)
    if text is None or _rather_utf8(octets, wanted):
        return _guess(octets), _wrong(declared)
    if wanted in _WESTERN and (other := other_codec(octets)):
        return scalars(octets.decode(other, "replace")), _wrong(declared)
    return scalars(text).removeprefix("\ufeff"), None


# Charsets in which plain ASCII octets may stand for other letters.
_OWN_ESCAPES = _WIDE | {"hz", "iso2022_jp", "iso2022_jp_ext", "iso2022_kr"} | {
    name for name in _KNOWN if name.startswith(("iso2022", "cp037", "cp500", "cp1026", "cp1140"))
}  # fmt: skip


def _wrong(declared: str | None) -> str:
    if declared:
        return f"text is not in the declared charset {_shown(declared)}"
    return "8-bit text without charset"


def _shown(declared: str | None) -> str:
    return re.sub(r"[^\x21-\x7e]", "?", declared or "")[:40]


def _strictly(octets: bytes, name: str) -> str | None:
    """Decode without tolerance, but for the five octets that cp1252 leaves undefined."""
    if name in {"utf_16", "utf_32"} and octets.isascii():
        return None  # a wide charset without any zero or high octet is a lie
    try:
        return octets.decode(name)
    except UnicodeError:
        return octets.decode("cp1252", "replace") if name == "cp1252" and not _is_utf8(octets) else None


def _rather_utf8(octets: bytes, name: str) -> bool:
    """Tell whether text declared otherwise is UTF-8: Latin text that is valid UTF-8 by chance is next to impossible."""
    if name in _OWN_ESCAPES or name.startswith("utf") or not _is_utf8(octets):
        return False
    return name in _LATIN or len(octets.decode("utf-8").translate(_ASCII_GONE)) >= _UTF8_LEAST


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(octets: bytes) -> str:
    """Decode octets whose charset is unknown."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        lenient = octets.decode("utf-8-sig", "replace")
    broken = lenient.count("\ufffd")
    whole = len(lenient) - len(lenient.encode("ascii", "ignore")) - broken
    if whole and broken <= max(1, whole * _MULTIBYTE_ODDITIES):
        return lenient
    return scalars(octets.decode(_detected(octets), "replace"))


_HIGH = bytes(range(0x80, 0x100))


def _detected(octets: bytes) -> str:
    """Return the likeliest codec by statistics (resiliparse); cp1252 for short scraps, where they only mislead."""
    if other := other_codec(octets):
        return other
    high = len(octets) - len(octets.translate(None, _HIGH))
    if high < 4 or high * 12 < len(octets):
        return "cp1252"
    from resiliparse.parse.encoding import detect_encoding

    found = codec(detect_encoding(octets[:_DETECTION_SAMPLE]) or "")
    return found if found and found not in _WIDE and found != "utf_8" else "cp1252"


def scalars(text: str) -> str:
    """Replace surrogates, which some codecs let through and no output may hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
