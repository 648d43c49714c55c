"""Messages and the threads they stand in."""

from collections.abc import Collection, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute as Attribute
from sqlalchemy.orm import Session

from care.errors import NotFound
from care.message import Attachment, Author, Message, NativeAnswer, Turn
from care.reply import ReplyStage
from care.sensitive import Handling
from store.attachments import attachment_row, attachments_of
from store.mapping import from_row, to_columns
from store.moments import Now
from store.rows import insert_once
from store.said import keep_said
from store.tables import CaseRow, MessageRow, NativeAnswerRow, ReplyRow, TaskRow, ThreadRow
from store.texts import key

HAS_LEFT = (ReplyStage.SENT, ReplyStage.DELIVERED)


class SqlMessages:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now

    def add(self, message: Message, *, has_task: bool = True) -> bool:
        if not insert_once(self._session, MessageRow, values_of(message)):
            return False
        keep_said(self._session, [said_by(message)])
        for position, attachment in enumerate(message.attachments):
            self._session.add(attachment_row(attachment, message_id=message.id, position=position))
        if has_task:
            task = {"message_id": message.id, "state": "waiting", "not_before": self._now(0), "rung_at": self._now(0)}
            insert_once(self._session, TaskRow, task)
        self._session.flush()
        return True

    def add_native(self, answer: NativeAnswer) -> bool:
        if not insert_once(self._session, NativeAnswerRow, native_values_of(answer)):
            return False
        keep_said(self._session, [said_natively(answer)])
        return True

    def get(self, message_id: str) -> Message:
        row = self._session.get(MessageRow, message_id)
        if row is None:
            raise NotFound("message", message_id)
        return message_of(row, attachments=attachments_of(self._session, [message_id]).get(message_id, ()))

    def find(self, channel: str, outside_id: str) -> Message | None:
        wanted = key(outside_id, name="The channel's message id")
        query = select(MessageRow).where(MessageRow.channel == channel, MessageRow.outside_id == wanted)
        row = self._session.scalar(query)
        return None if row is None else message_of(row)

    def known(self, channel: str, outside_ids: Collection[str]) -> set[str]:
        wanted = {key(outside_id, name="The channel's message id"): outside_id for outside_id in outside_ids}
        ids: set[str] = set()
        for table in (MessageRow, NativeAnswerRow):
            query = select(table.outside_id).where(table.channel == channel, table.outside_id.in_(wanted))
            ids |= {wanted[stored] for stored in self._session.scalars(query)}
        return ids

    def thread_id(self, channel: str, thread_key: str) -> str:
        wanted = key(thread_key, name="The channel's thread key")
        query = select(ThreadRow.id).where(ThreadRow.channel == channel, ThreadRow.key == wanted)
        thread_id = self._session.scalar(query)
        if thread_id is None:
            insert_once(self._session, ThreadRow, thread_values(channel, wanted))
            thread_id = self._session.scalar(query)
        return cast(str, thread_id)

    def previous(self, channel: str, thread_key: str, handle: str) -> Message | None:
        thread_id = _thread_id_of(channel, key(thread_key, name="The channel's thread key"))
        query = _newest_first(thread_id).where(MessageRow.handle == handle).limit(1)
        row = self._session.scalar(query)
        return None if row is None else message_of(row)

    def latest(self, thread_id: str) -> Message:
        row = self._session.scalar(_newest_first(thread_id).limit(1))
        if row is None:
            raise NotFound("message in thread", thread_id)
        return message_of(row)

    def page(
        self, *, channel: str | None = None, limit: int = 50, cursor: tuple[datetime, str] | None = None
    ) -> list[Message]:
        query = select(MessageRow).order_by(MessageRow.received_at.desc(), MessageRow.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(MessageRow.channel == channel)
        if cursor is not None:
            query = query.where(tuple_(MessageRow.received_at, MessageRow.id) < tuple_(*cursor))
        rows = list(self._session.scalars(query))
        files = attachments_of(self._session, [row.id for row in rows])
        return [message_of(row, attachments=files.get(row.id, ())) for row in rows]

    def last_received(self) -> dict[str, datetime]:
        latest = func.max(MessageRow.received_at, type_=MessageRow.received_at.type).label("at")
        query = select(MessageRow.channel, latest).group_by(MessageRow.channel)
        return {row.channel: row.at for row in self._session.execute(query)}

    def turns(self, thread_id: str, *, until: datetime | None = None, limit: int = 20) -> list[Turn]:
        """`until` itself is left out: with a message's own time it gives what was said before it."""
        return turns_of(self._session, [thread_id], until=until, limit=limit).get(thread_id, [])

    def is_sensitive(self, case_id: str) -> bool:
        flagged = MessageRow.handling.in_((Handling.OFFLINE, Handling.WITHHELD))
        query = select(MessageRow.id).where(MessageRow.case_id == case_id, flagged).limit(1)
        return self._session.scalar(query) is not None


def turns_of(
    session: Session, thread_ids: Collection[str], *, until: datetime | None = None, limit: int = 20
) -> dict[str, list[Turn]]:
    """The last turns of several threads, oldest first, by one query a kind of turn."""
    asked = _ranked(MessageRow.id, MessageRow.thread_id, MessageRow.written_at, thread_ids, until=until).subquery()
    messages = select(MessageRow).join(asked, asked.c.id == MessageRow.id).where(asked.c.place <= limit)
    sent = (
        _ranked(ReplyRow.id, ReplyRow.thread_id, ReplyRow.sent_at, thread_ids, until=until)
        .where(ReplyRow.stage.in_(HAS_LEFT))
        .subquery()
    )
    replies = (
        select(ReplyRow, MessageRow.handle)
        .join(sent, sent.c.id == ReplyRow.id)
        .join(MessageRow, MessageRow.id == ReplyRow.message_id)
        .where(sent.c.place <= limit)
        .order_by(ReplyRow.approved_at, ReplyRow.number)
    )
    by_thread: dict[str, list[Turn]] = {thread_id: [] for thread_id in thread_ids}
    for thread_id, turn in _native_turns(session, thread_ids, until=until, limit=limit):
        by_thread[thread_id].append(turn)
    theirs = list(session.scalars(messages))
    files = attachments_of(session, [message.id for message in theirs])
    for message in theirs:
        by_thread[message.thread_id].append(_turn_of(message, files.get(message.id, ())))
    for reply, handle in session.execute(replies):
        turn = Turn(
            reply.text,
            by_customer=False,
            at=cast(datetime, reply.sent_at),
            play=reply.play,
            customer=handle,
            id=reply.id,
            visibility=reply.visibility,
            subject=reply.subject,
        )
        by_thread[reply.thread_id].append(turn)
    return {thread_id: sorted(turns, key=lambda turn: turn.at)[-limit:] for thread_id, turns in by_thread.items()}


def _native_turns(
    session: Session, thread_ids: Collection[str], *, until: datetime | None, limit: int
) -> Iterator[tuple[str, Turn]]:
    """What we wrote on the networks themselves, each with its thread."""
    ours = _ranked(
        NativeAnswerRow.id, NativeAnswerRow.thread_id, NativeAnswerRow.written_at, thread_ids, until=until
    ).subquery()
    native = (
        select(NativeAnswerRow, CaseRow.customer)
        .join(ours, ours.c.id == NativeAnswerRow.id)
        .join(CaseRow, CaseRow.id == NativeAnswerRow.case_id)
        .where(ours.c.place <= limit)
    )
    for answer, handle in session.execute(native):
        turn = Turn(
            answer.text,
            by_customer=False,
            at=answer.written_at,
            customer=handle,
            author=answer.author,
            id=answer.id,
        )
        yield answer.thread_id, turn


def _turn_of(message: MessageRow, attachments: tuple[Attachment, ...]) -> Turn:
    return Turn(
        text=message.text,
        by_customer=True,
        at=message.written_at,
        customer=message.handle,
        id=message.id,
        visibility=message.visibility,
        subject=message.subject,
        attachments=attachments,
        automatic=message.automatic,
    )


def _ranked(
    id: Attribute[str],
    thread_id: Attribute[str],
    at: Attribute[Any],
    thread_ids: Collection[str],
    *,
    until: datetime | None,
) -> Select[*tuple[Any, ...]]:
    """Ids with their place in the thread, the newest first."""
    place = func.row_number().over(partition_by=thread_id, order_by=(at.desc(), id.desc())).label("place")
    query = select(id.label("id"), place).where(thread_id.in_(thread_ids))
    return query if until is None else query.where(at < until)


def values_of(message: Message) -> dict[str, Any]:
    """A message's row."""
    return {
        **to_columns(message, MessageRow),
        "outside_id": key(message.origin.outside_id, name="The channel's message id"),
        "handle": key(message.author.handle, name="The author's handle"),
        "author_name": message.author.name,
        "followers": message.author.followers,
    }


def said_by(message: Message) -> dict[str, Any]:
    """What a search finds of a message: its words, who wrote it, and its subject."""
    author = message.author
    texts = (message.subject, message.text, author.name, author.handle)
    return {"case_id": message.case_id, "source_id": message.id, "texts": texts}


def said_natively(answer: NativeAnswer) -> dict[str, Any]:
    return {"case_id": answer.case_id, "source_id": answer.id, "texts": (answer.text,)}


def native_values_of(answer: NativeAnswer) -> dict[str, Any]:
    """The row of an answer that was written on the network itself."""
    values = to_columns(answer, NativeAnswerRow)
    return {**values, "outside_id": key(answer.outside_id, name="The channel's message id")}


def thread_values(channel: str, thread_key: str) -> dict[str, str]:
    """A thread's row."""
    wanted = key(thread_key, name="The channel's thread key")
    return {"id": _thread_id_of(channel, wanted), "channel": channel, "key": wanted}


def _thread_id_of(channel: str, thread_key: str) -> str:
    """A thread's id, the same wherever it is made: two first messages at once agree on it."""
    digest = sha256(f"{channel}\n{thread_key}".encode()).hexdigest()
    return f"thr_{digest[:26]}"


def message_of(row: MessageRow, *, attachments: tuple[Attachment, ...] = ()) -> Message:
    author = Author(handle=row.handle, name=row.author_name, followers=row.followers)
    return from_row(Message, row, author=author, attachments=attachments)


def _newest_first(thread_id: str) -> Select[MessageRow]:
    return (
        select(MessageRow)
        .where(MessageRow.thread_id == thread_id)
        .order_by(MessageRow.written_at.desc(), MessageRow.id.desc())
    )
