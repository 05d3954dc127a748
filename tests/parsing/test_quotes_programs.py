"""Quoted mail as single programs draw it, posting styles, HTML answers, and ordinary text that looks like a quote."""

from __future__ import annotations

import pytest

from pipeline.parsing.html import to_text
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.signature import split_signature
from pipeline.parsing.textclean import normalise

OWN = "Thank you, that suits us well.\nWe will send the list on Monday."
EARLIER = "Shall we say Monday?\n\nNora"

PROGRAMS = {
    "outlook desktop": (
        "From: Nora Field <nora@museum.example>\nSent: Tuesday, March 4, 2025 10:12 AM\nTo: Max Dale <max@wiki.example>\n"
        "Cc: Ola Dahl <ola@arkiv.example>\nSubject: RE: Harbour\nImportance: High\n"
    ),
    "outlook web": (
        "________________________________\nFrom: Nora Field <nora@museum.example>\nSent: 04 March 2025 10:12\n"
        "To: Max Dale <max@wiki.example>\nSubject: Re: Harbour\n"
    ),
    "outlook new": (
        "\nFrom: Nora Field <nora@museum.example>\nDate: Tuesday, 4 March 2025 at 10:12\nTo: Max Dale <max@wiki.example>\n"
        "Subject: Re: Harbour\n"
    ),
    "outlook phone": (
        "Get Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Nora Field <nora@museum.example>\n"
        "Sent: Tuesday, March 4, 2025 10:12:00 AM\nTo: Max Dale <max@wiki.example>\nSubject: Re: Harbour\n"
    ),
    "outlook 2003": (
        "-----Original Message-----\nFrom: Nora Field [mailto:nora@museum.example] \nSent: Tuesday, March 04, 2025 10:12 AM\n"
        "To: Max Dale\nSubject: Harbour\n"
    ),
    "exchange bold": (
        "*From:* Nora Field <nora@museum.example>\n*Sent:* Tuesday, March 4, 2025 10:12 AM\n*To:* Max Dale\n*Subject:* Harbour\n"
    ),
    "lotus notes": "Nora Field <nora@museum.example> wrote on 04.03.2025 10:12:13:\n",
    "lotus notes block": (
        "From:   Nora Field <nora@museum.example>\nTo:     Max Dale <max@wiki.example>\nDate:   04-03-2025 10:12\nSubject:        Harbour\n"
    ),
    "yahoo": "On Tuesday, March 4, 2025 at 10:12:13 AM GMT+1, Nora Field <nora@museum.example> wrote: \n",
    "yahoo old": (
        "--- On Tue, 3/4/25, Nora Field <nora@museum.example> wrote:\n\nFrom: Nora Field <nora@museum.example>\n"
        "Subject: Harbour\nTo: max@wiki.example\nDate: Tuesday, March 4, 2025, 10:12 AM\n"
    ),
    "samsung": (
        "-------- Original message --------\nFrom: Nora Field <nora@museum.example>\nDate: 04/03/2025 10:12 (GMT+01:00)\n"
        "To: Max Dale <max@wiki.example>\nSubject: Harbour\n"
    ),
    "samsung german": (
        "-------- Ursprüngliche Nachricht --------\nVon: Nora Feld <nora@museum.example>\nDatum: 04.03.25 10:12 (GMT+01:00)\n"
        "An: Max Dale <max@wiki.example>\nBetreff: Hafen\n"
    ),
    "blackberry": (
        "-----Original Message-----\nFrom: Nora Field <nora@museum.example>\nDate: Tue, 4 Mar 2025 10:12:13\n"
        "To: <max@wiki.example>\nSubject: Harbour\n"
    ),
    "proton": "------- Original Message -------\nOn Tuesday, March 4th, 2025 at 10:12 AM, Nora Field <nora@museum.example> wrote:\n\n",
    "proton old": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Tuesday, March 4, 2025 10:12 AM, Nora Field <nora@museum.example> wrote:\n",
    "gmx": (
        "Gesendet: Dienstag, 04. März 2025 um 10:12 Uhr\nVon: \"Nora Feld\" <nora@museum.example>\nAn: max@wiki.example\nBetreff: Hafen\n"
    ),
    "mail.ru": "Вторник, 4 марта 2025, 10:12 +03:00 от Нора Полевая <nora@muzei.example>:\n",
    "yandex": "04.03.2025, 10:12, \"Нора Полевая\" <nora@muzei.example>:\n",
    "qq": (
        "------------------ 原始邮件 ------------------\n发件人: \"Nora\" <nora@museum.example>;\n发送时间: 2025年3月4日(星期二) 上午10:12\n"
        "收件人: \"Max\"<max@wiki.example>;\n主题: 港口\n"
    ),
    "163": "At 2025-03-04 10:12:13, \"Nora Field\" <nora@museum.example> wrote:\n",
    "163 chinese": "在 2025-03-04 10:12:13，\"Nora Field\" <nora@museum.example> 写道：\n",
    "naver": (
        "-----Original Message-----\nFrom: \"노라\"<nora@museum.example>\nTo: \"맥스\"<max@wiki.example>;\nCc: \nSent: 2025-03-04 (화) 10:12:13 (GMT+09:00)\n"
        "Subject: 항구\n"
    ),
    "daum": (
        "--------- 원본 메일 ---------\n보낸사람 : 노라 <nora@museum.example>\n받는사람 : 맥스 <max@wiki.example>\n날짜 : 2025년 3월 4일 10:12\n제목 : 항구\n"
    ),
    "zoho": "---- On Tue, 04 Mar 2025 10:12:13 +0100 Nora Field <nora@museum.example> wrote ----\n",
    "spark": "On 4 Mar 2025 at 10:12 +0100, Nora Field <nora@museum.example>, wrote:\n",
    "thunderbird": "On 04/03/2025 10:12, Nora Field wrote:\n",
    "thunderbird french": "Le 04/03/2025 à 10:12, Nora Champ a écrit :\n",
    "evolution": "On Tue, 2025-03-04 at 10:12 +0100, Nora Field wrote:\n",
    "mutt": "On Tue, Mar 04, 2025 at 10:12:13AM +0100, Nora Field wrote:\n",
    "kmail": "Am Dienstag, 4. März 2025, 10:12:13 MEZ schrieb Nora Feld:\n",
    "roundcube": "On 2025-03-04 10:12, Nora Field wrote:\n",
    "roundcube polish": "W dniu 2025-03-04 10:12, Nora Polna napisał(a):\n",
    "horde": "Quoting Nora Field <nora@museum.example>:\n",
    "horde german": "Zitat von Nora Feld <nora@museum.example>:\n",
    "seznam": (
        "---------- Původní e-mail ----------\nOd: Nora Polní <nora@muzeum.example>\nKomu: max@wiki.example\nDatum: 4. 3. 2025 10:12:13\nPředmět: Přístav\n"
    ),
    "libero": "Il 4 marzo 2025 alle 10:12 Nora Campo <nora@museo.example> ha scritto:\n",
    "orange": "> Message du 04/03/25 10:12\n> De : \"Nora Champ\" <nora@musee.example>\n> A : max@wiki.example\n> Objet : Port\n>\n",
    "uol": "De: \"Nora Campos\" <nora@museu.example>\nEnviada: 2025/03/04 10:12:13\nPara: max@wiki.example\nAssunto: Porto\n",
    "apple dutch": "Op 4 mrt. 2025, om 10:12 heeft Nora Veld <nora@museum.example> het volgende geschreven:\n",
    "apple japanese": "2025/03/04 10:12、Nora Field <nora@museum.example>のメール:\n",
    "apple swedish": "4 mars 2025 kl. 10:12 skrev Nora Fält <nora@museum.example>:\n",
    "apple spanish": "El 4 mar 2025, a las 10:12, Nora Campo <nora@museo.example> escribió:\n",
    "apple turkish": "Nora Tarla <nora@muze.example> şunları yazdı (4 Mar 2025 10:12):\n",
    "apple russian": "4 марта 2025 г., в 10:12, Нора <nora@muzei.example> написал(а):\n",
    "apple finnish": "Nora Pelto <nora@museo.example> kirjoitti 4.3.2025 kello 10.12:\n",
    "apple danish": "Den 4. mar. 2025 kl. 10.12 skrev Nora Mark <nora@museum.example>:\n",
    "apple norwegian": "4. mars 2025 kl. 10:12 skrev Nora Mark <nora@museum.example>:\n",
    "apple polish": "Wiadomość napisana przez Nora Polna <nora@muzeum.example> w dniu 4 mar 2025, o godz. 10:12:\n",
    "apple czech": "4. 3. 2025 v 10:12, Nora Polní <nora@muzeum.example>:\n",
    "apple hungarian": "2025. márc. 4. dátummal, 10:12 időpontban Nora Mező <nora@muzeum.example> írta:\n",
    "apple greek": "Στις 4 Μαρ 2025, στις 10:12 π.μ., ο/η Νόρα <nora@mouseio.example> έγραψε:\n",
    "apple ukrainian": "4 бер. 2025 р. о 10:12 Нора Польова <nora@muzei.example> написав(-ла):\n",
    "apple korean": "2025. 3. 4. 오전 10:12, 노라 <nora@museum.example> 작성:\n",
    "apple chinese": "在 2025年3月4日，10:12，Nora Field <nora@museum.example> 写道：\n",
    "apple catalan": "El 4 de març 2025, a les 10:12, Nora Camps <nora@museu.example> va escriure:\n",
    "apple romanian": "Pe 4 mar. 2025, la 10:12, Nora Câmpeanu <nora@muzeu.example> a scris:\n",
    "apple croatian": "Dana 4. ožu 2025., u 10:12, Nora Polje <nora@muzej.example> je napisao/la:\n",
    "apple indonesian": "Pada 4 Mar 2025, pukul 10.12, Nora <nora@museum.example> menulis:\n",
    "apple vietnamese": "Vào 10:12, 4 thg 3, 2025, Nora <nora@baotang.example> đã viết:\n",
    "apple hebrew": "ב-4 במרץ 2025, בשעה 10:12, נורה <nora@museum.example> כתב/ה:\n",
    "apple thai": "เมื่อ 4 มี.ค. 2568 เวลา 10:12 นอร่า <nora@museum.example> เขียนว่า:\n",
    "apple arabic": "في ٤ مارس ٢٠٢٥، الساعة ١٠:١٢ ص، كتب/كتبت نورا <nora@museum.example>:\n",
}  # fmt: skip


ALWAYS_MARKED = {"horde", "horde german", "orange"}
CASES = [
    (name, marked) for name in PROGRAMS for marked in (True, False) if marked or name not in ALWAYS_MARKED
]


@pytest.mark.parametrize(("name", "marked"), CASES)
def test_programs(name: str, *, marked: bool) -> None:
    above = PROGRAMS[name]
    earlier = "\n".join(f"> {line}" for line in EARLIER.split("\n")) if marked else EARLIER
    written, quoted = split_quotes(normalise(f"{OWN}\n\n{above}{earlier}"))
    text, _ = split_signature(written, "Max Dale")
    assert text == OWN
    assert "Shall we say Monday?" in quoted
    assert above.strip().splitlines()[-1].strip() in quoted


PHONES = [
    "Sent from my iPhone", "Sent from my Galaxy", "Sent from Outlook for Android", "Sent from Yahoo Mail on Android",
    "Sent with Proton Mail secure email.", "Get Outlook for iOS", "Von meinem iPhone gesendet", "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.", "Envoyé de mon iPhone", "Télécharger Outlook pour Android",
    "Enviado desde mi iPhone", "Enviado do meu iPhone", "Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Skickat från min iPhone",
    "Sendt fra min iPhone", "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Odesláno z iPhonu", "Odoslané z iPhonu", "Trimis de pe iPhone-ul meu",
    "Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "Надіслано з iPhone", "Изпратено от моя iPhone", "Poslano s mojeg iPhonea",
    "Στάλθηκε από το iPhone μου", "iPhone'umdan gönderildi", "נשלח מה-iPhone שלי", "أرسلت من iPhone", "ارسال شده از iPhone من",
    "发自我的iPhone", "從我的 iPhone 傳送", "iPhoneから送信", "나의 iPhone에서 보냄", "Dikirim dari iPhone saya", "Đã gửi từ iPhone của tôi", "ส่งจาก iPhone ของฉัน",
]  # fmt: skip


@pytest.mark.parametrize("line", PHONES)
def test_lines_of_telephones(line: str) -> None:
    written, _ = split_quotes(
        f"{OWN}\n\n{line}\n\nOn 4 Mar 2025, at 10:12, Nora Field <nora@museum.example> wrote:\n> Shall we say Monday?"
    )
    assert split_signature(written, "Max Dale") == (OWN, line)


ORDINARY = {
    "reported speech": "On Monday, 3 March, our director wrote:\n\"Please look at it.\" So we wait for your answer, and hope for May.",
    "a letter is cited": "In 2019 your office wrote to us:\n\n\"We will come back to you.\"\n\nNobody did.",
    "table of a journey": "Our plan.\n\nFrom: Lagos\nTo: Abuja\nDate: 4 May\n\nThen the bus goes on.",
    "form": "Name: Nora Field\nSubject: history\nDate: 4 May\nPlace: Harbour\n\nPlease enter us in the list.",
    "comparison": "The sizes:\n\n5 > 4\na > b > c\n\nSo the first one wins.",
    "code": "Try this:\n\n    $ cat list.csv > out.csv\n    >>> import csv\n    if a >= b:\n        print(a)\n\nand tell us.",
    "shell prompt at the end": "We ran it and got\n\n$ ls > list.txt\n\nand nothing came.",
    "dashes": "Three points:\n-- the room\n-- the date\n-- the trainer\nWhat do you say?",
    "rule between paragraphs": "First the good news: we won.\n\n----------\n\nNow the bad news: there is no money.",
    "headline": "-- Partners wanted --\n\nWe look for a museum that releases pictures.",
    "to whom": "To: all museums of the north\nWe look for partners. From: 1 May. Until: 30 June.",
    "times of a meeting": "Monday 3 March 10:00: opening\nTuesday 4 March 11:00: workshop\nWednesday: nothing",
    "an address in the text": "Please write to Nora Field <nora@museum.example>:\nshe knows the 300 pictures of 2019.",
    "colon after a date": "We met on 4 March 2025:\neverybody was there, and the list was long.",
    "wrote in a sentence": "Our founder wrote on 4 March 1920 at 10:00 to the mayor that the harbour needs a museum.\nIt still does.",
    "german sentence": "Am 4. März 2025 schrieb uns Ihr Kollege, dass Sie Bilder suchen.\nWir haben welche.",
    "french sentence": "Le 4 mars 2025, votre collègue nous a écrit :\n« Nous cherchons des photos. »\nNous en avons 300.",
    "spanish list": "Datos:\nDe: la colección\nPara: ustedes\n\nEsperamos su respuesta.",
    "poem": "The sea, the sea,\n  the open sea,\n  > the blue, the fresh,\nthe ever free.",
}  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY.keys())
def test_ordinary_text_keeps_its_words(text: str) -> None:
    written, quoted = split_quotes(text)
    lost = [line for line in quoted.split("\n") if line.strip() and not line.lstrip().startswith(">")]
    assert lost == []
    assert len(written) >= len(text) - sum(len(line) + 2 for line in quoted.split("\n") if line)


HTML = {
    "gmail": '<div dir="ltr">Yes, Monday.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 4 Mar 2025 at 10:12, '
    'Nora &lt;<a href="mailto:n@m.example">n@m.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="border-left:1px">Monday?</blockquote></div>',
    "outlook": '<p class=MsoNormal>Yes, Monday.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Nora &lt;n@m.example&gt;<br>'
    "<b>Sent:</b> Tuesday, March 4, 2025 10:12 AM<br><b>To:</b> Max<br><b>Subject:</b> Harbour</p></div><p>Monday?</p>",
    "outlook web": '<div>Yes, Monday.</div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>From:</b> Nora &lt;n@m.example&gt;<br><b>Sent:</b> 04 March 2025 10:12<br>'
    "<b>To:</b> Max<br><b>Subject:</b> Harbour</div><div>Monday?</div>",
    "apple": "<div>Yes, Monday.</div><div><br><blockquote type=\"cite\"><div>On 4 Mar 2025, at 10:12, Nora &lt;n@m.example&gt; wrote:</div><br>Monday?</blockquote></div>",
    "thunderbird": '<p>Yes, Monday.</p><div class="moz-cite-prefix">On 04/03/2025 10:12, Nora wrote:<br></div><blockquote type="cite" cite="mid:1"><p>Monday?</p></blockquote>',
    "yahoo": '<div>Yes, Monday.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>On Tuesday, March 4, 2025 at 10:12:13 AM, Nora &lt;n@m.example&gt; wrote:</div><div>Monday?</div></div>',
    "proton": '<div>Yes, Monday.</div><div class="protonmail_quote">On Tuesday, March 4th, 2025 at 10:12 AM, Nora &lt;n@m.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Monday?</blockquote></div>',
    "zoho": '<div>Yes, Monday.</div><div class="zmail_extra">---- On Tue, 04 Mar 2025 10:12:13 +0100 <b>Nora &lt;n@m.example&gt;</b> wrote ----<br><blockquote style="border-left:1px solid">Monday?</blockquote></div>',
}  # fmt: skip


@pytest.mark.parametrize("page", HTML.values(), ids=HTML.keys())
def test_html_answers(page: str) -> None:
    written, quoted = split_quotes(normalise(to_text(f"<html><body>{page}</body></html>")))
    assert written.strip() == "Yes, Monday."
    assert "Monday?" in quoted
