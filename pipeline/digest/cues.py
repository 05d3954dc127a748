"""Words by which a sentence shows what it is for: a request, a courtesy, a greeting, a farewell.

Each entry is looked for in lower case; in scripts that separate words it has to begin at the start of a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Any

from pipeline.automata import automaton

_SHORT = 4

REQUESTS = (
    # English
    "may we",     "would like to", "we'd like", "i'd like", "want to", "wish to", "would love to", "hope to", "hoping to", "plan to", "planning to",
    "offer", "propos", "request", "we seek", "seeking", "looking for", "looking to", "interested in", "could you", "can you",
    "would you", "are you able", "is it possible", "would it be possible", "willing to", "happy to", "glad to", "ready to", "able to provide",
    "we need", "i need", "ask whether", "ask if", "asking", "invite", "donate", "upload", "release", "partner", "collaborat",
    "cooperat", "kindly", "please", "support our", "letter of support", "endorse", "grant", "sponsor", "work with you", "work together",
    # German
    "möchte", "würde gern", "würden gern", "wir bieten", "bieten wir", "anbieten", "schlagen vor", "schlage vor", "vorschlag",
    "wir suchen", "suchen wir", "ich suche", "bitten", "ich bitte", "wir brauchen", "bitte teilen", "könnten sie", "können sie", "anfrage", "interessiert", "planen",
    "zusammenarbeit", "kooperation", "zur verfügung stellen", "spenden", "unterstütz", "freigeben", "einladen",
    # French
    "souhait", "voudri", "aimeri", "nous proposons", "je propose", "proposer", "nous offrons", "offrir", "cherch", "demand",
    "pourriez", "pouvez-vous", "partenariat", "collabor", "mettre à disposition", "invit", "solliciter", "soutien",
    # Spanish, Portuguese, Catalan, Galician
    "quisi", "queremos", "quiero", "desea", "gustaría", "ofrec", "propon", "solicit", "buscamos", "busco", "podrían", "podría",
    "colabor", "cooperación", "invitar", "apoyo", "gostar", "oferec", "propor", "procuramos", "poderia", "parceria", "voldríem",
    "busquem", "oferim",
    # Italian, Romanian
    "vorremmo", "vorrei", "desider", "propong", "propon", "offriamo", "cerchiamo", "chied", "potreste", "collaborazione",
    "am dori", "dorim", "dorește", "propunem", "oferim", "căutăm", "solicităm", "colaborare", "parteneriat",
    # Dutch, Afrikaans, Scandinavian, Finnish, Estonian
    "graag", "wij willen", "we willen", "zouden wij", "bieden", "stellen voor", "zoeken", "samenwerk", "wil graag", "ons wil",
    "skulle vilja", "vill gärna", "erbjud", "föreslå", "söker", "samarbet", "vil gerne", "ønsker", "vil gjerne", "tilby", "tilbyder",
    "foreslå", "samarbejd", "samarbeid", "haluaisi", "tarjoa", "ehdot", "etsimme", "yhteistyö", "soovi", "sooviksi", "pakume", "koostöö",
    # Slavic languages in Latin script
    "chciał", "chciel", "chcemy", "proponuj", "oferuj", "szukamy", "prosz", "współprac", "rádi bychom", "chtěli bychom", "nabíz",
    "navrhuj", "hledáme", "žádáme", "spoluprác", "radi by sme", "chceli by", "ponúk", "hľadáme", "želimo", "željeli", "htjeli",
    "nudimo", "tražimo", "predlažemo", "surad", "saradn", "želeli bi", "želimo", "ponujamo", "sodelov", "molimo",
    # Slavic and Turkic languages in Cyrillic script
    "хотели бы", "хотел бы", "хотим", "предлаг", "просим", "прошу", "ищем", "сотруднич", "готовы", "хотіли б", "хочемо", "пропону",
    "просимо", "шукаємо", "співпрац", "бихме искали", "желаем", "предлож", "търсим", "сътруднич", "желимо", "желели би", "нудимо",
    "тражимо", "сарадњ", "соработ", "бараме", "ынтымақтас", "ұсынамыз",
    # Hungarian, Turkish, Azerbaijani, Greek, Baltic languages, Albanian
    "szeretné", "ajánl", "javasol", "keresünk", "kérjük", "együttműköd", "istiyoruz", "isteriz", "isterim", "öner", "sunuyoruz", "arıyoruz",
    "iş birliği", "işbirliği", "rica ed", "talep", "istəyirik", "təklif", "əməkdaşlıq", "θα θέλαμε", "θα ήθελα", "προτείν",
    "προσφέρ", "αναζητ", "ζητ", "συνεργασ", "norėtume", "siūlo", "ieško", "bendradarb", "vēlamies", "piedāvā", "meklējam", "sadarb",
    "dëshiro", "ofroj", "kërko", "bashkëpun",
    # Arabic, Persian, Urdu, Hebrew
    "نود", "نرغب", "أود", "نقترح", "نعرض", "نطلب", "نبحث عن", "نرجو", "التعاون", "شراكة", "مایلیم", "می‌خواهیم", "پیشنهاد", "همکاری",
    "درخواست", "چاہتے", "تجویز", "تعاون", "درخواست", "היינו רוצים", "אנו מבקשים", "מציעים", "מחפשים", "שיתוף פעולה", "נשמח",
    # Languages of South Asia
    "चाहते", "चाहती", "प्रस्ताव", "अनुरोध", "सहयोग", "साझेदारी", "इच्छुक", "चाहन्छौं", "চাই", "প্রস্তাব", "অনুরোধ", "সহযোগিতা", "இணைந்து", "விரும்பு",
    "ஒத்துழைப்பு", "కోరుకుంట", "సహకార", "ಸಹಕಾರ", "സഹകരണ", "आम्ही इच्छि",
    # East and South-East Asia
    "たい", "お願い", "いただけ", "ご提案", "提案", "提供", "協力", "連携", "希望", "依頼", "ご相談", "我们想", "我們想", "希望", "合作", "請問", "请问",
    "能否", "想请", "想請", "捐赠", "捐贈", "싶습니다", "제안", "요청", "협력", "부탁", "제공", "ต้องการ", "ขอ", "เสนอ", "ร่วมมือ", "สนใจ", "ចង់", "ស្នើ", "សហការ",
    "muốn", "đề nghị", "đề xuất", "hợp tác", "mong được", "tìm kiếm", "ingin", "menawarkan", "mengusulkan", "mencari", "kerja sama", "kerjasama",
    "memohon", "mengajukan", "nais naming", "gusto naming", "nag-aalok", "pakikipagtulungan",
    # Africa, Esperanto
    "tungependa", "ningependa", "tunapendekeza", "tunaomba", "tunatafuta", "ushirikiano", "muna so", "muna neman", "haɗin gwiwa",
    "እንፈልጋለን", "ትብብር", "ni ŝatus", "ni volas", "proponas", "ni serĉas", "kunlabor",
)  # fmt: skip

COURTESIES = (
    "hope this", "hope you are", "hope you're", "hope all is", "trust this", "thank you", "thanks", "many thanks", "look forward", "looking forward",
    "please do not hesitate", "please don't hesitate", "feel free", "happy to answer", "happy to discuss", "happy to provide more", "let me know if you have",
    "excuse me", "excuse my", "forgive me", "forgive my", "pardon my", "my english", "following proposal", "following request",
    "folgenden vorschlag", "folgende anfrage", "proposition suivante", "demande suivante", "siguiente propuesta", "seguinte proposta", "následující návrh",
    "задоволство ви се обраќ", "с удоволствие се обръщ", "ngiyakubingelela", "refer to the heading", "j'espère être au bon", "mijn nederlands", "mon français", "mein deutsch", "mi español",
    "best regards", "kind regards", "sincerely", "apologies for", "sorry for", "sorry to", "please find attached", "sent from my",
    "vielen dank", "danke", "ich freue mich", "wir freuen uns", "ich hoffe, es geht", "für rückfragen", "mit freundlichen", "im anhang finden",
    "merci", "dans l'attente", "je reste à", "nous restons à", "veuillez agréer", "veuillez trouver", "je vous prie", "j'espère que vous",
    "gracias", "quedo a la espera", "quedamos a", "quedo a su", "espero que se encuentre", "un cordial saludo", "agradec", "obrigad", "aguardamos", "fico à disposição",
    "grazie", "in attesa di", "resto a disposizione", "cordiali saluti", "bedankt", "dank u", "ik kijk uit", "wij kijken uit", "tack", "tak for", "takk", "kiitos", "kiitämme",
    "dziękuj", "z góry dzięk", "děkuj", "ďakuj", "hvala", "спасибо", "благодар", "с уважением", "дякуємо", "дякую", "köszön", "teşekkür", "ευχαριστ", "mulțumi",
    "شكرا", "شكراً", "نشكركم", "وتفضلوا", "با تشکر", "سپاس", "شکریہ", "תודה", "धन्यवाद", "ধন্যবাদ", "நன்றி", "ありがとう", "お世話に", "よろしくお願い", "谢谢", "感谢", "謝謝", "感謝",
    "감사합니다", "안녕하", "ขอบคุณ", "cảm ơn", "terima kasih", "salamat", "asante", "mun gode", "dankon", "antaŭdankon",
)  # fmt: skip

GREETINGS = (
    "annwyl", "lugupeetud", "goedenavond", "goedemorgen", "čau",
    "dear", "hello", "hi", "hey", "good morning", "good afternoon", "good day", "good evening", "greetings", "to whom it may concern",
    "sehr geehrte", "liebe", "guten tag", "hallo", "moin", "bonjour", "madame, monsieur", "madame", "cher", "chère", "chers", "estimad", "hola", "buenos días",
    "buenas tardes", "muy señores", "prezad", "caro", "cara", "olá", "bom dia", "boa tarde", "exmos", "gentil", "buongiorno", "salve", "spettabile", "egregi", "geachte", "beste",
    "hej", "hei", "kære", "kjære", "bästa", "god dag", "hyvä", "arvoisa", "tere", "szanown", "dzień dobry", "witam", "vážen", "dobrý den", "dobrý deň",
    "poštovan", "dobar dan", "spoštovan", "уважаем", "здравствуйте", "добрый день", "шановн", "доброго дня", "добрий день", "вітаю", "уважаеми",
    "здравейте", "поштовани", "почитувани", "tisztelt", "kedves", "sayın", "merhaba", "hörmətli", "αγαπητ", "αξιότιμ", "καλημέρα", "stimat", "bună ziua", "gerbiam", "laba diena",
    "cien", "labdien", "të nderuar", "السلام عليكم", "تحية", "السادة", "السيد", "حضرة", "مرحبا", "با سلام", "سلام", "محترم", "שלום", "לכבוד", "नमस्ते", "नमस्कार", "महोदय", "आदरणीय",
    "প্রিয়", "নমস্কার", "வணக்கம்", "拝啓", "こんにちは", "お世話になっております", "尊敬的", "您好", "你好", "敬啟者", "敬启者", "안녕하세요", "안녕하십니까", "เรียน", "สวัสดี", "kính gửi", "xin chào",
    "yth", "kepada", "selamat pagi", "selamat siang", "salam", "assalam", "mahal na", "habari", "ndugu", "mpendwa", "saluton", "estimata", "karaj",
)  # fmt: skip

FAREWELLS = (
    "best", "best regards", "best wishes", "kind regards", "regards", "warm regards", "warmly", "warm wishes", "sincerely", "yours", "cheers", "many thanks", "thanks", "thank you",
    "respectfully", "cordially", "all the best", "mit freundlichen", "freundliche grüße", "viele grüße", "beste grüße", "herzliche grüße", "liebe grüße", "mfg", "hochachtungsvoll",
    "cordialement", "bien cordialement", "bien à vous", "salutations", "sincères salutations", "atentamente", "saludos", "un saludo", "un cordial saludo", "cordialmente", "atenciosamente",
    "cumprimentos", "com os melhores", "abraço", "cordiali saluti", "distinti saluti", "met vriendelijke", "groet", "hartelijke groet", "med vänlig", "vänliga hälsningar", "hälsningar",
    "med venlig", "venlig hilsen", "vennlig hilsen", "hilsen", "ystävällisin", "terveisin", "lugupidamisega", "z poważaniem", "pozdrawiam", "z wyrazami", "s pozdravem", "s úctou", "s pozdravom",
    "srdačan pozdrav", "s poštovanjem", "lep pozdrav", "с уважением", "с наилучшими", "з повагою", "поздрави", "с поштовањем", "со почит", "üdvözlettel", "tisztelettel", "saygılarımla", "saygılarımızla",
    "hörmətlə", "με εκτίμηση", "cu stimă", "cu respect", "pagarbiai", "ar cieņu", "me respekt", "مع التحية", "مع خالص", "وتفضلوا بقبول", "با احترام", "با تشکر", "והכר", "בברכה", "सादर", "भवदीय", "ধন্যবাদান্তে", "শুভেচ্ছা",
    "敬具", "此致", "敬上", "顺颂", "順頌", "올림", "드림", "ขอแสดงความนับถือ", "trân trọng", "hormat kami", "salam hormat", "hormat saya", "lubos na", "wako", "kwa heshima", "ko respekto", "kun respekto", "amike",
)  # fmt: skip


def found(entries: tuple[str, ...], text: str) -> int:
    """Return how many of `entries` stand in `text`, which is in lower case.

    Looking for each is several times as quick as one expression of alternatives.
    """
    return len([entry for entry in entries if entry in text and _begins_a_word(entry, text)])


def present(entries: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return those of `entries` that stand in `text`, which is in lower case, also within words; in one pass."""
    there = dict.fromkeys(entry for _, entry in _sought(entries).iter(text))
    return tuple(chain.from_iterable(there))


@cache
def _sought(entries: tuple[str, ...]) -> Any:
    # Several languages share some entries: those stand there, and count, more than once.
    return automaton({entry: (entry,) * count for entry, count in Counter(entries).items()}, nothing=())


def opening(entries: tuple[str, ...], text: str) -> int:
    """Return how many characters of `text`, which is in lower case, the longest of `entries` takes at its start."""
    candidates = _by_letter(entries).get(text[:1], ())
    return max(
        (len(entry) for entry in candidates if text.startswith(entry) and _ends_well(entry, text)), default=0
    )


@cache
def _by_letter(entries: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return the entries by their first letter: most lines begin with a letter that few of them share."""
    letters = dict.fromkeys(entry[0] for entry in entries)
    return {letter: tuple(entry for entry in entries if entry[0] == letter) for letter in letters}


def _begins_a_word(entry: str, text: str) -> bool:
    # Scripts of East Asia and Thailand put no space before a word.
    if entry[0] >= "\u0e00":
        return True
    at = text.find(entry)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(entry, at + 1)
    return at >= 0


def _ends_well(entry: str, text: str) -> bool:
    """Tell whether a short entry, such as ``hi``, is a word of its own."""
    return len(entry) > _SHORT or not text[len(entry) : len(entry) + 1].isalpha()
