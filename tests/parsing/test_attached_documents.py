"""Text of attached documents: honest ones of all kinds, and those that are built to do harm."""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.parsing import read
from pipeline.parsing.documents import read_document, read_documents
from pipeline.parsing.documents_limits import (
    MAX_CHARACTERS,
    MAX_DOCUMENTS,
    MAX_MAIL_CHARACTERS,
    MAX_MEMBERS,
    MAX_PAGES,
)
from pipeline.records.inquiries import View
from pipeline.records.messages import Attachment
from tests.support.documents import docx, make_pdf, odt, pdf_of_pages, zipped

LETTER = "Our museum would like to give 300 scanned glass plates."


def attached(octets: bytes, name: str = "", content_type: str = "application/octet-stream") -> Attachment:
    return Attachment(name=name, content_type=content_type, size=len(octets), payload=octets)


def text_of(octets: bytes, name: str = "", content_type: str = "application/octet-stream") -> tuple[str, str]:
    return read_document(attached(octets, name, content_type))


@pytest.mark.parametrize(
    ("octets", "name", "content_type"),
    [
        (pdf_of_pages([LETTER]), "letter.pdf", "application/pdf"),
        (pdf_of_pages([LETTER]), "letter.pdf", "application/octet-stream"),
        (pdf_of_pages([LETTER]), "letter.docx", "text/plain"),
        (b"\n\njunk before\n" + pdf_of_pages([LETTER]), "letter", "application/x-unknown"),
        (docx([LETTER]), "letter.docx", "application/msword"),
        (docx([LETTER]), "", "application/octet-stream"),
        (docx([LETTER], main="word/document2.xml"), "letter.docx", "application/zip"),
        (odt([LETTER]), "letter.odt", "application/vnd.oasis.opendocument.text"),
        (b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 " + LETTER.encode() + b"\\par}", "a.doc", "application/msword"),
        (LETTER.encode(), "letter.txt", "application/octet-stream"),
        (LETTER.encode(), "", "text/plain"),
        (LETTER.encode("utf-16"), "letter.txt", "text/plain"),
    ],
)  # fmt: skip
def test_a_document_is_told_by_its_octets(octets: bytes, name: str, content_type: str) -> None:
    assert text_of(octets, name, content_type) == (LETTER, "")


@pytest.mark.parametrize(
    ("octets", "name"),
    [(b"\x89PNG\r\n", "a.png"), (b"", "empty.txt"), (zipped({"pictures/1.jpg": b"x"}), "a.zip"),
     (zipped({"xl/workbook.xml": b"<a/>"}), "a.xlsx"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.doc")],
)  # fmt: skip
def test_what_is_no_document_has_neither_text_nor_defect(octets: bytes, name: str) -> None:
    assert text_of(octets, name) == ("", "")


def test_word_keeps_paragraphs_tabs_and_breaks_but_not_what_was_deleted() -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs></w:pPr><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t>'
        "<w:br/><w:t>three</w:t></w:r></w:p><w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>four</w:t></w:r></w:p>"
        "<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Choice>"
        "<mc:Fallback><w:p><w:r><w:t>box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"
    )
    assert text_of(docx([], body=body)) == ("One two\nthree\nfour\nbox", "")


def test_opendocument_keeps_spaces_and_headings_but_no_comments() -> None:
    body = (
        '<text:h>Offer</text:h><text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d</text:p>'
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:p>e<office:annotation><text:p>a note</text:p></office:annotation></text:p>"
    )
    assert text_of(odt([], body=body)) == ("Offer\na   b   c\nd\ne", "")


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2\par}", "Привет"),
        (rb"{\rtf1\uc1 Caf\u233 ?\par two\line three}", "Café\ntwo\nthree"),
        (rb"{\rtf1\uc1 \u-10179?\u-8704?!}", "😀!"),
        (rb"{\rtf1 a{\*\generator Word;}{\info{\title hidden}}{\pict 89504e47}b\{c\}\~d\emdash}", "ab{c} d—"),
        (rb"{\rtf1 open {\b bold", "open bold"),
    ],
)
def test_rich_text(rtf: bytes, text: str) -> None:
    assert text_of(rtf) == (text, "")


def test_rich_text_nested_deep() -> None:
    text, _ = text_of(b"{\\rtf1 " + b"{" * 200_000 + b"a" + b"}" * 200_000)
    assert text == "a"


def test_a_scan_is_empty_without_a_defect() -> None:
    assert text_of(pdf_of_pages([""])) == ("", "")


def test_an_empty_password_opens_a_pdf_that_is_only_protected() -> None:
    assert text_of(encrypted_pdf(user="")) == (LETTER, "")


def test_what_is_encrypted_is_named() -> None:
    assert text_of(encrypted_pdf(user="secret")) == ("", "encrypted PDF: not read")
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert text_of(locked, "a.docx") == ("", "encrypted document: not read")
    manifest = b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    hidden = zipped({"content.xml": b"\x8f\x02", "META-INF/manifest.xml": manifest})
    assert text_of(hidden, "a.odt") == ("", "encrypted document: not read")


def encrypted_pdf(user: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(io.BytesIO(pdf_of_pages([LETTER]))))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_only_the_first_pages_are_read() -> None:
    text, defect = text_of(pdf_of_pages([f"Page number {number}." for number in range(1, 31)]))
    assert f"Page number {MAX_PAGES}." in text
    assert f"Page number {MAX_PAGES + 1}." not in text
    assert defect == f"only {MAX_PAGES} of 30 pages read"


def test_long_texts_are_cut() -> None:
    line = "All human beings are born free and equal in dignity and rights.\n"
    for octets in (line.encode() * 5_000, docx([line] * 5_000), odt([line] * 5_000)):
        text, defect = text_of(octets, "a.txt")
        assert MAX_CHARACTERS - 100 < len(text) <= MAX_CHARACTERS
        assert defect == f"text cut at {MAX_CHARACTERS:,} characters"


def test_a_mail_has_limits_of_its_own() -> None:
    long = attached(b"word " * 10_000, "long.txt")
    read = list(read_documents((long,) * 4, lambda: False))
    assert sum(len(one.text) for one in read) <= MAX_MAIL_CHARACTERS
    assert read[-1].defect == "documents from attachment 4 on not read: there are too many"
    short = attached(b"word", "short.txt")
    many = list(read_documents((attached(b"\xff\xd8", "a.jpg"), *(short,) * 30), lambda: False))
    assert [one.place for one in many] == list(range(1, MAX_DOCUMENTS + 2))
    assert many[-1].defect.endswith("there are too many")


def test_no_document_is_begun_when_time_is_up() -> None:
    times = itertools.chain([False], itertools.repeat(True))
    read = list(read_documents((attached(b"one", "1.txt"), attached(b"two", "2.txt")), lambda: next(times)))
    assert [one.text for one in read] == ["one", ""]
    assert read[-1].defect == "documents from attachment 2 on not read: time is up"


def test_a_pdf_stops_between_pages_when_time_is_up() -> None:
    asked = iter([False, False, True])
    text, defect = read_document(attached(pdf_of_pages(["First.", "Second.", "Third."])), lambda: next(asked))
    assert text == "First.\n\nSecond."
    assert defect == "only 2 of 3 pages read: time is up"


# Documents that are built to do harm.


def test_zip_bomb_is_unfolded_only_in_part() -> None:
    bomb = docx([], body="<w:p/>" + " " * 50_000_000)
    assert len(bomb) < 60_000
    text, defect = text_of(bomb)
    assert text == ""
    assert "unfolds into more than 10,485,760 octets" in defect


def test_zip_whose_directory_lies_about_sizes() -> None:
    octets = bytearray(docx([LETTER]))
    entry = octets.rfind(b"PK\x01\x02")
    octets[entry + 24 : entry + 28] = (5).to_bytes(4, "little")
    text, defect = text_of(bytes(octets))
    assert text == "" or text in LETTER
    assert defect


def test_zip_with_a_crowded_directory_is_not_opened() -> None:
    octets = zipped({f"{number}": b"" for number in range(MAX_MEMBERS + 1)})
    assert text_of(octets) == ("", "zipped document with too many files: not read")


def test_zips_within_zips_are_not_opened() -> None:
    nested = docx([LETTER])
    for _ in range(3):
        nested = zipped({"inner.docx": nested})
    assert text_of(nested) == ("", "")


def test_unusual_compression_is_refused() -> None:
    assert text_of(zipped({"word/document.xml": b"<a/>"}, zipfile.ZIP_BZIP2)) == (
        "",
        "zipped in an unusual way: not read",
    )


def test_billion_laughs() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE w [<!ENTITY a0 "ha">{entities}]><w>&a9;</w>'.encode()
    for name in ("word/document.xml", "content.xml"):
        assert text_of(zipped({name: laughs})) == ("", "XML with a document type: not read")


def test_external_entities_are_not_fetched() -> None:
    xml = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'
    assert text_of(zipped({"word/document.xml": xml})) == ("", "XML with a document type: not read")


def test_truncated_documents_keep_what_can_be_read() -> None:
    whole = docx([LETTER])
    assert text_of(whole[: len(whole) // 2]) == ("", "broken zipped document: cut off")
    broken = zipped({"word/document.xml": docx_xml_cut()})
    text, defect = text_of(broken)
    assert text == LETTER
    assert defect.startswith("broken zipped document")
    whole = pdf_of_pages([LETTER])
    for cut in range(20, len(whole), 97):
        text_of(whole[:cut])


def docx_xml_cut() -> bytes:
    with zipfile.ZipFile(io.BytesIO(docx([LETTER]))) as archive:
        return archive.read("word/document.xml")[: -len("</w:body></w:document>")]


def test_pdf_whose_objects_point_at_each_other() -> None:
    loop = make_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> >>",
            stream(b"/A Do"),
            b"<< /Type /XObject /Subtype /Form /Resources << /XObject << /A 5 0 R >> >> /Length 5 >>\nstream\n/A Do\nendstream",
        ]
    )
    text, _ = text_of(loop)
    assert text == ""


def test_pdf_with_a_huge_stream() -> None:
    bomb = zlib.compress(b"(A) Tj " * 5_000_000, 9)
    octets = make_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>",
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(bomb) + bomb + b"\nendstream",
        ]
    )
    assert len(octets) < 1_000_000
    assert text_of(octets)[0] == ""


def stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def test_binary_that_claims_to_be_text() -> None:
    assert text_of(bytes(range(256)) * 20, "a.txt", "text/plain") == ("", "says that it is text, and is not")


KINDS: Sequence[bytes] = (
    pdf_of_pages([LETTER]),
    docx([LETTER]),
    odt([LETTER]),
    b"{\\rtf1 \\u8212? a{\\b b}\\'e9}",
)


@given(st.sampled_from(KINDS), st.data())
def test_damage_is_told_and_never_raised(whole: bytes, data: st.DataObject) -> None:
    octets = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    text, defect = text_of(bytes(octets))
    assert len(text) <= MAX_CHARACTERS
    assert "\x00" not in text
    assert defect.isprintable()
    text.encode()


def test_texts_are_part_of_what_rules_look_at() -> None:
    inquiry = read(b"From: a@b.example\r\nSubject: x\r\n\r\nSee the letter.\r\n")
    letter = Attachment(name="letter.pdf", content_type="application/pdf", size=1, text=LETTER)
    picture = Attachment(name="", content_type="image/png", size=1)
    inquiry = replace(inquiry, message=replace(inquiry.message, attachments=(letter, picture)))
    assert inquiry.view(View.ATTACHMENTS) == f"letter.pdf\n{LETTER}"
