"""What rules find in an inquiry, and where."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records.decisions import RuleHit
from pipeline.records.inquiries import Automatic, Inquiry, View
from pipeline.records.messages import Address, Attachment, ParsedMessage
from pipeline.rulebook.book import Rulebook
from pipeline.rulebook.fold import fold
from pipeline.rulebook.load import load_rulebook
from pipeline.rulebook.match import hits
from pipeline.taxonomy import Taxonomy


def inquiry(
    text: str = "",
    *,
    subject: str = "",
    signature: str = "",
    author: Address | None = None,
    automatic: Automatic | None = None,
    list_id: str | None = None,
    language: str = "en",
    fields: tuple[tuple[str, str], ...] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Inquiry:
    writer = author or Address(name="Robin Doe", address="robin@clocks.example")
    message = ParsedMessage(
        sha256="0" * 64,
        message_id="1@clocks.example",
        date=None,
        from_=writer,
        to=(Address(name="", address="partnerships@wikimedia.example"),),
        header_fields=fields,
        attachments=attachments,
    )
    return Inquiry(
        message=message,
        thread="1@clocks.example",
        author=writer,
        forward=None,
        recipients=("partnerships@wikimedia.example",),
        base_subject=subject,
        body=f"{text}\n{signature}",
        text=text,
        quoted="",
        signature=signature,
        introduction=text[:200],
        language=language,
        list_id=list_id,
        automatic=automatic,
        received_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


def rulebook(tmp_path: Path, taxonomy: Taxonomy, condition: str, **lists: str) -> Rulebook:
    rule = f'[[rule]]\nid = "one"\ndescription = "under test"\ntags = ["kind=partnership"]\nhits = ["x"]\nmisses = ["y"]\n{condition}\n'
    (tmp_path / "own.toml").write_text(rule, encoding="utf-8")
    (tmp_path / "terms").mkdir(exist_ok=True)
    for name, terms in lists.items():
        text = f'description = "a list of terms"\n[terms]\n{terms}\n'
        (tmp_path / "terms" / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_rulebook(tmp_path, taxonomy)


def matched(book: Rulebook, mail: Inquiry) -> list[tuple[View | None, str]]:
    return [(hit.view, hit.matched) for hit in hits(book, mail)]


TERMS = 'terms = ["list:t"]\nviews = ["body"]'


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        ('en = ["archive"]', "the ARCHIVE.", "archive"),
        ('en = ["archive"]', "archives", None),
        ('en = ["archiv*"]', "Archivists", "archivists"),
        ('de = ["*archiv"]', "Stadtarchiv", "stadtarchiv"),
        ('de = ["*archiv"]', "Archive", None),
        ('en = ["state library"]', "State\n  Library", "state library"),
        ('fr = ["musée"]', "LE MUSEE", "musee"),
        ('fr = ["musée"]', "l’musée", "musée"),
        ('vi = ["thư viện"]', "thu vien", None),
        ('de = ["universität*"]', "universitaet", "universitaet"),
        ('tr = ["kütüphane*"]', "KÜTÜPHANESİ", "kütüphanesi"),
        ('zh = ["圖書館"]', "我們是國家圖書館的人", "圖書館"),
        ('th = ["ห้องสมุด"]', "เราเป็นห้องสมุดประชาชน", "ห้องสมุด"),
        ('ko = ["박물관"]', "국립박물관입니다", "박물관"),
        ('hi = ["विद्यालय"]', "विद्यालयों", None),
        ('hi = ["विद्यालय*"]', "विद्यालयों में", "विद्यालयों"),
        ('ar = ["*أرشيف*"]', "بالارشيف الوطني", "بالارشیف"),
        ('he = ["*מוזיאון*"]', "למוזיאון העירוני", "למוזיאון"),
        ('fa = ["کتابخانه*"]', "كتاب\u200cخانه", "کتابخانه"),
        ('el = ["μουσεί*"]', "ΜΟΥΣΕΙΟ", "μουσειο"),
        ('en = ["museum"]', "ｍｕｓｅｕｍ", "museum"),
        ('en = ["museum"]', "mu\u00adse\u200bum", "museum"),
    ],
)
def test_words_of_many_scripts(
    tmp_path: Path, taxonomy: Taxonomy, terms: str, text: str, found: str | None
) -> None:
    book = rulebook(tmp_path, taxonomy, TERMS, t=terms)
    words = [word for _, word in matched(book, inquiry(text))]
    assert bool(words) is (found is not None)
    assert all(found is not None and fold(found) in word for word in words)


def test_one_hit_for_each_view_with_its_weight(tmp_path: Path, taxonomy: Taxonomy) -> None:
    condition = 'terms = ["museum", "gallery"]\nweights = { signature = 2.5, body = 0.5 }'
    found = hits(
        rulebook(tmp_path, taxonomy, condition),
        inquiry("museum, gallery", signature="Museum", subject="museum"),
    )
    assert found == (
        RuleHit(rule="one", tags=("kind=partnership",), must=False, weight=0.5, view=View.BODY, matched="museum, gallery"),
        RuleHit(rule="one", tags=("kind=partnership",), must=False, weight=2.5, view=View.SIGNATURE, matched="museum"),
    )  # fmt: skip


def test_a_term_inside_an_exception_does_not_count(tmp_path: Path, taxonomy: Taxonomy) -> None:
    condition = 'terms = ["university"]\nviews = ["body"]\nunless = ["university librar*"]'
    book = rulebook(tmp_path, taxonomy, condition)
    assert not matched(book, inquiry("the university library"))
    assert matched(book, inquiry("the university library of a university"))


def test_several_different_words_can_be_asked_for(tmp_path: Path, taxonomy: Taxonomy) -> None:
    book = rulebook(tmp_path, taxonomy, 'terms = ["price", "discount"]\nviews = ["body"]\nleast = 2')
    assert not matched(book, inquiry("price, price and price"))
    assert matched(book, inquiry("the price with a discount"))


PDF = Attachment(name="Map.PDF", content_type="application/pdf", size=3)


@pytest.mark.parametrize(
    ("test", "hit", "miss"),
    [
        ('header = { field = "x-priority", is = ["1"] }', inquiry(fields=(("X-Priority", "1"),)), inquiry()),
        ('header = { field = "Subject", word = ["list:t"] }', inquiry(fields=(("Subject", "Old clocks"),)), inquiry(fields=(("Subject", "unclocked"),))),
        ('address = { part = "domain", ends = [".example"] }', inquiry(), inquiry(author=Address(address="a@b.org"))),
        ('address = { part = "domain", matches = ["*.ac.??"] }', inquiry(author=Address(address="a@x.ac.uk")), inquiry(author=Address(address="a@x.ac.info"))),
        ('address = { of = ["to"], part = "local", is = ["partnerships"] }', inquiry(), None),
        ('address = { of = ["cc", "to"], part = "domain", word = ["wikimedia"] }', inquiry(), None),
        ('address = { part = "local", regex = ["^rob(in|yn)$"] }', inquiry(), inquiry(author=Address(address="rob@b.org"))),
        ('header = { field = "X-Tag", regex = ["^a+$"] }', inquiry(fields=(("X-Tag", "AAA"),)), inquiry(fields=(("X-Tag", "aab"),))),
        ('header = { field = "X-Tag", matches = ["a?c*"] }', inquiry(fields=(("X-Tag", "abcd"),)), inquiry(fields=(("X-Tag", "xabc"),))),
        ('list_id = { matches = ["*.lists.example"] }', inquiry(list_id="talk.lists.example"), inquiry(list_id="talk.lists.example.org")),
        ('quoted = { contains = ["x"] }', replace(inquiry(), quoted="an x"), inquiry("x")),
        ('sender = { matches = ["robin doe <*"] }', inquiry(), inquiry(author=Address(address="a@b.org"))),
        ('signature = { is = ["R. Doe"] }', inquiry(signature="r. doe"), inquiry(signature="R. Doe, x")),
        ('attachment = { name = { word = ["map"] } }', inquiry(attachments=(PDF,)), inquiry()),
        ("automatic = false", inquiry(), inquiry(automatic=Automatic.BOUNCE)),
        ("freemail = false", inquiry(), inquiry(author=Address(address="a@gmail.com"))),
        ("size = { over = 3 }", inquiry("four"), inquiry("one")),
        ('exists = ["X-Loop", "X-Tag"]', inquiry(fields=(("X-Loop", "1"), ("X-Tag", "1"))), inquiry(fields=(("X-Loop", "1"),))),
        ('exists = ["X-Loop"]', inquiry(fields=(("x-loop", "1"),)), inquiry()),
        ('subject = { is = ["Hello There"] }', inquiry(subject="hello  THERE"), inquiry(subject="hello there!")),
        ('subject = { matches = ["offer*"] }', inquiry(subject="Offer of maps"), inquiry(subject="An offer")),
        ('subject = { contains = ["?"] }', inquiry(subject="Is it？"), inquiry(subject="It is")),
        ('body = { regex = ["[0-9]+ ?(?:usd|eur)"] }', inquiry("99 USD"), inquiry("USD 99")),
        ('body = { word = ["list:t", "bell"] }', inquiry("A bell."), inquiry("bells")),
        ('sender = { word = ["*clock*"] }', inquiry(), inquiry(author=Address(address="a@b.org"))),
        ('signature = { word = ["list:t"] }', inquiry(signature="Clock tower"), inquiry("clock")),
        ('introduction = { contains = ["we are"] }', inquiry("We are here"), inquiry("You are")),
        ('attachment = { name = { matches = ["*.pdf"] }, type = { is = ["application/pdf"] } }', inquiry(attachments=(PDF,)), inquiry()),
        ('list_id = { contains = ["lists.example"] }', inquiry(list_id="talk.lists.example"), inquiry()),
        ('language = ["de", "fr"]', inquiry(language="de"), inquiry()),
        ("automatic = true", inquiry(automatic=Automatic.BOUNCE), inquiry()),
        ('automatic = ["bounce"]', inquiry(automatic=Automatic.BOUNCE), inquiry(automatic=Automatic.CALENDAR)),
        ("freemail = true", inquiry(author=Address(address="a@gmail.com")), inquiry()),
        ("size = { over = 3, under = 6 }", inquiry("five!"), inquiry("six six")),
        ("true = true", inquiry(), None),
        ('not = { body = { contains = ["x"] } }', inquiry("y"), inquiry("x")),
        ('allof = [{ body = { contains = ["x"] } }, { language = ["en"] }]', inquiry("x"), inquiry("x", language="de")),
        ('anyof = [{ body = { contains = ["x"] } }, { language = ["de"] }]', inquiry("y", language="de"), inquiry("y")),
    ],
)  # fmt: skip
def test_every_test_matches_and_does_not(
    tmp_path: Path, taxonomy: Taxonomy, test: str, hit: Inquiry, miss: Inquiry | None
) -> None:
    book = rulebook(tmp_path, taxonomy, f"test = {{ {test} }}", t='en = ["clock*"]')
    assert len(hits(book, hit)) == 1
    assert miss is None or not hits(book, miss)


def test_a_test_is_a_condition_on_terms(tmp_path: Path, taxonomy: Taxonomy) -> None:
    book = rulebook(tmp_path, taxonomy, 'terms = ["clock"]\nviews = ["body"]\ntest = { language = ["de"] }')
    assert not matched(book, inquiry("clock"))
    assert matched(book, inquiry("clock", language="de")) == [(View.BODY, "clock")]


def test_what_is_quoted_is_short(tmp_path: Path, taxonomy: Taxonomy) -> None:
    book = rulebook(tmp_path, taxonomy, 'test = { body = { regex = ["a[a-z ]+"] } }')
    assert len(matched(book, inquiry("a" + "b" * 500))[0][1]) == 80


def test_the_time_grows_with_the_mail_only(shipped: Rulebook) -> None:
    def seconds(text: str) -> float:
        mail = inquiry(text)
        runs = []
        for _ in range(3):
            start = time.process_time()
            hits(shipped, mail)
            runs.append(time.process_time() - start)
        return min(runs)

    for unit in ("museum archive price ", "aaaaaaaaaa", "! ? ", "图书馆", "cc by-nc "):
        small, large = (seconds(unit * (size // len(unit))) for size in (10_000, 80_000))
        assert large < max(small, 0.002) * 24


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_text_breaks_matching(shipped: Rulebook, text: str, signature: str) -> None:
    found = hits(shipped, inquiry(text, signature=signature, subject=signature))
    assert all(len(hit.matched) <= 80 and "\n" not in hit.matched for hit in found)
    assert found == hits(shipped, inquiry(text, signature=signature, subject=signature))


@given(st.text(max_size=200))
def test_folding_is_idempotent_on_folded_terms(text: str) -> None:
    assert fold(fold(fold(text))) == fold(fold(text))
