"""Which places an introduction names as the author's seat, and which it only tells of.

In "We are a museum in Berlin with photographs of Peru" the first name is where they are, the second what the pictures show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.assess.folding import fold_name
from pipeline.assess.gazetteer import Mention

_PLACES = frozenset({"country name", "administrative region", "city", "town", "adjective"})
# Small words before the place that one is in.
_IN = re.compile(
    r" (?:in|at|im|en|a|au|aux|w|we|v|ve|в|во|у|i|em|na|no|nel|nella|på|pa|te)(?: the| la| el| den| der| il| lo)?$"
)
# Small words before what something is of, from or about.
_OF = re.compile(
    r" (?:of|from|about|on|showing|von|vom|aus|uber|de|du|des|d|del|della|do|da|dos|das|sobre|sur|di|dal|dalla|su|sulla|z|ze|o|из|о|об|про|з|van|uit|over|fran|om|av)"
    r"(?: the| la| le| les| l| el| los| las| der| den| dem)?$"
)
# Things that have a subject, by the beginnings of their names.
_THINGS = re.compile(
    r" (?:photo|pictur|image|postcard|painting|travel|histor|geschicht|foto|bild|aufnahm|reise|carte|voyag|imagen|imagem|imagens|viaj|viag|cartol|storia|immagin|zdjec|fotogr|pocztow|podroz|фото|снимк|истори|путешеств|світлин|історі|obraz|kuvi|valokuv|afbeeld)"
)
_BEFORE = 24


def told_of(mentions: Sequence[Mention], text: str) -> frozenset[int]:
    """Return where the places start that the introduction `text` only tells of, since it names a seat before them.

    Parameters
    ----------
    mentions
        Names in `text`.
    text
        An introduction.
    """
    places = sorted((m for m in mentions if m.kind in _PLACES), key=lambda m: m.start)
    for number, seat in enumerate(places):
        between = f" {fold_name(text[: max(0, seat.start - 1)])}"
        if _THINGS.search(between):
            break
        if seat.kind != "adjective" and _IN.search(_ahead(text, seat)):
            return frozenset(_subjects(seat, places[number + 1 :], text))
    return frozenset()


def _subjects(seat: Mention, later: Sequence[Mention], text: str) -> list[int]:
    home = {country for country, _ in seat.shares}
    found: list[int] = []
    for place in later:
        between = f" {fold_name(text[seat.end : max(0, place.start - 1)])}"
        told = bool(found) or _THINGS.search(between) or _OF.search(_ahead(text, place))
        if told and not home & {country for country, _ in place.shares}:
            found.append(place.start)
    return found


def _ahead(text: str, place: Mention) -> str:
    """Return the folded words before `place`, which is counted with one character before the text."""
    stop = max(0, place.start - 1)
    return f" {fold_name(text[max(0, stop - _BEFORE) : stop])}"
