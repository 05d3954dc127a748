"""The mail that carries a digest."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest.message import compose, thread_fields
from pipeline.digest.render import Rendered
from pipeline.digest.weekly import render_weekly
from pipeline.errors import UsageError
from pipeline.records.messages import Address
from tests.digest import samples

SENDER = Address(name="Partnership triage", address="triage@partners.example")
TO = Address(name="Mira Okonkwo", address="mira@liaisons.example")
ID = "<daily.2026-11-22.0a1b@partners.example>"
DATE = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SHORT = Rendered(subject="3 new", text="Three.\n", html="<p>Three.</p>\n")


@pytest.fixture(scope="module")
def week() -> Rendered:
    return render_weekly(samples.weekly(9, 4, 6), timezone="UTC")


def octets(
    rendered: Rendered = SHORT, sender: Address = SENDER, to: Address = TO, message_id: str = ID
) -> bytes:
    return compose(rendered, sender=sender, recipient=to, message_id=message_id, date=DATE)


def read(mail: bytes) -> EmailMessage:
    message = message_from_bytes(mail, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_header_says_who_what_when_and_that_a_machine_wrote_it() -> None:
    message = read(octets())
    assert message["From"] == "Partnership triage <triage@partners.example>"
    assert message["To"] == "Mira Okonkwo <mira@liaisons.example>"
    assert message["Subject"] == "3 new"
    assert message["Message-ID"] == ID
    assert message["Date"].datetime == DATE
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"


def test_all_line_ends_are_crlf_and_no_line_is_too_long(week: Rendered) -> None:
    for mail in (octets(), octets(week)):
        assert b"\n" not in mail.replace(b"\r\n", b"")
        assert b"\r" not in mail.replace(b"\r\n", b"")
        assert max(map(len, mail.split(b"\r\n"))) < 998
        assert mail.isascii()


def test_text_and_page_say_what_was_rendered(week: Rendered) -> None:
    message = read(octets(week))
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    assert text.get_content().replace("\r\n", "\n") == week.text
    assert page.get_content().replace("\r\n", "\n").rstrip() == week.html.rstrip()


def test_every_image_of_the_page_is_a_part_and_every_part_is_named(week: Rendered) -> None:
    message = read(octets(week))
    parts = {part["Content-ID"]: part for part in message.walk() if part["Content-ID"]}
    assert len(parts) == len(week.images) == 2
    for image in week.images:
        part = parts[f"<{image.cid}>"]
        assert part.get_content_type() == "image/png"
        assert part.get_content_disposition() == "inline"
        assert part.get_content() == image.png
        assert f'src="cid:{image.cid}"' in week.html


def test_the_figures_are_attached(week: Rendered) -> None:
    attached = [part for part in read(octets(week)).walk() if part.get_content_disposition() == "attachment"]
    assert [part.get_filename() for part in attached] == ["figures-2026-W47.csv"]
    assert attached[0].get_content_type() == "text/csv"


def test_equal_arguments_give_equal_octets(week: Rendered) -> None:
    assert octets(week) == octets(week)


@pytest.mark.parametrize(
    "address",
    ["", "mira", "a@b@c.example", "a@b.example\r\nBcc: x@evil.example", "a b@c.example", "<a@b.example>"],
)
def test_an_address_that_would_break_the_header_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        octets(to=Address(name="", address=address))


@pytest.mark.parametrize(
    "message_id", ["", "a@b.example", "<a b@c.example>", "<a@b.example>\r\nBcc: x@e.example"]
)
def test_a_message_id_that_would_break_the_header_is_refused(message_id: str) -> None:
    with pytest.raises(UsageError, match="Message-ID"):
        octets(message_id=message_id)


@pytest.mark.parametrize("name", ["Subject", "to", "X Spaced", "X-Colon:", "X\r\nBcc", ""])
def test_fields_of_its_own_and_broken_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="header field"):
        compose(SHORT, sender=SENDER, recipient=TO, message_id=ID, date=DATE, headers={name: "x"})


def test_a_field_can_be_added() -> None:
    added = {"List-Unsubscribe": "<mailto:pause@partners.example>"}
    mail = compose(SHORT, sender=SENDER, recipient=TO, message_id=ID, date=DATE, headers=added)
    assert read(mail)["List-Unsubscribe"] == "<mailto:pause@partners.example>"


@given(text=st.text(max_size=120) | st.just("x\r\nBcc: all@evil.example\r\n\r\nbody"))
def test_no_name_subject_or_value_can_inject_a_header(text: str) -> None:
    rendered = Rendered(subject=text, text="t\n", html="<p>t</p>")
    sender = Address(name=text, address=SENDER.address)
    mail = compose(rendered, sender=sender, recipient=TO, message_id=ID, date=DATE, headers={"X-Note": text})
    names = [name.lower() for name in read(mail).keys()]  # noqa: SIM118  # keys() has repeated fields, too
    assert sorted(names) == sorted(set(names))
    assert set(names) == {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "x-note", "x-partnership-triage",
        "mime-version", "content-type",
    }  # fmt: skip
    assert max(map(len, mail.split(b"\r\n"))) < 998


THREAD = "<week.2026-W47.0a1b@partners.example>"


def threaded(reply_to: str, locale: str = "de") -> EmailMessage:
    fields = thread_fields(THREAD, reply_to, locale)
    return read(compose(SHORT, sender=SENDER, recipient=TO, message_id=ID, date=DATE, headers=fields))


def test_the_mails_of_a_week_stand_in_one_thread_and_answers_go_to_the_desk() -> None:
    message = threaded("desk+r4q7m2x9@partners.example")
    assert (message["In-Reply-To"], message["References"]) == (THREAD, THREAD)
    assert message["Reply-To"] == "desk+r4q7m2x9@partners.example"
    pause = "<mailto:desk%2Br4q7m2x9@partners.example?subject=pause&body=pause%0D%0A>"
    assert message["List-Unsubscribe"].strip() == pause
    assert message["Content-Language"] == "de"


@pytest.mark.parametrize("reply_to", ["", "desk@partners.example\r\nBcc: all@evil.example"])
def test_without_an_address_for_answers_no_field_names_one(reply_to: str) -> None:
    message = threaded(reply_to)
    assert message["Reply-To"] is None
    assert message["List-Unsubscribe"] is None


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=400))
def test_any_text_comes_through_the_mail_as_it_was(text: str) -> None:
    mail = octets(Rendered(subject="s", text=f"{text}\n", html=f"<p>{text}</p>\n"))
    assert mail.isascii()
    assert max(map(len, mail.split(b"\r\n"))) < 998
    body = read(mail).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == f"{text}\n"
