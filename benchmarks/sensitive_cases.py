"""Writes fixtures/sensitive: cards in every writing, look-alikes, and vectors from public standards.

    python -m benchmarks.sensitive_cases

Cards are the networks' published test numbers, or a published prefix filled with noughts and a counter: none of them
was ever issued. Everything else is made up here. The seed is fixed, so running it again changes nothing.
"""

import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import phonenumbers
from stdnum import iban as stdnum_iban

from model.recognisers.banking import IBAN_LENGTHS
from model.recognisers.issuers import luhn

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "sensitive"
SEED = 20261123
Case = dict[str, Any]


def with_check_digit(digits: str) -> str:
    """The digits with the Luhn digit that makes them check."""
    return next(digits + check for check in "0123456789" if luhn(digits + check))


def made(prefix: str, length: int, counter: int) -> str:
    """A card of a range nobody was given: the prefix, noughts, a counter, the check digit."""
    return with_check_digit(prefix + str(counter).zfill(length - 1 - len(prefix)))


# Cards --------------------------------------------------------------------------------------------------------------

CARDS = {
    # As Stripe, Adyen, PayPal, Braintree and Worldpay print them in their guides for testers.
    "visa": ["4111111111111111", "4012888888881881", "4242424242424242", "4000056655665556"],
    "visa 13": ["4222222222222"],
    "mastercard": ["5555555555554444", "5105105105105100", "5200828282828210"],
    "mastercard 2": ["2223003122003222", "2221000000000009"],
    "amex": ["378282246310005", "371449635398431", "378734493671000"],
    "discover": ["6011111111111117", "6011000990139424"],
    "diners": ["30569309025904", "38520000023237", "36227206271667"],
    "jcb": ["3530111333300000", "3566002020360505"],
    "unionpay": ["6200000000000005", "6205500000000000004"],
    "maestro": ["6759649826438453", "6799990100000000019"],
    "dankort": ["5019717010103742"],
    "hipercard": ["6062826786276634"],
    "elo": ["6362970000457013"],
    # Ranges without a well-known test number.
    "visa 19": [made("400000", 19, 42)],
    "maestro 12": [made("5020", 12, 7), made("6304", 12, 11)],
    "maestro 13": [made("5868", 13, 5)],
    "jcb 15": [made("2131", 15, 3), made("1800", 15, 4)],
    "mir": [made("220000", 16, 77)],
    "troy": [made("979200", 16, 21)],
    "rupay": [made("652100", 16, 9), made("817200", 16, 8)],
    "mastercard 2 high": [made("272099", 16, 1)],
    "verve": [made("506099", 16, 12), made("506100", 18, 13)],
}
ONLY_WITH_WORDS = {"visa 13", "visa 19", "maestro 12", "maestro 13", "jcb 15", "verve"}


def _needs_words(issuer: str, number: str) -> bool:
    """Whether nobody could tell this number from an order number without a word beside it."""
    return issuer in ONLY_WITH_WORDS or (issuer == "maestro" and len(number) > 16)


NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _groups(digits: str) -> list[str]:
    if len(digits) == 15:
        return [digits[:4], digits[4:10], digits[10:]]
    if len(digits) == 14:
        return [digits[:4], digits[4:10], digits[10:]]
    return [digits[place : place + 4] for place in range(0, len(digits), 4)]


def _oddly(digits: str, chance: random.Random) -> str:
    cuts = sorted(chance.sample(range(1, len(digits)), 5))
    return " ".join(digits[a:b] for a, b in zip([0, *cuts], [*cuts, len(digits)], strict=True))


def writings(digits: str, chance: random.Random) -> dict[str, str]:
    """Every way of writing one card that we have seen or fear."""
    groups = _groups(digits)
    wide = digits.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    return {
        "solid": digits,
        "spaces": " ".join(groups),
        "dashes": "-".join(groups),
        "dots": ".".join(groups),
        "slashes": "/".join(groups),
        "underscores": "_".join(groups),
        "commas": ", ".join(groups),
        "long dashes": " – ".join(groups),
        "no-break spaces": "\u00a0".join(groups),
        "thin spaces": "\u2009".join(groups),
        "tabs": "\t".join(groups),
        "two spaces": "  ".join(groups),
        "zero-width": "\u200b".join(groups),
        "zero-width everywhere": "\u200d".join(digits),
        "soft hyphens": "\u00ad".join(digits),
        "line break": " ".join(groups[: len(groups) // 2]) + "\n" + " ".join(groups[len(groups) // 2 :]),
        "one group a line": "\n".join(groups),
        "one digit a line": "\n".join(digits),
        "one digit a line, crlf": "\r\n".join(digits),
        "spaced digits": " ".join(digits),
        "oddly spaced": _oddly(digits, chance),
        "full-width": wide,
        "full-width spaces": "\u3000".join(_groups(wide)),
        "arabic digits": digits.translate({ord("0") + n: chr(0x0660 + n) for n in range(10)}),
        "devanagari digits": digits.translate({ord("0") + n: chr(0x0966 + n) for n in range(10)}),
        "mathematical digits": digits.translate({ord("0") + n: chr(0x1D7D8 + n) for n in range(10)}),
        "keycaps": "".join(digit + "\ufe0f\u20e3" for digit in digits),
        "keycaps spaced": " ".join("".join(d + "\ufe0f\u20e3" for d in group) for group in groups),
        "words": " ".join(NAMES[int(digit)] for digit in digits),
        "words with commas": ", ".join(" ".join(NAMES[int(digit)] for digit in group) for group in groups),
        "words and digits": " ".join([*groups[:-1], *(NAMES[int(digit)] for digit in groups[-1])]),
        "words between": " then ".join(groups),
        "mixed separators": groups[0] + "-" + " ".join(groups[1:]),
    }


CONTEXTS = {
    "label": ("my card number is ", ""),
    "refund": ("Please refund it to my visa ", ", thanks a lot."),
    "with date and code": ("card ", " exp 12/27 cvv 123"),
    "charged": ("i was charged twice!! credit card ", " what now"),
    "paid order": ("Order 20817 was paid with card no. ", " and never came"),
    "german": ("meine Kartennummer lautet ", ", bitte prüfen"),
    "spanish": ("mi tarjeta es ", " gracias"),
    "after": ("", " is my debit card, block it"),
    "shouting": ("MY CARD WAS STOLEN ", " BLOCK IT"),
    "bare": ("", ""),
    "emoji": ("😡😡 ", " 😡"),
}


def cards() -> Iterator[Case]:
    """Each writing with each issuer, contexts in turn; contexts without a word on cards only where that can be told."""
    chance = random.Random(SEED)
    turn = 0
    for issuer, numbers in CARDS.items():
        for number in numbers:
            contexts = [name for name in CONTEXTS if not _needs_words(issuer, number) or name not in ("bare", "emoji")]
            for writing, written in writings(number, chance).items():
                context = contexts[turn % len(contexts)]
                turn += 1
                if context in ("bare", "emoji") and writing in ("oddly spaced", "words between", "commas"):
                    context = "label"
                before, after = CONTEXTS[context]
                yield {
                    "text": before + written + after,
                    "start": len(before),
                    "end": len(before) + len(written),
                    "issuer": issuer,
                    "writing": writing,
                    "context": context,
                }
    for number in ("4111111111111111", "5555555555554444", "378282246310005"):
        for before in (
            "https://shop.example/pay?card=",
            "https://shop.example/pay?amount=12&cc=",
            "http://x.example/?visa=",
        ):
            yield {"text": before + number + "&ok=1", "start": len(before), "end": len(before) + len(number),
                   "issuer": "visa", "writing": "in an address", "context": "query field"}  # fmt: skip
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        for written in (" ".join(_groups(wrong)), "-".join(_groups(wrong)), wrong):
            before = "my card number is "
            yield {"text": before + written, "start": len(before), "end": len(before) + len(written),
                   "issuer": "visa", "writing": "one digit wrong", "context": "label"}  # fmt: skip


def split_cards() -> Iterator[Case]:
    """Cards over two messages of one author."""
    for number in ("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "2221000000000009"):
        groups = _groups(number)
        for cut in range(1, len(groups)):
            for opening in ("my card number is ", "visa ", ""):
                for closing in ("", " exp 12/27", " thats it"):
                    yield {"first": opening + " ".join(groups[:cut]), "second": " ".join(groups[cut:]) + closing,
                           "digits": "".join(groups[cut:])}  # fmt: skip


# Look-alikes --------------------------------------------------------------------------------------------------------


def _digits(chance: random.Random, length: int, *, first: str = "123456789") -> str:
    return chance.choice(first) + "".join(chance.choice("0123456789") for _ in range(length - 1))


def _unchecked(chance: random.Random, length: int, *, first: str = "123456789") -> str:
    while luhn(number := _digits(chance, length, first=first)):
        pass
    return number


def _checked(chance: random.Random, length: int, *, first: str = "3456") -> str:
    return with_check_digit(_digits(chance, length - 1, first=first))


def lookalikes() -> Iterator[Case]:
    """Numbers that are no cards: most pass the check digit or begin like a card, or both."""
    chance = random.Random(SEED + 1)
    labels = (
        "order number", "Order #", "tracking number:", "my parcel", "shipment", "case number", "ticket no.", "invoice",
        "booking reference", "confirmation number is", "reference:", "IMEI", "serial number", "transaction id",
        "member number", "loyalty card number", "gift card", "policy number", "claim #", "barcode", "customer id",
        "waybill", "RMA", "Sendungsnummer", "Bestellnummer", "pedido", "request id =", "session", "message id",
    )  # fmt: skip
    for label in labels:
        for length in (12, 13, 14, 15, 16, 18, 19, 20):
            number = _checked(chance, length)
            text = f"Where is it? {label} {number}, please check"
            yield {"text": text, "sort": "labelled, check digit right"}
        number = _checked(chance, 16)
        yield {"text": f"{label} {' '.join(_groups(number))} and still nothing", "sort": "labelled, in fours"}
    for _ in range(60):
        length = chance.choice((12, 13, 14, 15, 16, 17, 18, 19))
        yield {"text": f"it says {_unchecked(chance, length)} on the paper", "sort": "check digit wrong"}
    for _ in range(20):
        number = _unchecked(chance, 16, first="456")
        yield {"text": f"what does {' '.join(_groups(number))} mean", "sort": "in fours, check digit wrong"}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)[::3]:
        example = phonenumbers.example_number(region)
        if example is not None:
            style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
            yield {"text": f"call me on {phonenumbers.format_number(example, style)}", "sort": "telephone"}
    for _ in range(20):
        a, b, c = _digits(chance, 3), _digits(chance, 3), _digits(chance, 4)
        yield {"text": f"({a}) {b}-{c} or 1-{b}-{a}-{c}", "sort": "telephones in a row"}
    for _ in range(30):
        stamp = chance.randint(1_500_000_000_000, 1_900_000_000_000)
        yield {"text": f"error at {stamp}", "sort": "timestamp"}
        yield {"text": f"since {chance.randint(2015, 2026)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)} "
                       f"1{chance.randint(0, 9)}:{chance.randint(10, 59)}:59.{_digits(chance, 6)}",
               "sort": "timestamp"}  # fmt: skip
        yield {
            "text": f"log 2026112{chance.randint(0, 9)}1{chance.randint(0, 9)}{_digits(chance, 6)} says no",
            "sort": "timestamp",
        }
    for _ in range(30):
        number = _checked(chance, chance.choice((15, 16, 18, 19)))
        yield {"text": f"see https://social.example/user/status/{number}?s=20", "sort": "id in an address"}
        yield {"text": f"https://shop.example/p/{number}.html is broken", "sort": "id in an address"}
        yield {"text": f"ref INV-{number} and TXN_{_checked(chance, 16)}", "sort": "id with letters"}
        yield {"text": f"trace {hashlib.sha256(number.encode()).hexdigest()}", "sort": "hash"}
        yield {"text": f"device {uuid.UUID(int=int(number) * 10**18 + int(number))}", "sort": "uuid"}
    for _ in range(20):
        yield {"text": f"my card ending in {_digits(chance, 4)} was charged"
            f" {chance.randint(1, 999)}.{chance.randint(10, 99)}",
               "sort": "last four"}  # fmt: skip
        yield {
            "text": f"card **** **** **** {_digits(chance, 4)} or XXXX-XXXX-XXXX-{_digits(chance, 4)}",
            "sort": "masked",
        }
        yield {"text": " ".join(_digits(chance, chance.choice((1, 2, 3))) for _ in range(12)), "sort": "small numbers"}
        yield {
            "text": f"from {_digits(chance, 2)}.{_digits(chance, 6)}, -{_digits(chance, 2)}.{_digits(chance, 6)}",
            "sort": "place",
        }
        yield {
            "text": f"paid {_digits(chance, 3)}.00 + {_digits(chance, 4)}.50 + {_digits(chance, 3)}.99 in total",
            "sort": "amounts",
        }
        yield {
            "text": f"meter {_digits(chance, 5)} {_digits(chance, 5)} then {_digits(chance, 5)} {_digits(chance, 5)}",
            "sort": "readings",
        }
        yield {"text": f"usps 94001{_digits(chance, 17)} stuck", "sort": "postal item"}
        yield {"text": f"usps 9400 1{_digits(chance, 3)} {' '.join(_digits(chance, 4) for _ in range(3))}"
            f" {_digits(chance, 2)}",
               "sort": "postal item"}  # fmt: skip
        yield {"text": f"isbn 978{_digits(chance, 10)} has pages missing", "sort": "isbn"}


# Vectors from public standards --------------------------------------------------------------------------------------


def vector(kind: str, before: str, value: str, after: str = "", *, is_one: bool = True, source: str) -> Case:
    """One value and whether it is of its kind."""
    return {"kind": kind, "text": before + value + after, "start": len(before), "end": len(before) + len(value),
            "is_one": is_one, "source": source}  # fmt: skip


def vectors() -> Iterator[Case]:
    chance = random.Random(SEED + 2)
    yield from _card_vectors()
    yield from _iban_vectors(chance)
    yield from _ssn_vectors(chance)
    yield from _phone_vectors()
    yield from _contact_vectors()
    yield from _document_vectors(chance)
    yield from _wallet_vectors()
    yield from _dea_vectors(chance)


def _card_vectors() -> Iterator[Case]:
    source = "ISO/IEC 7812-1; the networks' test numbers"
    for issuer, numbers in CARDS.items():
        for number in numbers:
            before = "my credit card: " if _needs_words(issuer, number) else ""
            yield vector("payment_card", before, number, source=source)
            yield vector("payment_card", "", number[:-1] + str((int(number[-1]) + 5) % 10), is_one=False, source=source)


def _iban_vectors(chance: random.Random) -> Iterator[Case]:
    source = "SWIFT IBAN registry; ISO 7064 MOD 97-10"
    for country in sorted(IBAN_LENGTHS):
        value = None
        for _ in range(400):
            # A number that also fits the country's own form, as python-stdnum knows it; some have national checks.
            body = "".join(chance.choice("0123456789") for _ in range(IBAN_LENGTHS[country] - 4))
            if country in ("GB", "IE", "NL", "BG", "GI", "LV", "RO", "AZ", "BH", "DO", "GE", "GT", "JO", "KW", "LC",
            "MU",
                           "PK", "PS", "QA", "SC", "SV", "VG", "NI", "IQ", "BY", "UA"):  # fmt: skip
                body = "TEST" + body[4:]
            candidate = country + stdnum_iban.calc_check_digits(country + "00" + body) + body
            value = candidate
            if stdnum_iban.is_valid(candidate, check_country=False):
                break
        assert value is not None
        grouped = " ".join(value[place : place + 4] for place in range(0, len(value), 4))
        wrong = value[:2] + str((int(value[2:4]) + 7) % 97 + 2).zfill(2) + value[4:]
        yield vector("iban", "", value, source=source)
        yield vector("iban", "please pay to ", grouped, " today", source=source)
        yield vector("iban", "my iban is ", value.lower(), ".", source=source)
        yield vector("iban", "", value[:-1], is_one=False, source=source)
        yield vector("iban", "", wrong, is_one=False, source=source)


def _ssn_vectors(chance: random.Random) -> Iterator[Case]:
    source = "SSA, POMS RM 10201.030"
    for area in (1, 78, 219, 345, 460, 550, 665, 667, 728, 772, 850, 899):
        group, serial = chance.randint(1, 99), chance.randint(1, 9999)
        for separator in ("-", " ", "."):
            yield vector("us_ssn", "", f"{area:03}{separator}{group:02}{separator}{serial:04}", source=source)
        yield vector("us_ssn", "ssn ", f"{area:03}{group:02}{serial:04}", source=source)
    for wrong in (
        "000-12-3456",
        "666-12-3456",
        "123-00-4567",
        "123-45-0000",
        "078-05-1120",
        "693-09.4444",
        "0780511201",
    ):
        yield vector("us_ssn", "", wrong, is_one=False, source=source)


def _phone_vectors() -> Iterator[Case]:
    source = "ITU-T E.123 and E.164; example numbers of libphonenumber"
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue
        international = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        yield vector("phone", "", international, source=source)
        yield vector("phone", "you can reach me at ",
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164),
                     " today", source=source)  # fmt: skip
        if sum(char.isdigit() for char in national) >= 7:
            yield vector("phone", "my phone number is ", national, ".", source=source)


def _contact_vectors() -> Iterator[Case]:
    source = "RFC 5321, RFC 5322"
    for value in ("a@b.co", "first.last@example.org", "user+tag@sub.example.co.uk", "x_y-z@ex-ample.com",
    "o'neil@example.ie",
                  "12345@example.net", "UPPER@EXAMPLE.COM", "info@example.museum", "a.b.c.d@example.travel",
                  "ünal@example.de", "me@xn--bcher-kva.example"):  # fmt: skip
        yield vector("email", "", value, source=source)
        yield vector("email", "write to ", value, ", please.", source=source)
    for wrong in ("info@example.", "@example.org", "a b@", "user@localhost", "me@.org", "10@5pm", "@handle: thanks.ok"):
        yield vector("email", "my email is ", wrong, is_one=False, source=source)
    source = "RFC 791, RFC 4291, RFC 4632, RFC 5952, RFC 6052"
    right = (
        "192.0.2.1", "198.51.100.255", "203.0.113.0", "0.0.0.0", "255.255.255.255", "127.0.0.1", "10.0.0.0/8",
        "192.0.2.0/24",
        "2001:db8::1", "2001:db8:0:0:0:0:2:1", "2001:DB8::8:800:200C:417A", "::1", "ff01::101", "fe80::1",
        "fe80::1%eth0",
        "2001:db8::/32", "::ffff:192.0.2.128", "64:ff9b::192.0.2.33", "0:0:0:0:0:FFFF:129.144.52.38", "::192.0.2.1",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "fe80::1%eth0/64", "2001:db8:1::192.0.2.1", "ff02::2", "::1/128",
        "2400:cb00:2048:1::c629:d7a2", "100.64.0.1", "169.254.10.20", "1.1.1.1", "8.8.8.8",
    )  # fmt: skip
    for value in right:
        for before, after in (("", ""), ("my ip is ", ""), ("(", ")"), ("seen from ", ", twice")):
            yield vector("ip_address", before, value, after, source=source)
    for wrong in ("256.1.1.1", "192.0.2", "192.0.2.256", "12:34:56", "1:2:3:4", "aa:bb:cc:dd:ee:ff", "std::cout",
    ":::", "12345:db8::1",
                  "2001::db8::1", "gggg::1", "Version 1.2.3", "text192.0.2.1", "fe80::1text", "::ffff:256.0.0.1",
                  "80:443"):  # fmt: skip
        yield vector("ip_address", "", wrong, is_one=False, source=source)


def _document_vectors(chance: random.Random) -> Iterator[Case]:
    source = "US Department of State: nine digits, or a letter and eight digits"
    for label in ("my passport number is ", "Passport: ", "passport no. ", "US passport # "):
        yield vector("passport", label, _digits(chance, 9), source=source)
        yield vector("passport", label, chance.choice("ACEX") + _digits(chance, 8), " expires soon", source=source)
    yield vector("passport", "my passport ", "expired 2024", is_one=False, source=source)
    yield vector("passport", "no passport, flight ", "AA1469", is_one=False, source=source)
    source = "AAMVA: licence number forms of the states"
    forms = ("A1234567", "AB123456", "123456789", "A123456789012", "12ABC34567", "A12345678901", "1234567",
    "D1234567", "S123-4567-8901",
             "V1234567", "123AB4567", "12345678", "AB1234567C", "W1234567890123")  # fmt: skip
    for form in forms:
        for label in ("my driver's license number is ", "driver license: ", "driving licence no. "):
            yield vector("driver_licence", label, form, source=source)
    yield vector("driver_licence", "lost my license ", "plate yesterday", is_one=False, source=source)


def _wallet_vectors() -> Iterator[Case]:
    source = "Bitcoin base58check, BIP 173, BIP 350, EIP-55"
    right = (
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    )  # fmt: skip
    for value in right:
        yield vector("crypto_wallet", "", value, source=source)
        yield vector("crypto_wallet", "send it to my wallet ", value, " please", source=source)
    for wrong in ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLyZ",
                  "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7Kv8f3t4", hashlib.sha256(b"no wallet").hexdigest()):  # fmt: skip
        yield vector("crypto_wallet", "", wrong, is_one=False, source=source)


def _dea_vectors(chance: random.Random) -> Iterator[Case]:
    source = "DEA registration number: letter, letter or 9, six digits and their check"
    for first in "ABFMPRX":
        digits = [chance.randint(0, 9) for _ in range(6)]
        check = (digits[0] + digits[2] + digits[4] + 2 * (digits[1] + digits[3] + digits[5])) % 10
        body = "".join(map(str, digits))
        yield vector("medical_licence", "DEA number ", f"{first}B{body}{check}", source=source)
        yield vector("medical_licence", "", f"{first}9{body}{check}", source=source)
        yield vector("medical_licence", "DEA number ", f"{first}B{body}{(check + 3) % 10}", is_one=False, source=source)


def write(name: str, cases: Iterator[Case]) -> None:
    lines = [json.dumps(case, ensure_ascii=True) for case in cases]
    (FOLDER / name).write_text("\n".join(lines) + "\n", "ascii")
    print(f"{name}: {len(lines)} cases")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("cards.jsonl", cards())
    write("split_cards.jsonl", split_cards())
    write("lookalikes.jsonl", lookalikes())
    write("vectors.jsonl", vectors())


if __name__ == "__main__":
    main()
