"""Stems by which the lines of a signature are told apart: organisations, roles, streets, labels; in many languages.

All are compared with `closings.fold`ed text. A stem may stand anywhere in a word (``Stadtmuseum``) unless it ends in a
space or begins with one.
"""

from __future__ import annotations

import functools
from typing import Any

from pipeline.automata import automaton
from pipeline.parsing.closings import fold

_ORGANISATIONS = """
museum, museo, museu, musée, muzeu, muzej, muzie, muuseum, múzeum, müze, музе, μουσεί, מוזיאון, متحف, موزه, संग्रहालय, জাদুঘর,
พิพิธภัณฑ์, bảo tàng, muzium, 博物, 美術館, 美术馆, 資料館, 纪念馆, 박물관, 미술관, მუზეუმ, թանգարան
library, bibliothek, bibliothèque, bibliotec, biblioteca, biblioteka, bibliotēka, könyvtár, kütüphanesi, kütüphane , knihovna, knižnica,
knjižnica, библиотека, библиотеки, бібліотека, kirjasto, raamatukogu, biblioteket, bibliotek , βιβλιοθήκη, ספריי, مكتبة, کتابخانه,
पुस्तकालय, গ্রন্থাগার, ห้องสมุด, thư viện, perpustakaan, 图书馆, 圖書館, 図書館, 도서관, ბიბლიოთეკა, գրադարան
archive, archiv , archives, archivo, arquivo, arxiu, archivio, archief, arkiv , arkivet, archiwum, arhiv, архив, архів, levéltár, arşivi,
αρχείο, ארכיון, أرشيف, آرشیو, अभिलेखागार, lưu trữ, arsip, 档案, 檔案, 文書館, 기록원
universi, univerz, uniwersytet, университет, університет, yliopisto, ülikool, egyetem, üniversite, πανεπιστήμιο, אוניברסיט, جامعة,
دانشگاه, विश्वविद्यालय, বিশ্ববিদ্যালয়, มหาวิทยาลัย, đại học, 大学, 大學, 대학교, უნივერსიტეტ, համալսարան
school, schule, école, escuela, escola, scuola, szkoła, škola, школа, iskola, okulu, lisesi, koulu, skole , skola, σχολείο, בית ספר, مدرسة,
مدرسه, विद्यालय, বিদ্যালয়, โรงเรียน, trường, sekolah, 学校, 學校, 학교, college, collège, lycée, gymnasi, gimnaz, liceo, academ, akadem,
institut, instytut, інститут, институт, intézet, enstitü, ινστιτούτο, מכון, معهد, संस्थान, สถาบัน, viện , 研究院, 研究所, 연구소, 学院, 學院,
fakult, facult, facultad, faculdade, departement, departamento, department, katedra, кафедра, abteilung, referat , dipartimento, tanszék
foundation, stiftung, fondation, fundación, fundação, fundació, fondazione, stichting, stiftelse, säätiö, fundacja, nadace, nadácia,
alapítvány, fundația, фонд, vakfı, ίδρυμα, קרן, مؤسسة, بنیاد, yayasan, 基金, 財団, 재단, trust
division, unit , section , dirección, direction , direção, wydział, dział , oddělení, odbor , oddelenie, отдел, відділ, birimi, dairesi, bölümü, osasto, avdeling, avdelning, afdeling, afdeling , department, associa, asocia, asocja, verein, e.v., e. v., vereniging, förening, forening, yhdistys, selts , stowarzysz, spolek, sdružení, združenie,
udruženje, udruga, удружење, društvo, друштво, egyesület, сдружение, дружество, ассоциаци, асоціаці, общество, товариство, σύλλογος,
derneği, עמותה, جمعية, انجمن, संघ, समिति, সমিতি, সংঘ, สมาคม, persatuan, 协会, 協會, 協会, 学会, 學會, 협회, ასოციაცია, society, société,
sociedad, sociedade, società, seura, union , kooperativ, cooperativ, genossenschaft, federa, föderation, fédération, verband, netzwerk,
network, réseau, nettverk, consorti, consortium, alliance, coalition, collective, kollektiv, collectif, colectivo, coletivo
council, conseil, consejo, conselho, consiglio, rada , gemeinde, municip, mairie, ayuntamiento, comune , gmina, urząd, kommune, kommun ,
belediye, община, администрац, ministr, ministèr, ministeri, министерств, міністерств, bakanlı, υπουργείο, משרד, وزارة, मंत्रालय,
kementerian, bộ , agency, agence, agencia, agentur, agência, agenzia, behörde, authority, commission, committee, comité, embassy, consulat
centre, center, zentrum, centro, centrum, центр, központ, merkezi, κέντρο, מרכז, مركز, केंद्र, केन्द्र, কেন্দ্র, ศูนย์, trung tâm, pusat, 中心,
センター, 센터, gallery, galeri, galerie, театр, teatr, theater, theatre, théâtre, observator, hospital, klinik, clinic, church, kirche,
parish, diocese, wikimedia, wiki , club , klub, radio, televis, press , verlag, publish, editorial , éditions, izdava, издател, kiadó, yayın,
zeitung, gazette, magazine, studio, lab , labs, laborat, workshop, group, gruppe, grupo, groupe, grupa, группа, csoport, skupina, team , office ,
büro, bureau, oficina, gabinet, kontor , secretaría, sekretariat, secretariat, anstalt , médiathèque, mediathek, mediateca, verwaltung, behörde, amt , 委員会, 委员会, 委員會, 协作, tutkimuskeskus,  topluluğu, komünite, communauté, comunidad, gerencia , projekt , project , projet , initiative, iniciativ, programme , trail, zoo ,
garden, jardín, jardin, botan, park , heritage, denkmal, patrimonio, patrimoine, orchestra, orchester, choir, ensemble, chamber, bank , records,
gmbh, ltd, limited, llc, inc., s.a., s.r.l., srl , sarl, s.p.a., s.l., oyj, a/s, aps , d.o.o., sp. z o.o., kft, a.ş., ооо , pty, plc, b.v., n.v.,
s.r.o., s.a.s, corporation, company, compañía, companhia, firma , consulting, software, solutions, services, 有限公司, 公司, 株式会社, 주식회사
"""

_ROLES = """
director, direktor, directeur, directrice, diretor, direttor, direttric, dyrektor, ředitel, riaditeľ, igazgató, директор, müdür, διευθυντ,
מנהל, مدير, مدیر, निदेशक, পরিচালক, ผู้อำนวยการ, giám đốc, direktur, pengarah, johtaja, juhataja, direktore, drejtor, დირექტორ, տնօրեն, 主任, 所长,
所長, 館長, 馆长, 院长, 院長, 经理, 經理, 部長, 課長, 係長, 主席, 관장, 부장, 팀장, 이사
head of, head,, leiter, leitung, responsable, responsabile, responsável, chef , chefe, jefe, jefa, hoofd, leder , ledare, päällikkö, vastaava,
kierowni, vedouc, vedúc, vezető, șef , начальник, заведующ, завідувач, ръководител, voditelj, vodja, şefi, sorumlu, προϊστάμ, ראש , رئيس, رییس,
प्रमुख, প্রধান, หัวหน้า, trưởng , kepala, ketua, 主管, 負責人, 负责人, superintend
curator, kurator, kustos, conservator, conservateur, conservatrice, conservador, konserwator, kurátor, куратор, хранител, küratör, επιμελητ,
אוצר, أمين, 学芸員, 策展人, 큐레이터, keeper, registrar, restaurator
librarian, bibliothekar, bibliothécaire, bibliotecari, bibliotecári, bibliothecaris, bibliotekar, bibliotekarz, knihovník, knihovnice, knjižničar,
könyvtáros, kütüphaneci, библиотекар, бібліотекар, kirjastonhoitaja, kirjastovirkailija, llyfrgellydd, ספרן, 사서, 司書, archivist, archivar,
archiviste, archiver, archivár, arkivar, arkistonhoitaja, archivista, arquivista, архивист, архіваріус, levéltáros, arşivci
coordinat, coordena, coordina, koordinat, koordynator, koordinátor, координатор, koordinatör, συντονιστ, רכז, منسق, هماهنگ, समन्वयक, সমন্বয়ক,
ผู้ประสานงาน, điều phối, koordinator, penyelaras
manager, officer, executive, secretary, sekretär, secrétaire, secretario, secretaria , secretária, secretário, secretar , déléguée, délégué, delegad, yönetmen, universitair docent, universitetsadjunkt, universitetslektor, adjunkt , docente , vereador, concejal, sodelav, mitarbeit, mtumishi, katibu, segretari, sekretarz, sekretar, tajemní, секретар, sihteeri,
titkár, sekreter, sekretaris, sekretario, γραμματέας, מזכיר, سكرتير, सचिव, সম্পাদক, thư ký, 秘书, 秘書, presiden, präsident, présiden, prezes, předsed,
predsed, председ, elnök, başkan, πρόεδρος, יו"ר, अध्यक्ष, সভাপতি, ประธาน, chủ tịch, pengerusi, 会长, 會長, 会長, 理事, 회장, chair, vorsitz,
voorzitter, ordförande, formand, puheenjohtaja, przewodnicz, голова , founder, gründer, fondateur, fondatrice, fundador, fondator, založitel,
основатель, засновник, kurucu, treasurer, schatzmeister, trésori, tesorero, schriftführer, trustee, representative, vertreter
professor, profesor, prof. , professeur, docent, lecturer, dozent, teacher, lehrer, enseignant, maestra, maestro, docente, insegnante, nauczyciel, učitel, učiteľ,
учител, вчител, tanár, öğretmen, opettaja, õpetaja, lærer, lärare, leraar, δάσκαλ, καθηγητ, מורה, معلم, أستاذ, आचार्य, शिक्षक, প্রধান শিক্ষক, शिक्षिका, guru , cikgu,
giáo viên, 教师, 教師, 教授, 先生, 교사, 교수, principal, second master, dean, rektor, rector, recteur, proviseur, प्रधानाध्यापक, अधीक्षक
researcher, forscher, chercheu, investigador, ricercat, badacz, výzkum, исследоват, дослідни, kutató, araştırmacı, tutkija, forsker, forskare,
onderzoeker, ερευνητ, חוקר, باحث, پژوهشگر, शोधकर्ता, গবেষক, 研究員, 研究员, 研究者, 연구원, scientist, phd, doktorand, doctorant, candidate, student , studentin,
fellow, postdoc, судлаач, scholar
editor, redakteur, rédact, redactor, redaktor, редактор, szerkesztő, journalist, periodista, journaliste, dziennikar, журналист, engineer, ingenieur, ingénieur,
ingenier, inżynier, инженер, mérnök, mühendis, developer, entwickler, programm manager, produc, analyst, consultant, adviser, advisor, asesor, conseill, berater,
doradca, poradce, консультант, советник, tanácsadó, danışman, yönetici, sorumlusu, მრჩეველი, specialist, spezialist, spécialist, especialist, specjalist, специалист, спеціаліст, експерт,
эксперт, expert, uzman, referent, sachbearbeiter, beauftragte, geschäftsführ, mitarbeiter, assistant, assistent, asistent, asystent, assistente, ассистент, помощник, intern ,
intern,, internship, praktikant, stagiaire, becari, pasante, estagiári, tirocinant, stażyst, стажер, stajyer, volunteer, freiwillig, bénévole, voluntari, voluntári,
wolontariusz, dobrovol, dobrovoľn, волонтер, доброволец, önkéntes, gönüllü, vabatahtlik, vapaaehtoi, frivillig, מתנדב, متطوع, स्वयंसेवक, স্বেচ্ছাসেবক, 志愿者, ボランティア, 자원봉사
lead , leader, lead,, spokesperson, sprecher, ambassador, liaison, administrator, administrador, admin , attaché, clerk, ranger, mayor, alcalde, burmistrz, starost, bürgermeister,
ceo, cto, coo, vice president, deputy, stellvertret, adjoint, zastępca, zástupce, zástupkyn, náměst, заместитель, заступник, müdür yardımcı, helyettes, owner, inhaber, propriétaire,
technician, tècnic, técnic, tecnico, technik, teknisyen, guide, photographer, fotograf, artist, translator, lawyer, legal officer, abogad, avocat, právnik, prawnik, юрист, chancel, pastor, reverend, imam, priest, pfarrer
"""

_STREETS = """
street, st. , road, rd., avenue, ave., lane , drive , square, place , quay, district, quartier, village, block , boulevard, blvd, suite , floor, p.o. box, po box, p. o. box, building,
straße, strasse, str. , gasse , platz, allee, ring , weg , ufer, postfach, rue , bd , place de, quai, chemin, impasse, cours , cedex, bp , calle, c/ , avda,
avenida, av. , plaza, paseo, carrera, cra., apartado, colonia, barrio, piso , rua, travessa, largo , praça, caixa postal, via , viale, piazza, corso, largo ,
straat, laan , plein, gracht, kade , postbus, gatan, vägen, torg , gade , vej , plads, gata , veien, plass, katu, tie , tänav, iela, gatvė, g. , ul. , al. , pl. , ulica,
aleja, ulice, náměstí, třída, námestie, utca, út , tér , strada, bulevardul, piața, ulica , cesta, trg , улица, ул., г. , город , пр., проспект, просп., пл., площадь, вул., площа,
бул., οδός, λεωφόρος, sokak, sok., cad., caddesi, mah., mahallesi, bulvar, רחוב, רח', شارع, ص.ب, خیابان, मार्ग, रोड, রোড, सड़क, ถนน, đường, phố , jalan, jl., jln, 路, 街, 号, 號, 丁目, 番地, 〒,
로 , 동 , 구 , ქუჩა, փողոց, гудамж
"""

_FAX = ("fax", "telefax", "faks", "факс", "φαξ", "פקס", "فاكس", "传真", "傳真", "팩스")


ORGANISATION, ROLE, STREET, FAX_LABEL = "organisation", "role", "street", "fax"
_BARE = 4  # a Latin stem of so few letters counts only at the beginning of a word


def _stems(block: str) -> tuple[str, ...]:
    cells = (fold(cell.lstrip(" \n")) for row in block.strip().split("\n") for cell in row.split(", "))
    found = (cell.rstrip(",") for cell in cells if cell.strip(" ,"))
    return tuple(
        dict.fromkeys(f" {stem}" if stem.isascii() and len(stem.strip()) <= _BARE else stem for stem in found)
    )


@functools.cache
def _all_stems() -> Any:
    sorts: dict[str, set[str]] = {}
    blocks = (
        (ORGANISATION, _stems(_ORGANISATIONS)),
        (ROLE, _stems(_ROLES)),
        (STREET, _stems(_STREETS)),
        (FAX_LABEL, _FAX),
    )
    for sort, stems in blocks:
        for stem in stems:
            sorts.setdefault(stem, set()).add(sort)
    return automaton({stem: (len(stem), tuple(several)) for stem, several in sorts.items()})


def kinds(text: str) -> dict[str, int]:
    """Return which kinds of words stand in a text, and where each kind comes first.

    Parameters
    ----------
    text
        A line of a signature, or a part of one, folded.
    """
    found: dict[str, int] = {}
    for last, (length, sorts) in _all_stems().iter(f" {text} "):
        for sort in sorts:
            start = max(0, last - length)
            found[sort] = min(found.get(sort, start), start)
    return found
