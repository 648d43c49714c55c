"""Wallet addresses of cryptocurrencies: base58check, bech32 and bech32m, Ethereum."""

import hashlib
import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

WALLET = "crypto_wallet"

_BASE58 = re.compile(r"(?<![A-Za-z0-9])[13DLMT][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])")
_BECH32 = re.compile(r"(?<![a-z0-9])(?:bc|tb|ltc)1[02-9ac-hj-np-z]{6,87}+(?![a-z0-9])")
_ETHEREUM = re.compile(r"(?<![a-z0-9])0x[0-9a-f]{40}(?![a-z0-9])")
_ALPHABET58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ALPHABET32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M = 0x2BC830A3


def _wallets(reading: PreparedText) -> Iterator[Sighting]:
    for match in _BASE58.finditer(reading.text):
        if checks_base58(match[0]):
            yield Sighting(*match.span(), WALLET, 0.99, "crypto")
    for match in _BECH32.finditer(reading.lower):
        written = reading.text[match.start() : match.end()]
        if written in (written.lower(), written.upper()) and checks_bech32(match[0]):
            yield Sighting(*match.span(), WALLET, 0.99, "crypto")
    for match in _ETHEREUM.finditer(reading.lower):
        yield Sighting(*match.span(), WALLET, 0.9, "crypto")


def checks_base58(address: str) -> bool:
    """Whether the last four of 25 bytes are the double SHA-256 of the rest. Source: Bitcoin, base58check."""
    number = 0
    for char in address:
        number = number * 58 + _ALPHABET58.index(char)
    if number.bit_length() > 200:
        return False
    raw = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def checks_bech32(address: str) -> bool:
    """Whether the checksum is that of bech32 or bech32m. Source: BIP 173, BIP 350."""
    prefix, _, data = address.rpartition("1")
    values = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    values += [_ALPHABET32.index(char) for char in data]
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            checksum ^= generator if top >> place & 1 else 0
    return checksum in (1, _BECH32M)


WALLETS = Recogniser("crypto", _wallets, n_digits=1, longest=26)
