"""Quoted mail is cut off whatever client and language drew the line above it."""

from __future__ import annotations

import pytest

from pipeline.parsing.quotes import split_quotes

OWN = "Thank you, that suits us well.\nWe will send the list on Monday."

WROTE = {
    "en gmail": "On Tue, 4 Mar 2025 at 10:12, Nora Field <nora@museum.example> wrote:",
    "en apple": "On Mar 4, 2025, at 10:12 AM, Nora Field <nora@museum.example> wrote:",
    "en outlook mac": 'On 04/03/2025, 10:12, "Nora Field" <nora@museum.example> wrote:',
    "en short": "On 4 March 2025 Nora Field wrote:",
    "de": "Am Di., 4. März 2025 um 10:12 Uhr schrieb Nora Feld <nora@museum.example>:",
    "de thunderbird": "Am 04.03.25 um 10:12 schrieb Nora Feld:",
    "fr": "Le mar. 4 mars 2025 à 10:12, Nora Champ <nora@musee.example> a écrit :",
    "es": "El mar, 4 mar 2025 a las 10:12, Nora Campo (<nora@museo.example>) escribió:",
    "pt": "Em ter., 4 de mar. de 2025 às 10:12, Nora Campos <nora@museu.example> escreveu:",
    "it": "Il giorno mar 4 mar 2025 alle ore 10:12 Nora Campo <nora@museo.example> ha scritto:",
    "nl": "Op di 4 mrt 2025 om 10:12 schreef Nora Veld <nora@museum.example>:",
    "af": "Op Di. 4 Mrt. 2025 om 10:12 het Nora Veld <nora@museum.example> geskryf:",
    "sv": "Den tis 4 mars 2025 kl 10:12 skrev Nora Fält <nora@museum.example>:",
    "da": "Den tir. 4. mar. 2025 kl. 10.12 skrev Nora Mark <nora@museum.example>:",
    "no": "tir. 4. mars 2025 kl. 10:12 skrev Nora Mark <nora@museum.example>:",
    "fi": "ti 4. maalisk. 2025 klo 10.12 Nora Pelto (nora@museo.example) kirjoitti:",
    "is": "þri., 4. mar. 2025 kl. 10:12 skrifaði Nora Akur <nora@safn.example>:",
    "et": "Kuupäev T, 4. märts 2025 kell 10:12 kirjutas Nora Põld <nora@muuseum.example>:",
    "lv": "otrd., 2025. g. 4. marts, plkst. 10:12 — lietotājs Nora Lauka (<nora@muzejs.example>) rakstīja:",
    "lt": "2025-03-04, an, 10:12 Nora Laukė <nora@muziejus.example> rašė:",
    "pl": "wt., 4 mar 2025 o 10:12 Nora Polna <nora@muzeum.example> napisał(a):",
    "cs": "út 4. 3. 2025 v 10:12 odesílatel Nora Polní <nora@muzeum.example> napsal:",
    "sk": "ut 4. 3. 2025 o 10:12 Nora Poľná <nora@muzeum.example> napísal(a):",
    "hu": "Nora Mező <nora@muzeum.example> ezt írta (időpont: 2025. márc. 4., K, 10:12):",
    "ro": "mar., 4 mar. 2025 la 10:12, Nora Câmpeanu <nora@muzeu.example> a scris:",
    "sl": "V tor., 4. mar. 2025 ob 10:12 je oseba Nora Polje <nora@muzej.example> napisala:",
    "hr": "uto, 4. ožu 2025. u 10:12 Nora Polje <nora@muzej.example> napisao je:",
    "sr": "уто, 4. мар 2025. у 10:12 Нора Поље <nora@muzej.example> је написао/ла:",
    "mk": "На вт, 4 мар 2025 во 10:12 Нора Поле <nora@muzej.example> напиша:",
    "bg": "На вт, 4.03.2025 г. в 10:12 Нора Полева <nora@muzei.example> написа:",
    "ru": "вт, 4 мар. 2025 г. в 10:12, Нора Полевая <nora@muzei.example>:",
    "ru verb": "4 марта 2025 г., 10:12, Нора Полевая написала:",
    "uk": "вт, 4 бер. 2025 р. о 10:12 Нора Польова <nora@muzei.example> пише:",
    "be": "аў, 4 сак 2025 г. у 10:12 Нора Палявая <nora@muzei.example> піша:",
    "el": "Στις Τρί 4 Μαρ 2025 στις 10:12 π.μ., ο χρήστης Νόρα <nora@mouseio.example> έγραψε:",
    "tr": "Nora Tarla <nora@muze.example>, 4 Mar 2025 Sal, 10:12 tarihinde şunu yazdı:",
    "ca": "Missatge de Nora Camps <nora@museu.example> del dia dt., 4 de març 2025 a les 10:12 va escriure:",
    "gl": "O mar, 4 mar 2025 ás 10:12, Nora Campos (<nora@museo.example>) escribiu:",
    "eu": "Nora Landa <nora@museoa.example> igorleak hau idatzi du (2025 mar. 4, ar. (10:12)):",
    "eo": "Je mar, 4 mar 2025 10:12 Nora Kampo <nora@muzeo.example> skribis:",
    "he": "\u200fבתאריך יום ג׳, 4 במרץ 2025 ב-10:12 מאת נורה שדה <nora@museum.example> כתבה:",
    "ar": "في الثلاثاء، 4 مارس 2025 في 10:12 كتب نورا حقل <nora@museum.example>:",
    "fa": "در تاریخ سه‌شنبه ۴ مارس ۲۰۲۵، ۱۰:۱۲ نورا <nora@museum.example> نوشت:",
    "hi": "मंगल, 4 मार्च 2025 को 10:12 am बजे नोरा <nora@museum.example> ने लिखा:",
    "bn": "মঙ্গল, ৪ মার্চ, ২০২৫ তারিখে ১০:১২ AM টায় নোরা <nora@museum.example> লিখেছেন:",
    "th": "ในวันที่ อ. 4 มี.ค. 2025 เวลา 10:12 นอร่า <nora@museum.example> เขียนว่า:",
    "vi": "Vào Th 3, 4 thg 3, 2025 vào lúc 10:12 Nora <nora@baotang.example> đã viết:",
    "id": "Pada tanggal Sel, 4 Mar 2025 pukul 10.12 Nora <nora@museum.example> menulis:",
    "zh": "Nora Field <nora@museum.example> 于2025年3月4日周二 10:12写道：",
    "zh-tw": "Nora Field <nora@museum.example> 於 2025年3月4日 週二 上午10:12寫道：",
    "ja": "2025年3月4日(火) 10:12 野原のら <nora@museum.example>:",
    "ko": "2025년 3월 4일 (화) 오전 10:12, 노라 <nora@museum.example>님이 작성:",
}


@pytest.mark.parametrize("line", WROTE.values(), ids=WROTE.keys())
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "bare"])
def test_attribution_lines(line: str, *, marked: bool) -> None:
    earlier = "> Shall we say Monday?\n> Nora" if marked else "Shall we say Monday?\nNora"
    written, quoted = split_quotes(f"{OWN}\n\n{line}\n{earlier}")
    assert written == OWN
    assert "Shall we say Monday?" in quoted
    assert "nora" in quoted.casefold() or "нора" in quoted.casefold() or "Νόρα" in quoted


@pytest.mark.parametrize(
    "wrapped",
    [
        "On Tue, Mar 4, 2025 at 10:12 AM Nora Field <nora@museum.example>\nwrote:",
        "On Tue, Mar 4, 2025 at 10:12 AM Nora Field <\nnora@museum.example> wrote:",
        "On Tuesday, 4 March 2025,\nNora Field <nora@museum.example> wrote on the list at 10:12:",
        "Am Dienstag, dem 4. März 2025, um 10:12 Uhr schrieb\nNora Feld <nora@museum.example>:",
        "Le mardi 4 mars 2025 à 10:12,\nNora Champ <nora@musee.example>\na écrit :",
    ],
)
def test_wrapped_attribution_lines(wrapped: str) -> None:
    written, quoted = split_quotes(f"{OWN}\n\n{wrapped}\n\n> Shall we say Monday?")
    assert written == OWN
    assert wrapped.partition("\n")[0] in quoted


HEADERS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado", "Para", "Asunto"),
    "pt": ("De", "Enviada em", "Para", "Assunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "sv": ("Från", "Skickat", "Till", "Ämne"),
    "da": ("Fra", "Sendt", "Til", "Emne"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "et": ("Saatja", "Saadetud", "Adressaat", "Teema"),
    "lv": ("No", "Nosūtīts", "Kam", "Temats"),
    "lt": ("Nuo", "Išsiųsta", "Kam", "Tema"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět"),
    "sk": ("Od", "Odoslané", "Komu", "Predmet"),
    "hu": ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    "ro": ("De la", "Trimis", "Către", "Subiect"),
    "hr": ("Šalje", "Poslano", "Prima", "Predmet"),
    "bg": ("От", "Изпратено", "До", "Относно"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "uk": ("Від", "Надіслано", "Кому", "Тема"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "he": ("מאת", "נשלח", "אל", "נושא"),
    "ar": ("من", "تاريخ", "إلى", "الموضوع"),
    "vi": ("Từ", "Đã gửi", "Đến", "Chủ đề"),
    "id": ("Dari", "Dikirim", "Kepada", "Perihal"),
    "zh": ("发件人", "发送时间", "收件人", "主题"),
    "zh-tw": ("寄件者", "寄件日期", "收件者", "主旨"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
}


@pytest.mark.parametrize("labels", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("form", ["{}: {}", "*{}:* {}", "{} : {}"], ids=["plain", "bold", "spaced"])
@pytest.mark.parametrize("above", ["", "________________________________\n"], ids=["", "rule"])
def test_outlook_blocks(labels: tuple[str, str, str, str], form: str, above: str) -> None:
    values = ("Nora Field <nora@museum.example>", "2025-03-04 10:12", "Max Dale", "The list")
    block = "\n".join(form.format(label, value) for label, value in zip(labels, values, strict=True))
    written, quoted = split_quotes(f"{OWN}\n\n{above}{block}\n\nShall we say Monday?\n\nNora")
    assert written == OWN
    assert quoted.endswith("Nora")


@pytest.mark.parametrize(
    "separator",
    [
        "-----Original Message-----",
        "----- Ursprüngliche Nachricht -----",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Mensagem original-----",
        "-----Messaggio originale-----",
        "-----Oorspronkelijk bericht-----",
        "-----Ursprungligt meddelande-----",
        "-----Oprindelig meddelelse-----",
        "-----Alkuperäinen viesti-----",
        "-----Wiadomość oryginalna-----",
        "-----Původní zpráva-----",
        "-----Eredeti üzenet-----",
        "-----Исходное сообщение-----",
        "-----Αρχικό μήνυμα-----",
        "-----Özgün İleti-----",
        "-----原始邮件-----",
        "-----元のメッセージ-----",
        "-----원본 메시지-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
    ],
)
def test_separators(separator: str) -> None:
    written, quoted = split_quotes(f"{OWN}\n\n{separator}\nNora Field, Monday\n\nShall we say Monday?")
    assert written == OWN
    assert quoted.startswith(separator)


def test_unknown_language_below_a_rule() -> None:
    block = "_____________\nQualcuno: Nora <nora@museum.example>\nQuando: 4/3 10:12\nCosa: lista"
    assert split_quotes(f"{OWN}\n\n{block}\n\nearlier")[0] == OWN


def test_interleaved_answers_are_kept_in_order() -> None:
    body = (
        "Hello Nora,\n\nOn 4 Mar 2025 at 10:12 Nora wrote:\n> How many pictures?\n\nAbout 300.\n\n"
        "> And the licence?\n\nCC BY-SA.\n\nMax"
    )
    written, quoted = split_quotes(body)
    assert [line for line in written.split("\n") if line] == ["Hello Nora,", "About 300.", "CC BY-SA.", "Max"]
    assert "> And the licence?" in quoted


def test_answer_below_the_quote_is_kept() -> None:
    written, _ = split_quotes("On 4 Mar 2025 at 10:12 Nora wrote:\n> How many?\n> Nora\n\nAbout 300.\nMax")
    assert written == "About 300.\nMax"


@pytest.mark.parametrize(
    "body",
    [
        "On Monday our director wrote to you: please look at it.\nWe wait for an answer.",
        "The inscription reads:\nHere he lived in 1820 and wrote his songs.",
        "We need three things:\n- a trainer\n- a room\nFrom: our side comes the lunch.",
        "Our plan.\n\nFrom: Lagos\nTo: Abuja\n\nThen the bus goes on.",
        "Costs:\nData: 300\nTotal: 400\n\nBest wishes",
        "He said in 1999 that he wrote:\n\nnothing of note",
        "5 > 4, and a > b in the table\nbut no quote",
    ],
)
def test_ordinary_text_is_not_cut(body: str) -> None:
    assert split_quotes(body) == (body, "")


@pytest.mark.parametrize(
    "footer",
    [
        "_______________________________________________\nPartners mailing list\npartners@lists.museum.example",
        '-- \nYou received this message because you are subscribed to the Google Groups "Partners" group.',
        "_____\nOpen archives list, unsubscribe at https://lists.museum.example/listinfo/open",
        "____ Partners-list",
        (
            "_______________________________________________\nPartners mailing list -- partners@lists.museum.example\n"
            "To unsubscribe send an email to partners-leave@lists.museum.example"
        ),
    ],
)
def test_list_footers_go(footer: str) -> None:
    written, quoted = split_quotes(f"{OWN}\n\nMax\n{footer}")
    assert written == f"{OWN}\n\nMax"
    assert quoted == footer


def test_a_text_that_is_all_quote_keeps_words() -> None:
    header = "Von: Nora <nora@museum.example>\nGesendet: 4. März 2025 10:12\nBetreff: Liste"
    assert split_quotes(f"{header}\n\nGuten Tag,\nwie geht es?") == (
        "Guten Tag,\nwie geht es?",
        header,
    )
    assert split_quotes("> only this\n> is here") == ("> only this\n> is here", "")
    assert split_quotes("") == ("", "")
