"""Drift: told where the mail changed, silent where it did not, however many mails there are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import wiring
from pipeline.classify.drift import FEWEST, Drift, compare, line, unknown_share, vocabulary
from pipeline.records.labels import Observed
from pipeline.settings import Folders, Settings

START = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = (START, START + timedelta(days=180), START + timedelta(days=208))
KINDS = ("partnership", "business", "misdirected", "spam")


def mails(
    count: int, seed: int, weights: tuple[int, ...] = (60, 20, 10, 10), *, sure: float = 0.9, language: str = "en",
    model: str = "m",
) -> list[Observed]:  # fmt: skip
    chance = random.Random(seed)
    return [
        Observed(
            at=START + timedelta(hours=number),
            tags={
                "kind": chance.choices(KINDS, weights)[0],
                "language": language if chance.random() < 0.3 else "de",
            },
            confidence={"kind": min(1.0, max(0.0, chance.gauss(sure, 0.08)))},
            abstained=(),
            model_version=model,
            text="word " * chance.randint(20, 200),
        )
        for number in range(count)
    ]


def names(drift: Drift) -> list[str]:
    return [one.name for one in drift.changed]


def test_the_same_mail_has_not_changed_in_any_of_twelve_tries() -> None:
    told = [
        name for seed in range(12) for name in names(compare(mails(600, seed), mails(200, 100 + seed), SPAN))
    ]
    assert told == []


def test_a_wave_of_spam_is_told_with_its_figures() -> None:
    drift = compare(mails(600, 1), mails(200, 2, (30, 15, 10, 45)), SPAN)
    assert names(drift) == ["kind"]
    (kind,) = drift.changed
    assert kind.p < 0.001
    assert kind.effect > 0.2
    assert kind.moves[0].value == "spam"
    assert kind.moves[0].before == pytest.approx(0.1, abs=0.04)
    assert kind.moves[0].now == pytest.approx(0.45, abs=0.08)
    said = line(drift)
    assert "30 June 2026" in said
    assert "Kind (Spam 1" in said


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de", ("30. Juni 2026", "Art (Spam 1")),
        ("fr", ("30 juin 2026", "ourrier")),
        ("es", ("30 de junio de 2026", "correo")),
    ],
)
def test_a_change_is_told_in_the_language_of_the_committee(locale: str, words: tuple[str, ...]) -> None:
    drift = compare(mails(600, 1, sure=0.9), mails(200, 2, (30, 15, 10, 45), language="uk", sure=0.6), SPAN)
    said = line(drift, locale)
    assert [word for word in words if word not in said and word != "Art (Spam 1"] == []
    assert "confidence" not in said
    assert "differs" not in said


def test_with_ten_thousand_mails_a_change_that_does_not_matter_is_not_told() -> None:
    drift = compare(mails(10_000, 1), mails(10_000, 2, (57, 22, 11, 10)), SPAN)
    kind = next(one for one in drift.measures if one.name == "kind")
    assert kind.p < 0.01
    assert not kind.changed
    assert line(drift) == ""


def test_a_new_language_and_less_confidence_are_told() -> None:
    drift = compare(mails(500, 1), mails(200, 2, language="uk", sure=0.6), SPAN)
    assert {"language", "confidence of kind"} <= set(names(drift))


def test_confidences_of_two_models_are_not_compared() -> None:
    drift = compare(mails(500, 1, model="a"), mails(200, 2, sure=0.6, model="b"), SPAN)
    assert "confidence of kind" not in [one.name for one in drift.measures]
    assert drift.models == ("a", "b")


def test_too_few_mails_tell_nothing() -> None:
    drift = compare(mails(500, 1), mails(FEWEST - 1, 2, (0, 0, 0, 1)), SPAN)
    assert not drift.enough
    assert drift.measures == ()
    assert line(drift) == ""


def test_unknown_words_are_told_and_a_mail_without_any_is_left_out() -> None:
    known = frozenset({" word ", "wor", "ord", " wo", "rd ", " wor", "word", "ord ", " word", "word "})
    assert unknown_share("word word", known) == 0.0
    assert unknown_share("qxzq", known) == 1.0
    before, now = mails(200, 1), mails(200, 2)
    drift = compare(before, now, SPAN, lambda text: 0.1 + (0.5 if text in {one.text for one in now} else 0.0))
    assert "unknown word pieces" in names(drift)
    assert "unknown word pieces" not in [
        one.name for one in compare(before, now, SPAN, lambda _: float("nan")).measures
    ]


def test_holm_asks_more_of_many_tests() -> None:
    drift = compare(mails(300, 3), mails(300, 4), SPAN)
    smallest = min(drift.measures, key=lambda one: one.p)
    assert all(one.p >= smallest.p for one in drift.measures)
    assert all(0.0 <= one.p <= 1.0 for one in drift.measures)


def test_the_pieces_that_the_shipped_model_knows_are_found() -> None:
    model = wiring.model(Settings(folders=Folders(model="base")))
    assert model is not None
    known = vocabulary(model.estimator)
    assert known is not None
    assert unknown_share("our museum would like to give you these photographs", known) < 0.1
    assert unknown_share("xqzvj wkqzx", known) > 0.5
    assert vocabulary(None) is None
