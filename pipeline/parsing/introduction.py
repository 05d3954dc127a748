"""The first sentences of a mail and those in which its author says who writes."""

from __future__ import annotations

import functools
import re
from typing import Any

from pipeline.automata import automaton
from pipeline.parsing.sentences import sentences

LIMIT = 1_000  # characters
_LEADING = 3  # sentences after the greeting
_LOOKED_AT = 60  # sentences searched for a self-introduction
_GREETING_WORDS = 7

# How people say who they are. Whole words; matched without regard to case.
_WHO = """
my name is|i am the|i am a|i am an|i'm the|i'm a|i'm an|i am writing|i'm writing|i write on behalf|i write for|i work|i run
i lead|i head|i coordinate|i manage|i direct|i chair|i represent|i teach|we are the|we are a|we are an|we're a|we're the
we run|we represent|on behalf of|i serve as|i am from|we are from|our organisation|our organization|our museum|our library
our archive|our school|our foundation|our company|our institute|our university|our association|our team
mein name|ich bin|ich schreibe|ich leite|ich arbeite|ich vertrete|ich koordiniere|wir sind|im namen|ich heiße|ich heisse
unser verein|unsere stiftung|unser museum|unser archiv|unsere bibliothek|unsere schule|ich unterrichte|wir betreiben
je suis|je m'appelle|je m’appelle|je me présente|nous sommes|au nom d|je dirige|je travaille|je représente|notre association
notre musée|notre bibliothèque|notre fondation|notre école|j'enseigne|je coordonne|je préside|je vous écris
soy|me llamo|mi nombre es|somos|en nombre de|trabajo en|trabajo como|dirijo|represento|nuestra asociación|nuestra fundación
nuestro museo|nuestra biblioteca|les escribo|le escribo|coordino|nos presentamos|escribimos de|doy clases
chamo-me|me chamo|meu nome|o meu nome|sou o|sou a|sou um|sou uma|somos|em nome d|trabalho n|represento|coordeno|a nossa
sono il|sono la|sono un|mi chiamo|siamo un|siamo il|siamo la|siamo i|scrivo a nome|a nome d|lavoro|dirigo|rappresento|coordino
mijn naam|ik ben|wij zijn|we zijn|ik werk|ik schrijf|namens|ik heet|onze stichting|onze vereniging|ons museum|ons archief
my naam|ek is|ons is|ek werk|ek skryf|jag heter|mitt namn|jag är|vi är|jag arbetar|jag skriver|för vår|jag jobbar
jeg hedder|mit navn|jeg er|vi er|jeg arbejder|jeg skriver|på vegne af|jeg heter|mitt navn|jeg jobber|jeg arbeider|på vegne av
eg heiter|eg er|me er|ég heiti|ég er|við erum|nimeni on|olen|olemme|kirjoitan|työskentelen|edustan|minu nimi|olen|oleme|kirjutan
mani sauc|mans vārds|es esmu|mēs esam|es strādāju|mano vardas|aš esu|mes esame|esu|dirbu|rašau
nazywam się|jestem|jesteśmy|piszę w imieniu|w imieniu|pracuję|prowadzę|kieruję|reprezentuję|jmenuji se|jsem|jsme|pracuji|jménem
zastupuji|volám sa|sme|pracujem|v mene|zastupujem|a nevem|vagyok|vagyunk|dolgozom|nevében|képviselem|mă numesc|ma numesc
numele meu|sunt|suntem|reprezint|lucrez|în numele|казвам се|аз съм|ние сме|работя|от името|меня зовут|я работаю|мы работаем
от имени|я представляю|мы представляем|мы —|я —|я -|мы -|пишу вам|пишет вам|руковожу|наш музей|наша библиотека|наше общество
мене звати|мене звуть|я працюю|ми працюємо|від імені|я представляю|ми —|ми -|пишу вам|пише вам|мяне завуць|ад імя|я працую
zovem se|ja sam|mi smo|radim|u ime|moje ime|зовем се|ја сам|ми смо|у име|радим|моје име|ime mi je|v imenu
се викам|јас сум|ние сме|во име|работам|quhem|unë jam|jemi|në emër|ονομάζομαι|με λένε|λέγομαι|είμαι|είμαστε|εκ μέρους|εργάζομαι
adım|ismim|ben bir|biz bir|adına|çalışıyorum|olarak görev|müdürüyüm|öğretmeniyim|üyesiyiz|mənim adım|adından|işləyirəm
менің атым|атынан|жұмыс істеймін|mening ismim|nomidan|ishlayman|em dic|sóc|som un|som una|en nom de|treballo|chámome|son o|son a
somos|en nome d|traballo|nire izena|naiz|izenean|fy enw|rydw i|rydym ni|dw i|ar ran|is mise|is mé|thar ceann|tá mé ag obair
mia nomo|mi estas|ni estas|nome de|mwen rele|non mwen|mwen se|nou se|mwen travay
שמי|אני מנהל|אני מנהלת|אני עובד|אני עובדת|אנחנו|אנו|בשם|מטעם|קוראים לי|اسمي|أنا|نحن|باسم|نيابة عن|أعمل|أمثل|أكتب إليكم|من هستم|نام من|ما یک|من |از طرف|به نمایندگی
میرا نام|میں ہوں|ہم ایک|کی جانب سے|मेरा नाम|मैं|हम |की ओर से|माझे नाव|मी |आम्ही|च्या वतीने|मेरो नाम|म |हामी|को तर्फबाट|আমার নাম|আমি|আমরা|পক্ষ থেকে
મારું નામ|હું|અમે|તરફથી|ਮੇਰਾ ਨਾਮ|ਮੈਂ|ਅਸੀਂ|என் பெயர்|எனது பெயர்|நான்|நாங்கள்|నా పేరు|నేను|మేము|ನನ್ನ ಹೆಸರು|ನಾನು|ನಾವು|എന്റെ പേര്|ഞാൻ|ഞങ്ങൾ|මගේ නම|මම|අපි
ผมชื่อ|ดิฉันชื่อ|ฉันชื่อ|ผมเป็น|ดิฉันเป็น|เราเป็น|ในนาม|พวกเรา|ข้าพเจ้า|ຂ້ອຍຊື່|ខ្ញុំឈ្មោះ|ខ្ញុំ|យើង|ကျွန်တော်|ကျွန်မ|ကျွန်ုပ်တို့
tôi là|em là|tên tôi|tôi tên|chúng tôi|thay mặt|đại diện|mình là|con là|cháu là|nama saya|saya|kami|atas nama|mewakili|ako po si|ako si|ako ay|kami ay|kami po|sa ngalan|pangalan ko
naitwa|jina langu|mimi ni|sisi ni|kwa niaba|ninafanya kazi|tunafanya kazi|sunana|ni ne|mu ne|a madadin|igama lami|ngingu|egameni|zita rangu|ndini|ndinonzi|panzvimbo|dzina langa|ndine|nitwa|ndi |twebwe
orúkọ mi|èmi ni|àwa|aha m|ako si|mō te taha|nem bilong mi|mipela|ko e|au na o
მე ვარ|ჩვენ ვართ|მქვია|სახელით|ვმუშაობ|ես |իմ անունը|մենք|անունից|աշխատում եմ|миний нэр|би |бид |нэрийн өмнөөс|ስሜ|እኔ|እኛ|በመወከል
我是|我叫|我们是|我們是|本人|本馆|本館|本会|本會|我馆|我館|我校|我院|代表|敝|弊|我在|と申します|と申す|です。私|私は|私ども|弊館|当館|当会|弊社|我々|わたくし|務めて|입니다|라고 합니다|저는|저희는|저희|소속
"""
# In these scripts words run together or carry their endings, so parts of words count.
_JOINED = re.compile(
    r"[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1200-\u137f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_WORD = re.compile(r"[^\W\d_]{3,40}")


@functools.cache
def _phrases() -> Any:
    """Return all phrases as one automaton, so that a sentence is read once."""
    rows = _WHO.strip().splitlines()
    phrases = [phrase for row in rows for phrase in map(str.strip, row.split("|")) if phrase]
    return automaton({phrase: (len(phrase), bool(_JOINED.search(phrase))) for phrase in phrases})


def says_who(sentence: str) -> bool:
    """Tell whether the author says in a sentence who writes."""
    head = sentence[:300].casefold().replace("’", "'")
    for end, (length, joined) in _phrases().iter(head):
        start = end - length + 1
        if joined or not (head[start - 1 : start].isalnum() or head[end + 1 : end + 2].isalnum()):
            return True
    return False


def introduce(text: str, signature: str = "", author: str = "") -> str:
    """Return how the author introduces the mail and themselves.

    Parameters
    ----------
    text
        What the author wrote, without signature.
    signature
        The signature block; a sentence that names somebody from it counts.
    author
        Display name of the author; so does one that names them.

    Returns
    -------
    str
        The first three sentences after the greeting, then those in which the author says who writes, in order;
        at most 1,000 characters.
    """
    found = _without_greeting(sentences(text, _LOOKED_AT))
    names = _names(f"{author}\n{signature[:200]}")
    telling = [sentence for sentence in found[_LEADING:] if _tells(sentence, names)]
    return _fit([*found[:_LEADING], *telling])


def _without_greeting(found: tuple[str, ...]) -> tuple[str, ...]:
    if len(found) > 1 and len(found[0].split()) <= _GREETING_WORDS and not says_who(found[0]):
        return found[1:]
    return found


def _names(text: str) -> frozenset[str]:
    words = _WORD.findall(text[:400])
    return frozenset(word for word in words[:12] if word[0].isupper())


def _tells(sentence: str, names: frozenset[str]) -> bool:
    if says_who(sentence):
        return True
    return len(names) > 1 and len(names.intersection(_WORD.findall(sentence[:300]))) > 1


def _fit(chosen: list[str]) -> str:
    """Join sentences up to the limit; the first one is cut rather than dropped."""
    said = ""
    for sentence in chosen:
        longer = f"{said} {sentence}".strip()
        if len(longer) > LIMIT:
            break
        said = longer
    return said or " ".join(chosen[:1])[:LIMIT]
