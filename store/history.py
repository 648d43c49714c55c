"""Conversations of before: many rows by one statement, so that a hundred thousand take minutes."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from care.case import Case, Source
from care.message import Message, NativeAnswer
from care.unit_of_work import KnownCustomer
from store.cases import case_of, new_values
from store.customers import new_record
from store.messages import native_values_of, said_by, said_natively, thread_values, values_of
from store.rows import insert_all_once
from store.said import keep_said
from store.tables import CaseRow, CustomerRow, IdentityRow, MessageRow, NativeAnswerRow, SaidRow, ThreadRow
from store.texts import keepable


class SqlHistories:
    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, channel: str, customers: Sequence[KnownCustomer]) -> dict[tuple[str, str], Case]:
        threads = {known.thread_key: thread_values(channel, known.thread_key) for known in customers}
        insert_all_once(self._session, ThreadRow, list(threads.values()))

        def who(known: KnownCustomer) -> tuple[str, str]:
            return threads[known.thread_key]["id"], known.address or keepable(known.customer)

        # Spelled as they stand here already, else as they were written first.
        as_written = {who(known): keepable(known.customer) for known in reversed(customers)}
        spelled = as_written | self._spelled(customers, threads)
        records = self._records(channel, {spelled[who(known)]: known for known in reversed(customers)})
        fresh = {}
        for known in reversed(customers):
            thread_id, customer = who(known)[0], spelled[who(known)]
            fresh[thread_id, customer] = new_values(
                channel, thread_id, customer, customer_id=records[customer], source=Source.IMPORT, at=known.at
            )
        insert_all_once(self._session, CaseRow, list(fresh.values()))
        # Locked in one order: two imports of one file never wait for each other.
        query = select(CaseRow).where(tuple_(CaseRow.thread_id, CaseRow.customer).in_(list(fresh)))
        locked = query.order_by(CaseRow.id).with_for_update().execution_options(populate_existing=True)
        cases = {(row.thread_id, row.customer): case_of(row) for row in self._session.scalars(locked)}
        return {(known.thread_key, known.customer): cases[who(known)[0], spelled[who(known)]] for known in customers}

    def _spelled(
        self, customers: Sequence[KnownCustomer], threads: Mapping[str, Mapping[str, str]]
    ) -> dict[tuple[str, str], str]:
        """By thread and address, how the address is spelled on its case."""
        addresses = {known.address for known in customers if known.address is not None}
        if not addresses:
            return {}
        is_theirs = and_(IdentityRow.channel == CaseRow.channel, IdentityRow.handle == CaseRow.customer)
        query = (
            select(CaseRow.thread_id, IdentityRow.address, CaseRow.customer)
            .join(IdentityRow, is_theirs)
            .where(
                CaseRow.thread_id.in_({thread["id"] for thread in threads.values()}), IdentityRow.address.in_(addresses)
            )
        )
        return {(row.thread_id, row.address): row.customer for row in self._session.execute(query)}

    def add(self, messages: Sequence[Message], answers: Sequence[NativeAnswer]) -> None:
        insert_all_once(self._session, MessageRow, [values_of(message) for message in messages])
        insert_all_once(self._session, NativeAnswerRow, [native_values_of(answer) for answer in answers])
        self._keep_said([*map(said_by, messages), *map(said_natively, answers)])

    def _keep_said(self, said: Sequence[Mapping[str, Any]]) -> None:
        """What was brought in before is there already."""
        ids = [words["source_id"] for words in said]
        known = set(self._session.scalars(select(SaidRow.source_id).where(SaidRow.source_id.in_(ids))))
        kept = set(self._session.scalars(select(MessageRow.id).where(MessageRow.id.in_(ids))))
        kept |= set(self._session.scalars(select(NativeAnswerRow.id).where(NativeAnswerRow.id.in_(ids))))
        keep_said(self._session, [words for words in said if words["source_id"] in kept - known])

    def _records(self, channel: str, customers: Mapping[str, KnownCustomer]) -> dict[str, str]:
        """By handle, the record it belongs to, made when new."""
        new = [
            new_record(channel, handle, name=None, at=known.at, address=known.address)
            for handle, known in customers.items()
        ]
        insert_all_once(self._session, CustomerRow, [customer for customer, _ in new])
        insert_all_once(self._session, IdentityRow, [identity for _, identity in new])
        query = select(IdentityRow).where(IdentityRow.channel == channel, IdentityRow.handle.in_(customers))
        return {row.handle: row.customer_id for row in self._session.scalars(query)}
