"""The words that mail clients put above quoted and forwarded mail, by language.

Collected from the interface strings of the usual clients (Outlook, Gmail, Apple Mail, Thunderbird, Yahoo, Lotus
Notes, Roundcube, phones) and of help desks of the OTRS family ("Created"). Everything is compared after `closings.fold`.
"""

from __future__ import annotations

from enum import StrEnum

from pipeline.parsing.closings import fold


class Role(StrEnum):
    """Which header field a label above quoted mail stands for."""

    FROM = "from"
    DATE = "date"
    TO = "to"
    SUBJECT = "subject"
    OTHER = "other"


# One line a language: from | date | to | subject | cc. Labels of one field are divided by commas.
_LABELS = """
en From | Sent, Date, Sent on, Received, Created | To | Subject | Cc, Bcc, Reply-To, Importance, Attachments, Sender
de Von, Absender | Gesendet, Datum, Gesendet am, Erstellt | An, Empfänger | Betreff | Kopie, Antwort an, Wichtigkeit
fr De, Expéditeur | Envoyé, Date, Envoyé le, Date d'envoi, Créé | À, A, Pour, Destinataire | Objet, Sujet | Copie à, Répondre à
es De, Remitente | Enviado, Fecha, Enviado el, Enviada el, Creado | Para, Destinatario | Asunto | Con copia
pt De, Remetente | Enviado, Enviada, Data, Enviado em, Enviada em, Data de envio, Criado | Para | Assunto | Cópia
it Da, Mittente | Inviato, Data, Data invio, Creato | A, Destinatario | Oggetto | Copia
nl Van, Afzender | Verzonden, Datum, Verzonden op, Aangemaakt | Aan | Onderwerp | Kopie
af Van | Gestuur, Datum | Aan | Onderwerp | Kopie
sv Från, Avsändare | Skickat, Datum, Skickad | Till | Ämne | Kopia
da Fra | Sendt, Dato | Til | Emne | Kopi
no Fra | Sendt, Dato | Til | Emne | Kopi
is Frá | Sent, Dagsetning | Til | Efni | Afrit
fi Lähettäjä, Keneltä | Lähetetty, Päivämäärä, Päiväys, Pvm | Vastaanottaja, Kenelle | Aihe | Kopio
et Saatja, Kellelt | Saadetud, Kuupäev, Saatmisaeg | Adressaat, Saaja, Kellele | Teema, Pealkiri | Koopia
lv No, Sūtītājs | Nosūtīts, Datums, Sūtīts | Kam, Adresāts, Saņēmējs | Temats, Tēma | Kopija
lt Nuo, Siuntėjas | Išsiųsta, Data, Siųsta | Kam, Gavėjas | Tema | Kopija
pl Od, Nadawca | Wysłano, Data, Wysłane | Do, Adresat | Temat | DW, Kopia
cs Od, Odesílatel | Odesláno, Datum | Komu | Předmět | Kopie
sk Od, Odosielateľ | Odoslané, Dátum | Komu | Predmet | Kópia
hu Feladó, Küldő | Elküldve, Dátum, Küldve, Küldés dátuma | Címzett | Tárgy | Másolat
ro De la, Din partea, Expeditor | Trimis, Data, Trimis la | Către, Catre, Pentru | Subiect, Subiectul | Copie
sl Od, Pošiljatelj | Poslano, Datum | Za, Prejemnik | Zadeva | Kp
hr Od, Šalje, Pošiljatelj | Poslano, Datum | Za, Prima, Primatelj | Predmet | Kopija
sr Од, Šalje, Шаље, Пошиљалац, Pošiljalac | Послато, Датум, Poslato | За, Прима, Коме | Тема, Наслов, Предмет, Naslov | Копија
mk Од | Испратено, Датум, Пратено | До | Предмет, Наслов | Копија
bg От, Подател | Изпратено, Дата, Изпратен | До, Получател | Относно, Тема | Копие
ru От, От кого, Отправитель | Отправлено, Дата, Дата отправки | Кому | Тема | Копия
uk Від, Від кого, Відправник | Надіслано, Дата, Відправлено | Кому | Тема | Копія
be Ад, Ад каго, Адпраўнік | Адпраўлена, Дата | Каму | Тэма | Копія
el Από, Αποστολέας | Στάλθηκε, Ημερομηνία, Αποστολή | Προς | Θέμα | Κοιν
sq Nga, Dërguesi | Dërguar, Data | Për | Tema, Subjekti | Kopje
tr Kimden, Gönderen | Gönderildi, Tarih, Gönderme Tarihi, Gönderim Tarihi | Kime, Alıcı | Konu | Bilgi
az Kimdən, Göndərən | Tarix, Göndərildi, Göndərilib | Kimə | Mövzu | Surət
kk Кімнен, Жіберуші | Күні, Жіберілген | Кімге | Тақырып, Тақырыбы | Көшірме
uz Kimdan | Sana, Yuborilgan | Kimga | Mavzu | Nusxa
ca De, Remitent | Enviat, Data, Enviat el | Per a, A, Per | Assumpte, Tema | Còpia
gl De | Enviado, Data | Para | Asunto | Copia
eu Nork, Bidaltzailea, Igorlea | Bidalia, Data, Bidaltze-data | Nori, Hartzailea | Gaia | Kopia
cy Oddi wrth, Gan | Anfonwyd, Dyddiad | At | Pwnc, Testun | Copi
ga Ó | Seolta, Dáta | Chuig | Ábhar | Cóip
mt Minn | Mibgħut, Data | Lil | Suġġett | Kopja
lb Vum, Vun | Geschéckt, Datum | Un | Betreff | Kopie
eo De | Dato, Sendita | Al | Temo | Kopio
ht De, Soti nan | Dat, Voye | Pou | Sijè | Kopi
he מאת | נשלח, תאריך, בתאריך | אל | נושא | עותק
yi פֿון, פון | דאַטע, געשיקט | צו | טעמע | קאָפּיע
ar من, المرسل | تاريخ, التاريخ, أرسلت, تم الإرسال, أُرسلت, الإرسال | إلى, الى | الموضوع, موضوع | نسخة
fa از, فرستنده | تاریخ, ارسال شده, ارسال‌شده | به, گیرنده | موضوع, عنوان | رونوشت
ur از, منجانب, من جانب | تاریخ, بتاریخ, ارسال | بنام, بخدمت | موضوع, عنوان | نقل
hi प्रेषक, द्वारा | दिनांक, भेजा गया, तारीख, तिथि | प्रति, प्राप्तकर्ता | विषय | प्रतिलिपि
mr प्रेषक | दिनांक, तारीख | प्रति | विषय | प्रत
ne प्रेषक | मिति | प्रति | विषय | बोधार्थ
bn প্রেরক, থেকে | তারিখ, প্রেরিত | প্রাপক, প্রতি | বিষয় | অনুলিপি
gu પ્રેષક, તરફથી | તારીખ | પ્રતિ | વિષય | નકલ
pa ਵੱਲੋਂ | ਮਿਤੀ | ਵੱਲ | ਵਿਸ਼ਾ | ਨਕਲ
ta அனுப்புநர் | தேதி, நாள் | பெறுநர் | பொருள், தலைப்பு | நகல்
te పంపినవారు, నుండి | తేదీ | గ్రహీత | విషయం | ప్రతి
kn ಇಂದ, ಕಳುಹಿಸಿದವರು | ದಿನಾಂಕ | ಗೆ | ವಿಷಯ | ಪ್ರತಿ
ml അയച്ചത് | തീയതി | സ്വീകർത്താവ് | വിഷയം | പകർപ്പ്
si යවන්නා, වෙතින් | දිනය | වෙත | විෂය, මාතෘකාව | පිටපත
th จาก, ผู้ส่ง | ส่ง, วันที่, ส่งเมื่อ | ถึง | เรื่อง, หัวเรื่อง, หัวข้อ | สำเนา
lo ຈາກ | ວັນທີ | ເຖິງ | ຫົວຂໍ້, ເລື່ອງ | ສຳເນົາ
km ពី | កាលបរិច្ឆេទ, ថ្ងៃទី | ដល់, ជូន | ប្រធានបទ, កម្មវត្ថុ | ចម្លង
my ပို့သူ, မှ | ရက်စွဲ, နေ့စွဲ | သို့ | အကြောင်းအရာ | မိတ္တူ
vi Từ, Người gửi | Ngày, Đã gửi, Gửi, Gửi lúc, Thời gian | Đến, Tới, Người nhận | Chủ đề, Tiêu đề, Về việc | Đồng gửi
id Dari | Dikirim, Tanggal, Terkirim | Kepada, Ke, Untuk | Perihal, Subjek, Judul, Hal | Tembusan
ms Daripada | Dihantar, Tarikh | Kepada | Subjek, Perkara | Salinan
tl Mula kay, Mula sa, Mula | Ipinadala, Petsa | Para kay, Para sa | Paksa | Kopya
sw Kutoka, Kutoka kwa | Imetumwa, Tarehe | Kwa, Kwenda | Mada, Somo, Kichwa | Nakala
ha Daga | Kwanan wata, Ranar | Zuwa | Batu, Jigo | Kwafi
zu Kusuka | Usuku | Ku, Kuya | Isihloko | Ikhophi
ka გამგზავნი, ვისგან | თარიღი, გაგზავნილია | მიმღები, ვის | თემა, საგანი | ასლი
hy Ումից, Ուղարկող | Ամսաթիվ, Ուղարկված, Ուղարկվել է | Ում | Թեմա | Պատճեն
mn Хэнээс, Илгээгч | Огноо, Илгээсэн | Хэнд, Хүлээн авагч | Сэдэв, Гарчиг | Хуулбар
am ከ, ላኪ | ቀን | ለ, ተቀባይ | ርዕስ, ጉዳይ, ርእሰ ጉዳይ | ግልባጭ
zh 发件人, 發件人, 寄件者, 寄件人, 发送人, 发信人 | 发送时间, 发送日期, 日期, 時間, 时间, 寄件日期, 傳送時間, 傳送日期, 寄送日期, 發送時間, 已发送 | 收件人, 收件者 | 主题, 主題, 主旨, 标题 | 抄送, 副本
ja 差出人, 送信者, 発信者 | 送信日時, 日付, 日時, 送信日, 送信時刻 | 宛先, 受信者 | 件名 | 写し
ko 보낸 사람, 보낸사람, 발신자, 보낸이, 발신 | 보낸 날짜, 날짜, 보낸날짜, 보낸 시간, 일시 | 받는 사람, 받는사람, 수신자, 수신, 받는이 | 제목 | 참조
"""


def _labels() -> dict[str, frozenset[Role]]:
    roles: dict[str, set[Role]] = {}
    for row in _LABELS.strip().splitlines():
        cells = row.partition(" ")[2].split(" | ")
        for role, cell in zip(Role, cells, strict=True):
            for label in cell.split(","):
                roles.setdefault(fold(label.strip()), set()).add(role)
    return {label: frozenset(found) for label, found in roles.items()}


LABELS = _labels()


def _words(block: str) -> tuple[str, ...]:
    """Return the entries of a block, divided by commas, folded."""
    return tuple(fold(" ".join(entry.split())) for entry in block.split(","))


# "wrote", in the forms that stand in a line such as "On ..., X wrote:".
WROTE = _words("""
wrote, quoting, zitat von, citando a, citando, cituji, citace, cytowanie, цитирование, цитирую, writes, schrieb, hat geschrieben, geschrieben, a écrit, a ecrit, écrivait, escribió, escribio, ha
escrito, escreveu, ha scritto, scrisse, scrive, schreef, het volgende geschreven, heeft geschreven, het
geskryf, skryf, skrev, skreiv, kirjoitti, skrifaði, reit, napisał, napisała, napisał(a), pisze, napsal,
napsala, napsal(a), napísal, napísala, napísal(a), írta, a scris, написа, написал, написала, написал(а),
писал, писала, пишет, пише, написав, написала, написав(ла), напісаў, напісала, піша, је написао, је
написала, је написао/ла, je napisao, je napisala, je napisao/la, napisao je, napisala je, piše, je napisal,
je napisala, je napisal/-a, напиша, ka shkruar, shkroi, έγραψε, yazdı, şunu yazdı, şunları yazdı, kirjutas,
rakstīja, rašė, parašė, va escriure, ha escrit, escribiu, idatzi du, idatzi zuen, ysgrifennodd, scríobh,
kiteb, huet geschriwwen, skribis, te ekri, كتب, كتبت, كتبَ, نوشت, نوشته است, نے لکھا, لکھا, כתב, כתבה,
כתב/ה, האט געשריבן, ने लिखा, लिखा, यांनी लिहिले, लिहिले, ले लेख्नुभयो, লিখেছেন, লিখেছে, লিখলেন, લખ્યું, ਨੇ
ਲਿਖਿਆ, எழுதியது, எழுதினார், వ్రాశారు, రాశారు, ಬರೆದರು, ಬರೆದಿದ್ದಾರೆ, എഴുതി, ලිවීය, ලියා ඇත, เขียนว่า, เขียน,
ຂຽນ, បានសរសេរ, ရေးသည်, đã viết, viết, menulis, telah menulis, sumulat, isinulat, aliandika, ameandika, ya
rubuta, ta rubuta, wabhala, ubhale, დაწერა, წერს, գրել է, գրեց, yazıb, жазды, деп жазды, yozdi, бичсэн,
бичжээ, бичив, ጽፏል, ጻፈ, ጽፈዋል, 写道, 寫道, 写到, 书写, 書きました, のメール, 作成, 작성, 님이 작성, 썼습니다, 님이 쓴 글, 님이 쓰신 글
""")

# How such a line begins; it lets a line without a clock time count.
LEAD_INS = frozenset(
    _words("""
a, als, am, ar, dana, den, dia, dne, dnia, dňa, el, em, il, le, lørdag, ngày, no, noong, on, op, pada, pe,
på, tarehe, vào, w, στις, в, на, ב-, بتاريخ, بتاریخ, در, في, 于, 在, 於
""")
)

# What stands between dashes above a quoted mail.
ORIGINAL = _words("""
original message, original appointment, original email, original mail, original e-mail, reply message,
ursprüngliche nachricht, originalnachricht, original-nachricht, original nachricht, urspr. nachricht,
message d'origine, message d’origine, message original, message initial, mensaje original, correo original,
mensagem original, messaggio originale, messaggio original, oorspronkelijk bericht, oorspronkelijke bericht,
origineel bericht, oorspronklike boodskap, ursprungligt meddelande, originalmeddelande, originalmeldung,
oprindelig meddelelse, oprindelig besked, original meddelelse, opprinnelig melding, original melding,
upprunaleg skilaboð, alkuperäinen viesti, algne kiri, algne sõnum, sākotnējais ziņojums, oriģinālais
ziņojums, pradinis laiškas, originalus laiškas, pradinė žinutė, wiadomość oryginalna, oryginalna wiadomość,
wiadomość pierwotna, původní zpráva, původní e-mail, pôvodný e-mail, e-mail original, courriel original, e-mail d'origine, originální zpráva, pôvodná správa, eredeti üzenet, mesaj original,
mesajul original, mesaj initial, izvirno sporočilo, izvorno sporočilo, izvorna poruka, originalna poruka,
оригинална порука, изворна порука, оригинална порака, оригинално съобщение, първоначално съобщение, исходное
сообщение, оригинальное сообщение, первоначальное сообщение, пересылаемое сообщение, оригінальне
повідомлення, початкове повідомлення, вихідне повідомлення, зыходнае паведамленне, αρχικό μήνυμα, mesazhi
origjinal, mesazh origjinal, orijinal mesaj, özgün ileti, asıl ileti, orijinal ileti, orijinal məktub,
бастапқы хабар, asl xabar, missatge original, mensaxe orixinal, jatorrizko mezua, neges wreiddiol,
teachtaireacht bhunaidh, messaġġ oriġinali, originala mesaĝo, mesaj orijinal, הודעה מקורית, ההודעה המקורית,
الرسالة الأصلية, رسالة أصلية, پیام اصلی, نامه اصلی, اصل پیغام, मूल संदेश, मूळ संदेश, মূল বার্তা, મૂળ સંદેશ,
அசல் செய்தி, అసలు సందేశం, ಮೂಲ ಸಂದೇಶ, യഥാർത്ഥ സന്ദേശം, ข้อความต้นฉบับ, ข้อความเดิม, thư gốc, tin nhắn gốc,
thông điệp gốc, pesan asli, mesej asal, orihinal na mensahe, ujumbe asili, ujumbe wa awali, თავდაპირველი
წერილი, ორიგინალი წერილი, սկզբնական հաղորդագրություն, эх зурвас, анхны захидал, 原始邮件, 原始郵件, 原邮件, 原郵件, 原始信件,
原始消息, 元のメッセージ, オリジナルメッセージ, 原本, 원본 메시지, 원본메시지, 원본 메일, original
""")

# Stems of "forwarded" (and the like) that stand between dashes, or before a colon, above a forwarded mail.
FORWARDED = _words("""
forwarded, begin forward, weitergeleitet, message transféré, message transfere, message réexpédié,
réexpédié, message transmis, reenviado, reenviat, reencaminhad, encaminhad, inoltrat, doorgestuurd,
aangestuur, vidarebefordra, vidaresend, videresend, áframsen, välitetty, edelleenlähet, edelleen lähet,
edastatud, pārsūtīt, persiųst, przekazan, przesłan, přeposlan, preposlan, továbbított, továbbküldött,
redirecționat, redirectionat, înaintat, posredovan, proslijeđen, prosleđen, прослеђен, препратен, проследен,
пересыла, пересл, перенаправ, перасла, перадасла, προωθημ, përcjell, yönlendiril, iletilen, yönləndiril,
қайта жібер, qayta yubor, birbidal, reenviad, anfonwyd ymlaen, wedi'i hanfon, ar aghaidh, plusendit,
transfere, הועבר, המועבר, שהועבר, ווייטערגעשיקט, المعاد توجيه, معاد توجيه, مُعاد, إعادة توجيه, محولة,
محوّلة, هدایت, فوروارد, ارسال‌شده, آگے بھیج, فارورڈ, अग्रेषित, फॉरवर्ड, ফরওয়ার্ড, ফরোয়ার্ড, প্রেরিত
বার্তা, ફોરવર્ડ, ਅੱਗੇ ਭੇਜ, அனுப்பப்பட்ட, ఫార్వర్డ్, ಫಾರ್ವರ್ಡ್, കൈമാറ, ඉදිරියට යැවූ, ส่งต่อ, ສົ່ງຕໍ່,
បញ្ជូនបន្ត, បញ្ជូន\u200bបន្ត, ထပ်ဆင့်, chuyển tiếp, diteruskan, terusan, dimajukan, dipanjangkan, ipinasa,
pinasa, iliyosambazwa, uliosambazwa, uliotumwa, გადაგზავნილ, փոխանցված, վերահասցե, дамжуул, የተላለፈ, 转发, 轉寄,
轉發, 転送, 전달, 전송된
""")
