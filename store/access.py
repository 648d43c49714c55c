"""People, their sessions, and the keys of services."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from care.access import Person, ServiceKey, Session
from care.errors import Conflict, NotFound
from store.mapping import from_row
from store.rows import changed
from store.tables import KeyRow, PersonRow, SessionRow


class SqlAccess:
    """E-mail addresses are compared without regard to case."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add_person(self, person: Person) -> None:
        """Raises Conflict when somebody has this address."""
        row = PersonRow(id=person.id)
        try:
            with self._transaction.begin_nested():
                self._transaction.add(_fill(row, person))
        except IntegrityError as error:
            if "email" not in str(error.orig):
                raise
            raise Conflict("Somebody with this e-mail address is here already.") from None

    def person(self, *, id: str | None = None, email: str | None = None) -> Person | None:
        query = select(PersonRow)
        query = query.where(PersonRow.id == id) if id is not None else query
        query = query.where(PersonRow.email == email.strip().lower()) if email is not None else query
        row = self._transaction.scalar(query) if id is not None or email is not None else None
        return None if row is None else _person_of(row)

    def people(self) -> list[Person]:
        return [_person_of(row) for row in self._transaction.scalars(select(PersonRow).order_by(PersonRow.email))]

    def save_person(self, person: Person) -> None:
        row = self._transaction.get(PersonRow, person.id)
        if row is None:
            raise NotFound("person", person.id)
        _fill(row, person)
        self._transaction.flush()

    def add_session(self, session: Session) -> None:
        self._transaction.add(
            SessionRow(
                token_hash=session.token_hash,
                person_id=session.person_id,
                csrf=session.csrf,
                created_at=session.created_at,
                seen_at=session.seen_at,
                expires_at=session.expires_at,
            )
        )
        self._transaction.flush()

    def session(self, token_hash: str) -> Session | None:
        row = self._transaction.scalar(select(SessionRow).where(SessionRow.token_hash == token_hash))
        if row is None:
            return None
        return from_row(Session, row)

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

    def add_key(self, key: ServiceKey) -> None:
        self._transaction.add(
            KeyRow(
                id=key.id,
                name=key.name,
                prefix=key.prefix,
                key_hash=key.key_hash,
                scopes=key.scopes,
                created_at=key.created_at,
                revoked_at=key.revoked_at,
                expires_at=key.expires_at,
                used_at=key.used_at,
            )
        )
        self._transaction.flush()

    def key(self, key_hash: str) -> ServiceKey | None:
        row = self._transaction.scalar(select(KeyRow).where(KeyRow.key_hash == key_hash))
        return None if row is None else _key_of(row)

    def keys(self) -> list[ServiceKey]:
        rows = self._transaction.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))
        return [_key_of(row) for row in rows]

    def revoke_key(self, key_id: str, *, at: datetime) -> None:
        """Raises NotFound. The first revocation's time stays."""
        revoked = update(KeyRow).where(KeyRow.id == key_id).values(revoked_at=func.coalesce(KeyRow.revoked_at, at))
        if not changed(self._transaction, revoked):
            raise NotFound("key", key_id)

    def use_key(self, key_id: str, *, at: datetime) -> None:
        changed(self._transaction, update(KeyRow).where(KeyRow.id == key_id).values(used_at=at))


def _fill(row: PersonRow, person: Person) -> PersonRow:
    row.email = person.email.strip().lower()
    row.name = person.name
    row.role = person.role
    row.password_hash = person.password_hash
    row.is_active = person.is_active
    row.signs_as = person.signs_as
    return row


def _person_of(row: PersonRow) -> Person:
    return from_row(Person, row)


def _key_of(row: KeyRow) -> ServiceKey:
    return from_row(ServiceKey, row)
