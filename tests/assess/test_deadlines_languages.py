"""Deadlines in many languages, relative to the day on which the mail was written; other days are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipeline.assess.grid import load_criteria
from pipeline.assess.urgency import UrgencyPolicy, deadline
from pipeline.records.inquiries import Inquiry

Make = Callable[..., Inquiry]
# A Monday.
_SENT = date(2025, 3, 3)

_CASES = (
    ("en", "We plan a book.\n\nPlease answer by Friday.", "2025-03-07"),
    ("en", "We plan a book.\n\nPlease let us know by 12 March.", "2025-03-12"),
    ("en", "We plan a book.\n\nWe need your answer before April 15th, 2025.", "2025-04-15"),
    ("en", "We plan a book.\n\nThe deadline for letters is 2025-04-01.", "2025-04-01"),
    ("en", "We plan a book.\n\nPlease reply within two weeks.", "2025-03-17"),
    ("en", "We plan a book.\n\nPlease reply within 10 days.", "2025-03-13"),
    ("en", "We plan a book.\n\nPlease reply by tomorrow.", "2025-03-04"),
    ("en", "We plan a book.\n\nWe need a decision by the end of March.", "2025-03-31"),
    ("en", "We plan a book.\n\nWe need a decision by the end of the month.", "2025-03-31"),
    ("en", "We plan a book.\n\nPlease confirm by the end of this week.", "2025-03-07"),
    ("de", "Wir planen ein Buch.\n\nBitte antworten Sie bis Ende März.", "2025-03-31"),
    ("de", "Wir planen ein Buch.\n\nBitte geben Sie uns bis zum 15. April Bescheid.", "2025-04-15"),
    ("de", "Wir planen ein Buch.\n\nWir brauchen Ihre Antwort bis Freitag.", "2025-03-07"),
    ("de", "Wir planen ein Buch.\n\nBitte antworten Sie bis morgen.", "2025-03-04"),
    ("de", "Wir planen ein Buch.\n\nWir bitten um Rückmeldung innerhalb von zwei Wochen.", "2025-03-17"),
    ("de", "Wir planen ein Buch.\n\nBitte antworten Sie bis Ende der Woche.", "2025-03-07"),
    ("de", "Wir planen ein Buch.\n\nBitte antworten Sie bis zum 15.4.2025.", "2025-04-15"),
    ("fr", "Nous préparons un livre.\n\nMerci de répondre avant le 15 avril.", "2025-04-15"),
    ("fr", "Nous préparons un livre.\n\nMerci de nous répondre d'ici vendredi.", "2025-03-07"),
    ("fr", "Nous préparons un livre.\n\nMerci de nous répondre avant la fin du mois.", "2025-03-31"),
    (
        "fr",
        "Nous préparons un livre.\n\nNous attendons votre réponse au plus tard le 1er avril 2025.",
        "2025-04-01",
    ),
    ("fr", "Nous préparons un livre.\n\nMerci de répondre sous quinze jours.", "2025-03-18"),
    ("es", "Preparamos un libro.\n\nNecesitamos su respuesta antes del 15 de abril.", "2025-04-15"),
    ("es", "Preparamos un libro.\n\nLes pedimos una respuesta antes del viernes.", "2025-03-07"),
    ("es", "Preparamos un libro.\n\nEl plazo vence el 30 de marzo de 2025.", "2025-03-30"),
    ("es", "Preparamos un libro.\n\nNecesitamos su respuesta antes de fin de mes.", "2025-03-31"),
    ("es", "Preparamos un libro.\n\nRespondan por favor en un plazo de 10 días.", "2025-03-13"),
    ("pt", "Preparamos um livro.\n\nPrecisamos de uma resposta até 15 de abril.", "2025-04-15"),
    ("pt", "Preparamos um livro.\n\nPrecisamos da resposta até sexta-feira.", "2025-03-07"),
    ("pt", "Preparamos um livro.\n\nO prazo termina em 30/04/2025.", "2025-04-30"),
    ("it", "Prepariamo un libro.\n\nVi preghiamo di rispondere entro il 15 aprile.", "2025-04-15"),
    ("it", "Prepariamo un libro.\n\nAvremmo bisogno di una risposta entro venerdì.", "2025-03-07"),
    ("it", "Prepariamo un libro.\n\nVi preghiamo di rispondere entro fine marzo.", "2025-03-31"),
    ("nl", "Wij maken een boek.\n\nGraag uw antwoord vóór 15 april.", "2025-04-15"),
    ("nl", "Wij maken een boek.\n\nGraag horen we uiterlijk vrijdag van u.", "2025-03-07"),
    ("nl", "Wij maken een boek.\n\nGraag uw antwoord voor eind maart.", "2025-03-31"),
    ("sv", "Vi gör en bok.\n\nVi behöver ert svar senast den 15 april.", "2025-04-15"),
    ("sv", "Vi gör en bok.\n\nVi behöver svar före fredag.", "2025-03-07"),
    ("da", "Vi laver en bog.\n\nVi skal have jeres svar senest den 15. april.", "2025-04-15"),
    ("no", "Vi lager en bok.\n\nVi trenger svar innen 15. april.", "2025-04-15"),
    ("fi", "Teemme kirjaa.\n\nTarvitsemme vastauksen 15. huhtikuuta mennessä.", "2025-04-15"),
    ("fi", "Teemme kirjaa.\n\nVastaattehan perjantaihin mennessä.", "2025-03-07"),
    ("et", "Teeme raamatut.\n\nPalume vastust hiljemalt 15. aprilliks.", "2025-04-15"),
    ("lv", "Gatavojam grāmatu.\n\nLūdzam atbildēt līdz 15. aprīlim.", "2025-04-15"),
    ("lt", "Rengiame knygą.\n\nPrašome atsakyti iki balandžio 15 d.", "2025-04-15"),
    ("pl", "Przygotowujemy książkę.\n\nProsimy o odpowiedź do 15 kwietnia.", "2025-04-15"),
    ("pl", "Przygotowujemy książkę.\n\nProsimy o odpowiedź do końca marca.", "2025-03-31"),
    ("pl", "Przygotowujemy książkę.\n\nProsimy o odpowiedź do piątku.", "2025-03-07"),
    ("cs", "Připravujeme knihu.\n\nProsíme o odpověď do 15. dubna.", "2025-04-15"),
    ("cs", "Připravujeme knihu.\n\nProsíme o odpověď do konce března.", "2025-03-31"),
    ("sk", "Pripravujeme knihu.\n\nProsíme o odpoveď do 15. apríla.", "2025-04-15"),
    ("hu", "Könyvet készítünk.\n\nKérjük, válaszoljanak április 15-ig.", "2025-04-15"),
    ("hu", "Könyvet készítünk.\n\nKérjük, válaszoljanak péntekig.", "2025-03-07"),
    ("ro", "Pregătim o carte.\n\nVă rugăm să răspundeți până la 15 aprilie.", "2025-04-15"),
    ("hr", "Pripremamo knjigu.\n\nMolimo odgovor do 15. travnja.", "2025-04-15"),
    ("sl", "Pripravljamo knjigo.\n\nProsimo za odgovor do 15. aprila.", "2025-04-15"),
    ("sr", "Припремамо књигу.\n\nМолимо одговор до 15. априла.", "2025-04-15"),
    ("mk", "Подготвуваме книга.\n\nВе молиме за одговор до 15 април.", "2025-04-15"),
    ("bg", "Подготвяме книга.\n\nМоля, отговорете до 15 април.", "2025-04-15"),
    ("ru", "Готовим книгу.\n\nПросим ответить до 15 апреля.", "2025-04-15"),
    ("ru", "Готовим книгу.\n\nПросим ответить до конца марта.", "2025-03-31"),
    ("ru", "Готовим книгу.\n\nПросим ответить до пятницы.", "2025-03-07"),
    ("ru", "Готовим книгу.\n\nПросим ответить в течение двух недель.", "2025-03-17"),
    ("uk", "Готуємо книгу.\n\nПросимо відповісти до 1 травня.", "2025-05-01"),
    ("uk", "Готуємо книгу.\n\nПросимо відповісти до кінця березня.", "2025-03-31"),
    ("uk", "Готуємо книгу.\n\nПросимо відповісти до п'ятниці.", "2025-03-07"),
    ("be", "Рыхтуем кнігу.\n\nПросім адказаць да 15 красавіка.", "2025-04-15"),
    ("el", "Ετοιμάζουμε ένα βιβλίο.\n\nΠαρακαλούμε απαντήστε μέχρι τις 15 Απριλίου.", "2025-04-15"),
    ("el", "Ετοιμάζουμε ένα βιβλίο.\n\nΠαρακαλούμε απαντήστε μέχρι την Παρασκευή.", "2025-03-07"),
    ("tr", "Bir kitap hazırlıyoruz.\n\nLütfen 15 Nisan'a kadar yanıt verin.", "2025-04-15"),
    ("tr", "Bir kitap hazırlıyoruz.\n\nLütfen cuma gününe kadar yanıt verin.", "2025-03-07"),
    ("tr", "Bir kitap hazırlıyoruz.\n\nLütfen mart sonuna kadar yanıt verin.", "2025-03-31"),
    ("az", "Kitab hazırlayırıq.\n\nXahiş edirik, 15 aprelə qədər cavab verin.", "2025-04-15"),
    ("ar", "نعد كتابا.\n\nنرجو الرد قبل 15 أبريل.", "2025-04-15"),
    ("ar", "نعد كتابا.\n\nنرجو الرد قبل ١٥ أبريل ٢٠٢٥.", "2025-04-15"),
    ("ar", "نعد كتابا.\n\nنرجو الرد قبل نهاية مارس.", "2025-03-31"),
    ("ar", "نعد كتابا.\n\nنرجو الرد قبل يوم الجمعة.", "2025-03-07"),
    ("fa", "کتابی آماده می‌کنیم.\n\nلطفاً تا ۱۵ آوریل پاسخ دهید.", "2025-04-15"),
    ("fa", "کتابی آماده می‌کنیم.\n\nلطفاً تا جمعه پاسخ دهید.", "2025-03-07"),
    ("ur", "ہم ایک کتاب تیار کر رہے ہیں۔\n\nبراہ کرم 15 اپریل تک جواب دیں۔", "2025-04-15"),
    ("he", "אנחנו מכינים ספר.\n\nנשמח לקבל תשובה עד 15 באפריל.", "2025-04-15"),
    ("he", "אנחנו מכינים ספר.\n\nנשמח לקבל תשובה עד יום שישי.", "2025-03-07"),
    ("hi", "हम एक किताब बना रहे हैं।\n\nकृपया 15 अप्रैल तक उत्तर दें।", "2025-04-15"),
    ("hi", "हम एक किताब बना रहे हैं।\n\nकृपया १५ अप्रैल तक उत्तर दें।", "2025-04-15"),
    ("bn", "আমরা একটি বই তৈরি করছি।\n\nঅনুগ্রহ করে ১৫ এপ্রিলের মধ্যে উত্তর দিন।", "2025-04-15"),
    ("mr", "आम्ही पुस्तक तयार करत आहोत.\n\nकृपया 15 एप्रिलपर्यंत उत्तर द्या.", "2025-04-15"),
    ("ne", "हामी किताब बनाउँदैछौं।\n\nकृपया 15 अप्रिलसम्म उत्तर दिनुहोस्।", "2025-04-15"),
    ("ta", "நாங்கள் ஒரு புத்தகம் தயாரிக்கிறோம்.\n\nஏப்ரல் 15 க்குள் பதில் அளிக்கவும்.", "2025-04-15"),
    ("th", "เรากำลังทำหนังสือ\n\nกรุณาตอบภายในวันที่ 15 เมษายน 2568", "2025-04-15"),
    ("th", "เรากำลังทำหนังสือ\n\nกรุณาตอบภายใน 15 เมษายน", "2025-04-15"),
    ("vi", "Chúng tôi đang làm một cuốn sách.\n\nXin vui lòng trả lời trước ngày 15 tháng 4.", "2025-04-15"),
    ("vi", "Chúng tôi đang làm một cuốn sách.\n\nXin trả lời trước ngày 15/4/2025.", "2025-04-15"),
    ("id", "Kami menyiapkan sebuah buku.\n\nMohon jawaban paling lambat 15 April.", "2025-04-15"),
    ("id", "Kami menyiapkan sebuah buku.\n\nMohon jawaban sebelum hari Jumat.", "2025-03-07"),
    ("ms", "Kami menyediakan sebuah buku.\n\nSila jawab sebelum 15 April.", "2025-04-15"),
    ("tl", "Gumagawa kami ng aklat.\n\nPakisagot po bago ang Abril 15.", "2025-04-15"),
    ("sw", "Tunaandaa kitabu.\n\nTafadhali jibu kabla ya tarehe 15 Aprili.", "2025-04-15"),
    ("ja", "本を準備しています。\n\n5月末までにご返事ください。", "2025-05-31"),
    ("ja", "本を準備しています。\n\n4月15日までにご回答をお願いいたします。", "2025-04-15"),
    ("ja", "本を準備しています。\n\n今月末までにご回答をお願いいたします。", "2025-03-31"),
    ("ja", "本を準備しています。\n\n来週金曜日までにご回答ください。", "2025-03-14"),
    ("ja", "本を準備しています。\n\n令和7年4月15日までにご回答ください。", "2025-04-15"),
    ("zh", "我们正在准备一本书。\n\n请在4月15日前回复。", "2025-04-15"),
    ("zh", "我們正在準備一本書。\n\n請於四月十五日前回覆。", "2025-04-15"),
    ("zh", "我们正在准备一本书。\n\n请在本周五之前回复。", "2025-03-07"),
    ("zh", "我们正在准备一本书。\n\n请在本月底前答复。", "2025-03-31"),
    ("ko", "책을 준비하고 있습니다.\n\n4월 15일까지 답변 부탁드립니다.", "2025-04-15"),
    ("ko", "책을 준비하고 있습니다.\n\n이번 주 금요일까지 답변 부탁드립니다.", "2025-03-07"),
    ("ko", "책을 준비하고 있습니다.\n\n3월 말까지 회신 부탁드립니다.", "2025-03-31"),
    ("ka", "წიგნს ვამზადებთ.\n\nგთხოვთ გვიპასუხოთ 15 აპრილამდე.", "2025-04-15"),
    ("hy", "Գիրք ենք պատրաստում։\n\nԽնդրում ենք պատասխանել մինչև ապրիլի 15-ը։", "2025-04-15"),
    ("kk", "Кітап дайындап жатырмыз.\n\n15 сәуірге дейін жауап беруіңізді сұраймыз.", "2025-04-15"),
    ("ca", "Preparem un llibre.\n\nNecessitem la resposta abans del 15 d'abril.", "2025-04-15"),
    ("gl", "Preparamos un libro.\n\nPrecisamos a resposta antes do 15 de abril.", "2025-04-15"),
    ("eu", "Liburu bat prestatzen ari gara.\n\nErantzun apirilaren 15a baino lehen, mesedez.", "2025-04-15"),
    ("eo", "Ni preparas libron.\n\nBonvolu respondi antaŭ la 15-a de aprilo.", "2025-04-15"),
    ("sq", "Po përgatisim një libër.\n\nJu lutemi përgjigjuni deri më 15 prill.", "2025-04-15"),
    ("cy", "Rydym yn paratoi llyfr.\n\nAtebwch erbyn 15 Ebrill os gwelwch yn dda.", "2025-04-15"),
    ("af", "Ons maak 'n boek.\n\nAntwoord asseblief voor 15 April.", "2025-04-15"),
    ("is", "Við gerum bók.\n\nVinsamlegast svarið fyrir 15. apríl.", "2025-04-15"),
)


@pytest.fixture(scope="module")
def policy(rules: Path) -> UrgencyPolicy:
    return load_criteria(rules).urgency


@pytest.mark.parametrize(("language", "text", "day"), _CASES)
def test_an_answer_is_needed_by(
    make: Make, policy: UrgencyPolicy, language: str, text: str, day: str
) -> None:
    found = deadline(make(text, language=language), policy, _SENT)
    assert found is not None
    assert found.day.isoformat() == day
    assert found.words


def test_many_languages() -> None:
    assert len({language for language, _, _ in _CASES}) >= 50


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Our library was founded on 12 April 1901 and has 20,000 books."),
        ("en", "My grandmother was born on 3 May 1931 in a village."),
        ("en", "The exhibition opened on 1 February 2025 and drew many people."),
        ("en", "We have kept the archive since March 2019."),
        ("en", "We celebrate our anniversary on 20 June. Come if you like.\n\nAnn"),
        ("en", "We are open 24/7 and have version 2.1 of the software."),
        ("en", "One day we would like to show you the collection."),
        ("de", "Das Museum wurde am 12. April 1901 gegründet."),
        ("de", "Guten Morgen, wir möchten Ihnen unser Archiv vorstellen."),
        ("fr", "La bibliothèque a été fondée le 12 avril 1901."),
        ("es", "Mi abuela nació el 3 de mayo de 1931. Hasta mañana."),
        ("pl", "Biblioteka istnieje od 3 maja 1931 roku."),
        ("ru", "Музей основан 12 апреля 1901 года."),
        ("ja", "当館は1901年4月12日に開館しました。"),
        ("ar", "تأسست المكتبة في 12 أبريل 1901."),
    ],
)
def test_history_is_no_deadline(make: Make, policy: UrgencyPolicy, language: str, text: str) -> None:
    assert deadline(make(text, language=language), policy, _SENT) is None


def test_a_day_that_is_past_is_no_deadline(make: Make, policy: UrgencyPolicy) -> None:
    assert deadline(make("Please answer by 28 February 2025."), policy, _SENT) is None


@pytest.mark.parametrize(("offset", "day"), [("-0500", "2025-04-03"), ("+0000", "2025-03-04")])
def test_the_order_of_day_and_month_follows_the_clock(
    make: Make, policy: UrgencyPolicy, offset: str, day: str
) -> None:
    inquiry = make("Please let us know by 04/03/2025.", date=f"Mon, 03 Mar 2025 09:00:00 {offset}")
    found = deadline(inquiry, policy, _SENT)
    assert found is not None
    assert found.day.isoformat() == day
