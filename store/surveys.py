"""The satisfaction question of each thread: asked once, answered by the customer's next words or not at all."""

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from care.message import Message
from care.reply import ReplyStage
from care.satisfaction import Satisfaction
from store.mapping import from_row, to_columns
from store.rows import changed, insert_once
from store.tables import MessageRow, ReplyRow, SatisfactionRow

_IS_OUT = (ReplyStage.INFLIGHT, ReplyStage.UNKNOWN, ReplyStage.SENT, ReplyStage.DELIVERED)


class SqlSurveys:
    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, asked: Satisfaction) -> bool:
        return insert_once(self._session, SatisfactionRow, to_columns(asked, SatisfactionRow))

    def withdraw(self, reply_id: str) -> None:
        taken_back = delete(SatisfactionRow).where(
            SatisfactionRow.reply_id == reply_id, SatisfactionRow.message_id.is_(None)
        )
        self._session.execute(taken_back.execution_options(synchronize_session=False))

    def of_thread(self, thread_id: str) -> Satisfaction | None:
        row = self._session.get(SatisfactionRow, thread_id, populate_existing=True)
        return None if row is None else satisfaction_of(row)

    def open_for(self, message: Message) -> Satisfaction | None:
        went_out = func.coalesce(ReplyRow.sent_at, ReplyRow.approved_at, type_=ReplyRow.approved_at.type)
        said_between = exists().where(
            MessageRow.thread_id == message.thread_id,
            MessageRow.handle == message.author.handle,
            MessageRow.id != message.id,
            MessageRow.received_at >= went_out,
            MessageRow.received_at < message.received_at,
        )
        query = (
            select(SatisfactionRow)
            .join(ReplyRow, ReplyRow.id == SatisfactionRow.reply_id)
            .where(
                SatisfactionRow.thread_id == message.thread_id,
                SatisfactionRow.message_id.is_(None),
                ReplyRow.stage.in_(_IS_OUT),
                ReplyRow.recipient == message.author.handle,
                went_out <= message.received_at,
                ~said_between,
            )
        )
        row = self._session.scalar(query)
        return None if row is None else satisfaction_of(row)

    def close(self, thread_id: str, *, message_id: str, score: int | None) -> bool:
        closed = (
            update(SatisfactionRow)
            .where(SatisfactionRow.thread_id == thread_id, SatisfactionRow.message_id.is_(None))
            .values(message_id=message_id, score=score)
        )
        return changed(self._session, closed) == 1


def satisfaction_of(row: SatisfactionRow) -> Satisfaction:
    return from_row(Satisfaction, row)
