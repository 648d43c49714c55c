"""Keys of programs: made, known again, ended."""

import re
import secrets
import string
import zlib
from collections.abc import Iterable
from datetime import datetime

from care.access import Scope, ServiceKey
from care.errors import BadInput, NotFound
from care.ids import new_id
from care.people import digest
from care.trail import OPERATOR
from care.unit_of_work import Work

_ALPHABET = string.ascii_letters + string.digits
_KEY = re.compile(r"tk_(?:live|test)_[A-Za-z0-9]{32}[A-Za-z0-9]{6}\Z")


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode("ascii")), []
    for _ in range(6):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def new_key(*, is_test: bool = False) -> str:
    """`tk_live_` or `tk_test_`, 32 random characters, and a CRC32 in 6 more.

    By the last six, scanners can tell a key from a look-alike.
    """
    body = ("tk_test_" if is_test else "tk_live_") + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return body + _checksum(body)


def is_key_shaped(key: str) -> bool:
    """Whether this can be a key at all: the shape and the checksum fit."""
    return _KEY.match(key) is not None and secrets.compare_digest(key[-6:], _checksum(key[:-6]))


def make_key(
    work: Work,
    name: str,
    scopes: Iterable[Scope],
    *,
    by: str = OPERATOR,
    now: datetime,
    expires_at: datetime | None = None,
    is_test: bool = False,
) -> tuple[str, ServiceKey]:
    """Keep a new service key; the first value is the key itself, to be shown once and then forgotten.

    is_test: what it hands in is a sample, and its magic texts have known answers. Raises BadInput.
    """
    if not 1 <= len(name.strip()) <= 80 or not name.strip().isprintable():
        raise BadInput("A key's name has 1 to 80 printable characters.")
    wanted = frozenset(scopes)
    if not wanted:
        raise BadInput("A key needs at least one scope.")
    if expires_at is not None and expires_at <= now:
        raise BadInput("A key ends in the future.")
    if is_test and Scope.WEBHOOKS in wanted:
        raise BadInput("A test key cannot name endpoints: they would be told of real customers.")
    secret = new_key(is_test=is_test)
    key = ServiceKey(
        id=new_id("key", now=now),
        name=name.strip(),
        prefix=secret[:12],
        key_hash=digest(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    work.access.add_key(key)
    work.note("key.added", key.id, by=by, facts={"scopes": sorted(wanted)})
    return secret, key


def living_key(work: Work, secret: str, *, now: datetime) -> ServiceKey | None:
    """The key, unless it is unknown, revoked or past its end."""
    key = work.access.key(digest(secret)) if is_key_shaped(secret) else None
    return key if key is not None and key.is_living(now) else None


def revoke_key(work: Work, key_id: str, *, by: str, at: datetime) -> None:
    """End a key. Raises NotFound."""
    if all(key.id != key_id for key in work.access.keys()):
        raise NotFound("key", key_id)
    work.access.revoke_key(key_id, at=at)
    work.note("key.revoked", key_id, by=by)
