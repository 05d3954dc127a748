"""Samples to blocks of numbers: one matrix for each view of an inquiry, its facts, clauses, rule hits and its meaning."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction import DictVectorizer

from pipeline.classify.clauses import clauses, meetings
from pipeline.classify.dataset import Sample
from pipeline.classify.embeddings import gist, meanings, sentences
from pipeline.classify.facts import facts, rule_facts
from pipeline.classify.marks import units
from pipeline.classify.study import Study, Table, study
from pipeline.classify.telling import Lesson, Telling, Units, by_message, loudest
from pipeline.classify.wordpieces import Lexicon, WordPieces, words, words_together
from pipeline.records.inquiries import Inquiry, View

Blocks = Mapping[str, Any]

FACTS = "facts"
CLAUSES = "clauses"
RULES = "rules"
# What the encoder makes of the message as one text, and the mean of what it makes of each sentence.
GIST = "gist"
SENTENCES = "sentences"
MEANINGS = (GIST, SENTENCES)
# What single sentences tell of the fit. Of messages that it learnt from this would be hindsight: `fit_transform` has none.
TOLD = "told"
# The same of each sentence by itself: an array for each message. No head learns from it; explanations quote by it.
BY_SENTENCE = "told by sentence"


def _parts(inquiry: Inquiry) -> tuple[str, ...]:
    return inquiry.author.name, inquiry.base_subject, inquiry.text, inquiry.signature


def _whole(inquiry: Inquiry) -> str:
    return "\n".join(_parts(inquiry))


def _of(view: View) -> Callable[[Inquiry], str]:
    return lambda inquiry: inquiry.view(view)


def _attachment_names(inquiry: Inquiry) -> str:
    """Return the names alone: training reads no documents, so that what they say would be a surprise."""
    return "\n".join(attachment.name for attachment in inquiry.message.attachments)


# Block to the text that it is made of.
TEXTS: Mapping[str, Callable[[Inquiry], str]] = {
    "sender": _of(View.SENDER),
    "subject": _of(View.SUBJECT),
    "introduction": _of(View.INTRODUCTION),
    "body": _of(View.BODY),
    "signature": _of(View.SIGNATURE),
    "attachments": _attachment_names,
    "words": _of(View.BODY),
    "message": _whole,
}


def words_of(block: str, inquiry: Inquiry) -> tuple[str, ...]:
    """Return the words of a block of `TEXTS`."""
    return words_together(_parts(inquiry)) if block == "message" else words(TEXTS[block](inquiry))


class Views(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Samples to blocks.

    Parameters
    ----------
    texts
        Block of `TEXTS` to how many word pieces it keeps; ``words`` are whole words and word pairs,
        all others words and character n-grams of 3 to 5.
    least
        In how many messages a feature has to occur.
    encoder
        Key of `embeddings.KINDS`, for the blocks of `MEANINGS`; empty for none.
    """

    def __init__(self, texts: Mapping[str, int], least: int = 3, encoder: str = "") -> None:
        self.texts = texts
        self.least = least
        self.encoder = encoder

    # Models that were trained without marks have none.
    telling_: Telling | None = None
    # Made when a text is first looked at.
    _lexicon: Lexicon | None = None

    def fit(
        self, samples: Sequence[Sample], y: object = None, lessons: Sequence[Lesson] | None = None
    ) -> Self:
        """Choose the word pieces and the names of facts and rules, and learn which sentences tell."""
        self.fit_transform(samples, y, lessons)
        return self

    def fit_transform(
        self,
        samples: Sequence[Sample],
        y: object = None,
        lessons: Sequence[Lesson] | None = None,
        studied: Study | None = None,
    ) -> Blocks:
        """Choose the word pieces and names, and return the blocks of the same samples, without `TOLD`.

        Parameters
        ----------
        y
            Not used; scikit-learn asks for it.
        lessons
            What each sample teaches about single sentences; None: no sentence is scored.
        studied
            What `studied` returns for the same samples, if it is at hand.
        """
        del y
        found = studied or self.studied(samples, spoken=lessons is not None)
        inquiries = [inquiry for inquiry, _ in samples]
        self._lexicon = None
        self.texts_ = _vectorisers(self.texts, self.least)
        self._places = {block: made.choose(found.texts[block]) for block, made in self.texts_.items()}
        self.named_ = {block: _frequent(each, self.least) for block, each in found.named.items()}
        if self.encoder:
            meanings(self.encoder).keep_more()
        meant, spoken = _meant(self.encoder, inquiries)
        self.meant_ = {block: Centred().fit(each) for block, each in meant.items()}
        self.telling_ = None
        if lessons is not None:
            self.spoken_ = Centred().fit(_stacked(spoken))
            self.telling_ = Telling().fit(inquiries, self._studied_units(found, spoken), lessons)
        return self._studied_blocks(found) | self._centred(meant)

    def studied(self, samples: Sequence[Sample], spoken: bool) -> Study:
        """Count once what any fit on some of these samples chooses from; with single sentences if `spoken`."""
        inquiries = [inquiry for inquiry, _ in samples]
        if self.encoder:
            # Every fit asks for the same meanings.
            meanings(self.encoder).keep_more()
            _meant(self.encoder, inquiries)
        made = _vectorisers(self.texts, self.least)
        texts = {block: (each, map(TEXTS[block], inquiries)) for block, each in made.items()}
        said = ("message", [units(inquiry) for inquiry in inquiries], meetings) if spoken else None
        return study(samples, texts, _NAMED, said)

    def transform_studied(self, found: Study) -> Blocks:
        """Return what `transform` does, of samples that were studied together with those of the fit."""
        meant, spoken = _meant(self.encoder, [inquiry for inquiry, _ in found.samples])
        told = {}
        if self.telling_:
            told[TOLD] = loudest(self.telling_.scores(self._studied_units(found, spoken)), found.ends)
        return self._studied_blocks(found) | self._centred(meant) | told

    def _studied_blocks(self, found: Study) -> dict[str, Any]:
        texts = {
            block: made.counted_rows(found.texts[block].cells, self._places[block])
            for block, made in self.texts_.items()
        }
        return texts | {block: _columns_of(made, found.named[block]) for block, made in self.named_.items()}

    def _studied_units(self, found: Study, spoken: Sequence[Any]) -> Units:
        said = found.spoken["words"].cells
        parts = {
            "words": self.texts_["message"].counted_short_rows(said, self._places["message"]),
            CLAUSES: _columns_of(self.named_[CLAUSES], found.spoken["clauses"]),
        }
        if self.encoder:
            parts["meaning"] = self.spoken_.transform(_stacked(spoken))
        return Units(parts, found.ends)

    def transform(self, samples: Sequence[Sample]) -> Blocks:
        """Return block name to a matrix, a row for each sample: dense ones of meaning and of `TOLD`, else sparse."""
        inquiries = [inquiry for inquiry, _ in samples]
        # Message by message, so that a text is split once for all blocks.
        split = [[words_of(block, each) for block in self.texts_] for each in inquiries]
        texts = {
            block: made.rows(self.lexicon.columns(block, [found[at] for found in split]))
            for at, (block, made) in enumerate(self.texts_.items())
        }
        named = {block: _numbers(made, map(_NAMED[block], samples)) for block, made in self.named_.items()}
        meant, spoken = _meant(self.encoder, inquiries)
        return texts | named | self._centred(meant) | self._told(inquiries, spoken)

    def _told(self, inquiries: Sequence[Inquiry], spoken: Sequence[Any]) -> dict[str, Any]:
        """Return what sentences tell, of each message together and of each sentence; nothing where none is scored."""
        if not self.telling_:
            return {}
        found = self.units(inquiries, spoken)
        scores = self.telling_.scores(found)
        return {TOLD: loudest(scores, found.ends), BY_SENTENCE: by_message(scores, found.ends)}

    def units(self, inquiries: Sequence[Inquiry], spoken: Sequence[Any] | None = None) -> Units:
        """Return subjects and sentences as numbers.

        Parameters
        ----------
        spoken
            What `_meant` returned second, if it is at hand.
        """
        if spoken is None:
            spoken = _meant(self.encoder, inquiries)[1]
        texts = [units(inquiry) for inquiry in inquiries]
        flat = [text for some in texts for text in some]
        parts = {
            "words": self.texts_["message"].short_rows(self.lexicon.short_columns("message", flat)),
            CLAUSES: _numbers(self.named_[CLAUSES], map(meetings, flat)),
        }
        if self.encoder:
            parts["meaning"] = self.spoken_.transform(_stacked(spoken))
        return Units(parts, list(accumulate(map(len, texts))))

    @property
    def lexicon(self) -> Lexicon:
        """The vocabularies of all texts together."""
        if self._lexicon is None:
            self._lexicon = Lexicon(self.texts_)
        return self._lexicon

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is made anew."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_lexicon", "_places")}

    def _centred(self, meant: Blocks) -> dict[str, Any]:
        return {block: self.meant_[block].transform(each) for block, each in meant.items()}


class Centred(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Vectors less their mean, scaled so that their mean square length is 1; a row of zeros stays one.

    All of a language model's vectors point much the same way; what tells is how they differ.
    """

    def fit(self, vectors: Any, y: object = None) -> Self:  # noqa: ARG002  # scikit-learn asks for y
        """Learn mean and scale from the rows that are not zero."""
        import numpy as np

        known = vectors[vectors.any(axis=1)]
        self.mean_ = known.mean(axis=0) if len(known) else np.zeros(vectors.shape[1], dtype=np.float32)
        spread = float(((known - self.mean_) ** 2).sum(axis=1).mean()) if len(known) else 1.0
        self.scale_ = np.float32(1.0 / max(spread, 1e-9) ** 0.5)
        return self

    def transform(self, vectors: Any) -> Any:
        """Return the centred rows."""
        return (vectors - self.mean_) * self.scale_ * vectors.any(axis=1)[:, None]


def _meant(encoder: str, inquiries: Sequence[Inquiry]) -> tuple[Blocks, list[Any]]:
    """Return the blocks of meaning, and for each message the vectors of its units; the subject's is zero.

    Rows of zeros where the encoder does not know the language.
    """
    import numpy as np

    if not encoder:
        return {}, []
    ask = meanings(encoder)
    blocks = {block: np.zeros((len(inquiries), ask.kind.size), dtype=np.float32) for block in MEANINGS}
    split = [sentences(inquiry) for inquiry in inquiries]
    spoken = [np.zeros((len(some) + 1, ask.kind.size), dtype=np.float32) for some in split]
    known = [row for row, inquiry in enumerate(inquiries) if ask.knows(inquiry)]
    vectors = ask.of(
        [*(gist(inquiries[row]) for row in known), *(text for row in known for text in split[row])]
    )
    at = len(known)
    for place, row in enumerate(known):
        its = vectors[at : at + len(split[row])]
        blocks[GIST][row] = _unit(vectors[place])
        blocks[SENTENCES][row] = _unit(its.mean(axis=0))
        spoken[row][1:] = its
        at += len(its)
    return blocks, spoken


def _stacked(spoken: Sequence[Any]) -> Any:
    import numpy as np

    return np.vstack(spoken) if len(spoken) else np.zeros((0, 1), dtype=np.float32)


def _unit(vector: Any) -> Any:
    import numpy as np

    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _vectorisers(texts: Mapping[str, int], least: int) -> dict[str, WordPieces]:
    return {block: _vectoriser(block, most, least) for block, most in texts.items()}


def _vectoriser(block: str, most: int, least: int) -> WordPieces:
    if block == "words":
        return WordPieces(lengths=(0, 0), pairs=True, least=least, most=most)
    return WordPieces(least=least, most=most)


def _facts_of(sample: Sample) -> dict[str, float]:
    return facts(sample[0])


def _clauses_of(sample: Sample) -> dict[str, float]:
    return clauses(sample[0])


def _rules_of(sample: Sample) -> dict[str, float]:
    return rule_facts(sample[1])


_NAMED: Mapping[str, Callable[[Sample], dict[str, float]]] = {
    FACTS: _facts_of,
    CLAUSES: _clauses_of,
    RULES: _rules_of,
}


def _numbers(made: DictVectorizer, rows: Iterable[Mapping[str, float]]) -> Any:
    """Return what ``made.transform(rows)`` does, in a quarter of the time: no value here is a string or a list."""
    import numpy as np
    from scipy.sparse import csr_matrix

    known = made.vocabulary_
    indices, values, starts = array("i"), array("f"), [0]
    for row in rows:
        found = sorted([(known[name], value) for name, value in row.items() if name in known])
        indices.extend([at for at, _ in found])
        values.extend([value for _, value in found])
        starts.append(len(indices))
    cells = (np.array(values, dtype=np.float32), np.array(indices, dtype=np.int32), starts)
    return csr_matrix(cells, shape=(len(starts) - 1, len(known)))


def _frequent(table: Table, least: int) -> DictVectorizer:
    """Keep the names that occur in at least `least` rows; the empty name always stays, so that there is a column."""
    import numpy as np

    seen = table.cells.getnnz(axis=0) >= least
    made = DictVectorizer(dtype=np.float32, sort=True)
    made.feature_names_ = [
        name for name, enough in zip(table.names, seen.tolist(), strict=True) if enough or not name
    ]
    made.vocabulary_ = {name: at for at, name in enumerate(made.feature_names_)}
    return made


def _columns_of(made: DictVectorizer, table: Table) -> Any:
    """Return the columns of `table` that have the names of `made`; zeros for a name that it has not."""
    import numpy as np
    from scipy.sparse import csr_matrix

    cells = table.cells
    places = np.array([made.vocabulary_.get(name, -1) for name in table.names], dtype=np.int32)
    columns = places[cells.indices]
    there = columns >= 0
    starts = np.concatenate([[0], np.cumsum(there)])[cells.indptr]
    shape = (cells.shape[0], len(made.vocabulary_))
    return csr_matrix((cells.data[there], columns[there], starts), shape=shape)
