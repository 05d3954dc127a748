"""The whole way with real servers: a digest goes out, its links are used, the state changes, a receipt comes back."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from pipeline import wiring
from pipeline.adapters.files import keyfile
from pipeline.demo.servers import ReceivedMail, smtp_sink
from pipeline.records.work import State
from pipeline.service.rounds import Desk
from pipeline.settings import Answers, Folders, ImapAccount, LedgerSettings, Settings, Smtp
from tests.support.answering import ADDRESS, LIAISONS, SERVER, answer
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter


def _message(received: ReceivedMail) -> EmailMessage:
    found = email.message_from_bytes(received.octets, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _links(html: str) -> list[tuple[str, dict[str, list[str]]]]:
    """Return recipient and fields of each mailto: link."""
    found = (urlsplit(one.replace("&amp;", "&")) for one in re.findall(r'href="(mailto:[^"]+)"', html))
    return [(unquote(one.path), parse_qs(one.query)) for one in found]


def _desk(dovecot: Dovecot, user: str, port: int, folder: Path, hours: int) -> Desk:
    account = ImapAccount(
        name="main", host="127.0.0.1", port=dovecot.port, security="none", username=user,
        password_env="TEST_IMAP_PASSWORD", timeout_seconds=10.0,
    )  # fmt: skip
    settings = Settings(
        imap=(account,),
        smtp=Smtp(host="127.0.0.1", port=port, security="none", from_address="triage@partners.example"),
        ledger=LedgerSettings(url=ledger_url(folder / "triage.db")),
        folders=Folders(liaisons=folder / "liaisons.toml", model=""),
        answers=Answers(address=ADDRESS, authserv_ids=(SERVER,), key_file=folder / "triage.key"),
    )
    return wiring.desk(settings, clock=lambda: NOW + timedelta(hours=hours), pause=lambda _: None)


def test_digest_out_answer_in_receipt_out(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_IMAP_PASSWORD", PASSWORD)
    only_lieve = LIAISONS.partition('[[liaisons]]\nid = "joaquin"')[0]
    (tmp_path / "liaisons.toml").write_text(only_lieve, encoding="utf-8")
    keyfile.make(tmp_path / "triage.key")
    user = dovecot.new_user()
    with smtp_sink() as (port, sent):
        dovecot.fill(user, [letter()])
        desk = _desk(dovecot, user, port, tmp_path, 0)
        try:
            desk.round()
            [inquiry] = desk.ledger.inquiries.open()
            digest = next(_message(one) for one in sent if "lieve@liaisons.example" in one.recipients)
            links = _links(_part(digest, "html"))
            to, fields = next(link for link in links if link[1].get("body") == ["accept\r\n"])
            assert inquiry.key in fields["subject"][0]
            drafts = [link for link in links if link[0] == "asha@museum.example" and "cc" in link[1]]
            assert drafts
            assert all(
                to.partition("@")[0] not in str(draft) for draft in drafts
            )  # no action token leaves the house
            sent.clear()
            # What a mail program makes of the link, as the own mail server hands it over.
            dovecot.fill(
                user, [answer(fields["body"][0] + "\n-- \nLieve", to=to, subject=fields["subject"][0])]
            )
            report = desk.round()
            assert report.outcomes["answer"] == 1
            assert desk.ledger.inquiries.find(inquiry.key).state is State.ACCEPTED  # type: ignore[union-attr]
            receipt = _message(sent[0])
            assert (len(sent), receipt["To"], receipt["Auto-Submitted"]) == (
                1, "Lieve Maesveld <lieve@liaisons.example>", "auto-replied",
            )  # fmt: skip
            assert "accepted: it is with you" in receipt.get_content()
            # A plain reply to the digest, the digest quoted below: it is a day old, and the inquiry has moved on.
            quoted = "".join(f"> {line}\n" for line in _part(digest, "plain").splitlines())
            body = f"{inquiry.key} done\n\nOn Mon, 23 Mar 2026 at 07:00, Partnership triage wrote:\n{quoted}"
            sent.clear()
            dovecot.fill(user, [answer(body, to=str(digest["Reply-To"]))])
            desk.round()
            assert desk.ledger.inquiries.find(inquiry.key).state is State.ACCEPTED  # type: ignore[union-attr]
            assert "it has moved on since" in _message(sent[0]).get_content()
            # And the answer to the inquirer, with the tracking address in Cc.
            sent.clear()
            draft = next(fields for _, fields in drafts if "body" in fields)
            mail = answer(
                draft["body"][0], to="asha@museum.example", cc=draft["cc"][0], subject=draft["subject"][0]
            )
            dovecot.fill(user, [mail])
            desk.round()
            found = desk.ledger.inquiries.find(inquiry.key)
            assert found is not None
            assert (found.state, found.messages, sent) == (State.ANSWERED, 2, [])
        finally:
            desk.close()
