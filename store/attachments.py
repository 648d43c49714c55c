"""What came with messages: a row each, and where its file lies, if it is kept."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.message import Attachment
from store.rows import changed
from store.tables import AttachmentRow, MessageRow


class SqlAttachments:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, attachment_id: str) -> tuple[Attachment, str]:
        query = select(AttachmentRow, MessageRow.case_id).join(MessageRow, MessageRow.id == AttachmentRow.message_id)
        row = self._session.execute(query.where(AttachmentRow.id == attachment_id)).first()
        if row is None:
            raise NotFound("attachment", attachment_id)
        return attachment_of(row[0]), row[1]

    def named(self, stored_as: Sequence[str]) -> set[str]:
        query = select(AttachmentRow.stored_as).where(AttachmentRow.stored_as.in_(stored_as))
        return {name for name in self._session.scalars(query) if name}

    def let_go(self, *, received_before: datetime, problem: str) -> int:
        old = select(MessageRow.id).where(MessageRow.received_at < received_before)
        over = update(AttachmentRow).where(AttachmentRow.stored_as.is_not(None), AttachmentRow.message_id.in_(old))
        return changed(self._session, over.values(stored_as=None, problem=problem))


def attachments_of(session: Session, ids: Collection[str]) -> dict[str, tuple[Attachment, ...]]:
    """By message, in the order in which they came."""
    query = select(AttachmentRow).where(AttachmentRow.message_id.in_(ids))
    by_message: dict[str, list[Attachment]] = {}
    for row in session.scalars(query.order_by(AttachmentRow.message_id, AttachmentRow.position)):
        by_message.setdefault(row.message_id, []).append(attachment_of(row))
    return {id: tuple(several) for id, several in by_message.items()}


def attachment_of(row: AttachmentRow) -> Attachment:
    return Attachment(
        name=row.name or None,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        alt=row.alt or None,
        id=row.id,
        stored_as=row.stored_as,
        problem=row.problem or "",
    )


def attachment_row(attachment: Attachment, *, message_id: str, position: int) -> AttachmentRow:
    return AttachmentRow(
        id=f"att_{message_id.removeprefix('msg_')}_{position}",
        message_id=message_id,
        position=position,
        name=attachment.name or "",
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
        alt=attachment.alt or "",
        stored_as=attachment.stored_as,
        problem=attachment.problem or None,
    )
