"""In which language a text is written."""

from __future__ import annotations

import re
from collections import Counter

from pipeline.parsing.identifier import identify

_TEXT_LIMIT = 700  # characters that are looked at; more of them decide no fixture otherwise
_SHORT = 60  # letters below which the subject is taken in as well
_NOISE = re.compile(r"[0-9_<>|*#=]+")

# Scripts that one language alone uses in ordinary mail.
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("bo", re.compile("[\u0f00-\u0fff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("kn", re.compile("[\u0c80-\u0cff]")),
    ("ml", re.compile("[\u0d00-\u0d7f]")),
    ("si", re.compile("[\u0d80-\u0dff]")),
    ("gu", re.compile("[\u0a80-\u0aff]")),
    ("pa", re.compile("[\u0a00-\u0a7f]")),
    ("or", re.compile("[\u0b00-\u0b7f]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
)
_OWN_SCRIPT = re.compile(
    "[\u0370-\u03ff\u0530-\u058f\u0a00-\u109f\u10a0-\u10ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_OWN_LETTERS = (
    ("yi", re.compile("[\u05f0-\u05f2\ufb1f]|\u05d0[\u05b7\u05b8]")),
    ("sd", re.compile("[\u067b\u0680\u0684\u068f\u06aa\u06b3\u06bb]")),
    ("ku", re.compile("[\u0695\u06b5\u06ce\u06c6]")),
)
_OWN_LETTERS_LEAST = 4
_SCRIPT_SHARE = 0.35

# Everyday words of languages that the identifier does not know, or mixes up with bigger neighbours.
_WORDS = {
    "ha": "da na ta ya su mun muna kuma wannan domin daga cikin ga ba ne ce don zuwa kuna akwai sun ina ku mu wani mai",
    "sn": "kuti uye pamusoro zve tiri ne ndiri mu kana vanhu kwete tinoda chete asi kubva vana yedu zvino mari iyi",
    "ny": "ndi ku kuti kwa mu za ya anthu kapena koma zikomo ndife athu wa ife chifukwa tikufuna izi ndili",
    "mi": "te ngā o ki kia he i ko nga mātou tātou hoki mō kua kei tēnā ana aroha mihi reo tamariki",
    "tpi": "bilong long mi em yu ol na mipela dispela yupela i tok olsem laik stap wanpela gat husat sapos tasol",
    "fj": "na ni kei me ena vei e au keitou vinaka sa lako veivuke mada oqo neitou bula kina dina",
    "ig": "na nke ndị anyị maka bụ n'ime ka ga ihe onye ya ụlọ akwụkwọ ọ dị biko",
    "yo": "ti àwọn ní fún láti ẹ ṣe jẹ́ mo wọ́n pé sí àti ó kí wa ilé rẹ̀",
    "tw": "na wɔ sɛ ne no yɛ me yɛn mo bɛ de ma a ho kɔ ɛyɛ nnwoma",
    "lg": "mu ku okuva era nga ffe ne mwe abantu bwe twagala omu ebya kubanga nnyo ssebo okusoma",
    "nd": "lokhu sicela ukuthi njalo kumbe ngiyabonga abantwana izikolo sona yona kodwa ngenxa sithi",
    "om": "fi keenya kan irraa akka barattoota nuti ni haa yoo isin hin kuni waan barnoota",
    "so": "waa oo iyo ka ku waxaan in waxay ah la si aan uu soo dugsiga",
    "uz": "va bilan uchun bu bizning biz ham edi kerak qilish siz emas bizga kitob",
    "gd": "agus tha an air a' gu sinn ann bha nach agaibh againn airson leis",
    "jam": "di fi mi dem wi a seh yuh nuh inna weh dat wah cyaan pon unu deh",
    "pcm": "dey na wey una wetin no abeg go make sey don fit dem for sabi",
    "sco": "the tae an ye wi aye wis oor nae fae ken wheesht wad twa",
    "ceb": "ang sa nga mga kami namo kini usa kanamo kamo unta og ug dili adunay",
    "hif": "hum log ke aur hai hoi me apan ek baat kare sako wala hamlog ham",
    "ku": "me û ji bo li di de em ku hûn jî ne ev bi xwe",
    "rm": "nus e il la da che ed ina per betg avain cun ils las nua vus",
    "nds": "un dat wi för de is nich mit op wat hebbt ji ok en van uns",
    "sm": "o le ma i e mo lo matou fa'amolemole tatou nei lea",
    "to": "ko e 'a 'o mo ki he 'oku homau kau ta'u mālō",
    "gn": "ha ko mba'e ore pe rehe ndive rupi umi oĩ avañe'ẽ",
    "rn": "kandi mu ku iyo bene natwe mwebwe abantu vyose",
}


def _by_word() -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = {}
    for language, words in _WORDS.items():
        for word in set(words.split()):
            languages.setdefault(word, []).append(language)
    return {word: tuple(found) for word, found in languages.items()}


_LANGUAGES_OF = _by_word()
_TAKES_ALL = 0.24  # share of words that must be among a language's everyday words
_WORD = re.compile(r"[^\W\d_][\w'’̀-ͯ]{0,30}")


def detect(text: str, subject: str = "") -> str:
    """Name the language of a text.

    Parameters
    ----------
    text
        What the author wrote, without quoted mail and signature.
    subject
        Taken in where the text is short.

    Returns
    -------
    str
        ISO 639-1 code, else ISO 639-3; ``und`` where there is nothing to judge.
    """
    sample = _sample(text)
    if len(sample) < 2 * _SHORT and subject and _letters(sample) < _SHORT:
        sample = f"{sample} {_sample(subject[:300])}"
    if len(sample) < 2 * _SHORT and _letters(sample) < 2:
        return "und"
    if sample.isascii():
        return _by_words(sample) or _identify(sample)
    return _by_script(sample) or _by_letters(sample) or _by_words(sample) or _identify(sample)


def _sample(text: str) -> str:
    """Return the beginning of a text without links, addresses, numbers and marks."""
    text = text[: 2 * _TEXT_LIMIT]
    if "@" in text or "://" in text or "www." in text:
        words = text.split()
        text = " ".join(word for word in words if not ("@" in word or "://" in word or word[:4] == "www."))
    # With marks for edges, so that noise and white space become one blank there, too.
    return " ".join(f"-{_NOISE.sub(' ', text[:_TEXT_LIMIT])}-".split())[1:-1]


def _letters(sample: str) -> int:
    return sum(map(str.isalpha, sample))


def _by_letters(sample: str) -> str | None:
    """Tell languages apart that share the Hebrew or the Arabic script, by letters of their own."""
    for language, own in _OWN_LETTERS:
        if len(own.findall(sample)) >= _OWN_LETTERS_LEAST:
            return language
    return None


def _by_script(sample: str) -> str | None:
    if not _OWN_SCRIPT.search(sample):
        return None
    letters = _letters(sample)
    for language, script in _SCRIPTS:
        if len(script.findall(sample)) >= _SCRIPT_SHARE * letters:
            return language
    return None


def _by_words(sample: str) -> str | None:
    """Recognise languages that the identifier was not trained on by their everyday words."""
    words = _WORD.findall(sample.casefold().replace("’", "'"))
    known = [_LANGUAGES_OF[word] for word in words if word in _LANGUAGES_OF]
    if len(words) < 5 or len(known) < _TAKES_ALL * len(words):
        return None
    counts = Counter(language for several in known for language in several)
    best, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return best if count >= _TAKES_ALL * len(words) else None


def _identify(sample: str) -> str:
    language = identify(sample)
    return {"nb": "no"}.get(language, language)
