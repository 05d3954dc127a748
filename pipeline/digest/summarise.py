"""Two sentences of an inquiry that say what it is about; taken from the inquiry, never made up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.digest import clean
from pipeline.records.inquiries import Inquiry

LONGEST = 300
_READ = 6_000
_MOST_SENTENCES = 60
_SHORTEST = 25
# Ends of sentences: in scripts with spaces a mark and a space, elsewhere the mark alone.
_END = re.compile(r"(?<=[.!?؟।။።])\s+|(?<=[。！？])|\n\s*\n|\n(?=\s*[-*•–]\s)")
_GREETING = re.compile(
    r"^\W*(dear|hello|hi|hey|good (morning|day|afternoon|evening)|greetings|sehr geehrte|liebe|hallo|guten tag|"
    r"bonjour|madame|monsieur|cher|chère|estimad|hola|buen[oa]s|prezad|olá|bom dia|caro|cara|gentil|buongiorno|"
    r"salve|beste|geachte|hej|kära|kære|hei|szanown|dzień dobry|dobrý den|vážen|добрый|здравствуй|уважаем|"
    r"шановн|добрый день|доброго дня|поштован|sayın|merhaba|szia|tisztelt|stimat|bună|αγαπητ|καλημέρα|"
    r"السلام|تحية|السيد|با سلام|नमस्ते|प्रिय|お世話|拝啓|您好|你好|尊敬的|안녕하세요|kính gửi|xin chào|habari|ndugu)",
    re.IGNORECASE,
)
# What people write where they ask or offer.
_REQUEST = re.compile(
    r"would like|we'd like|i'd like|we offer|offer|propos|request|looking for|could you|would you|can you|please|"
    r"interested in|invite|support|partner|cooperat|collaborat|möchten|würden|bieten|suchen|bitte|vorschlag|"
    r"souhait|aimerions|proposons|voudr|pourriez|cherchons|demand|quisiér|quisier|querem|queremos|ofrec|"
    r"solicit|podrían|gostar|oferec|vorremmo|proponi|chiedi|potreste|willen|zouden|graag|vill |skulle|ønsker|"
    r"haluaisi|chciel|prosi|propon|rádi|chtěli|предлага|хоте|просим|пропону|хоті|просимо|искаме|бихме|"
    r"szeretn|kérjük|dorim|solicităm|istiyor|öneri|rica|θα θέλαμε|προτείν|نود|نرغب|نقترح|می‌خواه|पेशकश|चाहते|"
    r"お願い|提案|希望|希望|合作|提供|요청|제안|mong muốn|đề nghị|tungependa|tunaomba",
    re.IGNORECASE,
)


def summary(inquiry: Inquiry, limit: int = 2) -> str:
    """Return at most `limit` sentences and 300 characters that tell what the inquiry is about, on one line.

    Sentences count by how early they stand, by words of asking and offering, and by how much they share with
    the rest of the text (centrality; Luhn 1958). They keep their order.

    Parameters
    ----------
    inquiry
        What was read; its text is used, and the subject where there is none.
    limit
        Sentences.
    """
    sentences = _sentences(inquiry.text)
    if not sentences:
        return clean.line(inquiry.text or inquiry.base_subject, LONGEST)
    scores = _scores(sentences)
    best = sorted(sorted(range(len(sentences)), key=lambda n: -scores[n])[:limit])
    return clean.line(" ".join(sentences[n] for n in best), LONGEST)


def _sentences(text: str) -> list[str]:
    """Return the sentences that say something, greetings and fragments left out."""
    found = []
    for piece in _END.split(text[:_READ])[:_MOST_SENTENCES]:
        sentence = _without_greeting(piece)
        wide = sum(2 if ord(c) > 0x2E80 else 1 for c in sentence)
        if wide >= _SHORTEST:
            found.append(sentence)
    return found


def _without_greeting(piece: str) -> str:
    """Drop a first line that only greets."""
    lines = [line.strip() for line in piece.strip().splitlines() if line.strip()]
    while lines and (
        _GREETING.match(lines[0]) and (len(lines[0]) < 60 or lines[0].endswith((",", ":", "，", "：")))
    ):
        lines = lines[1:]
    return " ".join(lines)


def _scores(sentences: Sequence[str]) -> list[float]:
    bags = [set(re.findall(r"\w{4,}", sentence.casefold())) for sentence in sentences]
    common = Counter(word for bag in bags for word in bag)
    return [
        1.0 / (1 + place)
        + (0.9 if _REQUEST.search(sentence) else 0.0)
        + 0.6 * sum(common[word] > 1 for word in bag) / max(len(bag), 1)
        for place, (sentence, bag) in enumerate(zip(sentences, bags, strict=True))
    ]
