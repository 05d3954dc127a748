"""What a mailbox could not hand over is asked for again, from the mailbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.imap.source import ImapSource
from pipeline.adapters.ledger.upkeep.doctor import examine
from pipeline.service.stuck import retry
from tests.support.answering import office
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.imap import Pauses, account, mail


def test_a_mail_that_was_too_large_comes_once_it_may(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    user = dovecot.new_user()
    dovecot.fill(user, [mail(1), mail(2, size=5000), mail(3)])

    def source(limit: int) -> ImapSource:
        return ImapSource(account(dovecot.port, user, largest_message=limit), pause=Pauses())

    with office(tmp_path) as made:
        desk = replace(made.desk, sources=(source(2000),))
        recorded, problems = desk.poll()
        assert (recorded.stored, recorded.refused, problems) == (2, 1, ())
        (aside,) = desk.ledger.asides.all()
        assert (aside.step, aside.whole) == ("fetch", False)
        (still,) = retry(desk, [aside.number])
        assert not still.done
        assert "over the limit of 2000" in still.outcome
        (done,) = retry(replace(desk, sources=(source(1_000_000),)), [aside.number])
        assert (done.done, done.outcome) == (True, "fetched")
        assert desk.ledger.asides.all() == ()
        status = desk.ledger.reports.status(made.now)
        assert (sum(status.messages.values()), status.messages["read"]) == (3, 3)
        assert desk.poll()[0].stored == 0
        engine = desk.ledger.engine  # type: ignore[attr-defined]
        assert [one.check for one in examine(engine) if one.offenders] == []
        (gone,) = retry(desk, [aside.number])
        assert gone.outcome == "there is no such number"
