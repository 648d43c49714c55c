"""Passwords: hashed and compared by argon2id. Each costs tens of milliseconds: call them with no transaction open."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from care.access import Person
from care.errors import BadInput

PASSWORD_MIN, PASSWORD_MAX = 10, 200

# OWASP's second choice (19 MiB, 2 passes, 1 lane): two of these beside a loaded model still fit a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_NOBODY = _HASHER.hash(secrets.token_bytes(16))


def hash_password(password: str) -> str:
    """An argon2id hash. Raises BadInput for a password that is too short or too long."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise BadInput(f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.")
    with _AT_ONCE:
        return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def is_password(password: str, password_hash: str) -> bool:
    """Whether the password fits the hash."""
    if len(password) > PASSWORD_MAX:
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False


def may_enter(person: Person | None, password: str) -> bool:
    """Whether this person may come in with this password. Takes the same time when there is no such person."""
    fits = is_password(password, person.password_hash if person else _NOBODY)
    return person is not None and person.is_active and fits
