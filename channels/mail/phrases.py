"""What mail programs write by themselves, in the languages they speak."""

import re

# "... wrote:" above a quote. Matched as whole words in one joined line of at most 400 characters.
WROTE = re.compile(
    r"\b(?:wrote|writes|writeth|schrieb|schrieben|geschrieben|a écrit|écrit|a ecrit|escribió|escribio|escribe"
    r"|va escriure"
    r"|ha scritto|scrisse|scrive|schreef|heeft geschreven|geskryf|skreiv|skrev|skrifaði|kirjoitti|kirjutas"
    r"|escreveu|escreve|napisał|napisała|napisał\(a\)|napísal|napísal\(a\)|napsal|napsala|napsal\(a\)|pisze"
    r"|píše|je napisao"
    r"|je napisal|írta|a scris|rašė|rakstīja|napisao|написа|написал|написала|написал\(а\)|пишет|пише|написав"
    r"|έγραψε|yazdı|şunu yazdı|menulis|đã viết|viết)(?=\W|$)|写道|寫道|のメール|のメッセージ|님이 작성|작성:"
    r"|כתב|كتب|เขียน",
    re.IGNORECASE,
)
# A date as mail programs write it: a year and a day, or a time of day.
DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b|\d年")
CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\d時|\d点", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+'=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}")

_FROM = (
    "from|von|de|da|van|från|fra|od|lähettäjä|frá|feladó|de la|kimden|gönderen|от|от кого|від|από|nadawca|odesílatel"
    "|差出人|送信者|发件人|寄件者|寄件人|보낸 사람|보낸사람|מאת|من|expéditeur|remitente|mittente|afzender"
    "|avsändare|afsender"
    "|avsender|absender|saatja|no|nuo|od koga|od pošiljatelja|dari|từ"
)
_SENT = (
    "sent|date|gesendet|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviada em|enviado em|fecha|data"
    "|inviato|verzonden"
    "|skickat|sendt|dato|wysłano|wysłane|odesláno|lähetetty|päivämäärä|elküldve|dátum|trimis|gönderme tarihi"
    "|gönderildi|tarih"
    "|отправлено|дата|надіслано|στάλθηκε|ημερομηνία|送信日時|日付|发送时间|日期|寄件日期|보낸 날짜|날짜|נשלח"
    "|תאריך|تاريخ|sendt den"
    "|poslano|posláno|dátum odoslania|odoslané|saadetud|nosūtīts|išsiųsta|dikirim|tanggal|ngày"
)
_TO = (
    "to|an|à|para|a|aan|till|til|do|komu|vastaanottaja|címzett|către|la|kime|alıcı|кому|до|προς|宛先|收件人"
    "|收件者|받는 사람|אל|إلى"
    "|destinataire|destinatario|adresát|adresat|pre|kam|kepada|đến|cc|kopie|copie|kopia|kopi|копия"
)
_SUBJECT = (
    "subject|betreff|objet|asunto|oggetto|onderwerp|assunto|ämne|emne|temat|předmět|predmet|aihe|tárgy|subiect"
    "|konu|тема|θέμα"
    "|件名|主题|主題|제목|נושא|الموضوع|assumpte|teema|temats|tema|perihal|chủ đề"
)
_LABELS = (("from", _FROM), ("sent", _SENT), ("to", _TO), ("subject", _SUBJECT))
HEADER_LINE = re.compile(
    r"[*_\s]{0,4}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _LABELS)
    + r")[*_]{0,2}\s{0,3}[:：][*_]{0,2}(.*)",
    re.IGNORECASE,
)

FORWARDED = re.compile(
    r"\W{0,30}(?:forwarded message|begin forwarded message|forwarded by|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten "
    r"nachricht|anfang der weitergeleiteten e-?mail|message transféré|début du message (?:réexpédié|transféré)"
    r"|mensaje "
    r"reenviado|inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato"
    r"|doorgestuurd bericht|begin "
    r"doorgestuurd bericht|vidarebefordrat (?:meddelande|brev)|vidarebefordrat|videresendt (?:meddelelse"
    r"|melding|besked)"
    r"|mensagem encaminhada|início da mensagem (?:encaminhada|reencaminhada)|wiadomość przekazana"
    r"|przekazana wiadomość"
    r"|přeposlaná zpráva|preposlaná správa|välitetty viesti|edelleenlähetetty viesti|továbbított (?:üzenet"
    r"|levél)|mesaj "
    r"redirecționat|iletilen (?:mesaj|ileti)|пересылаемое сообщение|пересланное сообщение|начало переадресованного "
    r"сообщения|переслане повідомлення|προωθημένο μήνυμα|転送されたメッセージ|转发的邮件|轉寄的郵件|已转发的邮件"
    r"|전달된 메시지)\b.{0,80}",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"[-_*=\s]{2,40}(?:original message|original-nachricht|ursprüngliche (?:nachricht|mail|e-mail)"
    r"|originalnachricht|message "
    r"d'origine|message d’origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht"
    r"|ursprungligt meddelande|originalmeddelande|oprindelig (?:meddelelse|besked)|opprinnelig melding"
    r"|mensagem original"
    r"|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|alkuperäinen viesti"
    r"|eredeti üzenet|mesaj original"
    r"|orijinal (?:mesaj|ileti)|исходное сообщение|оригинальное сообщение|αρχικό μήνυμα|元のメッセージ|原始邮件"
    r"|原始郵件"
    r"|원본 메시지|reply message|antwort nachricht)[-_*=\s]{2,40}",
    re.IGNORECASE,
)
RULE = re.compile(r"[_\-=*—]{5,200}")

DEVICE = re.compile(
    r"\W{0,3}(?:sent from (?:my|mail for|outlook|yahoo|samsung|gmail|proton|the all|aol|android|ios|blue ?mail"
    r"|spark|an? )|sent via "
    r"(?:my|the|samsung|bluemail)|sent with (?:proton"
    r"|\[?proton|aqua|spark|tuta)|get (?:outlook|bluemail) for|secured with tuta"
    r"|von meinem \S{1,20} .{0,60}(?:gesendet|geschickt)|von meine[mr] .{1,40} gesendet|gesendet (?:von|mit|über) "
    r"|diese nachricht wurde von meinem .{1,60}gesendet|envoyé (?:de|depuis|avec|à partir|par) "
    r"|télécharge[zr] outlook|enviado (?:desde|do|a partir|con|com|de) |obtener outlook|inviato (?:da|dal|con) "
    r"|verzonden (?:vanaf|met|via|vanuit) |verstuurd (?:vanaf|met|via) |skickat från |skickades från "
    r"|sendt fra |sendt med |hämta outlook"
    r"|lähetetty |hanki outlook|wysłane z |wysłano z |odesláno z |odoslané z |trimis de pe |iphone-?(?:omról"
    r"|ról)|отправлено (?:с|из) "
    r"|надіслано з |στάλθηκε από |iphone'?umdan|ipadimden|iphoneから送信|从我的|發自我的|发自我的"
    r"|나의 .{1,10}에서 보냄)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:hi|hey|hello|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|liebe[rs]?"
    r"|sehr geehrte[rs]?|moin|servus"
    r"|bonjour|bonsoir|salut|cher|chère|hola|buenos días|buenas|estimad[oa]s?|querid[oa]|ciao|buongiorno"
    r"|buonasera|gentile|salve|olá|oi"
    r"|bom dia|boa tarde|prezad[oa]s?|beste|geachte|goedendag|goedemorgen|dag|hej|hejsan|bästa|kära|hei|kjære"
    r"|kære|moi|terve|cześć"
    r"|dzień dobry|szanowni|witam|ahoj|dobrý den|vážen[ýáí]|szia|kedves|tisztelt|bună|merhaba|sayın"
    r"|здравствуйте|добрый день|привет"
    r"|уважаем\w*|γεια)\b.{0,60}",
    re.IGNORECASE,
)
SEE_SUBJECT = re.compile(
    r"\W*(?:see|siehe|voir|ver|vedi|zie|se|viz)\s+(?:the\s+)?(?:subject|betreff|objet|asunto|oggetto|onderwerp|ämne"
    r"|emne|assunto|předmět)(?: line)?\W*",
    re.IGNORECASE,
)
