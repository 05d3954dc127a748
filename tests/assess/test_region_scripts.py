"""Names of cities and countries in many scripts and declensions: where nothing else tells, they do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.assess.region import clues, place
from pipeline.records.inquiries import Inquiry
from pipeline.taxonomy import Taxonomy

Make = Callable[..., Inquiry]

_CASES = (
    ("uk", "Ми працюємо в Києві.", "UA"),
    ("uk", "Пишемо зі Львова.", "UA"),
    ("ru", "Мы из Санкт-Петербурга.", "RU"),
    ("ru", "Мы работаем в Москве.", "RU"),
    ("ru", "Наш музей в Минске.", "BY"),
    ("ru", "Наша библиотека в Алматы.", "KZ"),
    ("ru", "Мы живём в Ташкенте.", "UZ"),
    ("bg", "Нашият музей е в София.", "BG"),
    ("sr", "Наш музеј је у Београду.", "RS"),
    ("mk", "Музејот е во Скопје.", "MK"),
    ("pl", "Jesteśmy muzeum w Krakowie.", "PL"),
    ("pl", "Piszemy z Warszawy.", "PL"),
    ("pl", "Piszemy z Gdańska.", "PL"),
    ("cs", "Jsme knihovna v Praze.", "CZ"),
    ("cs", "Píšeme z Brna.", "CZ"),
    ("sk", "Sme múzeum v Bratislave.", "SK"),
    ("hu", "Mi muzeum vagyunk Budapesten.", "HU"),
    ("hu", "Debrecenből írunk.", "HU"),
    ("fi", "Olemme museo Helsingissä.", "FI"),
    ("fi", "Kirjoitamme Tampereelta.", "FI"),
    ("et", "Oleme muuseum Tallinnas.", "EE"),
    ("et", "Kirjutame Tartust.", "EE"),
    ("lv", "Mēs esam muzejs Rīgā.", "LV"),
    ("lt", "Esame muziejus Vilniuje.", "LT"),
    ("tr", "Biz İstanbul'da bir müzeyiz.", "TR"),
    ("tr", "Ankara'dan yazıyoruz.", "TR"),
    ("hr", "Mi smo muzej u Zagrebu.", "HR"),
    ("sl", "Smo muzej v Ljubljani.", "SI"),
    ("el", "Είμαστε μουσείο στην Αθήνα.", "GR"),
    ("el", "Γράφουμε από τη Θεσσαλονίκη.", "GR"),
    ("el", "Γράφουμε από τη Λευκωσία.", "CY"),
    ("ro", "Suntem un muzeu din București.", "RO"),
    ("ro", "Scriem din Cluj-Napoca.", "RO"),
    ("ro", "Scriem din Chișinău.", "MD"),
    ("ar", "نحن متحف في القاهرة.", "EG"),
    ("ar", "نكتب إليكم من بغداد.", "IQ"),
    ("ar", "مكتبتنا في بيروت.", "LB"),
    ("ar", "نحن من الرياض.", "SA"),
    ("ar", "نحن جمعية في تونس.", "TN"),
    ("ar", "نكتب من الدار البيضاء.", "MA"),
    ("ar", "مكتبتنا بعمان في الأردن.", "JO"),
    ("fa", "ما در تهران هستیم.", "IR"),
    ("fa", "ما از کابل می‌نویسیم.", "AF"),
    ("ur", "ہم لاہور سے لکھ رہے ہیں۔", "PK"),
    ("he", "אנחנו מוזיאון בירושלים.", "IL"),
    ("he", "אנחנו כותבים מתל אביב.", "IL"),
    ("he", "אנחנו מחיפה.", "IL"),
    ("zh", "我们是北京的一家博物馆。", "CN"),
    ("zh", "我們是台北的博物館。", "TW"),
    ("zh", "我們在香港。", "HK"),
    ("zh", "我们在新加坡。", "SG"),
    ("ja", "東京の博物館です。", "JP"),
    ("ja", "大阪の図書館です。", "JP"),
    ("ko", "서울에 있는 박물관입니다.", "KR"),
    ("ko", "부산의 도서관입니다.", "KR"),
    ("hi", "हम दिल्ली का संग्रहालय हैं।", "IN"),
    ("hi", "हम मुंबई से लिख रहे हैं।", "IN"),
    ("ne", "हामी काठमाडौंबाट लेख्दैछौं।", "NP"),
    ("bn", "আমরা ঢাকার একটি জাদুঘর।", "BD"),
    ("bn", "আমরা কলকাতায় আছি।", "IN"),
    ("ta", "நாங்கள் சென்னையில் இருக்கிறோம்.", "IN"),
    ("ta", "நாங்கள் கொழும்பில் இருக்கிறோம்.", "LK"),
    ("th", "เราเป็นพิพิธภัณฑ์ในกรุงเทพ", "TH"),
    ("th", "เราอยู่ที่เชียงใหม่", "TH"),
    ("ka", "ჩვენ ვართ მუზეუმი თბილისში.", "GE"),
    ("ka", "ვწერთ ქუთაისიდან.", "GE"),
    ("hy", "Մենք թանգարան ենք Երևանում։", "AM"),
    ("hy", "Գրում ենք Գյումրիից։", "AM"),
    ("am", "እኛ በአዲስ አበባ ነን።", "ET"),
    ("km", "យើងនៅភ្នំពេញ។", "KH"),
    ("my", "ကျွန်ုပ်တို့သည် ရန်ကုန်မှ ဖြစ်ပါသည်။", "MM"),
    ("vi", "Chúng tôi ở Hà Nội.", "VN"),
    ("id", "Kami museum di Jakarta.", "ID"),
    ("ms", "Kami di Kuala Lumpur.", "MY"),
    ("sw", "Sisi ni makumbusho Nairobi.", "KE"),
    ("sw", "Tuko Dar es Salaam.", "TZ"),
    ("id", "Museum kami di Surabaya.", "ID"),
    ("az", "Biz Bakıda muzeyik.", "AZ"),
    ("kk", "Біз Астанадағы мұражаймыз.", "KZ"),
    ("mn", "Бид Улаанбаатарт байна.", "MN"),
    ("sq", "Jemi muze në Tiranë.", "AL"),
    ("sq", "Jemi në Prishtinë.", "XK"),
    ("be", "Мы працуем у Мінску.", "BY"),
    ("ca", "Som un museu de Girona.", "ES"),
    ("gl", "Somos un museo de Santiago de Compostela.", "ES"),
    ("eu", "Bilboko museoa gara.", "ES"),
    ("ru", "Наш проект проходит в Германии.", "DE"),
    ("uk", "Наш музей у Польщі.", "PL"),
    ("pl", "Nasze muzeum leży w Niemczech.", "DE"),
    ("cs", "Naše muzeum je v Rakousku.", "AT"),
    ("hu", "Múzeumunk Ausztriában van.", "AT"),
    ("fi", "Museomme on Ruotsissa.", "SE"),
    ("tr", "Müzemiz Almanya'da.", "DE"),
    ("ar", "متحفنا في ألمانيا.", "DE"),
    ("he", "המוזיאון שלנו בגרמניה.", "DE"),
    ("el", "το μουσείο μας είναι στη Γερμανία.", "DE"),
    ("ja", "私たちの博物館はドイツにあります。", "DE"),
    ("zh", "我们的博物馆在德国。", "DE"),
    ("ko", "우리 박물관은 독일에 있습니다.", "DE"),
    ("hi", "हमारा संग्रहालय जर्मनी में है।", "DE"),
    ("th", "พิพิธภัณฑ์ของเราอยู่ในเยอรมนี", "DE"),
    ("ka", "ჩვენი მუზეუმი გერმანიაშია.", "DE"),
    ("hy", "Մեր թանգարանը Գերմանիայում է։", "DE"),
    ("en", "i have small firm in croatia", "HR"),
)


@pytest.mark.parametrize(("language", "text", "country"), _CASES)
def test_a_name_in_the_introduction(
    make: Make, taxonomy: Taxonomy, language: str, text: str, country: str
) -> None:
    found = clues(make(text, introduction=text, language=language))
    named = {clue.value for clue in found if clue.name not in ("language", "utc offset")}
    assert country in named
    assert place(found, taxonomy).country == country
