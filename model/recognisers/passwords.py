"""Passwords and pins, however somebody announces them: before the value, after it, or only by a login name.

A value is believed by its own look (letters and digits mixed, signs, capitals inside) or by how plainly it is
announced ("password: ...", "Passwort lautet ..."). Talk about passwords ("is not accepted") is let be.
"""

import re
from collections.abc import Iterator
from itertools import chain

from model.recognisers.prepared import HIDDEN, PreparedText
from model.recognisers.sighting import Recogniser, Sighting

PASSWORD = "password"

PASSWORD_WORDS = frozenset(
    "password passwords passwd pwd passcode passphrase pass pw pin pincode kennwort passwort passworter contrasena"
    " contrasenia clave senha wachtwoord toegangscode losenord losen heslo haslo parola motdepasse passe mdp psw passw"
    " geheimzahl acces zugangscode adgangskode kodeord salasana sifre passwoord"
    " hasło пароль 密码 パスワード 비밀번호".split()
)
_WORD = (
    r"pass ?words?|passwd|pwd|pass ?code|pass ?phrase|passwoord|passwort|pass|pw|pin ?code|pin|kennwort|contrasen[i]?a"
    r"|clave|senha|palavra[- ]passe|wachtwoord|toegangscode|losenord|adgangskode|kodeord|salasana|heslo|hasło|haslo"
    r"|parola|mot de passe|mdp|psw|passw|sifre|geheimzahl|zugangscode|code d'acces|пароль|密码|パスワード|비밀번호"
)
_COPULA = (
    r"is now|is set to|is|was|lautet|lautete|heisst|heißt|ist|war|est|etait|es|era|e|sa|luidt|brzmi|jest"
    r"|to|equals|reads"
)
_VALUE = (
    r"(?P<quote>['\"`(\[<]?)(?P<value>(?<=['\"])[^'\"\n" + HIDDEN + r"]{3,64}(?=['\"])|[^\s" + HIDDEN + r"]{3,128})"
)
_MORE = (
    r"(?P<more>[ ]\([a-z ]{1,20}\)|[ ]?(?:number|no|#|(?:for|to|on|of|fur|zum?|vom|von|de|du|pour|para|per|di"
    r"|del|voor|van|do|da|dla|na"
    r"|i|we|you|that i|which i|que|che|qui|das ich|die ich|dat ik|ktore) [a-z ]{1,24}?))?"
)
_SOON = (
    r"(?:still |now |currently |just |jetzt |noch |immer |always |toujours |siempre |sempre |altijd |also "
    r"|simply |einfach |: ?)?"
)
_ANNOUNCED = re.compile(
    rf"(?<![a-z])(?P<word>{_WORD})(?![a-z]){_MORE}"
    rf"(?P<link>[ ]{{0,2}}(?:(?<![a-z])(?:{_COPULA})(?![a-z])|c'est|=>|->|[:=]{{1,2}}|-)[ \n]{{0,2}}{_SOON}"
    r"|[ ](?=['\"]))" + _VALUE
)
_BESIDE = re.compile(rf"(?<![a-z])(?P<word>{_WORD})(?![a-z])(?:[ ]?(?:number|no|#))?(?P<link>[ ]{{1,2}})" + _VALUE)
# "… blue-Horse7 as my password", "Sommer-24 ist mein Passwort"
_CALLED = re.compile(
    r"(?<![^\s(\"'])(?P<value>['\"][^'\"\n" + HIDDEN + r"]{3,40}['\"]|[^\s" + HIDDEN + r"]{4,64})[ ]{1,2}"
    r"(?:as|is|was|als|ist|war|comme|est|como|es|come|e|jako|jest|to)[ ](?:[a-z]{1,8}[ ]){0,2}?"
    rf"(?P<word>{_WORD})(?![a-z])(?![ ]?(?:manager|app|reset|problem|field|hint|rule|policy|generator|box|page))"
)
_LOGIN = (
    r"log(?:ged)?[ -]?in(?: with| as)?|sign(?:ed)?[ -]?in(?: with| as)?|logon|user ?name|user ?id|user"
    r"|credentials|creds|zugangsdaten|zugang|anmeldung"
    r"|benutzername|benutzer|nutzername|nutzer|identifiants?|utilisateur|usuario|credenciales|utente|credenziali"
    r"|gebruikersnaam|gebruiker|inloggegevens|inlog|utilizador|uzytkownik|dane logowania|e-?mail|account|konto"
    r"|compte|cuenta|conta"
)
_BESIDE_LOGIN = re.compile(
    rf"(?<![a-z])(?:{_LOGIN})(?![a-z])(?:[ ](?:is|ist|est|es|e|data|details|daten))?[ ]{{0,2}}[:=]?[ \n]{{0,2}}"
    rf"(?P<name>[^\s/|,;{HIDDEN}]{{2,64}}|{HIDDEN})[ ]{{0,2}}"
    r"(?P<sep>[/|,;:\n]|(?:and|und|et|y|e|en|i|with|mit|avec|con|met|com|z)(?=[ ]))?[ ]{0,2}"
    rf"(?P<value>[^\s{HIDDEN}]{{6,64}})"
)
LOGIN_WORDS = frozenset(
    "login log logged sign signed signin logon user username userid credentials creds zugangsdaten zugang"
    " anmeldung benutzername"
    " benutzer nutzername nutzer identifiant identifiants utilisateur usuario credenciales utente credenziali"
    " gebruikersnaam gebruiker inloggegevens inlog utilizador uzytkownik dane logowania".split()
)
_ACCOUNTS = frozenset(("account", "konto", "compte", "cuenta", "conta"))
_PHRASE = re.compile(r"[a-z0-9'-]{1,24}(?:[ ][a-z0-9'-]{1,24}){1,7}(?=[.,;!?)\n]|[ ]?$)")
_ENDS_CLAUSE = re.compile(r"[.!,;)\"']{0,2}(?:$|\n|[ ](?:and|und|et|please|bitte|thanks|but|[-–]))")

# Words of grammar: never a password, and never a word of a pass phrase.
_FUNCTION = frozenset(
    """a an the my your his her our their this that these those it its is was are be been being and or but if so not no
    none i we you he she they me us them who what when where why how which there here now then still just only even
    again also too very really always never already please thanks because since after before for from with without to
    of in on at by as about into out up off over under than every until through during while has have had do does did
    will would can could should may might must won't don't can't doesn't didn't isn't wasn't it's i'm i've anymore
    any all each more less
    ein eine der die das den dem mein dein ihr sie ich wir nicht und oder aber weil wenn war hat habe immer noch mehr
    schon wieder bitte auf zu mit bei nach von fur kein keine
    un une le la les mon ma mes ton votre vos je tu vous nous et ou mais ne pas plus que qui pour avec sur du des
    el los las mi tu su yo no y o pero con sin por para que ya muy mas
    il lo gli mio mia tuo suo io non ma con per che piu
    het een mijn jouw uw ik wij niet en of maar met voor naar op geen meer
    o os as meu minha seu sua eu nao e ou mas com sem
    nie moje moj jest ale bo juz""".split()
)
# What people say of a password instead of giving it away.
_SAID_OF = frozenset(
    """yes hi hello help sorry ok okay wrong incorrect invalid correct right expired locked blocked reset resets
    resetting change changed changes changing forgot forgotten lost required needed missing different same new old
    working works work doing done doesn didn won isn don security protected manager recovery link email mail page
    screen request option options requirements field box prompt problem problems issue issues error errors needs need
    keeps keep says said asks asked somewhere compromised hacked stolen weak strong secure safe set updated update
    account accounts login log phone code number numbers word words phrase case character characters digits letters
    one two three four five six seven eight nine ten some first last next previous current temporary default empty
    blank unknown known accepted rejected recognized recognised registered stored saved sent ready long short easy hard
    simple everyone everything nothing something anything someone anyone going go gets get getting got entered
    entering enter try tried trying use used using uses give given gives like unable fail failed failing fails
    they're you're we're there's what's that's pass passed month week day time times year via sharing share shared let
    lets make made makes want wants wanted unblock unblocked block blocking activated activate gone today tomorrow
    yesterday apparently maybe perhaps probably possibly either neither both entirely completely ticket rider holder
    holders holding purchase bus train port ports word. boarding message messages outdated annoying fine great
    terrible useless broken bad good complicated ridiculous case-sensitive confusing impossible tricky crazy silly
    visible public private unique obvious stupid personal similar identical online offline active inactive available
    falsch richtig korrekt gesperrt abgelaufen vergessen weg ungultig ungultige neu alt kurz lang kaputt geandert
    zuruckgesetzt verloren unbekannt andern zurucksetzen
    faux incorrect oublie perdu invalide bloque expire errone change nouveau reinitialiser oublier
    incorrecta incorrecto olvidada olvidado erronea invalida invalido caducada caducado errata bloqueada perdida cambiar
    sbagliata sbagliato dimenticata dimenticato scaduta errato bloccata persa
    fout vergeten verlopen geblokkeerd ongeldig verkeerd kwijt wijzigen
    incorreta incorreto errada esqueci expirou esquecida perdi
    zle bledne nieprawidlowe zapomnialem zapomnialam wygaslo zmienic""".split()
)
_ORDINARY = _FUNCTION | _SAID_OF
_PASSES = re.compile(
    r"(?:boarding|bus|ski|season|travel|day|rail|train|annual|guest|visitor|month(?:ly)?|week(?:ly)?)[ -]$"
)
_ONE_TIME = re.compile(r"(?:one[- ]?time|sms|text|temporary)[ -]$")
_ADJECTIVE_ENDS = ("ed", "ing", "able", "ible", "ful", "less", "ive", "ous", "ally", "ly", "ic")
# "reset.Please": the blank after a full stop was forgotten.
_TWO_WORDS = re.compile(r"[A-Za-z'’]{1,30}+[.,;:!?/…-]{1,4}+[A-Za-z'’]")
_STRIP_END = ".,;:!?)]}>'\"`"
_SURE_LINKS = frozenset(("lautet", "lautete", "heisst", "heißt", "luidt", "brzmi", "is set to", "is now", "equals"))
_ENGLISH = frozenset(("is", "was", "reads"))
_OFTEN_TALK = frozenset(("pass", "pw", "clave", "parola"))
_ORDER = re.compile(r"#?[A-Z]{1,4}-?[0-9]{4,}(?:-[0-9]+)*")
_UNITS = frozenset(
    "times mal fois veces volte keer vezes days hours minutes attempts tage stunden digits characters".split()
)


def _passwords(reading: PreparedText) -> Iterator[Sighting]:
    if not PASSWORD_WORDS.isdisjoint(reading.words):
        yield from _announced(reading)
        yield from _called(reading)
    # "the account is kim / …": of an account people say much else, so only with the stroke between.
    if not LOGIN_WORDS.isdisjoint(reading.words) or ("/" in reading.lower and not reading.words.isdisjoint(_ACCOUNTS)):
        yield from _beside_login(reading)


def _announced(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in chain(_ANNOUNCED.finditer(lower), _BESIDE.finditer(lower)):
        start = match.start("value")
        word, link = match["word"], match["link"].strip()
        link = next(
            (copula for copula in (*_SURE_LINKS, *_ENGLISH) if link.split(" ")[0] == copula.split(" ")[0]), link
        )
        is_quoted = bool(match["quote"]) and match["quote"] in "'\"`"
        value = _unquoted(reading.text[start : match.end("value")], match["quote"])
        left = lower[max(0, match.start() - 12) : match.start()]
        if (word == "pass" and _PASSES.search(left)) or (word.startswith("pin") and _ONE_TIME.search(left)):
            continue
        n_phrase = 0 if is_quoted or word.startswith("pin") else _phrase(lower, start, link=link, word=word)
        if n_phrase:
            yield Sighting(start, start + n_phrase, PASSWORD, 0.8, "secrets", context=(word,))
            continue
        if len(value) < 3:
            continue
        ends = bool(_ENDS_CLAUSE.match(lower, start + len(value)))
        ok, why = _is_password(value, word=word, link=link, is_quoted=is_quoted, ends_clause=ends)
        if ok:
            yield Sighting(start, start + len(value), PASSWORD, 0.9 if link else 0.7, "secrets", context=(word,))
        elif link:
            yield Sighting(start, start + len(value), PASSWORD, 0.2, "secrets", context=(word,), let_go=why)


def _called(reading: PreparedText) -> Iterator[Sighting]:
    for match in _CALLED.finditer(reading.lower):
        start, end = match.span("value")
        value = reading.text[start:end]
        is_quoted = value[0] in "'\"`" and value[-1] in "'\"`"
        bare = value.strip(_STRIP_END + "(")
        is_pin = match["word"].startswith(("pin", "geheimzahl")) and bare.isdigit() and len(bare) <= 8
        if is_pin or (is_quoted and len(bare) >= 4) or _looks_strong(bare):
            at = start + value.index(bare)
            yield Sighting(at, at + len(bare), PASSWORD, 0.8, "secrets", context=(match["word"],))


def _beside_login(reading: PreparedText) -> Iterator[Sighting]:
    """A value right after a login name: only one that cannot be a word, an order number or a second name."""
    for match in _BESIDE_LOGIN.finditer(reading.lower):
        start = match.start("value")
        value = reading.text[start : match.end("value")].rstrip(_STRIP_END.replace("!", ""))
        has_lower = any(char.islower() for char in value)
        has_more = any(char.isupper() or not char.isalnum() for char in value)
        has_digit = any(char.isdigit() for char in value)
        is_plain = (
            not has_lower or not has_digit or not (has_more or match["sep"]) or "://" in value or value[0] in "/@"
        )
        if len(value) >= 6 and not is_plain and not _ORDER.fullmatch(value):
            yield Sighting(start, start + len(value), PASSWORD, 0.7, "secrets", context=("login",))


def _phrase(lower: str, start: int, *, link: str, word: str) -> int:
    """How long a pass phrase of several plain words is that begins here; 0 where there is none."""
    match = _PHRASE.match(lower, start, start + 200)
    if match is None:
        return 0
    words = match[0].split()
    n_ordinary = sum(token in _SAID_OF for token in words)
    if not _FUNCTION.isdisjoint(words) or not _UNITS.isdisjoint(words) or n_ordinary > 1:
        return 0
    n_digits = sum(token.isdigit() for token in words)
    is_sure = link in _SURE_LINKS or link[:1] in (":", "=")
    if word in _OFTEN_TALK and not is_sure:
        return 0
    if is_sure:
        is_phrase = len(words) >= 2 and not n_ordinary
    elif link in _ENGLISH:
        is_phrase = len(words) >= 4 or (len(words) >= 3 and not n_ordinary)
    else:
        is_phrase = not link and word not in _OFTEN_TALK and len(words) >= 3 and n_digits == 1 and not n_ordinary
    return len(match[0]) if is_phrase else 0


def _unquoted(value: str, quote: str) -> str:
    """The value up to its closing quote, or without the punctuation that ends the sentence."""
    if quote and quote in "'\"`" and quote in value[1:]:
        return value[: value.index(quote, 1)]
    # An exclamation mark is left on: it ends many passwords, and of a password nothing is kept.
    return value.rstrip(_STRIP_END.replace("!", "")) or value


def _looks_strong(value: str) -> bool:
    """Letters and digits together, or signs and capitals inside a word: no ordinary word looks so."""
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    has_sign = any(not char.isalnum() for char in value.strip("-'’"))
    is_mixed = value[1:] != value[1:].lower() and value != value.upper()
    if "://" in value or value.startswith(("@", "#", "/")) or (_TWO_WORDS.match(value) and not has_digit):
        return False
    return len(value) >= 5 and has_letter and (has_digit or (has_sign and is_mixed))


def _is_password(value: str, *, word: str, link: str, is_quoted: bool, ends_clause: bool) -> tuple[bool, str]:
    """Whether this is a password, and why not."""
    has_digit = any(char.isdigit() for char in value)
    has_letter = any(char.isalpha() for char in value)
    has_sign = any(not char.isalnum() for char in value.strip("-'’"))
    is_mixed = value[1:] != value[1:].lower() and value != value.upper()
    plain = value.lower().strip(_STRIP_END)
    if word.startswith(("pin", "geheimzahl")):
        is_pin = value.isdigit() and (4 <= len(value) <= 8 if link or is_quoted else len(value) == 4)
        return is_pin, "not four to eight digits"
    if word in _OFTEN_TALK and not link and not is_quoted:
        return _looks_strong(value) and len(value) >= 6, "no ':' or 'is' between the word and the value"
    if plain in _ORDINARY or value.startswith(("http:", "https:", "@", "#")):
        return False, "an ordinary word"
    if is_quoted:
        return True, ""
    if link in _SURE_LINKS:
        return True, ""
    if link and link[0] in ":=-":
        return (has_digit or has_sign or is_mixed or (link[0] in "=:" and value.isalnum()), "an ordinary word")
    strength = 0 if _TWO_WORDS.match(value) and not has_digit and not link else has_digit + has_sign + is_mixed
    if (has_letter and has_digit) or (strength >= 2 and has_letter):
        return True, ""
    if link in _ENGLISH:
        if has_digit and len(value) >= 4:
            return True, ""
        # "my password is sunflower": nothing else is said, and it is nothing that one says of a password.
        is_named = ends_clause and plain.isalpha() and len(plain) >= 4 and not plain.endswith(_ADJECTIVE_ENDS)
        return is_named, "reads like an ordinary word"
    is_number = bool(link) and link not in ("to", "e", "es", "sa") and value.isdigit() and len(value) >= 4
    return is_number, "reads like an ordinary word"


PASSWORDS = Recogniser("secrets", _passwords, words=PASSWORD_WORDS | LOGIN_WORDS | _ACCOUNTS)
