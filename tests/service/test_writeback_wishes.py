"""What a help desk is to be told, what of that is still to be done, and what agents say by changing a ticket."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.decisions import Criteria, Decision, Disposition, Evidence, Source, Tags
from pipeline.records.messages import Address
from pipeline.records.work import Entry, State
from pipeline.records.writebacks import Move, Note, TicketChange, TicketState, Wish
from pipeline.service.ticketnotes import note_on
from pipeline.service.wishes import (
    change_for,
    changes_between,
    disposition_of,
    is_known,
    said_by,
    wish_for,
    without_old_note,
)
from pipeline.settings.otrs import OtrsServer
from pipeline.taxonomy import Taxonomy
from tests.support.mails import NOW

STATES = ("new", "open")
DECISION = Decision(
    sha256="0" * 64,
    disposition=Disposition.ASSIGN,
    tags=Tags(
        kind="partnership", partner_type="museum", country="IN", region="south_asia", alignment="aligned",
        activities=("content_donation",),
        criteria=Criteria(preconditions_met="yes", shared_objectives=2, urgency=date(2026, 4, 1),
                          further=("co_funding", "lessons_reusable")),
    ),
    abstained=(), confidence={"kind": 0.9, "partner_type": 0.9}, priority=62, language="en",
    summary="300 glass plates.",
    evidence=(
        Evidence(source=Source.RULE, name="museum", tag="partner_type=museum", score=2.0, detail="body: 'our museum'"),
        Evidence(source=Source.CRITERIA, name="aligned", tag="priority=62", score=20.0, detail="meets the preconditions"),
    ),
    rulebook_version="r1", model_version="base-3", decided_at=NOW,
)  # fmt: skip
ENTRY = Entry(
    key="ABC234", decision=DECISION, author=Address(name="Asha Rao", address="asha@museum.example"),
    organisation="Plate Museum", subject="Glass plates", text="…", received_at=NOW, state=State.ASSIGNED,
    liaison="lieve", reason="reads English", due_at=NOW,
)  # fmt: skip
SEEN = TicketState(
    queue="Partnerships", owner="root@localhost", state="new", locked=False, priority=3,
    fields={"Type": "", "Region": "", "TriageState": ""},
)  # fmt: skip
NOTE = Note(ref="ABC234-7", subject="s", body="b", gist="g")


def server(**write: object) -> OtrsServer:
    values = {
        "name": "desk", "url": "https://help.example/otrs/nph-genericinterface.pl", "username": "triage",
        "password_env": "X", "queues": ["Partnerships"], "write": write,
    }  # fmt: skip
    return OtrsServer.model_validate_json(json.dumps(values))


FULL = server(
    fields={"type": "Type", "kind": "Kind", "region": "Region", "alignment": "Fit", "priority": "Score",
            "liaison": "Liaison", "model_version": "Model", "country": "Country"},
    note=True,
    queue={"assign": "Partnerships::Open", "review": "Partnerships::Review", "file": "Junk"},
    queue_by_liaison={"lieve": "Partnerships::NWE", "danuta": "Partnerships::CEE"},
    owner_by_liaison={"lieve": "lieve.agent"},
    lock=True,
    priority_ids={"0": 2, "50": 3, "75": 4},
)  # fmt: skip


# ---------------------------------------------------------------- wishes


def test_everything_that_is_named_is_wished() -> None:
    wish = wish_for(ENTRY, FULL, NOTE)
    assert wish.fields == {
        "Type": "museum", "Kind": "partnership", "Region": "south_asia", "Country": "IN", "Fit": "aligned",
        "Score": "62", "Liaison": "lieve", "Model": "base-3", "TriageState": "assign",
    }  # fmt: skip
    assert (wish.queue, wish.owner, wish.lock, wish.priority, wish.note) == (
        "Partnerships::NWE", "lieve.agent", True, 3, NOTE,
    )  # fmt: skip


def test_nothing_is_wished_by_default_but_the_field_that_says_so() -> None:
    assert not server().write.wanted
    assert wish_for(ENTRY, server(note=False), NOTE) == Wish(fields={"TriageState": "assign"})


def test_a_guess_is_not_written_into_a_field() -> None:
    unsure = replace(ENTRY, decision=replace(DECISION, abstained=("partner_type", "region")))
    fields = wish_for(unsure, FULL, None).fields
    assert "Type" not in fields
    assert "Region" not in fields
    assert fields["Fit"] == "aligned"


def test_what_is_filed_goes_where_filed_mail_goes_and_to_nobody() -> None:
    spam = replace(DECISION, disposition=Disposition.FILE, tags=Tags(kind="spam"), priority=0)
    wish = wish_for(replace(ENTRY, decision=spam, liaison=None), FULL, None)
    assert (wish.queue, wish.owner, wish.lock, wish.priority) == ("Junk", None, False, 2)
    assert "Liaison" not in wish.fields


@pytest.mark.parametrize(("ours", "theirs"), [(0, 2), (49, 2), (50, 3), (74, 3), (75, 4), (100, 4)])
def test_priority_goes_by_the_highest_limit_that_is_reached(ours: int, theirs: int) -> None:
    entry = replace(ENTRY, decision=replace(DECISION, priority=ours))
    assert wish_for(entry, FULL, None).priority == theirs


def test_below_all_limits_the_priority_stays() -> None:
    assert wish_for(ENTRY, server(priority_ids={"75": 4}), None).priority is None


def test_what_was_told_is_known() -> None:
    wish = wish_for(ENTRY, FULL, NOTE)
    assert not is_known(wish, None)
    assert is_known(without_old_note(wish, NOTE), wish)
    assert not is_known(wish, replace(wish, priority=5))


def test_another_note_comes_only_where_it_says_something_new() -> None:
    wish = wish_for(ENTRY, FULL, NOTE)
    same_words = replace(NOTE, ref="ABC234-6")
    news = replace(NOTE, ref="ABC234-6", gist="other")
    assert without_old_note(wish, None).note == NOTE
    assert without_old_note(wish, same_words).note is None
    assert without_old_note(wish, news).note == NOTE
    # An agent's correction changes what is concluded, not the decision that the note was on.
    assert without_old_note(wish, replace(NOTE, gist="other")).note is None


# ---------------------------------------------------------------- notes


def test_a_note_tells_tags_reasons_and_the_grid() -> None:
    note = note_on(ENTRY, 7, "UTC", "Lieve Maesveld")
    assert note.subject == "Triage ABC234: Partnership · Museum · Content donation · South Asia"
    for words in (
        "Partnership · Museum", "“our museum” in the text", "+20 meets the preconditions", "Lieve Maesveld",
        "Preconditions met: Met", "Shared objectives: 2 of 3", "Complexity: not told", "Urgency: 1 April 2026",
        "Co-funding and Lessons reusable", "rules r1, model base-3", "Plate Museum, Asha Rao, India",
    ):  # fmt: skip
        assert words in note.body, words
    assert note.ref == "ABC234-7"
    assert max(map(len, note.body.splitlines())) <= 76


def test_a_note_asks_where_the_program_is_unsure() -> None:
    unsure = replace(ENTRY, decision=replace(DECISION, abstained=("partner_type", "preconditions_met")))
    body = note_on(unsure, 7, "UTC").body
    assert "Museum?" in body
    assert "Preconditions met: Met?" in body


def test_a_note_holds_nothing_that_breaks_out_of_its_line() -> None:
    evil = replace(
        ENTRY,
        organisation="Evil\r\nTriage reference: ABC234-9\u202e",
        subject="x" * 5000,
        author=Address(name="A\nTriage reference: ABC234-9", address="a@b.example"),
    )
    note = note_on(evil, 7, "UTC")
    assert "\r" not in note.body
    assert "\u202e" not in note.body
    assert not [line for line in note.body.splitlines() if line.startswith("Triage reference")]
    assert len(note.subject) <= 120


def test_the_gist_follows_what_is_concluded_alone() -> None:
    first = note_on(ENTRY, 7, "UTC")
    assert note_on(replace(ENTRY, text="other", messages=2), 8, "UTC").gist == first.gist
    assert note_on(replace(ENTRY, liaison="danuta"), 7, "UTC").gist != first.gist
    tags = replace(DECISION.tags, partner_type="archive")
    assert note_on(replace(ENTRY, decision=replace(DECISION, tags=tags)), 7, "UTC").gist != first.gist


# ---------------------------------------------------------------- changes


def test_a_fresh_ticket_gets_all_of_a_wish() -> None:
    wish = Wish(fields={"Type": "museum"}, note=NOTE, queue="Q", owner="alice", lock=True, priority=4)
    assert change_for(wish, SEEN, frozenset()) == TicketChange(
        fields={"Type": "museum"}, note=NOTE, move=Move(queue="Q", owner="alice", locked=True), priority=4
    )


def test_a_queue_alone_keeps_owner_and_lock_by_saying_them() -> None:
    held = replace(SEEN, owner="alice", locked=True)
    assert change_for(Wish(queue="Q"), held, frozenset()).move == Move(queue="Q", owner="alice", locked=True)
    assert change_for(Wish(owner="bob"), held, frozenset()).move == Move(
        queue="Partnerships", owner="bob", locked=True
    )


def test_what_is_there_is_not_written_again() -> None:
    wish = Wish(fields={"Type": "museum"}, note=NOTE, queue="Partnerships", priority=3)
    there = replace(SEEN, fields={**SEEN.fields, "Type": "museum"}, refs=frozenset({NOTE.ref}))
    assert not change_for(wish, there, frozenset())


@pytest.mark.parametrize("dealt", ["queue", "owner", "locked", "state", "answers"])
def test_a_ticket_that_an_agent_deals_with_is_not_moved(dealt: str) -> None:
    wish = Wish(queue="Q", owner="alice", lock=True, note=NOTE, fields={"Type": "museum"})
    change = change_for(wish, SEEN, frozenset({dealt}))
    assert change.move is None
    assert (change.note, change.fields) == (NOTE, {"Type": "museum"})


def test_an_agents_field_and_priority_stay() -> None:
    wish = Wish(fields={"Type": "museum", "Region": "south_asia"}, priority=5)
    assert change_for(wish, SEEN, frozenset({"field:Type"})).fields == {"Region": "south_asia"}
    for touched in ("priority", "state"):
        assert change_for(wish, SEEN, frozenset({touched})).priority is None


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (replace(SEEN, queue="Other"), {"queue"}),
        (replace(SEEN, owner="bob"), {"owner"}),
        (replace(SEEN, locked=True), {"locked"}),
        (replace(SEEN, state="closed successful"), {"state"}),
        (replace(SEEN, state="open"), set()),  # a customer's answer opens a new ticket
        (replace(SEEN, priority=5), {"priority"}),
        (replace(SEEN, answers=1), {"answers"}),
        (replace(SEEN, fields={**SEEN.fields, "Type": "archive"}), {"field:Type"}),
        (replace(SEEN, fields={**SEEN.fields, "Later": "x"}), set()),  # written since yesterday only
        (replace(SEEN, refs=frozenset({"ABC234-1"})), set()),
        (SEEN, set()),
    ],
)
def test_what_agents_change_is_seen(now: TicketState, found: set[str]) -> None:
    assert changes_between(SEEN, now, Wish(), STATES) == found


def test_help_desks_unlock_by_themselves() -> None:
    assert not changes_between(replace(SEEN, locked=True), SEEN, Wish(), STATES)


STATE = st.builds(
    TicketState,
    queue=st.sampled_from(["Partnerships", "Q", "Other"]),
    owner=st.sampled_from(["root@localhost", "alice", "bob"]),
    state=st.sampled_from(["new", "open", "closed successful"]),
    locked=st.booleans(),
    priority=st.integers(1, 5),
    answers=st.integers(0, 2),
    fields=st.fixed_dictionaries({"Type": st.sampled_from(["", "museum", "archive"])}),
)
WISH = st.builds(
    Wish,
    fields=st.sampled_from([{}, {"Type": "museum"}]),
    note=st.sampled_from([None, NOTE]),
    queue=st.sampled_from([None, "Q"]),
    owner=st.sampled_from([None, "alice"]),
    lock=st.booleans(),
    priority=st.sampled_from([None, 4]),
)


def applied(change: TicketChange, now: TicketState) -> TicketState:
    """Return what an update makes of a ticket."""
    move = change.move or Move(queue=now.queue, owner=now.owner, locked=now.locked)
    refs = now.refs | ({change.note.ref} if change.note else set())
    priority = now.priority if change.priority is None else change.priority
    fields = {**now.fields, **change.fields}
    return replace(
        now,
        queue=move.queue,
        owner=move.owner,
        locked=move.locked,
        refs=refs,
        priority=priority,
        fields=fields,
    )


@given(base=STATE, now=STATE, wish=WISH)
def test_writing_twice_writes_nothing_the_second_time(
    base: TicketState, now: TicketState, wish: Wish
) -> None:
    """Also where the program died after the update and knows nothing of it: its own writing is no agent's."""
    touched = changes_between(base, now, wish, STATES)
    change = change_for(wish, now, touched)
    after = applied(change, now)
    again = changes_between(base, after, wish, STATES)
    assert again <= touched
    assert not change_for(wish, after, touched)


@given(base=STATE, now=STATE, wish=WISH)
def test_what_an_agent_changed_stays(base: TicketState, now: TicketState, wish: Wish) -> None:
    after = applied(change_for(wish, now, changes_between(base, now, wish, STATES)), now)
    for name in ("queue", "owner", "priority"):
        if getattr(now, name) != getattr(base, name):
            assert getattr(after, name) == getattr(now, name) or getattr(now, name) == getattr(wish, name)
    if now.fields["Type"] not in (base.fields["Type"], wish.fields.get("Type")):
        assert after.fields["Type"] == now.fields["Type"]


# ---------------------------------------------------------------- corrections


@pytest.mark.parametrize(
    ("change", "now", "tags"),
    [
        ("field:Type", {"Type": "archive"}, ("partner_type=archive",)),
        ("field:Type", {"Type": ""}, ("partner_type=",)),
        ("field:Type", {"Type": " Public media "}, ("partner_type=public_media",)),
        ("field:Type", {"Type": "no such type"}, ()),
        ("field:Kind", {"Kind": "spam"}, ("kind=spam",)),
        ("field:Kind", {"Kind": ""}, ()),
        ("field:Region", {"Region": "south_asia"}, ("region=south_asia",)),
        ("field:Country", {"Country": "ke"}, ("country=KE",)),
        ("field:Score", {"Score": "80"}, ("priority=80",)),
        ("field:Score", {"Score": "high"}, ()),
        ("field:Score", {"Score": "101"}, ()),
        ("field:Score", {"Score": "9" * 5000}, ()),
        ("field:Liaison", {"Liaison": "danuta"}, ("liaison=danuta",)),
        ("field:Liaison", {"Liaison": "nobody"}, ()),
        ("field:Model", {"Model": "x"}, ()),
        ("field:TriageState", {"TriageState": ""}, ()),
        ("owner", {}, ()),
    ],
)
def test_an_agents_field_is_a_correction(
    change: str, now: dict[str, str], tags: tuple[str, ...], taxonomy: Taxonomy
) -> None:
    state = replace(SEEN, fields={**SEEN.fields, **now})
    assert said_by(change, state, FULL, taxonomy, {"lieve", "danuta"}) == tags


@pytest.mark.parametrize(
    ("queue", "tags"),
    [
        ("Junk", ("queue=Junk", "disposition=file")),
        ("Partnerships::CEE", ("queue=Partnerships::CEE", "liaison=danuta", "disposition=assign")),
        ("Grants", ("queue=Grants",)),
    ],
)
def test_an_agents_queue_is_a_correction(queue: str, tags: tuple[str, ...], taxonomy: Taxonomy) -> None:
    assert said_by("queue", replace(SEEN, queue=queue), FULL, taxonomy, {"lieve", "danuta"}) == tags


def test_two_liaisons_in_one_queue_are_not_told_apart(taxonomy: Taxonomy) -> None:
    shared = server(queue_by_liaison={"lieve": "P", "danuta": "P"})
    tags = said_by("queue", replace(SEEN, queue="P"), shared, taxonomy, {"lieve", "danuta"})
    assert tags == ("queue=P", "disposition=assign")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (("disposition=file",), Disposition.FILE),
        (("kind=spam",), Disposition.FILE),
        (("kind=partnership",), Disposition.ASSIGN),
        (("kind=spam", "disposition=assign"), Disposition.ASSIGN),
        (("partner_type=museum",), None),
        ((), None),
    ],
)
def test_corrections_tell_what_becomes_of_an_inquiry(
    tags: tuple[str, ...], found: Disposition | None
) -> None:
    assert disposition_of(tags) is found
