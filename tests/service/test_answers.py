"""Answers by mail change what they say, once, and a receipt tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records.outcomes import Outcome
from pipeline.records.work import State
from pipeline.service.receipts import RECEIPTS_A_DAY
from tests.support.answering import Office, answer, office, parsed, text_of
from tests.support.mails import letter


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("word", "state", "holder"),
    [
        ("accept", State.ACCEPTED, "lieve"),
        ("answered", State.ANSWERED, "lieve"),
        ("done", State.DONE, None),
        ("not ours", State.NOT_OURS, None),
        ("spam", State.FILED, None),
        ("waiting until 2026-12-24", State.WAITING, "lieve"),
        ("reassign to Joaquin", State.ASSIGNED, "joaquin"),
        ("outcome: declined", State.DECLINED, None),
        ("outcome: handed to Wikimedia Kenya", State.ASSIGNED, "kenya"),
    ],
)
def test_each_action_does_what_it_says(desk: Office, word: str, state: State, holder: str | None) -> None:
    inquiry = desk.inquiry()
    assert desk.receive(answer(word, to=desk.offer(inquiry.key).address)) == {"answer": 1}
    after = desk.entry(inquiry.key)
    assert (after.state, after.liaison) == (state, holder)
    assert len(desk.receipts()) == 1
    assert "Done:" in text_of(desk.receipts()[0])


def test_what_is_declined_goes_to_somebody_else_in_the_same_round(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("decline: too many already", to=desk.offer(inquiry.key).address))
    after = desk.entry(inquiry.key)
    assert after.state is State.ASSIGNED
    assert after.liaison not in (None, "lieve")
    assert [note.text for note in desk.desk.ledger.notes.of(inquiry.key)] == ["too many already"]


def test_one_mail_acts_on_several_inquiries(desk: Office) -> None:
    one, two = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    body = (
        f"Hello,\n\n{one.key} accept\ntype: archive\ncountry: Kenya\nnote: rang them up,\nwill call back\n\n"
        f"{two.key}: waiting until 24 December\n\nBest regards\nLieve Maesveld\n"
    )
    desk.receive(answer(body, to=desk.reply_to()))
    first, second = desk.entry(one.key), desk.entry(two.key)
    assert (first.state, second.state) == (State.ACCEPTED, State.WAITING)
    tags = first.decision.tags
    assert (tags.partner_type, tags.country, tags.region) == ("archive", "KE", "sub_saharan_africa")
    assert str(second.waiting_until) == "2026-12-24"
    [note] = desk.desk.ledger.notes.of(one.key)
    assert (note.author, note.text) == ("lieve", "rang them up, will call back")
    receipt = text_of(desk.receipts()[0])
    assert "Not understood" not in receipt
    history = desk.desk.ledger.inquiries.history(one.key)  # what `triage explain` shows
    assert history is not None
    assert history.notes == (note,)
    assert "reassign to NAME" in receipt  # corrections do not move it, and it says how to


def test_corrections_are_labels_with_author_and_time(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(
        answer("alignment: unclear\nactivities: data linking, research", to=desk.offer(inquiry.key).address)
    )
    [labelled] = desk.desk.ledger.corrections.read([inquiry.key])
    assert [(one.tag, one.author, one.at) for one in labelled.said] == [
        ("alignment=unclear", "lieve", desk.now),
        ("activities=data_linking", "lieve", desk.now),
        ("activities=research", "lieve", desk.now),
    ]


def test_lines_under_quoted_entries_are_about_those(desk: Office) -> None:
    one, two = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    body = (
        "On Mon, 23 Mar 2026 at 07:00, Partnership triage wrote:\n"
        f"> [{one.key}] Glass plates one\n>   Asha Rao\n>   accept: <mailto:desk@partners.example?body=decline>\n"
        "accept\n\n"
        f"> [{two.key}] Glass plates two\n>   accept, decline, done\n"
        "done\n> more\n> decline\n"
    )
    desk.receive(answer(body, to=desk.reply_to()))
    assert (desk.state(one.key), desk.state(two.key)) == (State.ACCEPTED, State.DONE)


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Partnership triage <triage@partners.example>\nSent: Monday, 23 March 2026 07:00\nTo: Lieve\nSubject: 1 new\n\n[{key}] Glass plates\ndone\nspam\n",
        "Von: Partnership triage <triage@partners.example>\nGesendet: Montag, 23. März 2026 07:00\nAn: Lieve\nBetreff: 1 neu\n\n[{key}] Glass plates\ndone\nspam\n",
        "[{key}] Glass plates one\nAsha Rao\ndone\nspam\n",  # nothing shows that it is quoted
        "Done <mailto:desk+x@partners.example?body=done>\ndone\nspam\n",
    ],
    ids=["outlook", "outlook-german", "unmarked-copy", "link-texts"],
)
def test_the_digest_below_an_answer_is_never_read_for_commands(desk: Office, below: str) -> None:
    inquiry = desk.inquiry()
    body = "accept\n\n" + below.format(key=inquiry.key)
    desk.receive(answer(body, to=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.ACCEPTED


def test_an_answer_in_html_alone_is_read(desk: Office) -> None:
    inquiry = desk.inquiry()
    body = (
        "<html><body><div>accept</div><div>type: archive</div><br><div class='gmail_quote'>"
        "<div>On Mon, Mar 23, 2026 at 7:00 AM Triage wrote:<br></div><blockquote class='gmail_quote'>"
        f"<h2>[{inquiry.key}] Glass plates</h2><a href='mailto:{desk.offer(inquiry.key).address}?body=done'>done</a>"
        "</blockquote></div></body></html>"
    )
    desk.receive(answer(body, to=desk.offer(inquiry.key).address, kind="html"))
    after = desk.entry(inquiry.key)
    assert (after.state, after.decision.tags.partner_type) == (State.ACCEPTED, "archive")


def test_tokens_may_stand_in_quoted_text(desk: Office) -> None:
    inquiry = desk.inquiry()
    quoted = f"> [{inquiry.key}] Glass plates\n> <mailto:{desk.offer(inquiry.key).address}?subject=x>\n"
    assert desk.receive(answer(f"accept\n\n{quoted}")) == {"answer": 1}
    assert desk.state(inquiry.key) is State.ACCEPTED


def test_people_answer_in_their_own_language(desk: Office) -> None:
    inquiry = desk.inquiry(liaison="joaquin")
    results = "mx.partners.example; dmarc=pass header.from=other.example"
    mail = answer(
        "acepto\ntipo: archivo\npaís: Kenia\nacepta\n",
        to=desk.offer(inquiry.key, "joaquin").address, sender="Joaquín Altavela <joaquin@other.example>", results=results,
    )  # fmt: skip
    desk.receive(mail)
    tags = desk.entry(inquiry.key).decision.tags
    assert (desk.state(inquiry.key), tags.partner_type, tags.country) == (State.ACCEPTED, "archive", "KE")
    receipt = text_of(desk.receipts()[0])
    assert "Hecho:" in receipt
    assert "¿quiso decir «" in receipt


def test_a_member_answers_for_a_group(desk: Office) -> None:
    inquiry = desk.inquiry(liaison="kenya")
    results = "mx.partners.example; dmarc=pass header.from=other.example"
    mail = answer(
        "accept", to=desk.offer(inquiry.key, "kenya").address, sender="joaquin@other.example", results=results
    )
    desk.receive(mail)
    after = desk.entry(inquiry.key)
    assert (after.state, after.liaison) == (State.ACCEPTED, "kenya")
    assert [mail.recipient for mail in desk.receipts()] == ["joaquin@other.example"]


def test_a_filed_inquiry_is_fetched_back(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("spam", to=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.FILED
    desk.receive(answer("fetch", to=desk.offer(inquiry.key).address))
    after = desk.entry(inquiry.key)
    assert (after.state, after.liaison) == (State.ASSIGNED, "lieve")


def test_pause_and_resume(desk: Office) -> None:
    desk.receive(answer("pause", to=desk.reply_to()))
    assert desk.desk.ledger.duties.current() == {"lieve": frozenset({"paused"})}
    reply_to = parsed(desk.receipts()[0])["Reply-To"]
    desk.receive(answer("resume", to=reply_to))
    assert desk.desk.ledger.duties.current() == {}


def test_the_link_of_list_unsubscribe_pauses(desk: Office) -> None:
    desk.receive(answer("", to=desk.reply_to(), subject="pause"))
    assert desk.desk.ledger.duties.current() == {"lieve": frozenset({"paused"})}


def test_outcome_and_background_are_kept_for_the_landscape(desk: Office) -> None:
    inquiry = desk.inquiry()
    body = "outcome: partnership\nbackground: https://meta.example/wiki/Plates\n"
    desk.receive(answer(body, to=desk.offer(inquiry.key).address))
    listing = desk.desk.ledger.landscape.listing(inquiry.key)
    assert listing is not None
    assert (listing.row.outcome, listing.row.background) == (
        Outcome.PARTNERSHIP.value,
        "https://meta.example/wiki/Plates",
    )
    assert desk.state(inquiry.key) is State.DONE


def test_a_stale_action_changes_nothing_and_is_told(desk: Office) -> None:
    inquiry = desk.inquiry()
    old = desk.offer(inquiry.key)
    desk.receive(answer("accept", to=old.address))
    desk.receive(answer("decline\nnote: no\ntype: archive", to=old.address))
    after = desk.entry(inquiry.key)
    assert (after.state, after.liaison) == (State.ACCEPTED, "lieve")
    assert after.decision.tags.partner_type == inquiry.decision.tags.partner_type
    assert desk.desk.ledger.notes.of(inquiry.key) == ()
    stale = desk.receipts()[-1]
    assert "it has moved on since; now it is: accepted, with Lieve Maesveld" in text_of(stale)
    # The receipt's own address acts on the inquiry as it stands now.
    desk.receive(answer("waiting until 2026-12-24", to=parsed(stale)["Reply-To"]))
    assert desk.state(inquiry.key) is State.WAITING


def test_a_plain_reply_to_an_old_digest_is_stale_for_what_moved_on_alone(desk: Office) -> None:
    one, two = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    old = desk.reply_to()
    desk.receive(answer("accept", to=desk.offer(one.key).address))
    desk.receive(answer(f"{one.key} done\n{two.key} done", to=old))
    assert (desk.state(one.key), desk.state(two.key)) == (State.ACCEPTED, State.DONE)


def test_lines_that_exclude_each_other_are_left_undone(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("accept\ndecline\nnote: hm", to=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.ASSIGNED
    assert "exclude each other" in text_of(desk.receipts()[0])


def test_what_is_not_understood_is_said_with_the_nearest_word(desk: Office) -> None:
    inquiry = desk.inquiry()
    body = "acept\ntype: musem\nreassign to Joakin\nwaiting until some day\nZZZZZZ done\n"
    desk.receive(answer(body, to=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.ASSIGNED
    receipt = text_of(desk.receipts()[0])
    for told in (
        "“acept”: did you mean “accept”?",
        "did you mean “type: Museum”?",
        "did you mean Joaquín Altavela?",
        "did you mean “waiting until 2026-04-06”?",
        "there is no such inquiry",
    ):
        assert told in receipt


def test_without_a_key_nobody_guesses_which_of_two_is_meant(desk: Office) -> None:
    one, two = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    desk.receive(answer("accept", to=desk.reply_to()))
    assert (desk.state(one.key), desk.state(two.key)) == (State.ASSIGNED, State.ASSIGNED)
    assert "for which inquiry?" in text_of(desk.receipts()[0])


def test_the_token_of_one_inquiry_gives_no_right_to_another(desk: Office) -> None:
    one, two = desk.inquiry("one"), desk.inquiry("two", sender="Luc <luc@archive.example>")
    desk.receive(answer(f"{two.key} done", to=desk.offer(one.key).address))
    assert (desk.state(one.key), desk.state(two.key)) == (State.ASSIGNED, State.ASSIGNED)
    assert "gives no right" in text_of(desk.receipts()[0])


def test_a_digest_gives_no_right_to_what_a_colleague_has(desk: Office) -> None:
    theirs = desk.inquiry(liaison="joaquin")
    desk.receive(answer(f"{theirs.key} done", to=desk.reply_to()))
    assert desk.state(theirs.key) is State.ASSIGNED
    receipt = text_of(desk.receipts()[0])
    assert "gives no right" in receipt
    assert theirs.subject not in receipt


def test_a_receipt_answers_once_and_to_the_configured_address(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer("accept\ndone?\n", to=desk.offer(inquiry.key).address, identifier="a1@liaisons.example",
                  headers=["Reply-To: somebody@evil.example"])  # fmt: skip
    desk.receive(mail)
    [receipt] = desk.receipts()
    message = parsed(receipt)
    assert receipt.recipient == message["To"].addresses[0].addr_spec == "lieve@liaisons.example"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<a1@liaisons.example>"
    assert message["Reply-To"].startswith("desk+")


def test_a_flood_of_answers_is_done_and_gets_so_many_receipts_a_day(desk: Office) -> None:
    inquiry = desk.inquiry()
    mails = [
        answer(f"note: number {number}", to=desk.offer(inquiry.key).address)
        for number in range(RECEIPTS_A_DAY + 1)
    ]
    assert desk.receive(*mails) == {"answer": len(mails)}
    assert len(desk.desk.ledger.notes.of(inquiry.key)) == len(mails)
    assert len(desk.receipts()) == RECEIPTS_A_DAY
    desk.later(days=2)
    desk.receive(answer("note: later", to=desk.offer(inquiry.key).address))
    assert len(desk.receipts()) == RECEIPTS_A_DAY + 1


# ---------------------------------------------------------------- answers to inquirers


def test_the_owners_answer_with_the_tracking_address_in_cc_marks_it_answered(desk: Office) -> None:
    inquiry = desk.inquiry()
    mail = answer(
        "Dear Asha,\n\nwith pleasure.\n\ndone\ndecline\n", to="asha@museum.example", cc=desk.offer(inquiry.key).tracking,
        subject="Re: Glass plates one",
    )  # fmt: skip
    desk.receive(mail)
    after = desk.entry(inquiry.key)
    assert (after.state, after.messages, after.liaison) == (State.ANSWERED, 2, "lieve")
    assert desk.receipts() == []


@pytest.mark.parametrize(
    ("sender", "results"),
    [
        ("Asha Rao <asha@museum.example>", ""),
        (
            "Lieve Maesveld <lieve@liaisons.example>",
            "mx.partners.example; dmarc=fail header.from=liaisons.example",
        ),
        ("joaquin@other.example", "mx.partners.example; dmarc=pass header.from=other.example"),
    ],
    ids=["the-inquirer", "forged-owner", "another-liaison"],
)
def test_from_anybody_else_the_tracking_address_brings_a_follow_up(
    desk: Office, sender: str, results: str
) -> None:
    inquiry = desk.inquiry()
    offer = desk.offer(inquiry.key)
    mail = answer(
        "accept\ndone\n\nMore plates were found.", to=offer.tracking, sender=sender, results=results
    )
    desk.receive(mail)
    after = desk.entry(inquiry.key)
    assert (after.state, after.messages) == (State.ASSIGNED, 2)
    assert desk.receipts() == []


def test_a_tracking_address_beside_an_action_token_acts_on_nothing(desk: Office) -> None:
    inquiry = desk.inquiry()
    offer = desk.offer(inquiry.key)
    desk.receive(answer("done", to=f"asha@museum.example, {offer.address}", cc=offer.tracking))
    assert desk.state(inquiry.key) is State.ANSWERED


def test_a_token_in_cc_is_no_key(desk: Office) -> None:
    inquiry = desk.inquiry()
    desk.receive(answer("done", to="asha@museum.example", cc=desk.offer(inquiry.key).address))
    assert desk.state(inquiry.key) is State.ASSIGNED


def test_action_tokens_and_tracking_addresses_differ_and_drafts_hold_neither(desk: Office) -> None:
    offer = desk.offer(desk.inquiry().key)
    assert offer.token not in offer.tracking
    assert offer.draft is None or (offer.token not in offer.draft.text and "desk+" not in offer.draft.text)


# ---------------------------------------------------------------- what is no answer


def test_a_strangers_inquiry_to_the_address_of_answers_is_triaged(desk: Office) -> None:
    outcomes = desk.receive(
        letter(identifier="new@museum.example").replace(
            b"partnerships@wikimedia.example", b"desk@partners.example"
        )
    )
    assert sum(outcomes.values()) == 1
    assert "answer" not in outcomes
    assert "set-aside" not in outcomes
    assert len(desk.desk.ledger.inquiries.open()) == 1


def test_a_liaison_can_still_pass_an_inquiry_on_to_the_address_of_answers(desk: Office) -> None:
    body = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Luc Noir <luc@archive.example>\n"
        "Date: Mon, 23 Mar 2026\nSubject: Old maps\nTo: lieve@liaisons.example\n\n"
        "Dear all,\n\nour archive would like to release 2,000 old maps under a free licence.\n\nLuc Noir\n"
    )
    desk.receive(answer(body, subject="Fwd: Old maps"))
    [entry] = desk.desk.ledger.inquiries.open()
    assert entry.author.address == "luc@archive.example"
