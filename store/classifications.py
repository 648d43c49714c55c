"""What each message is about, and what people made of it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import and_, exists, insert, or_, select
from sqlalchemy.orm import Session

from care.case import Source
from care.classification import OF_DECISIONS, Classification, Correction, PersonLabel, ServedMessage
from care.reply import SuggestionState
from store.labels import keep_labels, read_as
from store.moments import Now
from store.tables import CaseRow, ClassificationRow, CorrectionRow, MessageRow, SuggestionRow


class SqlClassifications:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def save(self, message_id: str, classification: Classification) -> None:
        """Keep it; a later one replaces it."""
        row = self._session.get(ClassificationRow, message_id) or ClassificationRow(message_id=message_id)
        row.bundle = classification.bundle
        row.value = classification
        row.made_at = self._session.scalars(select(self._now(0))).one()
        self._session.add(row)
        self._session.flush()
        keep_labels(self._session, message_id, read_as(self._session, message_id, classification))

    def get(self, message_id: str) -> Classification | None:
        row = self._session.get(ClassificationRow, message_id)
        return None if row is None else row.value

    def correct(self, correction: Correction) -> None:
        """Append it: what a person said before stays, the latest one counts."""
        values = {
            "message_id": correction.message_id,
            "task": correction.task,
            "predicted": correction.predicted,
            "corrected": correction.corrected,
            "agent": correction.agent,
            "reason": correction.reason,
        }
        self._session.execute(insert(CorrectionRow).values(corrected_at=self._now(0), **values))
        keep_labels(self._session, correction.message_id, {correction.task: correction.corrected})

    def by_people(self, *, after: str, limit: int) -> tuple[list[PersonLabel], str | None]:
        was_said = exists().where(CorrectionRow.message_id == MessageRow.id, CorrectionRow.task.not_in(OF_DECISIONS))
        was_approved = SuggestionRow.state == SuggestionState.APPROVED
        query = (
            select(MessageRow, ClassificationRow, SuggestionRow)
            .join(CaseRow, CaseRow.id == MessageRow.case_id)
            .join(ClassificationRow, ClassificationRow.message_id == MessageRow.id)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
            .where(MessageRow.id > after, CaseRow.source != Source.DEMO, or_(was_said, was_approved))
            .order_by(MessageRow.id)
            .limit(limit)
        )
        rows = self._session.execute(query).all()
        last_words = self._last_words([row.MessageRow.id for row in rows])
        labels = [label for row in rows for label in _labels(*row, last_words[row.MessageRow.id])]
        return labels, rows[-1].MessageRow.id if len(rows) == limit else None

    def served(self, *, since: datetime, before: tuple[datetime, str] | None, limit: int) -> list[ServedMessage]:
        query = (
            select(MessageRow.id, MessageRow.received_at, ClassificationRow, SuggestionRow.state)
            .join(CaseRow, CaseRow.id == MessageRow.case_id)
            .join(ClassificationRow, ClassificationRow.message_id == MessageRow.id)
            .outerjoin(SuggestionRow, SuggestionRow.message_id == MessageRow.id)
            .where(MessageRow.received_at >= since, MessageRow.automatic.is_(None), CaseRow.source == Source.LIVE)
            .order_by(MessageRow.received_at.desc(), MessageRow.id.desc())
            .limit(limit)
        )
        if before is not None:
            at, id = before
            same = and_(MessageRow.received_at == at, MessageRow.id < id)
            query = query.where(or_(MessageRow.received_at < at, same))
        rows = self._session.execute(query).all()
        said = self._last_words([row.id for row in rows])
        return [
            ServedMessage(
                row.id,
                row.received_at,
                row.ClassificationRow.value,
                {task: word.corrected for task, word in said[row.id].items()},
                row.state is SuggestionState.APPROVED,
            )
            for row in rows
        ]

    def _last_words(self, ids: Collection[str]) -> dict[str, dict[str, CorrectionRow]]:
        query = select(CorrectionRow).where(CorrectionRow.message_id.in_(ids), CorrectionRow.task.not_in(OF_DECISIONS))
        latest: dict[str, dict[str, CorrectionRow]] = {id: {} for id in ids}
        for row in self._session.scalars(query.order_by(CorrectionRow.number)):
            latest[row.message_id][row.task] = row
        return latest


def _labels(
    message: MessageRow,
    classified: ClassificationRow,
    suggestion: SuggestionRow | None,
    said: Mapping[str, CorrectionRow],
) -> Iterator[PersonLabel]:
    value = classified.value

    def label(task: str, was: str, now: str, by: str, at: datetime) -> PersonLabel:
        bundle = value.bundles.get(task, classified.bundle)
        about = (message.id, message.thread_id, message.channel, message.subject, message.text)
        return PersonLabel(*about, task, was, now, by, at, bundle)

    for task, row in said.items():
        yield label(task, row.predicted, row.corrected, row.agent, row.corrected_at)
    if suggestion is None or suggestion.state is not SuggestionState.APPROVED or suggestion.decided_at is None:
        return
    for task, stood in value.firm_labels.items():
        if task not in said:
            yield label(task, stood, stood, suggestion.decided_by or "", suggestion.decided_at)


def corrections_of(session: Session, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """By message and task what a person said last."""
    query = select(CorrectionRow).where(CorrectionRow.message_id.in_(ids)).order_by(CorrectionRow.number)
    latest: dict[str, dict[str, str]] = {}
    for row in session.scalars(query):
        latest.setdefault(row.message_id, {})[row.task] = row.corrected
    return latest
