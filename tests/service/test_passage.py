"""Mail that only passes through a help desk: its ticket in thread and digest, believed where that is safe."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from pipeline import parsing
from pipeline.adapters.ledger import SqlLedger, open_ledger
from pipeline.digest.cards import card
from pipeline.errors import DeclarationError
from pipeline.records.messages import ImapSighting, OtrsSighting, RawMessage
from pipeline.records.sources import Batch, Cursor
from pipeline.records.work import Entry, StoredMessage
from pipeline.service.passage import Passage, hooks, is_trusted, passage
from pipeline.service.tagging import Tagger
from pipeline.service.triage import triage
from pipeline.settings import Settings, Threads
from pipeline.settings.otrs import OtrsServer
from tests.support.ledgers import ledger_url
from tests.support.mails import NOW, letter
from tests.support.plainreader import PlainReader
from tests.threads.desk import Judge

NUMBER = "2026112210000022"
TAGGED = f"[Ticket#{NUMBER}] Glass plates"
FIELD = f"X-OTRS-TicketNumber: {NUMBER}"
TRUSTING = Threads(trusted_senders=("desk@help.example", "@otrs.example"))


def server(**more: object) -> OtrsServer:
    values = {
        "name": "desk", "url": "https://help.example/otrs/nph-genericinterface.pl", "username": "triage",
        "password_env": "X", "queues": ["Partnerships"], **more,
    }  # fmt: skip
    return OtrsServer.model_validate_json(json.dumps(values))


def through(
    octets: bytes, *servers: OtrsServer, threads: Threads = TRUSTING, desk: str = "", ticket: int = 0
) -> Passage:
    stored = StoredMessage(
        id=1, sha256="", octets=octets, received_at=NOW, place="imap INBOX", desk=desk, ticket=ticket
    )
    return passage(parsing.read(octets), stored, threads, servers)


def test_a_ticket_in_the_subject_leads_to_the_only_help_desk() -> None:
    found = through(letter(subject=f"Re: {TAGGED}"), server())
    url = f"https://help.example/otrs/index.pl?Action=AgentTicketZoom;TicketNumber={NUMBER}"
    assert found == Passage(ticket=None, number=NUMBER, url=url)


def test_with_several_help_desks_or_none_there_is_no_link() -> None:
    for servers in ((), (server(), server(name="other"))):
        assert through(letter(subject=TAGGED), *servers) == Passage(number=NUMBER)


def test_a_strangers_help_desk_is_not_ours() -> None:
    for subject in ("[Case #4711] Your request", "[acme.example #4711] Plates", "[#4711] Plates", "Plates"):
        assert through(letter(subject=subject), server()) == Passage()


def test_a_hook_of_ones_own_is_known() -> None:
    own = server(ticket_hook="Vorgang-Nr. ")
    found = through(letter(subject=f"[Vorgang-Nr. {NUMBER}] Platten"), own)
    assert (found.number, bool(found.url)) == (NUMBER, True)
    assert "Vorgang-Nr. " in hooks(TRUSTING, (own,))


@pytest.mark.parametrize(
    ("sender", "believed"),
    [
        ("Help desk <desk@help.example>", True),
        ("Help desk <Desk@HELP.example>", True),
        ("Anybody <who@otrs.example>", True),
        ("Asha <asha@museum.example>", False),
        ("Evil <desk@help.example.evil.example>", False),
        ("Evil <x@sub.otrs.example>", False),
        ("desk@help.example <evil@evil.example>", False),
    ],
)
@pytest.mark.parametrize("family", ["OTRS", "OTOBO", "Znuny"])
def test_fields_are_believed_of_trusted_senders_alone(sender: str, believed: bool, family: str) -> None:
    octets = letter(sender=sender, headers=f"X-{family}-TicketNumber: {NUMBER}")
    found = through(octets, server())
    assert (found.ticket, found.number) == ((f"ticket#{NUMBER}", NUMBER) if believed else (None, ""))


def test_who_sends_for_another_is_who_is_trusted() -> None:
    octets = letter(sender="Help desk <desk@help.example>", headers=f"Sender: evil@evil.example\r\n{FIELD}")
    assert not is_trusted(parsing.read(octets).message, TRUSTING)


@pytest.mark.parametrize("value", ["", "12 34", "9" * 21, "abc", "1;x=2", "<b>1</b>"])
def test_a_field_that_holds_no_number_is_nothing(value: str) -> None:
    octets = letter(sender="Help desk <desk@help.example>", headers=f"X-OTRS-TicketNumber: {value}")
    assert through(octets, server()) == Passage()


def test_what_was_read_from_a_help_desk_leads_to_its_ticket() -> None:
    found = through(letter(headers=FIELD), server(), server(name="other"), desk="desk", ticket=3)
    url = "https://help.example/otrs/index.pl?Action=AgentTicketZoom;TicketID=3"
    assert found == Passage(ticket=f"ticket#{NUMBER}", number=NUMBER, url=url)


def test_a_help_desk_that_is_no_longer_configured_breaks_nothing() -> None:
    assert through(letter(headers=FIELD), desk="gone", ticket=3).number == NUMBER


def test_senders_are_addresses_or_domains() -> None:
    assert Settings(threads=TRUSTING).threads.trusted_senders == ("desk@help.example", "@otrs.example")
    for wrong in ("help.example", "@", "Desk <desk@help.example>"):
        with pytest.raises((DeclarationError, ValueError)):
            Threads(trusted_senders=(wrong,))


# ---------------------------------------------------------------- in the ledger


class Inbox:
    """A ledger into which mail comes."""

    def __init__(self, ledger: SqlLedger, *servers: OtrsServer) -> None:
        self.ledger = ledger
        self._servers = servers
        self._uid = 0

    def receive(self, octets: bytes, *, ticket: int = 0) -> None:
        self._uid += 1
        sighting: Any = ImapSighting(account="main", mailbox="INBOX", uidvalidity=1, uid=self._uid)
        if ticket:
            sighting = OtrsSighting(server="desk", ticket=ticket, article=self._uid)
        raw = RawMessage(sighting=sighting, octets=octets, received_at=NOW)
        batch = Batch(messages=(raw,), refused=(), cursor=Cursor(uidvalidity=1, uid=self._uid), total=None)
        self.ledger.messages.record("any", "INBOX", batch, NOW)
        triage(
            self.ledger,
            PlainReader(),
            cast("Tagger", Judge()),
            lambda: NOW,
            threads=TRUSTING,
            servers=self._servers,
        )

    def entries(self) -> tuple[Entry, ...]:
        return self.ledger.inquiries.unassigned()


@pytest.fixture
def inbox(tmp_path: Any) -> Any:
    ledger = open_ledger(ledger_url(tmp_path / "triage.db"))
    yield Inbox(ledger, server())
    ledger.close()


def test_the_digest_tells_the_ticket_and_leads_there(inbox: Inbox) -> None:
    inbox.receive(letter(subject=TAGGED))
    (entry,) = inbox.entries()
    assert entry.origin == f"ticket {NUMBER} (main INBOX)"
    shown = card(entry, timezone="UTC", today=NOW.date())
    assert f"from {entry.origin}" in shown.came
    assert (shown.archive_host, shown.archive_url) == ("help.example", entry.archive_url)
    assert entry.archive_url.endswith(f"TicketNumber={NUMBER}")


def test_a_lists_archive_goes_before_the_ticket(inbox: Inbox) -> None:
    archived = "List-Id: <partners.lists.example>\r\nArchived-At: <https://lists.example/m/1>"
    inbox.receive(letter(subject=TAGGED, headers=archived))
    (entry,) = inbox.entries()
    assert entry.origin == f"ticket {NUMBER} (list partners.lists.example)"
    assert entry.archive_url == "https://lists.example/m/1"


def test_the_same_mail_over_imap_and_from_the_help_desk_is_one_inquiry(inbox: Inbox) -> None:
    inbox.receive(letter())
    inbox.receive(letter(headers=FIELD), ticket=3)
    (entry,) = inbox.entries()
    assert entry.messages == 1
    assert entry.archive_url.endswith("TicketID=3")


def test_a_mail_that_a_trusted_sender_passes_on_joins_its_ticket(inbox: Inbox) -> None:
    """Its subject tells nothing, its field does; the author takes part already."""
    inbox.receive(letter(), ticket=3)
    inbox.receive(letter(identifier="two@x.example", subject=f"Re: {TAGGED}", headers=FIELD), ticket=3)
    again = letter(
        identifier="three@x.example", subject="Another word", body=b"We have 40 more plates.\r\n",
        headers=f"Sender: desk@help.example\r\n{FIELD}",
    )  # fmt: skip
    inbox.receive(again)
    assert [one.messages for one in inbox.entries()] == [3]


def test_a_field_that_anybody_wrote_joins_nothing(inbox: Inbox) -> None:
    inbox.receive(letter(subject=TAGGED), ticket=3)
    inbox.receive(
        letter(identifier="evil@x.example", subject="Another word", body=b"Pay now.\r\n", headers=FIELD)
    )
    assert len(inbox.entries()) == 2
