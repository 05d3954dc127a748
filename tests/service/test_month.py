"""A month at the desk, on a real IMAP server and an SMTP server: nothing is lost, doubled, forged, or left lying."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.dovecot import Dovecot
from tests.support.month import BOUNCING, TOKEN_DAYS, World, letters, world
from tests.support.month_checks import check_end, table
from tests.support.month_days import Month, share


def live(made: World, fixtures: Path, *, mails: int, days: int, seed: int, **plan: int) -> Month:
    """Live a month, or a part of one, and check its end."""
    month = Month(
        world=made,
        incoming=share(letters(fixtures, mails, seed), days, burst=3),
        pause=plan["pause"],
        resume=plan["resume"],
        forgeries=plan["forgeries"],
        token_days=plan["token_days"],
    )
    month.live()
    check_end(made, BOUNCING)
    return month


def test_ten_days(dovecot: Dovecot, tmp_path: Path, fixtures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(dovecot, tmp_path, monkeypatch, seed=1) as made:
        month = live(
            made, fixtures, mails=60, days=10, seed=1, pause=4, resume=7, forgeries=3, token_days=TOKEN_DAYS
        )
        assert month.figures["changes"] > 20
        assert sum(month.forged.values()) > 30


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [2, 3])
def test_a_month(
    dovecot: Dovecot, tmp_path: Path, fixtures: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with world(dovecot, tmp_path, monkeypatch, seed=seed, token_days=12) as made:
        month = live(
            made, fixtures, mails=300, days=30, seed=seed, pause=9, resume=16, forgeries=5, token_days=12
        )
        print(table(made, month.figures | month.forged))  # noqa: T201 - for the documents
        assert month.figures["changes"] > 100
        assert len(month.forged) > 15, "not every way to forge was tried"
