"""Telephone numbers as they are written around the world."""

import re
from collections.abc import Iterator

from care.names import PLACES_TOO, folded, is_given_name
from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.words_near import words_near

PHONE, PERSONAL = "phone", "personal_phone"

PHONE_WORDS = frozenset(
    "phone phones telephone tel telefon telefono telefone mobile mobil movil cell cellphone fax desk office"
    " whatsapp call"
    " called calling caller callback text texted sms ring dial contact reach number landline handy handynummer"
    " telefonnummer rufnummer portable appelez numero celular hotline answering messages message registered ph telno"
    " viber telegram signal phonenumber extension ext erreichen erreichbar anrufen rufen telefonisch joindre joignable"
    " llamar llame chiamare bellen bereikbaar nummer numer telefonu ligar".split()
)
# A number as one unbroken run of groups: an optional +, groups of digits with at most two separators between, an
# optional extension. Possessive: read once.
_RUN = re.compile(
    r"(?<![\w./$€£#-])(?<![0-9][,:])(?<![\w./$€£#-]\()(?P<plus>\+[ ]?|\(\+)?\(?[0-9]++\)?"
    r"(?:[ ]?[-–./ ]?[ ]?\(?[0-9]++\)?)*+(?:[ ]?(?:x|ext\.?|extension)[ ]?(?P<ext>[0-9]{1,6}))?+(?![\w])"
)
_DIGITS = re.compile(r"[0-9]++")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[-./][01]?[0-9][-./][0-3]?[0-9]|[0-3]?[0-9][-./][0-3]?[0-9][-./](?:(?:19"
    r"|20)[0-9]{2}|[0-9]{2}(?![-./0-9]))")  # fmt: skip
_NANP = re.compile(r"(?:\+?1[-. ]?|001[-. ]?)?(?:\([2-9][0-9]{2}\)[ ]?|[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4}")
_PHONE_LABEL = re.compile(
    r"(?<![a-z])(?:(?:phone|telephone|tel|mobile|cell|fax|whatsapp|handy|telefon|telefono|landline|contact)"
    r"(?:[ ]?(?:number|no|nr|#))?[.]?"
    r"|(?:call|ring|text|reach|contact|phone)(?: (?:me|us|him|her|them))?(?: back)?(?: (?:on|at))?|my number"
    r"|answering at|messages to|my registered)(?:[ ]?(?:is|was|:|=|-))*[ \n]?$"
)
_NANP_IN_A_ROW = re.compile(rf"(?<![0-9-]){_NANP.pattern}(?![0-9-])")
_NOT_PHONE_LABEL = re.compile(
    r"(?<![a-z])(?:order|tracking|parcel|package|ref|reference|case|ticket|invoice|booking|confirmation|flight"
    r"|account|acct"
    r"|serial|imei|isbn|sku|upc|ean|id|zip|zipcode|postcode|code|pin|ssn|passport|license|licence|card|cc|routing"
    r"|aba|iban"
    r"|sort|policy|claim|member|membership|customer|version|claims|nhs|nino|sin|tfn|abn|aadhaar|pan|ip|tag|tags|bag"
    r"|baggage|dpci|model|item|error"
    r"|transaction|txn|vin|meter|incident|request|job|ticket|pnr|awb|shipment|order_id|bsb|social|security)"
    r"(?:[ _-]?(?:numbers?|num|no|nr|id|code|ref|#))?[.]?(?:[ ]?(?:is|was|are|:|=|#|-))*[ ]?#?$"
)
# Country calling codes, ITU-T E.164 (list complementing Recommendation E.164).
_CALLING = frozenset(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82"
    " 84 86 90"
    " 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238"
    " 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266"
    " 267 268"
    " 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381"
    " 382 383"
    " 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599"
    " 670 672"
    " 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870"
    " 878 880"
    " 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 994 995"
    " 996 998".split()
)


def _has_calling_code(digits: str) -> bool:
    return digits[:1] in _CALLING or digits[:2] in _CALLING or digits[:3] in _CALLING


def _phones(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _RUN.finditer(lower):
        body = match[0] if match["ext"] is None else lower[match.start() : match.start("ext")]
        groups = _DIGITS.findall(body)
        digits = "".join(groups)
        if len(digits) > 17 and not match["plus"]:
            # Several numbers in a row, a blank between: those of a shape that cannot be mistaken are still found.
            for number in _NANP_IN_A_ROW.finditer(lower, match.start(), match.end()):
                kind = PERSONAL if _is_somebodys(reading, *number.span()) else PHONE
                yield Sighting(*number.span(), kind, 0.75, "phones")
            continue
        if not 7 <= len(digits) <= 17:
            continue
        start, end = match.span()
        written = match[0]
        while written and written[0] == "(" and ")" not in written:
            start, written = start + 1, written[1:]
        words = words_near(reading, start, end, PHONE_WORDS, before=48, after=16)
        is_labelled = bool(words) and bool(_PHONE_LABEL.search(lower[max(0, start - 32) : start]))
        score, why = (0.9, "") if is_labelled else _score(written, groups, digits, bool(match["plus"]), words)
        if score >= 0.5 and _NOT_PHONE_LABEL.search(lower[max(0, start - 32) : start]) and not match["plus"]:
            score, why = 0.2, "labelled as something else"
        kind = PERSONAL if score >= 0.5 and _is_somebodys(reading, start, end) else PHONE
        yield Sighting(start, end, kind, score, "phones", context=words, let_go=why)


_PERSON = re.compile(
    r"(?<![\w@#-])(?:(?P<title>Mr|Mrs|Ms|Miss|Dr|Herr|Herrn|Frau|Mme|Madame|Monsieur|Senora?|Sra?|Signora?"
    r"|Mevrouw|Meneer|Pan|Pani)"
    r"\.?[ ][A-Z]|(?P<given>[A-Z][^\W\d_]{1,15})(?=(?P<family>[ ][A-Z][^\W\d_])?)(?![\w@]))"
)
_SMALL_PERSON = re.compile(
    r"(?<![a-z])(?:i'm|i am|im|it's|this is|name is|name's|called|ring|call|text|ask for|contact|reach|phone|ich"
    r" bin|hier ist"
    r"|je suis|soy|sono|ik ben)[ ](?P<given>[a-z]{3,15})(?![a-z])"
)
_NEAR_NAME = 48
_NAME_AFTER = re.compile(
    r"[ ,;:(-]{1,3}(?:ask for |for |is |that's |das ist )?([A-Z][^\W\d_]{1,15}(?:[ ][A-Z][^\W\d_]{1,20})?)"
)
_OF_A_FIRM = re.compile(
    r"(?<![a-z])(?:(?:call|ring|reach|contact|phone|text) us|our (?:phones?|numbers?|lines?|team)|hotline"
    r"|helpline|customer (?:care"
    r"|services?)|call centre|call center|reception|your number|your phone)(?![a-z])"
)


def _is_somebodys(reading: PreparedText, start: int, end: int) -> bool:
    """Whether a person's name stands by the number, on the same line."""
    left = reading.text[max(0, start - _NEAR_NAME) : start].rpartition("\n")[2]
    if _OF_A_FIRM.search(left.lower()):
        return False
    after = _NAME_AFTER.match(reading.text, end)
    for piece in (left, after[1] if after else ""):
        for match in _PERSON.finditer(piece):
            given = match["given"]
            if given is None:
                return True
            if is_given_name(given) and (match["family"] or folded(given) not in PLACES_TOO):
                return True
    return any(is_given_name(match["given"]) for match in _SMALL_PERSON.finditer(left.lower()))


def _score(written: str, groups: list[str], digits: str, has_plus: bool, words: tuple[str, ...]) -> tuple[float, str]:
    """How likely this is a telephone number, and why not."""
    if _DATE.match(written):
        return 0.1, "a date"
    if has_plus:
        if 7 <= len(digits) <= 16 and _has_calling_code(digits):
            return 0.9, ""
        return 0.3, "no such calling code or length"
    if _NANP.fullmatch(written.split("x")[0].split("e")[0].strip()):
        return (0.95 if words else 0.75), ""
    if len(digits) > 15:
        return 0.1, "too long"
    is_grouped = len(groups) > 1 or "(" in written
    if words:
        if len(digits) in (7, 8) and not is_grouped:
            return 0.4, "few digits in one piece"
        return 0.75, ""
    if digits.startswith("00") and 11 <= len(digits) <= 16 and _has_calling_code(digits[2:]):
        return 0.7, ""
    is_national = digits[0] == "0" != digits[1] and 9 <= len(digits) <= 11
    if is_grouped and is_national and len(groups) <= 5 and min(map(len, groups)) >= 2:
        return 0.6, ""
    return 0.3, "no words about telephones near"


PHONES = Recogniser("phones", _phones, n_digits=7)
