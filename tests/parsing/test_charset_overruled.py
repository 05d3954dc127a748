"""Text in another charset than the declared one is read as what it is, with a defect; right text stays."""

from __future__ import annotations

import pytest

from pipeline.parsing.charset import decode_text

TEXTS = {
    "gb18030": "您好，我们的博物馆想要上传一些照片到维基共享资源，请问如何办理？谢谢",
    "big5": "您好，我們的博物館想要上傳一些照片到維基共享資源",
    "euc_kr": "안녕하세요, 저희 박물관에서 사진을 올리고 싶습니다. 감사합니다",
    "shift_jis": "こんにちは、私たちの博物館は写真を公開したいと思います。",
    "euc_jp": "こんにちは、私たちの博物館は写真を公開したいと思います。",
    "tis_620": "สวัสดีครับ พิพิธภัณฑ์ของเราต้องการอัปโหลดภาพถ่าย",
    "cp1251": "Здравствуйте, наш музей хотел бы загрузить фотографии. Спасибо",
    "koi8_r": "Здравствуйте, наш музей хотел бы загрузить фотографии. Спасибо",
    "cp1253": "Καλημέρα σας, το μουσείο μας θέλει να ανεβάσει φωτογραφίες",
    "cp1255": "שלום, המוזיאון שלנו רוצה להעלות תמונות",
    "cp1256": "مرحبا، متحفنا يريد تحميل الصور",
    "cp1250": "Dobrý den, přejeme si nahrát fotografie z našeho muzea. Děkujeme",
    "iso8859_2": "Dzień dobry, chciałbym się dowiedzieć, czy można",
}


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "utf-8", None])
@pytest.mark.parametrize("charset", TEXTS)
def test_latin_declared_by_default(charset: str, declared: str | None) -> None:
    text, defect = decode_text(TEXTS[charset].encode(charset), declared)
    assert text == TEXTS[charset]
    assert defect


@pytest.mark.parametrize("charset", ["gb18030", "cp1251"])
def test_sample_cut_within_a_character(charset: str) -> None:
    long = "x" + TEXTS[charset] * 900
    assert decode_text(long.encode(charset), "iso-8859-1")[0] == long


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Přejeme hezký den", "cp1250"),
        ("Привет", "cp1251"),
        ("ПРЕДЛОЖЕНИЕ МУЗЕЯ", "cp1251"),
        ("박물관", "euc_kr"),
        ("博物馆照片", "gb18030"),
    ],
)
@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8"])
def test_short_text(text: str, charset: str, declared: str) -> None:
    assert decode_text(text.encode(charset), declared)[0] == text


@pytest.mark.parametrize("declared", [None, "utf-8", "us-ascii", "iso-8859-1"])
@pytest.mark.parametrize(
    ("charset", "text"), [("iso2022_jp", "こんにちは、博物館です"), ("iso2022_kr", "안녕하세요")]
)
def test_escapes_without_their_charset(charset: str, text: str, declared: str | None) -> None:
    decoded, defect = decode_text(text.encode(charset), declared)
    assert decoded == text
    assert defect


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r", "gb2312", "shift_jis"])
def test_utf8_declared_as_another_charset(declared: str) -> None:
    text, defect = decode_text("Здравствуйте, музей".encode(), declared)
    assert text == "Здравствуйте, музей"
    assert defect


@pytest.mark.parametrize(
    "text",
    [
        "Les élèves créés à Forêt – œuvre «été», où naïve",
        "Bjørn Ærø søger på Færøerne",
        "È più, così, però, perché, città",
        "ÄÖÜ äöüß",
        "ÄÖÜÄÖÜß",
        "\xa0" * 9 + "Ñandú ¿qué?",
        "Não há informações",
        "„Straße“ – 20 € …",
        "\x1b[31mred\x1b[0m ä",
    ],
)
def test_western_text_stays(text: str) -> None:
    assert decode_text(text.encode("cp1252"), "iso-8859-1") == (text, None)


@pytest.mark.parametrize("octets", [b"\x1b[31mred\x1b[0m", b"a\x1b$", b"price \x1b$B!"])
def test_other_escapes_stay_ascii(octets: bytes) -> None:
    assert decode_text(octets, None) == (octets.decode(), None)
