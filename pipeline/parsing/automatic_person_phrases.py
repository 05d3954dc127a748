"""What people write in letters and machines do not, by language, case-folded.

Weighed only where no field of the header speaks for a machine.
"""

from __future__ import annotations

# Who writes, what for, and that an automatic answer was received.
PERSON = (
    "we are a", "we are an", "i am a", "our museum", "our library", "our archive", "our school", "our foundation", "our university", "our project",
    "our ngo", "our association", "our company", "our firm", "our institution", "we want to", "we would like", "i would like", "we would love",
    "would love to", "we offer", "we wish to", "i wish to", "we propose", "invite you", "invites you", "our gallery", "our theatre", "our exhibition", "laden sie ein", "want to join", "wants to join", "want to become", "wants to become",
    "become a partner", "looking for a partner", "i got your", "i received your", "i have received your", "got an automatic", "received an automatic",
    "got an out of office", "your out of office", "your out-of-office", "your automatic reply", "your auto-reply",
    "wir sind ein", "wir sind eine", "unser museum", "unsere bibliothek", "unser archiv", "unsere schule", "unsere stiftung", "unser verein",
    "unsere universität", "unser projekt", "wir möchten", "ich möchte", "wir würden gern", "ich würde gern", "wir bieten", "habe ihre", "haben ihre",
    "ihre abwesenheitsnotiz", "ihre automatische antwort", "wij zijn een", "ons museum", "wij willen", "we willen", "wij bieden", "uw automatische",
    "nous sommes un", "nous sommes une", "notre musée", "notre bibliothèque", "notre fondation", "notre association", "notre université",
    "notre projet", "nous souhaitons", "je souhaite", "nous souhaiterions", "je souhaiterais", "nous voudrions", "nous proposons", "j'ai reçu votre",
    "vous m'avez envoyé", "votre réponse automatique", "somos un", "somos una", "nuestro museo", "nuestra biblioteca", "nuestra fundación",
    "nuestra asociación", "nuestro proyecto", "queremos", "quisiera", "nos gustaría", "me gustaría", "ofrecemos", "recibí su", "he recibido su",
    "su respuesta automática", "somos um", "somos uma", "nosso museu", "o nosso museu", "gostaríamos", "gostaria de", "recebi a sua", "recebi sua",
    "siamo un", "siamo una", "il nostro museo", "la nostra biblioteca", "la nostra fondazione", "vorremmo", "vorrei", "ho ricevuto la", "ho ricevuto il",
    "vi är ett", "vi är en", "vårt museum", "vi vill", "jag vill", "vi skulle vilja", "vi er et", "vi er en", "vores museum", "vårt museum", "vi vil gerne",
    "vi ønsker", "olemme museo", "haluaisimme", "haluamme", "jesteśmy", "nasze muzeum", "nasza biblioteka", "nasza fundacja", "chcielibyśmy", "chcemy",
    "otrzymałam", "otrzymałem", "naše muzeum", "naše knihovna", "rádi bychom", "chtěli bychom", "dostal jsem", "dostala jsem", "naše múzeum",
    "radi by sme", "chceli by sme", "szeretnénk", "múzeumunk", "muzeul nostru", "am dori", "dorim să", "наш музей", "наша библиотека", "наш фонд",
    "мы хотели бы", "мы хотим", "хотел бы", "хотела бы", "я получил", "я получила", "ми хотіли б", "ми хочемо", "бихме искали", "искаме да",
    "naš muzej", "naša knjižnica", "željeli bismo", "želimo", "желимо", "наш музеј", "θα θέλαμε", "το μουσείο μας", "müzemiz", "istiyoruz", "isteriz",
    "המוזיאון שלנו", "אנחנו רוצים", "نود أن", "نرغب في", "متحفنا", "موزه ما", "می‌خواهیم", "हम चाहते हैं", "हमारा संग्रहालय", "kami ingin", "museum kami",
    "chúng tôi muốn", "bảo tàng của chúng tôi", "我们希望", "我们想", "我們希望", "我馆", "我館", "当館は", "저희 박물관", "tungependa", "voldríem", "ens agradaria",
)  # fmt: skip

# Whoever was not answered speaks of the own mail; a mail server speaks of the reader's.
OWN_MAIL = (
    "my mail", "my email", "my e-mail", "my message", "my letter", "our mail", "our email", "our e-mail", "our message", "our letter", "our courier",
    "i wrote", "i tried", "we tried", "we wrote", "i sent", "we sent", "when i write",
    "meine mail", "meine e-mail", "meine nachricht", "mein schreiben", "unsere mail", "unsere e-mail", "unsere nachricht", "mijn mail", "mijn e-mail",
    "mijn bericht", "mon mail", "mon message", "mon courriel", "mon e-mail", "notre message", "notre courriel", "mi correo", "mi mensaje",
    "nuestro correo", "nuestro mensaje", "meu e-mail", "minha mensagem", "nosso e-mail", "la mia mail", "la mia e-mail", "il mio messaggio",
    "mitt mejl", "mitt meddelande", "min mail", "min e-post", "min besked", "viestini", "mój mail", "mój e-mail", "moja wiadomość", "můj e-mail",
    "moje zpráva", "môj e-mail", "moja správa", "az üzenetem", "e-mailul meu", "mesajul meu", "моё письмо", "мое письмо", "наше письмо", "мій лист",
    "наш лист", "моят имейл", "moj mail", "moja poruka", "моја порука", "το μήνυμά μου", "mesajım", "e-postam", "המייל שלי", "ההודעה שלי", "رسالتي",
    "بريدي", "ایمیل من", "मेरा ईमेल", "email saya", "thư của tôi", "email của tôi", "我的邮件", "我们的邮件", "我的郵件", "私のメール", "제 메일", "제 이메일",
)  # fmt: skip

# Sentences that tell nothing: greetings and thanks.
GREETINGS = (
    "hello", "hi", "hallo", "hallå", "ahoj", "salut", "ciao", "привет", "dear", "good day", "good morning", "greetings", "thank you", "thanks", "many thanks", "guten tag", "sehr geehrte", "liebe", "danke",
    "vielen dank", "herzlichen dank", "beste", "geachte", "goedendag", "dank voor", "dank u", "bedankt", "bonjour", "madame", "merci", "hola", "buenos",
    "buenas", "gracias", "muchas gracias", "estimad", "bon dia", "gràcies", "buongiorno", "gentile", "grazie", "bom dia", "boa tarde", "olá", "obrigad",
    "agradeço", "hej", "hei", "goddag", "god dag", "tack", "tak for", "takk", "mange tak", "tusen takk", "kiitos", "tervehdys", "tere", "aitäh", "täname",
    "labdien", "paldies", "laba diena", "sveiki", "ačiū", "dzień dobry", "dziękuję", "dziękujemy", "szanown", "dobrý den", "děkuji", "děkujeme", "vážen",
    "dobrý deň", "ďakujem", "jó napot", "köszönöm", "köszönjük", "tisztelt", "bună ziua", "mulțumesc", "mulțumim", "здравствуйте", "добрый день",
    "спасибо", "благодарю", "благодарим", "добрий день", "вітаю", "дякую", "дякуємо", "здравейте", "благодаря", "poštovani", "dobar dan", "hvala",
    "поштовани", "хвала", "pozdravljeni", "spoštovani", "καλημέρα", "αγαπητ", "ευχαριστ", "merhaba", "sayın", "teşekkür", "שלום", "תודה", "مرحب",
    "السلام", "شكر", "تحية", "سلام", "با سلام", "متشکر", "سپاس", "नमस्ते", "धन्यवाद", "halo", "terima kasih", "xin chào", "kính", "cảm ơn", "สวัสดี", "ขอบคุณ",
    "您好", "你好", "感谢", "感謝", "谢谢", "謝謝", "お世話", "ありがとう", "안녕하", "감사", "habari", "asante", "përshëndetje", "faleminderit",
)  # fmt: skip
