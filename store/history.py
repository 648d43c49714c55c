"""Conversations of before: many rows by one statement, so that a hundred thousand take minutes."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from care.case import Case, Source
from care.message import Message, NativeAnswer
from care.unit_of_work import KnownCustomer
from store.cases import case_of, new_values
from store.customers import new_record
from store.messages import native_values_of, thread_values, values_of
from store.rows import insert_all_once
from store.tables import CaseRow, CustomerRow, IdentityRow, MessageRow, NativeAnswerRow, ThreadRow
from store.texts import keepable


class SqlHistories:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, channel: str, found: Sequence[KnownCustomer]) -> dict[tuple[str, str], Case]:
        threads = {one.thread_key: thread_values(channel, one.thread_key) for one in found}
        insert_all_once(self._session, ThreadRow, list(threads.values()))

        def who(one: KnownCustomer) -> tuple[str, str]:
            return threads[one.thread_key]["id"], one.address or keepable(one.customer)

        # Spelled as they stand here already, else as they were written first.
        spelled = {who(one): keepable(one.customer) for one in reversed(found)} | self._spelled(found, threads)
        records = self._records(channel, {spelled[who(one)]: one for one in reversed(found)})
        fresh = {}
        for one in reversed(found):
            thread_id, customer = who(one)[0], spelled[who(one)]
            fresh[thread_id, customer] = new_values(
                channel, thread_id, customer, customer_id=records[customer], source=Source.IMPORT, at=one.at
            )
        insert_all_once(self._session, CaseRow, list(fresh.values()))
        # Locked in one order: two imports of one file never wait for each other.
        query = select(CaseRow).where(tuple_(CaseRow.thread_id, CaseRow.customer).in_(list(fresh)))
        locked = query.order_by(CaseRow.id).with_for_update().execution_options(populate_existing=True)
        cases = {(row.thread_id, row.customer): case_of(row) for row in self._session.scalars(locked)}
        return {(one.thread_key, one.customer): cases[who(one)[0], spelled[who(one)]] for one in found}

    def _spelled(
        self, found: Sequence[KnownCustomer], threads: Mapping[str, Mapping[str, str]]
    ) -> dict[tuple[str, str], str]:
        """By thread and address, how the address is spelled on its case."""
        addresses = {one.address for one in found if one.address is not None}
        if not addresses:
            return {}
        is_theirs = and_(IdentityRow.channel == CaseRow.channel, IdentityRow.handle == CaseRow.customer)
        query = (
            select(CaseRow.thread_id, IdentityRow.address, CaseRow.customer)
            .join(IdentityRow, is_theirs)
            .where(CaseRow.thread_id.in_({one["id"] for one in threads.values()}), IdentityRow.address.in_(addresses))
        )
        return {(row.thread_id, row.address): row.customer for row in self._session.execute(query)}

    def add(self, messages: Sequence[Message], answers: Sequence[NativeAnswer]) -> None:
        insert_all_once(self._session, MessageRow, [values_of(one) for one in messages])
        insert_all_once(self._session, NativeAnswerRow, [native_values_of(one) for one in answers])

    def _records(self, channel: str, found: Mapping[str, KnownCustomer]) -> dict[str, str]:
        """By handle, the record it belongs to, made when new."""
        new = [new_record(channel, handle, name=None, at=one.at, address=one.address) for handle, one in found.items()]
        insert_all_once(self._session, CustomerRow, [customer for customer, _ in new])
        insert_all_once(self._session, IdentityRow, [identity for _, identity in new])
        query = select(IdentityRow).where(IdentityRow.channel == channel, IdentityRow.handle.in_(found))
        return {row.handle: row.customer_id for row in self._session.scalars(query)}
