"""Which inquiry a message belongs to: who may join, who is only linked, what merges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.records.messages import Address
from pipeline.records.threads import Claims, Known, Related, Thread, Tie, Twin, Voice
from pipeline.service.threads import place

NOON = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)
ASHA, LUC, EVE, DESK = "asha@museum.example", "luc@museum.example", "eve@elsewhere.example", "desk@x.example"


def says(author: str = ASHA, *others: str, **more: object) -> Claims:
    told: dict[str, object] = {
        "header_id": "two@x.example", "refers": (), "thread_index": "", "ticket": None,
        "subject": "glass plates of the museum", "bare_reply": False, "author": Address(address=author),
        "others": others or (DESK,), "list_id": None, "voice": Voice.PERSON, "written_at": NOON, "arrived_at": NOON,
    }  # fmt: skip
    return Claims(**{**told, **more})  # type: ignore[arg-type]


def knows(tie: Tie, author: str = ASHA, *others: str, key: str = "AAAAAA", **more: object) -> Known:
    before = NOON - timedelta(days=1)
    told: dict[str, object] = {
        "key": key, "ties": frozenset({tie}), "author": Address(address=author), "others": others or (DESK,),
        "list_id": None, "bare_reply": False, "voice": Voice.PERSON, "written_at": before, "arrived_at": before,
    }  # fmt: skip
    return Known(**{**told, **more})  # type: ignore[arg-type]


def thread(*known: Known, number: int = 1, **more: object) -> Thread:
    told: dict[str, object] = {
        "key": known[0].key, "number": number,
        "authors": frozenset(one.author.address for one in known),
        "others": frozenset(address for one in known for address in one.others),
        "lists": frozenset(one.list_id for one in known if one.list_id),
    }  # fmt: skip
    return Thread(**{**told, **more})  # type: ignore[arg-type]


def among(*known: Known, **more: object) -> Related:
    keys = list(dict.fromkeys(one.key for one in known))
    threads = [
        thread(*(one for one in known if one.key == key), number=number, **more)
        for number, key in enumerate(keys, 1)
    ]
    return Related(known=known, threads=tuple(threads))


@pytest.mark.parametrize("author", [ASHA, "Asha@Museum.Example", LUC, "asha=museum.example@lists.example"])
def test_who_takes_part_may_answer(author: str) -> None:
    assert place(says(author), among(knows(Tie.ANSWERED, ASHA, DESK, LUC))).join == "AAAAAA"


def test_a_stranger_is_linked_and_not_joined() -> None:
    placed = place(says(EVE), among(knows(Tie.ANSWERED)))
    assert (placed.join, placed.claims) == (None, ("AAAAAA",))


def test_a_stranger_who_copies_the_inquirer_is_a_stranger() -> None:
    assert place(says(EVE, DESK, ASHA), among(knows(Tie.ANSWERED))).join is None


def test_anybody_may_answer_over_the_same_list() -> None:
    known = knows(Tie.ANSWERED, list_id="partners.lists.example")
    assert place(says(EVE, list_id="partners.lists.example"), among(known)).join == "AAAAAA"
    assert place(says(EVE, list_id="gossip.lists.example"), among(known)).join is None


def test_machines_and_liaisons_may_answer_whatever_comes() -> None:
    for voice in (Voice.MACHINE, Voice.DESK):
        assert place(says(EVE, voice=voice), among(knows(Tie.ANSWERED))).join == "AAAAAA"


def test_a_root_that_comes_late_takes_its_answers_in() -> None:
    answers = (knows(Tie.ANSWERS, LUC, key="BBBBBB"), knows(Tie.ANSWERS, ASHA, key="CCCCCC"))
    placed = place(says(ASHA, DESK, LUC), among(*answers))
    assert (placed.join, placed.merge) == ("BBBBBB", ("CCCCCC",))


def test_a_root_does_not_take_in_the_strangers_who_quote_it() -> None:
    placed = place(says(ASHA), among(knows(Tie.ANSWERS, EVE)))
    assert (placed.join, placed.claimed_by) == (None, ("AAAAAA",))


def test_siblings_of_an_unseen_mail_join_if_they_wrote_to_each_other() -> None:
    assert place(says(LUC, ASHA), among(knows(Tie.SHARED, ASHA, LUC))).join == "AAAAAA"
    assert place(says(LUC, DESK), among(knows(Tie.SHARED, ASHA, LUC))).join is None
    assert place(says(EVE, ASHA), among(knows(Tie.SHARED, ASHA, DESK))).join is None


def test_a_ticket_joins_who_takes_part_and_names_the_others() -> None:
    assert place(says(ASHA), among(knows(Tie.TICKET))).join == "AAAAAA"
    assert place(says(LUC), among(knows(Tie.TICKET, ASHA, LUC))).join == "AAAAAA"
    placed = place(says(EVE, DESK, ASHA), among(knows(Tie.TICKET)))
    assert (placed.join, placed.mentions) == (None, ("AAAAAA",))


def test_a_ticket_draws_nobody_to_who_only_wrote_to_them() -> None:
    intruder = knows(Tie.TICKET, EVE, ASHA, key="BBBBBB")
    placed = place(says(ASHA), among(knows(Tie.TICKET), intruder))
    assert (placed.join, placed.merge, placed.mentions) == ("AAAAAA", (), ("BBBBBB",))


def test_an_author_reminds_by_subject_alone() -> None:
    assert place(says(ASHA), among(knows(Tie.SUBJECT))).join == "AAAAAA"


def test_a_subject_joins_no_letter_to_somebody_else() -> None:
    assert (
        place(
            says(ASHA, "castle@x.example", DESK), among(knows(Tie.SUBJECT, ASHA, "abbey@x.example", DESK))
        ).join
        is None
    )


def test_a_colleague_joins_by_subject_if_he_writes_to_the_author_too() -> None:
    assert place(says(LUC, ASHA), among(knows(Tie.SUBJECT, ASHA, LUC))).join == "AAAAAA"
    assert place(says(LUC, DESK), among(knows(Tie.SUBJECT, ASHA, LUC))).join is None
    assert place(says(EVE, ASHA), among(knows(Tie.SUBJECT, ASHA, LUC))).join is None


@pytest.mark.parametrize(
    "subject", ["partnership", "hello", "сотрудничество", "合作", "re", "12", "kooperation mit wikimedia"]
)
def test_a_subject_that_says_nothing_joins_only_a_bare_reply(subject: str) -> None:
    known = among(knows(Tie.SUBJECT))
    assert place(says(ASHA, subject=subject), known).join is None
    assert place(says(ASHA, subject=subject, bare_reply=True), known).join == "AAAAAA"
    assert place(says(LUC, ASHA, subject=subject, bare_reply=True), known).join is None


@pytest.mark.parametrize("author", ["noreply@x.example", "wordpress@x.example", "web-form@x.example"])
def test_robots_write_for_many(author: str) -> None:
    assert place(says(author), among(knows(Tie.SUBJECT, author))).join is None


def test_one_address_with_two_names_is_two_people() -> None:
    known = replace(knows(Tie.SUBJECT), author=Address(name="Igor Sokol", address=ASHA))
    for name, joined in (("Hanna Vogt", None), ("Sokol, Igor", "AAAAAA"), ("", "AAAAAA")):
        claims = replace(says(), author=Address(name=name, address=ASHA))
        assert place(claims, among(known)).join == joined


def test_machines_of_one_subject_stay_apart() -> None:
    assert place(says(voice=Voice.MACHINE), among(knows(Tie.SUBJECT, voice=Voice.MACHINE))).join is None


def test_of_two_that_turn_out_to_be_one_the_worked_one_stays() -> None:
    first, second = knows(Tie.ANSWERED, key="AAAAAA"), knows(Tie.ANSWERED, key="BBBBBB")
    related = Related(
        known=(first, second), threads=(thread(first), thread(second, number=2, worked=True, liaison="ana"))
    )
    placed = place(says(), related)
    assert (placed.join, placed.merge) == ("BBBBBB", ("AAAAAA",))


def test_two_people_at_work_are_not_merged_over_their_heads() -> None:
    first, second = knows(Tie.ANSWERED, key="AAAAAA"), knows(Tie.ANSWERED, key="BBBBBB")
    related = Related(
        known=(first, second),
        threads=(
            thread(first, worked=True, liaison="ana"),
            thread(second, number=2, worked=True, liaison="ben"),
        ),
    )
    placed = place(says(), related)
    assert (placed.join, placed.merge, placed.claims) == ("AAAAAA", (), ("BBBBBB",))


def test_who_is_copied_in_brings_what_they_claimed() -> None:
    known = knows(Tie.ANSWERED)
    waiting = Thread(key="BBBBBB", number=2, authors=frozenset({LUC}), others=frozenset(), lists=frozenset())
    related = Related(known=(known,), threads=(thread(known, claimants=(waiting,)),))
    assert place(says(ASHA, DESK, LUC), related).merge == ("BBBBBB",)
    assert place(says(ASHA, DESK), related).merge == ()


def test_one_message_brings_at_most_some_inquiries_together() -> None:
    known = [knows(Tie.ANSWERED, key=f"AAAA{number:02}") for number in range(25)]
    placed = place(says(), among(*known))
    assert (placed.join, len(placed.merge)) == ("AAAA00", 5)
    assert len(placed.claims) == 19


def test_another_mail_with_the_same_message_id_is_flagged() -> None:
    twin = Twin(
        id=1, key="AAAAAA", header_id="two@x.example", author=Address(address=EVE), subject="", text="",
        list_id=None, attachments=0, written_at=NOON, filed=False,
    )  # fmt: skip
    placed = place(says(), Related(), (twin,))
    assert (placed.join, placed.same_id, placed.contested) == (None, ("AAAAAA",), True)
