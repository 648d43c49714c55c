"""Mail that no person wrote to us: said with a reason, never dropped."""

import re

from channels.mail.structure import Branch, Headers, Leaf

_DAEMONS = frozenset(("mailer-daemon", "mail-daemon", "mailerdaemon", "bounce", "bounces"))
_OFF = frozenset(("", "no", "false", "0", "none"))
_ABSENT = re.compile(
    r"\s*(?:(?:re|aw|antw|sv|fwd?)\s?:\s*)?\W{0,3}(?:auto(?:matic|mated|matische|mated e?mail)?[ -]?(?:reply"
    r"|response|responder)|autoreply"
    r"|auto[ -]?antwort|automatische antwort|automatische r[üu]ckantwort|abwesenheits(?:notiz|nachricht"
    r"|benachrichtigung|meldung|assistent)"
    r"|abwesend|abwesenheit|out[ -]of[ -](?:the[ -])?office(?: auto-?reply| reply| notification| message)?|ooo"
    r"|ooto|on vacation|vacation"
    r"(?: auto)?[ -]?(?:reply|response|message|notice)|away from (?:my|the) (?:office|desk|mail)"
    r"|réponse automatique|reponse automatique|absence du bureau|message d'absence"
    r"|absent du bureau|respuesta automática|respuesta automatica|fuera de la oficina|ausente de la oficina"
    r"|mensaje de ausencia"
    r"|risposta automatica|fuori sede|fuori ufficio|assente dall'ufficio|resposta automática"
    r"|resposta automatica|fora do escritório"
    r"|ausência temporária|ausente do escritório|automatisch antwoord|automatische beantwoording|afwezig"
    r"|afwezigheidsbericht"
    r"|autosvar|automatiskt svar|automatisk svar|frånvaro|frånvarande|fraværende|fravær|ikke på kontoret"
    r"|ikke til stede|automaattinen vastaus|poissa"
    r"|poissaoloviesti|automatyczna odpowiedź|odpowiedź automatyczna|autoodpowiedź|poza biurem|nieobecność"
    r"|automatická odpověď|mimo kancelář|automatická odpoveď"
    r"|mimo kancelárie|automatikus válasz|házon kívül|răspuns automat|absent din birou|otomatik yanıt"
    r"|ofis dışında|automatski odgovor"
    r"|samodejni odgovor|автоответ|автоматический ответ|автоматична відповідь|нет на месте|вне офиса"
    r"|αυτόματη απάντηση|εκτός γραφείου|自动回复|自動回覆|自动答复|自動返信"
    r"|自動応答|不在通知|자동 회신|부재중|תשובה אוטומטית|מענה אוטומטי|رد تلقائي)\W{0,3}\s*(?:[:：\-–—\[(]|$)",
    re.IGNORECASE,
)
_UNDELIVERED = re.compile(
    r"undeliver|not delivered|delivery (?:status|failure|has failed|failed|incomplete|delayed)|deliver(?:y"
    r"|ed)? .{0,20}fail|returned"
    r"|failure notice|returned to sender|mail delivery|unzustellbar|nicht zugestellt|zustellung|non remis|échec"
    r"|no se (?:puede|ha podido)"
    r"|no entregado|mancata consegna|non recapit|onbestelbaar|niet bezorgd|olevererbart|kunne ikke leveres"
    r"|niedostarcz|nedoruč|não entregue",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"^[*\s]{0,3}(?:name|full name|first name|e-?mail(?:[ -]address)?|phone|telephone|message|comments?"
    r"|your message|subject|nachricht|vorname"
    r"|telefon|nom|prénom|téléphone|nombre|correo|mensaje|teléfono|nome|messaggio|telefono|naam|bericht"
    r"|telefoon|namn|meddelande|imię"
    r"|wiadomość|jméno|zpráva|order(?: number)?|problem)\s{0,2}\*{0,2}[:：]",
    re.IGNORECASE | re.MULTILINE,
)


def reason(
    mail: Leaf | Branch, *, sender: str, sender_name: str, subject: str, text: str, is_own: bool, has_reply_to: bool
) -> str | None:
    """Why a mail is not from a person, None when it may be. Lists and web forms are from persons.

    is_own: it comes from our own address. has_reply_to: it says that somebody else is to be answered.
    """
    headers = mail.headers
    is_form = has_reply_to or len(_FORM.findall(text[:20_000])) >= 2
    bounced = _bounce(mail, headers, sender=sender, name=sender_name, subject=subject)
    if bounced:
        return bounced
    if is_own and not is_form:
        return "sent from our own address"
    return _declared(headers, is_form=is_form) or (
        "an absence notice, by its subject" if _ABSENT.match(subject) else None
    )


def is_bounce_or_own(said: str) -> bool:
    """Whether the reason leaves no room for a person's words of danger."""
    return said.startswith(("a delivery", "sent from our own"))


def _bounce(mail: Leaf | Branch, headers: Headers, *, sender: str, name: str, subject: str) -> str | None:
    """Source: RFC 3464 (delivery reports), RFC 8098 (read receipts), RFC 5965 (abuse reports)."""
    kind = mail.kind if isinstance(mail, Branch) else ""
    if kind == "report":
        said = headers.get("content-type").casefold()
        if "disposition-notification" in said:
            return "a read receipt"
        return "an abuse report" if "feedback-report" in said else "a delivery report"
    local = sender.partition("@")[0].casefold()
    if local in _DAEMONS or name.casefold().startswith(("mail delivery s", "mailer-daemon", "mail-delivery-s")):
        return "a delivery report, by its sender"
    is_failure = _UNDELIVERED.search(subject) is not None
    if is_failure and (local in ("postmaster", "mdaemon") or local.startswith("microsoftexchange")):
        return "a delivery report, by its sender"
    if is_failure and ("x-failed-recipients" in headers or headers.get("return-path").strip() == "<>"):
        return "a delivery report, by its headers"
    return None


def _declared(headers: Headers, *, is_form: bool) -> str | None:
    """Source: RFC 3834 section 5 (Auto-Submitted); the other headers are common practice."""
    submitted = re.split(r"[;\s(]", headers.get("auto-submitted").strip().casefold(), maxsplit=1)[0]
    if submitted not in _OFF and not (submitted == "auto-generated" and is_form):
        return "it says that it was sent automatically (Auto-Submitted)"
    if headers.get("precedence").strip().casefold() in ("auto_reply", "auto-reply", "autoreply"):
        return "it says that it was sent automatically (Precedence)"
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-mail-autoreply",
        "x-autogenerated",
        "x-autoreply-from",
        "x-fc-machinegenerated",
        "x-vacation",
        "x-autorespond-from",
    ):
        if name in headers and headers.get(name).strip().casefold() not in _OFF:
            if name == "x-autogenerated" and headers.get(name).strip().casefold() not in ("reply", "yes", "true", "1"):
                continue
            return f"it says that it was sent automatically ({name.title()})"
    if "autorespond" in headers.get("x-post-messageclass").casefold() or headers.get("delivered-to") == "autoresponder":
        return "it says that it was sent automatically"
    if headers.get("return-path").strip() == "<>" and not is_form:
        return "it names nobody to return it to (Return-Path)"
    return None
