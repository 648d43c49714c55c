"""People and their sessions: who may come in, how they sign, and that somebody always can let others in."""

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from care.access import Person, Role, Session, SignInLink
from care.errors import BadInput, Conflict, NotFound
from care.ids import new_id
from care.signing import LONGEST
from care.times import rfc_3339
from care.trail import OPERATOR
from care.unit_of_work import Work

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
"""How long a session lives without use, and at most. Source: OWASP ASVS 5, V7.3."""

LINK_LASTS = timedelta(minutes=30)
"""How long a sign-in link waits to be used: a first start trains the default bundle before somebody looks."""

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,180}\Z")


def leads(work: Work) -> list[Person]:
    """Whoever is told of what is more than one case: supervisors and administrators."""
    return [p for p in work.access.people() if p.is_active and p.role in (Role.SUPERVISOR, Role.ADMIN)]


# people --------------------------------------------------------------------------------------------------------


def find_person(work: Work, email: str) -> Person | None:
    """The person with this e-mail, however they wrote it."""
    return work.access.person(email=email.strip().casefold()) if _EMAIL.match(email.strip()) else None


def the_person(work: Work, email: str) -> Person:
    """The same; raises NotFound where there is nobody."""
    person = find_person(work, email)
    if person is None:
        raise NotFound("person", email)
    return person


def new_person(
    email: str, name: str, role: Role, password_hash: str, *, now: datetime, is_checked: bool = False
) -> Person:
    """A person who is not kept yet. Raises BadInput for an unusable e-mail or name."""
    address = email.strip().casefold()
    if not _EMAIL.match(address):
        raise BadInput("That is not an e-mail address.")
    if not 1 <= len(name.strip()) <= 80 or not name.strip().isprintable():
        raise BadInput("A name has 1 to 80 printable characters.")
    made = Person(id=new_id("per", now=now), email=address, name=name.strip(), role=role, password_hash=password_hash)
    return replace(made, is_checked=is_checked)


def add_person(work: Work, person: Person, *, by: str) -> None:
    """Keep a new person. Raises Conflict for a known e-mail."""
    if work.access.person(email=person.email) is not None:
        raise Conflict("There is already somebody with this e-mail address.")
    work.access.add_person(person)
    work.note("person.added", person.id, by=by, facts={"role": str(person.role)})


def make_person(work: Work, email: str, name: str, role: Role, password_hash: str, *, now: datetime) -> Person:
    """Make and keep a person in one go, on the machine itself. Raises BadInput and Conflict."""
    person = new_person(email, name, role, password_hash, now=now)
    add_person(work, person, by=OPERATOR)
    return person


def new_first_password(work: Work, email: str, password_hash: str) -> bool:
    """Give the first person another password while nobody has used or changed the one they have. False otherwise."""
    person = find_person(work, email)
    if person is None or work.keeping.was_ever(("person.signed_in", "person.password"), person.id):
        return False
    work.access.save_person(replace(person, password_hash=password_hash))
    return True


def switch_person(work: Work, person_id: str, *, is_active: bool, by: str) -> None:
    """Let a person in or keep them out; keeping out ends their sessions. The last administrator stays."""
    person = work.access.person(id=person_id)
    if person is None:
        raise NotFound("person", person_id)
    admins = [account for account in work.access.people() if account.role is Role.ADMIN and account.is_active]
    if not is_active and [admin.id for admin in admins] == [person_id]:
        raise Conflict("This is the last administrator.")
    work.access.save_person(replace(person, is_active=is_active))
    if not is_active:
        work.access.end_sessions(person_id=person_id)
        work.access.end_links(person_id=person_id)
    work.note("person.changed", person_id, by=by, facts={"is_active": is_active})


def check_person(work: Work, person_id: str, *, is_checked: bool, by: str) -> None:
    """Have a colleague read what somebody writes before it goes out, or trust them from now on.

    What waits already goes on waiting. Raises NotFound, and Conflict for lifting one's own.
    """
    person = work.access.person(id=person_id)
    if person is None:
        raise NotFound("person", person_id)
    if not is_checked and person.is_checked and by == person_id:
        raise Conflict("Somebody else says from when on your replies are not read first any more.")
    work.access.save_person(replace(person, is_checked=is_checked))
    work.note("person.changed", person_id, by=by, facts={"is_checked": is_checked})


def be_away(work: Work, person_id: str, until: datetime | None, *, by: str) -> Person:
    """Give somebody no cases until then, and give on what is theirs; None: they are back. Raises NotFound."""
    person = work.access.person(id=person_id)
    if person is None:
        raise NotFound("person", person_id)
    away = replace(person, away_until=until)
    work.access.save_person(away)
    work.note("person.away", person_id, by=by, facts={"until": rfc_3339(until) if until else None})
    return away


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


def change_password(work: Work, person: Person, password_hash: str) -> None:
    """Give a person a new password; every session of theirs ends."""
    work.access.save_person(replace(person, password_hash=password_hash))
    work.access.end_sessions(person_id=person.id)
    work.access.end_links(person_id=person.id)
    work.note("person.password", person.id, by=person.id)


# sessions ------------------------------------------------------------------------------------------------------


def digest(secret: str) -> str:
    """SHA-256 in hex: how session tokens and keys are kept. They are random, so no salt is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_session(work: Work, person: Person, *, now: datetime) -> tuple[str, Session]:
    """A new session; the token is for the cookie and is kept nowhere else. Who is in needs no sign-in link."""
    work.access.end_links(person_id=person.id)
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


def new_sign_in_link(work: Work, person: Person, *, now: datetime) -> str:
    """The token of a link that lets this person in once, in place of any earlier one; it is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    work.access.end_links(person_id=person.id)
    work.access.add_link(SignInLink(digest(token), person.id, expires_at=now + LINK_LASTS))
    return token


def is_sign_in_link(work: Work, token: str, *, now: datetime) -> bool:
    """Whether this link would let somebody in. Looking does not use it."""
    link = work.access.link(digest(token))
    return link is not None and now < link.expires_at


def use_sign_in_link(work: Work, token: str, *, now: datetime) -> Person | None:
    """Who this link lets in, this once; None for one that was used, is over or never was."""
    link = work.access.link(digest(token))
    if link is None or not work.access.end_links(token_hash=link.token_hash) or now >= link.expires_at:
        return None
    person = work.access.person(id=link.person_id)
    return person if person is not None and person.is_active else None


def living_session(work: Work, token: str, *, now: datetime) -> tuple[Person, Session] | None:
    """Who this cookie belongs to, unless it ended, idled out or its person may no longer come in."""
    if not 20 <= len(token) <= 100:
        return None
    session = work.access.session(digest(token))
    if session is None or now >= session.expires_at or now - session.seen_at >= IDLE:
        return None
    person = work.access.person(id=session.person_id)
    return (person, session) if person is not None and person.is_active else None


def living_sessions(work: Work, *, now: datetime) -> list[Session]:
    """Every browser that somebody is signed in with now, the latest seen first."""
    return [session for session in work.access.sessions(after=now) if now - session.seen_at < IDLE]


def name_of(session: Session) -> str:
    """What a session is called where people see it; it lets nobody in."""
    return digest(session.token_hash)[:16]


def end_session(work: Work, name: str, *, by: Person, now: datetime) -> None:
    """Sign one browser out: one's own, or as an administrator anybody's. Raises NotFound."""
    for session in living_sessions(work, now=now):
        if name_of(session) == name and (session.person_id == by.id or by.role is Role.ADMIN):
            work.access.end_sessions(token_hash=session.token_hash)
            work.note("person.signed_out", session.person_id, by=by.id)
            return
    raise NotFound("session", name[:16])
