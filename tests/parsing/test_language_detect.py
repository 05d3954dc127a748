"""Language of short, mixed and rare texts."""

from __future__ import annotations

import pytest

from pipeline.parsing.identifier import identify
from pipeline.parsing.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We would like to give you our pictures of the old harbour.", "en"),
        ("Wir möchten Ihnen unsere Bilder vom alten Hafen schenken.", "de"),
        ("Nous voudrions vous donner nos images du vieux port.", "fr"),
        ("Quisiéramos donar nuestras fotos del puerto antiguo.", "es"),
        ("Vi vill gärna ge er våra bilder av den gamla hamnen.", "sv"),
        ("Vi ønsker å gi dere bildene våre fra den gamle havna.", "no"),
        ("Мы хотим подарить вам наши снимки старого порта.", "ru"),
        ("Ми хочемо подарувати вам наші світлини старого порту.", "uk"),
        ("Θέλουμε να σας δώσουμε τις φωτογραφίες μας.", "el"),
        ("אנחנו רוצים לתת לכם את התמונות שלנו.", "he"),
        ("نريد أن نهديكم صورنا للميناء القديم.", "ar"),
        ("می‌خواهیم عکس‌های خود را به شما بدهیم.", "fa"),
        ("我们想把旧港口的照片送给你们。", "zh"),
        ("古い港の写真をお贈りしたいと思います。", "ja"),
        ("오래된 항구 사진을 드리고 싶습니다.", "ko"),
        ("เราอยากมอบภาพถ่ายของเรา", "th"),
        ("យើងចង់ផ្តល់រូបភាពរបស់យើង", "km"),
        ("ჩვენ გვინდა ჩვენი ფოტოების ჩუქება", "ka"),
        ("Mun gode da wasiƙar ku. Muna so mu ba ku hotuna na tashar ruwa domin kowa ya gani.", "ha"),
        (
            "Mipela i laik givim ol piksa bilong mipela long yupela, na mipela i askim husat inap helpim.",
            "tpi",
        ),
        ("", "und"),
        ("12345 --- !!!", "und"),
        ("https://museum.example/page", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect(text) == language


def test_the_subject_helps_a_short_text() -> None:
    assert detect("OK", "Unsere Bilder vom alten Hafen, wie besprochen") == "de"


def test_fixtures(train_labels: dict[str, dict[str, str]], fixtures: object) -> None:
    from pathlib import Path

    from pipeline.parsing import read

    folder = Path(str(fixtures)) / "messages"
    chosen = [key for key in sorted(train_labels) if train_labels[key]["language"]][::12]
    right = sum(
        read((folder / f"{key}.eml").read_bytes()).language == train_labels[key]["language"] for key in chosen
    )
    assert right >= 0.95 * len(chosen)


def test_the_quick_walk_gives_the_answer_of_the_library() -> None:
    import py3langid

    for text in (
        "We keep 300 pictures of the old harbour.", "Wir möchten die Bilder freigeben.", "Nous avons des photos du port.",
        "У нас есть снимки порта.", "Limanın fotoğrafları elimizde.", "MAY WE SEND THEM?", "ÅÄÖ och", "मेरे पास तस्वीरें हैं",
    ):  # fmt: skip
        assert identify(text) == py3langid.classify(text)[0]
