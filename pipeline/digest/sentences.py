"""A small splitter of running text into sentences, for any script, as a reader would quote them.

Not that of `pipeline.parsing.sentences`, which knows no paragraphs, and on whose sentences the model was trained.
"""

from __future__ import annotations

import re

# Enders of scripts that put white space after a sentence, and of those that do not need it.
_SPACED = ".!?…؟۔।॥።፧։᙮܀"
_UNSPACED = "。！？｡︒．"
_CLOSERS = "\"'”’»›)]}」』）】〉》"
_ABBREVIATIONS = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "nr", "art", "fig", "vol", "vs", "etc", "eg", "ie", "ca",
    "approx", "dept", "univ", "inc", "ltd", "co", "jr", "sr", "hon", "rev", "gen", "col", "bzw", "evtl",
    "ggf", "inkl", "str", "tel", "usw", "vgl", "zb", "bspw", "abs", "hr", "hrn", "fr", "frl", "dipl", "ing",
    "mag", "phil", "mme", "mlle", "mm", "ex", "env", "sra", "srta", "dña", "núm", "avda", "av", "pág", "ud",
    "uds", "exmo", "exma", "ilmo", "ilma", "sig", "dott", "ssa", "dhr", "mevr", "drs", "bijv", "blz", "ul",
    "im", "tzn", "np", "mgr", "inż", "hab", "tj", "tzv", "např", "ev", "čl", "pl", "им", "ул",
    "тел", "стр", "проф", "руб", "тыс", "млн", "обл",
})  # fmt: skip
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_BULLET = re.compile(r"[ \t]*(?:[-*•·–—▪●]|\d{1,2}[.)]|[a-z]\))[ \t]+")
_ENDER = re.compile(f"[{re.escape(_SPACED + _UNSPACED)}]+[{re.escape(_CLOSERS)}]*")
_THAI_LIKE = re.compile("[\u0e00-\u0eff\u1780-\u17ff]")
_KHMER_ENDERS = re.compile("(?<=[។៕။])")
_LONGEST_UNSPLIT = 140
_HEADING_LENGTH = 30


def paragraphs(text: str) -> list[list[str]]:
    """Return the lines of each paragraph; an item of a list is a paragraph of its own."""
    found: list[list[str]] = []
    for block in _PARAGRAPH.split(text):
        lines: list[str] = []
        for each in block.splitlines():
            bullet = _BULLET.match(each)
            if lines and (bullet or _is_heading(lines[-1], each)):
                found.append(lines)
                lines = []
            if each.strip():
                lines.append(each[bullet.end() if bullet else 0 :].strip())
        if lines:
            found.append(lines)
    return found


def _is_heading(line: str, following: str) -> bool:
    """Tell whether `line` is too short to have been wrapped and what follows begins anew."""
    return len(line) <= _HEADING_LENGTH and line[-1].isalnum() and not following.strip()[:1].islower()


def split(paragraph: str) -> list[str]:
    """Return the sentences of one `paragraph` without line breaks."""
    found, start = [], 0
    for ender in _ENDER.finditer(paragraph):
        if _ends(paragraph, ender):
            found.append(paragraph[start : ender.end()])
            start = ender.end()
    found.append(paragraph[start:])
    return [part for each in found for part in _clauses(each.strip()) if part]


def _ends(text: str, ender: re.Match[str]) -> bool:
    mark = ender.group()
    if mark[0] in _UNSPACED:
        return True
    if ender.end() == len(text):
        return True
    if not text[ender.end()].isspace():
        return False
    following = text[ender.end() :].lstrip()[:1]
    if mark == "." and _abbreviated(text, ender.start()):
        return False
    return not following.islower()


def _abbreviated(text: str, dot: int) -> bool:
    """Tell whether the dot belongs to an abbreviation, an initial, or an ordinal such as ``3. März``."""
    word = text[max(dot - 12, 0) : dot].split()[-1:] or [""]
    last = word[0].lstrip("(\"'“„«").lower()
    if last.isdigit():
        return len(last) <= 2
    return len(last) == 1 or last.replace(".", "") in _ABBREVIATIONS or ("." in last and len(last) <= 5)


def _clauses(sentence: str) -> list[str]:
    """Split scripts without full stops: Khmer and Burmese at their own marks, a long Thai or Lao run at a space."""
    if sentence.isascii():
        return [sentence]
    parts = [part.strip() for part in _KHMER_ENDERS.split(sentence)]
    return [clause for part in parts for clause in _runs(part)]


def _runs(text: str) -> list[str]:
    if len(text) <= _LONGEST_UNSPLIT or len(_THAI_LIKE.findall(text)) < len(text) // 2:
        return [text]
    runs = [""]
    for word in text.split():
        if len(runs[-1]) + len(word) > _LONGEST_UNSPLIT and runs[-1]:
            runs.append("")
        runs[-1] = f"{runs[-1]} {word}".strip()
    return runs
