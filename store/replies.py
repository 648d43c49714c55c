"""Approved replies on their way out. Every move is one conditional update: of two callers, one wins."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from care.errors import AlreadyDecided, NotFound
from care.reply import MAY_BE_OUT, Reply, ReplyStage
from care.retries import DELIVER
from care.unit_of_work import Lease
from store.mapping import from_row, to_columns
from store.messages import HAS_LEFT
from store.moments import Now
from store.outbox import FREE, Lane, Outbox
from store.rows import changed
from store.said import forget_said, keep_said
from store.tables import MessageRow, ReplyRow


def _is_read(row: Any = ReplyRow) -> ColumnElement[bool]:
    return or_(~row.needs_second, row.second_by.is_not(None))


IS_READ = _is_read()
"""Whether no colleague has to read a reply any more before it goes out."""
REPLIES = Lane(
    ReplyRow,
    ReplyRow.id,
    ReplyRow.stage,
    ReplyStage.PENDING,
    ReplyStage.CLAIMED,
    ReplyStage.FAILED,
    DELIVER,
    only=(IS_READ,),
)
IS_UNREAD = and_(ReplyRow.stage == ReplyStage.PENDING, ReplyRow.needs_second, ReplyRow.second_by.is_(None))
"""Whether a reply waits for a colleague to read it."""
_ON_ITS_WAY = (ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.INFLIGHT)
IN_ORDER = (ReplyRow.approved_at, ReplyRow.number, ReplyRow.id)
"""Replies as they were approved, those of one moment in the order of their adding."""

_ANSWER = aliased(ReplyRow)
_POINTERS = (
    select(ReplyRow, _ANSWER)
    .join(_ANSWER, _ANSWER.id == ReplyRow.answer_id)
    .where(ReplyRow.case_id == bindparam("case_id"), ReplyRow.stage.in_((ReplyStage.PENDING, ReplyStage.HELD)))
    .order_by(*IN_ORDER)
    .execution_options(populate_existing=True)
)
"""Built once: it runs at every step of every case."""


class SqlReplies:
    def __init__(self, session: Session, now: Now) -> None:
        self._session = session
        self._now = now
        self._outbox = Outbox(session, now, REPLIES)

    def add(self, reply: Reply) -> None:
        message = self._session.get(MessageRow, reply.message_id)
        if message is None:
            raise NotFound("message", reply.message_id)
        row = _row_of(reply, thread_id=message.thread_id)
        row.number = self._next_number(reply.case_id)
        row.queued_at = row.rung_at = self._outbox.present()
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError as error:
            if "uq_reply" not in str(error.orig) and "reply.suggestion_id" not in str(error.orig):
                raise
            first = self.of_suggestion(reply.suggestion_id) if reply.suggestion_id else None
            by = None if first is None else first.consent.approved_by
            raise AlreadyDecided(reply.suggestion_id or reply.message_id, state="approved", decided_by=by) from None
        keep_said(
            self._session,
            [{"case_id": reply.case_id, "source_id": reply.id, "texts": (reply.said.subject, reply.said.text)}],
        )

    def _next_number(self, case_id: str) -> int:
        # Whoever adds a reply has locked its case: nobody else counts meanwhile.
        last = self._session.scalar(select(func.max(ReplyRow.number)).where(ReplyRow.case_id == case_id))
        return (last or 0) + 1

    def get(self, reply_id: str) -> Reply:
        row = self._session.get(ReplyRow, reply_id, populate_existing=True)
        if row is None:
            raise NotFound("reply", reply_id)
        return reply_of(row)

    def find(self, *, channel: str, receipt: str) -> Reply | None:
        query = select(ReplyRow).where(ReplyRow.channel == channel, ReplyRow.receipt == receipt).limit(1)
        row = self._session.scalar(query)
        return None if row is None else reply_of(row)

    def of_thread(self, thread_id: str) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.thread_id == thread_id).order_by(*IN_ORDER)
        return [reply_of(row) for row in self._session.scalars(query)]

    def of_message(self, message_id: str) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.message_id == message_id).order_by(*IN_ORDER)
        return [reply_of(row) for row in self._session.scalars(query)]

    def of_suggestion(self, suggestion_id: str) -> Reply | None:
        """Its live reply: what was withdrawn made room for another."""
        is_live = (ReplyRow.suggestion_id == suggestion_id, ReplyRow.stage != ReplyStage.WITHDRAWN)
        row = self._session.scalar(select(ReplyRow).where(*is_live).execution_options(populate_existing=True))
        return None if row is None else reply_of(row)

    def asked_with(self, request_key: str, *, by: str) -> Reply | None:
        """The reply that this person made with this key."""
        row = self._session.scalar(
            select(ReplyRow).where(ReplyRow.approved_by == by, ReplyRow.request_key == request_key)
        )
        return None if row is None else reply_of(row)

    def of_case(self, case_id: str) -> list[Reply]:
        query = select(ReplyRow).where(ReplyRow.case_id == case_id).order_by(*IN_ORDER)
        return [reply_of(row) for row in self._session.scalars(query.execution_options(populate_existing=True))]

    def pointers(self, case_id: str) -> list[tuple[Reply, Reply]]:
        rows = self._session.execute(_POINTERS, {"case_id": case_id}).all()
        return [(reply_of(pointer), reply_of(answered)) for pointer, answered in rows]

    def other_half(self, reply: Reply) -> Reply | None:
        is_it = ReplyRow.id == reply.answer_id if reply.answer_id else ReplyRow.answer_id == reply.id
        row = self._session.scalar(select(ReplyRow).where(is_it).execution_options(populate_existing=True))
        return None if row is None else reply_of(row)

    def hold(self, case_id: str, *, before_turn: int, problem: str) -> list[str]:
        held = update(ReplyRow).where(
            ReplyRow.case_id == case_id,
            ReplyRow.stage == ReplyStage.PENDING,
            ReplyRow.turn < before_turn,
            ReplyRow.problem.is_distinct_from(MAY_BE_OUT),
        )
        return self._outbox.ids(held.values(stage=ReplyStage.HELD, problem=problem).returning(ReplyRow.id))

    def unread(self, *, limit: int) -> list[Reply]:
        query = select(ReplyRow).where(IS_UNREAD).order_by(ReplyRow.approved_at, ReplyRow.number).limit(limit)
        return [reply_of(row) for row in self._session.scalars(query)]

    def due(self, *, except_on: Collection[str] = (), limit: int) -> list[tuple[str, str]]:
        query = (
            select(ReplyRow.id, ReplyRow.channel)
            .where(self._outbox.is_due(), *_in_turn(), ReplyRow.channel.not_in(sorted(except_on)))
            .order_by(ReplyRow.not_before, *IN_ORDER)
            .limit(limit)
        )
        return [(row.id, row.channel) for row in self._session.execute(query)]

    def next_due_s(self) -> float | None:
        now = self._now(0)
        waiting = select(func.min(ReplyRow.not_before)).where(
            ReplyRow.stage == ReplyStage.PENDING, ReplyRow.not_before > now, IS_READ
        )
        next_at = self._session.scalar(waiting)
        return None if next_at is None else max(0.0, (next_at - self._outbox.present()).total_seconds())

    def claim(self, reply_id: str, *, lease_s: float) -> tuple[Reply, Lease] | None:
        lease = self._outbox.claim(reply_id, lease_s=lease_s, only=_in_turn())
        return None if lease is None else (self.get(reply_id), lease)

    def enter_flight(self, reply: Reply, lease: Lease) -> Reply | None:
        take_off = (
            update(ReplyRow)
            .where(
                ReplyRow.id == reply.id,
                ReplyRow.stage == ReplyStage.CLAIMED,
                ReplyRow.lease_token == lease.token,
                ReplyRow.lease_until > self._now(0),
            )
            .values(stage=ReplyStage.INFLIGHT)
        )
        return reply.moved(ReplyStage.INFLIGHT) if changed(self._session, take_off) else None

    def save(self, reply: Reply, *, was: ReplyStage) -> bool:
        """The text is never written again: what a person approved is what goes out.

        The attempt must be the one that was read: a sender that slept past its lease cannot write over a later
        attempt. Its proof that the reply is out, or is not, still counts when it was called unknown meanwhile; that it
        is out also where it was held, or is about to be sent again.
        """
        sending = reply.sending
        stands = [ReplyRow.stage == was]
        if was is ReplyStage.INFLIGHT:
            more = {ReplyStage.PENDING, ReplyStage.CLAIMED, ReplyStage.HELD} if reply.has_left else set()
            stands.append(ReplyRow.stage.in_(sorted({ReplyStage.UNKNOWN, *more} - {sending.stage})))
        sent_at = sending.sent_at
        if sent_at is None and reply.has_left:
            sent_at = self._outbox.present()
        # A person who sends it again gives it a fresh start; a busy channel does not.
        is_to_go = sending.stage is ReplyStage.PENDING
        # So does a colleague's yes: what was tried before it came counts for nothing.
        is_read_now = was is ReplyStage.PENDING and reply.consent.second_by is not None and sending.attempt == 0
        afresh = is_to_go and (was in (ReplyStage.FAILED, ReplyStage.UNKNOWN, ReplyStage.HELD) or is_read_now)
        fresh: dict[str, Any] = {"queued_at": self._outbox.present(), "n_crashes": 0} if afresh else {}
        landing = (
            update(ReplyRow)
            .where(ReplyRow.id == reply.id, ReplyRow.attempt == sending.attempt, or_(*stands))
            .values(
                stage=sending.stage,
                not_before=sending.not_before,
                receipt=sending.receipt,
                sent_at=sent_at,
                problem=sending.problem,
                turn=reply.consent.turn,
                second_by=reply.consent.second_by,
                is_rehearsal=sending.is_rehearsal,
                **FREE,
                **fresh,
            )
        )
        if changed(self._session, landing) != 1:
            return False
        if sending.stage is ReplyStage.WITHDRAWN:
            forget_said(self._session, reply.id)
        return True


def _in_turn() -> tuple[ColumnElement[bool], ...]:
    """Whether it is the turn of a reply: in one conversation they leave in the order in which they were approved."""
    earlier, answer = aliased(ReplyRow), aliased(ReplyRow)
    waits_for = select(earlier.id).where(
        earlier.thread_id == ReplyRow.thread_id,
        earlier.id != ReplyRow.id,
        earlier.stage.in_(_ON_ITS_WAY),
        # What nobody has read yet keeps nothing else waiting.
        _is_read(earlier),
        or_(
            earlier.approved_at < ReplyRow.approved_at,
            and_(
                earlier.approved_at == ReplyRow.approved_at,
                tuple_(earlier.number, earlier.id) < tuple_(ReplyRow.number, ReplyRow.id),
            ),
        ),
    )
    # What says in public that an answer went in private is true once that answer has gone.
    has_answered = exists().where(answer.id == ReplyRow.answer_id, answer.stage.in_(HAS_LEFT))
    return ~waits_for.exists(), or_(ReplyRow.answer_id.is_(None), has_answered)


def reply_of(row: ReplyRow) -> Reply:
    return from_row(Reply, row)


def _row_of(reply: Reply, *, thread_id: str) -> ReplyRow:
    return ReplyRow(**to_columns(reply, ReplyRow), thread_id=thread_id)
