"""A simple splitter of sentences for many scripts, for where an author introduces themselves or tells of an absence.

Not that of digests (`pipeline.digest.sentences`), which keeps to paragraphs and lists and cuts as a reader would: the
introduction is a view that rules and model read, and has to stay what the model learnt from.
"""

from __future__ import annotations

import re

_TEXT_LIMIT = 50_000  # characters that are split
_SENTENCE_LIMIT = 1_000  # characters of one sentence
_COUNT_LIMIT = 500

_CLOSERS = "\"'”’»«)\\]}）」』】›"
_SPACED = ".!?…"  # stops after which white space is needed
_FREE = "。！？｡؟۔।॥።፧፨։។៕။"  # stops that end a sentence whatever follows
# Begins with one class of characters, so that the search skips from stop to stop; a run of stops is looked at once.
_STOP = re.compile(
    rf"[{_SPACED}{_FREE}\n](?:(?<=[{_SPACED}])(?<![{_SPACED}]{{2}})[{_SPACED}]*+[{_CLOSERS}]{{0,3}}+(?=\s)"
    rf"|(?<=[{_FREE}])[{_FREE}]*+[{_CLOSERS}]{{0,3}}|(?<=\n)[^\S\n]{{0,200}}\n)"
)
_ABBREVIATIONS = (
    "mr mrs ms dr prof st jr sr vs etc no nos vol fig approx dept inc ltd co e.g i.e cf al hon rev gen col lt "
    "capt z.b u.a d.h bzw ca bspw nr str tel hr fr ing dipl mag m mme mlle mm me art p pp ex env av bd apr "
    "jan feb mar jun jul aug sep sept oct nov dec okt dez sra srta lic arq avda núm pág ud uds vd dña dn exma "
    "exmo sig dott ssa avv geom t.o.v o.a bijv drs ir mw dhr mevr afd kl f.eks bl.a ev mgr bc rndr judr mudr "
    "phdr doc např tzv tj č ul tzn np m.in hab inż im pt im. г ул т.е т.д т.п др проф тов стр гл им см руб "
    "тыс млн млрд р т к вул с м п.р κ κα αρ σελ π.χ τηλ sn doç yrd bkz vb örn tl bl dl gr dna dvs sf"
)
_ABBREVIATED = frozenset(_ABBREVIATIONS.split())


def sentences(text: str, most: int = _COUNT_LIMIT) -> tuple[str, ...]:
    r"""Split a text into sentences.

    A full stop ends one if white space follows, unless it ends an abbreviation, an initial or a number in front of
    a lower-case word; the stops of scripts that do without spaces always do; so does an empty line.

    Parameters
    ----------
    text
        Text with ``\n`` line ends; only its first 50,000 characters are split.
    most
        How many sentences are wanted; at most 500.

    Returns
    -------
    tuple of str
        At most 500 sentences, their white space folded, each at most 1,000 characters long.
    """
    text = text[:_TEXT_LIMIT]
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop[0][0] == "." and _goes_on(text, stop.start(), stop.end()):
            continue
        _add(found, text[start : stop.end()])
        start = stop.end()
        if len(found) >= min(most, _COUNT_LIMIT):
            return tuple(found)
    _add(found, text[start:])
    return tuple(found)


def _add(found: list[str], sentence: str) -> None:
    folded = " ".join(sentence.split())[:_SENTENCE_LIMIT]
    if any(character.isalnum() for character in folded):
        found.append(folded)


def _goes_on(text: str, stop: int, end: int) -> bool:
    """Tell whether a full stop does not end the sentence."""
    before = text[max(0, stop - 24) : stop].split()
    word = before[-1].lstrip("(\"'„«").casefold() if before else ""
    if word in _ABBREVIATED or (len(word) == 1 and word.isalpha()):
        return True
    following = text[end : end + 8].lstrip()[:1]
    return following.islower() or (word.isdigit() and len(word) <= 2 and not following.isupper())
