"""Ids people and machines can read: a prefix that says what it is, then a ULID that sorts by time."""

import secrets
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(prefix: str, *, now: datetime) -> str:
    """`msg_01JD...`: prefix, underscore, 26 characters of Crockford base 32.

    Sorts by `now` to the millisecond; 80 random bits keep two of the same millisecond apart.
    Source: https://github.com/ulid/spec
    """
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"
