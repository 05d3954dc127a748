"""What digests offer: words of the reader, tokens of their own, drafts for the inquirer, nothing that does not fit the state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.records.answers import Action
from pipeline.records.effects import Answer, Change, Result, Said
from pipeline.records.messages import Address, ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import DailyDigest, State, Window
from pipeline.service.offers import Offers
from tests.support.answering import ADDRESS, Office, answer, office


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def _offers(desk: Office) -> Offers:
    offers = desk.desk.digester().offers
    assert isinstance(offers, Offers)
    return offers


def test_words_are_the_readers_and_every_one_is_understood(desk: Office) -> None:
    inquiry = desk.inquiry(liaison="danuta")
    offer = desk.offer(inquiry.key, "danuta")
    words = dict(offer.actions)
    assert (words[Action.ACCEPT], words[Action.WAIT], words[Action.CORRECT]) == (
        "annehmen",
        "warten bis ",
        "typ: ",
    )
    assert Action.FETCH not in words
    local = offer.address.partition("@")[0]
    assert len(local) <= 64
    assert local.isascii()


def test_every_entry_of_a_digest_has_an_offer_filed_ones_too(desk: Office) -> None:
    mine, filed = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    desk.receive(answer("spam", to=desk.offer(filed.key).address))
    lieve = desk.desk.policy.by_id["lieve"]
    digest = DailyDigest(
        recipient=Address(address=lieve.address),
        window=Window(period="2026-03-23", start=desk.now, end=desk.now),
        new=(desk.entry(mine.key),),
        filed=(desk.entry(filed.key),),
    )
    found = _offers(desk).attach(digest, lieve, desk.now)
    assert set(found.offers) == {mine.key, filed.key}
    assert Action.FETCH in dict(found.offers[filed.key].actions)
    assert found.offers[filed.key].draft is None
    assert found.reply_to.startswith("desk+")
    # And a plain reply to it fetches back.
    desk.receive(answer(f"{filed.key} fetch", to=found.reply_to))
    assert desk.entry(filed.key).liaison == "lieve"


def test_the_draft_is_in_the_inquirers_language_else_in_english(desk: Office) -> None:
    inquiry = desk.inquiry()
    offers, lieve = _offers(desk), desk.desk.policy.by_id["lieve"]
    for language, greeting in (("fr", "Bonjour Asha Rao,"), ("sw", "Hello Asha Rao,")):
        entry = replace(inquiry, decision=replace(inquiry.decision, language=language))
        draft = offers.of(lieve, [entry], desk.now)[entry.key].draft
        assert draft is not None
        assert draft.text.startswith(greeting)
        assert draft.text.rstrip().endswith("Lieve Maesveld")


def test_chapters_near_the_inquirer_stand_in_the_draft(desk: Office) -> None:
    inquiry = desk.inquiry()
    tags = replace(
        inquiry.decision.tags, kind="partnership", alignment="aligned", activities=("training_event",),
        region="sub_saharan_africa", country="KE",
    )  # fmt: skip
    entry = replace(inquiry, decision=replace(inquiry.decision, tags=tags))
    draft = _offers(desk).of(desk.desk.policy.by_id["lieve"], [entry], desk.now)[entry.key].draft
    assert draft is not None
    assert "Wikimedia Kenya (board@kenya.example)" in draft.text


def test_a_guess_refuses_nobody(desk: Office) -> None:
    inquiry = desk.inquiry()
    offers, lieve = _offers(desk), desk.desk.policy.by_id["lieve"]
    tags = replace(inquiry.decision.tags, kind="partnership", alignment="not_aligned", activities=())

    def text(*abstained: str) -> str | None:
        entry = replace(inquiry, decision=replace(inquiry.decision, tags=tags, abstained=abstained))
        draft = offers.of(lieve, [entry], desk.now)[entry.key].draft
        return draft.text if draft else None

    unclear = replace(inquiry.decision, tags=replace(tags, alignment="unclear"), abstained=())
    open_answer = offers.of(lieve, [replace(inquiry, decision=unclear)], desk.now)[inquiry.key].draft
    assert open_answer is not None
    assert text("alignment") == open_answer.text
    assert text() != open_answer.text
    assert text("kind") is None


def test_after_the_first_answer_no_draft_is_offered(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("answered", to=desk.offer(inquiry.key).address))
    assert desk.offer(inquiry.key).draft is None


def test_a_token_may_stand_in_the_subject(desk: Office) -> None:
    inquiry = desk.inquiry()
    token = desk.offer(inquiry.key).token
    desk.receive(answer("accept", to=ADDRESS, subject=f"Re: Plates [{token.upper()}]"))
    assert desk.state(inquiry.key) is State.ACCEPTED


def test_what_changed_since_it_was_looked_at_undoes_the_whole_answer(desk: Office) -> None:
    """Another process was quicker: nothing of the answer is there, and the message still waits."""
    inquiry = desk.inquiry()
    ledger = desk.desk.ledger
    octets = answer("accept", to=desk.offer(inquiry.key).address)
    sighting = ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=900)
    batch = Batch(
        messages=(RawMessage(sighting=sighting, octets=octets, received_at=desk.now),), refused=(),
        cursor=Cursor(uidvalidity=1, uid=900), total=None,
    )  # fmt: skip
    ledger.messages.record("main", "INBOX", batch, desk.now)
    [stored] = ledger.messages.waiting(5)
    made = Answer(
        liaison="lieve", fingerprint="f" * 64, versions={inquiry.key: inquiry.version},
        said=(Said(action=Action.DONE, key=inquiry.key, result=Result.DONE),),
        changes=(Change(key=inquiry.key, state=State.DONE),), duty=False,
    )  # fmt: skip
    assert not ledger.answers.apply(
        stored, replace(made, versions={inquiry.key: inquiry.version + 1}), desk.now
    )
    # The second of two changes cannot be made: the first is undone, too.
    twice = replace(made, changes=(*made.changes, Change(key=inquiry.key, state=State.WAITING)))
    with pytest.raises(ValueError, match="waits until a day"):
        ledger.answers.apply(stored, twice, desk.now)
    assert desk.state(inquiry.key) is State.ASSIGNED
    assert ledger.duties.current() == {}
    assert ledger.messages.count_waiting() == 1
    assert ledger.answers.apply(stored, made, desk.now)
    assert ledger.answers.apply(
        stored, made, desk.now
    )  # once more: it is dealt with, and nothing is done twice
    assert desk.state(inquiry.key) is State.DONE
    assert [turn.state for turn in ledger.lives.of(inquiry.key)].count(State.DONE) == 1
