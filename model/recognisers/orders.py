"""Order and parcel numbers: found so that a reply can name them, and kept."""

import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

ORDER, PARCEL = "order_number", "parcel_number"

_ORDER_WORDS = (
    "order|orders|purchase|invoice|booking|reservation|confirmation|"
    "bestellung|bestellnummer|pedido|commande|ordine|auftrag"
)
_PARCEL_WORDS = "tracking|track|parcel|package|shipment|consignment|waybill|awb|sendung|sendungsnummer|colis|envio"
_LABELLED = re.compile(
    rf"(?<![a-z])(?:(?P<order>{_ORDER_WORDS})|(?P<parcel>{_PARCEL_WORDS}))[ _-]?(?:number|num|no|nr|id|code"
    rf"|reference|ref)?[.]?"
    r"(?:[ ]?(?:is|was|:|=|#|-|\())*[ \n]?#?"
    r"(?P<value>(?=[a-z0-9/-]{4,34}+(?![a-z0-9]))(?=[a-z-]{0,10}[0-9])[a-z0-9]+(?:[-/][a-z0-9]+)*+)"
)
_UPS = re.compile(r"(?<![a-z0-9])1z[0-9a-z]{16}(?![a-z0-9])")
_POSTAL = re.compile(r"(?<![a-z0-9])[a-z]{2}(?P<serial>[0-9]{8})(?P<check>[0-9])[a-z]{2}(?![a-z0-9])")


def _parcels(reading: PreparedText) -> Iterator[Sighting]:
    lower = reading.lower
    for match in _UPS.finditer(lower):
        if _checks_ups(match[0]):
            yield Sighting(*match.span(), PARCEL, 0.95, "orders")
    for match in _POSTAL.finditer(lower):
        if _checks_s10(match["serial"]) == int(match["check"]):
            yield Sighting(*match.span(), PARCEL, 0.9, "orders")


def _orders(reading: PreparedText) -> Iterator[Sighting]:
    for match in _LABELLED.finditer(reading.lower):
        kind = ORDER if match["order"] else PARCEL
        if sum(char.isdigit() for char in match["value"]) >= 4:
            yield Sighting(*match.span("value"), kind, 0.8, "orders", context=(match["order"] or match["parcel"],))


def _checks_ups(number: str) -> bool:
    """UPS 1Z numbers: letters count as their place in the alphabet, every second character double."""
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in number[2:-1].upper()]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return number[-1].isdigit() and (10 - total % 10) % 10 == int(number[-1])


def _checks_s10(serial: str) -> int:
    """The check digit of an international postal item. Source: UPU S10."""
    total = sum(weight * int(digit) for weight, digit in zip((8, 6, 4, 2, 3, 5, 9, 7), serial, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


ORDERS = Recogniser("orders", _orders, n_digits=4, words=frozenset(f"{_ORDER_WORDS}|{_PARCEL_WORDS}".split("|")))
PARCELS = Recogniser("orders", _parcels, n_digits=9, longest=13)
