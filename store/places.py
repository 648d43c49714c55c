"""Where each message stands: its state, the one list it is in, when it is due. Shared by the lists and the sweep."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_
from sqlalchemy.orm import aliased

from care.desk import View
from care.offline import OfflineState
from care.reply import Purpose, Stage, SuggestionState
from care.sensitive import Handling
from store.tables import MessageRow, OfflineRow, ReplyRow, SuggestionRow, TaskRow, ThreadRow

AnySelect = Select[*tuple[Any, ...]]

_OPEN_OFFLINE = (OfflineState.OPEN, OfflineState.CONTACTED)
_TROUBLE = (Stage.FAILED, Stage.UNKNOWN)

# The message's live answer: the unique index allows one.
_Answer = aliased(ReplyRow)
_Trouble = aliased(ReplyRow)


def state() -> ColumnElement[str]:
    """preparing | open | decided | parked, as `Case.state` has it."""
    is_open = and_(SuggestionRow.state.in_((SuggestionState.PROPOSED, SuggestionState.REJECTED)), _Answer.id.is_(None))
    return case(
        (and_(TaskRow.state == "parked", _Answer.id.is_(None)), "parked"),
        (TaskRow.state.in_(("waiting", "claimed")), "preparing"),
        (is_open, "open"),
        else_="decided",
    )


def is_in_trouble() -> ColumnElement[bool]:
    """Whether one of its replies did not get through, or may not have."""
    return exists().where(_Trouble.message_id == MessageRow.id, _Trouble.stage.in_(_TROUBLE))


def place() -> ColumnElement[str]:
    """The one list a message stands in, or "done"."""
    is_open = or_(state().in_(("open", "parked")), is_in_trouble())
    is_sensitive = MessageRow.handling.in_((Handling.OFFLINE, Handling.WITHHELD))
    thread_is_offline = exists().where(
        OfflineRow.thread_id == MessageRow.thread_id, OfflineRow.state.in_(_OPEN_OFFLINE)
    )
    is_offline = exists().where(OfflineRow.message_id == MessageRow.id, OfflineRow.state.in_(_OPEN_OFFLINE))
    needs_nothing = SuggestionRow.state.in_((SuggestionState.SUPERSEDED, SuggestionState.DISMISSED))
    return case(
        (or_(is_offline, and_(is_open, or_(is_sensitive, thread_is_offline))), View.OFFLINE.value),
        (ThreadRow.is_resolved, "done"),
        (is_open, View.NOW_DUE.value),
        (and_(needs_nothing, _Answer.id.is_(None)), "done"),
        else_=View.WAITING.value,
    )


def due() -> ColumnElement[datetime]:
    """When a person should have looked; what has no suggestion was due when it came."""
    return func.coalesce(SuggestionRow.due_at, MessageRow.received_at, type_=MessageRow.received_at.type)


def priority() -> ColumnElement[int]:
    return func.coalesce(SuggestionRow.priority, 0)


def joined(query: AnySelect) -> AnySelect:
    return (
        query.select_from(MessageRow)
        .join(ThreadRow, ThreadRow.id == MessageRow.thread_id)
        .outerjoin(TaskRow, TaskRow.message_id == MessageRow.id)
        .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
        .outerjoin(
            _Answer,
            and_(
                _Answer.message_id == MessageRow.id,
                _Answer.purpose == Purpose.ANSWER,
                _Answer.stage != Stage.WITHDRAWN,
            ),
        )
    )


def is_unanswered() -> ColumnElement[bool]:
    """Whether the customer still waits for us, whoever's turn it is in this house."""
    needs_us = or_(state().in_(("preparing", "open", "parked")), is_in_trouble())
    to_reach = exists().where(OfflineRow.message_id == MessageRow.id, OfflineRow.state == OfflineState.OPEN)
    return or_(to_reach, and_(needs_us, ~ThreadRow.is_resolved))
