"""Everything that is kept of a customer: found, written out, and taken out of every table.

A table that names a case, a message or a customer has to stand in OF_A_CASE or among the records below; a test looks.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, false, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from care.case import CaseState, Source
from care.customer import Identity
from care.keeping import Gone
from store.seals import FORGOTTEN, digest_of
from store.shapes import pack
from store.tables import (
    AttachmentRow,
    CaseLabelRow,
    CaseRow,
    ClassificationRow,
    CorrectionRow,
    CrisisCaseRow,
    CustomerRow,
    EscalationRow,
    EventRow,
    HandlingRow,
    HandOverRow,
    HoldRow,
    IdentityMoveRow,
    IdentityRow,
    KeptAnswerRow,
    MessageRow,
    NativeAnswerRow,
    NoteRow,
    NoticeRow,
    OfflineRow,
    PlayChangeRow,
    PresenceRow,
    PromiseRow,
    QuarantineRow,
    ReplyRow,
    ReviewPickRow,
    ReviewRow,
    SaidRow,
    SatisfactionRow,
    SnoozeRow,
    SuggestionRow,
    TableRow,
    TaskRow,
    ThreadRow,
    UnsentTextRow,
)

_AT_ONCE = 500


def _messages(cases: Sequence[str]) -> Any:
    return select(MessageRow.id).where(MessageRow.case_id.in_(cases))


def _replies(cases: Sequence[str]) -> Any:
    return select(ReplyRow.id).where(ReplyRow.case_id.in_(cases))


def _belongs(table: type[TableRow], cases: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row of this table is part of these cases."""
    columns = table.__table__.columns
    if table is CaseRow:
        return CaseRow.id.in_(cases)
    if table is SatisfactionRow:
        return or_(SatisfactionRow.message_id.in_(_messages(cases)), SatisfactionRow.reply_id.in_(_replies(cases)))
    if "case_id" in columns:
        return columns["case_id"].in_(cases)
    return columns["message_id"].in_(_messages(cases))


OF_A_CASE: tuple[type[TableRow], ...] = (
    UnsentTextRow,
    PlayChangeRow,
    HoldRow,
    PresenceRow,
    SaidRow,
    CaseLabelRow,
    SatisfactionRow,
    NoticeRow,
    EscalationRow,
    OfflineRow,
    NoteRow,
    SnoozeRow,
    HandOverRow,
    PromiseRow,
    CrisisCaseRow,
    HandlingRow,
    ReviewRow,
    ReviewPickRow,
    ReplyRow,
    SuggestionRow,
    CorrectionRow,
    ClassificationRow,
    TaskRow,
    AttachmentRow,
    MessageRow,
    NativeAnswerRow,
    CaseRow,
)
"""Tables with rows of cases, in an order in which they can be deleted."""

OF_NOBODY = frozenset(
    {
        "live_channel", "play_flag", "person", "session", "sign_in_link", "service_key", "seal", "store", "probe",
        "endpoint", "event_delivery", "report_day", "saved_view", "surge", "crisis",
    }
)  # fmt: skip
"""Tables that hold nothing of customers: of what endpoints are told the trail keeps the words, of reports the sums. A
list saved by a customer's name goes with them (`care.forgetting`)."""


class SqlErasure:
    def __init__(self, session: Session) -> None:
        self._session = session

    def identities(self, *, after: Identity | None = None, limit: int = 1000) -> list[Identity]:
        query = select(IdentityRow).order_by(IdentityRow.channel, IdentityRow.handle).limit(limit)
        if after is not None:
            query = query.where(tuple_(IdentityRow.channel, IdentityRow.handle) > (after.channel, after.handle))
        return [Identity(row.channel, row.handle) for row in self._session.scalars(query)]

    def of(self, identity: Identity) -> set[Identity]:
        is_it = or_(IdentityRow.handle == identity.handle, IdentityRow.address == identity.handle.lower())
        record = select(IdentityRow.customer_id).where(IdentityRow.channel == identity.channel, is_it)
        rows = self._session.scalars(select(IdentityRow).where(IdentityRow.customer_id.in_(record)))
        return {Identity(row.channel, row.handle) for row in rows}

    def cases(self, identities: Iterable[Identity], *, opened_until: datetime) -> list[str]:
        query = select(CaseRow.id).where(_theirs(CaseRow.channel, CaseRow.customer, identities))
        return list(self._session.scalars(query.where(CaseRow.opened_at <= opened_until).order_by(CaseRow.id)))

    def texts(self, case_ids: Sequence[str]) -> list[str]:
        return list(self._session.scalars(select(MessageRow.text).where(MessageRow.case_id.in_(case_ids))))

    def names(self, case_ids: Sequence[str]) -> set[str]:
        rows = self._session.execute(
            select(MessageRow.handle, MessageRow.author_name).where(MessageRow.case_id.in_(case_ids)).distinct()
        )
        return {name for row in rows for name in row if name}

    def over(self, channel: str, source: Source, *, before: datetime, after: str = "", limit: int = 500) -> list[str]:
        # What was brought in was resolved when it came in: its own words say how old it is.
        spoke = exists().where(MessageRow.case_id == CaseRow.id, MessageRow.written_at >= before)
        is_over = [~spoke]
        if source is not Source.DEMO:
            is_over.append(CaseRow.state == CaseState.RESOLVED)
        if source is Source.LIVE:
            is_over.append(
                func.coalesce(CaseRow.resolved_at, CaseRow.changed_at, type_=CaseRow.changed_at.type) < before
            )
        which = (CaseRow.channel == channel, CaseRow.source == source, CaseRow.id > after, *is_over)
        return list(self._session.scalars(select(CaseRow.id).where(*which).order_by(CaseRow.id).limit(limit)))

    def erase(self, case_id: str) -> Gone:
        case = self._session.get(CaseRow, case_id)
        if case is None:
            return Gone()
        ids, counts = {case_id}, {}
        named = set(
            self._session.scalars(
                select(AttachmentRow.stored_as).where(_belongs(AttachmentRow, [case_id]), AttachmentRow.stored_as != "")
            )
        )
        for table in OF_A_CASE:
            if "id" in table.__table__.columns:
                key = table.__table__.columns["id"]
                ids |= set(self._session.scalars(select(key).where(_belongs(table, [case_id]))))
        for table in OF_A_CASE:
            if table is ReplyRow:
                self._delete(ReplyRow, and_(_belongs(ReplyRow, [case_id]), ReplyRow.answer_id.is_not(None)))
            counts[table.__tablename__] = self._delete(table, _belongs(table, [case_id]))
        self._delete(ThreadRow, and_(ThreadRow.id == case.thread_id, ~_is_used(case.thread_id)))
        counts["event"] = self._empty_events(ids)
        counts["kept_answer"] = self._delete_answers(ids)
        files = frozenset(name for name in named if name and not self._is_named(name))
        return Gone(frozenset(ids), files, tuple(sorted((name, n) for name, n in counts.items() if n)))

    def erase_record(self, identities: Iterable[Identity]) -> Gone:
        theirs = [identity for identity in identities if not self._has_case(identity)]
        is_theirs = _theirs(IdentityRow.channel, IdentityRow.handle, theirs)
        moved = _theirs(IdentityMoveRow.channel, IdentityMoveRow.handle, theirs)
        records = set(self._session.scalars(select(IdentityRow.customer_id).where(is_theirs)))
        moves = self._session.execute(
            select(IdentityMoveRow.id, IdentityMoveRow.from_customer, IdentityMoveRow.to_customer).where(moved)
        ).all()
        records |= {record for move in moves for record in (move.from_customer, move.to_customer)}
        n_identities = self._delete(IdentityRow, is_theirs)
        self._delete(IdentityMoveRow, moved)
        gone = {record for record in records if not self._is_referred(record)}
        self._delete(CustomerRow, CustomerRow.id.in_(gone))
        n_events = self._empty_events({*gone, *(move.id for move in moves)})
        n_unread = self._delete(QuarantineRow, _says_whose(theirs)) if theirs else 0
        counts = {"customer": len(gone), "event": n_events, "identity": n_identities, "quarantine": n_unread}
        return Gone(frozenset(gone), counts=tuple((name, n) for name, n in counts.items() if n))

    def everything(self, identities: Iterable[Identity]) -> dict[str, list[dict[str, object]]]:
        theirs = list(identities)
        cases = list(
            self._session.scalars(select(CaseRow.id).where(_theirs(CaseRow.channel, CaseRow.customer, theirs)))
        )
        which: dict[type[TableRow], ColumnElement[bool]] = {
            table: _belongs(table, cases) for table in reversed(OF_A_CASE)
        }
        is_theirs = _theirs(IdentityRow.channel, IdentityRow.handle, theirs)
        which[IdentityRow] = is_theirs
        which[CustomerRow] = CustomerRow.id.in_(select(IdentityRow.customer_id).where(is_theirs))
        which[IdentityMoveRow] = _theirs(IdentityMoveRow.channel, IdentityMoveRow.handle, theirs)
        which[EventRow] = EventRow.case_id.in_(cases)
        which[QuarantineRow] = _says_whose(theirs)
        return {table.__tablename__: list(self._rows(table, where)) for table, where in which.items()}

    def _rows(self, table: type[TableRow], where: ColumnElement[bool]) -> Iterator[dict[str, object]]:
        names = [name for name in table.__mapper__.columns.keys() if name not in _OURS]
        for row in self._session.scalars(select(table).where(where).order_by(*table.__mapper__.primary_key)):
            yield {name: _plain(getattr(row, name)) for name in names}

    def _delete(self, table: type[TableRow], where: ColumnElement[bool]) -> int:
        done: Any = self._session.execute(delete(table).where(where).execution_options(synchronize_session=False))
        return int(done.rowcount)

    def _delete_answers(self, ids: Iterable[str]) -> int:
        """Answers kept for an Idempotency-Key that name any of these ids: they repeat what was said."""
        kept = self._session.execute(select(KeptAnswerRow.owner, KeptAnswerRow.key, KeptAnswerRow.body)).all()
        named = [(row.owner, row.key) for row in kept if any(id in row.body for id in ids)]
        return self._delete(KeptAnswerRow, tuple_(KeptAnswerRow.owner, KeptAnswerRow.key).in_(named)) if named else 0

    def _empty_events(self, ids: set[str]) -> int:
        """Take out of the trail what an event says of these; its digest stays, so that the chain over it holds."""
        listed, n = sorted(ids), 0
        for start in range(0, len(listed), _AT_ONCE):
            some = listed[start : start + _AT_ONCE]
            named = or_(EventRow.subject_id.in_(some), EventRow.case_id.in_(some))
            for row in self._session.scalars(select(EventRow).where(named, EventRow.digest.is_(None))).all():
                emptied: dict[str, Any] = {
                    "digest": digest_of(row),
                    "salt": "",
                    "subject_id": FORGOTTEN,
                    "case_id": None,
                    "facts": {},
                }
                self._session.execute(update(EventRow).where(EventRow.number == row.number).values(emptied))
                n += 1
        return n

    def _is_named(self, stored_as: str) -> bool:
        return (
            self._session.scalar(select(AttachmentRow.id).where(AttachmentRow.stored_as == stored_as).limit(1))
            is not None
        )

    def _has_case(self, identity: Identity) -> bool:
        query = (
            select(CaseRow.id).where(CaseRow.channel == identity.channel, CaseRow.customer == identity.handle).limit(1)
        )
        return self._session.scalar(query) is not None

    def _is_referred(self, record: str) -> bool:
        of_case = exists().where(CaseRow.customer_id == record)
        of_identity = exists().where(IdentityRow.customer_id == record)
        moved = exists().where(or_(IdentityMoveRow.from_customer == record, IdentityMoveRow.to_customer == record))
        return bool(self._session.scalar(select(or_(of_case, of_identity, moved))))


_OURS = frozenset({"salt", "digest", "lease_token", "lease_until", "rung_at", "n_crashes", "request_key"})
"""Columns that say nothing of anybody."""


def _theirs(channel: Any, handle: Any, identities: Iterable[Identity]) -> ColumnElement[bool]:
    return tuple_(channel, handle).in_([(identity.channel, identity.handle) for identity in identities])


def _says_whose(identities: Iterable[Identity]) -> ColumnElement[bool]:
    """What could not be read and names one of them as its author: as our JSON has it, or as a mail does."""
    named: list[ColumnElement[bool]] = [false()]
    for identity in identities:
        handle, content = identity.handle, QuarantineRow.content
        forms = [f'"handle":{blank}{json.dumps(handle, ensure_ascii=False)}' for blank in ("", " ")]
        if "@" in handle:
            forms.append(handle)
        says = or_(*(content.icontains(form, autoescape=True) for form in forms))
        named.append(and_(QuarantineRow.channel == identity.channel, says))
    return or_(*named)


def _is_used(thread_id: str) -> ColumnElement[bool]:
    of_case = exists().where(CaseRow.thread_id == thread_id)
    of_message = exists().where(MessageRow.thread_id == thread_id)
    return or_(of_case, of_message, exists().where(SatisfactionRow.thread_id == thread_id))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else pack(value)
