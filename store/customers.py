"""One record a customer, and the identities that belong to it. Moves are kept, so that each can be undone."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from care.customer import Customer, Identity, IdentityMove
from care.errors import Conflict, NotFound
from store.mapping import from_row
from store.moments import Now
from store.rows import changed, insert_once
from store.tables import CaseRow, CustomerRow, IdentityMoveRow, IdentityRow

_LOCK = 7_310_034
"""PostgreSQL's advisory lock for addresses; the first of two numbers, any that nobody else in this database uses."""


class SqlCustomers:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def get(self, customer_id: str) -> Customer:
        row = self._session.get(CustomerRow, customer_id, populate_existing=True)
        if row is None:
            raise NotFound("customer", customer_id)
        query = select(IdentityRow).where(IdentityRow.customer_id == customer_id)
        rows = self._session.scalars(query.order_by(IdentityRow.channel, IdentityRow.handle))
        identities = tuple(Identity(identity_row.channel, identity_row.handle) for identity_row in rows)
        return Customer(id=row.id, created_at=row.created_at, name=row.name, identities=identities)

    def of(self, identity: Identity) -> Customer | None:
        row = self._row_of(identity)
        return None if row is None else self.get(row.customer_id)

    def with_handle(self, handle: str) -> list[Customer]:
        """Every record with this handle on any channel: candidates for one customer."""
        ids = self._session.scalars(select(IdentityRow.customer_id).where(IdentityRow.handle == handle).distinct())
        return [self.get(id) for id in sorted(ids)]

    def with_address(self, address: str) -> list[Customer]:
        if self._session.get_bind().dialect.name == "postgresql":
            # Two mailboxes that hear of one address at once: the second sees what the first made of it.
            self._session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(address))))
        ids = self._session.scalars(select(IdentityRow.customer_id).where(IdentityRow.address == address).distinct())
        return [self.get(id) for id in sorted(ids)]

    def move(self, move: IdentityMove) -> None:
        """Put an identity, with its cases, with another record.

        Raises NotFound, and Conflict when the identity is not with the record it is moved from.
        """
        self.get(move.to_customer)
        if not self._put(move.identity, was=move.from_customer, to=move.to_customer):
            raise Conflict(f"This identity is not with customer {move.from_customer} any more; look again.")
        row = IdentityMoveRow(
            id=move.id,
            channel=move.identity.channel,
            handle=move.identity.handle,
            from_customer=move.from_customer,
            to_customer=move.to_customer,
            evidence=move.evidence,
            by=move.by,
            at=move.at,
        )
        self._session.add(row)
        self._session.flush()

    def undo(self, move_id: str, *, by: str) -> IdentityMove:
        """Part what was put together. Raises NotFound, and Conflict when it was undone or moved on since."""
        row = self._session.get(IdentityMoveRow, move_id, populate_existing=True)
        if row is None:
            raise NotFound("move of an identity", move_id)
        identity = Identity(row.channel, row.handle)
        if row.undone_at is not None or not self._put(identity, was=row.to_customer, to=row.from_customer):
            raise Conflict("This identity was parted or moved on already; look again.")
        row.undone_by, row.undone_at = by, self._session.scalars(select(self._now(0))).one()
        self._session.flush()
        return _move_of(row)

    def moves(self, customer_id: str) -> list[IdentityMove]:
        """Every move from or to this record, latest first."""
        is_theirs = (IdentityMoveRow.from_customer == customer_id) | (IdentityMoveRow.to_customer == customer_id)
        query = select(IdentityMoveRow).where(is_theirs).order_by(IdentityMoveRow.at.desc(), IdentityMoveRow.id.desc())
        return [_move_of(row) for row in self._session.scalars(query)]

    def _row_of(self, identity: Identity) -> IdentityRow | None:
        row = self._session.get(IdentityRow, (identity.channel, identity.handle), populate_existing=True)
        if row is not None:
            return row
        is_same = (IdentityRow.channel == identity.channel, IdentityRow.address == identity.handle.lower())
        return self._session.scalar(select(IdentityRow).where(*is_same).limit(1))

    def _put(self, identity: Identity, *, was: str, to: str) -> bool:
        is_theirs = (IdentityRow.channel == identity.channel, IdentityRow.handle == identity.handle)
        moved = update(IdentityRow).where(*is_theirs, IdentityRow.customer_id == was).values(customer_id=to)
        if not changed(self._session, moved):
            return False
        cases = update(CaseRow).where(CaseRow.channel == identity.channel, CaseRow.customer == identity.handle)
        changed(self._session, cases.values(customer_id=to))
        return True


def customer_of(
    session: Session, channel: str, handle: str, *, name: str | None, at: datetime, address: str | None = None
) -> str:
    """The record an identity belongs to, made when new. Two first messages at once agree on it."""
    query = select(IdentityRow.customer_id).where(IdentityRow.channel == channel, IdentityRow.handle == handle)
    customer_id = session.scalar(query)
    if customer_id is None:
        customer, identity = new_record(channel, handle, name=name, at=at, address=address)
        insert_once(session, CustomerRow, customer)
        insert_once(session, IdentityRow, identity)
        customer_id = session.scalars(query).one()
    _fill(session, channel, handle, customer_id=customer_id, name=name, address=address)
    return customer_id


def new_record(
    channel: str, handle: str, *, name: str | None, at: datetime, address: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of a customer nobody knew, and of who they are on one channel."""
    digest = sha256(f"{channel}\n{handle}".encode()).hexdigest()
    customer_id = f"cus_{digest[:26]}"
    identity = {"channel": channel, "handle": handle, "customer_id": customer_id, "address": address}
    return {"id": customer_id, "name": name, "created_at": at}, identity


def _fill(
    session: Session, channel: str, handle: str, *, customer_id: str, name: str | None, address: str | None
) -> None:
    """Keep what was not known of them before."""
    if address is not None:
        is_theirs = (IdentityRow.channel == channel, IdentityRow.handle == handle, IdentityRow.address.is_(None))
        changed(session, update(IdentityRow).where(*is_theirs).values(address=address))
    if name is not None:
        nameless = update(CustomerRow).where(CustomerRow.id == customer_id, CustomerRow.name.is_(None))
        changed(session, nameless.values(name=name))


def _move_of(row: IdentityMoveRow) -> IdentityMove:
    return from_row(IdentityMove, row, identity=Identity(row.channel, row.handle))
