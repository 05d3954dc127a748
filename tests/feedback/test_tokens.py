"""Tokens: what is signed holds, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feedback import tokens
from pipeline.records.keys import Keyring, Secret

NOW = datetime(2026, 3, 23, 8, 0, tzinfo=UTC)
RING = Keyring(current=Secret(octets=b"k" * 32))
KEYS = st.text("23456789BCDFGHJKMNPQRSTVWXZ", min_size=6, max_size=12)
LIAISONS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40)


@given(LIAISONS, KEYS, st.integers(0, 10**6), st.integers(1, 366))
def test_a_token_tells_what_it_was_made_for(liaison: str, key: str, version: int, days: int) -> None:
    token = tokens.entry_token(RING, liaison, key, version, NOW, days)
    found = tokens.grant(RING, token, liaison, NOW + timedelta(days=days))
    assert found.key == key
    assert found.fits(version)
    assert not found.fits(version + 1)
    with pytest.raises(tokens.Unfit, match="expired"):
        tokens.grant(RING, token, liaison, NOW + timedelta(days=days + 1))
    with pytest.raises(tokens.Unfit, match="forged"):
        tokens.grant(RING, token, liaison + "x", NOW)


@given(KEYS, st.integers(0, 10**9))
def test_tokens_fit_into_subjects_and_addresses(key: str, turn: int) -> None:
    made = (
        tokens.entry_token(RING, "lieve", key, 7, NOW, 45),
        tokens.digest_token(RING, "lieve", turn, NOW, 45),
        tokens.tracking_token(RING, key),
    )
    for token in made:
        assert len(token) < 64
        assert set(token) <= set("abcdefghijklmnopqrstuvwxyz234567")
        assert list(tokens.in_text(f"Re: x <desk+{token.upper()}@partners.example>, {token}")) == [token]
    assert len(set(made)) == len(made)


def test_the_usual_token_leaves_room_for_a_name() -> None:
    assert len(tokens.entry_token(RING, "lieve", "K7WM2Q", 3, NOW, 45)) == tokens.USUAL


@given(st.data())
def test_a_token_with_one_other_character_is_forged(data: st.DataObject) -> None:
    token = tokens.entry_token(RING, "lieve", "K7WM2Q", 3, NOW, 45)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(
        st.sampled_from([one for one in "abcdefghijklmnopqrstuvwxyz234567" if one != token[place]])
    )
    with pytest.raises(tokens.Unfit):
        tokens.grant(RING, token[:place] + other + token[place + 1 :], "lieve", NOW)


@given(st.text(max_size=80))
def test_no_text_is_a_token_by_accident(text: str) -> None:
    with pytest.raises(tokens.Unfit):
        tokens.grant(RING, text, "lieve", NOW)
    assert tokens.tracked(RING, text, NOW) == ""


def test_a_token_serves_one_purpose_alone() -> None:
    tracking = tokens.tracking_token(RING, "K7WM2Q")
    with pytest.raises(tokens.Unfit, match="purpose"):
        tokens.grant(RING, tracking, "lieve", NOW)
    assert tokens.tracked(RING, tracking, NOW) == "K7WM2Q"
    assert tokens.tracked(RING, tokens.entry_token(RING, "lieve", "K7WM2Q", 1, NOW, 45), NOW) == ""


def test_a_former_secret_serves_until_its_end() -> None:
    old = tokens.entry_token(RING, "lieve", "K7WM2Q", 3, NOW, 45)
    until = NOW + timedelta(days=14)
    ring = Keyring(current=Secret(octets=b"n" * 32), former=(Secret(octets=b"k" * 32, until=until),))
    assert tokens.grant(ring, old, "lieve", until - timedelta(seconds=1)).key == "K7WM2Q"
    with pytest.raises(tokens.Unfit, match="forged"):
        tokens.grant(ring, old, "lieve", until)
    assert tokens.entry_token(ring, "lieve", "K7WM2Q", 3, NOW, 45) != old


def test_a_mail_full_of_tokens_is_read_in_part() -> None:
    text = " ".join(tokens.digest_token(RING, "lieve", number, NOW, 45) for number in range(500))
    assert len(list(tokens.in_text(text))) == 100
