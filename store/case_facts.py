"""What was kept of a case, as far as it says whose turn it is and since when.

These queries run at every step of every case, so each is built once, when this module is read: building one anew takes
longer than its run.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from care.case import Case, Facts
from care.decision import Action
from care.handover import HAS_IT
from care.offline import STILL_OPEN
from care.promise import PromiseState
from care.reply import NOT_SAID, Purpose, ReplyStage, SuggestionState
from care.snooze import Snooze
from store.handovers import open_handovers
from store.moments import UtcTime
from store.places import TROUBLE
from store.promises import open_promises
from store.replies import IN_ORDER
from store.snoozes import open_snooze
from store.tables import (
    HandOverRow,
    MessageRow,
    NativeAnswerRow,
    OfflineRow,
    PromiseRow,
    ReplyRow,
    SuggestionRow,
    TaskRow,
)

_WORDS = (Purpose.ANSWER, Purpose.CLOSING)
_CASE = bindparam("case_id", type_=ReplyRow.case_id.type)
_AT = bindparam("at", type_=UtcTime())


def facts_of(session: Session, case: Case) -> Facts:
    """The facts of a case, as its transaction sees them."""
    return _Reading(session, case).facts()


class _Reading:
    def __init__(self, session: Session, case: Case) -> None:
        self._session = session
        self._case = case

    def facts(self) -> Facts:
        case = self._case
        open_suggestions = list(self._rows(_OPEN_SUGGESTIONS))
        waiting_since = self._value(_WAITING_SINCE)
        newest = self._value(_NEWEST_WORDS)
        has_failed = newest is not None and newest.stage in TROUBLE
        back_at = min(
            (at for at in (self._value(_BROKEN_AT), self._value(_CAME_BACK_AT)) if at is not None), default=None
        )
        is_our_turn = bool(open_suggestions) or waiting_since is not None or has_failed or back_at is not None
        due = [row.due_at for row in open_suggestions]
        due += [waiting_since] if waiting_since is not None and not due else []
        due += [back_at] if back_at is not None else []
        due += [self._due_of(newest)] if has_failed and not due else []
        is_answered, reopened_due_at = bool(self._value(_IS_ANSWERED)), self._reopened_due()
        if is_our_turn:
            due += [row.due_at for row in self._rows(_OVERTAKEN) if row.decision.action is not Action.IGNORE]
        elif not is_answered and reopened_due_at is None:
            due = [self._first_due()]
        return Facts(
            is_our_turn=is_our_turn,
            is_answered=is_answered,
            is_resolved=case.ending.resolved_at is not None,
            waits_since=min(due, default=None),
            reopened_due_at=reopened_due_at,
            offline_due_at=self._value(_OFFLINE_DUE),
            priority=max((row.priority for row in open_suggestions), default=case.standing.priority),
            promises=open_promises(self._session, case.id),
            handovers=open_handovers(self._session, case.id),
            snooze=self._snooze([row.created_at for row in open_suggestions]),
        )

    def _snooze(self, suggested: list[datetime]) -> Snooze | None:
        """The open snooze, unless something happened since: words of either side, a new suggestion, what came back."""
        snooze = open_snooze(self._session, self._case.id)
        if snooze is None or snooze.turn != self._case.turn:
            return None
        reopened_at = self._case.reopening.reopened_at
        happened = [*suggested, *([reopened_at] if reopened_at is not None else [])]
        is_over = any(at > snooze.made_at for at in happened)
        is_over = is_over or self._value(_HAS_HEARD_AFTER, at=snooze.made_at)
        return None if is_over or self._value(_CAME_BACK_AFTER, at=snooze.made_at) else snooze

    def _rows(self, query: Executable) -> Any:
        return self._session.execute(query, {"case_id": self._case.id})

    def _value(self, query: Select[Any], **others: object) -> Any:
        return self._session.scalar(query, {"case_id": self._case.id, **others})

    def _due_of(self, reply: ReplyRow) -> datetime:
        """When a reply that did not get through was due: as its suggestion, or when it was written."""
        suggestion = self._session.get(SuggestionRow, reply.suggestion_id) if reply.suggestion_id else None
        return suggestion.due_at if suggestion is not None else reply.approved_at

    def _reopened_due(self) -> datetime | None:
        """When a word is due because a person opened it again; None once we have said something since."""
        at = self._case.reopening.reopened_at
        if at is None or self._value(_HAS_HEARD_AFTER, at=at):
            return None
        return self._case.reopening.reopened_due_at

    def _first_due(self) -> datetime:
        """When the customer's latest words were due, of a case in which we have said nothing yet."""
        id = self._case.latest_message_id
        due_at: datetime | None = self._session.scalar(_DUE_OF_MESSAGE, {"message_id": id})
        if due_at is not None:
            return due_at
        message = self._session.get(MessageRow, id)
        return message.received_at if message is not None else self._case.opened_at


def _heard_since(case_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether the customer heard from us at that moment or since, as far as anybody knows."""
    reply, native = aliased(ReplyRow), aliased(NativeAnswerRow)
    return _heard(case_id, reply, reply.approved_at >= at, native, native.received_at >= at)


def _heard_after(case_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether the customer heard from us later than that moment."""
    reply, native = aliased(ReplyRow), aliased(NativeAnswerRow)
    return _heard(case_id, reply, reply.approved_at > at, native, native.received_at > at)


def _heard(
    case_id: Any, reply: Any, is_late: ColumnElement[bool], native: Any, is_native_late: ColumnElement[bool]
) -> ColumnElement[bool]:
    said = exists().where(reply.case_id == case_id, reply.purpose.in_(_WORDS), reply.stage.not_in(NOT_SAID), is_late)
    return or_(said, exists().where(native.case_id == case_id, ~native.is_history, is_native_late))


def _earliest(column: Any) -> Any:
    return func.min(column, type_=UtcTime())


# Suggestions nobody has settled.
_OPEN_SUGGESTIONS = select(SuggestionRow.due_at, SuggestionRow.priority, SuggestionRow.created_at).where(
    SuggestionRow.case_id == _CASE,
    or_(
        SuggestionRow.state == SuggestionState.PROPOSED,
        and_(
            SuggestionRow.state == SuggestionState.REJECTED,
            ~_heard_since(SuggestionRow.case_id, SuggestionRow.decided_at),
        ),
    ),
)
# Since when a message waits for its suggestion.
_WAITING_SINCE = (
    select(_earliest(MessageRow.received_at))
    .join(TaskRow, TaskRow.message_id == MessageRow.id)
    .where(
        MessageRow.case_id == _CASE,
        TaskRow.state != "done",
        ~_heard_since(MessageRow.case_id, MessageRow.received_at),
    )
)
_NEWEST_WORDS = (
    select(ReplyRow)
    .where(ReplyRow.case_id == _CASE, ReplyRow.purpose.in_(_WORDS), ReplyRow.stage != ReplyStage.WITHDRAWN)
    .order_by(*(column.desc() for column in IN_ORDER))
    .limit(1)
    .execution_options(populate_existing=True)
)
# Since when we owe an answer because a promise was broken, or a hand-over ended, and said nothing since.
_BROKEN_AT = select(_earliest(PromiseRow.until)).where(
    PromiseRow.case_id == _CASE,
    PromiseRow.state == PromiseState.BROKEN,
    ~_heard_after(PromiseRow.case_id, PromiseRow.made_at),
)
_CAME_BACK_AT = select(_earliest(HandOverRow.changed_at)).where(
    HandOverRow.case_id == _CASE,
    HandOverRow.state.not_in(HAS_IT),
    ~_heard_after(HandOverRow.case_id, HandOverRow.changed_at),
)
_CAME_BACK_AFTER = select(
    or_(
        exists().where(PromiseRow.case_id == _CASE, PromiseRow.state == PromiseState.BROKEN, PromiseRow.ended_at > _AT),
        exists().where(HandOverRow.case_id == _CASE, HandOverRow.state.not_in(HAS_IT), HandOverRow.changed_at > _AT),
    )
)
# When earlier messages were due that the customer followed up before we answered.
_OVERTAKEN = select(SuggestionRow.due_at, SuggestionRow.decision).where(
    SuggestionRow.case_id == _CASE,
    SuggestionRow.state == SuggestionState.SUPERSEDED,
    ~_heard_since(SuggestionRow.case_id, SuggestionRow.created_at),
)
_IS_ANSWERED = select(
    or_(
        exists().where(ReplyRow.case_id == _CASE, ReplyRow.purpose.in_(_WORDS), ReplyRow.stage.not_in(NOT_SAID)),
        exists().where(NativeAnswerRow.case_id == _CASE, ~NativeAnswerRow.is_history),
    )
)
_HAS_HEARD_AFTER = select(_heard_after(_CASE, _AT))
_OFFLINE_DUE = select(OfflineRow.due_at).where(OfflineRow.case_id == _CASE, OfflineRow.state.in_(STILL_OPEN)).limit(1)
_DUE_OF_MESSAGE = select(SuggestionRow.due_at).where(SuggestionRow.message_id == bindparam("message_id"))
