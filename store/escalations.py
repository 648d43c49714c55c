"""How far each waiting message has climbed; each step is one row that can be written once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from care.case import Source
from care.case_file import overridden
from care.escalation import Climbed, Unanswered
from care.offline import OfflineState
from care.reply import NOT_SAID, Purpose
from store.classifications import corrections_of
from store.moments import Now
from store.notices import keep, notices_of
from store.places import OUR_TURN, WITH_A_CLOCK, with_latest
from store.rows import insert_once
from store.tables import CaseRow, EscalationRow, MessageRow, OfflineRow, ReplyRow, SuggestionRow


class SqlEscalations:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def unanswered(self, *, most_steps: int, after: str = "", limit: int = 500) -> list[Unanswered]:
        """Cases that wait for us, by what their customer wrote last."""
        heard = (
            select(func.count())
            .where(
                ReplyRow.case_id == CaseRow.id,
                ReplyRow.stage.not_in(NOT_SAID),
                ReplyRow.purpose.not_in((Purpose.SATISFACTION, Purpose.POINTER)),
            )
            .correlate(CaseRow)
            .scalar_subquery()
        )
        columns = select(CaseRow, MessageRow.received_at, SuggestionRow.decision, heard.label("n_heard"))
        query = (
            with_latest(columns)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
            .where(MessageRow.id > after, self._waits_for_us())
            .order_by(MessageRow.id)
            .limit(limit)
        )
        rows = self._session.execute(query.execution_options(populate_existing=True)).all()
        ids = [row.CaseRow.latest_message_id for row in rows]
        steps, corrections = steps_of(self._session, ids), corrections_of(self._session, ids)
        return [_waits(row, steps, corrections) for row in rows]

    def _waits_for_us(self) -> ColumnElement[bool]:
        """Our turn, being prepared too; nobody has reached them offline; an hour that somebody else let pass."""
        to_reach = exists().where(OfflineRow.case_id == CaseRow.id, OfflineRow.state == OfflineState.OPEN)
        has_passed = and_(CaseRow.state.in_(WITH_A_CLOCK), CaseRow.until <= self._now(0))
        # History that a person opened again waits once something of it has a clock; its words are years old.
        has_a_wait = or_(CaseRow.source != Source.IMPORT, CaseRow.due_at.is_not(None))
        return or_(and_(CaseRow.state.in_(OUR_TURN), has_a_wait), to_reach, has_passed)

    def record(self, message_id: str, climbed: Climbed) -> bool:
        values = {"message_id": message_id, "step": climbed.step, "contact": climbed.contact, "at": climbed.at}
        is_first = insert_once(self._session, EscalationRow, values)
        if is_first and climbed.notice is not None:
            keep(self._session, climbed.notice, self._now)
        return is_first


def _waits(
    row: Any, steps: Mapping[str, Sequence[Climbed]], corrections: Mapping[str, Mapping[str, str]]
) -> Unanswered:
    case, message_id = row.CaseRow, row.CaseRow.latest_message_id
    decision = row.decision and overridden(row.decision, corrections.get(message_id, {}))
    return Unanswered(
        message_id=message_id,
        case_id=case.id,
        thread_id=case.thread_id,
        channel=case.channel,
        # A wait that began with a person who opened the case again counts from then.
        received_at=max(row.received_at, case.reopened_at or row.received_at),
        # Nobody decides about history; what has a clock there has it from a person.
        due_at=(case.until if case.state in WITH_A_CLOCK else case.due_at)
        if decision or case.source is Source.IMPORT
        else None,
        team=decision.team if decision else "",
        action=decision.action if decision else None,
        steps=frozenset(step.step for step in steps.get(message_id, ())),
        n_heard=row.n_heard,
        is_always=decision.is_always if decision else False,
    )


def steps_of(session: Session, ids: Collection[str]) -> dict[str, list[Climbed]]:
    """The steps each message has taken, in the order in which it took them."""
    query = (
        select(EscalationRow).where(EscalationRow.message_id.in_(ids)).order_by(EscalationRow.at, EscalationRow.step)
    )
    notices = notices_of(session, ids)
    by_message: dict[str, list[Climbed]] = {}
    for row in session.scalars(query):
        climbed = Climbed(row.step, row.contact, row.at, notices.get((row.message_id, row.step)))
        by_message.setdefault(row.message_id, []).append(climbed)
    return by_message
