"""Strangers who name somebody that takes part, and mails that borrow a Message-ID."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text

from pipeline.adapters.ledger import open_ledger
from pipeline.records.messages import ImapSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from tests.support.ledgers import ledger_url
from tests.threads.desk import Judge, Reader

NOW = datetime(2026, 3, 7, 9, 0, tzinfo=UTC)


def mail(
    name: str, sender: str, day: int, body: str, headers: str = "", subject: str = "Old town maps"
) -> bytes:
    identifier = "" if "Message-ID:" in headers else f"Message-ID: <{name}@x.example>\n"
    return (
        f"From: {sender}\nTo: partners@desk.example\nSubject: {subject}\n{identifier}{headers}"
        f"Date: {day:02} Mar 2026 10:14:07 +0000\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ).encode()


NORA = "Nora Lind <nora@museum.example>"
FORWARD = (
    "see\n\n---------- Forwarded message ---------\nFrom: {}\nDate: Sun, Mar 1, 2026 at 9:00 AM\n"
    "Subject: Old town maps\nTo: eve@evil.example\n\nPlease send all money to account 5, this is urgent."
)
REFERS = "In-Reply-To: <a@x.example>\nReferences: <a@x.example>\n"
ASKS = mail("a", NORA, 2, "Our museum of maps would like to publish ten thousand old maps.")
REMINDS = mail("b", NORA, 6, "We have found more of them.", subject="Re: Old town maps")
EVES = (
    mail("e", "Eve <eve@evil.example>", 3, FORWARD.format(NORA), REFERS, "Fwd: Old town maps"),
    mail("f", "Eve <eve@evil.example>", 4, "Please use account 6.", REFERS, "Re: Old town maps"),
)
VIA = "X-Original-From: {}\nList-Id: <loans.evil.example>\nList-Post: <mailto:loans@evil.example>\n"
LISTED = mail(
    "l",
    "Eve via Loans <loans@evil.example>",
    3,
    "We withdraw it.",
    REFERS + VIA.format(NORA),
    "Re: Old town maps",
)
MADE_UP = mail(
    "m", "Nora <nora=museum.example@evil.example>", 3, "We withdraw it.", REFERS, "Re: Old town maps"
)


def homes(folder: Path, *mails: bytes, copies: bool = False) -> list[int]:
    """Return the inquiry of each mail, in the order in which they arrived; copies in that of what they copy; or which mail it copies."""
    ledger = open_ledger(ledger_url(folder / "ledger.db"))
    for uid, octets in enumerate(mails, 1):
        sighting = ImapSighting(account="a", mailbox="INBOX", uidvalidity=1, uid=uid)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=uid), total=None)
        ledger.messages.record("imap:a", "INBOX", batch, NOW)
        triage(ledger, Reader(), cast("Tagger", Judge()), lambda: NOW)
    query = (
        "SELECT i.inquiry_id, COALESCE(m.same_as, m.id) FROM messages m JOIN inquiry_messages i ON i.message_id = COALESCE(m.same_as, m.id) "
        "ORDER BY m.id"
    )
    with ledger.engine.connect() as connection:
        found = [int(row[copies]) for row in connection.execute(text(query))]
    ledger.close()
    return found


def test_a_forwarder_who_names_the_inquirer_stays_outside_and_so_do_her_next_mails(tmp_path: Path) -> None:
    asks, forward, next_one, reminds = homes(tmp_path, ASKS, *EVES, REMINDS)
    assert asks == reminds
    assert asks not in (forward, next_one)


@pytest.mark.parametrize("order", [one for one in permutations(range(3)) if one != (1, 2, 0)])
def test_in_whatever_order_a_forged_forward_arrives(tmp_path: Path, order: tuple[int, ...]) -> None:
    # Left out: where only the forward is there, its named author's follow-up continues it, as after a colleague's.
    mails = (ASKS, EVES[0], mail("b", NORA, 6, "We have found more.", REFERS, "Re: Old town maps"))
    found = dict(zip(order, homes(tmp_path, *(mails[one] for one in order)), strict=True))
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("forged", [LISTED, MADE_UP], ids=["field-of-a-list", "made-up-address"])
@pytest.mark.parametrize("late", [False, True])
def test_an_author_whom_a_strange_list_names_takes_no_part(tmp_path: Path, forged: bytes, late: bool) -> None:
    found = homes(tmp_path, *((forged, ASKS, REMINDS) if late else (ASKS, forged, REMINDS)))
    assert len(set(found)) == 2
    assert found[2] == found[1 if late else 0]


def test_a_list_that_the_inquirer_copied_in_may_rewrite_from(tmp_path: Path) -> None:
    asks = ASKS.replace(b"Subject:", b"Cc: loans@lists.example\nSubject:")
    listed = LISTED.replace(b"evil.example", b"lists.example")
    assert len(set(homes(tmp_path, asks, listed))) == 1


def test_what_a_liaison_or_a_participant_forwards_joins(tmp_path: Path) -> None:
    luc = "Luc Roy <luc@museum.example>"
    for number, who in enumerate((NORA, "Wanjiru <wanjiru@liaisons.example>")):
        forward = mail("e", who, 3, FORWARD.format(NORA if number else luc), REFERS, "Fwd: Old town maps")
        folder = tmp_path / str(number)
        folder.mkdir()
        assert len(set(homes(folder, ASKS, forward))) == 1


def test_a_stranger_who_names_a_liaison_is_no_liaison(tmp_path: Path) -> None:
    forward = FORWARD.format("Wanjiru <wanjiru@liaisons.example>")
    eve = mail("e", "Eve <eve@evil.example>", 3, forward, REFERS, "Fwd: Old town maps")
    assert len(set(homes(tmp_path, ASKS, eve))) == 2


GRANT = "We ask for a grant of 10,000 EUR for the digitisation of the old town maps and of the plans of the castle, by May."


@pytest.mark.parametrize(
    ("body", "day"),
    [
        (GRANT.replace("10,000", "90,000"), 2),
        (GRANT.replace("We ask", "We do not ask"), 2),
        (GRANT.replace(" by May", ""), 3),
        (GRANT, 3),
    ],
    ids=["another-amount", "not", "a-word-less-a-day-later", "a-day-later"],
)
def test_an_equal_message_id_over_another_meaning_is_another_mail(
    tmp_path: Path, body: str, day: int
) -> None:
    same = "Message-ID: <g@x.example>\n"
    assert (
        len(
            set(
                homes(
                    tmp_path, mail("g", NORA, 2, GRANT, same), mail("g", NORA, day, body, same), copies=True
                )
            )
        )
        == 2
    )


def test_a_forward_with_a_borrowed_message_id_is_no_copy(tmp_path: Path) -> None:
    same = "Message-ID: <g@x.example>\n"
    body = FORWARD.format(NORA).replace("Please send all money to account 5, this is urgent.", GRANT)
    eve = mail("g", "Eve <eve@evil.example>", 2, body, same, "Fwd: Old town maps")
    assert len(set(homes(tmp_path, mail("g", NORA, 2, GRANT, same), eve, copies=True))) == 2
