"""Passwords: hashed and compared by argon2id. Each costs tens of milliseconds: call them with no transaction open."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from care.access import Person
from care.errors import BadInput

PASSWORD_MIN, PASSWORD_MAX = 10, 200

_AS_LETTERS = str.maketrans({"@": "a", "$": "s", "!": "i", "0": "o"})
_AROUND = "0123456789!?.,*#-_+ "
_ROWS = (
    "1234567890" * 4, "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "abcdefghijklmnopqrstuvwxyz",
)  # fmt: skip
_WORDS = (
    "password", "passwort", "motdepasse", "welcome", "letmein", "iloveyou", "qwerty", "qwertz", "azerty",
    "administrator", "admin", "changeme", "secret", "football", "baseball", "sunshine", "princess", "superman",
    "starwars", "monkey", "dragon", "master", "shadow", "michael", "jennifer", "liverpool", "computer", "internet",
    "trustno", "whatever", "tactful", "support", "summer", "winter", "spring", "autumn", "hello", "login", "test",
    "abc", "qwe", "asd", "zxc",
)  # fmt: skip

# OWASP's second choice (19 MiB, 2 passes, 1 lane): two of these beside a loaded model still fit a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_NOBODY = _HASHER.hash(secrets.token_bytes(16))


def hash_password(password: str) -> str:
    """An argon2id hash. Raises BadInput for a password that is too short or too long."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise BadInput(f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.")
    if is_common(password):
        raise BadInput("Anybody would try this password first. Take a few words that do not belong together.")
    with _AT_ONCE:
        return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def is_common(password: str) -> bool:
    """Whether a password is of the kinds that fill the lists of the commonest: few characters over and over, a row of
    the keyboard or of digits, or a common word with digits, signs or itself around it.

    Kinds and no list: of the 3,000 commonest passwords few have as many characters as ours.
    """
    low = password.casefold()
    if len(set(low)) < 5 or any(low in row or low in row[::-1] for row in _ROWS):
        return True
    bare = low.strip(_AROUND).translate(_AS_LETTERS)
    bare = "".join(letter for letter in bare if letter.isalpha())
    left = bare
    for word in _WORDS:
        left = left.replace(word, "")
    return len(left) < 3 and bool(bare)


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
