"""What machines write in mail, by language: subjects and sentences, all case-folded.

Every phrase is something that a program says about its own mail, not something about a topic.
"""

from __future__ import annotations

from pipeline.parsing.automatic_absence_phrases import ABSENT, NOT_READ, URGENT
from pipeline.parsing.automatic_person_phrases import GREETINGS, OWN_MAIL, PERSON

REPLY_SUBJECTS = (
    # English
    "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
    "autorespons", "automatic response", "automated reply", "automated response", "automatic answer", "autoanswer",
    "automatic acknowledgement", "automatic acknowledgment", "automated acknowledgement", "out of office",
    "out-of-office", "out of the office", "i am out of the office", "i'm out of the office", "away from my mail",
    "away until", "vacation reply", "vacation message", "vacation notice", "on vacation", "[auto]", "(auto)", "auto: re",
    "auto: aw", "auto: fw", "absence notification", "i am currently out of", "auto reply from", "autoreply from",
    # German, Dutch, Afrikaans
    "automatische antwort", "abwesenheitsnotiz", "abwesenheitsmeldung", "abwesenheitsbenachrichtigung",
    "abwesenheitsnachricht", "abwesenheitsassistent", "abwesend", "abwesenheit", "urlaubsmeldung", "nicht im büro",
    "automatische eingangsbestätigung", "automatische empfangsbestätigung", "automatisierte antwort",
    "automatisch antwoord", "automatische reactie", "afwezig", "afwezigheid", "afwezigheidsbericht",
    "afwezigheidsmelding", "niet aanwezig", "buiten kantoor", "outomatiese antwoord",
    # Nordic and Baltic
    "autosvar", "automatiskt svar", "frånvaromeddelande", "frånvarande", "ej på kontoret", "automatisk svar",
    "automatisk svar fra", "ikke til stede", "fraværsmelding", "fraværsbesked", "ikke på kontoret", "sjálfvirkt svar",
    "automaattinen vastaus", "poissaoloilmoitus", "poissaolo", "poissa toimistosta", "automaatvastus",
    "automaatne vastus", "kontorist väljas", "automātiskā atbilde", "automātiska atbilde", "automatinis atsakymas",
    "automatinis atsakas",
    # Romance
    "réponse automatique", "message d'absence", "absence du bureau", "absent du bureau", "absence", "je suis absent",
    "notification d'absence", "avis d'absence", "message automatique d'absence", "respuesta automática",
    "contestación automática", "fuera de la oficina", "fuera de oficina", "ausente de la oficina", "aviso de ausencia",
    "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza dall'ufficio",
    "messaggio automatico", "resposta automática", "ausência temporária", "fora do escritório",
    "ausente do escritório", "resposta automàtica", "fora de l'oficina", "răspuns automat", "în afara biroului",
    "erantzun automatikoa",
    # Slavonic
    "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "nieobecność w biurze",
    "automatická odpověď", "mimo kancelář", "automatická odpoveď", "mimo kancelárie", "автоответ",
    "автоматический ответ", "вне офиса", "автоматична відповідь", "автовідповідь", "поза офісом",
    "аўтаматычны адказ", "автоматичен отговор", "извън офиса", "automatski odgovor", "аутоматски одговор",
    "izvan ureda", "samodejni odgovor", "автоматски одговор",
    # Other European
    "automatikus válasz", "házon kívül", "αυτόματη απάντηση", "εκτός γραφείου", "përgjigje automatike",
    "otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışındayım", "ateb awtomatig", "freagra uathoibríoch",
    "aŭtomata respondo", "avtomatik cavab", "автоматты жауап", "автожауап", "ავტომატური პასუხი", "ավտոմատ պատասխան",
    # Asian and African
    "רد תלקאי", "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "رد تلقائي", "الرد التلقائي", "رد آلي",
    "خارج المكتب", "پاسخ خودکار", "خودکار جواب", "स्वचालित उत्तर", "स्वतः उत्तर", "स्वयंचलित उत्तर", "স্বয়ংক্রিয় উত্তর",
    "balasan otomatis", "jawaban otomatis", "balasan automatik", "jawapan automatik", "trả lời tự động",
    "thư trả lời tự động", "ตอบกลับอัตโนมัติ", "การตอบกลับอัตโนมัติ", "自动回复", "自動回覆", "自动答复", "自動回復",
    "自動應答", "不在办公室", "不在辦公室", "自動応答", "自動返信", "自動回答", "不在通知", "不在のお知らせ", "자동 회신",
    "자동 응답", "자동응답", "자동회신", "부재중", "부재 중", "jibu la kiotomatiki", "amsa ta atomatik",
    "awtomatikong tugon",
)  # fmt: skip

RECEIPT_SUBJECTS = (
    "acknowledgement of receipt", "acknowledgment of receipt", "acknowledgement of application", "confirmation of receipt",
    "we received your", "we have received your", "your request has been received", "your message has been received",
    "your ticket has been", "ticket received", "request received", "ticket created", "case created", "case opened",
    "new ticket created", "support request received", "empfangsbestätigung", "eingangsbestätigung",
    "bestätigung ihres eingangs", "ontvangstbevestiging", "accusé de réception", "accusé réception", "acuse de recibo",
    "conferma di ricezione", "avviso di ricezione", "confirmação de recebimento", "confirmação de receção",
    "potwierdzenie otrzymania", "potwierdzenie przyjęcia", "potvrzení o přijetí", "potvrzení přijetí",
    "potvrdenie prijatia", "bekräftelse på mottagande", "mottagningsbekräftelse", "kvittering for modtagelse",
    "vahvistus vastaanottamisesta", "confirmare de primire", "подтверждение получения", "ваше обращение зарегистрировано",
    "ваше обращение принято", "підтвердження отримання", "potvrda o primitku", "potrdilo o prejemu", "alındı bildirimi",
    "başvurunuz alınmıştır", "talebiniz alındı", "átvételi elismervény", "επιβεβαίωση παραλαβής", "אישור קבלה",
    "إشعار استلام", "تأكيد استلام", "受付完了", "受付確認", "お問い合わせを受け付けました", "お問い合わせありがとうございます",
    "已收到您的", "收件确认", "접수 확인", "문의가 접수",
)  # fmt: skip

BOUNCE_SUBJECTS = (
    "undeliverable", "undelivered mail", "undelivered message", "mail delivery failed", "mail delivery failure",
    "mail delivery problem", "mail delivery status", "delivery status", "delivery status notification", "delivery failure", "delivery failed",
    "delivery notification: delivery has failed", "delivery has failed", "message delivery has failed", "returned mail",
    "failure notice", "failed delivery", "failure delivery", "non-delivery", "nondeliverable", "non delivery",
    "mail system error", "email delivery failure", "email delivery error", "[postmaster] email delivery failure",
    "notice: mail delivery status", "message you sent blocked", "**message you sent blocked",
    "there was an error sending your mail", "warning: could not send message", "warning: message delayed",
    "delayed mail", "message status - undeliverable", "postmaster notify", "notification d'échec",
    "message could not be delivered", "your message could not be delivered", "could not deliver",
    "unzustellbar", "unzustellbarkeit", "nicht zustellbar", "zustellung fehlgeschlagen", "fehler bei der zustellung",
    "onbestelbaar", "kan niet worden bezorgd", "non remis", "échec de la remise", "échec de remise", "non distribuable",
    "courrier non distribué", "no se puede entregar", "no entregado", "no se ha podido entregar", "correo no entregado",
    "non recapitabile", "mancato recapito", "messaggio non recapitato", "não entregue", "não foi possível entregar",
    "falha na entrega", "no s'ha pogut lliurar", "imposibil de livrat", "nelivrabil", "niedostarczalne", "nie dostarczono",
    "niedostarczona", "niedoręczalne", "nedoručitelné", "nedoručitelná", "nedoručiteľné", "kézbesíthetetlen",
    "не доставлено", "недоставленное", "недоставлено", "ваше сообщение не доставлено", "не удалось доставить",
    "недоставлений", "не доставлено", "недоставено", "neisporučeno", "неиспоручено", "ni mogoče dostaviti",
    "olevererbart", "kan inte levereras", "olevererat", "uleveret", "kan ikke leveres", "kunne ikke leveres",
    "ei voi toimittaa", "toimittamaton", "ei saa kohale toimetada", "teslim edilemedi", "iletilemedi", "teslim edilemeyen",
    "δεν παραδόθηκε", "αδύνατη η παράδοση", "לא ניתן למסירה", "تعذر التسليم", "تعذر تسليم", "غير قابل للتسليم",
    "tidak terkirim", "gagal terkirim", "tidak dapat dihantar", "không gửi được", "không thể gửi", "ส่งไม่ได้",
    "无法投递", "无法送达", "未送达", "未传递", "退信", "系统退信", "無法傳遞", "無法傳送", "無法遞送", "傳遞失敗", "配信不能",
    "配信できません", "配信エラー", "メールエラー通知", "送信できませんでした", "배달되지 않음", "전송 실패", "배달 못함",
)  # fmt: skip

CALENDAR_SUBJECTS = (
    "accepted", "declined", "tentative", "tentatively accepted", "new time proposed", "new meeting time proposed",
    "invitation", "updated invitation", "invitation updated", "canceled", "cancelled", "canceled event",
    "cancelled event", "meeting forward notification", "meeting canceled", "reminder",
    "zugesagt", "abgelehnt", "mit vorbehalt", "angenommen", "abgesagt", "einladung", "vorläufig zugesagt", "neue zeit vorgeschlagen",
    "geaccepteerd", "geweigerd", "afgewezen", "voorlopig", "uitnodiging", "geannuleerd",
    "accepté", "acceptée", "refusé", "refusée", "provisoire", "invitation acceptée", "annulé", "nouvelle heure proposée",
    "aceptado", "aceptada", "rechazado", "rechazada", "declinado", "provisional", "invitación", "cancelado", "cancelada",
    "aceito", "aceite", "aceita", "recusado", "recusada", "convite", "acceptat", "rebutjat",
    "accettato", "accettata", "rifiutato", "rifiutata", "provvisorio", "invito", "annullato",
    "accepterat", "accepterad", "avböjt", "avvisat", "inbjudan", "inställd", "accepteret", "afvist", "afslået", "invitation:",
    "godtatt", "avslått", "avlyst", "innkalling", "hyväksytty", "hylätty", "kutsu", "peruutettu",
    "zaakceptowano", "zaakceptowane", "odrzucono", "odrzucone", "zaproszenie", "anulowano",
    "přijato", "přijatá", "odmítnuto", "pozvánka", "zrušeno", "prijaté", "odmietnuté", "elfogadva", "elutasítva", "meghívó",
    "acceptat:", "refuzat", "invitație", "принято", "отклонено", "приглашение", "отменено", "прийнято", "відхилено",
    "запрошення", "прието", "отказано", "prihvaćeno", "odbijeno", "sprejeto", "zavrnjeno", "αποδοχή", "απόρριψη", "πρόσκληση",
    "kabul edildi", "reddedildi", "davet", "davetiye", "התקבל", "נדחה", "הזמנה", "مقبول", "مرفوض", "تم القبول", "دعوة",
    "diterima", "ditolak", "undangan", "đã chấp nhận", "đã từ chối", "已接受", "已拒绝", "已拒絕", "接受", "谢绝", "邀请", "邀請",
    "承諾", "承諾済み", "辞退", "招待", "수락됨", "수락", "거절됨", "거절", "초대",
)  # fmt: skip

CALENDAR_SENTENCES = (
    "has accepted this invitation", "has declined this invitation", "has tentatively accepted", "accepted this invitation",
    "this event has been canceled", "this event has been cancelled", "this event has been changed",
    "you have been invited to the following event", "you are receiving this email because you are subscribed to calendar",
    "because you are the organizer of this event", "because you are an attendee", "hat diese einladung angenommen",
    "hat diese einladung abgelehnt", "heeft deze uitnodiging geaccepteerd", "heeft deze uitnodiging geweigerd",
    "a accepté cette invitation", "a refusé cette invitation", "ha aceptado esta invitación", "ha rechazado esta invitación",
    "ha accettato questo invito", "ha accettato l'invito", "ha rifiutato questo invito", "aceitou este convite",
    "aceitou o convite", "recusou este convite", "recusou o convite", "har godtatt denne invitasjonen",
    "har accepterat den här inbjudan", "har accepteret denne invitation", "har avslått denne invitasjonen",
    "zaakceptował to zaproszenie", "zaakceptowała to zaproszenie", "принял это приглашение", "приняла это приглашение",
    "bu daveti kabul etti", "已接受此邀请", "この招待を承諾", "ha acceptat aquesta invitació",
)  # fmt: skip

# What programs write above the link to a meeting.
MEETING = (
    "microsoft teams meeting", "microsoft teams need help", "join microsoft teams meeting", "join on your computer", "click here to join the meeting",
    "join the meeting now", "join zoom meeting", "is inviting you to a scheduled zoom meeting", "join with google meet", "join by phone",
    "you have been invited by", "microsoft teams-besprechung", "an der besprechung teilnehmen", "zoom-meeting beitreten", "réunion microsoft teams",
    "rejoindre la réunion", "participer à la réunion zoom", "reunión de microsoft teams", "unirse a la reunión", "unirse a la reunión zoom",
    "reunião do microsoft teams", "entrar na reunião", "riunione di microsoft teams", "partecipa alla riunione", "entra nella riunione in zoom",
    "microsoft teams-vergadering", "deelnemen aan de vergadering", "dołącz do spotkania", "spotkanie w aplikacji microsoft teams",
    "собрание microsoft teams", "подключиться к конференции zoom", "delta i mötet", "microsoft teams-möte", "microsoft teams 会议", "加入 zoom 会议",
    "microsoft teams 会議", "zoomミーティングに参加する",
)  # fmt: skip

LIST_SENTENCES = (
    "moderator request(s) waiting", "moderator requests waiting", "moderation requests waiting", "moderation request waiting",
    "requests waiting for your consideration", "request(s) waiting for your consideration", "awaits moderator approval",
    "held for moderator approval", "is being held until the list moderator", "is held until the list moderator",
    "post by non-member to a members-only list", "requires approval", "held for approval", "awaiting moderation",
    "subscription notification", "unsubscription notification", "unsubscribe notification", "your subscription to the",
    "subscription confirmation", "confirm your subscription", "subscribe confirmation", "membership reminder",
    "mailing list memberships reminder", "mailing list probe", "bounce action notification", "uncaught bounce notification",
    "the results of your email command", "you have been unsubscribed from the", "has been subscribed to",
    "has successfully subscribed to", "has been removed from", "has successfully unsubscribed",
    "you have been invited to join the", "your confirmation is required to join the",
    "your confirmation is required to leave the", "mailing list confirmation", "to confirm that you want to be added",
    "simply reply to this message, keeping the", "is being kept until you confirm", "post awaiting confirmation",
    "posts awaiting confirmation", "you are not a member of this mailing list", "you are not allowed to post to this mailing list",
    "your message has been rejected", "request to mailing list", "new subscription request", "held messages:",
    "posting to this mailing list is restricted", "messages held for moderation",
    "anfrage an den moderator", "moderationsanfrage", "wartet auf die zustimmung", "wartet auf freigabe",
    "wartet auf die genehmigung", "nachricht wartet auf bestätigung des moderators", "abonnement bestätigen",
    "en attente de modération", "en attente d'approbation", "attend l'approbation", "requête(s) du modérateur",
    "demande(s) de modération", "confirmez votre abonnement", "peticiones de moderación", "peticiones del moderador",
    "mensajes esperando su decisión", "espera la aprobación del moderador", "espera aprobación", "pendiente de aprobación",
    "in attesa di approvazione", "in attesa del moderatore", "richiesta di moderazione", "richieste di moderazione",
    "aguarda aprovação do moderador", "aguardando aprovação", "pedidos de moderação", "wacht op goedkeuring",
    "verzoeken aan de moderator", "oczekuje na zatwierdzenie", "czeka na zatwierdzenie moderatora", "čeká na schválení",
    "ожидает одобрения", "ожидает проверки", "ожидает решения модератора", "запросов модератору", "очікує схвалення",
    "väntar på godkännande", "avventer godkjenning", "afventer godkendelse", "odottaa hyväksyntää", "onay bekliyor",
    "moderatör onayı bekliyor", "jóváhagyásra vár", "în așteptarea aprobării", "αναμένει έγκριση", "ממתינה לאישור",
    "بانتظار موافقة", "menunggu persetujuan moderator", "正在等待审核", "等待列表管理员审核", "等待审核", "等待審核",
    "モデレータの承認を待", "承認待ち", "관리자 승인을 기다리", "승인 대기",
)  # fmt: skip

BOUNCED = (
    "could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "was not delivered",
    "has not been delivered", "wasn't delivered", "unable to deliver", "were unable to deliver", "delivery to the following recipient",
    "delivery has failed", "delivery failed", "undeliverable", "permanent error", "permanent fatal errors", "failed permanently",
    "invalid user address", "had delivery problems", "requested action not taken", "recipient address rejected", "no such user here",
    "returned to sender", "delivery problem", "unable to send", "following addresses had", "did not reach the following recipient", "message was rejected",
    "konnte nicht zugestellt werden", "konnten nicht zugestellt werden", "nicht zugestellt", "unzustellbar",
    "n'a pas pu être remis", "n'a pas pu être distribué", "n'a pas été remis", "n'a pu être délivré",
    "no se pudo entregar", "no se ha podido entregar", "no pudo ser entregado", "no ha podido ser entregado",
    "non è stato recapitato", "non è stato possibile recapitare", "impossibile recapitare", "não pôde ser entregue",
    "não foi entregue", "não foi possível entregar", "kon niet worden bezorgd", "kon niet worden afgeleverd",
    "kunde inte levereras", "kunne ikke leveres", "ei voitu toimittaa", "nie mogła zostać dostarczona",
    "nie można dostarczyć", "nie została dostarczona", "nebylo možné doručit", "nemohla být doručena", "nebolo možné doručiť",
    "nem kézbesíthető", "nem sikerült kézbesíteni", "nu a putut fi livrat", "не удалось доставить", "не доставлено",
    "доставить письмо не удалось", "не може бути доставлено", "не вдалося доставити", "nije isporučen", "ni bilo mogoče dostaviti",
    "δεν ήταν δυνατή η παράδοση", "teslim edilemedi", "iletilemedi", "לא נמסרה", "تعذر تسليم", "لم يتم تسليم",
    "tidak dapat dikirim", "gagal dikirim", "không thể gửi", "无法投递", "无法送达", "未能送达", "無法傳送", "無法投遞", "配信できませんでした",
    "送信できませんでした", "배달되지 못", "전달되지 못",
)  # fmt: skip

MACHINE = (
    # English
    "this is an automatic", "this is an automated", "this is an autoreply", "this is an auto-reply", "this is an auto-generated",
    "this is an autogenerated", "this is a recorded reply", "this is a system-generated message", "this is a system generated message",
    "this is a system-generated email", "this is a system generated email", "this is a system-generated e-mail",
    "this is a system generated e-mail", "this is a computer-generated message", "this message was generated", "this message is generated", "this message has been generated",
    "this e-mail was generated", "this email was generated", "this mail was generated", "this notice was generated",
    "this reply was generated", "this notification was generated", "this message was automatically generated",
    "this email was automatically generated", "this e-mail was automatically generated", "this message was sent automatically",
    "this email was sent automatically", "this reply was sent automatically", "this message is sent automatically",
    "this message was automatically sent", "this message was created automatically", "this mail was created automatically",
    "automatic message, please", "automated message, please", "automated message: please", "sent by an automatic system",
    "this report is written by", "generated by an unattended system", "automatic reply, the",
    # German, Dutch
    "dies ist eine automatisch", "dies ist eine automatische", "das ist eine automatische", "diese nachricht wurde automatisch",
    "diese e-mail wurde automatisch", "diese email wurde automatisch", "diese mail wurde automatisch",
    "diese antwort wurde automatisch", "wurde automatisch erzeugt",
    "wurde automatisch erstellt", "wurde automatisch generiert",
    "dit is een automatisch", "dit bericht is automatisch", "deze e-mail is automatisch", "dit antwoord stuurt de computer",
    "dit antwoord is automatisch", "automatisch gegenereerd bericht", "automatisch verzonden",
    # Nordic and Baltic
    "detta är ett automatiskt", "detta är ett autosvar", "det här är ett automatiskt", "detta meddelande har skickats automatiskt",
    "dette er et automatisk", "dette er en automatisk", "denne meldingen er generert automatisk", "ble sendt automatisk",
    "denne besked er sendt automatisk", "blev sendt automatisk", "tämä on automaattinen", "tämä viesti on lähetetty automaattisesti",
    "þetta er sjálfvirkt", "see on automaatne", "šis ir automātisk", "tai automatinis", "šis laiškas sugeneruotas automatiškai",
    # Romance
    "ceci est un message automatique", "ceci est une réponse automatique", "message généré automatiquement",
    "message automatique, merci", "ce message a été généré automatiquement", "ce message est généré automatiquement",
    "ce courriel a été envoyé automatiquement", "ce message a été envoyé automatiquement", "message généré par le serveur",
    "réponse automatique, envoyée", "este es un mensaje automático", "esta es una respuesta automática",
    "este mensaje se genera de forma automática", "este mensaje se ha generado automáticamente", "mensaje generado automáticamente",
    "este mensaje ha sido generado", "este correo se ha generado automáticamente", "este correo ha sido generado automáticamente",
    "questo è un messaggio automatico", "questa è una risposta automatica", "messaggio generato automaticamente",
    "questo messaggio è stato generato automaticamente", "risposta generata automaticamente", "esta é uma mensagem automática",
    "esta é uma resposta automática", "mensagem gerada automaticamente", "esta mensagem foi gerada automaticamente",
    "mensagem automática, por favor", "mensaxe xerada", "esta é unha mensaxe automática", "aquest és un missatge automàtic",
    "missatge generat automàticament", "acesta este un mesaj automat", "acesta este un răspuns automat", "mesaj generat automat",
    # Slavonic
    "to jest automatyczna", "to jest wiadomość automatyczna", "wiadomość wygenerowana automatycznie",
    "wiadomość została wygenerowana automatycznie", "ten tekst wysyła maszyna", "ten mail został wygenerowany automatycznie",
    "toto je automatická", "tato zpráva byla vygenerována automaticky", "tento e-mail byl vygenerován automaticky",
    "táto správa bola vygenerovaná automaticky", "это автоматическ", "это сообщение создано автоматически",
    "сообщение сформировано автоматически", "письмо сформировано автоматически", "письмо отправлено автоматически",
    "сообщение отправлено автоматически", "письмо создано автоматически", "це автоматичн", "це повідомлення створено автоматично",
    "лист сформовано автоматично", "това е автоматичн", "съобщението е генерирано автоматично", "ovo je automatsk", "ово је аутоматск",
    "ova poruka je automatski", "to je samodejn", "sporočilo je bilo ustvarjeno samodejno", "ова е автоматск",
    # Other European
    "ez egy automatikus", "ez automatikus", "automatikusan generált üzenet", "αυτό είναι ένα αυτόματο", "αυτό είναι αυτόματο",
    "το μήνυμα αυτό δημιουργήθηκε αυτόματα", "ky është një mesazh automatik", "ky është një përgjigje automatike",
    "bu otomatik", "bu bir otomatik", "bu mesaj otomatik", "bu e-posta otomatik", "otomatik olarak oluşturulmuştur",
    "otomatik olarak gönderilmiştir", "neges awtomatig yw hon", "хат автоматты түрде", "bu avtomatik",
    # Asian and African
    "הודעה זו נשלחה אוטומטית", "זוהי הודעה אוטומטית", "זוהי תשובה אוטומטית", "זו הודעה אוטומטית", "هذه رسالة تلقائية", "هذا رد تلقائي",
    "هذه رسالة آلية", "هذا رد آلي", "تم إنشاء هذه الرسالة تلقائيا", "این یک پیام خودکار", "این یک پاسخ خودکار", "این پیام به صورت خودکار",
    "یہ پیغام خودکار", "یہ جواب خودکار", "یہ ایک خودکار", "यह एक स्वचालित", "यह संदेश स्वचालित", "हा संदेश संगणकाने",
    "এটি একটি স্বয়ংক্রিয়", "આ આપમેળે", "ini adalah pesan otomatis", "ini adalah balasan otomatis", "pesan ini dikirim secara otomatis",
    "email ini dikirim secara otomatis", "ini adalah mesej automatik", "ini ialah mesej automatik", "đây là thư tự động",
    "đây là email tự động", "thư này được gửi tự động", "นี่เป็นข้อความอัตโนมัติ", "ข้อความนี้เป็นข้อความอัตโนมัติ",
    "อีเมลนี้เป็นการตอบกลับอัตโนมัติ", "此邮件由系统自动", "本邮件由系统自动", "这是一封自动", "系统自动发送", "本郵件由系統自動", "這是自動",
    "系統自動發送", "本メールは自動", "このメールは自動", "このメッセージは自動", "自動送信されています", "自動配信", "送信専用", "이 메일은 자동",
    "자동으로 발송", "발신 전용", "발신전용", "huu ni ujumbe wa kiotomatiki", "amsa ce ta na'ura", "dit is 'n outomatiese",
)  # fmt: skip

# Offices write this below letters too; it counts for machines only where a bounce is told.
UNSIGNED = (
    "ohne unterschrift erstellt", "ohne unterschrift gültig", "wurde maschinell erstellt", "valid without signature",
    "needs no signature", "valable sans signature",
)  # fmt: skip

NO_REPLY = (
    "do not reply to this", "please do not reply", "don't reply to this", "do not respond to this", "please do not respond",
    "do not answer this", "please do not answer", "do not reply below", "do not write below", "replies are discarded",
    "replies to this address are not", "replies to this message are not", "replies to this mailbox are not",
    "this mailbox is not monitored", "this mailbox is not read", "mailbox is unattended", "unmonitored mailbox",
    "is not monitored", "questions are not answered at this address", "nobody reads this", "please type your reply above",
    "reply above this line", "type your response above", "bitte antworten sie nicht", "bitte nicht antworten",
    "antworten auf diese", "nicht auf diese e-mail antworten", "nicht auf diese mail", "beantwoord deze e-mail niet",
    "niet reageren op deze", "u kunt niet antwoorden", "merci de ne pas répondre", "ne pas répondre", "veuillez ne pas répondre",
    "no responda a este", "por favor, no responda", "no conteste", "no contestarlo", "no responder a este", "non rispondere a questo",
    "si prega di non rispondere", "não responda a este", "favor não responder", "por favor, não responda", "non responda",
    "no respongueu", "svara inte på", "går inte att svara på", "ikke svar på", "kan ikke besvares", "svar ikke på",
    "älä vastaa tähän", "prosimy nie odpowiadać", "proszę nie odpowiadać", "prosíme, neodpovídejte", "neodpovídejte na",
    "neodpovedajte na", "kérjük, ne válaszoljon", "ne válaszoljon erre", "vă rugăm să nu răspundeți", "nu răspundeți la",
    "пожалуйста, не отвечайте", "не отвечайте на", "не відповідайте на", "моля, не отговаряйте", "ne odgovarajte na",
    "не одговарајте на", "ne odgovarjajte na", "μην απαντήσετε", "παρακαλούμε μην απαντάτε", "lütfen yanıtlamayın",
    "lütfen cevaplamayınız", "yanıtlamayınız", "mos iu përgjigjni", "נא לא להשיב", "אין להשיב", "يرجى عدم الرد", "الرجاء عدم الرد",
    "لطفا به این", "جواب نہ دیں", "कृपया उत्तर न दें", "कृपया उत्तर पाठवू नये", "mohon tidak membalas", "jangan membalas",
    "sila jangan balas", "vui lòng không trả lời", "กรุณาอย่าตอบกลับ", "โปรดอย่าตอบกลับ", "请勿回复", "請勿回覆", "請勿直接回覆",
    "ご返信いただけません", "返信はできません", "返信しないで", "返信いただいても", "直接返信いただけません", "회신하지 마", "회신이 불가", "usijibu",
)  # fmt: skip

RECEIPT = (
    "has been registered under", "was registered under", "has been received and", "has been received by the", "your request has been received",
    "your message has been received", "your message was received", "your e-mail was registered", "your email was registered",
    "has been registered with", "has been logged", "a case has been opened", "a ticket has been", "the ticket", "your ticket",
    "ticket number", "your request number", "file number is", "registration number", "reference number", "we acknowledge with thanks",
    "your application has been received", "has been assigned the", "support request", "we have received your", "we received your",
    "ihre anfrage ist bei uns eingegangen", "ihre nachricht ist eingegangen", "ist bei uns eingegangen", "wurde unter der nummer",
    "ticketnummer", "vorgangsnummer", "uw bericht is ontvangen", "wij hebben uw", "votre courriel est bien arrivé",
    "votre message a bien été", "votre demande a été enregistrée", "a bien été reçu", "su solicitud ha quedado registrada",
    "hemos recibido su", "ha sido registrada con", "con el folio", "la sua richiesta è stata", "abbiamo ricevuto",
    "a sua mensagem foi recebida", "recebemos a sua", "recebemos sua", "vi har tagit emot", "vi har mottatt", "vi har modtaget",
    "olemme vastaanottaneet", "otrzymaliśmy", "zostało zarejestrowane", "vaše zpráva byla přijata", "vaši zprávu jsme obdrželi",
    "az üzenetét megkaptuk", "mesajul dumneavoastră a fost", "ваше обращение зарегистрировано", "ваше письмо получено",
    "ваше обращение принято", "ваше звернення зареєстровано", "вашето съобщение е получено", "vaša poruka je primljena",
    "το μήνυμά σας ελήφθη", "mesajınız alınmıştır", "başvurunuz alınmıştır", "talebiniz alınmıştır", "mesazhi juaj është regjistruar",
    "פנייתך התקבלה", "פנייתך", "تم استلام رسالتكم", "تم استلام طلبكم", "پیام شما دریافت شد", "موصول ہو گیا", "pesan anda telah kami terima",
    "受け付けました", "受付番号", "已收到您的", "已被登记", "접수되었습니다", "접수번호",
)  # fmt: skip

NOTIFICATION = (
    "you receive this notice", "you receive this because", "you are receiving this", "you received this message because",
    "to change your settings see", "to stop receiving these", "manage your notification", "this notification is sent",
    "sie erhalten diese benachrichtigung", "sie erhalten diese e-mail, weil", "u ontvangt dit bericht omdat", "vous recevez ce message parce que",
    "vous recevez cet e-mail car", "recibe este mensaje porque", "recibe este correo porque", "riceve questo messaggio perché",
    "você está recebendo este", "вы получили это письмо", "otrzymujesz tę wiadomość", "您收到此邮件是因为",
)  # fmt: skip

# After "this message was automatically": said of translations, which people send.
TRANSLATED = (
    "translat", "übersetz", "vertaald", "traduit", "traduc", "tradott", "traduz", "översatt", "oversat", "přelož", "przetłum",
    "перевед", "перекладен", "çevril", "tercüme", "翻訳", "翻译", "翻譯", "번역", "ترجم", "תורגם",
)  # fmt: skip

WEB_FORM = (
    "web form", "webform", "contact form", "form submission", "submitted via", "submitted through", "kontaktformular", "contactformulier",
    "formulaire de contact", "formulario de contacto", "formulario web", "modulo di contatto", "formulário de contato",
    "formulário de contacto", "formularz kontaktowy", "kontaktní formulář", "форма обратной связи", "форму обратной связи",
    "iletişim formu", "お問い合わせフォーム", "联系表单", "聯絡表單", "문의 양식", "yhteydenottolomake", "kontaktskjema", "kontaktformulär",
)  # fmt: skip

SENTENCES = {
    "machine": MACHINE,
    "unsigned": UNSIGNED,
    "no-reply": NO_REPLY,
    "receipt": RECEIPT,
    "absent": ABSENT,
    "not-read": NOT_READ,
    "urgent": URGENT,
    "bounced": BOUNCED,
    "list": LIST_SENTENCES,
    "calendar": CALENDAR_SENTENCES,
    "meeting": MEETING,
    "notification": NOTIFICATION,
    "form": WEB_FORM,
    "person": PERSON,
    "own-mail": OWN_MAIL,
    "greeting": GREETINGS,
}
