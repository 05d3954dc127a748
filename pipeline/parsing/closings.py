"""Phrases with which letters close, and the lines that phones and mail programs append, by language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.scripts import is_unspaced

# Phrases that close a letter whatever follows on the line ("Mit freundlichen Grüßen", "Mvh Lasse").
# One line a language, or several neighbours; the word before the first space is the language.
_STRONG = """
en best regards, kind regards, kindest regards, warm regards, warmest regards, with regards, with kind regards,
en with best regards, with warm regards, with best wishes, best wishes, warm wishes, regards, rgds, brgds, sincerely,
en yours sincerely, sincerely yours, yours faithfully, faithfully yours, yours truly, yours respectfully, respectfully,
en respectfully yours, yours obediently, yours in service, your obedient servant, yours ever, yours etc, on behalf of, for and on behalf of, i remain,
en cordially, warmly, cheers, all the best, all best, best, take care, with respect, with great respect, in solidarity,
en with appreciation, with gratitude, gratefully, very truly yours, very best, many regards, in friendship, xoxo,
en with warm greetings, with greetings, greetings from, big hug, hugs, yours, thanks and regards, thanks & regards,
en thanking you, cheers and thanks, god bless, stay curious, stay safe, looking forward, please accept the assurances,
en please accept, accept the assurances, receive a cordial greeting, receive cordial, jai hind, with warmest,
de mit freundlichen grüßen, mit freundlichen grüssen, mit freundlichen gruessen, mit freundlichen grussen, mfg,
de mit freundlichem gruß, mit freundliche grüße, mit besten grüßen, mit besten grüssen, mit herzlichen grüßen,
de mit herzlichen grüssen, mit lieben grüßen, mit vorzüglicher hochachtung, mit verbindlichen grüßen, hochachtungsvoll,
de freundliche grüße, freundliche grüsse, viele grüße, viele grüsse, beste grüße, beste grüsse, liebe grüße, liebe grüsse,
de herzliche grüße, herzliche grüsse, schöne grüße, schöne grüsse, sonnige grüße, herzlichst, herzlich, grüße, grüsse,
de gruß, gruss, lg, vg, bg, mit kollegialen grüßen, glückauf, danke und gruß, danke & gruß, alles gute, servus, mit gruß,
fr cordialement, bien cordialement, très cordialement, bien à vous, bien à toi, salutations, sincères salutations,
fr salutations distinguées, meilleures salutations, avec mes salutations, mes salutations, sincèrement, amicalement,
fr bien amicalement, amitiés, bien sincèrement, respectueusement, veuillez agréer, veuillez recevoir, veuillez accepter,
fr veuillez croire, je vous prie d'agréer, je vous prie d’agréer, je vous prie de croire, je vous prie de recevoir,
fr nous vous prions d'agréer, nous vous prions de croire, nous vous prions d’agréer, recevez, dans l'attente de,
fr dans l’attente de, dans l'attente d, dans l’attente d, bonne journée, bonne fin de journée, bonne soirée, cdlt, bav,
fr l'expression de, l’expression de, l'assurance de, l’assurance de, avec mes compliments, au plaisir, chaleureusement, solidairement, confraternellement, à bientôt, belle journée, bises,
fr que dieu vous, bien respectueusement, avec considération, salut et fraternité, avec toute ma, amitiés d,
es atentamente, atte, muy atentamente, cordialmente, saludos, saludos cordiales, un saludo, un cordial saludo, saludo,
es un saludo cordial, saludos atentos, reciba un cordial, reciban un, reciba un, un abrazo, abrazo, abrazos,
es un fuerte abrazo, un abrazote, atentos saludos, cordiales saludos, con aprecio, con afecto, con cariño, con respeto,
es sinceramente, respetuosamente, afectuosamente, su servidor, su atento servidor, su segura servidora, quedo de usted,
es quedo a la espera, quedo a su disposición, quedamos a la espera, quedo al tanto, quedo atento, quedo atenta,
es sin otro particular, sin más por el momento, sin más, a sus órdenes, que tenga, dios los guarde, con sentimientos de,
es con la más distinguida, con toda consideración, sin saludos, le saluda, les saluda, fraternalmente, un beso, por el grupo,
pt atenciosamente, att, atte, cordialmente, cumprimentos, com os melhores cumprimentos, melhores cumprimentos,
pt com cumprimentos, com os meus cumprimentos, saudações, saudações cordiais, um abraço, abraço, abraços, abs, um abraço,
pt respeitosamente, grato, grata, cordiais saudações, beijos, um beijo, bjs, com consideração, com estima,
pt renovo os protestos, fico ao dispor, fico à disposição, com elevada, sinceramente, forte abraço, que deus vos,
pt subscrevo-me, beijo e, com apreço, com amizade, fraternalmente,
it cordiali saluti, distinti saluti, cordialmente, un cordiale saluto, un caro saluto, un saluto, saluti, cari saluti,
it con i più cordiali saluti, con i migliori saluti, i migliori saluti, tanti saluti, in fede, voglia gradire,
it vogliate gradire, la prego di gradire, con profonda stima, con stima, con deferenza, con osservanza, a presto,
it un abbraccio, sinceramente, rispettosamente, buona giornata, porgo distinti, porgiamo, ossequi, resto in attesa,
nl met vriendelijke groet, met vriendelijke groeten, vriendelijke groet, vriendelijke groeten, hartelijke groet,
nl hartelijke groeten, met hartelijke groet, groet, groeten, groetjes, vele groeten, hoogachtend, mvg, met groet, gr,
nl liefs, warme groet, met de meeste hoogachting, lieve groet, lieve groeten, beste groeten, collegiale groet, mvrgr,
af vriendelike groete, groete, met vriendelike groete, met hoogagting, beste wense, die uwe, hartlike groete,
sv med vänlig hälsning, med vänliga hälsningar, vänliga hälsningar, vänlig hälsning, bästa hälsningar, hälsningar, mvh,
sv varma hälsningar, med varm hälsning, hälsar, vänligen, hälsning, allt gott, med bästa hälsningar, kram, hej så länge,
da med venlig hilsen, venlig hilsen, med venlige hilsner, venlige hilsner, mange hilsner, bedste hilsner, hilsen, kh,
da vh, mvh, de bedste hilsner, kærlig hilsen, med de bedste hilsner, mange hilsener, hilsner, dbh,
no med vennlig hilsen, vennlig hilsen, beste hilsen, hilsen, med beste hilsen, vennlege helsingar, med venleg helsing,
no venleg helsing, helsing, beste helsing, mange hilsener, varme hilsener, med hilsen, alt godt,
is kær kveðja, bestu kveðjur, með bestu kveðju, með kveðju, virðingarfyllst, kveðja, með vinsemd,
fi ystävällisin terveisin, terveisin, parhain terveisin, kunnioittavasti, yst. terv, lämpimin terveisin,
fi hyvää päivänjatkoa, terveiset, ystävällisesti, yhteistyöterveisin, hyvin terveisin, parhaat terveiset, terv,
et lugupidamisega, parimate soovidega, tervitades, tervitustega, austusega, kõike head, parimat, päikest, heade soovidega,
lv ar cieņu, ar patiesu cieņu, ar dziļu cieņu, cieņā, sveicieni, sveicienos, ar sveicieniem, visu labu, jūsu,
lt pagarbiai, su pagarba, nuoširdžiai, geriausi linkėjimai, su geriausiais linkėjimais, linkėjimai, gražios dienos,
pl pozdrawiam, pozdrawiam serdecznie, serdecznie pozdrawiam, z poważaniem, z powazaniem, z wyrazami szacunku,
pl łączę pozdrowienia, łączę wyrazy, serdeczności, ukłony, z szacunkiem, pozdrowienia, z pozdrowieniami, buziaki, pzdr,
pl z serdecznymi pozdrowieniami, kłaniam się, uściski,
cs s pozdravem, s přátelským pozdravem, s úctou, s pozdravom, zdravím, hezký den, s projevem úcty, srdečně, pěkný den,
cs přeji pěkný den, s uctivým pozdravem, mějte se, přátelsky, pozdravy, děkuji a zdravím,
sk s pozdravom, s úctou, s priateľským pozdravom, so srdečným pozdravom, pekný deň, srdečne, s prianím, pozdravujem,
hu üdvözlettel, tisztelettel, köszönettel, szívélyes üdvözlettel, üdv, baráti üdvözlettel, kézcsókkal, szeretettel,
hu mély tisztelettel, őszinte tisztelettel, puszi, minden jót,
ro cu stimă, cu stima, cu respect, cu drag, cu deosebită considerație, cu deosebită stimă, cu prietenie, toate cele bune,
ro o zi bună, o zi frumoasă, salutări, al dumneavoastră, cu considerație, cu bine, cu mulțumiri,
bg поздрави, с уважение, поздрав, сърдечни поздрави, с почит, най-добри пожелания, с най-добри, с поздрав, бъдете здрави,
ru с уважением, с наилучшими пожеланиями, с приветом, всего доброго, всего хорошего, искренне ваш, искренне ваша,
ru с благодарностью, с глубоким уважением, до свидания, обнимаю, с солнечным приветом, с дружеским приветом, с поклоном,
ru сердечно, с почтением, ваш, ваша, искренне, хорошего дня, с надеждой,
uk з повагою, з найкращими побажаннями, з вдячністю, щиро ваш, щиро ваша, всього найкращого, всього доброго, щиро,
uk з глибокою повагою, гарного дня, з пошаною, бувайте, на все добре, обіймаю,
be з павагай, з найлепшымі пажаданнямі, усяго найлепшага, шчыра ваш, шчыра, з падзякай, да пабачэння,
sr s poštovanjem, срдачно, srdačno, с поштовањем, поздрав, pozdrav, srdačan pozdrav, срдачан поздрав, lep pozdrav,
sr леп поздрав, поздрави, puno pozdrava, unapred zahvalan, унапред захвалан, s uvažavanjem, с уважавањем,
hr lijep pozdrav, s poštovanjem, srdačan pozdrav, lijepi pozdravi, pozdrav, pozdravi, lp, srdačno, s osobitim poštovanjem,
sl lep pozdrav, lepo pozdravljeni, s spoštovanjem, lepe pozdrave, lp, lepo vas pozdravljam, prijazen pozdrav, pozdrav,
mk со почит, поздрав, со поздрав, срдечен поздрав, со особена почит, срдечно, поздрави, со почитување, лп,
sq me respekt, përshëndetje, me nderim, me konsideratë, sinqerisht, gjithë të mirat, me të mira, përzemërsisht,
el με εκτίμηση, με φιλικούς χαιρετισμούς, φιλικά, χαιρετισμούς, με τιμή, με σεβασμό, ευχαριστώ προκαταβολικά,
el εις το επανιδείν, θερμούς χαιρετισμούς, καλή συνέχεια, με τις καλύτερες ευχές, φιλιά, πολλούς χαιρετισμούς,
tr saygılarımla, saygılarımızla, saygılar, sevgiler, iyi çalışmalar, selamlar, en iyi dileklerimle, kolay gelsin,
tr hürmetlerimle, selam ve saygılarımla, sevgi ve saygılarımla, iyi günler, sevgilerimle, saygı ve sevgilerimle, syg,
az hörmətlə, dərin hörmətlə, ən xoş arzularla, sayğılarla, hörmət və ehtiramla, salamlarla,
kk құрметпен, ізгі ниетпен, сәлеммен, зор құрметпен,
uz hurmat bilan, ҳурмат билан, ehtirom bilan, salom bilan,
ky урматтоо менен, урмат менен, бо эҳтиром, эҳтиромона, ихтирам белән, хөрмәт белән,
ca salutacions, atentament, cordialment, una abraçada, salutacions cordials, ben cordialment, abraçades, records,
gl un saúdo, saúdos, atentamente, apertas, unha aperta, cordialmente, saúdos cordiais,
eu agur bero bat, adeitasunez, agurrak, ondo izan, agur, besarkada bat, begirunez, laster arte,
cy cofion, cofion gorau, cofion cynnes, yr eiddoch yn gywir, yn gywir, yr eiddoch, hwyl, gyda diolch, pob hwyl, gan ddiolch,
ga le meas, le gach dea-ghuí, is mise le meas, beir bua, slán, beannachtaí, leis gach deagh dhùrachd, le spèis,
mt dejjem tiegħek, tislijiet, bl-aħjar xewqat, mat beschte gréiss, mat frëndleche gréiss, bescht gréiss, gréiss,
rm salids cordials, cordials salids, amicaivels salids, mei freonlike groetnis, groetnis, við vinarligari heilsan,
eo kun salutoj, amike, kun elkoraj salutoj, kun estimo, samideane, kun granda, kun bondeziroj, elkore, sincere via, salutas,
ht ak respè, sensèman, ak tout respè, mèsi davans, bondye beni nou, bles,
he בברכה, בכבוד רב, בתודה, כל טוב, בברכת חברים, שלכם, שלך, בידידות, בברכה חמה, בהוקרה, תודה וברכה,
yi אַ גרוס, מיט גרוס, מיט אכטונג, מיט דרך ארץ,
ar مع خالص التحية, تحياتي, مع التحية, مع التقدير, وتفضلوا بقبول, تفضلوا بقبول, مع أطيب التحيات, مع الاحترام,
ar مع خالص التقدير, ودمتم, دمتم, أخوكم, أختكم, والله يحفظكم, مع الشكر, وتقبلوا, تقبلوا, مع فائق, مع أطيب, خالص التحية,
ar والسلام عليكم, والسلام, مع تحياتي, لكم منا, مع وافر,
fa با احترام, با سپاس, ارادتمند, با تشکر, با آرزوی, با مهر, با درود, دوستدار, با تقدیم احترام, با تجدید احترام, خدا نگهدار,
ps په درنښت, bi rêz, bi hêvî, لەگەڵ ڕێزماندا, لەگەڵ ڕێز, سوپاس و ڕێز, خدا حافظ,
ur والسلام, آپ کا مخلص, مخلص, نیازمند, خیر اندیش, خدا حافظ, آپ کی مخلص, طالب دعا, دعاگو, احترام کے ساتھ, شکریہ کے ساتھ,
hi सादर, धन्यवाद सहित, भवदीय, भवदीया, आपका, आपकी, विनीत, शुभकामनाओं सहित, सधन्यवाद, प्रार्थी, निवेदक, सप्रेम, शुभेच्छु,
mr आपला, आपली, कळावे, धन्यवाद सहित, आपला विश्वासू, आपली विश्वासू, सस्नेह, नम्र, आपला नम्र, आपले, स्नेहांकित,
ne भवदीय, धन्यवाद सहित, निवेदक, तपाईंको, dhanyavaad,
bn বিনীত, শুভেচ্ছান্তে, ধন্যবাদান্তে, ইতি, নিবেদক, বিনয়াবনত, শ্রদ্ধান্তে, দোয়া করবেন, শুভেচ্ছাসহ, ধন্যবাদসহ, আপনার বিশ্বস্ত,
as ইতি, আপোনাৰ, આપનો, આપની, લિ, સાદર, આભાર સહ, આપનો વિશ્વાસુ, ਸਤਿਕਾਰ ਸਹਿਤ, ਆਪ ਜੀ ਦਾ, ਧੰਨਵਾਦ ਸਹਿਤ, ਆਦਰ ਸਹਿਤ,
ta இப்படிக்கு, அன்புடன், பணிவன்புடன், மரியாதையுடன், நன்றியுடன், தங்கள் உண்மையுள்ள, வணக்கத்துடன்,
te ఇట్లు, భవదీయుడు, మీ విధేయుడు, గౌరవంతో, ధన్యవాదాలతో, ಇಂತಿ, ತಮ್ಮ ವಿಶ್ವಾಸಿ, ವಂದನೆಗಳೊಂದಿಗೆ, ಗೌರವಪೂರ್ವಕವಾಗಿ, ಇಂತಿ ನಿಮ್ಮ, ಧನ್ಯವಾದಗಳೊಂದಿಗೆ,
ml എന്ന്, വിശ്വസ്തതയോടെ, ആദരപൂർവ്വം, സ്നേഹപൂർവ്വം, നന്ദിയോടെ, സ്നേഹത്തോടെ, මෙයට, මෙයට විශ්වාසී, ගෞරවයෙන්, ස්තුතියි, ඔබගේ,
th ขอแสดงความนับถือ, ด้วยความเคารพ, ด้วยความนับถือ, ขอแสดงความนับถืออย่างสูง, จึงเรียนมาเพื่อ, ດ້ວຍຄວາມເຄົາລົບ, ດ້ວຍຄວາມນັບຖື,
km ដោយក្តីគោរព, ដោយការគោរព, សូមគោរព, ដោយសេចក្តីគោរព, សូមទទួលនូវ, လေးစားစွာဖြင့်, ရိုသေစွာဖြင့်, ရိုသေလေးစားစွာဖြင့်, လေးစားလျက်, ခင်မင်စွာဖြင့်,
vi trân trọng, kính thư, thân ái, xin chân thành, kính chào, xin trân trọng, trân trọng kính chào, kính, thân mến, xin đa tạ,
id hormat kami, hormat saya, salam hormat, salam hangat, salam, wassalam, dengan hormat kami, suksma, salam kenal, teriring salam,
ms yang benar, yang menjalankan amanah, saya yang menjalankan amanah, saya yang menurut perintah, ikhlas, salam hormat,
ms sekian terima kasih, sekian, yang ikhlas, salam mesra,
tl lubos na gumagalang, gumagalang, nagpapasalamat, taos-puso, lubos na sumasainyo, uban sa, matinahuron, lubos nga nagtahod,
jv matur nuwun, hatur nuhun, miala tsiny, amim-panajana, misaotra indrindra, veloma, miandry ny valin,
sw wako mtiifu, wasalaam, wako, wenu, kwa heshima, wako katika, shukrani, kwa niaba ya, ndimi, wako mwaminifu, wasalamu,
so mahadsanid, wasalaam, galatoomaa, ከሰላምታ ጋር, አክባሪያችሁ, ከአክብሮት ጋር, ከክብር ጋር, ምስ ሰላምታ, ምስ ክብሪ,
ha mun gode, wassalam, nagode, naka, taku, ku huta lafiya, a huta lafiya, ẹ ṣeun, ire o, ó dàbọ̀, daalụ, nke gị, ka ọ dị,
zu ozithobayo, ngokuzithoba, abakho, ozithobile, ozithobileyo, enkosi, ngiyabonga, ndimi, wenyu, ndatenda,
ny zikomo kwambiri, wanu, murakoze, murakoze cyane, murakoze, weebale, mwebale, meda mo ase, yɛda mo ase, matondo,
st ka boikokobetso, ka boikokobetso, ngā mihi, ngā mihi nui, nāku noa, nāku, nā, noho ora mai, mauri ora, heoi anō,
fj vinaka vakalevu, vinaka, ma le faaaloalo, fa'afetai, faka'apa'apa atu, mālō, tenkyu tru, tenkyu, me ke aloha, mahalo,
qu pewkayal, dios bo'otik, aguyje, jallalla, a jaaraama, jërëjëf, miigwech, wado, nakurmiik, tlazohcamati,
ka პატივისცემით, საუკეთესო სურვილებით, მადლობით, დიდი პატივისცემით, მოკითხვით, հարգանքով, խորին հարգանքով, լավագույն մաղթանքներով, շնորհակալությամբ,
mn хүндэтгэсэн, хүндэтгэсэн ёсоор, баярлалаа, ھۆرمەت بىلەن, hormatlamak bilen,
zh 此致, 敬礼, 敬禮, 祝好, 顺祝, 順祝, 顺颂, 順頌, 敬上, 谨上, 謹上, 祝商祺, 祝您, 敬祝, 夏安, 冬安, 秋安, 春安, 谨启, 謹啟, 祝工作, 致礼, 即颂, 敬颂, 謹致, 耑此, 专此, 顺致,
ja 敬具, 草々, かしこ, 謹白, 敬白, 以上, よろしくお願いいたします, よろしくお願い致します, 宜しくお願い, 何卒よろしく, どうぞよろしく, よろしくお願い, 何卒宜しく,
ko 감사합니다, 드림, 올림, 배상, 고맙습니다, 안녕히 계십시오, 안녕히 계세요, 존경을 담아,
"""

# Phrases that close a letter only if nearly nothing else is on the line ("Many thanks," but not "Thanks for coming").
_WEAK = """
thanks, thank you, many thanks, thx, with thanks, thanks in advance, thank you very much, thanks so much, much obliged,
danke, vielen dank, herzlichen dank, besten dank, danke im voraus, merci, merci d'avance, merci d’avance, merci bien,
merci beaucoup, gracias, muchas gracias, mil gracias, gracias de antemano, obrigado, obrigada, muito obrigado,
muito obrigada, grazie, grazie mille, mille grazie, dank u wel, alvast bedankt, alvast hartelijk bedankt, bedankt,
alvast hartelijk dank, dank u zeer, dankie, baie dankie, tack, tack på förhand, stort tack, tak, mange tak, på forhånd tak,
takk, takk på forhånd, mange takk, tusen takk, takk fyrir, kiitos, kiitos etukäteen, kiittäen, aitäh, tänan, paldies,
liels paldies, ačiū, dėkoju, dziękuję, z góry dziękuję, dzięki, děkuji, děkuji předem, díky, ďakujem, vopred ďakujem, köszönöm,
köszi, mulțumesc, vă mulțumesc, multumesc, благодаря, благодаря ви, спасибо, заранее спасибо, большое спасибо, дякую,
щиро дякую, заздалегідь дякую, дзякуй, хвала, hvala, унапред хвала, hvala lepa, hvala unaprijed, hvala lijepa, благодарам,
faleminderit, ευχαριστώ, ευχαριστώ πολύ, teşekkürler, teşekkür ederim, şimdiden teşekkürler, təşəkkür edirəm, təşəkkürlər,
рахмет, rahmat, gràcies, moltes gràcies, grazas, moitas grazas, eskerrik asko, mila esker, diolch, diolch yn fawr, go raibh maith agat,
go raibh maith agaibh, grazzi, merci villmols, dankon, antaŭdankon, mèsi, תודה, תודה רבה, תודה מראש, شكرا, شكراً, شكرا جزيلا, شكراً جزيلاً,
مع الشكر الجزيل, ممنون, متشکرم, سپاسگزارم, تشکر, سپاس, شکریہ, بہت شکریہ, धन्यवाद, आभार, धन्यवाद।, ধন্যবাদ, আভাৰ, આભાર, ਧੰਨਵਾਦ, நன்றி, மிக்க நன்றி,
ధన్యవాదాలు, ಧನ್ಯವಾದಗಳು, നന്ദി, ස්තූතියි, ขอบคุณ, ขอบคุณครับ, ขอบคุณค่ะ, ขอบคุณมากครับ, ขอบคุณมากค่ะ, ขอบพระคุณครับ, ขอบพระคุณค่ะ,
ຂອບໃຈ, អរគុណ, សូមអរគុណ, ကျေးဇူးတင်ပါတယ်, ကျေးဇူးတင်ပါသည်, cảm ơn, xin cảm ơn, terima kasih, salamat, salamat po, maraming salamat,
maraming salamat po, asante, asante sana, asanteni, ahsante, shukran, misaotra, zikomo, tatenda, ndatenda, siyabonga, ngiyabonga, enkosi, kea leboha, ke a leboga,
medaase, akpe, na gode, nagode, አመሰግናለሁ, እናመሰግናለን, የቐንየለይ, გმადლობთ, მადლობა, շնորհակալություն, баярлалаа,
谢谢, 謝謝, 感谢, 感謝, 多谢, 多謝, ありがとうございます, どうもありがとうございます, 고맙습니다
"""

# The beginning, or the end, of the line that a phone or mail program appends.
_DEVICE_STARTS = """
sent from my, sent from an, sent from mail for, sent from outlook, sent from yahoo, sent from samsung, sent via,
sent with, sent using, sent on the go, sent from mobile, sent from phone, get outlook for, get the outlook app,
von meinem, gesendet von, gesendet mit, von unterwegs gesendet, diese nachricht wurde von meinem, outlook für,
envoyé de mon, envoyé depuis, envoyé à partir, envoyé avec, obtenir outlook, télécharger outlook, enviado desde,
enviado de mi, obtener outlook, enviado do meu, enviado do telemóvel, enviado do celular, enviado a partir, enviado pelo, enviado via, enviado con, obter o outlook,
inviato da, inviato dal, inviato con, scarica outlook, verzonden met, verzonden vanaf, verstuurd vanaf, verstuurd vanuit,
outlook voor, gestuur vanaf, gestuur van my, skickat från, skickades från, hämta outlook, sendt fra, hent outlook, sent úr,
lähetetty, hanki outlook, saadetud minu, saadetud telefonist, nosūtīts no, išsiųsta iš, wysłane z, wysłano z, pobierz outlook, odesláno z, odesláno ze,
odoslané z, odoslané zo, poslané z, posláno z, elküldve az, elküldve a, küldve a, iphone-omról küldve, trimis de pe, trimis din, изпратено от, отправлено с, отправлено из,
надіслано з, відправлено з, адпраўлена з, послато са, poslato sa, poslano s, poslano z, пратено од, испратено од, dërguar nga, στάλθηκε από, εστάλη από,
enviat des, enviat amb, enviado dende, bidalia nire, anfonwyd o, seolta ó, ó mo ghuthán, ó mo fón, mibgħut mill, geschéckt vu, sendita de, נשלח מה, נשלח מ, أرسلت من, أُرسل من, أرسل من, مرسل من, مُرسل من, تم الإرسال من,
ارسال شده از, فرستاده شده از, gửi từ, được gửi từ, đã gửi từ, dikirim dari, dihantar dari, ipinadala mula, ipinadala gamit, imetumwa kutoka, ithunyelwe,
发自我的, 來自我的, 从我的, 從我的, 发送自, 發自我的, 傳送自, iphoneから送信, ipadから送信, androidから送信, スマートフォンから送信, 나의 iphone에서 보냄, 내 iphone에서 보냄, 휴대폰에서 보냄, ส่งจาก, გაგზავნილია ჩემი, ուղարկված է իմ
"""

_DEVICE_ENDS = """
gönderildi, göndərildi, göndərilib, से भेजा गया, वरून पाठवले, থেকে পাঠানো, থেকে পাঠানো হয়েছে, から送信, 에서 보냄, bidalia, küldve, থেকে প্রেরিত,
இருந்து அனுப்பப்பட்டது, жіберілді, yuborildi, سے بھیجا گیا, から送信されました, から送信しました, 전송됨
"""


def fold(text: str) -> str:
    """Fold case; Turkish dotted capital I becomes a plain i."""
    return text.casefold().replace("i\u0307", "i")


def _phrases(rows: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group phrases by their first three characters, longest first."""
    grouped: dict[str, set[str]] = {}
    for row in rows:
        for cell in row.split(","):
            phrase = fold(" ".join(cell.split()))
            if phrase:
                grouped.setdefault(phrase[:3], set()).add(phrase)
    return {key: tuple(sorted(found, key=len, reverse=True)) for key, found in grouped.items()}


STRONG = _phrases(row.partition(" ")[2] for row in _STRONG.strip().splitlines())
WEAK = _phrases(_WEAK.strip().splitlines())
DEVICE_STARTS = _phrases(_DEVICE_STARTS.strip().splitlines())
DEVICE_ENDS = tuple(fold(" ".join(cell.split())) for cell in _DEVICE_ENDS.split(",") if cell.strip())

NOT_FOUND = "\0"


def after_phrase(bare: str, phrases: Mapping[str, Sequence[str]]) -> str:
    """Return what follows the phrase with which a folded line begins, ``""`` if nothing; `NOT_FOUND` if it begins with none."""
    for phrase in (*phrases.get(bare[:3], ()), *phrases.get(bare[:2], ())):
        if bare.startswith(phrase):
            rest = bare[len(phrase) :]
            if not rest or not rest[0].isalnum() or is_unspaced(phrase[-1]) or not phrase[-1].isalnum():
                return rest.strip()
    return NOT_FOUND
