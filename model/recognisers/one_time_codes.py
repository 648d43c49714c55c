"""One-time codes: the digits somebody was sent to log in or to confirm with, in whatever words they pass them on.

Most codes are none of them: of a product, a discount, a locker. So a number counts only where a word for a code is
bound to it, and where the words around say that it was sent, or at least not that it is a code of another sort.
"""

import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

ONE_TIME_CODE = "one_time_code"

_CANDIDATE = re.compile(
    r"(?<![0-9a-z$€£#@/.,:+-])(?P<value>(?P<letter>[a-z]-|fb-)?(?:[0-9]{4,8}|[0-9]{3}[- ][0-9]{3}))"
    r"(?![0-9a-z/€$£%]|[.,:-][0-9])(?![ ]?(?:euros?|eur|usd|gbp|pounds?|dollars?|times|minutes?|mins?|hours?"
    r"|days?|people"
    r"|steps|points|miles|pm|am|uhr)(?![a-z]))"
)
_CODE = re.compile(r"(?<![a-z])(?:(?P<before>[a-z]{1,20})[ -])?(?P<joined>[a-zß]{0,24}?)(?P<code>codes?|kod(?:u"
    r"|em)?|kode"
                   r"|codigo|codice|pins?|tan|otp|pass ?code|2fa)(?![a-z])")  # fmt: skip
# Before the word "code": says that it is one to log in or to confirm with.
_CONFIRMING = (
    "one-?time|onetime|time|verification|verify|verifying|security|authentication|authenticator|auth|login|log-?in|in"
    "|sign-?in|access|confirmation|confirm|2fa|mfa|sms|text|texted|factor|activation|reset|recovery|whatsapp|otp|tan"
    "|m-?tan|einmal|bestatigungs?|verifizierungs?|sicherheits?|anmelde|freischalt|aktivierungs?|login-?|zugangs?"
    "|verificatie|bevestigings?|inlog|weryfikacyjny|potwierdzajacy|autoryzacyjny|smsowy|telegram|signal|google"
)
_IS_CONFIRMING = re.compile(rf"(?:{_CONFIRMING})")
_CONFIRMING_AFTER = re.compile(
    r"[ ](?:de|di|da|do|del|d')[ ]?(?:verificacion|verification|verifica|verificacao|confirmacion|confirmation"
    r"|conferma|confirmacao|seguridad|securite|sicurezza|seguranca|acceso|acces|accesso|acesso|activacion|activation"
    r"|autenticacion|sms)|[ ](?:weryfikacyjny|potwierdzajacy|autoryzacyjny|sms)(?![a-z])"
)
# Words that may stand right before "code" and say nothing of its sort.
_NEUTRAL = frozenset(
    """a an the my your our his her their this that these those is was new old another other same wrong right first
    second last latest correct digit digits number numbers of with and or but no which what got get received have had
    need enter entered typed use used send sent sending give gave share shared paste by from via for to here s here's
    der die das dem den ein eine einen mein meinen dein ihr ihren neuer neuen dieser diesen ist aus mit
    le la l un une mon votre ce nouveau est et
    el los mi su tu este nuevo es y
    il lo mio suo tuo questo nuovo e
    de het een mijn uw deze nieuwe is en
    o os meu seu este novo
    ten moj twoj nowy to""".split()
)
_SENT = re.compile(
    r"(?<![a-z])(?:sms|texted|text(?: message)?|text(?:s|ed)? me|sent|send|sending|received|recieved|receive|got"
    r"|came|come"
    r"|whatsapp|e-?mailed|phone|authenticator|two-?factor|2fa|log(?:ging|ged)? in|sign(?:ing|ed)? in|log-?in|verify"
    r"|bekommen|bekam|erhalten|geschickt|gesendet|zugeschickt|kam|handy"
    r"|recu|envoye|envoyee?s?|arrive|recibi|recibido|enviado|enviaron|enviasteis|llego|ricevuto|inviato|arrivato"
    r"|ontvangen|gestuurd|gekregen|kreeg|recebi|recebido|enviaram|chegou|dostalem|dostalam|otrzymalem|otrzymalam"
    r"|wyslali|wyslany|przyszedl|smsa|smsem|smsie)(?![a-z])"
)
_FROM_THEM = re.compile(r"(?<![a-z])(?:google|gmail|facebook|instagram|whatsapp|sms|text(?:ed)?)(?![a-z])")
_BY_SMS = re.compile(
    r"(?<![a-z])(?:sms|texted|by text|via text|text message|authenticator|one-?time|2fa|smsa|smsem)(?![a-z])"
)
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:prodotto|producto|produit|produto|articulo|artigo|fiscale|barres?|barras|promo\w*|locker|parcel|article|customer|client|discount|promo|promotion(?:al)?|voucher|coupon|gift|store|door"
    r"|gate|room|building|postcode|postal|zip|area|error|product|item|model|colou?r|bar|qr|pick-?up|collect(?:ion)?"
    r"|packstation|box|booking|ticket|flight|referral|invite|invitation|campaign|offer|sku|part|supplier|dealer|recipe"
    r"|course|rabatt|gutschein|artikel|kunden|abhol|fach|fehler|promocion|cupon|cliente|article|colis|casier|client"
    r"|reduction|remise|cadeau|sconto|articolo|korting|kluis|klant|artikel|pakket|desconto|cacifo|encomenda"
    r"|rabatowy|paczki|paczkomatu|klienta|produktu|warranty|bike|scooter|safe|wifi|dial(?:l?ing)?)(?![a-z])"
)
_NUMBER_OF = re.compile(
    r"(?<![a-z])(?:order|ticket|case|invoice|booking|reservation|room|flight|bus|train|extension|ext|postcode|zip|plz"
    r"|reference|ref|ticketnummer|bestellung|bestellnummer|auftrag|rechnung|commande|pedido|ordine|bestelling|error"
    r"|number|year|model|item|article|customer|member|account|since|until|in|at|of|over|about|around|almost|nearly)"
    r"(?:[ ]?(?:number|no|nr|id|ref|#))?[.]?[ ]?[:#]?[ ]?$"
)
_BINDS = re.compile(
    r"[ ]{0,2}[\"'(:=#,-]{0,2}[ \n]{0,2}[\"'(]?|"
    r".{0,56}?(?:(?<![a-z])(?:is now|is|was|ist|war|lautet|est|etait|es|era|e|to|jest|brzmi|says|reads|luidt|as"
    r"|just came"
    r"|sent(?: me)?|got|received)[ ]?[:\"'(]{0,2}|[:=#][ \n]?\"?|->[ ]?)[ \n]?[\"'(]?",
    re.DOTALL,
)
_BINDS_BACK = re.compile(
    r"[\"')]{0,2}[ ,]{0,2}(?:(?:is|was|as|ist|war|als|est|comme|es|como|e|come|jest|jako|for)["
    r" ])?(?:[a-z'-]{1,16}[ ]){0,5}$"
)
_TYPED = re.compile(
    r"(?<![a-z])(?:entered|enter|typed|type|put in|tried|used|using|eingegeben|eingabe|saisi|introduje|puse|inserito"
    r"|ingevoerd|wpisalem|wpisalam)[ ]$"
)
_ENDS = re.compile(r"[.!?;\n](?=\s|$)")
_BEFORE, _AFTER = 90, 70


def _one_time_codes(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _CANDIDATE.finditer(lower):
        start, end = match.span("value")
        left = _ENDS.split(lower[max(0, start - _BEFORE) : start])[-1]
        right = _ENDS.split(lower[end : end + _AFTER], maxsplit=1)[0]
        verdict = _judge(left, right, value=match["value"], has_letter=bool(match["letter"]))
        if verdict is None:
            continue
        score, why = verdict
        yield Sighting(start, end, ONE_TIME_CODE, score, "secrets", context=("code",), let_go=why)


def _judge(left: str, right: str, *, value: str, has_letter: bool) -> tuple[float, str] | None:
    """How likely digits are a one-time code, and why not; None where nothing speaks of codes.

    left, right: what stands in their sentence before and after them.
    """
    clause = f"{left} {right}"
    n_digits = sum(char.isdigit() for char in value)
    is_sent = bool(_SENT.search(clause))
    if has_letter and n_digits >= 5:
        is_code = bool(_CODE.search(clause) or _FROM_THEM.search(clause))
        return (0.85, "") if is_code and (is_sent or value[0] in "gf") else None
    if _NUMBER_OF.search(left):
        return None
    code = _code_before(left) or _code_after(right)
    if code is None:
        is_texted = n_digits == 6 and bool(_BY_SMS.search(clause)) and not _ELSEWHERE.search(clause)
        is_typed = is_texted or (bool(_TYPED.search(left)) and is_sent and bool(_CODE.search(clause)))
        return (0.7, "") if is_typed else None
    sort = _sort(code)
    if sort == "confirming":
        return 0.85, ""
    if sort == "other":
        return 0.3, "a code of another sort"
    if is_sent and not re.search(r"(?:locker|voucher|discount|promo|gift|coupon)", clause):
        return 0.85, ""
    return (0.3, "a code of another sort") if _ELSEWHERE.search(clause) else (0.75, "")


def _code_before(left: str) -> re.Match[str] | None:
    """The word for a code that the digits after it are bound to."""
    last = None
    for last in _CODE.finditer(left):  # noqa: B007
        pass
    if last is None:
        return None
    sort = _CONFIRMING_AFTER.match(left, last.end())
    return last if _BINDS.fullmatch(left, sort.end() if sort else last.end()) else None


def _code_after(right: str) -> re.Match[str] | None:
    first = _CODE.search(right)
    if first is None:
        return None
    upto = first.start("joined") if first["before"] is None or first["before"] in _NEUTRAL else first.start()
    return first if _BINDS_BACK.match(right[:upto].rstrip() + " ") else None


def _sort(code: re.Match[str]) -> str:
    """What sort of code its own words make it: confirming, other, or plain."""
    before, joined, word = code["before"] or "", code["joined"].rstrip("s"), code["code"]
    if word in ("otp", "tan", "2fa"):
        return "confirming"
    if joined:
        return "confirming" if _IS_CONFIRMING.match(joined) else "other"
    if _CONFIRMING_AFTER.match(code.string, code.end()):
        return "confirming"
    if _IS_CONFIRMING.fullmatch(before):
        return "confirming"
    # A pin that nothing calls one-time is a password, and looked for as such.
    if word.startswith("pin"):
        return "other"
    return "plain" if not before or before in _NEUTRAL or before.isdigit() else "other"


ONE_TIME_CODES = Recogniser(
    "secrets", _one_time_codes, n_digits=4,
    words=frozenset(
        "code codes otp fa tan passcode pin kod kodu kodem kode codigo codice sms texted text authenticator"
        " bestatigungscode verifizierungscode sicherheitscode anmeldecode freischaltcode aktivierungscode logincode"
        " einmalcode smscode verificatiecode bevestigingscode inlogcode toegangscode zugangscode sent".split()
    ),
)  # fmt: skip
