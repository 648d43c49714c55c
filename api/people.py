"""People, passwords and keys: everything about who may come in that needs no web framework.

The command line makes the first administrator and the first key with `make_person` and `make_key`.
"""

import hashlib
import re
import secrets
import string
import threading
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from care.access import Person, Role, Scope, ServiceKey, Session
from care.errors import BadInput, Conflict, NotFound
from care.ids import new_id
from care.signing import LONGEST
from care.unit_of_work import Work

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
"""How long a session lives without use, and at most. Source: OWASP ASVS 5, V7.3."""

PASSWORD_MIN, PASSWORD_MAX = 10, 200

_ALPHABET = string.ascii_letters + string.digits
_KEY = re.compile(r"tk_(?:live|test)_[A-Za-z0-9]{32}[A-Za-z0-9]{6}\Z")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,180}\Z")

# OWASP's second choice (19 MiB, 2 passes, 1 lane): two of these beside a loaded model still fit a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)


# passwords -----------------------------------------------------------------------------------------------------


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


_NOBODY = _HASHER.hash(secrets.token_bytes(16))


def find_person(work: Work, email: str) -> Person | None:
    """The person with this e-mail, however they wrote it."""
    return work.access.person(email=email.strip().casefold()) if _EMAIL.match(email.strip()) else None


def may_enter(person: Person | None, password: str) -> bool:
    """Whether this person may come in with this password. Takes the same time when there is no such person.

    Costs tens of milliseconds: call it with no transaction open.
    """
    fits = is_password(password, person.password_hash if person else _NOBODY)
    return person is not None and person.is_active and fits


# people --------------------------------------------------------------------------------------------------------


def new_person(email: str, name: str, role: Role, password: str, *, now: datetime) -> Person:
    """A person who is not kept yet. Raises BadInput for an unusable e-mail, name or password.

    Costs tens of milliseconds: call it with no transaction open.
    """
    address = email.strip().casefold()
    if not _EMAIL.match(address):
        raise BadInput("That is not an e-mail address.")
    if not 1 <= len(name.strip()) <= 80 or not name.strip().isprintable():
        raise BadInput("A name has 1 to 80 printable characters.")
    return Person(
        id=new_id("per", now=now), email=address, name=name.strip(), role=role, password_hash=hash_password(password)
    )


def add_person(work: Work, person: Person, *, by: str) -> None:
    """Keep a new person. Raises Conflict for a known e-mail."""
    if work.access.person(email=person.email) is not None:
        raise Conflict("There is already somebody with this e-mail address.")
    work.access.add_person(person)
    work.note("person.added", person.id, by=by, facts={"role": str(person.role)})


def make_person(work: Work, email: str, name: str, role: Role, password: str, *, now: datetime) -> Person:
    """Make and keep a person in one go, for the command line. Raises BadInput and Conflict."""
    person = new_person(email, name, role, password, now=now)
    add_person(work, person, by="admin")
    return person


def new_first_password(work: Work, email: str, password: str) -> bool:
    """Give the first person another password while nobody has used or changed the one they have. False otherwise."""
    person = find_person(work, email)
    if person is None or work.keeping.was_ever(("person.signed_in", "person.password"), person.id):
        return False
    work.access.save_person(replace(person, password_hash=hash_password(password)))
    return True


def switch_person(work: Work, person_id: str, *, is_active: bool, by: str) -> None:
    """Let a person in or keep them out; keeping out ends their sessions. The last administrator stays."""
    person = work.access.person(id=person_id)
    if person is None:
        raise NotFound("person", person_id)
    admins = [one for one in work.access.people() if one.role is Role.ADMIN and one.is_active]
    if not is_active and [one.id for one in admins] == [person_id]:
        raise Conflict("This is the last administrator.")
    work.access.save_person(replace(person, is_active=is_active))
    if not is_active:
        work.access.end_sessions(person_id=person_id)
    work.note("person.changed", person_id, by=by, facts={"is_active": is_active})


def sign_as(work: Work, person_id: str, signs_as: str) -> Person:
    """How somebody signs from now on; "": not at all. Raises NotFound, and BadInput for what is no name."""
    name = " ".join(signs_as.split())
    if len(name) > LONGEST or not (name.isprintable() and all(sign not in name for sign in "{}[]")):
        raise BadInput(f"A signature has up to {LONGEST} printable characters, without brackets.")
    person = work.access.person(id=person_id)
    if person is None:
        raise NotFound("person", person_id)
    signing = replace(person, signs_as=name)
    work.access.save_person(signing)
    work.note("person.signature", person_id, by=person_id, facts={"is_signing": bool(name)})
    return signing


def change_password(work: Work, person: Person, password: str) -> None:
    """Give a person a new password; every session of theirs ends. Raises BadInput."""
    keep_password(work, person, hash_password(password))


def keep_password(work: Work, person: Person, password_hash: str) -> None:
    """`change_password` for those who made the hash before they opened the transaction."""
    work.access.save_person(replace(person, password_hash=password_hash))
    work.access.end_sessions(person_id=person.id)
    work.note("person.password", person.id, by=person.id)


# sessions ------------------------------------------------------------------------------------------------------


def digest(secret: str) -> str:
    """SHA-256 in hex: how session tokens and keys are kept. They are random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_session(work: Work, person: Person, *, now: datetime) -> tuple[str, Session]:
    """A new session; the token is for the cookie and is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    session = Session(
        token_hash=digest(token),
        person_id=person.id,
        csrf=secrets.token_urlsafe(24),
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
    )
    work.access.add_session(session)
    work.note("person.signed_in", person.id, by=person.id)
    return token, session


def living_session(work: Work, token: str, *, now: datetime) -> tuple[Person, Session] | None:
    """Who this cookie belongs to, unless it ended, idled out or its person may no longer come in."""
    if not 20 <= len(token) <= 100:
        return None
    session = work.access.session(digest(token))
    if session is None or now >= session.expires_at or now - session.seen_at >= IDLE:
        return None
    person = work.access.person(id=session.person_id)
    return (person, session) if person is not None and person.is_active else None


# keys ----------------------------------------------------------------------------------------------------------


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode("ascii")), []
    for _ in range(6):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def new_key() -> str:
    """`tk_live_`, 32 random characters, and a CRC32 in 6 more, so that scanners can tell a key from a look-alike."""
    body = "tk_live_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return body + _checksum(body)


def is_key_shaped(key: str) -> bool:
    """Whether this can be a key at all: the shape and the checksum fit."""
    return _KEY.match(key) is not None and secrets.compare_digest(key[-6:], _checksum(key[:-6]))


def make_key(work: Work, name: str, scopes: Iterable[Scope], *, now: datetime) -> tuple[str, ServiceKey]:
    """Keep a new service key; the first value is the key itself, to be shown once and then forgotten."""
    if not 1 <= len(name.strip()) <= 80 or not name.strip().isprintable():
        raise BadInput("A key's name has 1 to 80 printable characters.")
    wanted = frozenset(scopes)
    if not wanted:
        raise BadInput("A key needs at least one scope.")
    secret = new_key()
    key = ServiceKey(
        id=new_id("key", now=now),
        name=name.strip(),
        prefix=secret[:12],
        key_hash=digest(secret),
        scopes=wanted,
        created_at=now,
    )
    work.access.add_key(key)
    work.note("key.added", key.id, by="admin", facts={"scopes": sorted(wanted)})
    return secret, key


def living_key(work: Work, secret: str) -> ServiceKey | None:
    """The key, unless it is unknown or revoked."""
    key = work.access.key(digest(secret)) if is_key_shaped(secret) else None
    return key if key is not None and key.revoked_at is None else None
