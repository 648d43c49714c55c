"""How far each waiting message has climbed; each step is one row that can be written once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from care.decision import Action
from care.desk import overridden
from care.escalation import Climbed, Unanswered
from care.reply import Stage, SuggestionState
from store.classifications import corrections_of
from store.moments import Now
from store.notices import keep, notices_of
from store.places import is_unanswered, joined
from store.rows import insert_once
from store.tables import EscalationRow, MessageRow, ReplyRow, SuggestionRow


class SqlEscalations:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def unanswered(self, *, most_steps: int, after: str = "", limit: int = 500) -> list[Unanswered]:
        """A customer who writes again has waited since the first message we left unanswered."""
        taken = (
            select(func.count())
            .where(EscalationRow.message_id == MessageRow.id)
            .correlate(MessageRow)
            .scalar_subquery()
        )
        columns = select(
            MessageRow.id, MessageRow.thread_id, MessageRow.channel, MessageRow.received_at, SuggestionRow.decision
        )
        query = (
            joined(columns)
            .where(MessageRow.id > after, is_unanswered(), taken < most_steps)
            .order_by(MessageRow.id)
            .limit(limit)
        )
        rows = self._session.execute(query).all()
        ids = [row.id for row in rows]
        steps, corrections = steps_of(self._session, ids), corrections_of(self._session, ids)
        waited = self._waiting_since({row.thread_id for row in rows})
        found = []
        for row in rows:
            decision = row.decision and overridden(row.decision, corrections.get(row.id, {}))
            due = [decision.due_at, *waited.get(row.thread_id, [])] if decision else []
            found.append(
                Unanswered(
                    message_id=row.id,
                    thread_id=row.thread_id,
                    channel=row.channel,
                    received_at=row.received_at,
                    due_at=min(due, default=None),
                    team=decision.team if decision else "",
                    action=decision.action if decision else None,
                    steps=frozenset(step.step for step in steps.get(row.id, ())),
                )
            )
        return found

    def _waiting_since(self, thread_ids: Collection[str]) -> dict[str, list[datetime]]:
        """By thread, when earlier messages were due that the customer followed up before we answered."""
        last = (
            select(ReplyRow.thread_id, func.max(ReplyRow.approved_at, type_=ReplyRow.approved_at.type).label("at"))
            .where(ReplyRow.thread_id.in_(thread_ids), ReplyRow.stage.not_in((Stage.WITHDRAWN, Stage.FAILED)))
            .group_by(ReplyRow.thread_id)
        )
        answered = {row.thread_id: row.at for row in self._session.execute(last)}
        overtaken = select(SuggestionRow.thread_id, SuggestionRow.decision, SuggestionRow.created_at).where(
            SuggestionRow.thread_id.in_(thread_ids), SuggestionRow.state == SuggestionState.SUPERSEDED
        )
        found: dict[str, list[datetime]] = {}
        for row in self._session.execute(overtaken):
            at = answered.get(row.thread_id)
            if row.decision.action is not Action.IGNORE and (at is None or row.created_at > at):
                found.setdefault(row.thread_id, []).append(row.decision.due_at)
        return found

    def record(self, message_id: str, climbed: Climbed) -> bool:
        values = {"message_id": message_id, "step": climbed.step, "contact": climbed.contact, "at": climbed.at}
        is_first = insert_once(self._session, EscalationRow, values)
        if is_first and climbed.notice is not None:
            keep(self._session, climbed.notice, self._now)
        return is_first


def steps_of(session: Session, ids: Collection[str]) -> dict[str, list[Climbed]]:
    """The steps each message has taken, in the order in which it took them."""
    query = (
        select(EscalationRow).where(EscalationRow.message_id.in_(ids)).order_by(EscalationRow.at, EscalationRow.step)
    )
    notices = notices_of(session, ids)
    found: dict[str, list[Climbed]] = {}
    for row in session.scalars(query):
        climbed = Climbed(row.step, row.contact, row.at, notices.get((row.message_id, row.step)))
        found.setdefault(row.message_id, []).append(climbed)
    return found
