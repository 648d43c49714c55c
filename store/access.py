"""People, their sessions and sign-in links, and the keys of services."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from care.access import Person, ServiceKey, Session, SignInLink
from care.errors import Conflict, NotFound
from store.mapping import from_row, to_columns
from store.rows import changed
from store.tables import KeyRow, PersonRow, SessionRow, SignInLinkRow


class SqlAccess:
    """E-mail addresses are compared without regard to case."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add_person(self, person: Person) -> None:
        """Raises Conflict when somebody has this address."""
        try:
            with self._transaction.begin_nested():
                self._transaction.add(PersonRow(**_columns(person)))
        except IntegrityError as error:
            if "email" not in str(error.orig):
                raise
            raise Conflict("Somebody with this e-mail address is here already.") from None

    def person(self, *, id: str | None = None, email: str | None = None) -> Person | None:
        query = select(PersonRow)
        query = query.where(PersonRow.id == id) if id is not None else query
        query = query.where(PersonRow.email == email.strip().lower()) if email is not None else query
        row = self._transaction.scalar(query) if id is not None or email is not None else None
        return None if row is None else from_row(Person, row)

    def people(self) -> list[Person]:
        return [from_row(Person, row) for row in self._transaction.scalars(select(PersonRow).order_by(PersonRow.email))]

    def save_person(self, person: Person) -> None:
        row = self._transaction.get(PersonRow, person.id)
        if row is None:
            raise NotFound("person", person.id)
        for name, value in _columns(person).items():
            setattr(row, name, value)
        self._transaction.flush()

    def add_session(self, session: Session) -> None:
        self._transaction.add(SessionRow(**to_columns(session, SessionRow)))
        self._transaction.flush()

    def session(self, token_hash: str) -> Session | None:
        row = self._transaction.scalar(select(SessionRow).where(SessionRow.token_hash == token_hash))
        return None if row is None else from_row(Session, row)

    def sessions(self, *, after: datetime) -> list[Session]:
        query = select(SessionRow).where(SessionRow.expires_at > after)
        rows = self._transaction.scalars(query.order_by(SessionRow.seen_at.desc(), SessionRow.token_hash))
        return [from_row(Session, row) for row in rows]

    def touch_session(self, token_hash: str, *, seen_at: datetime) -> None:
        seen = update(SessionRow).where(SessionRow.token_hash == token_hash).values(seen_at=seen_at)
        changed(self._transaction, seen)

    def end_sessions(self, *, token_hash: str | None = None, person_id: str | None = None) -> None:
        """End one session, or all of a person's. Neither named ends none."""
        ended = delete(SessionRow).execution_options(synchronize_session=False)
        if token_hash is not None:
            self._transaction.execute(ended.where(SessionRow.token_hash == token_hash))
        if person_id is not None:
            self._transaction.execute(ended.where(SessionRow.person_id == person_id))

    def add_link(self, link: SignInLink) -> None:
        self._transaction.add(SignInLinkRow(**to_columns(link, SignInLinkRow)))
        self._transaction.flush()

    def link(self, token_hash: str) -> SignInLink | None:
        row = self._transaction.scalar(select(SignInLinkRow).where(SignInLinkRow.token_hash == token_hash))
        return None if row is None else from_row(SignInLink, row)

    def end_links(self, *, token_hash: str | None = None, person_id: str | None = None) -> bool:
        named = or_(SignInLinkRow.token_hash == token_hash, SignInLinkRow.person_id == person_id)
        ended = delete(SignInLinkRow).where(named).execution_options(synchronize_session=False)
        return changed(self._transaction, ended) > 0

    def add_key(self, key: ServiceKey) -> None:
        self._transaction.add(KeyRow(**to_columns(key, KeyRow)))
        self._transaction.flush()

    def key(self, key_hash: str) -> ServiceKey | None:
        row = self._transaction.scalar(select(KeyRow).where(KeyRow.key_hash == key_hash))
        return None if row is None else from_row(ServiceKey, row)

    def keys(self) -> list[ServiceKey]:
        rows = self._transaction.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))
        return [from_row(ServiceKey, row) for row in rows]

    def revoke_key(self, key_id: str, *, at: datetime) -> None:
        """Raises NotFound. The first revocation's time stays."""
        revoked = update(KeyRow).where(KeyRow.id == key_id).values(revoked_at=func.coalesce(KeyRow.revoked_at, at))
        if not changed(self._transaction, revoked):
            raise NotFound("key", key_id)

    def use_key(self, key_id: str, *, at: datetime) -> None:
        changed(self._transaction, update(KeyRow).where(KeyRow.id == key_id).values(used_at=at))


def _columns(person: Person) -> dict[str, Any]:
    return {**to_columns(person, PersonRow), "email": person.email.strip().lower()}
