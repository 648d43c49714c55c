"""Where each case stands: the one list it is in, and when it is due. Shared by the lists and the sweep."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_

from care.case import CaseState, Resolution, Source
from care.lists import View
from care.reply import ReplyStage
from store.moments import Now
from store.tables import CaseRow, MessageRow, ReplyRow, TaskRow

AnySelect = Select[*tuple[Any, ...]]

OUR_TURN = (CaseState.NEW, CaseState.OPEN)
WITH_A_CLOCK = (CaseState.PROMISED, CaseState.HANDED_OVER)
TROUBLE = (ReplyStage.FAILED, ReplyStage.UNKNOWN, ReplyStage.HELD)
"""Stages at which a person must look at a reply."""


def is_live(*also: Source) -> ColumnElement[bool]:
    """Whether a case is neither a sample nor history, unless `also` has it, nor one of a rehearsal cleared up."""
    kept = or_(CaseRow.resolution.is_(None), CaseRow.resolution.not_in((Resolution.ARCHIVED, Resolution.IMPORTED)))
    return and_(CaseRow.source.in_((Source.LIVE, *also)), kept)


def is_in_trouble() -> ColumnElement[bool]:
    """Whether one of its replies did not get through, may not have, or was held back."""
    return exists().where(ReplyRow.case_id == CaseRow.id, ReplyRow.stage.in_(TROUBLE))


def is_preparing() -> ColumnElement[bool]:
    """Whether what the customer wrote last is still being read."""
    return exists().where(TaskRow.message_id == CaseRow.latest_message_id, TaskRow.state.in_(("waiting", "claimed")))


def is_snoozed(now: Now) -> ColumnElement[bool]:
    """Whether a person put it out of sight until an hour to come."""
    return and_(CaseRow.snoozed_until.is_not(None), CaseRow.snoozed_until > now(0))


def place(now: Now) -> ColumnElement[str]:
    """The one list a case stands in, or "done"."""
    is_ours = and_(CaseRow.state.in_(OUR_TURN), ~is_preparing(), ~is_snoozed(now))
    has_come_due = and_(CaseRow.state.in_(WITH_A_CLOCK), CaseRow.due_at <= now(0))
    return case(
        (CaseRow.state == CaseState.OFFLINE, View.OFFLINE.value),
        (or_(is_ours, has_come_due, is_in_trouble()), View.NOW_DUE.value),
        (CaseRow.state == CaseState.RESOLVED, "done"),
        else_=View.WAITING.value,
    )


def due() -> ColumnElement[datetime]:
    """When a person should have looked; where no clock runs, when the case last changed."""
    return func.coalesce(CaseRow.due_at, CaseRow.changed_at, type_=CaseRow.changed_at.type)


def with_latest(query: AnySelect) -> AnySelect:
    """Cases joined with what their customer wrote last."""
    return query.select_from(CaseRow).join(MessageRow, MessageRow.id == CaseRow.latest_message_id)
