"""The signature begins with the closing phrase or the name, and never takes in a request."""

from __future__ import annotations

import pytest

from pipeline.parsing.signature import split_signature

TEXT = "We keep 300 pictures of the old harbour and would like to release them.\nWhom may we ask?"

CLOSINGS = {
    "en": "Best regards,", "en formal": "Yours faithfully,", "en thanks": "Many thanks,", "de": "Mit freundlichen Grüßen",
    "de short": "LG", "fr": "Bien cordialement,", "fr formal": "Veuillez agréer, Madame, l'expression de mes salutations distinguées.",
    "es": "Un cordial saludo,", "pt": "Com os melhores cumprimentos,", "it": "Distinti saluti", "nl": "Met vriendelijke groet,",
    "af": "Vriendelike groete", "sv": "Med vänliga hälsningar", "da": "Med venlig hilsen", "no": "Vennlig hilsen",
    "is": "Bestu kveðjur,", "fi": "Ystävällisin terveisin", "et": "Lugupidamisega", "lv": "Ar cieņu,", "lt": "Pagarbiai",
    "pl": "Z poważaniem", "cs": "S pozdravem", "sk": "S pozdravom", "hu": "Üdvözlettel,", "ro": "Cu stimă,",
    "sl": "Lep pozdrav,", "hr": "Srdačan pozdrav,", "sr": "Срдачно,", "mk": "Со почит,", "bg": "С уважение,",
    "ru": "С уважением,", "uk": "З повагою", "be": "З павагай,", "el": "Με εκτίμηση,", "sq": "Me respekt,", "tr": "Saygılarımla,",
    "tr capital": "İyi çalışmalar", "az": "Hörmətlə,", "kk": "Құрметпен,", "ca": "Salutacions,", "gl": "Un saúdo,", "eu": "Agur bero bat,",
    "cy": "Cofion cynnes,", "ga": "Le meas,", "eo": "Kun salutoj,", "he": "בברכה,", "ar": "مع خالص التحية،", "fa": "با احترام",
    "ur": "والسلام", "hi": "सादर,", "mr": "आपला,", "ne": "भवदीय,", "bn": "বিনীত,", "ta": "நன்றி,", "te": "భవదీయుడు,",
    "th": "ขอแสดงความนับถือ", "vi": "Trân trọng,", "id": "Hormat kami,", "ms": "Yang benar,", "tl": "Lubos na gumagalang,",
    "sw": "Wako mtiifu,", "am": "ከሰላምታ ጋር", "ka": "პატივისცემით,", "hy": "Հարգանքով՝", "mn": "Хүндэтгэсэн,", "mi": "Ngā mihi,",
    "zh": "此致", "zh wish": "祝好！", "ja": "敬具", "ko": "감사합니다.",
}  # fmt: skip


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS.keys())
def test_closing_phrases(closing: str) -> None:
    block = f"{closing}\nNora Field\nKeeper of photographs, Harbour Museum\n+49 30 5550 100"
    assert split_signature(f"{TEXT}\n\n{block}") == (TEXT, block)
    assert split_signature(f"{TEXT}\n{closing}\nNora") == (TEXT, f"{closing}\nNora")


@pytest.mark.parametrize(
    "block",
    [
        "-- \nNora Field\nHarbour Museum",
        "--\nNora",
        "________________\nHarbour Museum\nNora Field, keeper\nTel. 030 5550100",
        "Nora",
        "N. Field",
        "N.",
        "-Nora Field",
        "/Nora",
        "Nora Field\nKeeper of photographs\nnora@museum.example",
        "Cheers, Nora",
        "Mvh Nora, arkivar",
        "Sent from my iPhone",
        "Enviado desde mi Samsung",
        "Von meinem iPhone gesendet",
        "发自我的iPhone",
        "iPhoneから送信",
        "Отправлено с iPhone",
        "Bien à vous,\nNF\n--\nHarbour Museum\nwww.museum.example",
        "Warm wishes from the coast,\nNora",
        "Regards,\nNora\n\nThis e-mail is confidential. If you are not the intended recipient, please delete it at once.",
    ],
)
def test_blocks_of_a_known_author(block: str) -> None:
    assert split_signature(f"{TEXT}\n\n{block}", "Nora Field") == (TEXT, block)


@pytest.mark.parametrize(
    "block",
    [
        "Hanna Berg\ncoordinator\n505 555 019",
        "Lic. Ana Pardo\nMuseo del Puerto, A.C.",
        "Guifré, tècnic",
        "Harbour Museum\nQuay 4, 2100 Harbour\n+45 5550 0100",
        "郭亚妹 敬上",
        "윤하린 올림",
    ],
)
def test_blocks_of_an_unknown_author(block: str) -> None:
    assert split_signature(f"{TEXT}\n\n{block}", "Harbour desk") == (TEXT, block)


@pytest.mark.parametrize(
    "text",
    [
        f"{TEXT}\n\nPlease answer before 15/4/2026.",
        f"{TEXT}\n\nThanks for coming back so quickly, and for the list which even we can follow.",
        f"{TEXT}\n\nNEXT STEP\nA call of half an hour would do.",
        f"{TEXT}\n\n- a trainer\n- a room\n- a date",
        f"{TEXT}\n\nWould September suit?",
        f"{TEXT}\n\nBest practice in our house is to ask first, so we do.",
        "Here is another mail\n\nSent from my desk, is much easier than my telephone.",
        "Regards,\nNora",
        "Nora",
        "",
    ],
)
def test_requests_stay_in_the_text(text: str) -> None:
    assert split_signature(text, "Nora Field") == (text, "")


def test_a_postscript_stays_in_the_text() -> None:
    text, signature = split_signature(f"{TEXT}\n\nRegards,\nNora\n\nP.S. We close on Friday.", "Nora Field")
    assert signature == "Regards,\nNora"
    assert text == f"{TEXT}\n\nP.S. We close on Friday."


def test_a_remark_below_the_name_stays_in_the_text() -> None:
    remark = "You can also ring me in the evening, after the boat has come in, that is best."
    text, signature = split_signature(f"{TEXT}\n\nRegards,\nNora\n\n{remark}", "Nora Field")
    assert signature == "Regards,\nNora"
    assert text.endswith(remark)


def test_a_long_tail_is_no_signature() -> None:
    tail = "\n".join(f"item {number}" for number in range(40))
    assert split_signature(f"{TEXT}\n-- \n{tail}")[1].count("\n") < 22
