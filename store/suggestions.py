"""Suggestions, and the one moment in which a person decides each."""

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from care.errors import AlreadyDecided, NotFound, StaleVersion
from care.reply import Suggestion, SuggestionState
from store.rows import changed
from store.tables import MessageRow, SuggestionRow, ThreadRow


class SqlSuggestions:
    def __init__(self, session: Session) -> None:
        self._session = session

    def propose(self, suggestion: Suggestion) -> None:
        message = self._session.get(MessageRow, suggestion.message_id)
        if message is None:
            raise NotFound("message", suggestion.message_id)
        # Two workers may prepare two messages of one thread at once: one of them has to see the other's suggestion.
        self._session.execute(select(ThreadRow.id).where(ThreadRow.id == message.thread_id).with_for_update())
        is_later = or_(
            MessageRow.received_at > message.received_at,
            and_(MessageRow.received_at == message.received_at, MessageRow.id > message.id),
        )
        in_thread = select(MessageRow.id).where(MessageRow.thread_id == message.thread_id)
        later = select(SuggestionRow.id).where(SuggestionRow.message_id.in_(in_thread.where(is_later))).limit(1)
        is_overtaken = self._session.scalar(later) is not None
        changed(
            self._session,
            update(SuggestionRow)
            .where(
                SuggestionRow.thread_id == message.thread_id,
                SuggestionRow.state == SuggestionState.PROPOSED,
                SuggestionRow.message_id.not_in(in_thread.where(is_later)),
            )
            .values(state=SuggestionState.SUPERSEDED, version=SuggestionRow.version + 1),
        )
        state = SuggestionState.SUPERSEDED if is_overtaken else suggestion.state
        self._session.add(_row_of(suggestion, thread_id=message.thread_id, state=state))
        self._session.flush()

    def get(self, suggestion_id: str) -> Suggestion:
        row = self._session.get(SuggestionRow, suggestion_id, populate_existing=True)
        if row is None:
            raise NotFound("suggestion", suggestion_id)
        return suggestion_of(row)

    def of_thread(self, thread_id: str) -> list[Suggestion]:
        query = select(SuggestionRow).where(SuggestionRow.thread_id == thread_id)
        rows = self._session.scalars(query.order_by(SuggestionRow.created_at, SuggestionRow.id))
        return [suggestion_of(row) for row in rows]

    def decide(self, suggestion: Suggestion, *, from_version: int) -> None:
        decision = (
            update(SuggestionRow)
            .where(
                SuggestionRow.id == suggestion.id,
                SuggestionRow.state == SuggestionState.PROPOSED,
                SuggestionRow.version == from_version,
            )
            .values(
                state=suggestion.state,
                version=from_version + 1,
                decided_by=suggestion.decided_by,
                decided_at=suggestion.decided_at,
                reject_reason=suggestion.reject_reason,
            )
        )
        if changed(self._session, decision):
            return
        now = self.get(suggestion.id)
        if now.state is not SuggestionState.PROPOSED:
            raise AlreadyDecided(now.id, state=now.state, decided_by=now.decided_by)
        raise StaleVersion(f"Suggestion {now.id} is at version {now.version}, not {from_version}; look again.")

    def reopen(self, suggestion_id: str) -> None:
        reopened = (
            update(SuggestionRow)
            .where(SuggestionRow.id == suggestion_id, SuggestionRow.state == SuggestionState.APPROVED)
            .values(state=SuggestionState.PROPOSED, version=SuggestionRow.version + 1, decided_by=None, decided_at=None)
        )
        changed(self._session, reopened)


def suggestion_of(row: SuggestionRow) -> Suggestion:
    return Suggestion(
        id=row.id,
        message_id=row.message_id,
        decision=row.decision,
        drafts=row.drafts,
        state=row.state,
        version=row.version,
        created_at=row.created_at,
        asks=row.asks,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reject_reason=row.reject_reason,
        playbook=row.playbook,
    )


def _row_of(suggestion: Suggestion, *, thread_id: str, state: SuggestionState) -> SuggestionRow:
    return SuggestionRow(
        id=suggestion.id,
        message_id=suggestion.message_id,
        thread_id=thread_id,
        decision=suggestion.decision,
        drafts=suggestion.drafts,
        state=state,
        version=suggestion.version,
        created_at=suggestion.created_at,
        due_at=suggestion.decision.due_at,
        priority=suggestion.decision.priority.total,
        asks=suggestion.asks,
        decided_by=suggestion.decided_by,
        decided_at=suggestion.decided_at,
        reject_reason=suggestion.reject_reason,
        playbook=suggestion.playbook,
    )
