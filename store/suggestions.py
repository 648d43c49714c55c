"""Suggestions, and the one moment in which a person decides each."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from care.errors import AlreadyDecided, NotFound, StaleVersion
from care.reply import Suggestion, SuggestionState
from store.labels import decided_as, keep_labels
from store.mapping import from_row, to_columns
from store.rows import changed
from store.tables import MessageRow, SuggestionRow

_DECIDED = (SuggestionState.APPROVED, SuggestionState.DISMISSED, SuggestionState.REJECTED)


class SqlSuggestions:
    def __init__(self, session: Session) -> None:
        self._session = session

    def propose(self, suggestion: Suggestion) -> None:
        message = self._session.get(MessageRow, suggestion.message_id)
        if message is None:
            raise NotFound("message", suggestion.message_id)
        # The case is locked by whoever proposes: of two messages that are prepared at once one sees the other's.
        later = select(SuggestionRow.id).where(
            SuggestionRow.case_id == suggestion.case_id, SuggestionRow.turn > suggestion.turn
        )
        is_overtaken = self._session.scalar(later.limit(1)) is not None
        self.supersede(suggestion.case_id, before_turn=suggestion.turn)
        state = SuggestionState.SUPERSEDED if is_overtaken else suggestion.choice.state
        self._session.add(_row_of(suggestion, thread_id=message.thread_id, state=state))
        self._session.flush()
        keep_labels(self._session, message.id, decided_as(self._session, message.id, suggestion.decision))

    def redraft(self, suggestion: Suggestion) -> bool:
        version = suggestion.choice.version
        anew = update(SuggestionRow).where(
            SuggestionRow.id == suggestion.id,
            SuggestionRow.state == SuggestionState.PROPOSED,
            SuggestionRow.version == version,
        )
        drafts = {"drafts": suggestion.drafts, "asks": suggestion.asks, "playbook": suggestion.playbook}
        return changed(self._session, anew.values(**drafts, version=version + 1)) == 1

    def supersede(self, case_id: str, *, before_turn: int) -> int:
        overtaken = update(SuggestionRow).where(
            SuggestionRow.case_id == case_id,
            SuggestionRow.state == SuggestionState.PROPOSED,
            SuggestionRow.turn < before_turn,
        )
        return changed(
            self._session, overtaken.values(state=SuggestionState.SUPERSEDED, version=SuggestionRow.version + 1)
        )

    def get(self, suggestion_id: str) -> Suggestion:
        row = self._session.get(SuggestionRow, suggestion_id, populate_existing=True)
        if row is None:
            raise NotFound("suggestion", suggestion_id)
        return suggestion_of(row)

    def of_case(self, case_id: str) -> list[Suggestion]:
        query = select(SuggestionRow).where(SuggestionRow.case_id == case_id)
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
                state=suggestion.choice.state,
                version=from_version + 1,
                decided_by=suggestion.choice.decided_by,
                decided_at=suggestion.choice.decided_at,
                reject_reason=suggestion.choice.reject_reason,
            )
        )
        if changed(self._session, decision):
            return
        now = self.get(suggestion.id)
        if now.choice.state is not SuggestionState.PROPOSED:
            raise AlreadyDecided(now.id, state=now.choice.state, decided_by=now.choice.decided_by)
        raise StaleVersion(f"Suggestion {now.id} is at version {now.choice.version}, not {from_version}; look again.")

    def restore(self, case_id: str, *, turn: int) -> None:
        overtaken = update(SuggestionRow).where(
            SuggestionRow.case_id == case_id,
            SuggestionRow.state == SuggestionState.SUPERSEDED,
            SuggestionRow.turn == turn,
        )
        changed(self._session, overtaken.values(state=SuggestionState.PROPOSED, version=SuggestionRow.version + 1))

    def reopen(self, suggestion_id: str, *, is_overtaken: bool = False) -> None:
        state = SuggestionState.SUPERSEDED if is_overtaken else SuggestionState.PROPOSED
        reopened = (
            update(SuggestionRow)
            .where(
                SuggestionRow.id == suggestion_id,
                SuggestionRow.state.in_(
                    (SuggestionState.APPROVED, SuggestionState.DISMISSED, SuggestionState.REJECTED)
                ),
            )
            .values(
                state=state,
                version=SuggestionRow.version + 1,
                decided_by=None,
                decided_at=None,
                reject_reason=None,
            )
        )
        changed(self._session, reopened)


def suggestion_of(row: SuggestionRow) -> Suggestion:
    return from_row(Suggestion, row)


def _row_of(suggestion: Suggestion, *, thread_id: str, state: SuggestionState) -> SuggestionRow:
    decision = suggestion.decision
    values = {**to_columns(suggestion, SuggestionRow), "state": state}
    return SuggestionRow(**values, thread_id=thread_id, due_at=decision.due_at, priority=decision.priority.total)
