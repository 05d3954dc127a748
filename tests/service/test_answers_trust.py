"""Answers that are not certainly from their liaison change nothing, get no reply, and are listed for the maintainer."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.files import keyfile
from pipeline.errors import DeclarationError
from pipeline.feedback import trust
from pipeline.records.work import State
from pipeline.service.envelopes import header
from tests.support.answering import SERVER, Office, answer, office

FORGED = f"{SERVER}; dmarc=pass header.from=liaisons.example"
FAILED = f"{SERVER}; dkim=none; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=liaisons.example"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def _is_set_aside(desk: Office, mail: bytes, key: str, why: str) -> None:
    """Check that a mail is set aside, that nothing changes, and that nobody is answered."""
    before = desk.entry(key)
    assert desk.receive(mail) == {"set-aside": 1}
    after = desk.entry(key)
    assert (after.state, after.liaison, after.version, after.decision.tags) == (
        before.state, before.liaison, before.version, before.decision.tags,
    )  # fmt: skip
    assert desk.receipts() == []
    assert desk.desk.ledger.duties.current() == {}
    [reason] = desk.set_aside()
    assert why in reason


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ((), "no Authentication-Results"),
        ((FAILED,), "dmarc did not pass"),
        ((FAILED, FORGED), "dmarc did not pass"),  # the sender wrote the lower one
        (("mx.evil.example; dmarc=pass header.from=liaisons.example",), "no Authentication-Results"),
        (("mx.evil.example; dmarc=pass", FAILED), "dmarc did not pass"),
        ((f"{SERVER}; dmarc=pass header.from=evil.example",), "another author"),
        ((f"{SERVER}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example",), "neither"),
        ((f"{SERVER}; spf=pass smtp.helo=liaisons.example",), "neither"),
        ((f"{SERVER}; none",), "neither"),
        (
            (f'{SERVER}; spf=fail smtp.mailfrom="a; dmarc=pass header.from=liaisons.example"@evil.example',),
            "neither",
        ),
        ((f"{SERVER}; spf=fail (x; dmarc=pass) smtp.mailfrom=evil.example",), "neither"),
        ((f"{SERVER}; spf=fail smtp.mailfrom==?us-ascii?q?a=3B_dmarc=3Dpass?=@evil.example",), "neither"),
        ((f"{SERVER} 2; dmarc=pass",), "no Authentication-Results"),
        ((f"{SERVER}; dmarc=pass (unclosed",), "malformed"),
    ],
)
def test_without_proof_nobody_is_believed(results: tuple[str, ...], why: str) -> None:
    fields = header(answer("done", results=results))
    assert why in trust.doubt(fields, trust.sole_author(fields), (SERVER,))


@pytest.mark.parametrize("results", [(), (FAILED, FORGED)], ids=["none", "forged-below"])
def test_without_proof_of_its_author_an_answer_is_set_aside(desk: Office, results: tuple[str, ...]) -> None:
    inquiry = desk.inquiry()
    mail = answer("done\npause", to=desk.offer(inquiry.key).address, results=results)
    _is_set_aside(desk, mail, inquiry.key, "dmarc" if results else "no Authentication-Results")


@pytest.mark.parametrize(
    "results",
    [
        f"{SERVER}; dmarc=pass (p=REJECT) header.from=liaisons.example",
        f"{SERVER}; dkim=pass header.d=liaisons.example header.s=s1 header.b=aBc+/=",
        f"{SERVER}; dkim=fail header.d=liaisons.example; dkim=pass header.i=@mail.liaisons.example",
        f"{SERVER} 1;\r\n spf=pass (sender IP is 192.0.2.1; good)\r\n smtp.mailfrom=bounce@news.liaisons.example",
        f"{SERVER.upper()}; dmarc=PASS header.from=LIAISONS.example;",
    ],
)
def test_what_the_own_server_vouches_for_is_believed(results: str) -> None:
    fields = header(answer("accept", results=[results, "mx.evil.example; dmarc=fail"]))
    assert trust.doubt(fields, trust.sole_author(fields), (SERVER,)) == ""


@pytest.mark.parametrize(
    "sender",
    [
        "lieve@liaisons.example, mallory@evil.example",
        "lieve@liaisons.example\r\nFrom: mallory@evil.example",
        "mallory@evil.example\r\nFrom: Lieve <lieve@liaisons.example>",
        "lieve@liaisons.example <mallory@evil.example>",
        "<lieve@liaisons.example> mallory@evil.example",
        "Friends: lieve@liaisons.example;",
        "lieve@liaisons.example (mallory@evil.example)",
    ],
    ids=[
        "two-addresses",
        "two-fields",
        "two-fields-reversed",
        "name-as-address",
        "behind",
        "group",
        "comment",
    ],
)
def test_more_than_one_author_is_nobody(sender: str) -> None:
    author = trust.sole_author(header(answer("done", sender=sender)))
    assert author in ("", "mallory@evil.example")  # never the liaison


@pytest.mark.parametrize("twice", ["address", "field"])
def test_two_authors_are_set_aside(desk: Office, twice: str) -> None:
    inquiry = desk.inquiry()
    sender = "lieve@liaisons.example, mallory@evil.example"
    if twice == "field":
        sender = "Lieve <lieve@liaisons.example>\r\nFrom: mallory@evil.example"
    mail = answer("done", to=desk.offer(inquiry.key).address, sender=sender)
    _is_set_aside(desk, mail, inquiry.key, "exactly one author")


def test_a_stranger_with_a_token_is_set_aside(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer(
        "done", to=desk.offer(inquiry.key).address, sender="mallory@evil.example",
        results=f"{SERVER}; dmarc=pass header.from=evil.example",
    )  # fmt: skip
    _is_set_aside(desk, mail, inquiry.key, "none of the addresses")


def test_another_liaisons_token_does_not_serve(desk: Office) -> None:
    inquiry = desk.inquiry(liaison="joaquin")
    mail = answer("done", to=desk.offer(inquiry.key, "joaquin").address)
    _is_set_aside(desk, mail, inquiry.key, "another liaison's")


def test_an_expired_token_does_not_serve(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer("done", to=desk.offer(inquiry.key).address)
    desk.later(days=46)
    _is_set_aside(desk, mail, inquiry.key, "expired")


@pytest.mark.parametrize("place", [12, 40])
def test_a_forged_token_does_not_serve(desk: Office, place: int) -> None:
    inquiry = desk.inquiry()
    offer = desk.offer(inquiry.key)
    changed = "a" if offer.token[place] != "a" else "b"
    forged = offer.token[:place] + changed + offer.token[place + 1 :]
    _is_set_aside(
        desk, answer("done", to=offer.address.replace(offer.token, forged)), inquiry.key, "not valid"
    )


def test_a_liaisons_command_without_a_token_is_set_aside(desk: Office) -> None:
    inquiry = desk.inquiry()
    _is_set_aside(desk, answer(f"{inquiry.key} done"), inquiry.key, "no token")


def test_a_colleague_whose_address_ends_like_a_liaisons_is_no_liaison(desk: Office) -> None:
    inquiry = desk.inquiry()
    outcomes = desk.receive(
        answer(f"{inquiry.key} done", sender="Camille Lieve <camille.lieve@liaisons.example>")
    )
    assert not outcomes.keys() & {"answer", "set-aside"}
    assert desk.entry(inquiry.key).state is inquiry.state


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "X-Partnership-Triage: digest",
    ],
)
def test_automatic_mail_never_acts(desk: Office, header: str) -> None:
    inquiry = desk.inquiry()
    before = desk.entry(inquiry.key)
    outcomes = desk.receive(answer("done", to=desk.offer(inquiry.key).address, headers=[header]))
    assert "answer" not in outcomes
    assert desk.entry(inquiry.key).state is before.state
    assert desk.receipts() == []


def test_an_answer_over_a_list_never_acts(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer("done", to=desk.offer(inquiry.key).address, headers=["List-Id: <partners.lists.example>"])
    _is_set_aside(desk, mail, inquiry.key, "mailing list")


def test_the_same_answer_again_does_nothing(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer(
        "note: rang them up", to=desk.offer(inquiry.key).address, identifier="once@liaisons.example"
    )
    assert desk.receive(mail) == {"answer": 1}
    again = b"Received: from relay.example by mx.partners.example; Mon, 23 Mar 2026 09:00:00 +0000\r\n" + mail
    assert desk.receive(again) == {"answer": 1}
    assert len(desk.desk.ledger.notes.of(inquiry.key)) == 1
    assert len(desk.receipts()) == 1


def test_who_opted_in_is_believed_without_proof_but_not_without_a_token(desk: Office) -> None:
    inquiry = desk.inquiry(liaison="danuta")
    mail = answer(
        "annehmen", to=desk.offer(inquiry.key, "danuta").address, sender="danuta@plain.example", results=""
    )
    assert desk.receive(mail) == {"answer": 1}
    assert desk.state(inquiry.key) is State.ACCEPTED
    assert desk.receive(answer(f"{inquiry.key} erledigt", sender="danuta@plain.example", results="")) == {
        "set-aside": 1
    }
    assert desk.state(inquiry.key) is State.ACCEPTED


def test_tokens_of_a_replaced_secret_serve_until_their_end(desk: Office) -> None:
    inquiry = desk.inquiry()
    old = desk.offer(inquiry.key).address
    path = desk.desk.settings.answers.key_file
    keyfile.rotate(path, desk.now, desk.now + timedelta(days=3))
    assert desk.offer(inquiry.key).address != old
    desk.receive(answer("note: still valid", to=old))
    assert len(desk.desk.ledger.notes.of(inquiry.key)) == 1
    desk.later(days=4)
    assert desk.receive(answer("done", to=old)) == {"set-aside": 1}
    assert desk.state(inquiry.key) is State.ASSIGNED


def test_a_secret_that_others_may_read_is_refused(desk: Office) -> None:
    path = desk.desk.settings.answers.key_file
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(DeclarationError, match="others may read it"):
        desk.desk.correspondence()


def test_killed_while_it_acts_an_answer_is_done_once_or_not_yet(desk: Office) -> None:
    """The process is killed before the commit, when everything is written: nothing of it is there; then it is done once."""
    from sqlalchemy import event

    inquiry = desk.inquiry()
    body = "accept\ntype: archive\nnote: rang them up\nbackground: https://meta.example/x"
    mail = answer(body, to=desk.offer(inquiry.key).address)
    child = os.fork()
    if child == 0:  # no clean-up, no atexit: only what is committed counts
        desk.desk.ledger.engine.dispose(close=False)  # type: ignore[attr-defined]

        def die(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("UPDATE messages SET state=") and os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

        parent = os.getppid()
        event.listen(desk.desk.ledger.engine, "after_cursor_execute", die)  # type: ignore[attr-defined]
        desk.receive(mail)
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert desk.state(inquiry.key) is State.ASSIGNED
    assert desk.desk.ledger.notes.of(inquiry.key) == ()
    assert desk.receipts() == []
    assert desk.desk.ledger.messages.count_waiting() == 1
    assert desk.receive() == {"answer": 1}
    after = desk.entry(inquiry.key)
    assert (after.state, after.decision.tags.partner_type) == (State.ACCEPTED, "archive")
    assert len(desk.desk.ledger.notes.of(inquiry.key)) == 1
    assert len(desk.receipts()) == 1
