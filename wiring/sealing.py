"""Sealed settings: a password or token that stands encrypted in the configuration, and is opened in memory alone.

A sealed value is `sealed:v1:`, the id of its key, `:` and nonce and ciphertext of AES-256-GCM in URL-safe base64. Keys
come from outside of the configuration: the environment, or a file that the environment names.
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

from care.errors import BadSettings

PREFIX = "sealed:v1:"
KEYS, KEYS_FILE = "TACTFUL_SEAL_KEYS", "TACTFUL_SEAL_KEYS_FILE"
KEY_BYTES, NONCE_BYTES = 32, 12
SEALED = re.compile(rf"{PREFIX}([0-9a-f]{{8}}):([A-Za-z0-9_-]+={{0,2}})")

NO_LIBRARY = "Sealed settings need the package cryptography: pip install 'tactful[sealed]'"
NO_KEYS = f"A setting is sealed and there is no key: set {KEYS}, or {KEYS_FILE} to a file with one key a line"
ANOTHER_KEY = "A setting is sealed with the key {id}, which is not among those given"
BROKEN = "A sealed setting is not whole: copy all of it, as `tactful secrets seal` printed it"


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The keys that open; the first one seals."""

    by_id: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        """Raises BadSettings for a word that is no key, and never quotes it."""
        keys = {}
        for n, word in enumerate(words, 1):
            try:
                key = base64.urlsafe_b64decode(word)
            except (binascii.Error, ValueError):
                key = b""
            if len(key) != KEY_BYTES:
                raise BadSettings(f"Seal key {n} is not {KEY_BYTES} bytes in base64; `tactful secrets key` makes one")
            keys[hashlib.sha256(key).hexdigest()[:8]] = key
        return cls(keys)

    @classmethod
    def from_environment(cls) -> Self:
        """Raises BadSettings for a file that cannot be read, or a key that is none."""
        words = os.environ.get("TACTFUL_SEAL_KEYS", "").replace(",", " ").split()
        if not words and (name := os.environ.get("TACTFUL_SEAL_KEYS_FILE")):
            try:
                words = Path(name).read_text("ascii").split()
            except (OSError, UnicodeDecodeError):
                raise BadSettings(f"{KEYS_FILE}: {name} cannot be read") from None
        return cls.of(words)

    def seal(self, value: str) -> str:
        """Raises BadSettings without a key."""
        if not self.by_id:
            raise BadSettings(NO_KEYS)
        id, key = next(iter(self.by_id.items()))
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = _cipher(key).encrypt(nonce, value.encode(), id.encode())
        return f"{PREFIX}{id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str) -> str:
        """Raises BadSettings where the key is missing, or the value was changed."""
        match = SEALED.fullmatch(sealed)
        if match is None:
            raise BadSettings(BROKEN)
        if not self.by_id:
            raise BadSettings(NO_KEYS)
        if (key := self.by_id.get(match[1])) is None:
            raise BadSettings(ANOTHER_KEY.format(id=match[1]))
        try:
            raw = base64.urlsafe_b64decode(match[2])
            return str(_cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], match[1].encode()).decode())
        except (binascii.Error, ValueError):
            raise BadSettings(BROKEN) from None
        except Exception as error:
            if type(error).__name__ != "InvalidTag":
                raise
            raise BadSettings(BROKEN) from None

    def sealed_anew(self, words: str) -> tuple[str, int]:
        """A text with every sealed value in it sealed with the first key, and how many were not before."""
        n = 0

        def again(match: re.Match[str]) -> str:
            nonlocal n
            if match[1] == next(iter(self.by_id), ""):
                return match[0]
            n += 1
            return self.seal(self.open(match[0]))

        return SEALED.sub(again, words), n


def new_key() -> str:
    """A key nobody chose."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def opened(value: Any) -> Any:
    """Settings as they were read, with every sealed value opened. Raises BadSettings."""
    return _opened(value, cache(SealKeys.from_environment))


def _opened(value: Any, keys: Callable[[], SealKeys]) -> Any:
    """keys: asked where something is sealed, and only there."""
    if isinstance(value, str) and value.startswith(PREFIX):
        return keys().open(value)
    if isinstance(value, dict):
        return {name: _opened(inner, keys) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_opened(inner, keys) for inner in value)
    return value


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise BadSettings(NO_LIBRARY) from error
    return AESGCM(key)
