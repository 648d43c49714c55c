"""The words around a number that say it is a card, or that it is something else."""

import re
from dataclasses import dataclass

from model.recognisers.digits import WORDS
from model.recognisers.prepared import PreparedText

STRONG_WORDS = frozenset(
    "card cards visa mastercard amex maestro diners jcb unionpay rupay cc ccn cvv cvc cvn creditcard debitcard"
    " cardnumber cardholder kreditkarte kreditkartennummer karte kartennummer tarjeta carte carta cartao kort kaart"
    " kaartnummer kortnummer karta karty 信用卡 银行卡 卡号 カード 카드 карта карты".split()
)
"""Words that speak of a card and of nothing else."""
CARD_WORDS = STRONG_WORDS | frozenset(
    "discover debit credit pan csc exp expiry expires expiration expiring valid thru payment charged bancaire".split()
)
"""These too speak for a card, but not alone against a wrong check digit: payments have numbers as well."""

NEAR_BEFORE, NEAR_AFTER = 80, 40
# The label a number carries, right before it, that says: not a card. The first row stands alone ("order 123"), the
# second are everyday words and need "number", "id", ":" or the like behind them ("user id 123").
_OWN_LABEL = (
    r"orders?|ord|tracking|track|parcel|package|shipment|waybill|awb|consignment|reference|ref|case|ticket|invoice|inv"
    r"|booking|confirmation|conf|reservation|imei|imsi|iccid|sim|serial|isbn|ean|upc|barcode|sku|timestamp|epoch|ts"
    r"|trace|session|transaction|txn|trans|membership|loyalty|library|gift|boarding|meter|voucher|coupon|promo|rma"
    r"|pedido|bestellung|bestellnummer|sendungsnummer|auftrag|commande|ordine|tweet|crn|uuid|guid|id|nectar|avios"
    r"|clubcard|rewards|vin|container|pnr|ticketnumber|ordernumber|trackingnumber|msisdn"
)
_WEAK_LABEL = (
    r"shipping|phone|tel|mobile|cell|fax|whatsapp|call|time|auth|member|flight|customer|client|user|profile|device|asset"
    r"|job|request|incident|complaint|claim|policy|contract|return|delivery|dispatch|status|message|msg|post|video"
    r"|article|item|product|version|build|points|account holder|employee|student|national|tax|batch|lot|model|part"
)
_NAMED = r"number|numbers|num|no|nr|id|ids|code|ref|reference|card|label|order|account|acct|service"
_LINK = r"(?:[ \t]{0,3}(?:is|was|are|:|=|#|-|\(|\[|\"|'))"
NOT_A_CARD = re.compile(
    rf"(?<![a-z])(?:(?P<own>{_OWN_LABEL})(?:[ _-]?(?:{_NAMED})){{0,2}}[.:]?{_LINK}*"
    rf"|(?P<weak>{_WEAK_LABEL})(?:(?:[ _-]?(?:{_NAMED})){{1,2}}[.:]?{_LINK}*|{_LINK}+))[ \t\n]{{0,3}}$"
)
IS_A_CARD = re.compile(
    r"(?:card|cc|visa|mastercard|amex|pan|carte|tarjeta|karte|kort|debit|credit|maestro|discover)s?[ _-]?"
    r"(?:number|num|no|nr|details|info|numero|nummer)?[.:]?"
    r"(?:[ \t]{0,3}(?:is|was|are|here|it's|its|:|=|#|-|\(|\"|'|ending|with|on))*[ \t\n]{0,3}$"
)
_OTHER_CARDS = re.compile(
    r"(?:gift|loyalty|library|membership|member|sim|boarding|report|id|rewards?|points|club|memory|sd|graphics|business"
    r"|travel|oyster|bus|student|staff|phone|calling|green|score|post)[ -]?cards?"
)
_ATTACHED_BEFORE = re.compile(r"(?P<word>[a-z]+)(?P<link>[_#=-]?)$|(?P<sign>[_/=&%@])$")
_ATTACHED_AFTER = re.compile(r"(?P<word>[a-z]+)|(?P<sign>[_/&%@=])")
_FITTING_BEFORE = CARD_WORDS | frozenset(
    "no nr num number is x n numero nummer c to on for my with at use using the this via of here its and".split()
)
_FITTING_AFTER = frozenset("exp cvv cvc cvn csc x and thru valid expires expiry date please thanks is was to".split())
_FAR = tuple(word for word in CARD_WORDS if not word.isascii())


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a number.

    card_words: found near it, sorted. is_labelled_card: "card number is" right before it. other_label: what it is
    called instead. is_in_word, is_in_address: letters, or the signs of a web address, are joined to it.
    """

    card_words: tuple[str, ...] = ()
    is_labelled_card: bool = False
    other_label: str = ""
    is_in_word: bool = False
    is_in_address: bool = False

    @property
    def says_card(self) -> bool:
        """Whether a word near speaks of cards and nothing else."""
        return self.is_labelled_card or not STRONG_WORDS.isdisjoint(self.card_words)


NOTHING_AROUND = Surroundings()


def has_card_words(reading: PreparedText) -> bool:
    """Whether a text, or what its author wrote before it, holds any word about cards."""
    if not reading.words.isdisjoint(CARD_WORDS):
        return True
    if not reading.lower.isascii() and any(word in reading.lower for word in _FAR):
        return True
    return reading.before is not None and has_card_words(reading.before)


def surroundings(reading: PreparedText, start: int, end: int, *, has_words: bool = True) -> Surroundings:
    """Look around a number. has_words: False when the whole text is known to hold no word about cards."""
    lower = reading.lower
    left, right = lower[max(0, start - NEAR_BEFORE) : start], lower[end : end + NEAR_AFTER]
    words: tuple[str, ...] = ()
    if has_words:
        near = _OTHER_CARDS.sub(" ", left) + " " + right if "card" in left else left + " " + right
        words = tuple(sorted(CARD_WORDS.intersection(WORDS.findall(near))))
        if not near.isascii():
            words += tuple(word for word in _FAR if word in near)
    if not words and reading.before is not None:
        words = tuple(sorted(CARD_WORDS.intersection(WORDS.findall(reading.before.lower[-NEAR_BEFORE:]))))
    nearest = left[-56:]
    label = NOT_A_CARD.search(nearest) if WORDS.search(nearest) else None
    before, after = _ATTACHED_BEFORE.search(left[-16:]), _ATTACHED_AFTER.match(right[:16])
    in_word = bool(before and before["word"] and before["word"] not in _FITTING_BEFORE)
    in_word |= bool(after and after["word"] and after["word"] not in _FITTING_AFTER)
    is_named_field = bool(before and before["link"] == "=")
    return Surroundings(
        card_words=words,
        is_labelled_card=not label and bool(IS_A_CARD.search(left[-40:])),
        other_label=(label["own"] or label["weak"]) if label else "",
        is_in_word=in_word and not is_named_field,
        is_in_address=(in_word and is_named_field)
        or bool((before and before["sign"]) or (after and after["sign"] not in (None, "&"))),
    )
