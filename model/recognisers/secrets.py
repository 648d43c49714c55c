"""Passwords, one-time codes, card security codes, keys: what opens a door. Nothing of them is ever kept."""

import re
from collections.abc import Iterator

from model.recognisers.reading import HIDDEN, Reading
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

PASSWORD, ONE_TIME_CODE, API_KEY, PRIVATE_KEY, JWT = "password", "one_time_code", "api_key", "private_key", "jwt"
SECURITY_CODE, EXPIRY = "card_security_code", "card_expiry"

# Passwords ----------------------------------------------------------------------------------------------------------

PASSWORD_WORDS = frozenset(
    "password passwords passwd pwd passcode passphrase pass pw pin pincode kennwort passwort contrasena contrasenia"
    " clave senha"
    " wachtwoord losenord losen heslo haslo parola motdepasse mdp psw passw пароль 密码 パスワード 비밀번호".split()
)
_PASSWORD = re.compile(
    r"(?<![a-z])(?P<word>pass ?words?|passwd|pwd|pass ?code|pass ?phrase|pass|pw|pin ?code|pin|kennwort|passwort"
    r"|contrasen[i]?a"
    r"|clave|senha|wachtwoord|losenord|heslo|haslo|parola|mot de passe|mdp|psw|passw|пароль|密码|パスワード|비밀번호)"
    r"(?P<more>[ ]?(?:number|no|#|for [a-z ]{1,24}?|to [a-z ]{1,24}?))?"
    r"(?P<link>[ ]{0,2}(?:is now|is set to|is|was|ist|es|est|=>|->|[:=]{1,2}|-)[ \n]{0,2}(?:still |now |currently "
    r"|just )?|[ ](?=['\"])|[ ]{1,2})"
    r"(?P<quote>['\"`(\[<]?)(?P<value>(?<=['\"])[^'\"\n" + HIDDEN + r"]{3,64}(?=['\"])|[^\s" + HIDDEN + r"]{3,128})"
)
_ORDINARY = frozenset(
    """a an the my your his her our their this that it its is was are be been being and or but if so not no none yes i
    we you he she they me us them who what when where why how which there here now then still just only even again
    also too very really always never already please thanks thank help sorry hi hello ok okay because since after
    before for from with without to of in on at by as about into out up off over under than wrong incorrect invalid
    correct right expired locked blocked reset resets resetting change changed changes changing forgot forgotten
    lost required needed missing different same new old working works work doing does did do done has have had
    having will would can could should may might must isn't doesn't didn't won't can't cannot don't wasn't couldn't
    hasn't isnt doesnt doesn didn won can isn don security protected manager recovery link email page screen request
    option options requirements field box prompt problem problems issue issues error errors needs need keeps keep
    says said asks asked somewhere compromised hacked stolen weak strong secure safe set updated update account
    accounts login log phone code number numbers word words phrase case character characters digits letters one two
    three four five six seven eight nine ten any some all each every first last next previous current temporary
    default empty blank unknown known accepted rejected recognized recognised registered stored saved sent ready
    long short easy hard simple everyone everything nothing something anything someone anyone going go gets get
    getting got entered entering enter try tried trying use used using uses give given gives like unable through
    during while until more less got it's that's fail failed failing fails won't they're you're i'm i've we're
    there's what's pass passed month week day time times year via sharing share shared let lets make made makes want
    wants wanted unblock unblocked block blocking activated activate gone today tomorrow yesterday apparently maybe
    perhaps probably possibly either neither both entirely completely ticket rider holder holders holding purchase
    bus train port ports word. boarding""".split()
)
_STRIP_END = ".,;:!?)]}>'\"`"


def _passwords(reading: Reading) -> Iterator[Sighting]:
    for match in _PASSWORD.finditer(reading.lower):
        start = match.start("value")
        value = reading.text[start : match.end("value")]
        value = _unquoted(value, match["quote"])
        if len(value) < 3:
            continue
        word, link = match["word"], match["link"].strip()
        ok, why = _is_password(value, word=word, link=link, is_quoted=bool(match["quote"]) and match["quote"] in "'\"`")
        if ok:
            yield Sighting(start, start + len(value), PASSWORD, 0.9 if link else 0.7, "secrets", context=(word,))
        elif link:
            yield Sighting(start, start + len(value), PASSWORD, 0.2, "secrets", context=(word,), let_go=why)


def _unquoted(value: str, quote: str) -> str:
    """The value up to its closing quote, or without the punctuation that ends the sentence."""
    if quote and quote in "'\"`" and quote in value[1:]:
        return value[: value.index(quote, 1)]
    # An exclamation mark is left on: it ends many passwords, and of a password nothing is kept.
    return value.rstrip(_STRIP_END.replace("!", "")) or value


def _is_password(value: str, *, word: str, link: str, is_quoted: bool) -> tuple[bool, str]:
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    has_sign = any(not char.isalnum() for char in value.strip("-'’"))
    is_mixed = value[1:] != value[1:].lower() and value != value.upper()
    if word.startswith("pin"):
        return (value.isdigit() and 4 <= len(value) <= 8 and bool(link or is_quoted), "not four to eight digits")
    if word in ("pass", "pw", "clave", "parola") and not link and not is_quoted:
        return False, "no ':' or 'is' between the word and the value"
    if value.lower().strip(_STRIP_END) in _ORDINARY or value.startswith(("http:", "https:", "@", "#")):
        return False, "an ordinary word"
    if is_quoted:
        return True, ""
    if link and link[0] in ":=-":
        return (has_digit or has_sign or is_mixed or (link[0] in "=:" and value.isalnum()), "an ordinary word")
    strength = has_digit + has_sign + is_mixed
    if (has_letter and has_digit) or (strength >= 2 and has_letter):
        return True, ""
    if has_digit and link and len(value) >= 4:
        return True, ""
    return False, "reads like an ordinary word"


PASSWORDS = Recogniser("secrets", _passwords, words=PASSWORD_WORDS)

# Codes --------------------------------------------------------------------------------------------------------------

_SECURITY_CODE = re.compile(
    r"(?<![a-z])(?<!social )(?:cvv2?|cvc2?|cvn2?|csc|cid|cav2?|cw|card (?:security|verification) (?:code|number"
    r"|value)|security (?:code|number|no)"
    r"|verification (?:number|value)|(?:three|3|four|4) digits? (?:on|at) the (?:back|front)|back of (?:the |my"
    r" )?card|codigo de seguridad"
    r"|prufnummer|kartenprufnummer|cryptogramme)"
    r"(?:[ ]?(?:code|number|no|num|#))?[.]?(?:[ ]?(?:on the back|of (?:the|my) card))?"
    r"(?:[ ]{0,2}(?:is|was|are|ist|es|est|:|=|#|-|\())*[ \n]{0,2}(?P<value>[0-9][ ]?[0-9][ ]?[0-9](?:["
    r" ]?[0-9])?)(?![0-9])(?![ .,-]?[0-9]{3})"
)
_EXPIRY = re.compile(r"(?<![0-9/-])(?:0?[1-9]|1[0-2])[ ]?[/.-][ ]?(?:20)?[2-4][0-9](?![0-9/-])")
_EXPIRY_WORDS = frozenset(
    "exp expiry expires expiration expiring valid thru until ablauf gultig vence caducidad".split()
)
_CARD_WORDS = frozenset("card cards visa mastercard amex debit credit cvv cvc cvn karte tarjeta carte".split())


def _codes(reading: Reading) -> Iterator[Sighting]:
    for match in _SECURITY_CODE.finditer(reading.lower):
        yield Sighting(*match.span("value"), SECURITY_CODE, 0.95, "secrets", context=(match[0].split()[0],))


def _expiries(reading: Reading) -> Iterator[Sighting]:
    for match in _EXPIRY.finditer(reading.lower):
        words = words_near(reading, *match.span(), _EXPIRY_WORDS | _CARD_WORDS)
        is_beside_card = HIDDEN in reading.lower[max(0, match.start() - 40) : match.end() + 40]
        says_card, says_expiry = not _CARD_WORDS.isdisjoint(words), not _EXPIRY_WORDS.isdisjoint(words)
        if is_beside_card + says_card + says_expiry >= 2:
            yield Sighting(*match.span(), EXPIRY, 0.8, "secrets", context=words)
        elif words:
            yield Sighting(*match.span(), EXPIRY, 0.3, "secrets", context=words, let_go="no card beside the date")


CODES = Recogniser(
    "secrets", _codes, n_digits=3,
    words=frozenset("cvv cvc cvn csc cid cav cw security verification digits digit back seguridad prufnummer"
        " kartenprufnummer cryptogramme".split()),
)  # fmt: skip
EXPIRIES = Recogniser("secrets", _expiries, n_digits=3, words=_CARD_WORDS | _EXPIRY_WORDS)

_ONE_TIME = re.compile(
    r"(?<![a-z])(?:otp|one[- ]?time (?:code|password|passcode|pin)|(?:verification|security|authentication|auth"
    r"|login|log-in|sign-in"
    r"|access|confirmation|2fa|mfa|sms|text|two[- ]factor|activation|reset|recovery|whatsapp|passcode|authenticator"
    r"|tan) (?:code|pin|number)|2fa|tan|code)"
    r"(?:[ ]?(?:you sent(?: me)?|i (?:got|received)|sent to me|that came|they sent(?: me)?))?"
    r"(?:[ ]{0,2}(?:is now|is|was|ist|es|est|:|=|#|-|just came|says))*["
    r" \n]{0,2}['\"]?(?P<value>(?:[a-z]-)?[0-9]{4,8}(?![0-9a-z])|[0-9]{3}[- ][0-9]{3}(?![0-9a-z-]))"
)
_REVERSED = re.compile(
    r"(?<![0-9a-z$€£#/.-])(?P<value>(?:[a-z]-)?[0-9]{4,8}|[0-9]{3}[- ][0-9]{3})[ ](?:is|was|as)[ ](?:my|the|your)[ ]"
    r"(?:[a-z-]{1,20}[ ]){0,3}?(?:code|otp|passcode|pin)(?![a-z])"
)
_OTHER_CODES = re.compile(
    r"(?:error|zip|post|postal|area|promo|promotion|discount|coupon|voucher|country|dial|dialling|dialing|product"
    r"|item|model|bar|source|offer|order|gift"
    r"|referral|status|sort|swift|bic|branch|state|colou?r|qr|dress|building|reason|fault|problem|exit|response"
    r"|http|booking|tracking|airport|flight|stop|short"
    r"|party|game|invite|key|vin|sku)[ -]?$"
)


def _one_time_codes(reading: Reading) -> Iterator[Sighting]:
    lower = reading.lower
    for pattern in (_ONE_TIME, _REVERSED):
        for match in pattern.finditer(lower):
            start, end = match.span("value")
            if match[0].startswith("code"):
                left = lower[max(0, match.start() - 24) : match.start()]
                is_linked = (
                    re.search(r"\b(?:is|was|:|=|sent|got|received)", match[0]) or ":" in match[0] or "=" in match[0]
                )
                if _OTHER_CODES.search(left) or not is_linked:
                    yield Sighting(start, end, ONE_TIME_CODE, 0.3, "secrets", let_go="a code of another sort")
                    continue
            yield Sighting(start, end, ONE_TIME_CODE, 0.85, "secrets", context=("code",))


ONE_TIME_CODES = Recogniser(
    "secrets", _one_time_codes, n_digits=4, words=frozenset("code otp fa tan passcode password pin number".split())
)

# Keys ---------------------------------------------------------------------------------------------------------------

_KEY_MARKS = (
    "sk_", "rk_", "pk_live", "sk-", "akia", "asia", "aiza", "ya29.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-",
    "xox", "sg.", "hf_", "npm_", "pypi-", "whsec_", "tk_live_", "tk_test_", "eaac", "key-", "dop_v1_", "shpat_",
    "shpss_", "sq0",
    "bearer", "api", "secret", "token", "access", "aws", "client", "eyj", "basic",
)  # fmt: skip
_API_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:[sr]k_(?:live|test)_[A-Za-z0-9]{10,}+|pk_live_[A-Za-z0-9]{10,}+"
    r"|sk-(?:[a-z]+-)?[A-Za-z0-9_-]{20,}+|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|AIza[A-Za-z0-9_-]{30,}+|ya29\.[A-Za-z0-9_-]{20,}+|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+"
    r"|glpat-[A-Za-z0-9_-]{16,}+|xox[abeoprs]-[A-Za-z0-9-]{10,}+"
    r"|SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+|hf_[A-Za-z0-9]{20,}+|npm_[A-Za-z0-9]{20,}+"
    r"|pypi-[A-Za-z0-9_-]{16,}+|whsec_[A-Za-z0-9+/=]{16,}+|tk_(?:live|test)_[A-Za-z0-9]{10,}+"
    r"|EAAC[A-Za-z0-9]{20,}+|key-[a-f0-9]{24,}+|dop_v1_[a-f0-9]{32,}+|shp(?:at|ss|ca)_[A-Fa-f0-9]{20,}+"
    r"|sq0[a-z]{3}-[A-Za-z0-9_-]{16,}+)"
)
_NAMED_KEY = re.compile(
    r"(?<![a-z])(?:api[ _-]?(?:key|token|secret)s?|(?:secret|access|auth|private|client|bearer|refresh|session"
    r"|aws)[ _-]?(?:access )?(?:secret[ _-]?)?(?:access[ _-]?)?(?:key|token|secret)s?(?:[ _-]?id)?|bearer|token|basic)"
    r"(?:[ ]{0,2}(?:is|was|:|=|=>))*[ \n]{0,2}['\"]?(?P<value>[a-z0-9_+/=.~-]{16,512}+)"
)
_JWT = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+)?")
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")


def _keys(reading: Reading) -> Iterator[Sighting]:
    text = reading.text
    for match in _API_KEY.finditer(text):
        yield Sighting(*match.span(), API_KEY, 0.98, "secrets")
    for match in _JWT.finditer(text):
        yield Sighting(*match.span(), JWT, 0.98, "secrets")
    for match in _NAMED_KEY.finditer(reading.lower):
        start, end = match.span("value")
        value = text[start:end]
        if any(char.isdigit() for char in value) and any(char.isalpha() for char in value) and "://" not in value:
            yield Sighting(start, end, API_KEY, 0.85, "secrets", context=(match[0].split()[0],))


def _private_keys(reading: Reading) -> Iterator[Sighting]:
    at = 0
    while match := _PRIVATE_KEY.search(reading.text, at):
        closing = _PRIVATE_KEY_END.search(reading.text, match.end())
        # A key whose end is missing was cut off in pasting: what follows is the key.
        at = closing.end() if closing else len(reading.text)
        yield Sighting(match.start(), at, PRIVATE_KEY, 0.99, "secrets")


KEYS = Recogniser("secrets", _keys, marks=_KEY_MARKS, longest=16)
PRIVATE_KEYS = Recogniser("secrets", _private_keys, marks=("-----begin ",))
