"""Invented inquirers and what they ask, in many languages; one of them is hostile."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    organisation: str
    person: str
    address: str
    country: str | None
    region: str
    language: str
    partner_type: str
    activities: tuple[str, ...]
    alignment: str
    subject: str
    summary: str
    why: str
    attachments: tuple[str, ...] = ()


CASES = (
    Case(
        "Stadtarchiv Lindenau", "Anja Berg", "a.berg@stadtarchiv-lindenau.example", "DE", "northern_western_europe", "de",
        "archive", ("content_donation", "data_linking"), "aligned", "3.000 Glasnegative vom Flusshafen",
        "Wir möchten rund 3.000 Glasnegative des alten Flusshafens unter CC BY-SA freigeben und suchen dafür einen Ansprechpartner. "
        "Die Digitalisate mit Metadaten liegen bereits vor.",
        "„unter CC BY-SA freigeben“", ("bestand.xlsx", "probe-017.jpg"),
    ),
    Case(
        "Fundación Puente Verde", "Lucía Aranda", "laranda@puenteverde.example", "PE", "latin_america_caribbean", "es",
        "foundation", ("education_program", "funding"), "aligned", "Cursos de redacción en escuelas rurales",
        "Quisiéramos cofinanciar un programa de redacción de artículos en doce escuelas rurales de Ayacucho. "
        "Necesitamos una respuesta antes del 1 de diciembre para incluirlo en el presupuesto.",
        "“materiales libres y gratuitos”", ("propuesta.pdf",),
    ),
    Case(
        "Nairobi Community Radio Trust", "Wanjiru Kamau", "wanjiru@ncrt.example", "KE", "sub_saharan_africa", "en",
        "public_media", ("content_donation", "training_event"), "unclear", "Oral history recordings, with a question on licences",
        "We would like to share 400 hours of oral history recordings in Kikuyu and Swahili with your community. "
        "Our board would prefer a non-commercial licence, but is willing to talk.",
        "“prefer a non-commercial licence”",
    ),
    Case(
        "دار الكتب بمدينة النخيل", "هدى المنصوري", "huda@dar-nakheel.example", "AE", "middle_east_north_africa", "ar",
        "library", ("content_donation",), "aligned", "إتاحة مخطوطات رقمية للجميع",
        "نود أن نتيح ثمانمئة مخطوطة رقمية للجمهور برخصة حرة. نبحث عن شريك يساعدنا في رفعها ووصفها.",
        "“برخصة حرة”",
    ),
    Case(
        "みなと市立歴史博物館", "佐藤 由美", "sato@minato-museum.example", "JP", "east_asia_pacific", "ja",
        "museum", ("training_event",), "aligned", "編集イベント共催のご相談",
        "当館の収蔵品を題材にした編集イベントを来年三月に共催したいと考えております。会場と学芸員による解説はこちらで用意いたします。",
        "「誰でも無料で参加」",
    ),
    Case(
        "", "Tomasz Wilk", "tomasz.wilk@poczta.example", "PL", "central_eastern_europe_central_asia", "pl",
        "individual", ("content_donation",), "aligned", "Zdjęcia lotnicze 📷 z lat 1970–1985",
        "Chciałbym przekazać około 600 zdjęć lotniczych, które sam wykonałem. Nie wiem, od czego zacząć.",
        "",
    ),
    Case(
        "Institut Claret de Linguistique", "Amélie Roche", "a.roche@claret.example", "FR", "northern_western_europe", "fr",
        "research_group", ("research", "technology"), "unclear", "Étude sur la traduction automatique",
        "Nous souhaitons mener une étude commune sur la traduction automatique des articles médicaux. "
        "Les données resteraient réservées aux partenaires pendant deux ans.",
        "« réservées aux partenaires pendant deux ans »", ("projet.pdf", "calendrier.ods", "lettre.docx", "annexe-1.pdf", "annexe-2.pdf"),
    ),
    Case(
        "Bayside Open Course Network", "Grace Nolan", "grace@bocn.example", "AU", "east_asia_pacific", "en",
        "educational_institution", ("education_program", "distribution"), "aligned", "Offline copies for island schools",
        "We run offline servers in 46 island schools and propose to add your encyclopedia to every one of them. "
        "All our material is free and openly licensed.",
        "“free and openly licensed”",
    ),
    Case(
        "Kutubkhana Trust", "Farid Rahimi", "farid@kutubkhana.example", "PK", "south_asia", "en",
        "public_interest", ("advocacy",), "aligned", "Letter of support for the open textbooks campaign",
        "Please let us know whether you would endorse our campaign for open textbooks. The parliament votes in January.",
        "“open textbooks”",
    ),
    Case(
        "LinkBoost Media", "Chad Sterling", "chad@linkboost.example", "US", "north_america", "en",
        "commercial", (), "not_aligned", "Sponsored placement opportunity!!!",
        "We offer premium sponsored placements on your pages at competitive rates.",
        "“sponsored placements”",
    ),
    Case(
        "Державний архів Приріччя", "Олена Гончар", "honchar@arkhiv-pryrichchia.example", "UA", "central_eastern_europe_central_asia",
        "uk", "archive", ("content_donation",), "aligned", "Метричні книги XIX століття",
        "Пропонуємо завантажити скани 240 метричних книг, які вже є суспільним надбанням. Просимо допомогти з описом.",
        "“суспільним надбанням”",
    ),
    Case(
        "Ilha Verde University Library", "Rui Tavares", "rui.tavares@biblioteca-iv.example", "CV", "sub_saharan_africa", "pt",
        "library", ("data_linking",), "aligned", "Ligar o nosso catálogo ao Wikidata",
        "Gostaríamos de ligar 18 mil registos de autoridade ao Wikidata. Temos uma bibliotecária livre para isso até março.",
        "“dados abertos (CC0)”", ("registos.csv",),
    ),
    Case(
        "Prairie Sky Observatory", "Joan Whitefeather", "joan@prairiesky.example", "CA", "north_america", "en",
        "research_group", ("research", "content_donation"), "unclear", "Sky survey images, and who may crop them",
        "We can offer 12,000 survey images with coordinates. The university asks that its name stays visible on every copy.",
        "“its name stays visible on every copy”",
    ),
    Case(
        "Lalgarh Heritage Museum", "Ananya Bose", "ananya@lalgarh-museum.example", "IN", "south_asia", "bn",
        "museum", ("training_event", "content_donation"), "aligned", "জাদুঘরে সম্পাদনা কর্মশালা",
        "আমরা আমাদের জাদুঘরে একটি সম্পাদনা কর্মশালা আয়োজন করতে চাই। সংগ্রহের ৫০০টি ছবি মুক্ত লাইসেন্সে দেওয়া হবে।",
        "“মুক্ত লাইসেন্সে”",
    ),
)  # fmt: skip
HOSTILE = Case(
    '=HYPERLINK("http://evil.example")<script>alert(1)</script>', "\u202eEve\r\nBcc: all@evil.example\x00",
    "eve@evil.example\r\nBcc: x@evil.example", None, "unknown", 'en"><style>', "museum", ("content_donation",), "unclear",
    "</title><style>*{display:none}</style><img src=x onerror=alert(1)>" + "A" * 300,
    "{{ 7 * 7 }} {% raw %} <b onmouseover=alert(1)>x</b> javascript:alert(1) " + "W" * 200,
    "<svg onload=alert(1)> @SUM(A1)", ("../../etc/passwd", "<script>.pdf", ""),
)  # fmt: skip
