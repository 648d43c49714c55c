"""Five hundred sensitive values nobody was ever given, in messages, and a search for them in any bytes."""

import base64
import json
import random
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import numpy as np

SEED = 4
N_PLANTED = 500
KEPT = "LF-204817"
"""An order number: found, and kept because it is needed to help."""

_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ISSUERS = (
    ("400000", 16), ("455600", 16), ("520000", 16), ("510500", 16), ("222300", 16), ("340000", 15), ("371400", 15),
    ("601100", 16), ("353000", 16), ("620000", 16),
)  # fmt: skip
_SHORTEST = 8
"""Bytes by which a value can be told from chance."""


@dataclass(frozen=True)
class Planted:
    """One value in one message. cores: the parts of the value that must be nowhere, as written and as bare digits."""

    kind: str
    value: str
    text: str
    cores: tuple[str, ...]


@cache
def planted() -> tuple[Planted, ...]:
    """The values, always the same ones."""
    chance = random.Random(SEED)
    made = [
        *_cards(chance),
        *(_one("iban", _iban(chance), "please pay it back to my account {}") for _ in range(35)),
        *(_one("us_ssn", _ssn(chance), "my social security number is {}") for _ in range(35)),
        *(_one("password", _token(chance, 12) + "!7x", "my password is {}") for _ in range(40)),
        *(_one("one_time_code", _digits(chance, 8), "the one-time code you sent me is {}") for _ in range(30)),
        *(_one("api_key", "sk_live_" + _token(chance, 32), "it fails with the api key {}") for _ in range(20)),
        *(_one("api_key", "ghp_" + _token(chance, 36), "I used the token {}") for _ in range(20)),
        *(_jwt(chance) for _ in range(20)),
        *(_private_key(chance) for _ in range(20)),
        *(_one("email", _token(chance, 10).lower() + "@mail.example.com", "write to me at {}") for _ in range(20)),
        *(_one("phone", "+49 30 901" + _digits(chance, 6), "call me on {}") for _ in range(20)),
    ]
    assert len(made) == N_PLANTED
    assert len({planted_value.value for planted_value in made}) == N_PLANTED
    chance.shuffle(made)
    return tuple(made)


def _one(kind: str, value: str, sentence: str, *cores: str) -> Planted:
    text = f"About my order {KEPT}: {sentence.format(value)} and nobody answers."
    digits = re.sub(r"\D", "", value)
    bare = (digits,) if len(digits) >= _SHORTEST else ()
    return Planted(kind, value, text, tuple(dict.fromkeys((*(cores or (value,)), *bare))))


def _cards(chance: random.Random) -> Iterator[Planted]:
    for counter in range(240):
        prefix, length = _ISSUERS[counter % len(_ISSUERS)]
        body = prefix + _digits(chance, length - 1 - len(prefix))
        digits = next(body + check for check in string.digits if _luhn(body + check))
        value = _writing(digits, counter // len(_ISSUERS) % 10)
        yield _one("payment_card", value, "my card number is {}", value, digits)


def _writing(digits: str, which: int) -> str:
    """One of the ten ways in which people write a card."""
    groups = [digits[place : place + 4] for place in range(0, len(digits), 4)]
    wide = digits.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    return (
        digits,
        " ".join(groups),
        "-".join(groups),
        ".".join(groups),
        "\u00a0".join(groups),
        "\u200b".join(groups),
        "\n".join(digits),
        wide,
        "".join(digit + "\ufe0f\u20e3" for digit in digits),
        " ".join(_NAMES[int(digit)] for digit in digits),
    )[which]


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _iban(chance: random.Random) -> str:
    account = "37040044" + _digits(chance, 10)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _ssn(chance: random.Random) -> str:
    return f"{chance.randint(100, 599)}-{chance.randint(11, 98)}-{chance.randint(1001, 9998)}"


def _jwt(chance: random.Random) -> Planted:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": _token(chance, 12)}).encode()).decode().rstrip("=")
    signature = _token(chance, 43)
    return _one("jwt", f"{head}.{body}.{signature}", "the page shows {}", signature, body)


def _private_key(chance: random.Random) -> Planted:
    lines = [_token(chance, 64) for _ in range(4)]
    value = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END PRIVATE KEY-----"
    return _one("private_key", value, "is this mine? {}", *lines)


def _digits(chance: random.Random, length: int) -> str:
    return chance.choice("123456789") + "".join(chance.choices(string.digits, k=length - 1))


def _token(chance: random.Random, length: int) -> str:
    # A letter and a digit first: every token looks like one.
    return "k7" + "".join(chance.choices(string.ascii_letters + string.digits, k=length - 2))


# looking for them ----------------------------------------------------------------------------------------------------


class Search:
    """Finds any of the values in bytes: as they are, as digits, and in the encodings that programs write."""

    def __init__(self, values: tuple[Planted, ...] | None = None) -> None:
        self._needles: dict[bytes, list[tuple[bytes, str]]] = {}
        self._digits: dict[bytes, list[tuple[bytes, str]]] = {}
        for n, planted_value in enumerate(values or planted()):
            for core in planted_value.cores:
                for needle in encodings(core):
                    _keep(self._needles, needle, f"{planted_value.kind} {n}")
                digits = re.sub(r"\D", "", core)
                # Shorter ones turn up by chance where all digits of a file stand in one row.
                if len(digits) >= 13:
                    _keep(self._digits, digits.encode(), f"{planted_value.kind} {n}, as digits")

    def found(self, blob: bytes) -> set[str]:
        """Which values are in there."""
        return _hits(self._needles, blob) | _hits(self._digits, re.sub(rb"\D+", b"", blob))

    def found_in(self, *places: Path) -> dict[str, set[str]]:
        """File name -> the values in it, for every file of these folders."""
        files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*"))]
        leaks = {str(file): self.found(file.read_bytes()) for file in files if file.is_file()}
        return {file: values for file, values in leaks.items() if values}


def encodings(core: str) -> set[bytes]:
    """The ways in which a program may have written it; those too short to tell from chance are left out."""
    raw = core.encode()
    ways = {
        raw,
        core.encode("utf-16-le"),
        core.encode("utf-16-be"),
        quote(core).encode(),
        quote_plus(core).encode(),
        json.dumps(core)[1:-1].encode(),
        json.dumps(core, ensure_ascii=False)[1:-1].encode(),
        *(_inner_base64(raw, shift) for shift in range(3)),
    }
    return {way for way in ways if len(way) >= _SHORTEST}


def _inner_base64(raw: bytes, shift: int) -> bytes:
    """What base64 makes of it inside a longer text, where it begins at any of three places."""
    encoded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
    return encoded[(0, 2, 3)[shift] : -1]


def _keep(needles: dict[bytes, list[tuple[bytes, str]]], needle: bytes, name: str) -> None:
    needles.setdefault(needle[:_SHORTEST], []).append((needle, name))


def _hits(needles: Mapping[bytes, list[tuple[bytes, str]]], blob: bytes) -> set[str]:
    starts = np.array([int.from_bytes(start, "little") for start in needles], "<u8")
    names: set[str] = set()
    for shift in range(_SHORTEST):
        size = (len(blob) - shift) // _SHORTEST
        if size <= 0:
            break
        words = np.frombuffer(blob, "<u8", size, shift)
        for place in np.flatnonzero(np.isin(words, starts)):
            at = shift + int(place) * _SHORTEST
            names |= {name for needle, name in needles[blob[at : at + _SHORTEST]] if blob.startswith(needle, at)}
    return names
